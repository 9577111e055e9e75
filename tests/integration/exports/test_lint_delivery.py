"""What the linter says of a delivery from the register: to its approver, when it is built, and in the shell."""

import io
import json
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.translation import override

from audit.models import Event
from consent.actions.withdraw import withdraw
from exports.linkage.schema import STANDARD
from exports.models import EvaluationProject, Reader, State
from exports.policies import may_be_accepted, needs_acceptance
from tests.factories.cast import make_activity, make_identity, make_name_identity, make_participant, make_plan
from tests.factories.deliveries import approve_and_build, make_delivery, make_project, members, run_jobs, say_yes
from tests.unit.linkage.faulty import changed, told

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]

BORN, START = date(1975, 5, 3), date(2015, 3, 1)


def alike(activity, count: int, role: str = "mother") -> list:
    """People whom the standard variables don't tell apart."""
    return [make_participant(activity, make_identity(born=BORN), start=START, role=role) for _ in range(count)]


def leave(person, activity, project) -> None:
    withdraw(by=activity.responsible, participant=person, purpose=project.purpose, withdrawn_on=date.today())


def test_groups_below_k_stand_in_the_report_and_can_be_accepted_at_statistics_denmark(project, evaluator, activity):
    alike(activity, 5)
    alike(activity, 2, role="father")
    delivery = make_delivery(project, by=evaluator)
    k = delivery.report["k"]
    assert (k["k"], k["groups"], k["groups_below"], k["persons_below"], k["smallest"]) == (5, 2, 1, 2, "<5")
    assert k["without"][0] == ["ROLLE", 0]
    assert ["accept", "data.csv", "k_anonymity", ""] in delivery.report["findings"]
    assert needs_acceptance(delivery)
    assert may_be_accepted(delivery)
    assert not delivery.report["blocked"]


def test_groups_below_k_block_a_file_that_is_used_elsewhere(evaluator, activity):
    alike(activity, 4)
    delivery = make_delivery(make_project(evaluator, data_at=EvaluationProject.DataAt.OWN), by=evaluator)
    assert needs_acceptance(delivery)
    assert not may_be_accepted(delivery)
    assert delivery.report["blocked"]


def test_a_withdrawal_that_breaks_a_group_asks_for_a_new_approval(project, evaluator, controller, activity):
    people = alike(activity, 5)
    delivery = make_delivery(project, by=evaluator)
    assert not needs_acceptance(delivery)
    say_yes(delivery, by=controller)
    leave(people[0], activity, project)
    run_jobs()
    delivery.refresh_from_db()
    assert delivery.state == State.PREPARED
    assert delivery.report["k"]["persons_below"] == 4


def test_what_was_accepted_stays_accepted_when_somebody_leaves(project, evaluator, controller, activity):
    people = alike(activity, 4)
    delivery = make_delivery(project, by=evaluator)
    say_yes(delivery, by=controller)
    leave(people[0], activity, project)
    run_jobs()
    delivery.refresh_from_db()
    assert delivery.state == State.BUILT
    assert delivery.report["k"]["persons_below"] == 3
    assert delivery.report["k"]["approved_below"] == 4


def test_the_name_of_a_participant_as_a_label_blocks_and_is_not_repeated(evaluator, activity):
    person = make_name_identity()
    plan = make_plan(name=f"Bolig for {person.name} m.fl.")
    make_participant(make_activity(plan), person, start=START)
    project = make_project(evaluator, variables=[*STANDARD, "PLAN_NR"])
    delivery = make_delivery(project, by=evaluator)
    assert ["block", "data.csv", "person_name", "PLAN_NR"] in delivery.report["findings"]
    assert delivery.report["blocked"]
    told = [*delivery.report["findings"], *Event.objects.values_list("details", flat=True)]
    assert person.name not in json.dumps(told, ensure_ascii=False)


