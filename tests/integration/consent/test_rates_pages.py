"""The pages of consent rates: who sees what, what is marked, what is masked, and the files."""

import io
import re
from datetime import date

import pandas
import pytest
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from consent.actions.count import count_without_consent
from consent.models import Outcome
from tests.factories.cast import (
    make_activity,
    make_estimate,
    make_name_identity,
    make_participation,
    make_plan,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
RATES, TREND = reverse("consent:rates"), reverse("consent:trend")


@pytest.fixture
def plan():
    return make_plan("Helhedsplan Solbakken")


def ran_in_2016(plan, **fields):
    return make_activity(plan, start=date(2016, 1, 5), end=date(2016, 12, 1), **fields)


def with_consents(activity, count: int):
    for _ in range(count):
        make_participation(activity)
    return activity


def refused(activity, count: int, year: int = 2016) -> None:
    count_without_consent(by=activity.responsible, activity=activity, year=year, outcome=Outcome.REFUSED, change=count)


def page_of(plan) -> str:
    return reverse("consent:rates_plan", args=[plan.pk])


def trend_of(plan) -> str:
    return reverse("consent:trend_plan", args=[plan.pk])


def rows(response) -> dict:
    return {line.name: line.figures for line in response.context["page"]}


def shares(response) -> dict:
    return {name: figures and figures.share and figures.share.value for name, figures in rows(response).items()}


def table(response) -> pandas.DataFrame:
    """The file as a spreadsheet in Danish reads it."""
    text = response.content.decode("utf-8")
    assert text.startswith("\ufeff")
    return pandas.read_csv(io.StringIO(text[1:]), sep=";", decimal=",")


# --- Who sees what --------------------------------------------------------------------------------------


def test_a_coordinator_of_one_plan_comes_straight_to_it(client, plan):
    make_plan()
    client.force_login(make_user(Role.COORDINATOR, plan))
    assert client.get(RATES).url == page_of(plan)
    assert client.get(TREND).url == trend_of(plan)


def test_a_coordinator_of_two_plans_sees_those_two(client, plan):
    other = make_plan("Helhedsplan Aaparken")
    strange = make_plan("Helhedsplan Fremmed")
    for place in (plan, other, strange):
        make_estimate(with_consents(ran_in_2016(place), 1), 2016, 4)
    client.force_login(make_user(Role.COORDINATOR, [plan, other]))
    assert list(rows(client.get(RATES))) == ["Helhedsplan Aaparken", "Helhedsplan Solbakken"]
    assert "Fremmed" not in client.get(TREND).content.decode()
    assert client.get(page_of(strange)).status_code == 404
    assert client.get(trend_of(strange), {"format": "csv"}).status_code == 404


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.STAFF])
def test_evaluators_and_staff_see_no_rates(client, plan, role):
    client.force_login(make_user(role, plan))
    for address in (RATES, TREND, page_of(plan), trend_of(plan)):
        assert client.get(address).status_code == 403


def test_the_controller_sees_all_plans_searches_and_sorts_them(client, plan):
    other = make_plan("Helhedsplan Aaparken")
    for place, consents in ((plan, 5), (other, 15)):
        make_estimate(with_consents(ran_in_2016(place), consents), 2016, 20)
    make_plan("Helhedsplan Uden")
    client.force_login(make_user(Role.CONTROLLER))
    assert shares(client.get(RATES)) == {
        "Helhedsplan Aaparken": 0.75,
        "Helhedsplan Solbakken": 0.25,
        "Helhedsplan Uden": None,
    }
    lowest = rows(client.get(RATES, {"order": "rate", "year": "2016"}))
    assert list(lowest) == ["Helhedsplan Solbakken", "Helhedsplan Aaparken", "Helhedsplan Uden"]
    assert list(rows(client.get(RATES, {"q": "sol"}))) == ["Helhedsplan Solbakken"]
    assert client.get(RATES).context["total"].share.value == 0.5


# --- Breakdowns and years -------------------------------------------------------------------------------


