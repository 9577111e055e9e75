"""`match SPEC.json DATA --out DIR`: what goes in, what comes out, and what is said when it can't."""

import hashlib
import json
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from django.core.management import execute_from_command_line
from scipy.stats import ttest_ind

from exports.comparison import runner
from exports.comparison.runner import results
from exports.comparison.runner.__main__ import main

LALONDE = Path(__file__).parents[2] / "vectors" / "lalonde.csv"
SCHEMA = json.loads((Path(runner.__file__).parent / "match.schema.json").read_text(encoding="utf-8"))
MATCHED_ON = ["age", "educ", "race", "married", "nodegree", "re74", "re75"]
# MatchIt 4.7.2: nearest neighbour, logit caliper 0.2 standard deviations, largest first
DIFFERENCES = {
    ("age", ""): (-0.309445, -0.046587),
    ("educ", ""): (0.054965, 0.034007),
    ("race", "black"): (1.761542, 0.047017),
    ("race", "hispan"): (-0.349843, -0.036142),
    ("race", "white"): (-1.881868, -0.028840),
    ("married", ""): (-0.826309, -0.283694),
    ("nodegree", ""): (0.244970, 0.263197),
    ("re74", ""): (-0.721084, 0.011280),
    ("re75", ""): (-0.290263, 0.017174),
}


@pytest.fixture
def spec(tmp_path):
    """Writes a SPEC.json of lalonde; fields replace those of the published example."""

    def write(**fields) -> str:
        nearest = {"method": "nearest", "variables": MATCHED_ON, "caliper": 0.2, "order": "largest"}
        data = {"format": "deltagerdata-match-1", "id": "id", "group": "treat", "variables": [*MATCHED_ON, "re78"]}
        data = {name: value for name, value in (data | {"matching": nearest} | fields).items() if value is not ...}
        path = tmp_path / "spec.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def no_pictures(monkeypatch):
    """They take most of a run's time, and are looked at in tests of their own."""
    monkeypatch.setattr(results, "_picture", lambda *_: b"")


@pytest.fixture
def refused(tmp_path, capsys):
    """What is said of a run that can't be; nothing is left behind."""

    def run(*arguments: str, language: str = "en") -> str:
        before = set(tmp_path.iterdir())
        assert main(["match", *arguments, "--out", str(tmp_path / "out"), "--language", language]) == 2
        assert set(tmp_path.iterdir()) == before
        return capsys.readouterr().err

    return run


def test_lalonde_gives_the_pairs_and_differences_of_matchit(spec, tmp_path, no_pictures):
    out = tmp_path / "out"
    assert main(["match", spec(), str(LALONDE), "--out", str(out)]) == 0
    units = pd.read_csv(out / "units.csv", keep_default_na=False)
    assert list(units.columns) == ["id", "group", "weight", "match", "reason", "score"]
    assert units["id"].tolist() == pd.read_csv(LALONDE)["id"].tolist()
    kept = units[units["weight"] > 0]
    assert kept["group"].value_counts().to_dict() == {1: 117, 0: 117}
    pairs = kept[kept["group"] == 1].set_index("id")["match"]
    assert kept[kept["group"] == 0].set_index("match")["id"].to_dict() == pairs.to_dict()
    assert set(units["reason"][units["weight"] == 0]) == {"caliper", "no_free_comparison", "not_needed"}
    assert (kept["reason"] == "").all()

    balance = pd.read_csv(out / "balance.csv", keep_default_na=False, dtype={"level": str})
    assert list(balance.columns)[:4] == ["variable", "level", "smd_before", "smd_after"]
    found = balance.set_index(["variable", "level"])[["smd_before", "smd_after"]]
    for place, expected in DIFFERENCES.items():
        assert found.loc[place].astype(float).tolist() == pytest.approx(expected, abs=1e-6), place


def test_pairs_are_those_whose_scores_are_near_and_variances_are_compared_before_and_after(spec, tmp_path, no_pictures):
    out = tmp_path / "out"
    assert main(["match", spec(), str(LALONDE), "--out", str(out)]) == 0
    units = pd.read_csv(out / "units.csv").set_index("id")
    pairs = units[(units["weight"] > 0) & (units["group"] == 1)]
    apart = (pairs["score"] - units.loc[pairs["match"], "score"].to_numpy()).abs()
    assert 0 < apart.max() <= 0.2 * units["score"].std()
    balance = pd.read_csv(out / "balance.csv").set_index("variable")
    age = pd.read_csv(LALONDE).set_index("id")["age"]
    for column, some in (("before", units), ("after", units[units["weight"] > 0])):
        variances = [age[some.index[some["group"] == group]].var() for group in (1, 0)]
        assert balance.loc["age", f"variance_ratio_{column}"] == pytest.approx(variances[0] / variances[1])
    assert balance.loc["married", "variance_ratio_before":].isna().all()


