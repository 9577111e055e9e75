"""The consent gate: which participants may be used for a purpose, on a date, as known at a time.

The only door to participants for exports, and the usual one for pages. Participants have no `objects`
manager; a test lists the few other places that may use `ungated`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import (
    BinaryField,
    Case,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least

from collection.models import Activity, Participant, Participation, Plan
from consent.models import Decision, Kind, Purpose, Restriction, Text
from crypto.secret import Sealed


def standing(purpose: Purpose | str | None = None, *, on: date, known_at: datetime | None = None) -> QuerySet[Decision]:
    """The decision in which each participant stands on `on`, as recorded up to `known_at` (default: now).

    The latest given, refused or withdrawn one up to `on`, of `purpose` or of each purpose. The record of a lapse
    decides nothing: the gate reads the days itself, so it neither waits for the record, nor does an old one close it
    for somebody of whom a later consent comes in from before that day.
    """
    known = Q() if known_at is None else Q(recorded_at__lte=known_at)
    one = Q() if purpose is None else Q(purpose=purpose)
    decisions = Decision.objects.filter(known, one, decided_on__lte=on).exclude(kind=Kind.LAPSED)
    each = Q() if purpose is not None else Q(purpose=OuterRef("purpose"))
    later = decisions.filter(each, participant=OuterRef("participant")).filter(
        Q(decided_on__gt=OuterRef("decided_on")) | Q(decided_on=OuterRef("decided_on"), pk__gt=OuterRef("pk"))
    )
    return decisions.exclude(Exists(later))


def valid_decisions(purpose: Purpose | str, *, on: date, known_at: datetime | None = None) -> QuerySet[Decision]:
    """The decision that each participant with a valid consent stands on: one per participant.

    Valid: the person stands in a given consent that has not lapsed by `on`: neither has the child come of age, nor
    has the text that was consented to come to the end of its time (as known at `known_at`).
    """
    not_lapsed = Q(lapses_on__isnull=True) | Q(lapses_on__gt=on)
    if ended := ended_texts(on, known_at):
        not_lapsed &= ~Q(text__in=ended)
    return standing(purpose, on=on, known_at=known_at).filter(not_lapsed, kind=Kind.GIVEN)


def usable_decisions(purpose: Purpose | str, *, on: date, known_at: datetime | None = None) -> QuerySet[Decision]:
    """The valid decisions less those of people whose data are only stored (article 18): what leaves relies on these."""
    # there are few, if any: the database reads them once, and then asks its memory
    return valid_decisions(purpose, on=on, known_at=known_at).exclude(
        participant__in=restrictions(known_at).values("participant")
    )


def restrictions(known_at: datetime | None = None) -> QuerySet[Restriction]:
    """Those that are in force, or were at `known_at`."""
    if known_at is None:
        return Restriction.objects.filter(lifted_at__isnull=True)
    not_lifted = Q(lifted_at__isnull=True) | Q(lifted_at__gt=known_at)
    return Restriction.objects.filter(not_lifted, restricted_at__lte=known_at)


def lapsed_by(day: date) -> Q:
    """Of given consents: those that bar export from `day` or an earlier day on."""
    return Q(lapses_on__lte=day) | Q(text__in=ended_texts(day))


# Of a decision: from which day on it bars export; for one that never does, the end of the calendar.
LAPSES_ON = Least(
    Coalesce("lapses_on", Value(date.max), output_field=DateField()),
    Coalesce("text__version__consents_lapse_on", Value(date.max), output_field=DateField()),
)


def had_consent(participant: UUID, purpose: Purpose | str, *, on: date, known_at: datetime | None = None) -> bool:
    """Whether a person's consent was valid on `on`, as far as was known at `known_at`.

    Judged by the decisions alone, so it also answers for somebody whose identity has been erased since.
    """
    return valid_decisions(purpose, on=on, known_at=known_at).filter(participant=participant).exists()


def ended_texts(on: date, known_at: datetime | None = None) -> list[int]:
    """Ids of the texts to which consents have lapsed by `on`: few, so their versions need no join a million times."""
    known = Q() if known_at is None else Q(version__lapse_known_at__lte=known_at)
    return list(Text.objects.filter(known, version__consents_lapse_on__lte=on).values_list("pk", flat=True))


def usable(purpose: Purpose | str, *, on: date, known_at: datetime | None = None) -> QuerySet[Participant]:
    """Participants whose data may be used for `purpose` on `on`, as known at `known_at` (default: now).

    Their consent is valid, and the use is not restricted.
    """
    valid = usable_decisions(purpose, on=on, known_at=known_at).filter(participant=OuterRef("pk"))
    return Participant.ungated.filter(Exists(valid), erased_at__isnull=True)


def is_usable(participant: UUID, purpose: Purpose | str, *, on: date, known_at: datetime | None = None) -> bool:
    """The gate for one person."""
    return usable(purpose, on=on, known_at=known_at).filter(pk=participant).exists()


def participations_by_consent(
    purpose: Purpose | str, activities: Collection[UUID] | QuerySet[Activity] | None = None, *, on: date
) -> QuerySet[Participation]:
    """Participations in `activities`, or all, for counting only, with `consent`: the Kind in which the person stands on
    `on`.

    One look-up in an index per row: a database without statistics may join two long lists of ids pair by pair.
    """
    state = Case(When(lapsed_by(on), kind=Kind.GIVEN, then=Value(Kind.LAPSED.value)), default=F("kind"))
    latest = (
        Decision.objects.filter(participant=OuterRef("participant"), purpose=purpose, decided_on__lte=on)
        .exclude(kind=Kind.LAPSED)
        .order_by("-decided_on", "-pk")
        .annotate(state=state)
        .values("state")[:1]
    )
    rows = Participation.ungated.annotate(consent=Subquery(latest))
    return rows if activities is None else rows.filter(activity__in=activities)


def people_of(plans: Iterable[Plan] | QuerySet | None, identification: str = "") -> QuerySet:
    """The ids of all participants of `plans` (None: of all plans), or of those known in this way, for counting only."""
    known = Q(identification=identification) if identification else Q()
    known &= Q() if plans is None else Q(plan__in=plans)
    return Participant.ungated.filter(known).values("pk")


def registered(plans: Iterable[Plan] | QuerySet[Plan]) -> QuerySet[Participant]:
    """Participants that staff of `plans` may see and act on: those whose identity is still held.

    An identity whose consent lapsed is held for asking again; a withdrawn one is erased.
    """
    return Participant.ungated.filter(plan__in=plans, erased_at__isnull=True)


def in_activity(activity: Activity) -> QuerySet[Participation]:
    """Participations in one activity of people whose identity is still held."""
    return Participation.ungated.filter(activity=activity, participant__erased_at__isnull=True).select_related(
        "participant"
    )


def in_activities(activities: Iterable[Activity] | QuerySet[Activity]) -> QuerySet[Participation]:
    """Participations in several activities, for counting only: also of people whose identity is gone."""
    return Participation.ungated.filter(activity__in=activities)


def of_participants(participants: Iterable[Participant]) -> QuerySet[Participation]:
    """The participations of people who were loaded through this module, each in their plan."""
    return (
        Participation.ungated.filter(participant__in=participants)
        .select_related("activity", "activity__type")
        .order_by("start", "pk")
    )


def history(participant: Participant, purpose: Purpose | str) -> QuerySet[Decision]:
    """One person's decisions, the latest first."""
    decisions = Decision.objects.filter(participant=participant, purpose=purpose)
    return decisions.select_related("text__version__document", "obtained_by", "recorded_by").order_by(
        F("decided_on").desc(), "-pk"
    )


