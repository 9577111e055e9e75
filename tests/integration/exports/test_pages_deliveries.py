"""A delivery's page in each state, and the decision of another."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.permissions import Role
from exports.approvals import shown
from exports.models import Delivery, Job, Reader, RegisterExtract, State, WorkerSign
from tests.factories.cast import cpr_text, make_user
from tests.factories.deliveries import fetch, make_project
from tests.factories.delivery_states import HASH, delivery_in, report
from tests.factories.groups import group_report

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
EVALUATOR, CONTROLLER = Role.EVALUATOR, Role.CONTROLLER


class Scene:
    def __init__(self):
        self.evaluator, self.colleague = make_user(EVALUATOR), make_user(EVALUATOR)
        self.controller, self.second = make_user(CONTROLLER), make_user(CONTROLLER)
        self.project = make_project(self.evaluator, self.colleague, by=self.controller)

    def delivery(self, state, **options) -> Delivery:
        return delivery_in(state, self.project, **{"by": self.evaluator, "decider": self.controller} | options)


@pytest.fixture
def scene():
    return Scene()


def text_of(answer) -> str:
    content = re.sub(r"(?s)<head>.*?</head>|<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", content)


def show(client, user, delivery, name="delivery", **options):
    client.force_login(user)
    return client.get(reverse(f"exports:{name}", args=[delivery.pk]), **options)


def send(client, user, delivery, name, data=None, *more, **options):
    client.force_login(user)
    return client.post(reverse(f"exports:{name}", args=[delivery.pk, *more]), data or {}, **options)


# --- The page -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state, sentence",
    [
        (State.REQUESTED, "Data samles og fastlåses nu"),
        (State.PREPARED, "der ikke selv har bestilt, tage stilling"),
        (State.APPROVED, "Filerne dannes nu"),
        (State.REJECTED, "Kommunen er ikke godkendt."),
        (State.BUILT, "De kan hentes til og med"),
        (State.FETCHED, "Alle arkiver er hentet"),
        (State.EXPIRED, "filerne er slettet"),
        (State.CANCELLED, "Bestillingen er annulleret"),
        (State.FAILED, "Ingen deltagere med gyldigt samtykke"),
    ],
)
def test_each_state_says_how_it_stands_in_words(client, scene, state, sentence):
    delivery = scene.delivery(state)
    told = text_of(show(client, scene.evaluator, delivery))
    assert str(state.label) in told
    assert sentence in told


# who: the requester, another evaluator of the project, a controller who didn't ask
ACTIONS = {
    State.REQUESTED: ({"cancel"}, set(), set()),
    State.PREPARED: ({"cancel"}, set(), {"decide"}),
    State.APPROVED: ({"cancel"}, set(), set()),
    State.REJECTED: (set(), set(), set()),
    State.BUILT: ({"evaluator"}, {"evaluator"}, {"officer"}),
    State.FETCHED: ({"evaluator"}, {"evaluator"}, {"officer"}),
    State.EXPIRED: (set(), set(), set()),
    State.CANCELLED: (set(), set(), set()),
    State.FAILED: ({"cancel", "retry"}, {"retry"}, {"retry"}),
}


@pytest.mark.parametrize("state", ACTIONS)
def test_the_page_offers_what_one_may_do_and_nothing_else(client, scene, state):
    delivery = scene.delivery(state)
    addresses = {
        **{name: reverse(f"exports:{name}", args=[delivery.pk]) for name in ("cancel", "retry", "decide")},
        **{reader: reverse("exports:fetch", args=[delivery.pk, reader]) for reader in Reader.values},
    }
    for user, offered in zip((scene.evaluator, scene.colleague, scene.second), ACTIONS[state], strict=True):
        page = show(client, user, delivery).content.decode()
        assert {name for name, address in addresses.items() if address in page} == offered


def test_counts_findings_and_variables_are_on_the_page(client, scene):
    findings = [["warn", "data.csv", "few_persons", ""], ["block", "data.csv", "undocumented_code", "ROLLE"]]
    delivery = scene.delivery(State.PREPARED, findings=findings)
    told = text_of(show(client, scene.evaluator, delivery))
    for expected in (
        "4.213",
        "5.177",
        "&lt;5",
        "Har trukket samtykket tilbage",
        "data.csv",
        "Filen har færre",
        "ROLLE: Der",
    ):
        assert expected in told
    assert "Aldersgruppe ved udgangen af startåret" in told


@pytest.mark.parametrize("reported", [{}, {"persons": None}, {"persons": 1, "left_out": {}, "flow": [], "table": {}}])
def test_a_report_without_some_of_its_parts_is_shown_all_the_same(client, scene, reported):
    delivery = scene.delivery(State.PREPARED)
    Delivery.objects.update(report=reported)
    assert show(client, scene.evaluator, delivery).status_code == 200
    assert show(client, scene.controller, delivery, "decide").status_code == 200


def test_a_comparison_group_shows_its_rule_list_flow_and_table(client, scene):
    extract = RegisterExtract.objects.create(
        name="Beboere 2016", loaded_by=scene.controller, delete_on=date.today(), years=[2016], state="ready"
    )
    rule = {"activity_types": ["familieindsats"], "first_year": 2014, "last_year": 2016, "comparison_year": 2016}
    delivery = scene.delivery(
        State.PREPARED,
        kind=Delivery.Kind.COMPARISON,
        definition={"definition": rule, "extract": str(extract.pk)},
        **group_report(),
    )
    for user, name in ((scene.evaluator, "delivery"), (scene.controller, "decide")):
        told = text_of(show(client, user, delivery, name))
        for expected in (
            *("familier med et barn på 0-6 år", "Beboere 2016", "Familier i områderne", "221.564"),
            *("familier.csv 2.343", "personer.csv 4.686", "Intern"),
            *("Enlig 26 (29,2 %) 647 (28,7 %)", "χ² = 0,01; p = 0,917"),
            *("Ikke-vestlig 67 (75,3 %) 1.428 (63,4 %)", "χ² = 5,27; p = 0,022"),
            *("Deltagere uden samtykke, der kan være i sammenligningsgruppen", "Familier Deltagere 89 0"),
        ):
            assert expected in told.replace("\N{NO-BREAK SPACE}", " "), expected
    RegisterExtract.objects.all().delete()
    assert "findes ikke længere" in text_of(show(client, scene.evaluator, delivery))


def test_the_history_names_who_did_what(client, scene):
    delivery = scene.delivery(State.BUILT)
    fetch(client, scene.evaluator, delivery, Reader.EVALUATOR)
    history = show(client, scene.evaluator, delivery).context["history"]
    assert [(str(event["what"]), str(event["who"])) for event in history] == [
        ("Bestilte leverancen", scene.evaluator.full_name),
        ("Samlede og fastlåste leverancens data", "Systemet"),
        ("Godkendte leverancen", scene.controller.full_name),
        ("Dannede og forseglede leverancens filer", "Systemet"),
        ("Fik et link til leverancens filer, der virker én gang", scene.evaluator.full_name),
        ("Hentede leverancens filer", scene.evaluator.full_name),
    ]


@pytest.mark.parametrize("name", ["delivery", "decide", "deliveries"])
def test_pages_take_few_queries_whatever_their_size(client, scene, django_assert_max_num_queries, name):
    for _ in range(4):
        delivery = scene.delivery(State.PREPARED)
        scene.delivery(State.BUILT)
    client.force_login(scene.controller)
    address = reverse(f"exports:{name}", args=[] if name == "deliveries" else [delivery.pk])
    client.get(address)  # brings what waits up to date: once
    with django_assert_max_num_queries(15):
        client.get(address)


def test_what_waits_for_a_decision_comes_first_for_who_decides(client, scene):
    waiting, own = scene.delivery(State.PREPARED), scene.delivery(State.PREPARED, by=scene.controller)
    built = scene.delivery(State.BUILT)
    client.force_login(scene.controller)
    context = client.get(reverse("exports:deliveries")).context
    assert [(row["delivery"], row["may_decide"]) for row in context["waiting"]] == [(waiting, True), (own, False)]
    assert [row["delivery"] for row in context["rows"]] == [built]
    client.force_login(scene.evaluator)
    context = client.get(reverse("exports:deliveries")).context
    assert not context["waiting"]
    assert {row["delivery"] for row in context["rows"]} == {waiting, own, built}


# --- Progress -------------------------------------------------------------------------------------------

HTMX = {"HTTP_HX_REQUEST": "true"}


def test_a_queued_job_says_that_it_is_kept_when_no_worker_is_there(client, scene):
    delivery = scene.delivery(State.REQUESTED)
    told = text_of(show(client, scene.evaluator, delivery))
    assert "er gemt og venter. Den tjeneste, der udfører arbejdet, svarer ikke lige nu" in told
    WorkerSign.objects.create(seen_at=datetime.now(UTC))
    assert "venter på, at det bliver dens tur" in text_of(show(client, scene.evaluator, delivery))
    WorkerSign.objects.update(seen_at=datetime.now(UTC) - timedelta(minutes=2))
    assert "svarer ikke lige nu" in text_of(show(client, scene.evaluator, delivery))


def running(delivery, **fields):
    lease = datetime.now(UTC) + timedelta(seconds=30)
    delivery.jobs.update(**{"state": Job.State.RUNNING, "claim": uuid4(), "lease_until": lease} | fields)


def test_a_running_job_tells_its_step_in_words_and_how_far_it_is(client, scene):
    delivery = scene.delivery(State.REQUESTED)
    running(delivery, step="rows", done=1250, total=5000)
    part = show(client, scene.evaluator, delivery, "progress", **HTMX).content.decode()
    assert "Samler oplysninger om deltagernes forløb: 1.250 af 5.000" in part
    assert 'value="250"' in part
    assert "<html" not in part
    running(delivery, lease_until=datetime.now(UTC) - timedelta(seconds=1))
    part = show(client, scene.evaluator, delivery, "progress", **HTMX).content.decode()
    assert "Det begynder forfra af sig selv" in part


def test_every_step_that_a_job_can_be_in_has_words(client, scene):
    from pathlib import Path

    from exports import wording
    from exports.comparison.runner.stages import DESCRIPTION, SELECTION
    from exports.comparison_drawing import DRAW

    source = "".join(path.read_text() for path in Path("exports").glob("*_d*.py"))
    steps = set(re.findall(r'progress\.step\(\s*"(\w+)"', source))
    codes = set(re.findall(r'JobFailed\("(\w+)"\)', source + Path("exports/jobs.py").read_text()))
    assert {"persons", "rows", "residents", "match"} <= steps
    steps |= {DRAW + path.rpartition("/")[2] for path in (*SELECTION, *DESCRIPTION)}
    assert "nobody" in codes
    assert steps <= set(wording.STEPS)
    assert codes <= set(wording.FAILURES)


def test_a_finished_job_has_the_page_loaded_afresh(client, scene):
    delivery = scene.delivery(State.PREPARED)
    answer = show(client, scene.evaluator, delivery, "progress", **HTMX)
    assert answer["HX-Refresh"] == "true"
    assert show(client, scene.evaluator, delivery, "progress").url == reverse("exports:delivery", args=[delivery.pk])


def test_without_scripts_a_page_with_a_job_reloads_itself(client, scene):
    refresh = '<noscript><meta http-equiv="refresh"'
    assert refresh in show(client, scene.evaluator, scene.delivery(State.REQUESTED)).content.decode()
    assert refresh not in show(client, scene.evaluator, scene.delivery(State.PREPARED)).content.decode()


# --- Cancelling and trying again ------------------------------------------------------------------------


def test_only_who_asked_cancels_and_after_being_asked_once(client, scene):
    delivery = scene.delivery(State.PREPARED)
    for user in (scene.colleague, scene.controller):
        assert send(client, user, delivery, "cancel").status_code == 403
        assert show(client, user, delivery, "cancel").status_code == 403
    assert show(client, scene.evaluator, delivery, "cancel").status_code == 200
    delivery.refresh_from_db()
    assert delivery.state == State.PREPARED
    send(client, scene.evaluator, delivery, "cancel")
    delivery.refresh_from_db()
    assert delivery.state == State.CANCELLED


def test_what_is_built_cannot_be_cancelled(client, scene):
    delivery = scene.delivery(State.BUILT)
    answer = send(client, scene.evaluator, delivery, "cancel", follow=True)
    assert "kommet videre imens" in text_of(answer)
    delivery.refresh_from_db()
    assert delivery.state == State.BUILT


def test_a_failed_delivery_is_tried_again_by_anybody_who_may_ask(client, scene):
    delivery = scene.delivery(State.FAILED)
    send(client, scene.colleague, delivery, "retry")
    delivery.refresh_from_db()
    assert delivery.state == State.REQUESTED
    assert delivery.jobs.filter(state=Job.State.QUEUED).count() == 1
    assert "kommet videre imens" in text_of(send(client, scene.colleague, delivery, "retry", follow=True))


# --- The decision ---------------------------------------------------------------------------------------


def answer(delivery, **changes) -> dict:
    return {"shown": shown(delivery), "decision": "yes", "reason": "Som aftalt."} | changes


def test_another_than_the_requester_approves(client, scene):
    delivery = scene.delivery(State.PREPARED)
    assert show(client, scene.controller, delivery, "decide").status_code == 200
    send(client, scene.controller, delivery, "decide", answer(delivery))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.decided_by, delivery.decided_hash) == (State.APPROVED, scene.controller, HASH)


def test_ones_own_request_cannot_be_decided_and_the_page_says_why(client, scene):
    delivery = scene.delivery(State.PREPARED, by=scene.controller)
    for decision in ("yes", "no"):
        refused = send(client, scene.controller, delivery, "decide", answer(delivery, decision=decision))
        assert refused.status_code == 403
        assert "Du har selv bestilt leverancen" in text_of(refused)
    assert "form" not in show(client, scene.controller, delivery, "decide").context
    assert "Du har selv bestilt leverancen" in text_of(show(client, scene.controller, delivery))
    delivery.refresh_from_db()
    assert delivery.state == State.PREPARED
    send(client, scene.second, delivery, "decide", answer(delivery))
    delivery.refresh_from_db()
    assert delivery.state == State.APPROVED


@pytest.mark.parametrize("decision", ["yes", "no"])
def test_a_decision_holds_for_the_set_that_was_shown_only(client, scene, decision):
    delivery = scene.delivery(State.PREPARED)
    changed = answer(delivery, decision=decision, shown="0" * 64)
    told = send(client, scene.controller, delivery, "decide", changed, follow=True)
    assert "ændret, siden du åbnede siden" in text_of(told)
    delivery.refresh_from_db()
    assert delivery.state == State.PREPARED


def test_neither_answer_is_chosen_beforehand(client, scene):
    page = show(client, scene.controller, scene.delivery(State.PREPARED), "decide").content.decode()
    assert page.count('type="radio"') == 2
    assert "checked" not in page


@pytest.mark.parametrize(
    "field, changes",
    [
        ("decision", {"decision": ""}),
        ("reason", {"decision": "no", "reason": " "}),
        ("reason", {"decision": "yes", "reason": ""}),
        ("reason", {"decision": "no", "reason": "Se " + cpr_text(date(1971, 7, 7))}),
    ],
)
def test_yes_and_no_need_a_reason_and_a_reason_names_nobody(client, scene, field, changes):
    delivery = scene.delivery(State.PREPARED)
    told = send(client, scene.controller, delivery, "decide", answer(delivery, **changes))
    assert list(told.context["form"].errors) == [field]
    delivery.refresh_from_db()
    assert delivery.state == State.PREPARED


def test_the_requester_reads_why_it_was_rejected(client, scene):
    delivery = scene.delivery(State.PREPARED)
    send(client, scene.controller, delivery, "decide", answer(delivery, decision="no", reason="For mange variable."))
    assert "For mange variable." in text_of(show(client, scene.evaluator, delivery))


def test_a_blocked_set_can_only_be_rejected(client, scene):
    findings = [["block", "data.csv", "undocumented_code", "ROLLE"]]
    delivery = scene.delivery(State.PREPARED, blocked=True, findings=findings)
    told = show(client, scene.controller, delivery, "decide")
    assert [value for value, _ in told.context["form"].fields["decision"].choices] == ["no"]
    assert "Kontrollen spærrer for levering" in text_of(told)
    send(client, scene.controller, delivery, "decide", answer(delivery))
    delivery.refresh_from_db()
    assert delivery.state == State.PREPARED


def test_what_is_decided_already_is_not_decided_again(client, scene):
    delivery = scene.delivery(State.REJECTED)
    told = send(client, scene.second, delivery, "decide", answer(delivery), follow=True)
    assert "venter ikke længere på godkendelse" in text_of(told)


def test_the_made_up_report_is_what_a_job_writes():
    from exports.linkage_delivery import report_of
    from tests.factories.deliveries import make_project as project

    written = report_of(project(make_user(EVALUATOR)), 1, 1, {"withdrawn": 2}, [])
    assert set(report()) - {"variables"} <= set(written)