def test_rates_are_shown_by_plan_type_and_activity_in_a_year_and_in_all(client, plan):
    other = make_plan("Helhedsplan Aaparken")
    mothers = make_activity(plan, type="mothers_groups", name="Mødre", start=date(2015, 1, 5), end=date(2016, 12, 1))
    make_estimate(mothers, 2015, 10)
    make_estimate(mothers, 2016, 4)
    make_participation(mothers, start=date(2015, 2, 1))  # in both years
    make_estimate(with_consents(ran_in_2016(other, type="mothers_groups", name="Flere mødre"), 3), 2016, 4)
    client.force_login(make_user(Role.COORDINATOR, [plan, other]))
    assert shares(client.get(RATES)) == {"Helhedsplan Aaparken": 0.75, "Helhedsplan Solbakken": 0.25}
    assert shares(client.get(RATES, {"by": "type"})) == {str(mothers.type): 0.5}
    assert shares(client.get(RATES, {"by": "activity"})) == {"Flere mødre": 0.75, "Mødre": 0.25}
    assert shares(client.get(RATES, {"by": "activity", "year": "2015"})) == {"Mødre": 0.1}
    everything = client.get(RATES, {"year": "alle"})
    assert shares(everything) == {"Helhedsplan Aaparken": 0.75, "Helhedsplan Solbakken": pytest.approx(2 / 14)}
    assert [(year, figures.share.value) for year, figures in client.get(TREND).context["whole"]] == [
        (2015, 0.1),
        (2016, 0.5),
    ]


def test_the_latest_year_with_an_estimate_is_shown_first(client, plan):
    activity = make_activity(plan, start=date(2014, 1, 5))
    make_estimate(activity, 2015, 4)
    client.force_login(make_user(Role.COORDINATOR, plan))
    assert client.get(page_of(plan)).context["year"] == 2015
    for wrong in ("1999", "x", "2090", ""):
        assert client.get(page_of(plan), {"year": wrong}).context["year"] == 2015
    assert client.get(page_of(plan), {"year": "2014"}).context["year"] == 2014


def test_the_funnel_goes_from_the_estimate_to_those_who_can_be_linked(client, plan):
    activity = with_consents(ran_in_2016(plan), 3)
    make_participation(activity, make_name_identity())
    refused(activity, 2)
    make_estimate(activity, 2016, 12)
    client.force_login(make_user(Role.COORDINATOR, plan))
    response = client.get(page_of(plan))
    assert [step.figure.value for step in response.context["steps"]] == [12, 6, 4, 3]
    assert [step.share for step in response.context["steps"]] == [None, 0.5, pytest.approx(2 / 3), 0.75]
    assert "Kan måske kobles (navn og adresse)" in response.content.decode()


def test_members_see_how_many_consents_were_valid_month_by_month(client, plan):
    activity = ran_in_2016(plan)
    for day in (date(2016, 1, 10), date(2016, 3, 10), date(2016, 3, 20)):
        make_participation(activity, decided_on=day)
    make_estimate(activity, 2016, 5)
    client.force_login(make_user(Role.COORDINATOR, plan))
    months = client.get(page_of(plan), {"year": "2016"}).context["months"]
    assert [count for _, count in months] == [1, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]
    assert client.get(page_of(plan), {"year": "alle"}).context["months"][0] == ("2016", 3)
    client.force_login(make_user(Role.CONTROLLER))
    assert not client.get(page_of(plan), {"year": "2016"}).context["months"]


def test_small_charts_draw_the_numbers_of_the_table_and_say_them(client, plan):
    mothers = make_activity(plan, name="Mødre", start=date(2015, 1, 5), end=date(2016, 12, 1))
    make_estimate(mothers, 2015, 3)
    make_estimate(mothers, 2016, 1)
    make_participation(mothers, start=date(2015, 2, 1))
    client.force_login(make_user(Role.COORDINATOR, plan))
    text = client.get(trend_of(plan)).content.decode()
    assert 'aria-label="Mødre. 2015: 33\xa0%, 2016: 100\xa0%"' in text
    assert 'data-label="2015"><span>33\xa0%</span>' in text
    assert "style=" not in text


# --- Marks ----------------------------------------------------------------------------------------------


def test_a_missing_old_or_low_estimate_is_marked_with_the_way_to_mend_it(client, plan):
    missing = with_consents(ran_in_2016(plan, name="Uden skøn"), 1)
    low = with_consents(ran_in_2016(plan, name="Lavt skøn"), 2)
    make_estimate(low, 2016, 1)
    old = ran_in_2016(plan, name="Gammelt skøn")
    estimate = make_estimate(old, 2016, 5)
    type(estimate).objects.filter(pk=estimate.pk).update(made_at="2016-02-01T12:00Z")
    fine = ran_in_2016(plan, name="I orden")
    make_estimate(fine, 2016, 5)
    client.force_login(make_user(Role.COORDINATOR, plan))
    response = client.get(page_of(plan), {"order": "marks"})
    marks = {
        line.name: (line.figures.lacking, line.figures.over, line.figures.old) for line in response.context["page"]
    }
    assert marks == {"Uden skøn": (1, 0, 0), "Lavt skøn": (0, 1, 0), "Gammelt skøn": (0, 0, 1), "I orden": (0, 0, 0)}
    assert list(marks)[-1] == "I orden"
    text = response.content.decode()
    for activity, linked in ((missing, True), (low, True), (old, True), (fine, False)):
        assert (f"{reverse('collection:headcounts', args=[activity.pk])}?year=2016" in text) == linked
    for words in ("1 skøn mangler.", "1 skøn er lavere end antallet med samtykke.", "1 skøn er gammelt."):
        assert words in text
    client.force_login(make_user(Role.CONTROLLER))
    assert reverse("collection:headcounts", args=[low.pk]) not in client.get(page_of(plan)).content.decode()