# --- For exports: streams, so that nobody has to hold a million rows ----------------------------------------


class ExportRow(NamedTuple):
    """One participation of a participant with a valid consent, and the decision it relies on."""

    participant: UUID
    identification: str
    cpr: Sealed | None
    birth_date: Sealed | None  # None where the CPR number holds it
    lbf_number: str
    municipality: str
    activity_type: str
    start: date
    start_precision: str
    end: date | None
    role: str
    decision: int
    method: str
    text: int


def export_persons(purpose: Purpose | str, *, on: date, begun: range) -> Iterator[list[UUID]]:
    """The participant rows of each usable person who began something in the years `begun`, together.

    Rows of several plans are one person's when their CPR numbers have the same keyed index; people without a
    number are never joined across plans.
    """
    started = _begun(begun).filter(participant=OuterRef("pk"))
    rows = (
        usable(purpose, on=on)
        .filter(Exists(started))
        .order_by("cpr_index", "pk")
        .values_list("pk", "cpr_index")
        .iterator(chunk_size=5000)
    )
    group: list[UUID] = []
    last: bytes | None = None
    for pk, index in rows:
        index = None if index is None else bytes(index)
        if group and (index is None or index != last):
            yield group
            group = []
        group.append(pk)
        last = index
    if group:
        yield group


