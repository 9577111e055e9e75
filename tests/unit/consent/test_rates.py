"""Consent rates against a plain count over lists, and in the cases that matter to people."""

import random
from collections import defaultdict
from datetime import date

import pytest

from accounts.permissions import Role
from collection.models import Activity, Participation
from consent.actions.count import count_without_consent
from consent.actions.withdraw import withdraw
from consent.models import Decision, Purpose, Tally
from consent.rates import Rate, activity_rates, activity_years, plan_rates, together
from tests.factories.cast import (
    make_activity,
    make_estimate,
    make_identity,
    make_participation,
    make_plan,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY = date(2017, 6, 15)


# --- The oracle ---------------------------------------------------------------------------------------


def says_yes(decisions: list[Decision], today: date) -> bool:
    known = sorted((one for one in decisions if one.decided_on <= today), key=lambda one: (one.decided_on, one.pk))
    return bool(known) and known[-1].kind == "given" and not (known[-1].lapses_on and known[-1].lapses_on <= today)


def withdrew(decisions: list[Decision], today: date) -> bool:
    known = sorted((one for one in decisions if one.decided_on <= today), key=lambda one: (one.decided_on, one.pk))
    return bool(known) and known[-1].kind == "withdrawn"


def naive_rate(activities, year: int, today: date) -> Rate:
    """The definition, word by word, over lists."""
    decisions = defaultdict(list)
    for one in Decision.objects.all():
        decisions[one.participant_id].append(one)
    yes, no, covered, tallies = set(), set(), set(), defaultdict(int)
    estimates, lacking = [], 0
    for activity in activities:
        of_year = [one for one in activity.headcounts.all() if one.year == year]
        newest = max(of_year, key=lambda one: one.pk) if of_year else None
        here = set()
        for one in Participation.ungated.filter(activity=activity):
            last = one.end or activity.end or today
            if one.start.year <= year <= last.year:
                (here if says_yes(decisions[one.participant_id], today) else set()).add(one.participant_id)
                (no if withdrew(decisions[one.participant_id], today) else set()).add(one.participant_id)
        changes = [one for one in Tally.objects.filter(activity=activity) if one.year == year]
        for change in changes:
            tallies[change.outcome] += change.change
        yes |= here
        ran = activity.start.year <= year <= (activity.end or today).year
        if newest:
            estimates.append(newest.estimate)
            covered |= here
        elif ran:
            lacking += 1
    return Rate(
        consented=len(yes),
        estimate=sum(estimates) if estimates else None,
        withdrawn=len(no),
        refused=tallies["refused"],
        not_asked=tallies["not_asked"],
        not_reached=tallies["not_reached"],
        covered=len(covered),
        lacking=lacking,
    )


def random_day(source: random.Random, first: int, last: int) -> date:
    return date(source.randint(first, last), source.randint(1, 12), source.randint(1, 28))


def fill(source: random.Random, plan) -> list:
    """A few activities with people who come, stay, leave, lapse and withdraw."""
    worker = make_user(Role.COORDINATOR, plan)
    activities = []
    for _ in range(source.randint(1, 3)):
        start = random_day(source, 2013, 2016)
        end = source.choice([None, max(start, random_day(source, 2014, 2018))])
        activities.append(make_activity(plan, responsible=worker, start=start, end=end))
    for _ in range(source.randint(3, 9)):
        child = source.random() < 0.3
        identity = make_identity(born=random_day(source, 1998, 1999) if child else None)
        for activity in source.sample(activities, source.randint(1, len(activities))):
            start = random_day(source, 2013, 2017)
            participation = make_participation(
                activity,
                identity,
                start=start,
                end=source.choice([None, max(start, random_day(source, 2014, 2018))]),
                decided_on=random_day(source, 2012, 2013) if child else random_day(source, 2014, 2018),
            )
        if source.random() < 0.25:
            latest = Decision.objects.filter(participant=participation.participant).order_by("-decided_on").first()
            withdraw(
                by=worker,
                participant=participation.participant,
                purpose=Purpose.objects.get(),
                withdrawn_on=max(latest.decided_on, random_day(source, 2016, 2018)),
            )
    for activity in activities:
        for _ in range(source.randint(0, 3)):
            make_estimate(activity, source.randint(2013, 2017), source.choice([0, 1, 4, 12]))
        for _ in range(source.randint(0, 4)):
            outcome = source.choice(["refused", "not_asked", "not_reached"])
            year = source.randint(2014, 2017)
            count_without_consent(by=worker, activity=activity, year=year, outcome=outcome, change=source.randint(1, 3))
    return activities


@pytest.mark.parametrize("seed", range(12))
def test_rates_equal_a_plain_count(seed):
    source = random.Random(seed)
    plans = [make_plan(), make_plan()]
    filled = {plan.pk: fill(source, plan) for plan in plans}
    every = [activity for group in filled.values() for activity in group]
    of_plan = plan_rates(plans, today=TODAY)
    of_activity = activity_rates(Activity.objects.filter(plan__in=plans), today=TODAY)
    for year in range(2012, 2020):
        for plan in plans:
            expected = naive_rate(filled[plan.pk], year, TODAY) if year >= began(every) and year <= 2017 else Rate()
            assert of_plan.get((plan.pk, year), Rate()) == expected, (seed, year)
        for activity in every:
            expected = naive_rate([activity], year, TODAY) if year >= began(every) and year <= 2017 else Rate()
            assert of_activity.get((activity.pk, year), Rate()) == expected, (seed, year)
    for activity in every:
        for year, rate in activity_years(activity, TODAY).items():
            assert rate == naive_rate([activity], year, TODAY)
    assert plan_rates(plans, [2016], TODAY) == {key: rate for key, rate in of_plan.items() if key[1] == 2016}


def began(activities) -> int:
    return min(activity.start.year for activity in activities)


# --- What people look for -------------------------------------------------------------------------------


def test_a_rate_is_consents_of_the_latest_estimate():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    for _ in range(3):
        make_participation(activity)
    make_estimate(activity, 2016, 30)
    make_estimate(activity, 2016, 12)
    rate = activity_years(activity)[2016]
    assert (rate.share, rate.over, rate.unknown) == (0.25, False, 9)


def test_without_an_estimate_there_is_no_rate():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    make_participation(activity)
    rate = activity_years(activity)[2016]
    assert (rate.consented, rate.estimate, rate.share, rate.unknown, rate.complete) == (1, None, None, None, False)


def test_more_consents_than_the_estimate_is_flagged():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    make_participation(activity)
    make_participation(activity)
    make_estimate(activity, 2016, 1)
    rate = activity_years(activity)[2016]
    assert rate.over
    assert rate.share == 2


def test_an_estimate_of_nobody_with_a_consent_is_flagged_and_has_no_share():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    make_participation(activity)
    make_estimate(activity, 2016, 0)
    rate = activity_years(activity)[2016]
    assert rate.over
    assert rate.share is None


def test_years_after_this_one_have_no_rates():
    activity = make_activity(start=date(2016, 1, 5), end=date(2030, 12, 1))
    make_participation(activity)
    assert list(activity_years(activity, TODAY)) == [2016, 2017]


def test_a_participation_without_an_end_lasts_as_long_as_its_activity():
    activity = make_activity(start=date(2014, 1, 5), end=date(2015, 12, 1))
    make_participation(activity, start=date(2014, 1, 1), precision="year", decided_on=date(2014, 3, 3))
    make_participation(activity, start=date(2014, 2, 1), end=date(2014, 12, 31))
    assert {year: rate.consented for year, rate in activity_years(activity, TODAY).items()} == {2014: 2, 2015: 1}


def test_who_takes_part_twice_in_a_year_counts_once():
    activity = make_activity(start=date(2014, 1, 5), end=date(2015, 12, 1))
    identity = make_identity()
    make_participation(activity, identity, start=date(2014, 2, 1), end=date(2014, 3, 1))
    make_participation(activity, identity, start=date(2014, 9, 1))
    assert activity_years(activity, TODAY)[2014].consented == 1


def test_a_withdrawal_lowers_the_rate_and_stands_apart():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    make_participation(activity)
    leaving = make_participation(activity).participant
    make_estimate(activity, 2016, 4)
    withdraw(by=activity.responsible, participant=leaving, purpose=Purpose.objects.get(), withdrawn_on=date(2016, 5, 1))
    rate = activity_years(activity)[2016]
    assert (rate.consented, rate.withdrawn, rate.share) == (1, 1, 0.25)


def test_a_plan_counts_a_person_of_two_activities_once_against_both_estimates():
    plan = make_plan()
    identity = make_identity()
    for _ in range(2):
        activity = make_activity(plan, start=date(2016, 1, 5), end=date(2016, 12, 1))
        make_participation(activity, identity)
        make_estimate(activity, 2016, 5)
    rate = plan_rates([plan], [2016])[plan.pk, 2016]
    assert (rate.consented, rate.estimate, rate.complete) == (1, 10, True)


def test_an_incomplete_year_is_marked_and_its_rate_is_of_the_activities_with_an_estimate():
    plan = make_plan()
    estimated, other = (make_activity(plan, start=date(2016, 1, 5), end=date(2016, 12, 1)) for _ in range(2))
    make_participation(estimated)
    for _ in range(3):
        make_participation(other)
    make_estimate(estimated, 2016, 2)
    rate = plan_rates([plan], [2016])[plan.pk, 2016]
    assert (rate.consented, rate.covered, rate.estimate, rate.lacking, rate.share) == (4, 1, 2, 1, 0.5)
    assert not rate.over


def test_another_plan_changes_nothing():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    make_participation(activity)
    before = plan_rates([activity.plan], today=TODAY)
    elsewhere = make_activity(start=date(2016, 1, 5))
    make_participation(elsewhere)
    make_estimate(elsewhere, 2016, 9)
    assert plan_rates([activity.plan], today=TODAY) == before


def test_no_plans_have_no_rates():
    assert plan_rates([], today=TODAY) == {}
    assert together([]) == Rate()
