"""What people do on the site under test, and what is asked of it. Runs in a process that has the site's settings."""

import hashlib
import io
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.faults import calling
from tests.faults.retention_office import due, ended, left  # noqa: F401  (called by name)


def begin(environment: dict[str, str]) -> None:
    """First thing in the process: becomes a process of that site, with settings as tests/conftest.py has them."""
    calling.begin(environment)
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECOND_FACTOR = settings.STEP_UP = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


def fill(people: int) -> list[UUID]:
    """A database with `people` who gave consent and two who withdrew it; the ids of two projects."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from accounts.permissions import Role
    from collection.models import Participant
    from consent.actions.withdraw import withdraw
    from tests.factories.cast import make_activity, make_user
    from tests.factories.deliveries import make_many_participants, make_project

    activity = make_activity()
    make_many_participants(activity, people + 2)
    projects = [make_project(make_user(Role.EVALUATOR)) for _ in range(2)]
    for person in Participant.ungated.order_by("pk")[:2]:
        withdraw(by=activity.responsible, participant=person, purpose=projects[0].purpose, withdrawn_on=date.today())
    make_user(Role.CONTROLLER, username="controller")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does a minute later
    return [project.pk for project in projects]


def load_list(families: int) -> UUID:
    """A resident list of so many of the people, with a child each, and as many other families; the id of the list."""
    import csv
    from datetime import timedelta
    from uuid import uuid4

    from accounts.models import User
    from collection.models import Activity, Department
    from crypto.agefile import AgeWriter, recipient_of
    from exports import jobs, vault
    from exports.actions.extracts import load_extract
    from exports.models import Job
    from exports.uploads import upload_path
    from tests.factories.cast import cpr_text

    Department.objects.create(plan=Activity.objects.get().plan, organisation_number=5, department_number=1, name="Her")
    lines: list[list] = [["PNR", "FAMILIE_ID", "FOED_DAG", "AAR", "ORG_NR", "AFD_NR"]]
    for number in range(2 * families):
        # participants as make_many_participants has them
        born = date(1960, 3, 3) if number < families else date(1962, 3, 3)
        adult, child = born + timedelta(days=number // 400), date(2012, 5, 5) + timedelta(days=number // 400)
        for year in (2014, 2015, 2016):
            for one in (adult, child):
                lines.append([cpr_text(one, number % 400), f"F{number}", one.isoformat(), year, 5, 1])
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(lines)
    pk = uuid4()
    with AgeWriter(upload_path(pk), [recipient_of(vault.archive_identity())]) as out:
        out.write(text.getvalue().encode())
    controller = User.objects.get(username="controller")
    load_extract(by=controller, extract_id=pk, name="Liste", delete_on=date.today() + timedelta(days=9))
    jobs.run(Job.objects.get(extract=pk).pk)
    return pk


def request_group(project: UUID, extract: UUID) -> UUID:
    from exports.actions.deliveries import request_delivery
    from exports.models import Delivery, EvaluationProject

    found = EvaluationProject.objects.get(pk=project)
    rule = {"activity_types": ["familieindsats"], "first_year": 2014, "last_year": 2016, "comparison_year": 2016}
    return request_delivery(
        by=found.evaluators.get(),
        project=found,
        kind=Delivery.Kind.COMPARISON,
        definition={"definition": rule, "extract": str(extract)},
    ).pk


def withdraw_one(delivery: UUID) -> UUID:
    """Somebody of a prepared delivery withdraws their consent; who, as an id."""
    from collection.models import Activity, Participant
    from consent.actions.withdraw import withdraw
    from exports.models import Delivery, DeliveryPerson

    row = DeliveryPerson.objects.filter(delivery=delivery, taken_out_at__isnull=True).first()
    person = Participant.ungated.get(pk=row.participant_id)
    purpose = Delivery.objects.get(pk=delivery).project.purpose
    withdraw(by=Activity.objects.get().responsible, participant=person, purpose=purpose, withdrawn_on=date.today())
    return person.pk


def new_project() -> UUID:
    """One whose people have no codes yet."""
    from accounts.permissions import Role
    from tests.factories.cast import make_user
    from tests.factories.deliveries import make_project

    return make_project(make_user(Role.EVALUATOR)).pk


def raise_k(project: UUID) -> None:
    """The project's terms change, so that what waits or is built again is prepared anew."""
    from exports.actions.projects import change_project
    from exports.models import EvaluationProject

    found = EvaluationProject.objects.get(pk=project)
    found.k += 1
    change_project(by=found.created_by, project=found, evaluators=found.evaluators.all())


# --- What people do --------------------------------------------------------------------------------------


def request(project: UUID) -> UUID:
    from exports.actions.deliveries import request_delivery
    from exports.models import Delivery, EvaluationProject

    found = EvaluationProject.objects.get(pk=project)
    return request_delivery(by=found.evaluators.get(), project=found, kind=Delivery.Kind.LINKAGE).pk


def approve(delivery: UUID) -> None:
    from accounts.models import User
    from tests.factories.deliveries import say_yes

    say_yes(_delivery(delivery), by=User.objects.get(username="controller"))


def cancel(delivery: UUID) -> None:
    from exports.actions import deliveries

    found = _delivery(delivery)
    deliveries.cancel(by=found.requested_by, delivery=found)


def try_again(delivery: UUID) -> None:
    from exports.actions import deliveries

    found = _delivery(delivery)
    deliveries.try_again(by=found.requested_by, delivery=found)


