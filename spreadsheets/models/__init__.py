"""A file per noun."""

from spreadsheets.models.gone import Gone
from spreadsheets.models.matches import Match
from spreadsheets.models.prepared import Prepared
from spreadsheets.models.rows import Finding, Level, Row
from spreadsheets.models.spreadsheets import Spreadsheet

__all__ = ["Finding", "Gone", "Level", "Match", "Prepared", "Row", "Spreadsheet"]
