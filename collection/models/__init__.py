"""A file per noun. Participants and participations are reached through `consent.gate`, not from here."""

from collection.models.activities import Activity, ActivityType, Headcount, Theme, TypeGroup
from collection.models.participants import Identification, Participant
from collection.models.participations import FamilyRole, Participation, Precision
from collection.models.plans import AddressKey, Department, Membership, Plan

__all__ = [
    "Activity",
    "ActivityType",
    "AddressKey",
    "Department",
    "FamilyRole",
    "Headcount",
    "Identification",
    "Membership",
    "Participant",
    "Participation",
    "Plan",
    "Precision",
    "Theme",
    "TypeGroup",
]
