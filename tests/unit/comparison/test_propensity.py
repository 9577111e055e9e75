import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from exports.comparison.runner.matching import propensity
from exports.comparison.runner.texts import ENGLISH, Refused
from exports.comparison.runner.variables import BINARY, CATEGORICAL, NUMERIC, Level, Variable
from tests.unit.comparison.lalonde import VARIABLES, people


def variable(name, kind=NUMERIC, **options):
    return Variable(name=name, label=(name, name), kind=kind, **options)


def fitted(frame, variables, participant):
    return propensity.fit(propensity.design(frame, variables), np.asarray(participant, dtype=bool))


def likeliest(matrix, participant):
    """The linear predictor of greatest likelihood, found by a general optimiser."""
    matrix = np.column_stack([np.ones(len(matrix)), (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)])
    sign = np.where(participant, 1, -1)

    def loss(coefficients):
        value = np.logaddexp(0, -sign * (matrix @ coefficients)).sum()
        return value, -matrix.T @ (sign / (1 + np.exp(sign * (matrix @ coefficients))))

    found = minimize(loss, np.zeros(matrix.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-7})
    return matrix @ found.x


def test_the_score_is_the_one_of_greatest_likelihood():
    frame = people()
    inside = (frame["treat"] == 1).to_numpy()
    numbers = frame.drop(columns=["treat", "race", "re78"])
    dummies = np.column_stack([numbers, frame["race"] == "black", frame["race"] == "white"]).astype(float)

    assert fitted(frame, VARIABLES, inside).logit == pytest.approx(likeliest(dummies, inside), abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_residuals_add_up_to_nothing_in_every_level_and_over_every_number(seed):
    """The equations of likelihood, whatever is missing; equal rows have equal scores."""
    chance = np.random.default_rng(seed)
    count = 60
    frame = pd.DataFrame({"x": chance.normal(size=count).round(1), "c": chance.choice(list("abc"), count)})
    frame.loc[chance.random(count) < 0.2, "x"] = np.nan
    frame.loc[chance.random(count) < 0.2, "c"] = None
    frame = pd.concat([frame, frame], ignore_index=True)
    inside = chance.random(2 * count) < 0.4
    try:
        fit = fitted(frame, [variable("x"), variable("c", CATEGORICAL)], inside)
    except Refused:
        return

    residuals = pd.Series(inside - fit.probability)
    sums = residuals.groupby(frame["c"].fillna("?")).sum()
    assert sums.to_numpy() == pytest.approx(0, abs=1e-3)
    assert residuals[frame["x"].isna()].sum() == pytest.approx(0, abs=1e-3)
    assert (residuals * frame["x"]).sum() == pytest.approx(0, abs=1e-3)
    assert (fit.logit[:count] == fit.logit[count:]).all()


def test_the_scale_of_a_number_changes_nothing():
    frame = people()
    inside = frame["treat"] == 1
    first = fitted(frame, VARIABLES, inside).logit
    frame["age"], frame["re74"] = frame["age"] + 2_000_000, frame["re74"] * 1e9

    assert fitted(frame, VARIABLES, inside).logit == pytest.approx(first, abs=1e-6)


def test_a_missing_number_is_a_category_of_its_own():
    """So it is the same as any value at all with a variable that says it is missing."""
    frame = people()
    inside = frame["treat"] == 1
    unknown = frame["age"] % 5 == 0
    missing = frame.assign(age=frame["age"].where(~unknown))
    spelled = frame.assign(age=frame["age"].where(~unknown, 17), unknown=unknown.astype(int))

    expected = fitted(spelled, [*VARIABLES, variable("unknown", BINARY)], inside).logit
    assert fitted(missing, VARIABLES, inside).logit == pytest.approx(expected, abs=1e-6)


def test_a_missing_number_stands_at_the_mean_of_those_that_are_known():
    """The fit doesn't mind where it stands, the Mahalanobis distance does."""
    frame = pd.DataFrame({"x": [1.0, np.nan, 5.0, 3.0]})
    number, unknown = propensity.design(frame, [variable("x")])
    assert number.values == pytest.approx([-(1.5**0.5), 0, 1.5**0.5, 0])
    assert unknown.rows(slice(None)).tolist() == [False, True, False, False]


def test_a_variable_that_follows_from_others_is_left_out_and_named():
    frame = people().assign(sum=lambda people: 0.3 * people["age"] - people["re74"] / 7)
    fit = fitted(frame, [*VARIABLES, variable("sum")], frame["treat"] == 1)

    assert fit.logit == pytest.approx(fitted(frame, VARIABLES, frame["treat"] == 1).logit)
    assert [note.text[ENGLISH].split(" follows")[0] for note in fit.notes] == ["sum"]


def test_a_level_that_only_one_group_has_is_named():
    frame = people()
    inside = (frame["treat"] == 1).to_numpy()
    frame["town"] = np.where(~inside & (np.arange(614) % 3 == 0), "b", "a")
    town = variable("town", CATEGORICAL, levels=(Level("a", ("A-by", "A-town")), Level("b", ("B-by", "B-town"))))
    (note,) = fitted(frame, [*VARIABLES, town], inside).notes

    assert (note.variable, note.level) == ("town", "b")
    assert note.text[0].startswith("town: B-by findes kun i den ene gruppe")
    assert note.text[1].startswith("town: B-town occurs in one group only")


@pytest.mark.parametrize("count", [8, 400])
def test_groups_that_can_be_told_apart_completely_are_refused(count):
    frame = pd.DataFrame({"x": np.arange(count, dtype=float), "y": np.arange(count) % 3})

    with pytest.raises(Refused) as refused:
        fitted(frame, [variable("x"), variable("y")], np.arange(count) > count // 3)

    assert refused.value.problems == {"variables": propensity.SEPARATED}
