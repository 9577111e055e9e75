"""A spreadsheet on its way into the register of one plan."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from collection.models import Plan
from crypto.fields import SealedField


class Spreadsheet(models.Model):
    """What was uploaded goes, with its rows, when it is written, deleted, or 14 days old; this row says that it was.

    `layout`, sealed as JSON (see `spreadsheets.layout`): the names of the sheets, the first rows, and what was
    chosen about columns. A column chosen by mistake may hold names, so nothing read from the file is kept in clear.
    """

    class State(models.TextChoices):
        READING = "reading", _("Læses")
        SHEETS = "sheets", _("Vælg ark")
        MATCHING = "matching", _("Vælg kolonner")
        CHECKING = "checking", _("Kontrolleres")
        PREVIEW = "preview", _("Se rækkerne efter")
        WRITING = "writing", _("Indlæses")
        WRITTEN = "written", _("Indlæst")
        REFUSED = "refused", _("Kunne ikke læses")
        DELETED = "deleted", _("Slettet")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    problem = models.CharField(max_length=40, blank=True)  # why it was refused, or sent back to be looked at: a code
    layout = SealedField("spreadsheet.layout")
    rows = models.PositiveIntegerField(default=0)  # below the headings
    people = models.PositiveIntegerField(default=0)  # written: new people, and participations
    participations = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)  # written, refused or deleted
    report = models.BinaryField(null=True)  # row numbers and outcomes (compressed CSV), once written

    class Meta:
        ordering = ["-uploaded_at"]
        indexes = [models.Index(fields=["plan", "-uploaded_at"], name="spreadsheet_by_plan")]

    def __repr__(self) -> str:
        return f"<Spreadsheet {self.pk}>"

    __str__ = __repr__
