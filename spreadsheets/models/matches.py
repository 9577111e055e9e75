"""What a plan chose about columns the last time."""

import uuid

from django.db import models

from collection.models import Plan
from crypto.fields import SealedField


class Match(models.Model):
    """`choices`, sealed as JSON: heading -> column of the register, and the choices for the whole file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="+")
    choices = SealedField("spreadsheet.match", null=False)
    changed_at = models.DateTimeField(auto_now=True)
