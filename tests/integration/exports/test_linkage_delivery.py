"""From a request to two archives: only people with consent, only the right reader, only what was approved."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import duckdb
import pandas as pd
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.permissions import Role
from audit.models import Event
from audit.verify import verify
from collection.identities import Reason, read
from consent import gate
from consent.actions.withdraw import erase_identities, withdraw
from consent.queries import EVALUATION
from exports import jobs, project_keys, storage
from exports.actions.deliveries import approve, cancel, request_delivery
from exports.models import Delivery, DeliveryPerson, Job, Reader, State
from exports.policies import NotAllowed
from exports.pseudonyms import is_code
from exports.states import WrongState
from tests.factories.cast import (
    PASSWORD,
    make_activity,
    make_identity,
    make_name_identity,
    make_participant,
    make_user,
)
from tests.factories.clock import today_is
from tests.factories.deliveries import (
    approve_and_build,
    make_delivery,
    make_project,
    members,
    run_jobs,
    say_no,
    say_yes,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]


def number_of(participant) -> str:
    participant.refresh_from_db()
    secret = read(participant, "cpr", by=None, reason=Reason.CORRECT)
    assert secret is not None
    return secret.reveal()


def archives(delivery) -> tuple[dict[str, bytes], dict[str, bytes]]:
    found = {archive.reader: members(archive) for archive in delivery.archives.all()}
    return found[Reader.OFFICER], found[Reader.EVALUATOR]


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode()), delimiter=";"))


def purpose_of(project):
    return project.purpose


def test_the_key_file_names_each_person_with_consent_by_number_and_code(project, evaluator, controller, activity):
    people = [make_participant(activity) for _ in range(4)]
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    officer, data = archives(delivery)
    keys = rows(officer["noegle.csv"])
    assert {row["PNR"] for row in keys} == {number_of(person) for person in people}
    assert all(len(row["PNR"]) == 10 and is_code(row["PSEUDONYM"]) for row in keys)
    assert [row["PSEUDONYM"] for row in keys] == sorted(row["PSEUDONYM"] for row in keys)
    assert {row["PSEUDONYM"] for row in rows(data["data.csv"])} == {row["PSEUDONYM"] for row in keys}


def test_no_number_and_no_name_is_in_the_evaluators_archive(project, evaluator, controller, activity):
    people = [make_participant(activity) for _ in range(3)]
    named = make_name_identity()
    make_participant(activity, named)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    _, data = archives(delivery)
    everything = b"".join(data.values())
    for person in people:
        assert number_of(person).encode() not in everything
    assert named.name.encode() not in everything
    assert named.address.encode() not in everything


def test_people_without_a_number_are_on_the_identification_list_only(project, evaluator, controller, activity):
    for _ in range(3):
        make_participant(activity)
    named = make_name_identity()
    make_participant(activity, named)
    officer, data = archives(approve_and_build(make_delivery(project, by=evaluator), by=controller))
    [listed] = rows(officer["identifikationsliste.csv"])
    assert listed["NAVN"] == named.name
    assert listed["FOEDSELSDATO"] == named.birth_date.isoformat()
    assert listed["BOPAELSDATO"] == named.residence_date.isoformat()
    assert listed["PSEUDONYM"] not in {row["PSEUDONYM"] for row in rows(officer["noegle.csv"])}
    assert listed["PSEUDONYM"] in {row["PSEUDONYM"] for row in rows(data["data.csv"])}


def test_one_person_in_two_plans_has_one_code(project, evaluator, controller):
    same = make_identity()
    others = [make_participant(make_activity()) for _ in range(2)]
    make_participant(make_activity(), same)
    make_participant(make_activity(), same)
    officer, data = archives(approve_and_build(make_delivery(project, by=evaluator), by=controller))
    assert len(rows(officer["noegle.csv"])) == len(others) + 1
    assert len(rows(data["data.csv"])) == len(others) + 2


def test_codes_are_stable_in_a_project_and_differ_between_projects(evaluator, controller, activity):
    people = [make_participant(activity) for _ in range(3)]
    first, second = make_project(evaluator), make_project(evaluator)

    def codes(project):
        officer, _ = archives(approve_and_build(make_delivery(project, by=evaluator), by=controller))
        return {row["PNR"]: row["PSEUDONYM"] for row in rows(officer["noegle.csv"])}

    before = codes(first)
    people.append(make_participant(activity))
    after = codes(first)
    assert {number: after[number] for number in before} == before
    assert not set(codes(second).values()) & set(after.values())


def test_who_has_withdrawn_is_left_out_and_counted(project, evaluator, controller, activity):
    people = [make_participant(activity) for _ in range(5)]
    gone = number_of(people[0])
    withdraw(by=activity.responsible, participant=people[0], purpose=purpose_of(project), withdrawn_on=date.today())
    officer, data = archives(approve_and_build(make_delivery(project, by=evaluator), by=controller))
    assert gone not in {row["PNR"] for row in rows(officer["noegle.csv"])}
    manifest = json.loads(data["manifest.json"])
    assert {entry["code"]: entry["persons"] for entry in manifest["left_out"]}["withdrawn"] == "<3"


def test_a_withdrawal_between_approval_and_building_is_honoured(project, evaluator, controller, activity):
    people = [make_participant(activity) for _ in range(6)]
    gone = number_of(people[0])
    delivery = make_delivery(project, by=evaluator)
    say_yes(delivery, by=controller)
    withdraw(by=activity.responsible, participant=people[0], purpose=purpose_of(project), withdrawn_on=date.today())
    run_jobs()
    delivery.refresh_from_db()
    officer, data = archives(delivery)
    assert gone not in {row["PNR"] for row in rows(officer["noegle.csv"])}
    assert len(rows(data["data.csv"])) == 5
    assert not DeliveryPerson.objects.filter(delivery=delivery, participant=people[0].pk, taken_out_at=None).exists()


def test_a_childs_consent_that_lapsed_between_approval_and_building_is_honoured(
    project, evaluator, controller, activity
):
    birthday = date.today() + timedelta(days=1)
    child = make_identity(born=birthday.replace(year=birthday.year - 18))
    made = make_participant(activity, child, start=date(2015, 3, 1), role="child")
    for _ in range(4):
        make_participant(activity)
    delivery = make_delivery(project, by=evaluator)
    say_yes(delivery, by=controller)

    with today_is(birthday):
        run_jobs()
    delivery.refresh_from_db()
    officer, _ = archives(delivery)
    assert number_of(made) not in {row["PNR"] for row in rows(officer["noegle.csv"])}
    assert len(rows(officer["noegle.csv"])) == 4


def test_the_ledger_names_who_is_in_it_and_on_which_decision(project, evaluator, controller, activity):
    people = [make_participant(activity) for _ in range(3)]
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    relied_on = dict(DeliveryPerson.objects.filter(delivery=delivery).values_list("participant", "decision"))
    valid = gate.valid_decisions(EVALUATION, on=date.today())
    assert relied_on == {person.pk: valid.get(participant=person.pk).pk for person in people}


@pytest.mark.usefixtures("drawn_codebooks")
def test_building_the_same_set_twice_gives_the_same_plain_members(project, evaluator, controller, activity):
    for _ in range(3):
        make_participant(activity)
    make_participant(activity, make_name_identity())
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    first = archives(delivery)
    Delivery.objects.filter(pk=delivery.pk).update(state=State.APPROVED)
    jobs.enqueue(by=evaluator, kind=Job.Kind.BUILD, delivery=delivery)
    run_jobs()
    delivery.refresh_from_db()
    assert archives(delivery) == first
    assert DeliveryPerson.objects.filter(delivery=delivery).count() == 4


def test_the_data_file_is_read_alike_by_readers_that_did_not_write_it(
    project, evaluator, controller, activity, tmp_path
):
    for _ in range(4):
        make_participant(activity)
    _, data = archives(approve_and_build(make_delivery(project, by=evaluator), by=controller))
    for name in ("data.csv", "data.parquet"):
        (tmp_path / name).write_bytes(data[name])
    by_pandas = pd.read_csv(tmp_path / "data.csv", sep=";", dtype={"PSEUDONYM": str})
    by_duckdb = duckdb.sql(f"SELECT * FROM read_parquet('{tmp_path / 'data.parquet'}')").df()
    pd.testing.assert_frame_equal(by_pandas, by_duckdb, check_dtype=False)
    manifest = json.loads(data["manifest.json"])
    assert by_pandas.columns.tolist() == manifest["files"][0]["columns"]
    assert len(by_pandas) == manifest["files"][0]["rows"]


def test_a_manifest_hashes_only_its_own_readers_files(project, evaluator, controller, activity):
    for _ in range(3):
        make_participant(activity)
    officer, data = archives(approve_and_build(make_delivery(project, by=evaluator), by=controller))
    for content in (officer, data):
        named = {entry["name"] for entry in json.loads(content["manifest.json"])["files"]}
        assert named == set(content) - {"manifest.json"}


def test_nobody_approves_their_own_request(project, controller, activity):
    for _ in range(3):
        make_participant(activity)
    delivery = make_delivery(project, by=controller)
    with pytest.raises(NotAllowed):
        say_yes(delivery, by=controller)
    with pytest.raises(NotAllowed):
        say_no(delivery, by=controller)


def test_the_database_refuses_an_approval_by_the_requester(project, controller, activity):
    delivery = make_delivery(project, by=controller)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(decided_by=controller)


def test_an_approval_of_another_set_is_refused(project, evaluator, controller, activity):
    make_participant(activity)
    delivery = make_delivery(project, by=evaluator)
    with pytest.raises(WrongState):
        approve(by=controller, delivery=delivery, shown="0" * 64, reason="Som aftalt.")


def test_an_evaluator_cannot_approve(project, evaluator, activity):
    make_participant(activity)
    delivery = make_delivery(project, by=evaluator)
    with pytest.raises(NotAllowed):
        say_yes(delivery, by=make_user(Role.EVALUATOR))


def test_an_approver_who_has_lost_the_right_stops_the_building(project, evaluator, controller, activity):
    make_participant(activity)
    delivery = make_delivery(project, by=evaluator)
    say_yes(delivery, by=controller)
    controller.is_active = False
    controller.save()
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.FAILED, "approval_void")
    assert not delivery.archives.exists()


def test_an_evaluator_who_left_the_project_gets_nothing_prepared(project, evaluator, activity):
    make_participant(activity)
    delivery = request_delivery(by=evaluator, project=project, kind=Delivery.Kind.LINKAGE)
    project.evaluators.clear()
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (State.FAILED, "requester_left")


def test_a_frozen_set_that_was_swapped_is_not_built(project, evaluator, controller, activity):
    for _ in range(3):
        make_participant(activity)
    delivery = make_delivery(project, by=evaluator)
    make_participant(activity)
    other = make_delivery(project, by=evaluator)
    storage.frozen_path(delivery).write_bytes(storage.frozen_path(other).read_bytes())
    delivery = approve_and_build(delivery, by=controller)
    assert (delivery.state, delivery.reason) == (State.FAILED, "unexpected")
    assert sorted(path.name for path in storage.delivery_folder(delivery).iterdir()) == ["frozen.age"]


def test_without_the_projects_key_nothing_is_prepared(project, evaluator, activity):
    make_participant(activity)
    project_keys._path(project.pk).unlink()
    delivery = make_delivery(project, by=evaluator)
    assert (delivery.state, delivery.reason) == (State.FAILED, "project_key_missing")


def test_a_delivery_of_nobody_fails_in_words(project, evaluator):
    delivery = make_delivery(project, by=evaluator)
    assert (delivery.state, delivery.reason) == (State.FAILED, "nobody")


def test_a_cancelled_delivery_is_not_prepared(project, evaluator, activity):
    make_participant(activity)
    delivery = request_delivery(by=evaluator, project=project, kind=Delivery.Kind.LINKAGE)
    cancel(by=evaluator, delivery=delivery)
    run_jobs()
    delivery.refresh_from_db()
    assert delivery.state == State.CANCELLED
    assert not storage.frozen_path(delivery).exists()


def test_only_what_began_in_the_projects_years_is_in_it(evaluator, controller, activity):
    project = make_project(evaluator, first_year=2015, last_year=2015)
    inside = [make_participant(activity, start=date(2015, month, 1)) for month in (1, 6, 12)]
    make_participant(activity, start=date(2014, 12, 31))
    make_participant(activity, start=date(2016, 1, 1))
    officer, _ = archives(approve_and_build(make_delivery(project, by=evaluator), by=controller))
    assert {row["PNR"] for row in rows(officer["noegle.csv"])} == {number_of(person) for person in inside}


def test_every_step_is_in_the_audit_log(project, evaluator, controller, activity):
    for _ in range(3):
        make_participant(activity)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    actions = list(
        Event.objects.filter(object_id=str(delivery.pk)).order_by("sequence").values_list("action", flat=True)
    )
    assert actions == [
        "delivery.requested",
        "identity.names_compared",
        "delivery.prepared",
        "identity.ages_read",
        "delivery.approved",
        "identity.names_compared",
        "delivery.built",
        "identity.exported",
    ]
    assert verify()[1] == []


def test_the_shell_builds_an_approved_delivery_and_copies_it_sealed(project, evaluator, controller, activity, tmp_path):
    people = [make_participant(activity) for _ in range(3)]
    delivery = make_delivery(project, by=evaluator)
    say_yes(delivery, by=controller)
    call_command("linkage", str(delivery.pk), "--out", str(tmp_path / "out"))
    copies = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in copies] == ["evaluator.zip.age", "officer.zip.age"]
    for path in copies:
        assert path.read_bytes().startswith(b"age-encryption.org/v1")
        assert number_of(people[0]).encode() not in path.read_bytes()
    delivery.refresh_from_db()
    assert delivery.state == State.FETCHED


@pytest.mark.parametrize("decide", [None, "reject"])
def test_the_shell_refuses_what_is_not_approved(project, evaluator, controller, activity, tmp_path, decide):
    make_participant(activity)
    delivery = make_delivery(project, by=evaluator)
    if decide:
        say_no(delivery, by=controller)
    with pytest.raises(CommandError):
        call_command("linkage", str(delivery.pk), "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_what_is_renamed_or_newly_approved_after_the_approval_changes_nothing(project, evaluator, controller, activity):
    for _ in range(3):
        make_participant(activity)
    first, second = make_delivery(project, by=evaluator), make_delivery(project, by=evaluator)
    _, before = archives(approve_and_build(first, by=controller))
    activity.type.name_da = "Et helt andet navn"
    activity.type.save()
    project.variables = [*project.variables, "KOMMUNE", "PLAN_NR"]
    project.save()
    _, after = archives(approve_and_build(second, by=controller))
    assert after["data.csv"] == before["data.csv"]
    assert after["kodebog.csv"] == before["kodebog.csv"]


def test_a_failure_in_the_second_archive_leaves_none_of_the_first(
    project, evaluator, controller, activity, monkeypatch
):
    for _ in range(3):
        make_participant(activity)
    delivery = make_delivery(project, by=evaluator)

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("exports.linkage_delivery.write_officer_archive", full)
    delivery = approve_and_build(delivery, by=controller)
    assert delivery.state == State.FAILED
    assert [path.name for path in storage.delivery_folder(delivery).iterdir()] == ["frozen.age"]


def test_files_built_before_a_withdrawal_are_built_again_before_anybody_fetches_them(
    client, project, evaluator, controller, activity
):
    people = [make_participant(activity) for _ in range(6)]
    gone = number_of(people[0])
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    withdraw(by=activity.responsible, participant=people[0], purpose=purpose_of(project), withdrawn_on=date.today())
    client.force_login(controller)
    address = reverse("exports:fetch", args=[delivery.pk, "officer"])
    assert client.post(address, {"password": PASSWORD}).status_code == 302
    run_jobs()
    delivery.refresh_from_db()
    assert delivery.state == State.BUILT
    officer, _ = archives(delivery)
    assert gone not in {row["PNR"] for row in rows(officer["noegle.csv"])}
    assert client.post(address)["Location"].startswith("/hent/")


def test_a_worker_that_lost_its_claim_does_not_end_the_job(project, evaluator, activity, monkeypatch):
    make_participant(activity)
    delivery = request_delivery(by=evaluator, project=project, kind=Delivery.Kind.LINKAGE)
    job = Job.objects.get(delivery=delivery)

    def stolen(*args, **kwargs):
        Job.objects.filter(pk=job.pk).update(claim=uuid4())
        return []

    monkeypatch.setattr("exports.linkage_delivery.lint_prepared", stolen)
    jobs.run(job.pk)
    delivery.refresh_from_db()
    assert delivery.state == State.REQUESTED
    assert Job.objects.get(pk=job.pk).state == Job.State.RUNNING


def test_a_lapsed_identity_that_was_erased_counts_as_lapsed_and_not_as_withdrawn(
    project, evaluator, controller, activity
):
    people = [make_participant(activity) for _ in range(4)]
    child = make_participant(activity, make_identity(born=date(2005, 3, 4)), role="child")
    erase_identities([child.pk], at=datetime.now(UTC))
    withdraw(by=activity.responsible, participant=people[0], purpose=purpose_of(project), withdrawn_on=date.today())
    delivery = make_delivery(project, by=evaluator)
    assert delivery.report["left_out_counts"] == {"withdrawn": 1, "lapsed": 1, "restricted": 0}
