"""The definition package: what is in it, and that it draws, without the site, the group that the site draws."""

import ast
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from exports.comparison import runner
from exports.comparison.keys import family_keys, person_keys
from exports.comparison.package import Package, write_package
from exports.comparison.runner.characteristics import variables_of
from exports.comparison.runner.definition import Chosen, from_json
from exports.comparison.runner.matching.matched import match
from exports.comparison.runner.matching.spec import MatchSpec
from exports.comparison.runner.results import describe, write_results
from exports.comparison.runner.texts import ENGLISH
from tests.factories.register import TYPES, large_register
from tests.unit.comparison.village import RUN_KEY, definition

AS_TEXT = dict.fromkeys(("family", "person", "municipality_code", "region", "plan"), "str")
RUNNER = Path(runner.__file__).parent
ALLOWED = {"numpy", "pandas", "pyarrow", "duckdb", "scipy", "matplotlib", "pyspark", "py4j", *sys.stdlib_module_names}
# What the site is made of can't be imported where the package runs: this stands in the way of every attempt.
ALONE = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked}:
            raise ImportError(name + " is not where the registers are")
sys.meta_path.insert(0, Blocker())
sys.path.insert(0, {folder!r})
import runpy
sys.argv = ["runner", *{arguments!r}]
runpy.run_module("runner", run_name="__main__", alter_sys=True)
"""
SITE = {
    "django", "config", "crypto", "audit", "accounts", "collection", "consent", "exports", "spreadsheets", "tests",
    "celery", "cryptography", "structlog", "fsspec", "dst_fsv",
}  # fmt: skip


@pytest.fixture(scope="module")
def register():
    return large_register(6000, seed=5)


@pytest.fixture(scope="module")
def rule():
    chosen = (Chosen("family_type"), Chosen("children_group"), Chosen("children"))
    return definition(characteristics=chosen, matching=MatchSpec(method="exact", variables=("family_type",)))


def packed(register, rule) -> bytes:
    areas = register.departments.set_axis(["AFDELING", "PLAN", "KOM", "REGION"], axis="columns")
    addresses = pd.DataFrame({"AFDELING": areas["AFDELING"], "KOM": areas["KOM"], "VEJKODE": "0001"})
    out = io.BytesIO()
    names = {TYPES[0]: "Familieindsats"}
    addresses = addresses.assign(HUSNR_FRA=1, HUSNR_TIL=9).drop_duplicates()
    package = Package(project="Prøve", definition=rule, activities=names, areas=areas, addresses=addresses)
    write_package(out, package)
    return out.getvalue()


@pytest.fixture(scope="module")
def unpacked(register, rule, tmp_path_factory):
    """The package where the registers are: CSV files with the names of Statistics Denmark."""
    folder = tmp_path_factory.mktemp("dst")
    zipfile.ZipFile(io.BytesIO(packed(register, rule))).extractall(folder)
    people = register.residents.assign(AFDELING=register.residents["ORG_NR"] + "-" + register.residents["AFD_NR"])
    for year, part in people.groupby("AAR"):
        part[["PNR", "FAMILIE_ID", "FOED_DAG", "AFDELING"]].to_csv(folder / f"bef{year}.csv", index=False, sep=";")
    starts = register.starts.set_axis(["PNR", "AKTIVITETSTYPE", "AAR", "PLAN"], axis="columns")
    starts.to_csv(folder / "starter.csv", index=False)
    return folder


def run_alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """The package's runner in a process that has the packages of requirements.txt and nothing of the site."""
    code = ALONE.format(blocked=SITE, folder=str(folder), arguments=list(arguments))
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}  # no settings, no PYTHONPATH
    command = [sys.executable, "-I", "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=200)


@pytest.fixture(scope="module")
def drawn_elsewhere(unpacked):
    registers = [part for year in (2014, 2015, 2016) for part in ("--register", f"{year}=bef{year}.csv")]
    ran = run_alone(
        unpacked, "comparison", "definition.json", *registers, "--participants", "starter.csv", "--language", "en",
        "--out", "result",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return unpacked / "result"


def in_site_keys(frame: pd.DataFrame) -> pd.DataFrame:
    people = frame["person"].dropna()
    return frame.assign(
        family=family_keys(RUN_KEY, frame["family"]),
        person=pd.Series(person_keys(RUN_KEY, people), index=people.index, dtype=object),
    )


@pytest.mark.slow
def test_both_ways_give_the_same_families_and_the_same_tables(register, rule, draw, drawn_elsewhere):
    here = draw(register, rule)
    there = pd.read_csv(drawn_elsewhere / "families.csv", dtype=AS_TEXT)
    columns = list(here.families.columns)
    theirs = in_site_keys(there)[columns].sort_values("family", ignore_index=True)
    ours = here.families.reset_index(drop=True)
    assert len(ours) > 100
    for column in columns:
        assert theirs[column].astype(object).where(theirs[column].notna(), None).tolist() == (
            ours[column].astype(object).where(ours[column].notna(), None).tolist()
        ), column

    frame = ours.assign(participant=(ours["family_group"] == "participant").astype(int)).set_index("family")
    variables = variables_of(frame, rule.characteristics)
    matched = match(frame, group="participant", variables=variables, spec=rule.matching)
    described = describe(frame, group="participant", variables=variables, matched=matched, minimum=rule.minimum)
    written: dict[str, bytes] = {}
    flow = draw(register, rule, minimum=rule.minimum).flow.frame()
    write_results(written.__setitem__, described, flow=flow, language=ENGLISH)
    for name in ("table1.csv", "table1.html", "balance.csv", "tests.csv", "flow.csv", "love.svg"):
        assert (drawn_elsewhere / name).read_bytes() == written[name], name


@pytest.mark.slow
def test_the_run_leaves_a_whole_folder_that_says_what_is_internal(drawn_elsewhere):
    manifest = json.loads((drawn_elsewhere / "manifest.json").read_text(encoding="utf-8"))
    files = {each["name"]: each["sha256"] for each in manifest["files"]}
    assert {path.name for path in drawn_elsewhere.iterdir()} == {*files, "manifest.json"}
    for name, digest in files.items():
        assert hashlib.sha256((drawn_elsewhere / name).read_bytes()).hexdigest() == digest
    assert manifest["internal"] == [
        "families.csv", "families.parquet", "persons.csv", "persons.parquet", "balance_internal.csv",
    ]  # fmt: skip
    assert "INTERNAL. The families" in (drawn_elsewhere / "summary.txt").read_text(encoding="utf-8")
    assert from_json(json.loads((drawn_elsewhere / "definition.json").read_text(encoding="utf-8"))).years == [
        2014, 2015, 2016,
    ]  # fmt: skip


@pytest.mark.slow
def test_the_sql_of_the_package_gives_the_same_families_by_itself(unpacked, drawn_elsewhere):
    with duckdb.connect() as database:
        files = ", ".join(f"'{unpacked}/bef{year}.csv'" for year in (2014, 2015, 2016))
        optional = "NULL::BIGINT KOEN, NULL::VARCHAR KOM, NULL::BIGINT PLADS, NULL::BIGINT IE_TYPE"
        database.execute(
            f"CREATE TABLE BEF AS SELECT PNR, FAMILIE_ID, FOED_DAG::DATE FOED_DAG, AFDELING, {optional}, "
            "NULL::BIGINT OPR_LAND, NULL::VARCHAR ADRESSE_ID, regexp_extract(filename, 'bef(\\d+)', 1)::BIGINT AS year "
            f"FROM read_csv([{files}], delim=';', all_varchar=true, filename=true)"
        )
        database.execute("CREATE TABLE AFDELINGER (ADRESSE_ID VARCHAR, AFDELING VARCHAR)")
        starter = f"read_csv('{unpacked}/starter.csv', all_varchar=true)"
        database.execute(f"CREATE TABLE STARTER AS SELECT * REPLACE (AAR::BIGINT AS AAR) FROM {starter}")
        for path in sorted((unpacked / "sql").glob("*.sql")):
            database.execute(path.read_text(encoding="utf-8"))
        found = database.execute("SELECT family, family_group, year, plan FROM units ORDER BY family").fetchall()
    expected = pd.read_csv(drawn_elsewhere / "families.csv", dtype=AS_TEXT).sort_values("family")
    assert found == list(
        expected[["family", "family_group", "reference_year", "plan"]].itertuples(index=False, name=None)
    )


@pytest.mark.slow
def test_what_is_wrong_is_said_in_words_and_leaves_nothing(unpacked):
    said = run_alone(
        unpacked, "comparison", "definition.json", "--register", "2016=bef2016.csv", "--register", "IND:2016=none.csv",
        "--participants", "starter.csv", "--out", "wrong",
    )  # fmt: skip
    assert (said.returncode, "none.csv: Filen findes ikke" in said.stderr) == (2, True)
    assert not (unpacked / "wrong").exists()


def test_the_package_has_what_it_takes_and_nobody_in_it(register, rule):
    content = packed(register, rule)
    assert content == packed(register, rule)
    archive = zipfile.ZipFile(io.BytesIO(content))
    names = set(archive.namelist())
    assert {
        "LAES_MIG.txt", "README.txt", "definition.json", "definition.txt", "omraader.csv", "adresser.csv",
        "kodebog.csv", "registre.csv", "requirements.txt", "manifest.json", "runner/__main__.py",
    } <= names  # fmt: skip
    assert not any("test" in Path(name).parts or "pycache" in name for name in names)
    texts = {name: archive.read(name).decode() for name in names}
    ten_digits = set(re.findall(r"(?=(\d{10}))", "\n".join(texts.values())))
    assert not ten_digits & {*register.residents["PNR"], *register.starts["number"]}
    assert "python -m runner comparison" in texts["LAES_MIG.txt"]
    assert "poverty_50" in texts["kodebog.csv"]
    assert "--register 2014=bef2014.parquet" in texts["README.txt"]
    for line in texts["requirements.txt"].split():
        assert line.split("==")[0] in ALLOWED
    manifest = json.loads(texts["manifest.json"])
    assert {each["name"] for each in manifest["files"]} == names - {"manifest.json"}
    assert from_json(json.loads(texts["definition.json"])) == rule


def test_only_chosen_departments_leave_with_a_rule_that_names_them(register):
    codes = tuple(sorted(register.departments["department"])[:3])
    archive = zipfile.ZipFile(io.BytesIO(packed(register, definition(areas="chosen", chosen_departments=codes))))
    areas = pd.read_csv(archive.open("omraader.csv"))
    assert set(areas["AFDELING"]) == set(codes) == set(pd.read_csv(archive.open("adresser.csv"))["AFDELING"])


@pytest.mark.parametrize("path", sorted(RUNNER.rglob("*.py")), ids=lambda path: str(path.relative_to(RUNNER)))
def test_the_runner_imports_nothing_that_is_not_where_the_registers_are(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {name.name.split(".")[0] for name in node.names} <= ALLOWED
        elif isinstance(node, ast.ImportFrom):
            if node.level == 0:
                assert (node.module or "").split(".")[0] in ALLOWED
            else:
                assert node.level <= len(path.relative_to(RUNNER).parts)  # never out of the package
