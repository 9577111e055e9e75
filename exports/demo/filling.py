"""Writes the demo into the database, a few plans at a time; the audit chain gets one event per plan."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, islice
from uuid import uuid4

from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.permissions import Role
from audit.recording import Recorder, audited
from collection import models as collection
from consent import models as consent
from consent.actions.publish import publish_examples
from consent.queries import EVALUATION, texts_in_use
from crypto.agefile import AgeWriter, recipient_of
from crypto.secret import Secret
from exports import demo, vault
from exports.actions.extracts import load_extract
from exports.actions.projects import create_project
from exports.demo.activities import Activity, colleagues
from exports.demo.counts import Headcount
from exports.demo.keys import give_keys
from exports.demo.places import Plan
from exports.demo.registrations import Decision, Participant, Registrations
from exports.demo.residents import CHUNK as LIST_CHUNK
from exports.demo.residents import csv_chunks
from exports.demo.world import World
from exports.linkage.schema import STANDARD
from exports.models import EvaluationProject
from exports.register_catalogue import parse_line
from exports.uploads import upload_path

CHUNK = 500  # participants; each has a few decisions and participations
TEXTS_PUBLISHED = datetime(2016, 1, 4, 9, tzinfo=UTC)
PLANS_AT_ONCE = 8  # in one transaction: most of its time is waiting for the disk
LIST_KEPT = timedelta(days=180)
STILL_IN_DOUBT = 40  # one in so many numbers
OWN_PLANS = 3  # the first plans are the demo users' own

# Username, name and role of who can sign in.
USERS = (
    ("medarbejder", "Mette Medarbejder", Role.STAFF),
    ("koordinator", "Karim Koordinator", Role.COORDINATOR),
    ("evaluator", "Eva Evaluator", Role.EVALUATOR),
    ("dataansvarlig", "Dan Dataansvarlig", Role.CONTROLLER),
)

# What the evaluation of 2011-14 took from registers, as far as it says so.
REGISTER_VARIABLES = (
    *("BEF FAMILIE_ID 2014-2016", "BEF KOM 2014-2016", "BEF IE_TYPE 2014-2016", "UDDA HFAUDD 2014-2016"),
    *("AKM SOCIO13 2014-2016", "IND AEKVIVADISP_13 2014-2016", "LPR_DIAG C_DIAG 2009-2016", "BUFO PGF 2014-2016"),
)

Texts = dict[tuple[str, str], consent.Text]
Say = Callable[[str], None]


def fill(world: World, *, password: str, say: Say) -> None:
    """Writes everything but the resident list into a database without plans. `say` is told how far it is."""
    users = {
        name: User.objects.create_user(name, role=role, full_name=full_name, password=password)
        for name, full_name, role in USERS
    }
    texts = _texts(users["dataansvarlig"])
    staff = _staff(world, users)
    say(f"{len(world.plans)} plans, {User.objects.count()} users")
    done, coming = 0, world.registrations()
    for first in range(0, len(world.plans), PLANS_AT_ONCE):
        with audited(by=None) as log:
            for registrations in islice(coming, PLANS_AT_ONCE):
                done += _plan(world, registrations, staff[registrations.plan.number], texts, log)
        written = min(first + PLANS_AT_ONCE, len(world.plans))
        say(f"{done:,} of {world.participants:,} participants ({written} of {len(world.plans)} plans)")
    project = create_project(
        by=users["dataansvarlig"],
        project=EvaluationProject(
            name="Evaluering af familieindsats",
            dst_number="700123",
            purpose_id=EVALUATION,
            first_year=2014,
            last_year=2016,
            variables=list(STANDARD),
            register_variables=[parse_line(line).to_json() for line in REGISTER_VARIABLES],
            ends_on=date(2029, 12, 31),
        ),
        evaluators=[users["evaluator"]],
    )
    give_keys(project, users["evaluator"], users["dataansvarlig"])
    for more in demo.MORE:
        more(users["dataansvarlig"])


def hand_in_residents(world: World, *, say: Say) -> None:
    """Hands the resident list in as the controller would upload it; the job that loads it runs in the worker."""
    extract_id = uuid4()
    with AgeWriter(upload_path(extract_id), [recipient_of(vault.archive_identity())]) as upload:
        for number, chunk in enumerate(csv_chunks(world), start=1):
            upload.write(chunk)
            say(f"{number * LIST_CHUNK:,} rows of the resident list")
    load_extract(
        by=User.objects.get(username="dataansvarlig"),
        extract_id=extract_id,
        name="Opdigtet beboerliste 2014-2016",
        delete_on=date.today() + LIST_KEPT,
    )


def _texts(by: User) -> Texts:
    """The example texts by audience and language, published before the first consent of the demo."""
    publish_examples(by, at=TEXTS_PUBLISHED)
    return {(text.version.document.audience, text.language): text for text in texts_in_use()}


def _staff(world: World, users: dict[str, User]) -> list[list[User]]:
    """Who works in each plan, in the order in which the demo's data names them."""
    nobody = make_password(None)  # no password fits: colleagues can't sign in
    made: list[list[User]] = []
    for plan in world.plans:
        made.append(
            [
                User(
                    id=each.id,
                    username=each.username,
                    full_name=each.full_name,
                    role=Role.COORDINATOR if each.coordinates else Role.STAFF,
                    password=nobody,
                )
                for each in colleagues(world.seed, plan)
            ]
        )
    User.objects.bulk_create(chain.from_iterable(made))
    for own in made[:OWN_PLANS]:
        own[:0] = [users["medarbejder"], users["koordinator"]]
    return made


