"""The propensity score: logistic regression of the group on the variables, by iteratively reweighted least squares.

As R's `glm(family = binomial)` does it (McCullagh & Nelder 1989, ch. 2.5): the same start, the same convergence
(|change of deviance| / (|deviance| + 0.1) < 1e-8, at most 25 rounds), columns that follow from earlier ones left out.
The normal equations are summed over blocks of rows, so that memory grows by one number a unit and variable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from ..texts import Refused, Text
from ..variables import MISSING, NUMERIC, Variable
from .exact import coded

BLOCK = 16_384
EPSILON = 1e-8
ROUNDS = 25
DEPENDENT = 1e-10  # share of a column's sum of squares that the columns before it leave unexplained

SEPARATED: Text = (
    "Variablerne skiller de to grupper helt ad, så der er ingen at sammenligne deltagerne med. Vælg færre variabler, "
    "eller saml deres værdier i færre grupper.",
    "The variables tell the two groups apart completely, so that there is nobody to compare the participants with. "
    "Choose fewer variables, or join their values in fewer groups.",
)


@dataclass(frozen=True)
class Column:
    """A column of the design: a number (values, standardised) or a level (`codes` equal to `code`)."""

    variable: Variable
    level: str  # "" for a number
    values: np.ndarray
    code: int = -1

    def rows(self, rows: slice) -> np.ndarray:
        return self.values[rows] if self.code < 0 else self.values[rows] == self.code


@dataclass(frozen=True)
class Note:
    """What the reader must know of a column of the score: of a variable's level ("" for a number)."""

    variable: str
    level: str
    text: Text


@dataclass(frozen=True)
class Fit:
    """`logit`: the linear predictor of each unit, in the order of the frame; equal units have equal ones. `rounds`: how
    often the rows were gone over. `notes`: columns left out, levels that only one group has."""

    logit: np.ndarray
    rounds: int
    notes: tuple[Note, ...]

    @property
    def probability(self) -> np.ndarray:
        return expit(self.logit)


def design(frame: pd.DataFrame, variables: Sequence[Variable]) -> list[Column]:
    """The columns, without the constant. Of a variable's levels the first has none. A missing number is given the mean
    and a column that says so, a missing category is a level of its own."""
    columns = []
    for variable in variables:
        if variable.kind == NUMERIC:
            values = frame[variable.name].to_numpy(dtype=float, na_value=np.nan)
            unknown = np.isnan(values)
            known = values[~unknown]
            if known.size and (spread := known.std()) > 0:
                scaled = (values - known.mean()) / spread
                scaled[unknown] = 0
                columns.append(Column(variable, "", scaled))
            if unknown.any():
                columns.append(Column(variable, MISSING, unknown, 1))
        else:
            codes, levels = coded(frame[variable.name])
            columns += [Column(variable, level, codes, code) for code, level in enumerate(levels) if code]
    return columns


def fit(columns: Sequence[Column], participant: np.ndarray) -> Fit:
    """Raises Refused when the groups are separated completely or no fit is found."""
    kept, notes = _independent(columns, len(participant))
    notes += [note for column in columns if (note := _one_sided(column, participant))]
    coefficients = None
    deviance = np.inf
    for rounds in count(1):
        left, right, now = _sums(kept, participant, coefficients)
        if coefficients is not None and abs(now - deviance) / (abs(now) + 0.1) < EPSILON:
            break
        if rounds > ROUNDS:
            raise Refused({"variables": SEPARATED})
        deviance = now
        scale = 1 / np.sqrt(np.diag(left))  # a level that is rare among the weights must not make it singular
        try:
            coefficients = cho_solve(cho_factor(left * np.outer(scale, scale)), right * scale) * scale
        except np.linalg.LinAlgError:
            raise Refused({"variables": SEPARATED}) from None
    assert coefficients is not None
    logit = np.concatenate([_predict(kept, coefficients, rows) for rows in blocks_of(len(participant))])
    if logit[participant].min() > logit[~participant].max():
        raise Refused({"variables": SEPARATED})
    return Fit(logit, rounds, tuple(notes))