def test_no_estimate_is_said_instead_of_a_rate(client, plan):
    make_participation(ran_in_2016(plan))
    client.force_login(make_user(Role.COORDINATOR, plan))
    text = client.get(page_of(plan), {"year": "2016"}).content.decode()
    table_of_rates = text[text.index("table-rates") :]
    assert "intet skøn" in table_of_rates
    assert "bar-share" not in table_of_rates


# --- Masking --------------------------------------------------------------------------------------------


def test_the_controller_is_told_no_count_below_five_and_the_coordinator_all(client, plan):
    activity = with_consents(ran_in_2016(plan, name="Mødregruppe"), 3)
    refused(activity, 2)
    make_estimate(activity, 2016, 12)
    client.force_login(make_user(Role.CONTROLLER))
    text = client.get(page_of(plan)).content.decode()
    assert "under 5" in text
    assert "Du har ikke adgang til planerne" in text
    figures = rows(client.get(page_of(plan)))["Mødregruppe"]
    assert all(figure.under for figure in (figures.consented, figures.refused, figures.share))
    assert figures.estimate.value == 10
    client.force_login(make_user(Role.COORDINATOR, plan))
    figures = rows(client.get(page_of(plan)))["Mødregruppe"]
    assert (figures.consented.value, figures.refused.value, figures.share.value) == (3, 2, 0.25)
    assert "under 5" not in client.get(page_of(plan)).content.decode().split("Sådan er tallene gjort op")[0]


def told_to_the_controller(client, plans) -> list[str]:
    """Every page and file, without what differs from one answer to the next."""
    addresses = [RATES, TREND, *map(page_of, plans), *map(trend_of, plans)]
    queries = [
        {"by": by, "year": year, "order": order}
        for by in ("plan", "type", "activity")
        for year in ("2015", "2016", "alle")
        for order in ("", "rate", "marks")
    ]
    told = []
    for address in addresses:
        for query in queries:
            text = client.get(address, query).content.decode()
            told.append(re.sub(r"\s+", " ", text[text.index("<main") : text.index("</main>")]))
            told.append(client.get(address, {**query, "format": "csv"}).content.decode())
        told.append(client.get(address, {"format": "csv", "table": "years"}).content.decode())
    return told


@pytest.mark.one_database
@pytest.mark.slow  # every page and file, for each count that is to stay hidden
def test_no_page_and_no_file_changes_with_a_hidden_count(client, plan):
    """So nothing that is told, put together or subtracted, can give a hidden count away."""
    other = make_plan("Helhedsplan Aaparken")
    mothers = with_consents(ran_in_2016(plan, type="mothers_groups", name="Mødre"), 6)
    fathers = with_consents(ran_in_2016(plan, name="Fædre"), 2)
    others = with_consents(ran_in_2016(other, name="Andre"), 1)
    for activity, estimate in ((mothers, 20), (fathers, 8), (others, 9)):
        make_estimate(activity, 2016, estimate)
    refused(mothers, 1)
    refused(others, 7)
    controller = make_user(Role.CONTROLLER)
    client.force_login(controller)
    before = told_to_the_controller(client, [plan, other])
    refused(mothers, 2)  # 1 -> 3
    make_participation(fathers)  # 2 -> 3
    make_participation(others)  # 1 -> 2
    after = told_to_the_controller(client, [plan, other])
    assert before == after
    refused(mothers, 2)  # 3 -> 5: told
    assert told_to_the_controller(client, [plan, other]) != before


# --- Files ----------------------------------------------------------------------------------------------


