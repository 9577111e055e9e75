"""The demo's world: the same for the same seed, at the evaluation's scale, and nobody's CPR number."""

import unicodedata
from collections import Counter
from datetime import date

import pytest

from collection.cpr import age_on, parse, passes_modulus_11
from collection.municipalities import MUNICIPALITIES
from consent.models import Audience, Kind
from exports.demo.activities import activity_types
from exports.demo.counts import Headcount, Tally
from exports.demo.places import PLANS, apportion
from exports.demo.registrations import WRITTEN_ON, Participant
from exports.demo.world import World

SEED = 2016


def people_of(world: World) -> list[Participant]:
    return [each for registrations in world.registrations() for _, registered in registrations for each in registered]


@pytest.fixture(scope="module")
def world() -> World:
    return World(SEED, 5000)


@pytest.fixture(scope="module")
def participants(world) -> list[Participant]:
    return people_of(world)


# --- As large as the evaluation -------------------------------------------------------------------------


def test_plans_lie_in_the_areas_of_the_evaluation(world):
    area_of = {municipality: area for area, counts in PLANS.items() for municipality in counts}
    assert len(area_of) == 42
    assert Counter(area_of[plan.municipality] for plan in world.plans) == {
        "Copenhagen and Frederiksberg": 17,
        "rest of the Capital Region": 16,
        "Region Zealand": 14,
        "Odense": 7,
        "rest of Southern Denmark": 13,
        "Aarhus": 8,
        "rest of Central Denmark": 9,
        "Aalborg": 3,
        "rest of North Denmark": 2,
    }
    assert all(MUNICIPALITIES[plan.municipality_code].name == plan.municipality for plan in world.plans)


def test_grants_start_as_those_of_the_evaluation(world):
    assert Counter(plan.start.year for plan in world.plans) == {2012: 26, 2013: 24, 2014: 26, 2015: 13}


def test_395_departments_have_numbers_of_their_own_and_no_house_twice(world):
    departments = [each for plan in world.plans for each in plan.departments]
    assert len({(each.organisation_number, each.department_number) for each in departments}) == 395
    houses = Counter(
        (street.municipality_code, street.code, house)
        for each in departments
        for street in each.streets
        for house in range(street.house_from, street.house_to + 1)
    )
    assert max(houses.values()) == 1
    assert all(len(code) == 4 and house < 1000 for _, code, house in houses)


def test_each_type_is_in_as_many_plans_as_the_evaluation_found(world):
    plans = Counter(code for made in world.activities for code in {each.type.code for each in made})
    assert plans == {kind.code: kind.plans for kind in activity_types()}
    assert sum(map(len, world.activities)) == 2000
    assert min(map(len, world.activities)) > 0


def test_activities_run_within_2014_to_2016_and_after_the_start_of_the_grant(world):
    for plan, made in zip(world.plans, world.activities, strict=True):
        assert all(2014 <= each.start.year <= 2016 and each.start >= plan.start for each in made)
        assert len({each.name for each in made}) == len(made)


def test_there_are_as_many_participants_as_asked_for(participants):
    assert len(participants) == 5000
    assert len({each.id for each in participants}) == 5000


@pytest.mark.parametrize("count", [1, 89, 731])
def test_a_small_demo_has_exactly_its_number_too(count):
    assert len(people_of(World(SEED, count))) == count


# --- Repeatable, and never all in memory -------------------------------------------------------------------


def test_the_same_seed_gives_the_same_people(participants):
    assert people_of(World(SEED, 5000)) == participants


def test_another_seed_gives_others(participants):
    assert not {each.id for each in people_of(World(7, 300))} & {each.id for each in participants}


def test_a_plan_is_made_only_when_it_is_asked_for():
    world = World(SEED, 1_000_000)
    first = next(iter(next(world.registrations())))
    assert first[1]


# --- Nobody's numbers -----------------------------------------------------------------------------------


def test_every_number_fails_modulus_11_and_is_of_no_1_january(participants):
    for each in participants:
        cpr = parse(each.person.cpr, WRITTEN_ON)
        assert not passes_modulus_11(cpr.digits)
        assert (cpr.birth_date.month, cpr.birth_date.day) != (1, 1)
        assert (cpr.birth_date, cpr.female) == (each.person.birth_date, each.person.female)


def test_numbers_differ_but_for_a_few_people_who_are_in_two_plans(world):
    seen: dict[str, set[int]] = {}
    for registrations in world.registrations():
        for _, registered in registrations:
            for each in registered:
                plans = seen.setdefault(each.person.cpr, set())
                assert registrations.plan.number not in plans
                plans.add(registrations.plan.number)
    assert 5 < sum(len(plans) == 2 for plans in seen.values()) < 100


# --- As people are -----------------------------------------------------------------------------------------


