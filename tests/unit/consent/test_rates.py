"""Consent rates against a plain count over lists, and in the cases that matter to people."""

import random
import threading
import time
from collections import defaultdict
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import consent.rates
from accounts.permissions import Role
from collection.models import Activity, Participation
from consent.actions.count import count_without_consent
from consent.actions.withdraw import withdraw
from consent.masking import Figures, means_of, open_cells
from consent.models import Decision, Purpose, Tally
from consent.rates import Rate, activity_rates, activity_years, all_rates, together
from tests.factories.cast import (
    make_activity,
    make_estimate,
    make_identity,
    make_name_identity,
    make_participation,
    make_plan,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY = date(2017, 6, 15)


# --- The oracle ---------------------------------------------------------------------------------------


def stands(decisions: list[Decision], today: date) -> str:
    """How the last decision up to today leaves a person; a record of a lapse decides nothing."""
    known = [one for one in decisions if one.decided_on <= today and one.kind != "lapsed"]
    if not known:
        return "nowhere"
    latest = max(known, key=lambda one: (one.decided_on, one.pk))
    if latest.kind == "given" and latest.lapses_on and latest.lapses_on <= today:
        return "lapsed"
    return {"given": "given", "withdrawn": "withdrawn", "refused": "withdrawn"}[latest.kind]


def naive_rate(activity: Activity, year: int, today: date) -> Rate:
    """The definition, word by word, over lists."""
    decisions = defaultdict(list)
    for one in Decision.objects.all():
        decisions[one.participant_id].append(one)
    people = defaultdict(set)
    closing = activity.end or activity.plan.end
    for one in Participation.ungated.filter(activity=activity).select_related("participant"):
        last = one.end or min(closing, today)
        if one.start.year <= year <= min(last.year, today.year):
            standing = stands(decisions[one.participant_id], today)
            known = one.participant.identification if standing == "given" else ""
            people[standing, known].add(one.participant_id)
    tallies = defaultdict(int)
    for change in Tally.objects.filter(activity=activity, year=year):
        tallies[change.outcome] += change.change
    revisions = [one for one in activity.headcounts.all() if one.year == year]
    newest = max(revisions, key=lambda one: one.pk) if revisions else None
    ran = activity.start.year <= year <= min(closing, today).year
    linkable, named = len(people["given", "cpr"]), len(people["given", "name_address"])
    return Rate(
        linkable=linkable,
        named=named,
        withdrawn=len(people["withdrawn", ""]),
        lapsed=len(people["lapsed", ""]),
        refused=tallies["refused"],
        not_asked=tallies["not_asked"],
        not_reached=tallies["not_reached"],
        estimate=newest.estimate if newest else 0,
        estimated=1 if newest else 0,
        lacking=1 if ran and not newest else 0,
        old=0,  # all estimates are of the day on which the test runs, long after
        over=1 if newest and linkable + named > newest.estimate else 0,
    )


def random_day(source: random.Random, first: int, last: int) -> date:
    return date(source.randint(first, last), source.randint(1, 12), source.randint(1, 28))


def fill(source: random.Random, plan) -> None:
    """A few activities with people who come, come again, stay, leave, lapse and withdraw."""
    worker = make_user(Role.COORDINATOR, plan)
    activities = []
    for _ in range(source.randint(1, 3)):
        start = random_day(source, 2013, 2016)
        end = source.choice([None, max(start, random_day(source, 2014, 2018))])
        activities.append(make_activity(plan, responsible=worker, start=start, end=end))
    for _ in range(source.randint(3, 9)):
        child = source.random() < 0.3
        made = make_name_identity if source.random() < 0.3 else make_identity
        identity = made(born=random_day(source, 1998, 1999) if child else None)
        for activity in source.choices(activities, k=source.randint(1, 3)):
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


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 12))])
def test_rates_equal_a_plain_count(seed):
    source = random.Random(seed)
    for _ in range(2):
        fill(source, make_plan(end=random_day(source, 2016, 2018)))
    every = Activity.objects.all()
    found = activity_rates(every, today=TODAY)
    assert activity_rates(None, today=TODAY) == found  # counted in another way
    for activity in every:
        years = activity_years(activity, TODAY)
        for year in range(2012, 2020):
            expected = naive_rate(activity, year, TODAY) if year <= 2017 else Rate()
            assert found.get((activity.pk, year), Rate()) == expected, (seed, year)
            assert years.get(year, Rate()) == expected