def person_of(participants: Sequence[UUID]) -> dict[UUID, bytes]:
    """What rows of one person have in common, as `export_persons` joins them, for those whose identity is held."""
    found: dict[UUID, bytes] = {}
    for start in range(0, len(participants), 5000):
        rows = Participant.ungated.filter(pk__in=participants[start : start + 5000], erased_at__isnull=True)
        for pk, index in rows.values_list("pk", "cpr_index"):
            found[pk] = pk.bytes if index is None else bytes(index)
    return found


def identified_by(participants: QuerySet) -> Iterator[tuple[bytes, str]]:
    """(id as 16 bytes, by what they are identified now) of those whose identity is held. `participants`: as for
    `sealed_identities`."""
    rows = Participant.ungated.filter(pk__in=participants, erased_at__isnull=True)
    return ((pk.bytes, kind) for pk, kind in rows.values_list("pk", "identification").iterator(chunk_size=5000))


def export_rows(purpose: Purpose | str, *, on: date, begun: range, types: Iterable[str] = ()) -> Iterator[ExportRow]:
    """Participations begun in the years `begun`, of people whose consent is valid on `on`, by participant id.

    `types`: only activities of these types. Two cursors in one order are joined here; who withdraws between the
    opening of the two is in one of them only and is left out.
    """
    decisions = (
        usable_decisions(purpose, on=on)
        .order_by("participant")
        .values_list("participant", "pk", "method", "text")
        .iterator(chunk_size=5000)
    )
    chosen = Q(activity__type__in=list(types)) if types else Q()
    rows = (
        _begun(begun)
        .filter(chosen, participant__erased_at__isnull=True)
        .order_by("participant", "start", "pk")
        .values_list(
            "participant",
            "participant__identification",
            "participant__cpr",
            "participant__birth_date",
            "activity__plan__lbf_number",
            "activity__plan__municipality_code",
            "activity__type",
            "start",
            "start_precision",
            "end",
            "role",
        )
        .iterator(chunk_size=5000)
    )
    decision = next(decisions, None)
    for row in rows:
        while decision is not None and decision[0] < row[0]:
            decision = next(decisions, None)
        if decision is not None and decision[0] == row[0]:
            yield ExportRow(*row, *decision[1:])  # type: ignore[arg-type]  # sealed fields read as Sealed


def ended(purpose: Purpose | str) -> dict[UUID, int]:
    """Rows whose person has withdrawn, or said no when asked again, and the decision that says so.

    Also rows that were merged into one of theirs.
    """
    kinds = [Kind.WITHDRAWN, Kind.REFUSED]
    decisions = Decision.objects.filter(purpose=purpose, kind__in=kinds).order_by("-pk")
    found = dict(decisions.values_list("participant", "pk"))
    return found | {row: found[kept] for row, kept in _merged() if kept in found}


