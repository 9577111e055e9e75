"""The log that the controller reads."""

import ast
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from audit import anchors, triggers, witness, words
from audit.models import Event
from audit.pages import PAGE_SIZE
from audit.recording import audited
from collection import identities
from consent import gate
from tests.factories import tampering
from tests.factories.cast import make_activity, make_estimate, make_participant, make_plan, make_user

pytestmark = pytest.mark.django_db
LOG = reverse("audit:events")
ROOT = Path(__file__).resolve().parents[3]
APPS = ("accounts", "audit", "collection", "consent", "exports", "operations", "rights", "spreadsheets")


@pytest.fixture
def controller(client):
    user = make_user(Role.CONTROLLER, name="Dorthe Holm")
    client.force_login(user)
    return user


def write(count: int, action: str = "test.done", by=None, **details) -> None:
    with audited(by=by) as log:
        for _ in range(count):
            log(action, **details)


def numbers(response) -> list[int]:
    return [row.event.sequence for row in response.context["rows"]]


def test_events_are_told_in_danish_with_names(client, controller):
    activity = make_activity(make_plan("Helhedsplan Solbakken"))
    make_estimate(activity, 2016, 12)
    page = client.get(LOG).content.decode()
    assert "Skønnede, hvor mange der deltog i et år" in page
    assert "grundlag: optalt, skøn: 12, år: 2016" in page
    assert activity.responsible.full_name in page
    assert "Helhedsplan Solbakken" in page


def test_no_identity_is_in_the_log(client, controller):
    participant = make_participant()
    page = client.get(LOG).content.decode()
    assert "Registrerede en deltager med samtykke" in page
    held = identities.read_all(gate.registered([participant.plan]).get(), by=controller)
    assert held
    assert not [value for value in held.values() if value in page]


def test_an_unknown_code_and_an_unknown_actor_are_shown_as_they_stand(client, controller):
    class Gone:
        pk = "00000000-0000-4000-8000-000000000000"

    write(1, "test.done", by=Gone, estimate=3, scope=["a"])
    page = client.get(LOG).content.decode()
    assert "test.done" in page
    assert Gone.pk in page
    assert "skøn: 3" in page


def test_pages_follow_the_sequence_both_ways_and_do_not_slip(client, controller):
    write(PAGE_SIZE * 2 + 10)
    last = Event.objects.order_by("-sequence").first().sequence
    first_page = client.get(LOG)
    assert numbers(first_page) == list(range(last, last - PAGE_SIZE, -1))
    assert first_page.context["page"].newer is None
    write(5)
    second = client.get(LOG, {"before": first_page.context["page"].older})
    assert numbers(second) == list(range(last - PAGE_SIZE, last - 2 * PAGE_SIZE, -1))
    third = client.get(LOG, {"before": second.context["page"].older})
    assert third.context["page"].older is None
    assert numbers(third)[-1] == 1
    back = client.get(LOG, {"after": third.context["page"].newer})
    assert numbers(back) == numbers(second)


@pytest.mark.parametrize("wrong", ["x", "-1", "²", "9" * 40, ""])
def test_a_wrong_place_in_the_log_shows_the_newest(client, controller, wrong):
    write(2)
    assert numbers(client.get(LOG, {"before": wrong}))[0] == Event.objects.count()


def test_the_log_is_searched_by_action_plan_and_period(client, controller):
    plan = make_plan()
    make_estimate(make_activity(plan), 2016, 12)
    make_estimate(make_activity(), 2016, 13)
    today = timezone.localdate()
    assert len(numbers(client.get(LOG, {"action": "headcount.estimated"}))) == 2
    assert len(numbers(client.get(LOG, {"action": "headcount.estimated", "plan": plan.pk}))) == 1
    period = {"first": f"{today:%d.%m.%Y}", "last": f"{today:%d.%m.%Y}"}
    assert len(numbers(client.get(LOG, period | {"action": "headcount.estimated"}))) == 2
    tomorrow = {"first": f"{today + timedelta(days=1):%d.%m.%Y}"}
    response = client.get(LOG, tomorrow)
    assert numbers(response) == []
    assert "Ingen hændelser passer" in response.content.decode()