def test_names_are_in_many_scripts(participants):
    scripts = Counter(unicodedata.name(each.person.name[0]).split()[0] for each in participants)
    assert {"LATIN", "ARABIC", "CYRILLIC", "ETHIOPIC"} <= set(scripts)
    letters = {letter for each in participants for letter in each.person.name}
    assert set("æøåşğıİçöüłżễũ").intersection(letters) >= set("æøåşğıç")
    assert any("LATIN" in unicodedata.name(letter) and ord(letter) > 0x1E00 for letter in letters)  # Vietnamese


def test_about_one_in_twelve_is_known_by_name_and_address(participants):
    without = [each for each in participants if not each.with_cpr]
    assert 0.06 < len(without) / len(participants) < 0.10
    assert all(each.name and each.address and each.residence_date for each in without)
    assert not any(each.address for each in participants if each.with_cpr)


def test_consent_is_given_by_whom_it_must_be(participants):
    audiences = Counter()
    for each in participants:
        first = each.decisions[0]
        age = age_on(each.person.birth_date, first.decided_on)
        assert first.kind == Kind.GIVEN
        assert first.audience == Audience.for_age(age)
        assert (first.guardian_relation is not None) == (first.lapses_on is not None) == (age < 15)
        assert each.person.birth_date < each.participations[0].activity.start or age < 15
        audiences[first.audience] += 1
    assert set(audiences) == set(Audience)


def test_decisions_follow_one_another_and_nothing_is_decided_after_the_state_shown(participants):
    kinds = Counter(tuple(decision.kind for decision in each.decisions) for each in participants)
    assert set(kinds) == {
        (Kind.GIVEN,),
        (Kind.GIVEN, Kind.WITHDRAWN),
        (Kind.GIVEN, Kind.LAPSED),
        (Kind.GIVEN, Kind.LAPSED, Kind.GIVEN),
    }
    for each in participants:
        days = [decision.decided_on for decision in each.decisions]
        assert days == sorted(days)
        assert days[-1] <= WRITTEN_ON
        if each.erased_on:
            assert not each.consent_is_valid
        if each.decisions[-1].kind == Kind.WITHDRAWN:
            assert each.erased_on


def test_starts_are_known_to_the_day_month_or_year(participants):
    for participation in (one for each in participants for one in each.participations):
        if participation.precision != "day":
            assert participation.start.day == 1
        if participation.precision == "year":
            assert participation.start.month == 1
        assert participation.end is None or participation.end >= participation.start
        assert date(2014, 1, 1) <= participation.start <= date(2016, 12, 31)


def test_familieindsats_began_mostly_late_as_in_the_evaluation(participants):
    starts = Counter(
        one.start.year
        for each in participants
        for one in each.participations
        if one.activity.type.code == "familieindsats"
    )
    shares = [starts[year] / starts.total() for year in (2014, 2015, 2016)]
    assert shares == pytest.approx([0.18, 0.33, 0.49], abs=0.08)  # late grants have no 2014


def test_consent_shares_go_from_none_to_all(world):
    shares = {}
    for registrations in world.registrations():
        list(registrations)
        counted = list(world.headcounts_and_tallies(registrations))
        latest = {(each.activity.id, each.year): each.estimate for each in counted if isinstance(each, Headcount)}
        consents = sum(registrations.valid[place] for place in latest)
        shares[registrations.plan.number] = consents / sum(latest.values())
        tallies = Counter()
        for each in counted:
            if isinstance(each, Tally):
                tallies[each.activity.id, each.year, each.outcome] += each.change
        assert all(count >= 0 for count in tallies.values())
    assert min(shares.values()) == 0
    assert max(shares.values()) == 1
    assert sum(0.1 < share < 0.9 for share in shares.values()) > 50
    assert shares[2] == 1
    assert shares[3] == 0


def test_some_estimates_are_missing_revised_or_below_the_count(world):
    missing = revised = below = 0
    for registrations in world.registrations():
        list(registrations)
        estimates: dict = {}
        for each in world.headcounts_and_tallies(registrations):
            if isinstance(each, Headcount):
                estimates.setdefault((each.activity.id, each.year), []).append(each.estimate)
        missing += sum(place not in estimates for place, consents in registrations.valid.items() if consents)
        revised += sum(len(made) > 1 for made in estimates.values())
        below += sum(made[-1] < registrations.valid[place] for place, made in estimates.items())
    assert missing > 20
    assert revised > 20
    assert below > 10


# --- Shares -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("total", "weights"), [(10, [1, 1, 1]), (0, [1, 2]), (7, [0, 3, 0.5]), (395, [0.1] * 89)])
def test_shares_add_up(total, weights):
    shares = apportion(total, weights)
    assert sum(shares) == total
    assert all(abs(share - total * weight / sum(weights)) < 1 for share, weight in zip(shares, weights, strict=True))