# --- However many are registered ---------------------------------------------------------------------------


def test_the_participations_of_some_activities_are_asked_for_by_the_activities_ids():
    """A query in their place made PostgreSQL read the participations of all plans for the page of one."""
    activity = make_activity()
    make_participation(activity)
    with CaptureQueriesContext(connection) as queries:
        assert activity_rates(Activity.objects.filter(plan=activity.plan))
    (asked,) = [query["sql"] for query in queries if 'FROM "collection_participation"' in query["sql"]]
    assert "collection_activity" not in asked


@pytest.fixture
def counts(monkeypatch, settings):
    """How often all were counted; the second time, counting waits for `go_on`."""
    settings.RATES_KEPT_SECONDS = 60

    class Counts:
        made, begun, go_on = 0, threading.Event(), threading.Event()

        def __call__(self, activities, today):
            self.made += 1
            if self.made == 2:
                self.begun.set()
                assert self.go_on.wait(20)
            return {"count": self.made}

    counts = Counts()
    monkeypatch.setattr(consent.rates, "activity_rates", counts)
    monkeypatch.setattr(consent.rates, "_kept", None)
    return counts


def test_one_thread_counts_all_plans_and_the_others_show_the_counts_before(counts, monkeypatch):
    assert all_rates() == all_rates() == {"count": 1}
    monkeypatch.setattr(consent.rates, "_kept", consent.rates._kept._replace(counted=-1000))
    second = threading.Thread(target=all_rates)
    second.start()
    assert counts.begun.wait(20)
    assert all_rates() == {"count": 1}  # does not wait, and does not count
    counts.go_on.set()
    second.join()
    assert all_rates() == {"count": 2}
    assert counts.made == 2


def test_counts_that_took_seconds_are_kept_as_many_minutes(counts):
    all_rates()
    kept = consent.rates._kept._replace(counted=time.monotonic() - 100)
    assert [kept._replace(took=seconds).is_fresh for seconds in (0.3, 1, 2)] == [False, False, True]


def test_counts_of_yesterday_are_counted_anew(counts, monkeypatch):
    all_rates()
    counts.go_on.set()
    monkeypatch.setattr(consent.rates, "_kept", consent.rates._kept._replace(day=date(2017, 1, 1)))
    assert all_rates() == {"count": 2}


# --- What people look for -------------------------------------------------------------------------------


def share(rates) -> float | None:
    """As it is shown to who has access."""
    figure = Figures(list(open_cells(dict(enumerate(rates))).values()), means_of([])).share
    return figure and figure.value


def test_a_rate_is_consents_of_the_latest_estimate():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    for _ in range(3):
        make_participation(activity)
    make_estimate(activity, 2016, 30)
    make_estimate(activity, 2016, 12)
    rate = activity_years(activity)[2016]
    assert (share([rate]), rate.over) == (0.25, 0)


def test_without_an_estimate_there_is_no_rate():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    make_participation(activity)
    rate = activity_years(activity)[2016]
    assert (rate.consented, rate.estimated, share([rate]), rate.lacking) == (1, 0, None, 1)


def test_more_consents_than_the_estimate_is_flagged():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    make_participation(activity)
    make_participation(activity)
    make_estimate(activity, 2016, 1)
    rate = activity_years(activity)[2016]
    assert (rate.over, share([rate])) == (1, 2)


def test_an_estimate_of_nobody_with_a_consent_is_flagged_and_has_no_share():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    make_participation(activity)
    make_estimate(activity, 2016, 0)
    rate = activity_years(activity)[2016]
    assert (rate.over, share([rate])) == (1, None)


def test_an_estimate_from_early_in_the_year_is_marked_as_old():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    estimate = make_estimate(activity, 2016, 12)
    assert activity_years(activity)[2016].old == 0
    type(estimate).objects.filter(pk=estimate.pk).update(made_at="2016-02-01T12:00Z")
    assert activity_years(activity)[2016].old == 1


