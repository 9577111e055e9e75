"""The table of access: every address × every role × one's own or another's plan or project.

A new address must be entered here: a test compares the table with all addresses that the site has.
"""

from dataclasses import dataclass
from datetime import date
from uuid import uuid4

import pytest
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone

from accounts.permissions import Role
from consent.actions.proofs import add_signature
from consent.actions.texts import create_draft
from consent.models import Decision
from crypto.agefile import AgeWriter, new_identity, recipient_of
from exports import storage, vault
from exports.actions.links import issue_link
from exports.models import Archive, Reader, RegisterExtract
from rights.actions.requests import take_in
from rights.models import Certificate, Kind
from tests.factories.cast import cpr_text, make_activity, make_participant, make_plan, make_text, make_user
from tests.factories.deliveries import approve_and_build, make_delivery, make_project
from tests.factories.recipients import make_recipient
from tests.factories.screen import make_answer
from tests.factories.spreadsheets import HEADINGS, checked, csv_file

pytestmark = pytest.mark.django_db

ROLES = [
    "staff",
    "staff elsewhere",
    "coordinator",
    "coordinator elsewhere",
    "evaluator",
    "evaluator elsewhere",
    "controller",
]
OK, NO, GONE, MOVED, BAD = 200, 403, 404, 302, 400


@dataclass(frozen=True)
class Address:
    """`about`: the kind of object whose id is in the address; `statuses`: in the order of ROLES."""

    name: str
    about: str
    method: str
    statuses: tuple[int, ...]


def address(name: str, statuses: str, about: str = "", method: str = "get") -> Address:
    words = {"ok": OK, "no": NO, "gone": GONE, "moved": MOVED, "bad": BAD}
    return Address(name, about, method, tuple(words[word] for word in statuses.split()))


