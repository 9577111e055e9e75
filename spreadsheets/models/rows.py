"""The rows of a spreadsheet while it is being looked through, and what was found in them."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from crypto.fields import CarriedField, SealedField
from spreadsheets.models.spreadsheets import Spreadsheet


class Level(models.TextChoices):
    """An error must be mended, a warning confirmed; a note is only told."""

    ERROR = "error", _("Fejl")
    WARNING = "warning", _("Advarsel")
    NOTE = "note", _("Bemærkning")


class Row(models.Model):
    """A row of the file. `record`, sealed as JSON: the cells as read, and what was typed instead."""

    class State(models.TextChoices):
        READ = "read", _("Ikke kontrolleret")
        READY = "ready", _("Klar")
        WARNING = "warning", _("Advarsel")
        ERROR = "error", _("Fejl")
        NO_CONSENT = "no_consent", _("Uden samtykke")
        LEFT_OUT = "left_out", _("Udeladt")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    spreadsheet = models.ForeignKey(Spreadsheet, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()  # as the spreadsheet shows it
    record = SealedField("spreadsheet.row", null=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READ)
    left_out = models.BooleanField(default=False)
    no_consent = models.BooleanField(default=False)
    confirmed = models.CharField(max_length=400, blank=True)  # codes of warnings confirmed on this row
    # who it is: the keyed index that the person has, or would have, in the register; older keys' indexes beside it
    person = CarriedField(max_length=20, null=True, of=("index:participant.cpr", "index:participant.name_birth"))
    person_before = models.BinaryField(null=True)
    by_number = models.BooleanField(default=True)
    # keyed index of the address of somebody without a number
    alike = CarriedField(max_length=20, null=True, of=("index:spreadsheet.alike",))
    activity = models.UUIDField(null=True)
    start = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    participant = models.UUIDField(null=True)  # the row of the register that is this person
    covered = models.BooleanField(default=False)  # and whose consent is valid
    another = models.BooleanField(default=False)  # somebody else than those of the same name and birth date

    class Meta:
        constraints = [models.UniqueConstraint(fields=["spreadsheet", "number"], name="one_row_per_number")]
        indexes = [
            models.Index(fields=["spreadsheet", "state", "number"], name="row_by_state"),
            models.Index(fields=["spreadsheet", "person", "number"], name="row_by_person"),
        ]

    def __repr__(self) -> str:
        return f"<Row {self.number}>"

    __str__ = __repr__


class Finding(models.Model):
    """Something found in a row. Its sentence is `spreadsheets.wording`'s; `value` is a number or code, never a cell."""

    # no constraint: rows and findings come and go together, by the hundred thousand
    row = models.ForeignKey(Row, on_delete=models.CASCADE, related_name="findings", db_constraint=False)
    spreadsheet = models.ForeignKey(Spreadsheet, on_delete=models.PROTECT, related_name="+", db_index=False)
    level = models.CharField(max_length=7, choices=Level.choices)
    field = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=40)
    value = models.CharField(max_length=40, blank=True)
    beyond = models.BooleanField(default=False)  # found by comparing with other rows or with the register
    settled = models.BooleanField(default=False)  # a warning that was confirmed

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["spreadsheet", "level", "code"], name="finding_by_code")]
