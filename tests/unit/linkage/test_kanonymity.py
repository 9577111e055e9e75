"""Groups below k: counted against pandas, persons and not rows, whichever way the rows come."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.linkage import kanonymity
from exports.linkage.schema import Kind, Klass, Layout, Variable
from tests.unit.linkage.invented import FULL, LAYOUT, make_frozen

ROLE, AGE, PLAN = (
    Variable("ROLE", "Rolle", "Role", Kind.INTEGER, Klass.QUASI, "?", {1: ("a", "a"), 2: ("b", "b"), 9: ("c", "c")}),
    Variable("AGE", "Alder", "Age", Kind.INTEGER, Klass.QUASI, "?", bounds=(0, 3)),
    Variable("PLAN", "Plan", "Plan", Kind.TEXT, Klass.QUASI, "?", {"X": ("x", "x"), "Y": ("y", "y")}),
)
CODE = Variable("CODE", "Kode", "Code", Kind.INTEGER, Klass.CODE, "?", {1: ("a", "a"), 2: ("b", "b")})
PSEUDONYM, NUMBER = LAYOUT.variables[:2]
SMALL = Layout("data.csv", (PSEUDONYM, NUMBER, ROLE, AGE, PLAN, CODE), grain=("PSEUDONYM", "FORLOEB_NR"))
QUASI = ["ROLE", "AGE", "PLAN"]

ROWS = st.lists(
    st.tuples(
        st.integers(0, 12).map(lambda n: f"{n:013}"),
        st.sampled_from([1, 2, 9, None]),
        st.sampled_from([0, 1, 3, None]),
        st.sampled_from(["X", "Y", None]),
        st.sampled_from([1, 2]),
    ),
    max_size=60,
)


def batches(rows: list[tuple], size: int):
    rows = sorted(rows, key=lambda row: row[0])
    numbered = [(code, place, *rest) for place, (code, *rest) in enumerate(rows, start=1)]
    columns: Any = list(zip(*numbered, strict=True)) or [[]] * len(SMALL.names)
    arrays = [pa.array(list(values), field.type) for values, field in zip(columns, SMALL.arrow(), strict=True)]
    table = pa.Table.from_batches([pa.record_batch(arrays, schema=SMALL.arrow())])
    return lambda: table.to_batches(max_chunksize=size)


def by_pandas(rows: list[tuple], k: int, names: list[str]) -> tuple[int, int, int]:
    """Groups, groups below k and persons below k."""
    frame = pd.DataFrame(rows, columns=["person", *QUASI, "CODE"]).astype(object).fillna("missing")
    if frame.empty:
        return 0, 0, 0
    frame["group"] = frame[names].astype(str).agg("|".join, axis=1) if names else "all"
    persons = frame.groupby("group")["person"].nunique()
    below = persons[persons < k]
    return len(persons), len(below), frame[frame["group"].isin(below.index)]["person"].nunique()


@settings(max_examples=40)
@given(ROWS, st.integers(1, 6), st.integers(1, 70))
def test_the_counts_are_those_of_another_reckoner(rows, k, size):
    report = kanonymity.measure(batches(rows, size), SMALL, k)
    assert (report["groups"], report["groups_below"], report["persons_below"]) == by_pandas(rows, k, QUASI)
    assert dict(report["without"]) == {
        name: by_pandas(rows, k, [other for other in QUASI if other != name])[2] for name in QUASI
    }


@settings(max_examples=20)
@given(ROWS)
def test_more_combinations_than_a_64_bit_number_can_tell_apart_are_told_apart(rows):
    wide = replace(AGE, bounds=(0, 2**62))
    layout = replace(SMALL, variables=(PSEUDONYM, NUMBER, ROLE, wide, PLAN, CODE))
    assert kanonymity.measure(batches(rows, 7), layout, 3) == kanonymity.measure(batches(rows, 7), SMALL, 3)


def test_a_person_with_several_rows_counts_once_in_a_group():
    rows = [("A", 1, 0, "X", 1), ("A", 1, 0, "X", 2), ("A", 1, 0, "X", 1), ("B", 1, 0, "X", 1)]
    report = kanonymity.measure(batches(rows, 100), SMALL, 3)
    assert (report["groups_below"], report["persons_below"], report["smallest"]) == (1, 2, "<3")
    assert kanonymity.measure(batches(rows, 100), SMALL, 2)["persons_below"] == 0


def test_the_variable_to_leave_out_stands_first():
    # five people alike but for the plan, and five in another plan who are all alike
    rows = [(f"A{n}", 1, 0, "X" if n else "Y", 1) for n in range(6)] + [(f"B{n}", 2, 1, "Y", 1) for n in range(5)]
    report = kanonymity.measure(batches(rows, 100), SMALL, 5)
    assert report["persons_below"] == 1
    assert report["without"] == [["PLAN", 0], ["ROLE", 1], ["AGE", 1]]


def test_the_smallest_group_is_told_from_k_on():
    rows = [(f"A{n}", 1, 0, "X", 1) for n in range(7)]
    assert kanonymity.measure(batches(rows, 3), SMALL, 5)["smallest"] == "7"
    assert kanonymity.measure(batches(rows, 3), SMALL, 8)["smallest"] == "<8"


@pytest.mark.parametrize("layout", [LAYOUT, FULL])
def test_a_prepared_set_is_measured_over_its_quasi_identifiers(layout):
    frozen = make_frozen(layout=layout)
    report = kanonymity.measure(lambda: frozen.data(layout), layout, 5)
    assert report["variables"] == [v.name for v in layout.variables if v.klass is Klass.QUASI]
    assert report["persons_below"] > 0


def test_without_a_quasi_identifier_everybody_is_one_group():
    plain = replace(SMALL, variables=(PSEUDONYM, NUMBER, CODE))
    rows = [(f"A{n}", 1, 0, "X", 1) for n in range(7)]
    report = kanonymity.measure(batches(rows, 3), plain, 5)
    assert (report["groups"], report["groups_below"], report["without"]) == (1, 0, [])


APPROVED = {"k": 5, "persons_below": 6}


@pytest.mark.parametrize(
    "now, accepted, left, covered",
    [
        (0, False, 3, True),  # nobody below: nothing to accept
        (6, True, 0, True),
        (6, False, 0, False),  # nobody accepted
        (10, True, 1, True),  # a group of five lost one: four more below
        (11, True, 1, False),
        (14, True, 2, True),
        (7, True, 0, False),  # grew without anybody leaving
    ],
)
def test_an_acceptance_reaches_as_far_as_withdrawals_explain(now, accepted, left, covered):
    report = {"k": 5, "persons_below": now}
    assert kanonymity.still_covered(APPROVED, report, accepted=accepted, left=left) is covered
    built = {"k": 5, "persons_below": 0, "approved_below": 6}  # built once without those, and now again
    assert kanonymity.still_covered(built, report, accepted=accepted, left=left) is covered