# staff own, staff elsewhere, coordinator own, elsewhere, evaluator own, elsewhere, controller
PLAN = "ok gone ok gone no no no"
COORDINATOR = "no no ok gone no no no"
PROJECT = "no no no no ok gone ok"
COLLEAGUE = "no no ok gone no no ok"
CONTROLLER = "no no no no no no ok"
ELSEWHERE = "no no moved gone no no no"
SITTING = "gone gone gone gone no no no"  # open only to the session that is locked to it
TABLE = [
    address("home", "moved moved moved moved moved moved moved"),
    address("audit:events", CONTROLLER),
    address("operations:keys", CONTROLLER),
    address("operations:key_change", "no no no no no no gone", method="post"),  # of no purpose
    address("operations:key_progress", "no no no no no no gone", "extract"),  # no key is being changed
    address("collection:activities", "ok ok ok ok no no no"),
    address("collection:activity_new", "no no ok ok no no no"),
    address("collection:activity_edit", COORDINATOR, "activity"),
    address("collection:contact", COORDINATOR, "plan"),
    address("collection:headcounts", PLAN, "activity"),  # staff read, coordinators write
    address("collection:staff", "no no ok ok no no no"),
    address("collection:member_new", COORDINATOR, "plan"),
    address("collection:colleague", COLLEAGUE, "colleague"),
    address("collection:invite_anew", COLLEAGUE, "colleague"),
    address("collection:accounts", CONTROLLER),
    address("collection:account_new", CONTROLLER),
    address("exports:leave", COLLEAGUE, "colleague"),
    address("consent:activity", PLAN, "activity"),
    address("consent:enrol", PLAN, "activity"),
    address("consent:enrol_cpr", PLAN, "activity", "post"),
    address("consent:count", PLAN, "activity"),
    address("consent:text", "ok ok ok ok no no no", "text"),
    address("consent:documents", CONTROLLER),
    address("consent:draft_new", "no no no no no no gone", method="post"),  # of no document
    address("consent:compare", CONTROLLER, "document"),
    address("consent:version", CONTROLLER, "version"),
    address("consent:version_consents", CONTROLLER, "version"),
    address("consent:version_publish", CONTROLLER, "draft"),
    address("consent:version_blanks", "no no no no no no moved", "draft"),  # the text has none
    address("consent:draft_delete", CONTROLLER, "draft"),
    address("consent:text_edit", CONTROLLER, "draft text"),
    address("consent:text_delete", CONTROLLER, "draft text"),
    address("consent:screen", PLAN, "activity"),
    address("consent:screen_delete", PLAN, "answer"),
    address("consent:sitting", SITTING, "sitting"),
    address("consent:sitting_sign", SITTING, "sitting"),
    address("consent:sitting_unlock", SITTING, "sitting"),
    address("consent:print", PLAN, "activity"),
    address("consent:text_pdf", CONTROLLER, "text"),
    address("consent:proof_add", PLAN, "decision"),
    address("consent:proof", "ok gone ok gone no no ok", "proof", "post"),
    address("consent:proofs_locked", CONTROLLER),
    address("consent:participants", "ok ok ok ok no no no"),
    address("consent:participant", PLAN, "participant"),
    address("consent:reveal", "bad gone bad gone no no no", "participant", "post"),  # without a reason
    address("consent:to_ask", "ok ok ok ok no no no"),
    address("consent:doubts", "ok ok ok ok no no no"),
    address("consent:doubt", PLAN, "participant"),
    address("consent:hand_over", COORDINATOR, "member"),
    address("consent:member_remove", COORDINATOR, "member"),
    address("consent:ask_again", PLAN, "participant"),
    address("consent:withdraw", "ok gone ok gone no no ok", "participant"),
    address("consent:find", "ok ok ok ok no no ok"),
    address("consent:namesakes", CONTROLLER),
    address("consent:namesake", "no no no no no no gone", "question"),  # none is open
    address("rights:requests", "ok ok ok ok no no ok"),
    address("rights:take_in", "ok ok ok ok no no ok"),
    address("rights:take_in_for", "ok gone ok gone no no ok", "participant"),
    address("rights:request", "ok gone ok gone no no ok", "request"),
    address("rights:prove", "ok gone ok gone no no ok", "request", "post"),  # without saying how
    address("rights:extend", CONTROLLER, "request", "post"),
    address("rights:report", "no no no no no no moved", "request", "post"),  # it is not known who asks
    address("rights:answer", CONTROLLER, "request", "post"),
    address("rights:retention", "no no ok ok no no ok"),
    address("rights:retention_day", CONTROLLER, "plan"),
    address("rights:certificate", "no no ok gone no no ok", "certificate"),
    address("consent:correct", PLAN, "participant"),
    address("consent:add_number", "gone gone gone gone no no no", "participant"),  # has one
    address("exports:merge_choose", PLAN, "participant"),
    address("exports:merge", PLAN, "two participants"),
    address("consent:plan_logs", "no no moved moved no no moved"),  # with one plan, straight to its page
    address("consent:plan_log", "no no ok gone no no ok", "plan"),
    address("consent:participant_log", "no no ok gone no no ok", "participant"),
    address("consent:rates", "no no moved moved no no ok"),  # with one plan, straight to its page
    address("consent:rates_plan", "no no ok gone no no ok", "plan"),
    address("consent:trend", "no no moved moved no no ok"),
    address("consent:trend_plan", "no no ok gone no no ok", "plan"),
    address("exports:tasks", "ok ok ok ok ok ok ok"),
    address("exports:projects", "no no no no ok ok ok"),
    address("exports:project_new", CONTROLLER),
    address("exports:project", PROJECT, "project"),
    address("exports:project_edit", CONTROLLER, "project"),
    address("exports:linkage_new", PROJECT, "project"),
    address("exports:comparison_new", PROJECT, "project"),
    address("exports:comparison_words", PROJECT, "project", "post"),
    address("exports:comparison_package", PROJECT, "project", "post"),  # without a rule: the page with what is missing
    address("exports:receipt", "gone gone gone gone no no gone", "participant"),  # there is none before a withdrawal
    address("exports:recalls", PROJECT, "project"),
    address("exports:recall_list", PROJECT, "project", "post"),
    address("exports:recalls_acknowledge", "no no no no moved gone moved", "project", "post"),
    address("exports:recipients", PROJECT, "project"),
    address("exports:recipient_new", PROJECT, "project"),
    address("exports:recipient_confirm", CONTROLLER, "recipient"),  # an evaluator's key
    address("exports:recipient_revoke", PROJECT, "recipient"),
    address("exports:opening", "no no no no ok ok ok"),
    address("exports:open_delivery", "no no no no ok ok ok"),
    address("exports:look_up", CONTROLLER, "project"),
    address("exports:end_project", CONTROLLER, "project"),
    address("exports:deliveries", "no no no no ok ok ok"),
    address("exports:deletions", "no no no no ok ok ok"),
    address("exports:deletion_report", "no no no no moved gone moved", "delivery"),  # nobody was given files
    address("exports:delivery", PROJECT, "delivery"),
    address("exports:progress", "no no no no moved gone moved", "delivery"),  # to the delivery when done
    address("exports:picture", PROJECT, "picture"),
    address("exports:same_group", "no no no no moved gone moved", "delivery", "post"),
    address("exports:cancel", "no no no no ok gone no", "delivery"),  # the requester only
    address("exports:retry", "no no no no moved gone moved", "delivery", "post"),
    address("exports:decide", CONTROLLER, "delivery"),
    address("exports:fetch", "no no no no ok gone no", "archive"),  # the evaluator's archive
    address("exports:fetch_link", "no no no no ok gone gone", "link"),  # the evaluator's link
    address("exports:extracts", CONTROLLER),
    address("exports:extract_new", CONTROLLER),
    address("exports:extract", CONTROLLER, "extract"),
    address("exports:extract_progress", "no no no no no no moved", "extract"),
    address("exports:extract_delete", CONTROLLER, "extract"),
    # a spreadsheet that is being looked through: what belongs to another step leads to that page
    address("spreadsheets:spreadsheets", "no no ok ok no no no"),
    address("spreadsheets:upload", "no no ok ok no no no"),
    address("spreadsheets:template", "no no ok ok no no no"),
    address("spreadsheets:spreadsheet", ELSEWHERE, "spreadsheet"),
    address("spreadsheets:progress", ELSEWHERE, "spreadsheet"),
    address("spreadsheets:sheet", ELSEWHERE, "spreadsheet"),
    address("spreadsheets:match", COORDINATOR, "spreadsheet"),
    address("spreadsheets:activities", ELSEWHERE, "spreadsheet"),
    address("spreadsheets:preview", COORDINATOR, "spreadsheet"),
    address("spreadsheets:row", COORDINATOR, "row"),
    address("spreadsheets:leave_out", ELSEWHERE, "row", "post"),
    address("spreadsheets:confirm", COORDINATOR, "warning"),
    address("spreadsheets:zeros", ELSEWHERE, "spreadsheet"),
    address("spreadsheets:write", COORDINATOR, "spreadsheet"),
    address("spreadsheets:report", COORDINATOR, "spreadsheet"),
    address("spreadsheets:delete", COORDINATOR, "spreadsheet"),
]
SIGNING_IN = {
    *("account_login", "mfa_authenticate", "mfa_login_webauthn", "openid_connect_login", "openid_connect_callback"),
    "account_logout",
}
WITHOUT_SIGN_IN = SIGNING_IN | {"healthz", "set_language", "accounts:accessibility"}
WITHOUT_SIGN_IN |= {"accounts:invitation", "accounts:accept"}
OWN_SECURITY = {  # of whoever asks, and of nobody else
    *("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"),
    *("mfa_index", "account_change_password", "mfa_activate_totp", "mfa_deactivate_totp", "usersessions_list"),
    *("mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn"),
    *("mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
}
OF_EVERYBODY = WITHOUT_SIGN_IN | OWN_SECURITY


@dataclass
class World:
    users: dict[str, object]
    ids: dict[str, list]


@pytest.fixture(scope="module")
def world(module_db):
    plan, elsewhere = make_plan(), make_plan()
    activity = make_activity(plan)
    participant = make_participant(activity)
    answer = make_answer(activity)
    decision = Decision.objects.get(participant=participant)
    evaluator, controller = make_user(Role.EVALUATOR), make_user(Role.CONTROLLER)
    project = make_project(evaluator, by=controller)
    make_project(other := make_user(Role.EVALUATOR), by=controller)
    delivery = make_delivery(project, by=evaluator)
    built = make_delivery(project, by=evaluator)
    approve_and_build(built, by=controller)
    with AgeWriter(
        storage.picture_path(storage.delivery_folder(delivery), "flow", "da"), [recipient_of(vault.archive_identity())]
    ) as picture:
        picture.write(b"<svg/>")
    make_text()
    draft = create_draft(by=controller, purpose="evaluation", audience="adult")
    member = make_user(Role.STAFF, plan)
    extract = RegisterExtract.objects.create(name="Liste", loaded_by=controller, delete_on="2030-01-01")
    key = make_recipient(
        project, Reader.EVALUATOR, identity=new_identity(), by=evaluator,
        confirmed_by=None, confirmed_at=None, confirmed_way="",
    )  # fmt: skip
    users = {
        "staff": make_user(Role.STAFF, plan),
        "staff elsewhere": make_user(Role.STAFF, elsewhere),
        "coordinator": make_user(Role.COORDINATOR, plan),
        "coordinator elsewhere": make_user(Role.COORDINATOR, elsewhere),
        "evaluator": evaluator,
        "evaluator elsewhere": other,
        "controller": controller,
    }
    asked = take_in(by=users["coordinator"], kind=Kind.ACCESS, people=[participant], received_on=date.today())
    certificate = Certificate.objects.create(plan=plan, day=date.today(), finished_at=timezone.now())
    ids = {
        "": [],
        "activity": [activity.pk],
        "plan": [plan.pk],
        "member": [plan.pk, member.pk],
        "colleague": [member.pk],
        "text": [make_text().pk],
        "version": [make_text().version_id],
        "document": [draft.document_id],
        "draft": [draft.pk],
        "draft text": [draft.pk, "da"],
        "participant": [participant.pk],
        "two participants": [participant.pk, make_participant(activity).pk],
        "question": [1],
        "decision": [participant.pk, decision.pk],
        "proof": [add_signature(decision, b"<svg/>", by=activity.responsible).pk],
        "answer": [activity.pk, answer.pk],
        "sitting": [answer.pk],
        "project": [project.pk],
        "delivery": [delivery.pk],
        "picture": [delivery.pk, "flow"],
        "archive": [built.pk, "evaluator"],
        "link": [issue_link(by=evaluator, archive=built.archives.get(reader="evaluator"))],
        "recipient": [project.pk, key.pk],
        "extract": [extract.pk],
        "request": [asked.pk],
        "certificate": [certificate.pk],
    }
    rows = [HEADINGS, [activity.name, cpr_text(date(1980, 3, 3)), "", "mor", "2016", "2016-02-01"]]
    spreadsheet = checked(csv_file(rows), by=users["coordinator"], plan=plan)
    ids |= {"spreadsheet": [spreadsheet.pk], "row": [spreadsheet.pk, 2]}
    ids["warning"] = [spreadsheet.pk, "check_digit"]
    return World(users, ids)


def visit(client, entry: Address, arguments: list):
    return getattr(client, entry.method)(reverse(entry.name, args=arguments))


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
def test_each_role_gets_what_the_table_says(client, world, entry):
    found = {}
    for role in ROLES:
        client.force_login(world.users[role])
        found[role] = visit(client, entry, world.ids[entry.about]).status_code
    assert found == dict(zip(ROLES, entry.statuses, strict=True))


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
def test_nobody_gets_in_without_signing_in(client, world, entry):
    answer = visit(client, entry, world.ids[entry.about])
    assert answer.status_code == MOVED
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("entry", [entry for entry in TABLE if entry.about], ids=lambda entry: entry.name)
def test_what_does_not_exist_answers_as_what_is_anothers(client, world, entry):
    made_up = {int: lambda known: 0, str: lambda known: known}
    unknown = [made_up.get(type(known), lambda known: uuid4())(known) for known in world.ids[entry.about]]
    client.force_login(world.users["coordinator"])
    allowed = entry.statuses[ROLES.index("coordinator")] != NO
    client.force_login(world.users["coordinator" if allowed else "controller"])
    assert visit(client, entry, unknown).status_code == GONE


def test_the_table_has_every_address():
    def names(patterns, prefix=""):
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield prefix + (pattern.name or "?")
            else:
                yield from names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else prefix)

    assert set(names(get_resolver().url_patterns)) == {entry.name for entry in TABLE} | OF_EVERYBODY


