"""Questions about texts, counts and decisions."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.timezone import localdate

from collection.models import Activity, Participant
from consent.models import Decision, Kind, Proof, ScreenAnswer, Tally, Text
from consent.models.screen import KEPT_FOR

EVALUATION = "evaluation"  # the purpose that the shipped texts ask for


def texts_in_use(purpose: str = EVALUATION, *, asking_again: bool = False) -> QuerySet[Text]:
    """Published texts that can be shown and consented to now, without their bodies until these are asked for.

    `asking_again`: also those to which consents lapse on a day to come, for papers that are signed already.
    """
    lapse = Q(version__consents_lapse_on__isnull=True)
    if asking_again:
        lapse |= Q(version__consents_lapse_on__gt=localdate())
    return (
        Text.objects.filter(
            lapse,
            version__document__purpose=purpose,
            version__published_at__isnull=False,
            version__ended_at__isnull=True,
        )
        .select_related("version__document__purpose")
        .defer("body")
        .order_by("version__document__audience", "-version__number", "language")
    )


def tally_sum(activity: Activity, year: int, outcome: str) -> int:
    """How many are counted under `outcome` in an activity and year."""
    changes = Tally.objects.filter(activity=activity, year=year, outcome=outcome)
    return changes.aggregate(total=Sum("change"))["total"] or 0


def tally_sums(activity: Activity) -> dict[tuple[int, str], int]:
    """The counts above nought of an activity, by year and outcome."""
    sums = Tally.objects.filter(activity=activity).values("year", "outcome").annotate(total=Sum("change"))
    return {(row["year"], row["outcome"]): row["total"] for row in sums.order_by("year", "outcome") if row["total"] > 0}


def latest_decisions(participants: Iterable[Participant], purpose: str = EVALUATION) -> dict[UUID, Decision]:
    """The decision in which each participant stands, by participant id; what it means today: `consent_status`."""
    decisions = Decision.objects.filter(participant__in=participants, purpose=purpose).exclude(kind=Kind.LAPSED)
    decisions = decisions.select_related("text__version").defer("text__body").order_by("decided_on", "pk")
    return {decision.participant_id: decision for decision in decisions}


def consent_status(decision: Decision | None, today: date) -> Kind | None:
    """What the latest decision means today; a guardian's consent lapses on the child's 18th birthday, and all consents
    to a text on the day its version sets."""
    if decision is None:
        return None
    if decision.kind == Kind.GIVEN and (day := lapses_on(decision)) and day <= today:
        return Kind.LAPSED
    return Kind(decision.kind)


def lapses_on(decision: Decision) -> date | None:
    """From which day on a given consent bars export, if that is known: the earlier of the two reasons."""
    version = decision.text.version if decision.text else None
    days = [decision.lapses_on, version.consents_lapse_on if version else None]
    return min(filter(None, days), default=None)


def waiting_answers(activities: Iterable[Activity] | QuerySet[Activity]) -> QuerySet[ScreenAnswer]:
    """Those who said yes on the screen within the last day and are not registered yet, the earliest first."""
    answers = ScreenAnswer.objects.filter(
        activity__in=activities,
        answer=ScreenAnswer.Answer.YES,
        used_at__isnull=True,
        answered_at__gt=datetime.now(UTC) - KEPT_FOR,
    )
    return answers.select_related("text__version__document").defer("text__body").order_by("answered_at")


def locked_proofs() -> QuerySet[Proof]:
    """Signed forms kept as proof after the consent ended, the latest first, with the number of the receipt."""
    ended = Decision.objects.filter(
        participant=OuterRef("decision__participant"), kind__in=[Kind.WITHDRAWN, Kind.REFUSED]
    ).order_by("-decided_on", "-pk")
    return (
        Proof.objects.filter(locked_at__isnull=False, deleted_at__isnull=True)
        .select_related("decision__participant__plan", "decision__text__version__document")
        .defer("decision__text__body")
        .annotate(receipt=Subquery(ended.values("pk")[:1]))
        .order_by("-locked_at", "pk")
    )
