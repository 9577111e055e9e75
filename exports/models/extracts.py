"""Resident lists that a data controller has loaded for a comparison group."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crypto.fields import SealedField


class RegisterExtract(models.Model):
    """A resident list: PNRs replaced by a key of this load, encrypted at rest, deleted on its date."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Venter")
        READY = "ready", _("Klar")
        REFUSED = "refused", _("Afvist")
        DELETED = "deleted", _("Slettet")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("Navn"), max_length=150)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    run_key = SealedField("extract.run_key")  # hex; replaces PNRs (HMAC) and opens the file
    years = models.JSONField(default=list)
    rows = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)  # [{row, column, text}] of a refused list
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField(auto_now_add=True)
    delete_on = models.DateField(_("Slettes den"))

    class Meta:
        ordering = ["-loaded_at"]

    def __str__(self) -> str:
        return self.name
