"""k-anonymity: how many persons share each combination of the variables that could point at somebody.

The variables are those of class Klass.QUASI; missing is a value like any other. Persons are counted, not rows: who has
several rows with the same combination counts once in it. A person is "below" when one of their rows lies in a
combination that fewer than k persons share. (A person's rows taken together can be rarer than each of them. Person
grain, or fewer variables, is the answer to that; the count per row is what Statistics Denmark's practice knows.)

What it is to the delivery. The job puts into `delivery.report`, when the set is prepared and again when it is built:

    report["k"] = {
        "k": 5,                  # the project's
        "variables": ["REGION", …],  # those counted over, in the file's order
        "groups": 812,           # combinations that occur
        "groups_below": 3,       # of them shared by fewer than k persons
        "persons_below": 4,      # persons in those
        "smallest": "<5",        # persons in the smallest group; masked below k, so that the report points at nobody
        "without": [["ROLLE", 0], …],  # persons below k if this variable were left out, the best first
        "approved_below": 4,     # only once built: persons_below of the set that was approved
    }

The counts are true numbers for comparing; a page masks those below k (wording.k_words does). Of a comparison delivery
see comparison/k_report.

A report with persons below k has the finding "k_anonymity" in report["findings"]. What it means is decided by where the
data file is used (EvaluationProject.data_at):

- "dst": the approver may accept it in writing. Then policies.needs_acceptance(delivery) and
  policies.may_be_accepted(delivery) are both true, report["blocked"] says only what else blocks, and an approval
  is good only with a text in Delivery.k_accepted;
- "own": it blocks like every other rule: report["blocked"] is true, and may_be_accepted is false.

So an approval may be given when `not report["blocked"] and (not needs_acceptance(delivery) or k_accepted)`.

When files are built, people may have withdrawn since the approval, and the set is counted again. `still_covered` says
whether the approval reaches that far. Its rule: nobody is below k; or the approver accepted, and persons_below is at
most what was accepted plus k - 1 for each participant who left: who leaves a group of k leaves k - 1 persons below.
Beyond that (somebody left several groups at once) the set is prepared again and somebody looks again.
"""

from collections.abc import Callable, Iterable, Iterator
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from exports.linkage.codebook import masked
from exports.linkage.lint import Finding
from exports.linkage.schema import Kind, Klass, Layout, Variable

Batches = Callable[[], Iterable[pa.RecordBatch]]  # gives the rows anew each time, a person's rows together


def measure(batches: Batches, layout: Layout, k: int) -> dict[str, Any]:
    """report["k"] of the rows, in `layout`'s columns. Two passes; memory goes by the number of combinations.

    A value that is in no value set counts as missing: it blocks by a rule of its own.
    """
    variables = [v for v in layout.variables if v.klass is Klass.QUASI and (v.values or v.bounds)]
    names = [v.name for v in variables]
    counts = {left_out: _Combinations(variables, left_out) for left_out in [None, *names]}
    for persons, codes in _coded(batches(), variables):
        for each in counts.values():
            each.count(persons, codes)
    for each in counts.values():
        each.mark(k)
    for persons, codes in _coded(batches(), variables):
        for each in counts.values():
            each.add_below(persons, codes)
    whole = counts.pop(None)
    smallest = int(whole.persons.min(initial=2**62)) if len(whole.persons) else 0
    return {
        "k": k,
        "variables": names,
        "groups": len(whole.persons),
        "groups_below": int((whole.persons < k).sum()),
        "persons_below": whole.persons_below,
        "smallest": masked(smallest, k),
        "without": sorted(([str(name), each.persons_below] for name, each in counts.items()), key=lambda row: row[1]),
    }


def findings(report: dict[str, Any], layout: Layout) -> list[Finding]:
    """The finding of a report["k"], where there is one."""
    return [Finding(layout.member, "k_anonymity")] if report["persons_below"] else []


def approved_below(report: dict[str, Any]) -> int:
    """persons_below of the set that was approved, of a report["k"] made before or after it was built."""
    return report.get("approved_below", report["persons_below"])


