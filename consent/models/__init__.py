"""A file per noun."""

from consent.models.decisions import Decision, GuardianRelation, Kind, Method, Reason
from consent.models.namesakes import PossiblySame
from consent.models.proofs import Proof
from consent.models.restrictions import Restriction
from consent.models.screen import ScreenAnswer
from consent.models.tallies import Outcome, Tally
from consent.models.texts import Audience, Document, Purpose, Text, Version, VersionState

__all__ = [
    "Audience",
    "Decision",
    "Document",
    "GuardianRelation",
    "Kind",
    "Method",
    "Outcome",
    "PossiblySame",
    "Proof",
    "Purpose",
    "Reason",
    "Restriction",
    "ScreenAnswer",
    "Tally",
    "Text",
    "Version",
    "VersionState",
]
