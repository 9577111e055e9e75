"""Dates typed as day, month and year."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from collection.models import Precision
from consent.forms.dates import DatePartsField, PartialDate


@pytest.mark.parametrize(
    "typed, first, precision, last",
    [
        (["", "", "2015"], date(2015, 1, 1), Precision.YEAR, date(2015, 12, 31)),
        (["", "2", "2016"], date(2016, 2, 1), Precision.MONTH, date(2016, 2, 29)),
        (["3", "03", "2015"], date(2015, 3, 3), Precision.DAY, date(2015, 3, 3)),
        ([" 3 ", "3", " 2015 "], date(2015, 3, 3), Precision.DAY, date(2015, 3, 3)),
    ],
)
def test_keeps_how_exactly_a_date_is_known(typed, first, precision, last):
    known = DatePartsField(partial=True).clean(typed)
    assert known == PartialDate(first, precision)
    assert known.last == last


@pytest.mark.parametrize(
    "typed, code",
    [
        (["3", "", "2015"], "no_month"),
        (["3", "3", ""], "no_year"),
        (["3", "3", "15"], "year"),
        (["3", "3", "٢٠١٥"], "year"),
        (["31", "2", "2015"], "impossible"),
        (["x", "2", "2015"], "impossible"),
        (["1", "1", "0000"], "impossible"),
        (["", "", ""], "required"),
    ],
)
def test_refuses_a_date_that_can_not_be(typed, code):
    with pytest.raises(ValidationError) as refused:
        DatePartsField(partial=True).clean(typed)
    assert refused.value.code == code


def test_a_whole_date_needs_all_three_parts():
    with pytest.raises(ValidationError) as refused:
        DatePartsField().clean(["", "2", "2015"])
    assert refused.value.code == "incomplete"
    assert DatePartsField().clean(["1", "2", "2015"]) == date(2015, 2, 1)


def test_an_optional_date_may_be_left_out():
    assert DatePartsField(required=False).clean(["", "", ""]) is None
    assert DatePartsField(required=False).clean(None) is None
