import tracemalloc

import numpy as np
import pandas as pd
import pytest

from exports.comparison.runner.matching import checks
from exports.comparison.runner.matching.matched import match
from exports.comparison.runner.matching.reasons import REASONS
from exports.comparison.runner.matching.spec import MatchSpec
from exports.comparison.runner.texts import DANISH, ENGLISH, Refused
from exports.comparison.runner.variables import CATEGORICAL, NUMERIC, Variable
from tests.unit.comparison.lalonde import NAMES, VARIABLES, people

KINDS = {"x": NUMERIC, "y": NUMERIC, "c": CATEGORICAL}
THREE = [Variable(name=name, label=(name.upper(), name.upper()), kind=kind) for name, kind in KINDS.items()]


def crowd(count, participants, seed=1):
    chance = np.random.default_rng(seed)
    group = np.zeros(count, dtype=int)
    group[chance.choice(count, participants, replace=False)] = 1
    values = {
        "x": chance.normal(size=count) + group,
        "y": chance.normal(size=count),
        "c": chance.choice(list("ab"), count),
    }
    return pd.DataFrame({"group": group, **values}, index=[f"id{number}" for number in range(count)])


def matched(frame, known=THREE, **options):
    options = {"method": "nearest", "variables": tuple(each.name for each in known)} | options
    if options["method"] in ("nearest", "mahalanobis"):
        options = {"caliper": 0.1} | options
    spec = MatchSpec(**options)
    return match(frame, group="group", variables=known, spec=spec)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"order": "smallest", "ratio": 3, "distance": "probability"},
        {"replacement": True, "ratio": 2},
        {"exact": ("c",)},
        {"method": "mahalanobis", "ratio": 2},
        {"method": "coarsened", "cutpoints": {"x": "sturges", "y": (-1, 0, 1)}},
        {"method": "exact", "variables": ("c",)},
    ],
)
def test_the_order_of_rows_decides_nothing_where_nobody_is_equally_near(options):
    frame = crowd(400, 80)
    shuffled = frame.sample(frac=1, random_state=3)

    first, second = matched(frame, **options), matched(shuffled, **options)

    pd.testing.assert_frame_equal(first.units, second.units.loc[frame.index])
    assert first.counts == second.counts


def test_a_drawn_order_depends_on_the_seed_alone():
    frame = crowd(200, 60)
    first, again, other = (matched(frame, order="random", seed=seed).units for seed in (7, 7, 8))

    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_cut_points_close_to_the_left_and_what_is_missing_is_an_interval_of_its_own():
    numbers = [0.0, 9.99, 10.0, None, 30.0, 5.0, 10.0, None, 25.0]
    frame = pd.DataFrame({"group": [1, 1, 1, 1, 1, 0, 0, 0, 0], "x": numbers})
    units = matched(frame, THREE[:1], method="coarsened", cutpoints={"x": (10, 20)}).units

    assert units["match"].tolist() == ["1", "1", "2", "4", "3", "1", "2", "4", "3"]
    assert units["weight"].tolist() == pytest.approx([1, 1, 1, 1, 1, 1.6, 0.8, 0.8, 0.8])


def test_participants_with_values_of_their_own_are_left_out_and_told_why():
    frame = pd.DataFrame({"group": [1, 1, 1, 0, 0, 0], "c": list("abcbbd")})
    found = matched(frame, THREE[2:], method="exact")

    assert found.units["reason"].tolist() == ["no_equal", "", "no_equal", "", "", "no_equal"]
    assert found.units["weight"].tolist() == [0, 1, 0, 1, 1, 0]
    assert found.counts["sets"] == 1


def test_when_nobody_can_be_matched_nobody_is():
    found = matched(crowd(40, 10), caliper=1e-9)

    assert (found.units["weight"] == 0).all()
    assert set(found.units["reason"]) == {"caliper"}


def test_memory_grows_with_the_units_and_not_with_their_pairs():
    def peak(count):
        frame = crowd(count, count // 10)
        tracemalloc.start()
        try:
            matched(frame, caliper=None, ratio=2)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1000)
    small, large = peak(10_000), peak(40_000)
    assert large < 4.6 * small
    assert large < 40_000 * 300  # a table of distances would be 1.2 GB


@pytest.mark.parametrize(
    "where, danish, change",
    [
        ("method", "Metoden skal være", {"method": "genetic"}),
        ("variables", "Vælg mindst én variabel", {"variables": ()}),
        ("variables", "Der er ingen variabel, der hedder income", {"variables": ("income",)}),
        ("exact", "Der er ingen variabel, der hedder income", {"exact": ("income",)}),
        ("caliper", "skal være et tal over 0", {"caliper": 0}),
        ("cutpoints", "race er ikke et tal", {"method": "coarsened", "cutpoints": {"race": "sturges"}}),
        ("caliper", "Feltet bruges kun", {"method": "exact", "caliper": 0.2}),
    ],
)
def test_what_cannot_be_asked_for_is_refused_at_its_field(where, danish, change):
    spec = MatchSpec(**{"method": "nearest", "variables": NAMES} | change)

    assert danish in checks.problems(spec, VARIABLES)[where][DANISH]
    with pytest.raises(Refused) as refused:
        match(people(), group="treat", variables=VARIABLES, spec=spec)
    assert all(text[ENGLISH] for text in refused.value.problems.values())


@pytest.mark.parametrize("field", ["variables", "exact"])
def test_what_was_measured_after_the_reference_date_is_never_matched_on(field):
    later = Variable(name="re78", label=("Løn 1978", "Earnings 1978"), kind=NUMERIC, measured="after")
    names = {"variables": NAMES} | {field: ("re78",)}

    with pytest.raises(Refused) as refused:
        match(people(), group="treat", variables=[*VARIABLES, later], spec=MatchSpec(method="nearest", **names))

    assert refused.value.problems[field][DANISH].startswith("Løn 1978 er målt efter referencedatoen")


@pytest.mark.parametrize(
    "where, danish, change",
    [
        ("group", "ingen kolonne, der hedder treat", lambda frame: frame.drop(columns="treat")),
        ("group", "skal være 1 for deltagere", lambda frame: frame.assign(treat=frame["treat"] + 1)),
        (
            "group",
            "skal være 1 for deltagere",
            lambda frame: frame.assign(treat=frame["treat"].where(frame["age"] > 20)),
        ),
        ("group", "Deltagere: 1. Andre: 429", lambda frame: frame.iloc[184:]),
        ("", "Et id står der flere gange", lambda frame: frame.set_index("race", drop=False)),
        ("variables", "ingen kolonne, der hedder educ", lambda frame: frame.drop(columns="educ")),
        ("variables", "educ er ens for alle", lambda frame: frame.assign(educ=12)),
        ("variables", "race er ens for alle", lambda frame: frame.assign(race=None)),
        ("variables", "educ skal være et tal", lambda frame: frame.assign(educ="long")),
        ("variables", "re74 skal være et tal", lambda frame: frame.assign(re74=np.inf)),
    ],
)
def test_data_that_cannot_be_matched_are_refused_in_words(where, danish, change):
    with pytest.raises(Refused) as refused:
        match(change(people()), group="treat", variables=VARIABLES, spec=MatchSpec(method="nearest", variables=NAMES))

    assert danish in refused.value.problems[where][DANISH]


def test_every_reason_has_words_in_both_languages():
    assert all(len(texts) == 2 and all(texts) for texts in REASONS.values())
