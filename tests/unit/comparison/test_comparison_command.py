"""`comparison DEFINITION.json --register … --participants FILE --out DIR`, in this process. What it draws is held
against the site's way in test_package."""

import json
import re

import pandas as pd
import pyarrow.parquet as pq
import pytest

from exports.comparison.runner import results, summaries
from exports.comparison.runner.__main__ import main
from exports.comparison.runner.coverage import ADULTS, CHILDREN, Coverage
from exports.comparison.runner.definition import Chosen, to_json
from tests.factories.register import TYPES
from tests.unit.comparison.village import definition


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    monkeypatch.setattr(results, "_picture", lambda *_: b"")


@pytest.fixture
def place(tmp_path):
    """A package with the registers beside it: thirty families in two departments, of whom ten started."""
    people, starts = [], []
    for family in range(30):
        for name, birth in (("mother", "1985-02-03"), ("child", "2013-05-20")):
            people.append((f"{name}-{family}", f"F{family}", birth, f"10-{family % 2 + 1}", 1 + (name == "mother")))
        if family < 10:
            starts.append((f"mother-{family}", TYPES[0], 2016, "A"))
    columns = ["PNR", "FAMILIE_ID", "FOED_DAG", "AFDELING", "KOEN"]
    pd.DataFrame(people, columns=columns).to_csv(tmp_path / "bef2016.csv", index=False)
    starter = pd.DataFrame(starts, columns=["PNR", "AKTIVITETSTYPE", "AAR", "PLAN"])
    starter.to_csv(tmp_path / "starter.csv", index=False)
    areas = [("10-1", "A", "461", "83"), ("10-2", "A", "461", "83")]
    pd.DataFrame(areas, columns=["AFDELING", "PLAN", "KOM", "REGION"]).to_csv(tmp_path / "omraader.csv", index=False)
    write_rule(tmp_path)
    return tmp_path


def write_rule(folder, **changes):
    rule = {"first_year": 2016, "characteristics": (Chosen("family_type"), Chosen("children"))} | changes
    (folder / "definition.json").write_text(json.dumps(to_json(definition(**rule))), encoding="utf-8")


def run(place, *more: str, register: str = "2016=bef2016.csv") -> int:
    name, file = register.split("=")
    arguments = ["comparison", str(place / "definition.json"), "--register", f"{name}={place / file}"]
    arguments += ["--participants", str(place / "starter.csv"), "--out", str(place / "out"), "--language", "en"]
    return main([*arguments, *more])


def test_families_are_drawn_and_described_and_the_areas_of_the_package_are_found(place, capsys):
    assert run(place, "--unseen", "40") == 0
    families = pd.read_csv(place / "out" / "families.csv")
    assert families["family_group"].value_counts().to_dict() == {"comparison": 20, "participant": 10}
    assert pq.read_table(place / "out" / "families.parquet").num_rows == 30
    assert len(pd.read_csv(place / "out" / "persons.csv")) == 60
    flow = pd.read_csv(place / "out" / "flow.csv").set_index("code")["count"]
    assert (flow["unseen"], flow["starters"]) == (40, 10)
    assert {"family_type", "children"} == set(pd.read_csv(place / "out" / "codebook.csv")["name"])
    assert "members" in capsys.readouterr().err  # progress by stage


def test_persons_are_drawn_where_the_rule_asks_for_persons(place):
    write_rule(place, unit="person", youngest=18, oldest=60, characteristics=(Chosen("sex"), Chosen("age")))
    assert run(place) == 0
    persons = pd.read_csv(place / "out" / "persons.csv")
    assert persons["family_group"].value_counts().to_dict() == {"comparison": 20, "participant": 10}
    assert not (place / "out" / "families.csv").exists()
    assert set(pd.read_csv(place / "out" / "table1.csv")["variable"]) == {"sex", "age"}


def without_plan(place):
    starter = pd.read_csv(place / "starter.csv")
    starter.drop(columns="PLAN").to_csv(place / "starter.csv", index=False)


def test_the_participants_need_no_plan_where_areas_go_by_departments(place, capsys):
    without_plan(place)
    assert run(place) == 2
    assert "starter.csv: There is no such column: PLAN." in capsys.readouterr().err
    write_rule(place, areas="departments")
    assert run(place) == 0


