"""A file per noun."""

from consent.models.decisions import Decision, GuardianRelation, Kind, Method
from consent.models.tallies import Outcome, Tally
from consent.models.texts import Audience, Document, Purpose, Text, Version

__all__ = [
    "Audience",
    "Decision",
    "Document",
    "GuardianRelation",
    "Kind",
    "Method",
    "Outcome",
    "Purpose",
    "Tally",
    "Text",
    "Version",
]