def _plan(world: World, registrations: Registrations, staff: list[User], texts: Texts, log: Recorder) -> int:
    """One plan with all that belongs to it; returns the number of its participants."""
    plan = registrations.plan
    row = _plan_row(plan, staff)
    collection.Activity.objects.bulk_create(_activity_row(each, row, staff) for each in registrations.activities)
    participants = (each for _, registered in registrations for each in registered)
    written = sum(_participants(part, plan, staff, texts) for part in _chunks(participants))
    headcounts, tallies = [], []
    for each in world.headcounts_and_tallies(registrations):
        by = staff[each.activity.responsible]
        if isinstance(each, Headcount):
            headcounts.append(
                collection.Headcount(
                    activity_id=each.activity.id,
                    year=each.year,
                    estimate=each.estimate,
                    basis=each.basis,
                    made_by=by,
                )
            )
        else:
            tallies.append(
                consent.Tally(
                    activity_id=each.activity.id,
                    year=each.year,
                    outcome=each.outcome,
                    change=each.change,
                    recorded_by=by,
                )
            )
    collection.Headcount.objects.bulk_create(headcounts)
    consent.Tally.objects.bulk_create(tallies)
    log("demo.filled", row, plan=plan.id, activities=len(registrations.activities), participants=written)
    return written


def _plan_row(plan: Plan, staff: list[User]) -> collection.Plan:
    row = collection.Plan.objects.create(
        id=plan.id,
        lbf_number=plan.lbf_number,
        name=plan.name,
        municipality_code=plan.municipality_code,
        start=plan.start,
        end=plan.end,
        contact_name="Beboerhuset",
        contact_email="kontakt@helhedsplan.example",
    )
    departments = collection.Department.objects.bulk_create(
        collection.Department(
            plan=row,
            organisation_number=each.organisation_number,
            department_number=each.department_number,
            name=each.name,
        )
        for each in plan.departments
    )
    collection.AddressKey.objects.bulk_create(
        collection.AddressKey(
            department=department,
            municipality_code=street.municipality_code,
            street_code=street.code,
            house_from=street.house_from,
            house_to=street.house_to,
        )
        for department, each in zip(departments, plan.departments, strict=True)
        for street in each.streets
    )
    collection.Membership.objects.bulk_create(collection.Membership(user=user, plan=row) for user in staff)
    return row


def _activity_row(activity: Activity, plan: collection.Plan, staff: list[User]) -> collection.Activity:
    return collection.Activity(
        id=activity.id,
        plan=plan,
        type_id=activity.type.code,
        name=activity.name,
        start=activity.start,
        end=activity.end,
        responsible=staff[activity.responsible],
        age_from=activity.type.age_from,
        age_to=activity.type.age_to,
    )


def _participants(part: list[Participant], plan: Plan, staff: list[User], texts: Texts) -> int:
    collection.Participant.ungated.bulk_create([_participant_row(each, plan) for each in part])
    collection.Participation.ungated.bulk_create(
        collection.Participation(
            participant_id=each.id,
            activity_id=participation.activity.id,
            start=participation.start,
            start_precision=participation.precision,
            end=participation.end,
            role=participation.role,
        )
        for each in part
        for participation in each.participations
    )
    consent.Decision.objects.bulk_create(
        _decision_row(decision, each, staff, texts) for each in part for decision in each.decisions
    )
    return len(part)


def _participant_row(participant: Participant, plan: Plan) -> collection.Participant:
    """An identity that was erased is not written at all."""
    kind = collection.Identification.CPR if participant.with_cpr else collection.Identification.NAME_ADDRESS
    row = collection.Participant(id=participant.id, plan_id=plan.id, identification=kind)
    if participant.erased_on:
        row.erased_at = _moment(participant.erased_on)
        return row
    if participant.name:
        row.name = Secret(participant.name)
    if participant.with_cpr:
        row.cpr = Secret(participant.person.cpr)
        row.check_digit_confirmed = True  # every invented number fails it; some are still to be looked at again
        if participant.id.int % STILL_IN_DOUBT:
            row.doubts_settled_at = _moment(participant.decisions[0].recorded_on)
    else:
        row.birth_date = Secret(participant.person.birth_date.isoformat())
        row.address = Secret(participant.address)
        row.residence_date = Secret(participant.residence_date.isoformat())
    return row


def _decision_row(decision: Decision, participant: Participant, staff: list[User], texts: Texts) -> consent.Decision:
    by = None if decision.obtained_by is None else staff[decision.obtained_by]
    return consent.Decision(
        participant_id=participant.id,
        purpose_id=EVALUATION,
        text=None if decision.audience is None else texts[decision.audience, decision.language],
        kind=decision.kind,
        decided_on=decision.decided_on,
        method=decision.method or "",
        obtained_by=by,
        guardian_relation=decision.guardian_relation or "",
        lapses_on=decision.lapses_on,
        recorded_by=by,
        recorded_at=_moment(decision.recorded_on),
    )


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(10), tzinfo=UTC)


def _chunks(participants: Iterable[Participant]) -> Iterator[list[Participant]]:
    part: list[Participant] = []
    for each in participants:
        part.append(each)
        if len(part) == CHUNK:
            yield part
            part = []
    yield part