def test_numbers_are_tested_as_scipy_does(spec, tmp_path, no_pictures):
    assert main(["match", spec(matching=...), str(LALONDE), "--out", str(tmp_path / "out")]) == 0
    tests = pd.read_csv(tmp_path / "out" / "tests.csv").set_index("variable")
    people = pd.read_csv(LALONDE)
    for name in ("age", "educ", "re74", "re75", "re78"):
        groups = [people.loc[people["treat"] == group, name] for group in (1, 0)]
        expected = ttest_ind(*groups, equal_var=False)
        row = tests.loc[name]
        assert (row["test"], row["t"], row["df"], row["p"]) == (
            "welch", pytest.approx(expected.statistic), pytest.approx(expected.df), pytest.approx(expected.pvalue)
        )  # fmt: skip
    assert tests["t"].notna().sum() == 5


def test_when_nobody_is_matched_it_is_said_with_the_reason(spec, tmp_path, no_pictures):
    data = pd.DataFrame({"group": [1] * 20 + [0] * 30, "town": ["a"] * 20 + ["b"] * 30, "age": [30, 40] * 25})
    data.to_csv(tmp_path / "data.csv", index=False)
    asked = spec(id=..., group="group", variables=["town", "age"], matching={"method": "exact", "variables": ["town"]})
    assert main(["match", asked, str(tmp_path / "data.csv"), "--out", str(tmp_path / "out")]) == 0
    said = "Ingen blev matchet. Ingen i den anden gruppe har de samme værdier."
    assert said in (tmp_path / "out" / "summary.txt").read_text(encoding="utf-8")
    page = (tmp_path / "out" / "table1.html").read_text(encoding="utf-8")
    assert said in page
    assert page.count("<table>") == 1
    assert set(pd.read_csv(tmp_path / "out" / "table1.csv")["stage"]) == {"before"}


def test_with_a_minimum_of_one_nothing_is_said_to_be_hidden(spec, tmp_path, no_pictures):
    assert main(["match", spec(matching=..., minimum=1), str(LALONDE), "--out", str(tmp_path / "out")]) == 0
    for name in ("summary.txt", "table1.html"):
        text = (tmp_path / "out" / name).read_text(encoding="utf-8").lower()
        assert "ingen tal er skjult, for det mindste antal er sat til 1" in text
        assert "under 1" not in text


def test_without_matching_everybody_is_described(spec, tmp_path, no_pictures):
    out = tmp_path / "out"
    assert main(["match", spec(matching=...), str(LALONDE), "--out", str(out)]) == 0
    units = pd.read_csv(out / "units.csv", keep_default_na=False)
    assert (units["weight"] == 1).all()
    assert pd.read_csv(out / "balance.csv")["smd_after"].isna().all()


def test_the_two_results_of_the_evaluation_come_out_to_the_printed_decimals(spec, tmp_path, no_pictures):
    data = pd.DataFrame({"group": np.repeat(["participant", "comparison"], [89, 2254])})
    data["origin"] = np.repeat(["non-Western", "other", "non-Western", "other"], [67, 22, 1428, 826])
    data["single"] = np.repeat([1, 0, 1, 0], [26, 63, 647, 1607])
    data.to_parquet(tmp_path / "families.parquet")
    asked = spec(id=..., group="group", variables=["origin", "single"], matching=...)
    assert main(["match", asked, str(tmp_path / "families.parquet"), "--out", str(tmp_path / "out")]) == 0
    tests = pd.read_csv(tmp_path / "out" / "tests.csv").set_index("variable")
    assert list(tests.columns)[:3] == ["chi2", "df", "p"]
    assert tests["chi2"].round(4).to_dict() == {"origin": 5.2739, "single": 0.0108}
    assert tests["p"].round(3).to_dict() == {"origin": 0.022, "single": 0.917}
    assert "5,27; p = 0,022" in (tmp_path / "out" / "table1.html").read_text(encoding="utf-8")


