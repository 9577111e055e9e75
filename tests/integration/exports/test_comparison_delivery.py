"""From a resident list to a frozen comparison group: told on a handful of families that one can follow by hand."""

import io
import json
import os
import time
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from collection.identities import Reason, read
from consent.actions.withdraw import withdraw
from exports import comparison_delivery
from exports.actions.deliveries import request_delivery
from exports.expiry import expire_due
from exports.linkage.lint_files import Terms, lint_files
from exports.models import Delivery, DeliveryPerson, Reader, RegisterExtract, State
from exports.pseudonymise import ProjectCodes
from exports.uploads import upload_path
from tests.factories.cast import (
    make_estimate,
)
from tests.factories.deliveries import approve_and_build, make_delivery, make_project, run_jobs
from tests.factories.neighbourhood import ADULT, CHILD, OLD_CHILD, content, definition, draw, group_sizes, rows
from tests.plugins.processes import content_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]


def test_families_are_told_apart_by_the_evaluations_rule(town, evaluator, controller):
    for _ in range(5):
        town.participant_family(ADULT, CHILD)
    for _ in range(6):
        town.family(ADULT, CHILD)
    town.family(ADULT, OLD_CHILD)  # no child in the ages
    town.family(ADULT, CHILD, department=2)  # an area that reported nobody
    delivery = approve_and_build(draw(town, evaluator, controller), by=controller)
    assert delivery.state == State.BUILT
    assert group_sizes(delivery) == (5, 6)
    years = {row["REF_AAR"] for row in rows(content(delivery)["familier.csv"]) if row["GRUPPE"] == "1"}
    assert years == {"2015"}


def test_there_is_one_archive_and_it_is_the_evaluators(town, evaluator, controller):
    for _ in range(5):
        town.participant_family(ADULT, CHILD)
        town.family(ADULT, CHILD)
    delivery = approve_and_build(draw(town, evaluator, controller), by=controller)
    assert [archive.reader for archive in delivery.archives.all()] == [Reader.EVALUATOR]
    files = content(delivery)
    assert json.loads(files["manifest.json"])["definition"]["oldest"] == 6
    checked = lint_files({name: lambda data=data: io.BytesIO(data) for name, data in files.items()}, Terms())
    assert {finding.code for finding in checked.findings} == set()
    assert checked.rows["familier.csv"] == checked.rows["familier.dta"] == 10


def test_no_number_of_the_list_is_anywhere_in_clear(town, evaluator, controller):
    participants = [town.participant_family(ADULT, CHILD) for _ in range(5)]
    outsider, *_ = [town.family(ADULT, CHILD) for _ in range(5)]
    delivery = approve_and_build(draw(town, evaluator, controller), by=controller)
    participants[0].refresh_from_db()
    number = read(participants[0], "cpr", by=None, reason=Reason.CORRECT)
    assert number is not None
    for digits in (outsider, number.reveal()):
        for path in Path(settings.DATA_DIR).rglob("*"):
            if path.is_file():
                assert digits.encode() not in content_of(path), path.name
        assert all(digits.encode() not in member for member in content(delivery).values())


def test_a_withdrawal_after_the_drawing_only_takes_a_family_out(town, evaluator, controller):
    participants = [town.participant_family(ADULT, CHILD) for _ in range(6)]
    for _ in range(6):
        town.family(ADULT, CHILD)
    delivery = draw(town, evaluator, controller)
    purpose = delivery.project.purpose
    withdraw(by=town.activity.responsible, participant=participants[0], purpose=purpose, withdrawn_on=date.today())
    delivery = approve_and_build(delivery, by=controller)
    assert group_sizes(delivery) == (5, 6)
    rows = DeliveryPerson.objects.filter(delivery=delivery, taken_out_at=None)
    held = set(rows.values_list("participant", flat=True))
    assert held == {participant.pk for participant in participants[1:]}


def test_the_flow_says_how_many_without_consent_may_be_among_the_others(town, evaluator, controller):
    for _ in range(5):
        town.participant_family(ADULT, CHILD)
    for _ in range(9):
        town.family(ADULT, CHILD)
    make_estimate(town.activity, 2015, 30)
    delivery = approve_and_build(draw(town, evaluator, controller), by=controller)
    flow = {row["code"]: row["count"] for row in rows(content(delivery)["flow.csv"], delimiter=",")}
    assert flow["unseen"] == "25"
    assert flow["participant"] == "5"


@pytest.mark.parametrize("participants, others", [(4, 6), (6, 4)])
def test_of_a_group_below_the_minimum_nothing_is_told_to_anybody(
    client, town, evaluator, controller, participants, others
):
    for _ in range(participants):
        town.participant_family(ADULT, CHILD)
    for _ in range(others):
        town.family(ADULT, CHILD)
    delivery = draw(town, evaluator, controller)
    assert (delivery.state, delivery.reason, delivery.report) == (State.FAILED, "too_few", {})
    assert not DeliveryPerson.objects.filter(delivery=delivery).exists()
    client.force_login(evaluator)
    page = client.get(reverse("exports:delivery", args=[delivery.pk])).content.decode()
    assert "for få i en af grupperne" in page
    assert "familier.csv" not in page