def with_merged(participants: Collection[UUID]) -> list[UUID]:
    """`participants`, and the rows that were merged into theirs."""
    return [*participants, *(row for row, kept in _merged() if kept in participants)]


def as_registered_now(participants: Collection[UUID]) -> list[Participant]:
    """The rows in which `participants` are found today, one for each: of those merged, the row that they became.

    Also of people whose consent has ended, whose rows are empty.
    """
    rows = Participant.ungated.filter(pk__in=participants)
    kept = {pk if merged is None else merged for pk, merged in rows.values_list("pk", "merged_into")}
    return list(Participant.ungated.filter(pk__in=kept).select_related("plan").order_by("registered_at", "pk"))


def _merged() -> Iterable[tuple[UUID, UUID]]:
    merged = Participant.ungated.filter(merged_into__isnull=False)
    return merged.values_list("pk", "merged_into")  # type: ignore[return-value]  # none of them is null


def left_out(purpose: Purpose | str, *, on: date, begun: range) -> dict[str, int]:
    """How many participant rows that began something in `begun` may not be used, by reason: withdrawn | lapsed |
    restricted.

    A no to being asked again counts as withdrawn; rows merged into another one are not counted.
    """
    began = Participant.ungated.filter(merged_into__isnull=True).filter(
        Exists(_begun(begun).filter(participant=OuterRef("pk")))
    )
    unusable = began.exclude(Exists(usable(purpose, on=on).filter(pk=OuterRef("pk"))))
    return _by_reason(unusable, purpose)


def reasons_unusable(purpose: Purpose | str, participants: Sequence[UUID]) -> dict[str, int]:
    """Of participants who may not be used: how many withdrew, how many consents lapsed, and whose use is restricted."""
    counts = {"withdrawn": 0, "lapsed": 0, "restricted": 0}
    for start in range(0, len(participants), 5000):
        part = Participant.ungated.filter(pk__in=participants[start : start + 5000], merged_into__isnull=True)
        counts = {code: counts[code] + n for code, n in _by_reason(part, purpose).items()}
    return counts


def _by_reason(unusable: QuerySet[Participant], purpose: Purpose | str) -> dict[str, int]:
    # a withdrawal is the last decision that a row can get: its identity is gone
    ended = [Kind.WITHDRAWN, Kind.REFUSED]
    withdrew = Exists(Decision.objects.filter(participant=OuterRef("pk"), purpose=purpose, kind__in=ended))
    withdrawn = unusable.filter(withdrew).count()
    restricted = unusable.filter(pk__in=restrictions().values("participant")).exclude(withdrew).count()
    return {
        "withdrawn": withdrawn,
        "lapsed": unusable.count() - withdrawn - restricted,
        "restricted": restricted,
    }


def sealed_identities(
    participants: QuerySet | Sequence[UUID], identification: str, fields: Sequence[str]
) -> Iterator[tuple[bytes, ...]]:
    """(id as 16 bytes, the sealed record of each of `fields`) of those whose identity is held, in no order.

    `participants`: ids or a query of them, of a set that has passed the gate in the same job. Who withdraws after that
    is erased in the same transaction, and so is missing here. Only people identified by `identification`. Rows come as
    the driver gives them, because a million go through.
    """
    rows = Participant.ungated.filter(pk__in=participants, identification=identification, erased_at__isnull=True)
    postgresql = connection.vendor == "postgresql"
    pk = Func(F("pk"), function="uuid_send") if postgresql else F("pk")
    sql, parameters = rows.values_list(ExpressionWrapper(pk, BinaryField()), *fields).query.sql_with_params()
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while some := cursor.fetchmany(1000):
            yield from some if postgresql else ((bytes.fromhex(row[0]), *row[1:]) for row in some)


def _begun(years: range) -> QuerySet[Participation]:
    return Participation.ungated.filter(start__gte=date(years[0], 1, 1), start__lte=date(years[-1], 12, 31))
