"""The rule of the evaluation once more: slow, in plain Python over rows in clear, written from the text of the domain
and not from the code. It shares nothing with the package but the names of statuses."""

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass
class Answer:
    families: dict[bytes, tuple] = field(default_factory=dict)
    persons: Counter = field(default_factory=Counter)
    by_status: Counter = field(default_factory=Counter)
    candidates: Counter = field(default_factory=Counter)
    area_residents: int = 0
    area_families: int = 0


def age_on_new_years_eve(birth: datetime.date, year: int) -> int:
    years = year - birth.year
    return years - 1 if (birth.month, birth.day) > (12, 31) else years


def plus_years(day: datetime.date, years: int) -> datetime.date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def is_adult(birth: datetime.date, family_births: list[datetime.date], year: int) -> bool:
    age = age_on_new_years_eve(birth, year)
    if age < 15:
        return False
    has_parent = any(plus_years(other, 15) <= birth for other in family_births)
    return not (age < 25 and has_parent)


def draw(
    residents, departments, starts, *, types, first, last, comparison, youngest=0, oldest=6, since=None,
    areas_by="plans", chosen=(), excluding=(),
) -> Answer:  # fmt: skip
    """residents: (person, family, birth, year, department); departments: (department, plan, municipality, region);
    starts: (person, type, year, plan). excluding: types that keep families out, if not `types`."""
    answer = Answer()
    years = set(range(first, last + 1)) | {comparison}
    home = {}  # (family, year) -> members
    where = {}  # (person, year) -> family
    for person, family, birth, year, department in residents:
        if year in years:
            home.setdefault((family, year), []).append((person, birth, department))
            where[person, year] = family
    listed_years = {year for _family, year in home}
    selected = [start for start in starts if start[1] in types and first <= start[2] <= last]
    reporting = {plan for *_rest, plan in selected}

    def adults(family, year):
        births = [birth for _person, birth, _department in home[family, year]]
        return {person for person, birth, _department in home[family, year] if is_adult(birth, births, year)}

    def children_in_range(family, year):
        grown = adults(family, year)
        return sum(
            youngest <= age_on_new_years_eve(birth, year) <= oldest and person not in grown
            for person, birth, _department in home[family, year]
        )

    lives = {(person, year): department for person, _family, _birth, year, department in residents}
    firsts = {person: min(start[2] for start in selected if start[0] == person) for person, *_rest in selected}
    counted = {
        "plans": {d for d, p, _m, _r in departments if p in reporting},
        "departments": {lives[each] for each in firsts.items() if each in lives and each[1] in years},
        "chosen": set(chosen),
    }[areas_by]
    covered = [
        place for place in departments if place[0] in counted and (areas_by != "plans" or place[1] in reporting)
    ]  # fmt: skip

    def areas(family, year):
        lived = {department for _person, _birth, department in home[family, year]}
        return sorted((p, m, r) for d, p, m, r in covered if d in lived)

    def describe(family, year, group, plan=None):
        places = areas(family, year)
        own = [place for place in places if place[0] == plan]
        grown = len(adults(family, year))
        children = len(home[family, year]) - grown
        kind = {0: "unknown", 1: "single"}.get(grown, "couple")
        size = {1: "1", 2: "2"}.get(children, "3+")
        there = sorted((p, m, r) for _d, p, m, r in departments if p == plan)  # who lives elsewhere: where they started
        answer.families[family] = (
            group, year, children_in_range(family, year), children, size, grown, kind,
            *(own or places or there or [(plan, None, None)])[0],
        )  # fmt: skip

    # Participants: at their first start, in the family that the list of that year shows.
    started = {}
    for person in {start[0] for start in selected}:
        year = min(start[2] for start in selected if start[0] == person)
        plan = min(start[3] for start in selected if start[0] == person and start[2] == year)
        if year not in listed_years:
            status = "list_missing"
        elif (person, year) not in where:
            status = "not_in_list"
        elif person not in adults(where[person, year], year):
            status = "not_adult"
        else:
            status = "found"
        started[person] = (year, plan, status)
        answer.persons[status] += 1
    by_family = defaultdict(list)
    for person, (year, plan, status) in started.items():
        if status == "found":
            by_family[where[person, year]].append((year, plan, person))
    participants = set()
    people_of_participants = set()
    for family, found in by_family.items():
        year, plan, _person = min(found)
        others = [started[p] for p in adults(family, year) if p in started]
        if any(other_year < year and status != "not_adult" for other_year, _plan, status in others):
            status = "earlier_start"
        elif not children_in_range(family, year):
            status = "no_child"
        else:
            status = "participant"
            participants.add(family)
            people_of_participants |= {person for _year, _plan, person in found}
            describe(family, year, "participant", plan)
        answer.by_status[status] += 1

    # Comparison: all other families in the areas in that year.
    until = last if since is None else max(last, comparison)
    since = first if since is None else since
    excluded = {p for p, kind, year, _plan in starts if kind in (excluding or types) and since <= year <= until}
    inside = {place[0] for place in covered}
    for (family, year), members in home.items():
        if year != comparison:
            continue
        answer.area_residents += sum(department in inside for _person, _birth, department in members)
        if not areas(family, year):
            continue
        answer.area_families += 1
        if not children_in_range(family, year):
            continue
        people = {person for person, _birth, _department in members}
        if family in participants or people & people_of_participants:
            status = "participant_family"
        elif people & excluded:
            status = "started"
        else:
            status = "comparison"
            describe(family, year, "comparison")
        answer.candidates[status] += 1
    return answer
