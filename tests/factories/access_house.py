"""One of everything that an address can name, of one plan and one project: what the table of access is tried with."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from consent.actions.proofs import add_signature
from consent.actions.texts import create_draft
from consent.models import Decision, Document
from crypto.agefile import AgeWriter, new_identity, recipient_of
from exports import storage, vault
from exports.actions.links import issue_link
from exports.models import Reader, RegisterExtract, State
from rights.actions.requests import take_in
from rights.models import Certificate, Kind
from tests.factories.cast import (
    cpr_text,
    make_activity,
    make_identity,
    make_participant,
    make_plan,
    make_text,
    make_user,
)
from tests.factories.deliveries import make_project
from tests.factories.delivery_states import delivery_in
from tests.factories.recipients import make_recipient
from tests.factories.screen import make_answer
from tests.factories.spreadsheets import HEADINGS, checked, csv_file


@dataclass
class House:
    """`users` by role; `ids`: the arguments of an address by what it is about, as the table says."""

    users: dict[str, User]
    ids: dict[str, list]


def make_common(controller: User) -> dict[str, list]:
    """What belongs to no plan and no project."""
    text = make_text()
    draft = create_draft(by=controller, purpose="evaluation", audience="adult")
    extract = RegisterExtract.objects.create(name="Liste", loaded_by=controller, delete_on="2030-01-01")
    return {
        "": [],
        "text": [text.pk],
        "version": [text.version_id],
        "document": [Document.objects.get(pk=draft.document_id).pk],
        "draft": [draft.pk],
        "draft text": [draft.pk, "da"],
        "question": [1],
        "extract": [extract.pk],
    }


def make_house(controller: User, *, name: str = "Egen") -> House:
    """Everything in it that has a name, has `name` in it."""
    plan = make_plan(f"{name} helhedsplan")

    def user(role: Role, *plans) -> User:
        return make_user(role, plans, name=f"{name} {role.value}")

    staff, coordinator, evaluator = user(Role.STAFF, plan), user(Role.COORDINATOR, plan), user(Role.EVALUATOR)
    member = user(Role.STAFF, plan)
    activity = make_activity(plan, name=f"{name} aktivitet", responsible=staff)
    people = [make_participant(activity, make_identity(working_name=f"{name} deltager")) for _ in range(2)]
    decision = Decision.objects.get(participant=people[0])
    answer = make_answer(activity)
    project = make_project(evaluator, by=controller, name=f"{name} evaluering")
    delivery = delivery_in(State.PREPARED, project, by=evaluator, decider=controller)
    with AgeWriter(
        storage.picture_path(storage.delivery_folder(delivery), "love", "da"), [recipient_of(vault.archive_identity())]
    ) as picture:
        picture.write(b"<svg/>")
    built = delivery_in(State.BUILT, project, by=evaluator, decider=controller)
    key = make_recipient(
        project, Reader.EVALUATOR, identity=new_identity(), by=evaluator,
        confirmed_by=None, confirmed_at=None, confirmed_way="",
    )  # fmt: skip
    rows = [HEADINGS, [activity.name, cpr_text(date(1980, 3, 3)), "", "mor", "2016", "2016-02-01"]]
    spreadsheet = checked(csv_file(rows), by=coordinator, plan=plan)
    asked = take_in(by=coordinator, kind=Kind.ACCESS, people=people[:1], received_on=date.today())
    certificate = Certificate.objects.create(plan=plan, day=date.today(), finished_at=timezone.now())
    return House(
        {Role.STAFF: staff, Role.COORDINATOR: coordinator, Role.EVALUATOR: evaluator},
        {
            "activity": [activity.pk],
            "plan": [plan.pk],
            "member": [plan.pk, member.pk],
            "colleague": [member.pk],
            "participant": [people[0].pk],
            "two participants": [person.pk for person in people],
            "decision": [people[0].pk, decision.pk],
            "proof": [add_signature(decision, b"<svg/>", by=staff).pk],
            "answer": [activity.pk, answer.pk],
            "sitting": [answer.pk],
            "project": [project.pk],
            "delivery": [delivery.pk],
            "picture": [delivery.pk, "love"],
            "archive": [built.pk, "evaluator"],
            "link": [issue_link(by=evaluator, archive=built.archives.get(reader="evaluator"))],
            "recipient": [project.pk, key.pk],
            "spreadsheet": [spreadsheet.pk],
            "row": [spreadsheet.pk, 2],
            "warning": [spreadsheet.pk, "check_digit"],
            "request": [asked.pk],
            "certificate": [certificate.pk],
        },
    )
