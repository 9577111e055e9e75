"""Rows made ready to be written: with their final ids and sealed, in a table that no page reads."""

import uuid

from django.db import models

from crypto.fields import CarriedField
from spreadsheets.models.spreadsheets import Spreadsheet


class Prepared(models.Model):
    """One participation with, on the first row of somebody new, the person; and the decision it brings, if any.

    The sealed values are records of the participant's columns, bound to the id that the participant will have.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # of the participation
    spreadsheet = models.ForeignKey(Spreadsheet, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    participant = models.UUIDField()
    new = models.BooleanField()  # this row brings the person
    decides = models.BooleanField()  # this row brings a decision
    joins = models.BooleanField(default=True)  # this row brings a participation that is not there yet
    # of the person, where new
    identification = models.CharField(max_length=12)
    cpr = CarriedField(null=True, of=("field:participant.cpr",))
    name = CarriedField(null=True, of=("field:participant.name",))
    birth_date = CarriedField(null=True, of=("field:participant.birth_date",))
    address = CarriedField(null=True, of=("field:participant.address",))
    residence_date = CarriedField(null=True, of=("field:participant.residence_date",))
    cpr_index = CarriedField(max_length=20, null=True, of=("index:participant.cpr",))
    name_birth_index = CarriedField(max_length=20, null=True, of=("index:participant.name_birth",))
    check_digit_confirmed = models.BooleanField(default=False)
    # of the decision
    text = models.BigIntegerField()
    decided_on = models.DateField()
    method = models.CharField(max_length=15)
    obtained_by = models.UUIDField()
    guardian_relation = models.CharField(max_length=10, blank=True)
    lapses_on = models.DateField(null=True)
    # of the participation
    activity = models.UUIDField()
    start = models.DateField()
    start_precision = models.CharField(max_length=5)
    end = models.DateField(null=True)
    role = models.CharField(max_length=15)

    class Meta:
        indexes = [models.Index(fields=["spreadsheet", "participant"], name="prepared_by_person")]