def build_again(delivery: UUID) -> None:
    from accounts.models import User
    from exports.actions import deliveries

    deliveries.build_again(by=User.objects.get(username="controller"), delivery=_delivery(delivery))


def sweep() -> None:
    """As beat does every 15 seconds; but what a stopped process holds is not waited for."""
    from django.db import connection

    from exports import jobs

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
        try:
            jobs.sweep()
        finally:
            cursor.execute("RESET lock_timeout")


def a_minute_passes() -> None:
    """For jobs that were sent and not begun."""
    from exports import jobs
    from exports.models import Job

    for job in Job.objects.filter(state=Job.State.QUEUED, sent_at__isnull=False):
        Job.objects.filter(pk=job.pk).update(sent_at=job.sent_at - jobs.RESEND_AFTER)


# --- What is seen ----------------------------------------------------------------------------------------


def state(delivery: UUID) -> tuple[str, str]:
    found = _delivery(delivery)
    return found.state, found.reason


def job_of(delivery: UUID) -> dict[str, Any]:
    """The newest job."""
    from exports.models import Job

    return Job.objects.filter(delivery=delivery).order_by("-queued_at").values().first()


def open_jobs(delivery: UUID) -> int:
    from exports.models import Job

    return Job.objects.filter(delivery=delivery, state__in=[Job.State.QUEUED, Job.State.RUNNING]).count()


def page(delivery: UUID) -> str:
    """The delivery's page, as its requester sees it."""
    from django.test import Client
    from django.urls import reverse

    client = Client()
    client.force_login(_delivery(delivery).requested_by)
    answer = client.get(reverse("exports:delivery", args=[delivery]))
    assert answer.status_code == 200
    return answer.content.decode()


def frozen_hash(delivery: UUID) -> str:
    return _delivery(delivery).prepared_hash


def set_of(delivery: UUID) -> str:
    from exports import groups

    return groups.set_of(_delivery(delivery))


def in_set(delivery: UUID) -> set[UUID]:
    """The participants that the frozen set of a comparison group rests on."""
    from exports import group_sets

    return {UUID(bytes=each) for each in group_sets.read_of(_delivery(delivery)).relied_on()}


def members_of(delivery: UUID) -> dict[str, str]:
    """The SHA-256 of every plain file in the archives."""
    from tests.factories.deliveries import members

    return {
        f"{archive.reader}/{name}": hashlib.sha256(content).hexdigest()
        for archive in _delivery(delivery).archives.all()
        for name, content in members(archive).items()
    }


def files_of(delivery: UUID) -> list[str]:
    """What lies in the delivery's folder, folders too; empty without a folder."""
    from django.conf import settings

    folder = Path(settings.DATA_DIR) / "deliveries" / str(delivery)
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def clear_files() -> list[str]:
    """Files below DATA_DIR that are not sealed and no part of how the site runs."""
    from django.conf import settings

    base = Path(settings.DATA_DIR)
    ours = [path for path in base.rglob("*") if path.is_file() and not path.name.startswith("beat-schedule")]
    sealed = (b"age-encryption.org/v1\n", b"PARE")  # an archive, and a Parquet file with an encrypted footer
    return [str(path) for path in ours if not path.read_bytes().startswith(sealed)]


def in_ledger(delivery: UUID) -> tuple[int, int, int]:
    """Rows, rows of people in the files, and people in the files whose consent does not hold today."""
    from exports import ledger
    from exports.models import DeliveryPerson

    rows = DeliveryPerson.objects.filter(delivery=delivery)
    inside = rows.filter(taken_out_at__isnull=True)
    unusable = set(ledger.no_longer_usable(_delivery(delivery), on=date.today()))
    return rows.count(), inside.count(), len(unusable & set(inside.values_list("participant", flat=True)))


def numbers_in_key_file(delivery: UUID) -> list[str]:
    """A digest of each CPR number in the key file."""
    import csv

    from exports.models import Reader
    from tests.factories.deliveries import members

    content = members(_delivery(delivery).archives.get(reader=Reader.OFFICER))["noegle.csv"].decode()
    return [
        hashlib.sha256(row["PNR"].encode()).hexdigest() for row in csv.DictReader(io.StringIO(content), delimiter=";")
    ]


def numbers_in_ledger(delivery: UUID) -> list[str]:
    """The same of those who, by the ledger, are in the files."""
    from collection.models import Participant
    from exports.models import DeliveryPerson

    rows = DeliveryPerson.objects.filter(delivery=delivery, taken_out_at__isnull=True)
    people = Participant.ungated.filter(pk__in=rows.values("participant"))
    return [hashlib.sha256(_open(person).encode()).hexdigest() for person in people]


def _open(person) -> str:
    from crypto.opening import open_one

    return open_one("participant.cpr", person.pk, person.cpr.record).reveal()


def audit_faults() -> list:
    from audit.verify import verify

    return verify()[1]


def events(delivery: UUID) -> list[str]:
    """What the audit log says became of the delivery, in order."""
    from audit.models import Event

    rows = Event.objects.filter(
        object_type="exports.delivery", object_id=str(delivery), action__startswith="delivery."
    ).order_by("sequence")
    return list(rows.values_list("action", flat=True))


def cut_connections() -> int:
    """Ends every connection to the database but this one, as an administrator can."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


def _delivery(pk: UUID):
    from exports.models import Delivery

    return Delivery.objects.select_related("project__purpose", "requested_by").get(pk=pk)