def still_covered(approved: dict[str, Any], now: dict[str, Any], *, accepted: bool, left: int) -> bool:
    """Whether an approval of the set with report["k"] `approved` reaches to the same set less `left` participants.

    `now`: report["k"] of what is left; `accepted`: the approver accepted groups below k, and still may.
    """
    if not now["persons_below"]:
        return True
    before = approved_below(approved)
    return accepted and now["persons_below"] <= before + left * (now["k"] - 1)


class _Combinations:
    """How many persons share each combination of the variables but one."""

    def __init__(self, variables: list[Variable], left_out: str | None):
        self._places = [place for place, v in enumerate(variables) if v.name != left_out]
        sizes = [_size(variables[place]) for place in self._places]
        # numbers of any length where a 64-bit one could not tell all combinations apart
        self._type: Any = np.int64 if prod(sizes) < 2**63 else object
        self._weights = [prod(sizes[:place]) for place in range(len(sizes))]
        self.keys = np.empty(0, dtype=self._type)  # sorted
        self.persons = np.empty(0, dtype=np.int64)  # for each key
        self.persons_below = 0
        self._small = np.empty(0, dtype=bool)

    def count(self, persons: np.ndarray, codes: list[np.ndarray]) -> None:
        """`persons`: a number for each row, rising by 1 with each person."""
        found, where = np.unique(self._key(codes, len(persons)), return_inverse=True)
        once = np.unique(persons * len(found) + where)  # each person once in each combination
        counted = np.bincount(once % len(found), minlength=len(found))
        self.keys, where = np.unique(np.concatenate([self.keys, found]), return_inverse=True)
        both = np.concatenate([self.persons, counted])
        self.persons = np.bincount(where, weights=both, minlength=len(self.keys)).astype(np.int64)

    def mark(self, k: int) -> None:
        self._small = self.persons < k

    def add_below(self, persons: np.ndarray, codes: list[np.ndarray]) -> None:
        below = self._small[np.searchsorted(self.keys, self._key(codes, len(persons)))]
        self.persons_below += len(np.unique(persons[below]))

    def _key(self, codes: list[np.ndarray], rows: int) -> np.ndarray:
        key = np.zeros(rows, dtype=self._type)
        for place, weight in zip(self._places, self._weights, strict=True):
            key += codes[place].astype(self._type) * weight
        return key


def _size(variable: Variable) -> int:
    """How many codes `_code` gives."""
    if variable.values is not None:
        return len(variable.values) + 1
    assert variable.bounds is not None
    return variable.bounds[1] - variable.bounds[0] + 2


def _code(variable: Variable, column: pa.Array) -> np.ndarray:
    """0 for missing and for what may not stand there, otherwise the value's place."""
    if variable.values is not None:
        of_kind = pa.string() if variable.kind is Kind.TEXT else pa.int64()
        places = pc.index_in(column.cast(of_kind), value_set=pa.array(list(variable.values), of_kind))
        return pc.add(pc.fill_null(places, -1), 1).to_numpy()
    assert variable.bounds is not None
    low, high = variable.bounds
    number = pc.fill_null(column.cast(pa.int64()), low - 1).to_numpy()
    return np.where((low <= number) & (number <= high), number - low + 1, 0)


def _coded(batches: Iterable[pa.RecordBatch], variables: list[Variable]) -> Iterator[tuple[np.ndarray, list]]:
    """A number for each row's person, from 0 in each batch, and each variable's codes. No batch divides a person."""
    for batch in _whole_people(batches):
        codes = batch.column("PSEUDONYM").fill_null("")
        is_new = pc.not_equal(codes[1:], codes[:-1]).to_numpy(zero_copy_only=False)
        persons = np.concatenate([[0], np.cumsum(is_new)])
        yield persons, [_code(v, batch.column(v.name)) for v in variables]


def _whole_people(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows, with the rows of one person in one batch (they stand together, but a file's reader parts them)."""
    held: pa.RecordBatch | None = None
    for batch in batches:
        if held is not None:
            batch = pa.concat_batches([held, batch])
            held = None
        if not batch.num_rows:
            continue
        codes = batch.column("PSEUDONYM").fill_null("")
        changes = np.flatnonzero(pc.not_equal(codes[1:], codes[:-1]).to_numpy(zero_copy_only=False))
        end = int(changes[-1]) + 1 if len(changes) else 0
        held = batch.slice(end)
        if end:
            yield batch.slice(0, end)
    if held is not None:
        yield held