def test_years_after_this_one_have_no_rates():
    activity = make_activity(start=date(2016, 1, 5), end=date(2030, 12, 1))
    make_participation(activity)
    assert list(activity_years(activity, TODAY)) == [2016, 2017]


def test_an_activity_without_an_end_runs_until_its_plan_ends():
    activity = make_activity(make_plan(end=date(2016, 6, 30)), start=date(2014, 1, 5))
    make_participation(activity, start=date(2015, 2, 1))
    assert {year: rate.consented for year, rate in activity_years(activity, TODAY).items()} == {
        2014: 0,
        2015: 1,
        2016: 1,
    }


def test_a_participation_without_an_end_lasts_as_long_as_its_activity():
    activity = make_activity(start=date(2014, 1, 5), end=date(2015, 12, 1))
    make_participation(activity, start=date(2014, 1, 1), precision="year", decided_on=date(2014, 3, 3))
    make_participation(activity, start=date(2014, 2, 1), end=date(2014, 12, 31))
    assert {year: rate.consented for year, rate in activity_years(activity, TODAY).items()} == {2014: 2, 2015: 1}


def test_who_takes_part_twice_in_a_year_counts_once():
    activity = make_activity(start=date(2014, 1, 5), end=date(2015, 12, 1))
    for identity in (make_identity(), make_name_identity()):
        make_participation(activity, identity, start=date(2014, 2, 1), end=date(2014, 3, 1))
        make_participation(activity, identity, start=date(2014, 9, 1))
    for rate in (activity_years(activity, TODAY)[2014], activity_rates(None, today=TODAY)[activity.pk, 2014]):
        assert (rate.linkable, rate.named) == (1, 1)


def test_a_withdrawal_lowers_the_rate_and_stands_apart():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    make_participation(activity)
    leaving = make_participation(activity).participant
    make_estimate(activity, 2016, 4)
    withdraw(by=activity.responsible, participant=leaving, purpose=Purpose.objects.get(), withdrawn_on=date(2016, 5, 1))
    rate = activity_years(activity)[2016]
    assert (rate.consented, rate.withdrawn, rate.asked, share([rate])) == (1, 1, 2, 0.25)


def test_somebody_in_two_activities_is_in_both_numerators_as_in_both_estimates():
    plan, identity = make_plan(), make_identity()
    for _ in range(2):
        activity = make_activity(plan, start=date(2016, 1, 5), end=date(2016, 12, 1))
        make_participation(activity, identity)
        make_estimate(activity, 2016, 5)
    rates = list(activity_rates(Activity.objects.filter(plan=plan)).values())
    whole = together(rates)
    assert (whole.consented, whole.estimate, share(rates)) == (2, 10, 0.2)


def test_the_rate_of_an_incomplete_year_is_of_the_activities_with_an_estimate():
    plan = make_plan()
    estimated, other = (make_activity(plan, start=date(2016, 1, 5), end=date(2016, 12, 1)) for _ in range(2))
    make_participation(estimated)
    for _ in range(3):
        make_participation(other)
    make_estimate(estimated, 2016, 2)
    rates = list(activity_rates(Activity.objects.filter(plan=plan)).values())
    whole = together(rates)
    assert (whole.consented, whole.estimate, whole.lacking, whole.over, share(rates)) == (4, 2, 1, 0, 0.5)


def test_another_plan_changes_nothing():
    activity = make_activity(start=date(2016, 1, 5), end=date(2016, 12, 1))
    make_participation(activity, make_name_identity())
    own = Activity.objects.filter(plan=activity.plan)
    before = activity_rates(own, today=TODAY)
    elsewhere = make_activity(start=date(2016, 1, 5))
    make_participation(elsewhere)
    make_estimate(elsewhere, 2016, 9)
    assert activity_rates(own, today=TODAY) == before


def test_no_activities_have_no_rates():
    assert activity_rates(Activity.objects.none(), today=TODAY) == {}
    assert together([]) == Rate()
