"""Whose consent ended while a file waited to be written."""

from django.db import models

from crypto.fields import CarriedField
from spreadsheets.models.spreadsheets import Spreadsheet


class Gone(models.Model):
    """The keyed index of somebody whose consent ended: what the file says of them must not bring them back.

    Kept as long as the rows of the file, because the register holds nothing of the person any more.
    """

    spreadsheet = models.ForeignKey(Spreadsheet, on_delete=models.PROTECT, related_name="+")
    person = CarriedField(max_length=20, of=("index:participant.cpr", "index:participant.name_birth"))
    by_number = models.BooleanField()
