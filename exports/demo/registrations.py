"""Who is registered in a plan: participants, what they took part in, and their consent."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from collection.cpr import age_on
from collection.models import FamilyRole, Precision
from consent.actions.given import eighteenth_birthday
from consent.actions.lapse import erase_on
from consent.models import Audience, GuardianRelation, Kind, Method
from exports.demo.activities import STARTS, YEARS, Activity
from exports.demo.families import Families, Family
from exports.demo.people import Person
from exports.demo.places import Plan, chance, random_id

WRITTEN_ON = date(2026, 11, 1)  # the state of the register that the demo shows
COLLECTED_FROM = date(2016, 1, 11)  # consent was asked for from 2016 on, back to 2014

# Whom a type is for: weight, who of a family, and the ages of its youngest child (or of the adult).
_SMALL, _UNDER_15, _TEENS, _GROWN = range(7), range(15), range(13, 18), range(18, 25)
_TAKERS: dict[str, tuple[tuple[int, str, range], ...]] = {
    "network_mothers": ((1, "mother", _SMALL),),
    "mothers_groups": ((1, "mother", range(4)),),
    "parent_networks": ((5, "parent", _SMALL), (3, "parent", _UNDER_15), (2, "child", range(11))),
    "familieindsats": ((1, "parent", _SMALL),),
    "fire_cadet": ((1, "child", _TEENS),),
    "leisure_job": ((1, "child", _TEENS),),
    "pocket_money": ((1, "child", _TEENS),),
    "mentor": ((1, "child", _TEENS), (1, "adult", _GROWN)),
    "creative_learning": ((1, "child", range(6, 15)),),
    "project_event": ((4, "parent", _UNDER_15), (3, "child", range(8, 18)), (3, "adult", range(18, 75))),
}
_PARENTS = ((7, "parent", _SMALL), (3, "parent", _UNDER_15))  # every other type

# One parent of a family took part, both, or it isn't known who (per cent).
_WHICH_PARENTS = {"one": 84, "both": 5, "unknown": 11}


@dataclass(frozen=True, slots=True)
class Participation:
    """`start` is the period's first day where it is known to the month or year only."""

    activity: Activity
    start: date
    precision: Precision
    end: date | None
    role: FamilyRole


@dataclass(frozen=True, slots=True)
class Decision:
    """`obtained_by` is the place of a colleague in the plan's list."""

    kind: Kind
    decided_on: date
    recorded_on: date
    audience: Audience | None = None
    language: str = "da"
    method: Method | None = None
    obtained_by: int | None = None
    guardian_relation: GuardianRelation | None = None
    lapses_on: date | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """`with_cpr`: known by CPR number, and by `name` where staff wrote one; else by name, address and dates."""

    id: UUID
    person: Person
    with_cpr: bool
    name: str
    address: str
    residence_date: date
    participations: tuple[Participation, ...]
    decisions: tuple[Decision, ...]
    erased_on: date | None

    @property
    def consent_is_valid(self) -> bool:
        return self.decisions[-1].kind == Kind.GIVEN