def test_the_page_of_the_decision_tells_by_file_and_which_variable_to_leave_out(
    client, project, evaluator, controller, activity
):
    alike(activity, 5)
    alike(activity, 2, role="father")
    delivery = make_delivery(project, by=evaluator)
    client.force_login(controller)
    for view in ("decide", "delivery"):
        page = client.get(reverse(f"exports:{view}", args=[delivery.pk])).content.decode()
        assert "<dt>data.csv</dt>" in page
        assert "Små grupper" in page
        assert page.index("<code>ROLLE</code>") < page.index("<code>REGION</code>")
        assert "<strong>&lt;5</strong>" in page


# --- In the shell ---------------------------------------------------------------------------------------


@pytest.fixture
def opened(project, evaluator, controller, activity, tmp_path):
    """Two folders, as their readers have opened them."""
    alike(activity, 4)
    make_participant(activity, make_name_identity(born=date(1990, 5, 3)), start=START)  # of another age
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    folders = {}
    for archive in delivery.archives.all():
        folders[archive.reader] = tmp_path / archive.reader
        write(folders[archive.reader], members(archive))
    return folders


def write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def read(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def lint(folder: Path, *options: str) -> tuple[int, str]:
    """Exit code and what was said."""
    out = io.StringIO()
    try:
        with override("da"):
            call_command("lint_delivery", str(folder), *options, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_a_delivery_as_built_passes_for_either_reader(opened, project):
    code, said = lint(opened[Reader.EVALUATOR], "--project", project.dst_number)
    assert code == 0, said
    for member in ("data.csv", "data.parquet", "data.dta", "data.sav", "data.xpt"):
        assert f"{member}: 5 rækker læst" in said
    assert "kodebog.html: tekst gennemsøgt" in said
    assert "kodebog.pdf: kun størrelse og kontrolsum" in said
    assert "SKAL ACCEPTERES data.csv" in said
    code, said = lint(opened[Reader.OFFICER])
    assert code == 0, said
    assert "noegle.csv: 4 rækker læst" in said
    assert "identifikationsliste.csv: 1 række læst" in said


def test_a_registered_name_in_any_text_blocks_and_is_not_said(opened, project, activity):
    stranger = make_name_identity()  # in no delivery
    make_participant(make_activity(), stranger)
    folder = opened[Reader.EVALUATOR]
    files = read(folder)
    text = files["LAES_MIG.txt"].decode() + f"\nSpørg {stranger.name.upper()}.\n"
    write(folder, changed(files, "LAES_MIG.txt", text.encode()))
    code, said = lint(folder)
    assert code == 1
    assert "SPÆRRER LAES_MIG.txt: Der står et navn på en person i registret." in said
    assert stranger.name.upper() not in said.upper()
    assert Event.objects.filter(action="identity.names_compared", object_id="").exists()


def test_files_are_held_against_the_projects_own_terms(opened, project, evaluator):
    folder = opened[Reader.EVALUATOR]
    fewer = make_project(evaluator, variables=[name for name in STANDARD if name != "ROLLE"])
    code, said = lint(folder, "--project", fewer.dst_number)
    assert code == 1
    assert "SPÆRRER data.csv, ROLLE: Filen har en variabel, som ikke er godkendt til den." in said
    assert "SPÆRRER manifest.json: Manifestet nævner et andet projekt." in said
    assert lint(folder)[0] == 0
    EvaluationProject.objects.filter(pk=project.pk).update(data_at=EvaluationProject.DataAt.OWN)
    assert lint(folder, "--project", project.dst_number)[0] == 1


def test_a_number_in_the_manifest_of_the_officer_blocks(opened):
    folder = opened[Reader.OFFICER]
    write(folder, told(read(folder), lambda about: about["project"].update(purpose="Se 070761-4286")))
    code, said = lint(folder)
    assert code == 1
    assert "SPÆRRER manifest.json: Der står noget, der ligner et CPR-nummer" in said
    assert "4286" not in said


def test_what_can_not_be_checked_is_said(tmp_path, db):
    assert lint(tmp_path)[0] == 1
    with pytest.raises(CommandError):
        call_command("lint_delivery", str(tmp_path / "nothing"))
    with pytest.raises(CommandError):
        call_command("lint_delivery", str(tmp_path), "--project", "999999")