def test_nobody_is_told_the_size_of_a_group_that_fell_below_the_minimum(town, evaluator, controller):
    participants = [town.participant_family(ADULT, CHILD) for _ in range(5)]
    for _ in range(6):
        town.family(ADULT, CHILD)
    delivery = draw(town, evaluator, controller)
    purpose = delivery.project.purpose
    withdraw(by=town.activity.responsible, participant=participants[0], purpose=purpose, withdrawn_on=date.today())
    delivery = approve_and_build(delivery, by=controller)
    assert (delivery.state, delivery.reason) == (State.FAILED, "too_few")
    assert not delivery.archives.exists()


def test_of_two_groups_that_are_drawn_at_the_same_time_only_one_is_told_of(town, evaluator, controller, monkeypatch):
    for _ in range(6):
        town.participant_family(ADULT, CHILD)
        town.family(ADULT, CHILD)
    extract, project = town.load(controller), make_project(evaluator)
    for rule in (definition(extract.pk), definition(extract.pk, oldest=7)):
        request_delivery(by=evaluator, project=project, kind=Delivery.Kind.COMPARISON, definition=rule)
    drawing = comparison_delivery.draw

    def meanwhile(*args):  # the other job ends while this one draws
        monkeypatch.setattr(comparison_delivery, "draw", drawing)
        run_jobs()
        return drawing(*args)

    monkeypatch.setattr(comparison_delivery, "draw", meanwhile)
    run_jobs()
    found = Delivery.objects.in_bulk().values()
    assert {(each.state, each.reason) for each in found} == {(State.PREPARED, ""), (State.FAILED, "another_group")}
    assert [each.report for each in found if each.state == State.FAILED] == [{}]


def test_two_whom_a_mistake_made_one_are_two_in_the_group(town, evaluator, controller):
    people = [town.participant_family(ADULT, CHILD) for _ in range(6)]
    for _ in range(6):
        town.family(ADULT, CHILD)
    project = make_project(evaluator)
    codes = ProjectCodes(project)
    with transaction.atomic():
        [shared] = codes.codes_for([[person.pk for person in people[:2]]])  # as when both had one number
    delivery = make_delivery(
        project, by=evaluator, kind=Delivery.Kind.COMPARISON, definition=definition(town.load(controller).pk)
    )
    assert delivery.state == State.PREPARED
    known = codes.known(person.pk for person in people)
    assert shared not in known.values()
    assert len(set(known.values())) == len(people)


def test_a_list_with_faults_is_refused_whole_and_its_key_destroyed(town, controller):
    town.family(ADULT, CHILD)
    town.lines.append(["70761428", "F9", "1980-05-05", 2016, 5, 1])
    extract = town.load(controller)
    assert extract.state == RegisterExtract.State.REFUSED
    assert extract.run_key is None
    assert [(problem["row"], problem["column"]) for problem in extract.problems] == [(8, "PNR")]
    assert "70761428" not in json.dumps(extract.problems)
    assert not upload_path(extract.pk).exists()


def test_a_list_is_gone_on_its_date(town, controller):
    town.family(ADULT, CHILD)
    extract = town.load(controller)
    assert expire_due(extract.delete_on) == 1
    extract.refresh_from_db()
    assert (extract.state, extract.run_key) == (RegisterExtract.State.DELETED, None)


def test_an_upload_that_never_became_a_list_is_removed_after_a_day(settings):
    left = upload_path(uuid4())
    left.with_suffix(".age.part").write_bytes(b"sealed")
    assert expire_due() == 0
    yesterday = time.time() - 25 * 60 * 60
    os.utime(left.parent, (yesterday, yesterday))
    assert expire_due() == 1
    assert not left.parent.exists()


def test_a_year_that_the_list_lacks_fails_in_words(town, evaluator, controller):
    town.participant_family(ADULT, CHILD)
    delivery = draw(town, evaluator, controller, comparison_year=2017)
    assert (delivery.state, delivery.reason) == (State.FAILED, "year_missing")


@pytest.mark.slow
def test_persons_are_drawn_and_matched_as_families_are(town, evaluator, controller):
    partner = date(1981, 6, 6)
    for adults in ([ADULT], [ADULT, partner]) * 3:
        town.participant_family(*adults, CHILD)
        for _ in range(2):
            town.family(*adults, CHILD)
    rule = {"unit": "person", "youngest": 18, "oldest": 60, "characteristics": ["family_type", {"name": "age"}]}
    matching = {"method": "exact", "variables": ["family_type"]}
    drawn = draw(town, evaluator, controller, **rule, matching=matching)
    assert drawn.state == State.PREPARED, drawn.reason
    delivery = approve_and_build(drawn, by=controller)
    assert delivery.state == State.BUILT, delivery.reason
    files = content(delivery)
    assert "familier.csv" not in files
    persons = rows(files["personer.csv"])
    assert [row["GRUPPE"] for row in persons].count("1") == 6
    assert {"PSEUDONYM", "GRUPPE", "REF_AAR", "REGION", "FAMILY_TYPE", "AGE"} == set(persons[0])
    units = rows(files["units.csv"], delimiter=",")
    assert {row["id"] for row in units} == {row["PSEUDONYM"] for row in persons}
    weights = [float(row["weight"]) for row in units if row["group"] == "0"]
    assert len(weights) == 6 + 2 * 6 + 3  # everybody else of the ages, the partners of participants too
    assert sum(weights) == pytest.approx(len(weights))
    checked = lint_files({name: lambda data=data: io.BytesIO(data) for name, data in files.items()}, Terms())
    assert {finding.code for finding in checked.findings} == set()