class Registrations:
    """The participants of one plan, family by family; the same arguments give the same ones.

    `known`: people of the plan before who take part here too. After iterating, `valid` holds how many with
    a valid consent took part by activity and year, and `also_next` whom the next plan is to know.
    """

    def __init__(self, seed: int, plan: Plan, activities: list[Activity], count: int, known: list[Person]):
        self.plan, self.activities, self.count, self.known = plan, activities, count, known
        self.rng = chance(seed, "registrations", plan.number)
        self.families = Families(plan)
        self.valid: Counter[tuple[UUID, int]] = Counter()
        self.also_next: list[Person] = []

    def __iter__(self) -> Iterator[tuple[Family | None, list[Participant]]]:
        """A family that lives in the plan's area, and who of it is registered; None for people from elsewhere."""
        made = 0
        for person in self.known:
            if made < self.count and (activity := self._activity_for_adults()):
                role = FamilyRole.MOTHER if person.female else FamilyRole.FATHER
                began = self._began(activity)
                yield None, [self._participant(person, activity, began, role, None)]
                made += 1
        while made < self.count:
            activity, began = self._joined()
            family, takers = self._takers(activity, began)
            registered = [
                self._participant(person, activity, began, role, family) for person, role in takers[: self.count - made]
            ]
            made += len(registered)
            yield family, registered

    def _activity_for_adults(self) -> Activity | None:
        fitting = [each for each in self.activities if each.type.age_to is None]
        return self.rng.choice(fitting) if fitting else None

    def _joined(self) -> tuple[Activity, date]:
        """Any activity; where the evaluation gives the years of start of its type, one that ran in a year so drawn."""
        activity = self.rng.choice(self.activities)
        if activity.type.code in STARTS:
            year = self.rng.choices(YEARS, STARTS[activity.type.code])[0]
            if running := [each for each in self.activities if each.type is activity.type and year in each.years]:
                activity = self.rng.choice(running)
                return activity, self._began(activity, date(year, 1, 1), date(year, 12, 31))
        return activity, self._began(activity)

    def _began(self, activity: Activity, first: date = date.min, last: date = date(2016, 12, 31)) -> date:
        """A day of the activity between `first` and `last`, rather an early one."""
        first = max(first, activity.start)
        last = min(last, activity.end or last)
        return first + timedelta(days=int(self.rng.random() ** 2 * (last - first).days))

    def _takers(self, activity: Activity, began: date) -> tuple[Family, list[tuple[Person, FamilyRole]]]:
        rng, ways = self.rng, _TAKERS.get(activity.type.code, _PARENTS)
        _, who, ages = rng.choices(ways, [weight for weight, _, _ in ways])[0]
        if who == "adult":
            family = self.families.with_adult(rng, ages=ages, on=began)
            return family, [(family.adults[0], FamilyRole.OTHER)]
        family = self.families.with_parent(rng, youngest=ages, on=began, mother=True if who == "mother" else None)
        if who == "child":
            return family, [(family.children[-1], FamilyRole.CHILD)]
        which = rng.choices(list(_WHICH_PARENTS), list(_WHICH_PARENTS.values()))[0]
        mother, father = family.mother, family.father
        if who == "mother" and mother:
            return family, [(mother, FamilyRole.MOTHER)]
        if which == "both" and mother and father:
            return family, [(mother, FamilyRole.MOTHER), (father, FamilyRole.FATHER)]
        parent = family.adults[0 if rng.random() < 0.8 else -1]  # the mother first, where both live there
        if which == "unknown":
            return family, [(parent, rng.choice((FamilyRole.OTHER_GUARDIAN, FamilyRole.OTHER)))]
        return family, [(parent, FamilyRole.MOTHER if parent.female else FamilyRole.FATHER)]

    def _participant(
        self, person: Person, activity: Activity, began: date, role: FamilyRole, family: Family | None
    ) -> Participant:
        rng = self.rng
        with_cpr = family is None or rng.random() >= 0.08
        participations = [self._participation(activity, began, role)]
        if rng.random() < 0.12:
            other = rng.choice(self.activities)
            same_people = _TAKERS.get(other.type.code, _PARENTS) == _TAKERS.get(activity.type.code, _PARENTS)
            if other is not activity and same_people and other.start > began:
                participations.append(self._participation(other, self._began(other), role))
        decisions, erased_on = self._decisions(person, began, family)
        made = Participant(
            id=random_id(rng),
            person=person,
            with_cpr=with_cpr,
            name=person.name if not with_cpr or rng.random() < 0.85 else "",
            address=family.address if family and not with_cpr else "",
            residence_date=max(family.moved_in, person.birth_date) if family else began,
            participations=tuple(participations),
            decisions=tuple(decisions),
            erased_on=erased_on,
        )
        if made.consent_is_valid:
            for each in participations:
                last = each.end.year if each.end else 9999
                self.valid.update(
                    (each.activity.id, year) for year in each.activity.years if each.start.year <= year <= last
                )
            if family and with_cpr and role in (FamilyRole.MOTHER, FamilyRole.FATHER) and rng.random() < 0.015:
                self.also_next.append(person)
        return made

    def _participation(self, activity: Activity, began: date, role: FamilyRole) -> Participation:
        rng = self.rng
        end = None
        if rng.random() < (0.7 if activity.end else 0.4):
            end = min(began + timedelta(days=rng.randrange(20, 320)), activity.end or date(2017, 12, 31))
        precision = rng.choices((Precision.DAY, Precision.MONTH, Precision.YEAR), (60, 25, 15))[0]
        start = began
        if precision != Precision.DAY:
            start = began.replace(day=1) if precision == Precision.MONTH else date(began.year, 1, 1)
        return Participation(activity, start, precision, end, role)

    def _decisions(self, person: Person, began: date, family: Family | None) -> tuple[list[Decision], date | None]:
        """The decisions of a person in the order they were made, and when the identity was erased."""
        rng = self.rng
        asked_from = max(COLLECTED_FROM, began)
        given_on = asked_from + timedelta(days=rng.randrange(0, 200))
        first = self._given(person, given_on, family)
        if self.plan.consent_share < 1 and family and rng.random() < 0.025:
            withdrawn_on = given_on + timedelta(days=rng.randrange(20, 1500))
            return [first, Decision(Kind.WITHDRAWN, withdrawn_on, withdrawn_on)], withdrawn_on
        if first.lapses_on is None or first.lapses_on > WRITTEN_ON:
            return [first], None
        lapsed = Decision(Kind.LAPSED, first.lapses_on, first.lapses_on)
        again_on = first.lapses_on + timedelta(days=rng.randrange(5, 170))
        if rng.random() < 0.25 and again_on <= WRITTEN_ON:
            return [first, lapsed, self._given(person, again_on, family)], None
        erased_on = erase_on(first.lapses_on)
        return [first, lapsed], erased_on if erased_on <= WRITTEN_ON else None

    def _given(self, person: Person, on: date, family: Family | None) -> Decision:
        rng = self.rng
        audience = Audience.for_age(age_on(person.birth_date, on))
        relations = (GuardianRelation.MOTHER, GuardianRelation.FATHER, GuardianRelation.OTHER)
        child = audience == Audience.GUARDIAN
        return Decision(
            kind=Kind.GIVEN,
            decided_on=on,
            recorded_on=on + timedelta(days=rng.choice((0, 0, 0, 1, 3, 12))),
            audience=audience,
            language="en" if family and family.tradition != "danish" and rng.random() < 0.2 else "da",
            method=rng.choices((Method.PAPER, Method.ORAL_WITNESS, Method.DIGITAL), (70, 18, 12))[0],
            obtained_by=rng.randrange(3),
            guardian_relation=rng.choices(relations, (70, 25, 5))[0] if child else None,
            lapses_on=eighteenth_birthday(person.birth_date) if child else None,
        )
