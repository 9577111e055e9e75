"""Which distributions a result tells: of the score and of numbers that table 1 tells of, and never of two releases."""

import json

import numpy as np
import pandas as pd
import pytest

from exports.comparison import described
from exports.comparison.runner.disclosure import Release
from exports.comparison.runner.matching.matched import match
from exports.comparison.runner.matching.spec import NEAREST, MatchSpec
from exports.comparison.runner.results import SCORE_LABEL, describe, write_results
from exports.comparison.runner.variables import BINARY, Level, Variable
from tests.unit.comparison import lalonde

YES, NO = ("Ja", "Yes"), ("Nej", "No")


@pytest.fixture(scope="module")
def matched():
    spec = MatchSpec(method=NEAREST, variables=lalonde.NAMES, caliper=0.2)
    return match(lalonde.people(), group="treat", variables=lalonde.VARIABLES, spec=spec)


def told(matched=None, people=None, **options):
    people = lalonde.people() if people is None else people
    return describe(people, group="treat", variables=lalonde.VARIABLES, matched=matched, minimum=5, **options)


def test_the_score_is_shown_before_and_after_numbers_before_only(matched):
    shown = told(matched).distributions

    assert [each.label for each in shown] == [SCORE_LABEL, *(v.label for v in lalonde.VARIABLES if v.kind == "numeric")]
    assert [each.groups[0].after is not None for each in shown] == [True, False, False, False, False]


def test_beside_an_earlier_release_there_is_none(matched):
    earlier = Release.of([told().before])

    assert told(matched, earlier=[earlier]).distributions == ()


def test_a_number_whose_count_is_hidden_is_not_shown():
    people = lalonde.people().astype({"age": float})
    people.iloc[:3, people.columns.get_loc("age")] = None  # three participants

    assert [each.label[0] for each in told(people=people).distributions] == ["educ", "re74", "re75"]


def test_a_score_that_is_as_good_as_a_characteristic_is_told_only_with_it():
    """Matched on one variable, the score has a bar for each of its levels: two single ones who were not matched, whom
    the table doesn't tell, would be the difference of the bars."""
    single = Variable(name="single", label=("Enlig", "Single"), kind=BINARY, levels=(Level("1", YES), Level("0", NO)))
    spec = MatchSpec(method=NEAREST, variables=("single",), caliper=0.01)

    def labels(*counts: int) -> tuple[bool, list]:
        """Single and not of the participants, and of the comparison."""
        people = pd.DataFrame({"treat": np.repeat([1, 1, 0, 0], counts), "single": np.repeat([1, 0, 1, 0], counts)})
        found = match(people, group="treat", variables=[single], spec=spec)
        shown = describe(people, group="treat", variables=[single], matched=found, minimum=5)
        assert None not in shown.after.sizes
        return bool(shown.after.sections[0].withheld), [each.label for each in shown.distributions]

    assert labels(20, 20, 18, 14) == (True, [])
    assert labels(20, 20, 14, 14) == (False, [SCORE_LABEL])


def test_what_was_told_once_can_be_told_again_and_is_among_the_files(matched):
    first = told(matched)
    files: dict[str, bytes] = {}
    write_results(files.__setitem__, first)

    assert described.from_json(json.loads(json.dumps(described.to_json(first)))) == first
    assert {"distributions.svg", "distributions.png"} <= set(files)
