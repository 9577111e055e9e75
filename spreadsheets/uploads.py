"""Taking a spreadsheet in: sealed as it arrives, as resident lists are."""

from exports.uploads import SealedUpload
from spreadsheets import vault
from spreadsheets.models import Spreadsheet
from spreadsheets.reading.limits import MOST_BYTES


class SpreadsheetUpload(SealedUpload):
    kind = vault.KIND
    owner = Spreadsheet
    most_bytes = MOST_BYTES