def test_the_same_input_gives_the_same_bytes_and_the_manifest_has_them_all(spec, tmp_path, no_pictures):
    runs = [tmp_path / name for name in ("first", "second")]
    for out in runs:
        assert main(["match", spec(), str(LALONDE), "--out", str(out)]) == 0
    contents = [{path.name: path.read_bytes() for path in out.iterdir()} for out in runs]
    assert contents[0] == contents[1]
    manifest = json.loads(contents[0].pop("manifest.json"))
    assert {each["name"]: each["sha256"] for each in manifest["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in contents[0].items()
    }
    assert set(manifest["internal"]) == {"units.csv", "balance.csv"}
    assert {"love.svg", "love.png", "table1.html", "table1.csv", "tests.csv", "summary.txt"} <= set(contents[0])


def test_counts_that_point_at_somebody_are_in_none_of_the_tables_that_may_be_shown(spec, tmp_path, no_pictures):
    data = pd.DataFrame({"group": [1] * 30 + [0] * 300, "rare": [1] * 2 + [0] * 328, "common": [0, 1] * 165})
    data.to_csv(tmp_path / "data.csv", index=False)
    asked = spec(id=..., group="group", variables=["rare", "common"], matching=...)
    assert main(["match", asked, str(tmp_path / "data.csv"), "--out", str(tmp_path / "out")]) == 0
    table = pd.read_csv(tmp_path / "out" / "table1.csv", dtype=str)
    assert set(table[table["variable"] == "rare"]["participants"]) == {"hidden"}
    assert set(table[table["variable"] == "common"]["participants"]) == {"15"}
    assert list(pd.read_csv(tmp_path / "out" / "tests.csv")["variable"]) == ["common"]
    assert pd.read_csv(tmp_path / "out" / "balance.csv").set_index("variable")["smd_before"].isna().to_dict() == {
        "rare": True,
        "common": False,
    }


def test_a_danish_spreadsheet_is_read_as_it_was_meant(spec, tmp_path, no_pictures):
    rows = [f"{number};{'Deltager' if number % 3 else 'sammenligning'};{number},5;Ærø" for number in range(40)]
    rows[3] = rows[3].replace("Ærø", "")
    (tmp_path / "ark.csv").write_bytes("\r\n".join(["nr;gruppe;m2;sted", *rows]).encode("cp1252"))
    asked = spec(id="nr", group="gruppe", variables=["m2", "sted"], matching=..., minimum=1)
    assert main(["match", asked, str(tmp_path / "ark.csv"), "--out", str(tmp_path / "out")]) == 0
    table = pd.read_csv(tmp_path / "out" / "table1.csv", dtype=str, keep_default_na=False)
    assert set(table["level"]) == {"", "Ærø", "missing"}
    assert float(table["participants_mean"][0]) == pytest.approx(np.mean([n + 0.5 for n in range(40) if n % 3]))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"format": "other"}, "spec.json format: The format must be deltagerdata-match-1."),
        ({"colour": 1}, "spec.json colour: There is no such field."),
        ({"group": ...}, "spec.json group: Name the column"),
        ({"variables": []}, "spec.json variables: Name at least one variable."),
        ({"variables": [{"name": "age", "kind": "odd"}]}, "spec.json variables: age: kind must be"),
        ({"variables": ["age", "age"]}, "The variable stands twice."),
        ({"variables": ["treat"]}, "can't be a variable too"),
        ({"minimum": 0}, "spec.json minimum:"),
        ({"matching": {"method": "magic"}}, "spec.json matching: method: The method must be"),
        ({"matching": {"method": "exact", "variables": ["race"], "caliper": 1}}, "spec.json matching: caliper:"),
    ],
)
def test_a_specification_that_says_nothing_clear_is_refused_by_field_and_by_the_schema(spec, refused, fields, said):
    path = spec(**fields)
    assert said in refused(path, str(LALONDE))
    if "twice" not in said and "variable too" not in said and "caliper" not in said:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(json.loads(Path(path).read_text(encoding="utf-8")), SCHEMA)


def test_the_published_schema_takes_what_is_taken(spec):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for fields in ({}, {"matching": ...}, {"id": ..., "minimum": 1, "seed": 7}):
        jsonschema.validate(json.loads(Path(spec(**fields)).read_text(encoding="utf-8")), SCHEMA)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,treat,age\n1,1,20\n", "There is no such column: race."),
        ("id,treat,race\n1,1\n", "Row 2 doesn't have as many fields as the heading."),
        ("id,treat,race\n", "The file has no rows."),
        ("", "The file is empty."),
        ("id,treat,race\n1,1,a\n1,0,b\n", "id, row 3: the id stands in an earlier row too."),
        ("id,treat,race\n1,1,a\n2,maybe,b\n", "treat, row 3: the group must be"),
        ("id,treat,race\n1,1,a\n2,,b\n", "treat, row 3: the group is missing."),
        ("id,treat,race\n1,1,a\n2,1,b\n", "treat: all rows are in the same group."),
    ],
)
def test_what_is_wrong_with_the_data_is_said_by_row_and_column_without_the_value(spec, refused, tmp_path, text, said):
    data = tmp_path / "data.csv"
    data.write_text(text, encoding="utf-8")
    told = refused(spec(variables=["race"], matching=...), str(data))
    assert said in told
    assert "maybe" not in told


def test_a_number_that_is_none_is_found(spec, refused, tmp_path):
    data = tmp_path / "data.csv"
    data.write_text("treat,age\n1,20\n0,twenty\n", encoding="utf-8")
    said = refused(spec(id=..., variables=[{"name": "age", "kind": "numeric"}], matching=...), str(data))
    assert "age, row 3: the value must be a number." in said


