"""Projects and deliveries of the cast, moved along by the same actions and jobs as on the site."""

import io
import zipfile
from datetime import date, timedelta
from itertools import count

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from collection.models import Activity, Identification, Participant, Participation
from consent.models import Decision, Kind, Method, Purpose
from consent.queries import EVALUATION
from crypto.agefile import open_age
from crypto.secret import Secret
from exports import jobs, runners, storage  # noqa: F401  (runners registers what runs a job)
from exports.actions.deliveries import approve, bring_up_to_date, reject, request_delivery
from exports.actions.projects import create_project
from exports.approvals import shown
from exports.linkage.schema import STANDARD
from exports.models import Archive, Delivery, EvaluationProject, Job, Reader
from tests.factories.cast import PASSWORD, cpr_text, make_text, make_user
from tests.factories.recipients import IDENTITIES, make_recipient

_number = count(700_001)


def make_project(*evaluators: User, by: User | None = None, recipients: bool = True, **fields) -> EvaluationProject:
    """With a confirmed key for each reader, unless `recipients` is False."""
    purpose, _ = Purpose.objects.get_or_create(
        code=EVALUATION, defaults={"name_da": "Evaluering", "name_en": "Evaluation"}
    )
    number = next(_number)
    fields = {
        "name": f"Evaluering {number}",
        "dst_number": str(number),
        "variables": list(STANDARD),
        "first_year": 2014,
        "last_year": 2016,
        "minimum_count": 3,
    } | fields
    project = EvaluationProject(purpose=purpose, **fields)
    create_project(by=by or make_user(Role.CONTROLLER), project=project, evaluators=evaluators)
    if recipients:
        make_recipient(project, Reader.EVALUATOR, by=evaluators[0] if evaluators else None)
        make_recipient(project, Reader.OFFICER, by=project.created_by)
    return project


def run_jobs() -> None:
    """What a worker would do, in the order of asking, until nothing waits."""
    while job := Job.objects.filter(state=Job.State.QUEUED).order_by("queued_at").first():
        jobs.run(job.pk)


def make_delivery(project: EvaluationProject, *, by: User, kind=Delivery.Kind.LINKAGE, definition=None) -> Delivery:
    """Asked for and prepared."""
    delivery = request_delivery(by=by, project=project, kind=kind, definition=definition)
    run_jobs()
    delivery.refresh_from_db()
    return delivery


def say_yes(delivery: Delivery, *, by: User, k_accepted: str = "Filen bruges kun hos Danmarks Statistik.") -> None:
    """To the delivery as its page shows it now."""
    bring_up_to_date(delivery)
    approve(by=by, delivery=delivery, shown=shown(delivery), reason="Som aftalt.", k_accepted=k_accepted)


def say_no(delivery: Delivery, *, by: User, reason: str = "Kommunen er ikke godkendt.") -> None:
    bring_up_to_date(delivery)
    reject(by=by, delivery=delivery, shown=shown(delivery), reason=reason)


def approve_and_build(delivery: Delivery, *, by: User) -> Delivery:
    say_yes(delivery, by=by)
    run_jobs()
    delivery.refresh_from_db()
    return delivery


def fetch(client, user: User, delivery: Delivery, reader: str):
    """The answer of the link that the user gets for the password, or of the page when it gives no link."""
    client.force_login(user)
    answer = client.post(reverse("exports:fetch", args=[delivery.pk, reader]), {"password": PASSWORD})
    return client.get(answer.url) if answer.status_code == 302 else answer


def members(archive: Archive) -> dict[str, bytes]:
    """The plain files of an archive, by name, as its recipient opens it."""
    with open_age(storage.absolute(archive), IDENTITIES[archive.reader], sha256=archive.sha256) as plain:
        content = io.BytesIO(plain.read())
    with zipfile.ZipFile(content) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def make_many_participants(activity: Activity, count: int, *, first: int = 0) -> None:
    """`count` people with consent, written in bulk: for tests of time and faults, not of enrolment.

    The same people each time, unless `first` says from which of them on.
    """
    now, text, by = timezone.now(), make_text(), activity.responsible
    numbers = [cpr_text(date(1960, 3, 3) + timedelta(days=n // 400), n % 400) for n in range(first, first + count)]
    people = [
        Participant(plan_id=activity.plan_id, identification=Identification.CPR, cpr=Secret(number))
        for number in dict.fromkeys(numbers)
    ]
    facts = {"purpose_id": EVALUATION, "text": text, "kind": Kind.GIVEN, "method": Method.PAPER}
    facts |= {"decided_on": date(2016, 5, 2), "obtained_by": by, "recorded_by": by, "recorded_at": now}
    joined = {"activity": activity, "start": date(2015, 5, 2), "role": "mother"}
    with transaction.atomic():
        Participant.ungated.bulk_create(people, batch_size=2000)
        Decision.objects.bulk_create([Decision(participant=person, **facts) for person in people], batch_size=2000)
        Participation.ungated.bulk_create(
            [Participation(participant=person, **joined) for person in people], batch_size=2000
        )
