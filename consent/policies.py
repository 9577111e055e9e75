"""Which participants a user may act on. Loaders answer 404 for somebody else's, so that existence isn't told."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.timezone import localdate

from accounts.permissions import Permission
from collection.models import Activity, Participant
from collection.policies import activities_of, plans_of
from consent import gate
from consent.models import Decision, Kind, Proof, ScreenAnswer
from consent.queries import EVALUATION


def participants_of(user: Any) -> QuerySet[Participant]:
    """Registered participants of the plans a user works in."""
    return gate.registered(plans_of(user))


def participant_or_404(user: Any, pk: UUID) -> Participant:
    return get_object_or_404(participants_of(user).select_related("plan"), pk=pk)


def usable_participant_or_404(user: Any, pk: UUID) -> Participant:
    """Somebody whose consent holds. A lapsed one's identity is locked: they may be asked again, and no more."""
    usable = gate.usable(EVALUATION, on=localdate()).filter(plan__in=plans_of(user))
    return get_object_or_404(usable.select_related("plan"), pk=pk)


def correctable_participant_or_404(user: Any, pk: UUID) -> Participant:
    """Somebody whose consent holds, also while their data are only stored: who says that they are wrong asks for
    them to be corrected."""
    consents = gate.valid_decisions(EVALUATION, on=localdate()).filter(participant=OuterRef("pk"))
    return get_object_or_404(participants_of(user).filter(Exists(consents)).select_related("plan"), pk=pk)


def withdrawal_or_404(user: Any, pk: UUID) -> Decision:
    """The decision that ended the consent of participant `pk` in a plan of the user's; the person is erased by then."""
    withdrawals = Decision.objects.filter(
        participant=pk, participant__plan__in=plans_of(user), kind__in=[Kind.WITHDRAWN, Kind.REFUSED]
    ).select_related("participant__plan", "purpose", "recorded_by")
    decision = withdrawals.order_by("-pk").first()
    if decision is None:
        raise Http404
    return decision


def answer_or_404(user: Any, activity: Activity, pk: UUID) -> ScreenAnswer:
    """A yes from the screen in `activity`'s plan, waiting or not (`is_waiting`)."""
    answers = ScreenAnswer.objects.filter(
        activity__plan=activity.plan_id, activity__in=activities_of(user), answer=ScreenAnswer.Answer.YES
    )
    return get_object_or_404(answers.select_related("activity", "text__version__document", "started_by"), pk=pk)


def given_consent_or_404(user: Any, participant: UUID, pk: int) -> Decision:
    """A consent, also a lapsed one, that somebody in the user's plans has given."""
    person = participant_or_404(user, participant)
    decisions = Decision.objects.select_related("text__version", "participant")
    return get_object_or_404(decisions, pk=pk, participant=person, kind=Kind.GIVEN)


def proof_or_404(user: Any, pk: UUID) -> Proof:
    """A signed form in the user's plans. One whose consent has ended, or lapsed, is there for the controller alone."""
    proofs = Proof.objects.filter(deleted_at__isnull=True, decision__participant__plan__in=plans_of(user))
    if not user.can(Permission.READ_LOCKED_PROOF):
        usable = gate.usable(EVALUATION, on=localdate()).filter(pk=OuterRef("decision__participant"))
        proofs = proofs.filter(Exists(usable), locked_at__isnull=True)
    return get_object_or_404(proofs.select_related("decision__participant"), pk=pk)