@pytest.mark.parametrize(
    ("spoil", "arguments", "said"),
    [
        (lambda place: (place / "omraader.csv").unlink(), [], "omraader.csv: There is no such file to read."),
        (lambda place: (place / "definition.json").write_text("{"), [], "definition.json: The file isn't valid JSON."),
        (
            lambda place: (place / "definition.json").write_text('{"colour": 1}'),
            [],
            "definition.json colour: There is no such field.",
        ),
        (
            lambda place: write_rule(place, characteristics=(Chosen("poverty_50"),)),
            [],
            "IND: The register is missing of 2016. It is needed for: Income under 50 % of the median.",
        ),
        (
            lambda place: (place / "starter.csv").write_text("PNR,AKTIVITETSTYPE,AAR,PLAN\nx,y,soon,A\n"),
            [],
            "starter.csv: AAR, row 2: the value must be a whole number.",
        ),
        (
            lambda place: (place / "starter.csv").write_text("PNR,AKTIVITETSTYPE,AAR,PLAN\nx,y,2016,A\n"),
            [],
            "One of the groups is empty",
        ),
        (lambda place: None, ["--memory", "much"], "--memory: Memory is written like 1GB."),
        (lambda place: None, ["--unseen", "-1"], "--unseen: The number can't be below 0."),
        (lambda place: None, ["--register", "bef"], "--register bef: Write YEAR=FILE"),
        (lambda place: None, ["--register", "2016=bef2016.csv"], "BEF:2016: The register is given twice"),
    ],
)
def test_what_can_not_be_used_is_said_in_words_and_leaves_nothing(place, capsys, spoil, arguments, said):
    spoil(place)
    before = set(place.iterdir())
    assert run(place, *arguments) == 2
    assert said in capsys.readouterr().err
    assert set(place.iterdir()) == before


def test_a_group_below_the_limit_is_told_in_no_table_and_no_flow(place):
    starter = pd.read_csv(place / "starter.csv")
    starter.head(4).to_csv(place / "starter.csv", index=False)
    assert run(place) == 0
    assert not (place / "out" / "flow.csv").exists()
    assert set(pd.read_csv(place / "out" / "table1.csv")["participants"]) == {"hidden"}
    assert "4 participants" not in (place / "out" / "summary.txt").read_text(encoding="utf-8")


def test_a_person_twice_in_a_year_is_refused_without_the_number(place, capsys):
    twice = pd.read_csv(place / "bef2016.csv")
    pd.concat([twice, twice.head(1)]).to_csv(place / "bef2016.csv", index=False)
    assert run(place) == 2
    said = capsys.readouterr().err
    assert "bef2016.csv: PNR, row 62: " in said
    assert "mother-0" not in said


def test_known_medians_take_the_place_of_the_computed(place):
    income = pd.DataFrame({"PNR": [f"mother-{family}" for family in range(30)], "DISPON_13": [100_000] * 30})
    income.to_csv(place / "ind.csv", index=False)
    (place / "medians.csv").write_text("AAR;MEDIAN\n2016;900000\n")
    write_rule(place, characteristics=(Chosen("poverty_50"),))
    for medians, poor in ((["--medians", str(place / "medians.csv")], {1}), ([], {0})):
        assert run(place, "--register", f"IND:2016={place / 'ind.csv'}", *medians) == 0
        assert set(pd.read_csv(place / "out" / "families.csv")["poverty_50"]) == poor
        (place / "out").rename(place / f"out-{len(medians)}")


def test_the_summary_says_whose_median_it_is_and_how_much_of_the_groups_each_register_knows(place):
    income = pd.DataFrame({"PNR": [f"mother-{family}" for family in range(30)], "DISPON_13": [100_000] * 30})
    income.to_csv(place / "ind.csv", index=False)
    decisions = pd.DataFrame(
        {"PNR": ["mother-3"], "AFG_AFGOEDTO": "2015-05-05", "AFG_AFGTYP3": 111, "AFG_GER7": 1210000}
    )
    decisions.to_csv(place / "kraf.csv", index=False)
    write_rule(place, characteristics=(Chosen("poverty_50"), Chosen("conviction")), minimum=3)
    given = ["--register", f"IND:2016={place / 'ind.csv'}", "--register", f"KRAF={place / 'kraf.csv'}"]
    assert run(place, *given) == 0
    said = (place / "out" / "summary.txt").read_text(encoding="utf-8")
    assert "2016: 76,923 (of 60 persons)" in said
    assert "adults" not in said  # of thirty, one in twenty would be fewer than three
    assert "KRAF has no rows from 2012, 2013, 2014, 2016" in said


