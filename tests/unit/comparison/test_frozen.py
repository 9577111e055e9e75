"""A group is drawn once: whoever leaves, in whatever order, it only gets smaller, and matching stays as it was."""

import io
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports.comparison.archives import lint
from exports.comparison.frozen import LEFT, Frozen, freeze, read_frozen
from exports.comparison.k_report import measure
from exports.comparison.runner.matching.matched import match
from exports.comparison.runner.matching.spec import EXACT, NEAREST, MatchSpec
from exports.linkage.frozen import FrozenSetAltered
from tests.factories.groups import make_frozen

PARTICIPANTS = 12


def matched(method: str, **spec) -> Frozen:
    frozen = make_frozen(PARTICIPANTS, 40, singles=(5, 13), western=(4, 17))
    found = match(
        frozen.frame(),
        group="participant",
        variables=frozen.variables["families"],
        spec=MatchSpec(method=method, variables=("family_type", "origin"), **spec),
    )
    table = frozen.tables["families"]
    for name in ("weight", "match", "reason"):
        table = table.append_column(name, [found.units[name].tolist()])
    return replace(frozen, tables=frozen.tables | {"families": table}, method=method)


SETS = {
    "none": make_frozen(PARTICIPANTS, 40),
    "exact": matched(EXACT),
    "nearest": matched(NEAREST, ratio=2, replacement=True),
}
WITHDRAWALS = st.lists(st.sets(st.integers(0, PARTICIPANTS - 1), max_size=3), max_size=5)


def frozen_again(frozen: Frozen) -> Frozen:
    out = io.BytesIO()
    sha256 = freeze(out, frozen)
    return read_frozen(io.BytesIO(out.getvalue()), sha256)


def lines(table: pa.Table) -> set[tuple]:
    return set(zip(*(column.to_pylist() for column in table.columns), strict=True))


@pytest.mark.parametrize("kind", SETS)
@settings(max_examples=30, deadline=None)
@given(steps=WITHDRAWALS)
def test_later_releases_only_remove(kind, steps):
    frozen = SETS[kind]
    gone: set[int] = set()
    for step in steps:
        before, gone = frozen, gone | step
        frozen = frozen_again(before.without({one.to_bytes(16, "big") for one in step}))
        for name in frozen.tables:
            assert lines(frozen.rows(name)) <= lines(before.rows(name))
    left = {int.from_bytes(one, "big") for one in frozen.relied_on()}
    assert left == set(range(PARTICIPANTS)) - gone
    assert lines(frozen.rows("families")) == lines(SETS[kind].without(
        {one.to_bytes(16, "big") for one in gone}
    ).rows("families"))  # fmt: skip
    families = set(frozen.tables["families"]["pseudonym"].to_pylist())
    assert set(frozen.tables["persons"]["family"].to_pylist()) <= families
    assert frozen.tables["families"].filter(
        pa.compute.equal(frozen.tables["families"]["family_group"], "comparison")
    ).num_rows == 40  # fmt: skip


@pytest.mark.parametrize("kind", ["exact", "nearest"])
def test_nobody_is_matched_anew_because_somebody_left(kind):
    frozen = SETS[kind]
    codes = dict(zip(frozen.tables["families"]["participant"].to_pylist(), frozen.frame().index, strict=True))
    gone = [one for one in codes if one is not None][:4]
    before, after = frozen.matched().units, frozen.without(gone).matched().units
    comparison = after.index.difference(frozen.frame().query("participant == 1").index)
    for code in comparison:
        kept = set(before.at[code, "match"].split(";")) - {codes[one] for one in gone}
        now = set(after.at[code, "match"].split(";"))
        assert now <= kept | {""}
        if before.at[code, "weight"] > 0 and after.at[code, "weight"] == 0:
            assert after.at[code, "reason"] == LEFT
    weights = after.loc[comparison, "weight"]
    assert weights.sum() == pytest.approx((weights > 0).sum())


@pytest.mark.parametrize("kind", ["exact", "nearest"])
def test_with_nobody_gone_the_weights_are_those_of_matching(kind):
    frozen = SETS[kind]
    again = frozen.without([]).matched().units
    assert np.allclose(again["weight"], frozen.matched().units["weight"])
    assert again["match"].tolist() == frozen.matched().units["match"].tolist()


def test_a_set_that_was_changed_is_not_read():
    out = io.BytesIO()
    sha256 = freeze(out, SETS["none"])
    content = bytearray(out.getvalue())
    content[len(content) // 2] ^= 1
    with pytest.raises(FrozenSetAltered):
        read_frozen(io.BytesIO(bytes(content)), sha256)


def test_the_same_set_gives_the_same_bytes():
    first, second = io.BytesIO(), io.BytesIO()
    assert freeze(first, SETS["exact"]) == freeze(second, frozen_again(SETS["exact"]))
    assert first.getvalue() == second.getvalue()


def test_rows_pass_the_linter_and_hold_nothing_that_they_rely_on():
    frozen = SETS["nearest"]
    assert not [finding for finding in lint(frozen, 3) if finding.severity == "block"]
    for name, layout in frozen.layouts.items():
        assert not {"participant", "decision"} & set(layout.names)
        assert frozen.rows(name).column_names == layout.names


def test_small_groups_are_counted_in_each_group_and_with_the_familys_values():
    report = measure(make_frozen(6, 40, singles=(1, 20), western=(0, 0)), 5)
    below = {(part["rows"], part["group"]): part["persons_below"] for part in report["parts"]}
    assert below == {
        ("families", "participant"): 1,  # the only single one; among all 21 single families nobody would see it
        ("families", "comparison"): 0,
        ("persons", "participant"): 2,  # and its two persons, who by themselves are like the others
        ("persons", "comparison"): 0,
    }
    assert report["persons_below"] == 3
    assert report["without"][0] == ["FAMILY_TYPE", 0]
