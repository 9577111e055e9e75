"""Which objects a user may act on, by membership of plans; and in which state.

Loaders answer 404 for somebody else's object, so that its existence isn't told.
"""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.permissions import WORK_IN_PLANS, Permission
from collection.models import Activity, Membership, Plan


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


def colleagues_of(user: Any) -> QuerySet[User]:
    """Whose accounts a user may open anew or close: never their own.

    A coordinator only of those who work in no plan but theirs: access to another plan is not theirs to give or take.
    """
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    if user.can(Permission.MANAGE_ACCOUNTS):
        return others
    if not user.can(Permission.CLOSE_ACCOUNT):
        return others.none()
    here = Membership.objects.filter(user=OuterRef("pk"), plan__in=plans_of(user))
    elsewhere = Membership.objects.filter(user=OuterRef("pk")).exclude(plan__in=plans_of(user))
    return others.filter(Exists(here), ~Exists(elsewhere), role__in=WORK_IN_PLANS)


def colleague_or_404(user: Any, pk: UUID) -> User:
    return get_object_or_404(colleagues_of(user), pk=pk)