def blocks_of(size: int) -> list[slice]:
    return [slice(start, min(start + BLOCK, size)) for start in range(0, size, BLOCK)]


def matrix_of(columns: Sequence[Column], rows: slice, constant: int = 0) -> np.ndarray:
    """The columns of some rows, after `constant` columns of ones."""
    matrix = np.ones((rows.stop - rows.start, len(columns) + constant), order="F")
    for place, column in enumerate(columns, start=constant):
        matrix[:, place] = column.rows(rows)
    return matrix


def _predict(columns: Sequence[Column], coefficients: np.ndarray, rows: slice) -> np.ndarray:
    """Column by column, not as a product of matrices: that may round equal rows differently at different places, and
    equal units would no longer be equally near."""
    predicted = np.full(rows.stop - rows.start, coefficients[0])
    for column, coefficient in zip(columns, coefficients[1:], strict=True):
        predicted += column.rows(rows) * coefficient
    return predicted


def _sums(
    columns: Sequence[Column], participant: np.ndarray, coefficients: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, float]:
    """Both sides of the weighted normal equations at the coefficients, and the deviance."""
    width = len(columns) + 1
    left, right, deviance = np.zeros((width, width)), np.zeros(width), 0.0
    for rows in blocks_of(len(participant)):
        matrix, y = matrix_of(columns, rows, constant=1), participant[rows]
        if coefficients is None:  # as R starts: probabilities of 1/4 and 3/4
            logit = np.where(y, np.log(3), -np.log(3))
        else:
            logit = matrix @ coefficients
        # 30 as in R, so that no weight is 0
        probability = expit(np.clip(logit, -30, 30))
        weight = probability * (1 - probability)
        root = np.sqrt(weight)
        matrix *= root[:, None]
        left += matrix.T @ matrix
        right += matrix.T @ (root * logit + (y - probability) / root)
        deviance += 2 * np.logaddexp(0, np.where(y, -logit, logit)).sum()
    return left, right, deviance


def _independent(columns: Sequence[Column], size: int) -> tuple[list[Column], list[Note]]:
    """The columns that don't follow from those before them, by the Cholesky factor of their products."""
    products = np.zeros((len(columns) + 1, len(columns) + 1))
    for rows in blocks_of(size):
        matrix = matrix_of(columns, rows, constant=1)
        products += matrix.T @ matrix
    length = np.sqrt(np.diag(products))
    rest = products / np.outer(length, length)
    kept, notes = [], []
    for place in range(len(rest)):
        if rest[place, place] > DEPENDENT:
            if place:
                kept.append(columns[place - 1])
            rest = rest - np.outer(rest[:, place], rest[place]) / rest[place, place]
        else:
            notes.append(
                _note(
                    columns[place - 1],
                    "følger af de øvrige variabler og indgår derfor ikke i scoren for sig.",
                    "follows from the other variables and therefore has no part of its own in the score.",
                )
            )
    return kept, notes


def _one_sided(column: Column, participant: np.ndarray) -> Note | None:
    if column.code < 0:
        return None
    has = column.rows(slice(None))
    if has[participant].any() == has[~participant].any():
        return None
    return _note(
        column,
        "findes kun i den ene gruppe. Scoren bliver meget lav eller høj dér, og standardafvigelsen stor: se på den "
        "tilladte forskel.",
        "occurs in one group only. The score gets very low or high there and its standard deviation large: look at the "
        "caliper.",
    )


def _note(column: Column, danish: str, english: str) -> Note:
    name = _name(column)
    return Note(column.variable.name, column.level, (f"{name[0]} {danish}", f"{name[1]} {english}"))


def _name(column: Column) -> Text:
    labels = {level.code: level.label for level in column.variable.levels}
    if not column.level:
        return column.variable.label
    level = labels.get(column.level, ("Uoplyst", "Not known") if column.level == MISSING else (column.level,) * 2)
    return f"{column.variable.label[0]}: {level[0]}", f"{column.variable.label[1]}: {level[1]}"
