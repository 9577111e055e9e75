"""What was signed: a scan or photo of a paper form, or a signature on screen, sealed in a file of its own."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from consent.models.decisions import Decision


class Proof(models.Model):
    """A sealed file below DATA_DIR beside the decision that it proves.

    After a withdrawal it is locked: kept as proof for the controller alone, until `delete_on`.
    """

    class Kind(models.TextChoices):
        SCAN = "scan", _("Scanning eller foto")
        SIGNATURE = "signature", _("Underskrift på skærm")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="proofs")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()  # bytes before sealing
    sha256 = models.CharField(max_length=64)  # of the sealed file
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    locked_at = models.DateTimeField(null=True)
    delete_on = models.DateField(null=True)
    deleted_at = models.DateTimeField(null=True)  # the file is gone; the row says that there was one

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="locked_proof_has_an_end",
                condition=models.Q(locked_at__isnull=True) | models.Q(delete_on__isnull=False),
            )
        ]