def test_what_is_not_known_is_written_as_the_codebook_says(place):
    statuses = pd.DataFrame({"PNR": [f"mother-{family}" for family in range(20)], "SOCIO13": [139] * 20})
    statuses.to_csv(place / "akm.csv", index=False)
    income = pd.DataFrame({"PNR": [f"mother-{family}" for family in range(15)], "DISPON_13": [1000] * 15})
    income.to_csv(place / "ind.csv", index=False)
    write_rule(place, characteristics=(Chosen("employment"), Chosen("poverty_50"), Chosen("children")))
    given = ["--register", f"AKM:2016={place / 'akm.csv'}", "--register", f"IND:2016={place / 'ind.csv'}"]
    assert run(place, *given) == 0
    families = pd.read_csv(place / "out" / "families.csv", keep_default_na=False, dtype=str)
    assert families["employment"].value_counts().to_dict() == {"one": 20, "missing": 10}
    assert families["poverty_50"].value_counts().to_dict() == {"0": 15, "": 15}
    book = pd.read_csv(place / "out" / "codebook.csv", keep_default_na=False).set_index(["name", "code"])
    assert book.loc[("employment", "missing"), "code_en"] == "Not known"
    assert "empty in files of rows" in book.loc[("poverty_50", "missing"), "code_en"]
    assert "empty in files of rows" in book.loc[("children", "missing"), "code_en"]
    assert book["rule_da"].str.len().min() > 20
    assert "How many of the parents are in employment." in book.loc[("employment", "one"), "rule_en"]


def test_levels_that_nobody_has_stand_nowhere_but_in_a_grouping_that_was_chosen(place):
    statuses = pd.DataFrame({"PNR": [f"mother-{family}" for family in range(30)], "SOCIO13": [139] * 30})
    statuses.to_csv(place / "akm.csv", index=False)
    for grouping, levels in (("", {"one"}), ("any", {"any", "none"})):
        write_rule(place, characteristics=(Chosen("employment", grouping),))
        assert run(place, "--register", f"AKM:2016={place / 'akm.csv'}") == 0
        for name, column in (
            ("table1", "level"),
            ("balance", "level"),
            ("balance_internal", "level"),
            ("codebook", "code"),
        ):
            told = pd.read_csv(place / "out" / f"{name}.csv", dtype=str)
            assert set(told[column]) - {"missing"} == levels, name
        (place / "out").rename(place / f"was-{grouping}")


def test_exact_differences_are_written_and_said_to_be_internal(place):
    assert run(place) == 0
    manifest = json.loads((place / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert "balance_internal.csv" in manifest["internal"]
    assert "balance.csv" not in manifest["internal"]
    summary = (place / "out" / "summary.txt").read_text(encoding="utf-8")
    assert re.search(r"balance_internal\.csv +INTERNAL\.", summary)
    assert list(pd.read_csv(place / "out" / "balance_internal.csv").columns)[:4] == [
        "variable", "level", "smd_before", "smd_after",
    ]  # fmt: skip


def test_shares_of_registers_are_told_in_steps_that_hold_enough_people():
    known = Coverage("UDDA", ADULTS, 200, 149), Coverage("KRAF", ADULTS, 200, 1), Coverage("BUFO", CHILDREN, 99, 40)
    [(danish, english)] = summaries._registers(known, minimum=5)
    assert (
        danish
        == "Så mange af begge gruppers voksne har en række i registret, afrundet til 5 %: UDDA 75 %; KRAF under 5 %."
    )
    assert english.endswith("with a row in the register, to the nearest 5 %: UDDA 75 %; KRAF under 5 %.")
