"""A delivery's other formats as the job writes them, one person per row too."""

import io
import json

import frictionless
import pandas as pd
import pytest

from consent import paper
from exports import storage
from exports.models import EvaluationProject, Reader, State
from tests.factories.cast import make_activity, make_participant
from tests.factories.deliveries import approve_and_build, make_delivery, make_project, members
from tests.unit.linkage.readers import read_sav, read_xpt

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.mark.parametrize("grain", EvaluationProject.Grain.values)
@pytest.mark.usefixtures("drawn_codebooks")
def test_every_format_of_a_delivery_has_the_rows_of_its_csv_file(evaluator, controller, grain, tmp_path):
    project = make_project(evaluator)
    EvaluationProject.objects.update(grain=grain)
    activity = make_activity()
    for _ in range(6):
        make_participant(activity)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    files = members(delivery.archives.get(reader=Reader.EVALUATOR))
    expected = pd.read_csv(io.BytesIO(files["data.csv"]), sep=";")
    assert len(expected) == 6
    names = list(expected.columns)
    parquet, stata = pd.read_parquet(io.BytesIO(files["data.parquet"])), pd.read_stata(io.BytesIO(files["data.dta"]))
    spss, sas = read_sav(files["data.sav"]), read_xpt(files["data.xpt"])
    assert list(parquet.columns) == list(stata.columns) == spss.names == sas.names == names
    pd.testing.assert_frame_equal(parquet, expected, check_dtype=False)
    for read in (spss, sas):
        pd.testing.assert_frame_equal(pd.DataFrame(read.rows, columns=names), expected, check_dtype=False)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    assert frictionless.validate(str(tmp_path / "datapackage.json")).valid
    about = json.loads(files["datapackage.json"])
    assert about["resources"][0]["schema"]["primaryKey"] == json.loads(files["manifest.json"])["files"][0]["row_key"]


@pytest.mark.usefixtures("drawn_codebooks")
def test_without_the_programs_that_draw_the_delivery_fails_and_says_so(evaluator, controller, monkeypatch):
    def unavailable():
        raise paper.PaperUnavailable

    monkeypatch.setattr(paper, "_weasyprint", unavailable)
    project, activity = make_project(evaluator), make_activity()
    for _ in range(6):
        make_participant(activity)
    delivery = approve_and_build(make_delivery(project, by=evaluator), by=controller)
    assert (delivery.state, delivery.reason) == (State.FAILED, "no_paper")
    assert not list(storage.delivery_folder(delivery).glob("*.zip*"))