def test_every_view_names_its_permission():
    def views(patterns, prefix=""):
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield prefix + (pattern.name or "?"), pattern.callback
            else:
                yield from views(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else prefix)

    unguarded = {name for name, view in views(get_resolver().url_patterns) if not hasattr(view, "permission")}
    assert unguarded == OF_EVERYBODY | {"home"}


def test_the_accessibility_statement_is_there_for_everybody(client):
    sign_in = client.get(reverse("account_login"))
    assert f'href="{reverse("accounts:accessibility")}"' in sign_in.content.decode()
    assert client.get(reverse("accounts:accessibility")).status_code == OK


def test_a_user_who_has_left_is_signed_out_at_once(client):
    user = make_user(Role.STAFF, make_plan())
    client.force_login(user)
    user.is_active = False
    user.save()
    assert client.get(reverse("collection:activities")).status_code == MOVED


def test_no_role_may_fetch_both_archives():
    from accounts.permissions import PERMISSIONS, Permission

    assert not [role for role, may in PERMISSIONS.items() if {Permission.FETCH_DATA, Permission.FETCH_KEYS} <= may]


def test_no_archive_is_fetched_by_the_other_readers_role(client, world):
    delivery = world.ids["delivery"][0]
    Archive.objects.create(delivery_id=delivery, reader="officer", path="x", size=1, sha256="0" * 64)
    client.force_login(world.users["evaluator"])
    for method in (client.get, client.post):
        assert method(reverse("exports:fetch", args=[delivery, "officer"])).status_code in (NO, GONE)
