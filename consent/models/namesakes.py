"""Who may be the same person as somebody who withdrew, in another plan."""

from django.conf import settings
from django.db import models

from collection.models.participants import Participant
from consent.models.decisions import Decision


class PossiblySame(models.Model):
    """`participant` has the name and birth date of whoever withdrew with `decision`, but no number proves it.

    The controller settles it: the same person (whose row is then erased too) or a namesake.
    """

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    same = models.BooleanField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision", "participant"], name="asked_once_about_two_rows")]