@pytest.mark.parametrize("kind", [None, "numeric", "binary"])
def test_a_point_that_may_stand_for_thousands_is_asked_about_and_not_guessed(spec, refused, tmp_path, kind):
    data = tmp_path / "data.csv"
    data.write_text("treat;income\n1;1.000\n0;250\n1;12.500\n0;\n", encoding="utf-8")
    variable = {"name": "income"} | ({"kind": kind} if kind else {})
    said = refused(spec(id=..., variables=[variable], matching=...), str(data))
    assert "income, row 2: the point may stand for thousands or for decimals." in said


def test_points_that_are_decimals_are_read_as_such(spec, tmp_path, no_pictures):
    values = ["1.000", "2.5", "0.125", "3", ""] * 8
    rows = [f"{number % 2};{value}" for number, value in enumerate(values)]
    (tmp_path / "data.csv").write_text("\n".join(["treat;rate", *rows]), encoding="utf-8")
    asked = spec(id=..., variables=[{"name": "rate", "kind": "numeric"}], matching=..., minimum=1)
    assert main(["match", asked, str(tmp_path / "data.csv"), "--out", str(tmp_path / "out")]) == 0
    table = pd.read_csv(tmp_path / "out" / "table1.csv")
    assert table["participants_mean"][0] == pytest.approx((1 + 2.5 + 0.125 + 3) / 4)


def test_what_was_measured_afterwards_can_be_described_and_not_matched_on(spec, refused, tmp_path, no_pictures):
    variables = ["age", {"name": "re78", "label": ["Indkomst 1978", "Earnings 1978"], "measured": "after"}]
    described = {"method": "nearest", "variables": ["age"]}
    asked = spec(variables=variables, matching=described)
    assert main(["match", asked, str(LALONDE), "--out", str(tmp_path / "described")]) == 0
    matched = {"method": "nearest", "variables": ["age", "re78"]}
    said = refused(spec(variables=variables, matching=matched), str(LALONDE), language="da")
    assert "Indkomst 1978 er målt efter referencedatoen" in said


def test_a_folder_with_something_in_it_is_left_alone(spec, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    assert main(["match", spec(), str(LALONDE), "--out", str(out)]) == 2
    assert "Mappen findes allerede og er ikke tom." in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["mine.txt"]


def test_a_run_that_fails_half_way_leaves_nothing(spec, tmp_path, monkeypatch):
    monkeypatch.setattr("exports.comparison.runner.match_run.write_results", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["match", spec(), str(LALONDE), "--out", str(tmp_path / "out")])
    assert [path.name for path in tmp_path.iterdir()] == ["spec.json"]


@pytest.mark.parametrize("arguments", [[], ["match"], ["match", "a.json", "b.csv"], ["dance"]])
def test_a_command_that_is_not_one_is_said_in_words(arguments, capsys):
    assert main(arguments) == 2
    assert "Kommandoen er ikke skrevet rigtigt" in capsys.readouterr().err


def test_files_that_are_not_there_are_named(spec, refused):
    assert "nowhere.csv: There is no such file to read." in refused(spec(), "nowhere.csv")
    assert "nowhere.json: There is no such file to read." in refused("nowhere.json", str(LALONDE))


def test_the_example_of_the_guide_is_valid_and_gives_what_it_says(tmp_path, no_pictures):
    guide = (Path(__file__).parents[3] / "docs" / "matching.md").read_text(encoding="utf-8")
    example = guide.split("```json\n")[1].split("```")[0]
    jsonschema.validate(json.loads(example), SCHEMA)
    (tmp_path / "spec.json").write_text(example, encoding="utf-8")
    assert main(["match", str(tmp_path / "spec.json"), str(LALONDE), "--out", str(tmp_path / "out")]) == 0
    units = pd.read_csv(tmp_path / "out" / "units.csv")
    assert units[units["weight"] > 0]["group"].value_counts().to_dict() == {1: 117, 0: 117}
    table = (tmp_path / "out" / "table1.html").read_text(encoding="utf-8")
    assert "Deltagere: 117" in table


def test_the_site_has_the_same_command_which_asks_its_database_for_nothing(spec, tmp_path, no_pictures):
    """There is no database in this test."""
    with pytest.raises(SystemExit) as ended:
        execute_from_command_line(["manage.py", "match", spec(), str(LALONDE), "--out", str(tmp_path / "out")])
    assert ended.value.code == 0
    assert (tmp_path / "out" / "units.csv").exists()
    with pytest.raises(SystemExit) as ended:
        execute_from_command_line(["manage.py", "comparison", "nowhere.json", "--participants", "x", "--out", "y"])
    assert ended.value.code == 2