def test_days_are_danish_days():
    from audit.queries import _midnight

    assert _midnight(datetime(2026, 7, 1).date()).astimezone(UTC) == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_a_day_that_cannot_be_read_is_told(client, controller):
    response = client.get(LOG, {"first": "i går"})
    assert "Skriv datoen som dag.måned.år." in response.content.decode()
    assert response.status_code == 200


@pytest.mark.parametrize("actors", [1, 30])
def test_the_page_takes_few_queries_whoever_acted(client, controller, actors, django_assert_max_num_queries):
    for _ in range(actors):
        write(1, by=make_user(plans=make_plan()))
    with django_assert_max_num_queries(8):
        client.get(LOG)


@pytest.fixture
def witness_folder(settings, tmp_path):
    settings.WITNESS_DIR = tmp_path


def test_the_log_says_when_it_was_last_found_whole(client, controller, witness_folder):
    page = client.get(LOG).content.decode()
    assert "Ikke endnu. Det sker hver nat." in page
    write(3)
    entry = anchors.check_all()
    page = client.get(LOG).content.decode()
    assert f"hel, {entry.sequence} hændelser" in page
    assert "alert-error" not in page
    assert "Kontrollerede hele loggen" in page


def cut_off() -> None:
    triggers.uninstall()
    tampering.cut_off(1)
    triggers.install()


def edit() -> None:
    tampering.past_triggers("UPDATE audit_event SET action = 'x' WHERE sequence = 2")
    anchors.check_all()


def forget() -> None:
    witness.place().unlink()


@pytest.mark.parametrize(
    "harm, told",
    [
        (cut_off, "De seneste hændelser er væk"),
        (edit, "Loggen er ikke hel"),
        (forget, "Kontrolpunkterne er væk"),
    ],
)
def test_the_log_says_at_once_that_something_is_wrong_and_so_does_the_health_check(
    client, controller, witness_folder, harm, told
):
    write(5)
    anchors.check_all()
    assert client.get("/healthz").json()["audit"]
    harm()
    page = client.get(LOG).content.decode()
    assert told in page
    assert "manage.py verify_audit" in page
    assert not client.get("/healthz").json()["audit"]


def recorded_codes() -> set[str]:
    """Every literal that the site's code gives to `log(…)` as its action."""
    found = set()
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("log", "_record") and node.args:
                    constants = (one for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant))
                    found |= {one.value for one in constants if isinstance(one.value, str) and "." in one.value}
    return found


def test_every_action_has_its_sentence():
    """A new code of `log(…)` gets a line in audit/words.py."""
    codes = recorded_codes()
    assert "participant.enrolled" in codes
    assert sorted(code for code in codes if words.sentence(code) == code) == []


def test_what_an_event_tells_stands_in_danish_and_ids_are_left_out():
    told = {
        "day": "2026-11-23",
        "below_k": True,
        "key": "field:participant.cpr",
        "why": "idle, asked",
        "digest": "f" * 64,
    }
    told |= {"digest": "f" * 64, "parts": ["name", "address"], "plan": "815c74bf-9017-443c-97a2-4c2be23c6ba9"}
    assert words.details(json.dumps(told)) == (
        "dag: 23.11.2026, små grupper accepteret: ja, nøgle: Deltageres CPR-numre, "
        "årsag: ikke brugt længe, på eget ønske, dele: navn, adresse"
    )


def test_every_detail_that_is_written_has_its_word():
    """A new name in `log(…, name=…)` gets a line in audit/words.py, unless its values are ids."""
    ids = {"activity", "digest", "evaluator", "leaver", "link", "other", "plan", "project", "set", "shown", "subjects"}
    ids |= {"successor"}
    calls = (
        node
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("log", "_record")
    )
    names = {keyword.arg for call in calls for keyword in call.keywords if keyword.arg}
    assert sorted(names - ids - words.DETAILS.keys()) == []
