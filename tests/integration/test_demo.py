"""`manage.py demo`: fills an empty demo site, and nothing else."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from collection.models import Plan
from crypto.agefile import recipient_of
from exports.demo.comparison import make_group
from exports.models import Job, RegisterExtract, State
from exports.recipients import usable
from exports.uploads import upload_path
from tests.factories.deliveries import run_jobs


@pytest.fixture
def demo_site(settings):
    settings.DEMO = True


def test_the_sign_in_page_of_a_demo_names_its_users(demo_site, client, db):
    page = client.get("/log-ind/").text
    assert "Demonstration." in page
    assert all(f"<code>{name}</code>" in page for name in ("medarbejder", "koordinator", "evaluator", "dataansvarlig"))


def test_refuses_a_site_that_is_no_demo(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="no demo site"):
        call_command("demo")
    assert not User.objects.exists()


def test_refuses_a_database_that_has_plans(demo_site, db):
    Plan.objects.create(
        lbf_number="1", name="Plan", municipality_code="751", start=date(2014, 1, 1), end=date(2018, 1, 1)
    )
    with pytest.raises(CommandError, match="has plans already"):
        call_command("demo")
    assert not User.objects.exists()


def test_refuses_more_people_than_it_is_made_for(demo_site, db):
    with pytest.raises(CommandError, match="from 1 to"):
        call_command("demo", participants=1_000_001)


def test_hands_the_resident_list_in_sealed_for_the_worker_to_load(demo_site, db, monkeypatch):
    monkeypatch.setattr("exports.demo.residents.RESIDENTS", 2000)
    call_command("demo", participants=50, stdout=StringIO())
    extract = RegisterExtract.objects.get()
    assert extract.loaded_by.username == "dataansvarlig"
    assert Job.objects.get(extract=extract).kind == Job.Kind.LOAD
    sealed = upload_path(extract.pk).read_bytes()
    assert sealed.startswith(b"age-encryption.org/v1")
    assert b"FAMILIE_ID" not in sealed


def test_a_visitor_can_open_what_the_demo_gives_its_readers(demo_site, db, monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    call_command("demo", participants=50, no_residents=True, stdout=StringIO())
    keys = {path.stem: path for path in (tmp_path / "modtagere").iterdir()}
    assert {path.stat().st_mode & 0o777 for path in keys.values()} == {0o600}
    confirmed = {each.added_by.username: each for each in usable(on=date.today())}
    assert confirmed.keys() == keys.keys() == {"evaluator", "dataansvarlig"}
    for name, path in keys.items():
        assert recipient_of(path.read_text().split()[-1]) == confirmed[name].public_key


def test_writes_the_resident_list_on_request_and_leaves_the_database_alone(demo_site, db, tmp_path, monkeypatch):
    monkeypatch.setattr("exports.demo.residents.RESIDENTS", 2000)
    call_command("demo", residents=tmp_path / "list.csv", participants=50, stdout=StringIO())
    lines = (tmp_path / "list.csv").read_text().splitlines()
    assert lines[0] == "PNR;FAMILIE_ID;FOED_DAG;KOEN;KOM;VEJKODE;HUSNR;AAR"
    assert len(lines) > 5000
    assert not Plan.objects.exists()


@pytest.mark.slow
def test_a_finished_comparison_group_is_made_beside_the_running_site(demo_site, db, monkeypatch):
    monkeypatch.setattr("exports.demo.residents.RESIDENTS", 4000)
    call_command("demo", participants=400, stdout=StringIO())

    def wait(condition):  # the worker's part
        run_jobs()
        return condition()

    delivery = make_group(wait)
    assert delivery is not None
    run_jobs()
    delivery.refresh_from_db()
    assert delivery.state == State.BUILT
    assert delivery.report["described"]["after"]["sizes"]
    assert make_group(wait) is None  # once
