"""The states of a delivery are data, and the page about them is that data."""

from pathlib import Path

from django.utils import translation

from exports.models import State
from exports.states import TRANSITIONS, as_markdown

PAGE = Path(__file__).resolve().parents[3] / "docs" / "delivery-states.md"


def test_the_page_of_states_is_written_from_the_table():
    with translation.override("da"):
        assert PAGE.read_text() == as_markdown()


def test_every_state_can_be_reached_and_every_end_is_meant():
    reached = {to for _, to in TRANSITIONS} | {State.REQUESTED}
    assert reached == set(State)
    ends = set(State) - {one for one, _ in TRANSITIONS}
    assert ends == {State.REJECTED, State.EXPIRED, State.CANCELLED}


def test_nothing_is_built_but_what_was_approved():
    assert {one for one, to in TRANSITIONS if to == State.BUILT} == {State.APPROVED}
    assert {one for one, to in TRANSITIONS if to == State.APPROVED} == {State.PREPARED, State.BUILT, State.FETCHED}