def test_the_file_opens_in_a_danish_spreadsheet_and_runs_no_formula(client, plan):
    activity = ran_in_2016(plan, name="=HYPERLINK(1)")
    make_estimate(activity, 2016, 3)
    make_participation(activity)
    coordinator = make_user(Role.COORDINATOR, plan)
    client.force_login(coordinator)
    response = client.get(page_of(plan), {"format": "csv", "year": "2016"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    (row,) = table(response).to_dict("records")
    assert row == {
        "Aktivitet": "'=HYPERLINK(1)",
        "Helhedsplan": "Helhedsplan Solbakken",
        "År": 2016,
        "Andel med samtykke i procent": 33.3,
        "Deltagere i alt (skøn)": 3,
        "Spurgt": 1,
        "Samtykke gælder i dag": 1,
        "Kan kobles": 1,
        "Kan måske kobles": 0,
        "Trukket tilbage": 0,
        "Udløbet": 0,
        "Sagde nej": 0,
        "Ikke spurgt": 0,
        "Ikke truffet": 0,
        "Skøn, der mangler": 0,
        "Gamle skøn": 0,
        "For lave skøn": 0,
    }
    taken = Event.objects.get(action="rates.taken")
    assert (taken.actor, taken.plan) == (str(coordinator.pk), str(plan.pk))


def test_the_files_of_the_years_have_a_row_for_each_year(client, plan):
    activity = make_activity(plan, type="mothers_groups", start=date(2015, 1, 5), end=date(2016, 12, 1))
    make_estimate(activity, 2015, 10)
    make_estimate(activity, 2016, 4)
    make_participation(activity, start=date(2015, 2, 1))
    client.force_login(make_user(Role.COORDINATOR, plan))
    whole = table(client.get(trend_of(plan), {"format": "csv", "table": "years"}))
    assert list(whole["År"]) == [2015, 2016]
    assert list(whole["Andel med samtykke i procent"]) == [10.0, 25.0]
    by_type = table(client.get(trend_of(plan), {"format": "csv", "by": "type"}))
    assert list(by_type["Aktivitetstype"]) == [str(activity.type)] * 2


# --- Size -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 30])
def test_the_pages_of_all_plans_take_few_queries_whatever_their_size(client, size, django_assert_max_num_queries):
    for _ in range(size):
        make_estimate(with_consents(ran_in_2016(make_plan()), 1), 2016, 4)
    client.force_login(make_user(Role.CONTROLLER))
    for address in (RATES, TREND):
        for by in ("plan", "type", "activity"):
            with django_assert_max_num_queries(15):
                client.get(address, {"by": by})


@pytest.mark.parametrize("size", [1, 30])
def test_the_pages_of_a_plan_take_few_queries_whatever_its_size(client, plan, size, django_assert_max_num_queries):
    coordinator = make_user(Role.COORDINATOR, plan)
    for _ in range(size):
        activity = make_activity(plan, responsible=coordinator)
        participation = make_participation(activity)
        make_participation(activity, start=date(2014, 5, 1), add_to_registered=True)
        make_estimate(participation.activity, 2014, 4)
    client.force_login(coordinator)
    for address in (page_of(plan), trend_of(plan)):
        with django_assert_max_num_queries(15):
            client.get(address)


def test_pages_without_anything_say_what_will_come(client, plan):
    client.force_login(make_user(Role.COORDINATOR, plan))
    assert "Når den første aktivitet er begyndt" in client.get(page_of(plan)).content.decode()
    assert "Der er ingen skøn endnu" in client.get(trend_of(plan)).content.decode()
    make_plan()
    client.force_login(make_user(Role.CONTROLLER))
    assert "Der er ingen tal endnu" in client.get(RATES).content.decode()


def test_what_all_plans_say_is_counted_once_a_minute_and_what_ones_own_plan_says_always(
    client, plan, settings, monkeypatch
):
    """The controller turns from page to page over all plans; a coordinator must see what was registered just now."""
    monkeypatch.setattr("consent.rates._kept", None)
    settings.RATES_KEPT_SECONDS = 60
    make_plan("Helhedsplan Engen")
    activity = with_consents(ran_in_2016(plan), 20)
    make_estimate(activity, 2016, 40)
    controller, coordinator = make_user(Role.CONTROLLER), make_user(Role.COORDINATOR, plan)

    def consented(user, address: str) -> float:
        client.force_login(user)
        return client.get(address, {"year": 2016}).context["whole"].consented.value

    assert consented(controller, RATES) == consented(coordinator, page_of(plan)) == 20
    with_consents(activity, 10)
    assert consented(controller, RATES) == 20
    assert consented(coordinator, page_of(plan)) == 30
    settings.RATES_KEPT_SECONDS = 0
    assert consented(controller, RATES) == 30
