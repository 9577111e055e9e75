"""Which objects a user may act on, by membership of plans; and in which state.

Loaders answer 404 for somebody else's object, so that its existence isn't told.
"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.permissions import Permission
from collection.models import Activity, Plan


def plans_of(user: Any) -> QuerySet[Plan]:
    """The plans a user works in; all of them for who may see the rates of all plans."""
    if user.can(Permission.SEE_ALL_RATES):
        return Plan.objects.all()
    return Plan.objects.filter(memberships__user=user)


def activities_of(user: Any) -> QuerySet[Activity]:
    return Activity.objects.filter(plan__memberships__user=user)


def plan_or_404(user: Any, pk: UUID) -> Plan:
    return get_object_or_404(plans_of(user), pk=pk)


def activity_or_404(user: Any, pk: UUID) -> Activity:
    return get_object_or_404(activities_of(user).select_related("plan", "type", "responsible"), pk=pk)
