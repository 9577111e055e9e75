"""The log's questions find what a plain look through all events finds, and an index is enough for each."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import queries
from audit.models import Event, Subject
from audit.queries import SYSTEM, Page, Wanted, each, stretch

pytestmark = pytest.mark.django_db

DAYS = [date(2026, 3, 1) + timedelta(days=number) for number in range(8)]
ACTORS, PLANS, ACTIONS = ["", "a", "b"], ["", "p", "q"], ["x", "y", "z"]
ANNA, BENT = UUID(int=1), UUID(int=2)
PERSONS: list[tuple[UUID, ...]] = [(), (ANNA,), (BENT,), (ANNA, BENT)]
COUNT = 90


@pytest.fixture
def log_of_events(db):
    """Ninety events over a week, every tenth a few hours out of the order of time."""
    for number in range(1, COUNT + 1):
        late = timedelta(hours=5) if number % 10 == 0 else timedelta()
        event = Event.objects.create(
            sequence=number,
            at=datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(hours=2 * number) - late,
            actor=ACTORS[number * 7 % 3],
            plan=PLANS[number // 2 % 3],
            action=ACTIONS[number // 5 % 3],
            subjects_digest=b"",
            key_id=1,
            mac=b"",
        )
        for person in PERSONS[number % 4]:
            Subject.objects.create(event=event, subject=person)


wanted_ones = st.builds(
    Wanted,
    action=st.sampled_from(["", *ACTIONS, "none"]),
    who=st.sampled_from(["", SYSTEM, "a", "none"]),
    plan=st.sampled_from(["", "p", "q"]),
    first=st.sampled_from([None, *DAYS]),
    last=st.sampled_from([None, *DAYS]),
    subjects=st.sampled_from(PERSONS),
    only=st.sampled_from([frozenset(), frozenset({"x", "y"})]),
    without=st.sampled_from([frozenset(), frozenset({"y"})]),
)


def plainly(wanted: Wanted) -> list[int]:
    """Newest first, without an index, a window or a page."""

    def meets(event: Event) -> bool:
        day = event.at.astimezone(queries.get_current_timezone()).date()
        concerned = {subject.subject for subject in event.subjects.all()}
        return (
            (not wanted.action or event.action == wanted.action)
            and (not wanted.who or event.actor == ("" if wanted.who == SYSTEM else wanted.who))
            and (not wanted.plan or event.plan == wanted.plan)
            and (wanted.first is None or day >= wanted.first)
            and (wanted.last is None or day <= wanted.last)
            and (not wanted.subjects or bool(concerned & set(wanted.subjects)))
            and (not wanted.only or event.action in wanted.only)
            and event.action not in wanted.without
        )

    events = Event.objects.prefetch_related("subjects").order_by("-sequence")
    return [event.sequence for event in events if meets(event)]


def numbers(page: Page) -> list[int]:
    return [event.sequence for event in page.events]


def test_pages_hold_what_a_plain_look_finds_each_event_once_in_both_directions(log_of_events, monkeypatch):
    monkeypatch.setattr(queries, "DISORDER", timedelta(hours=6))

    @settings(max_examples=40)
    @given(wanted_ones, st.integers(1, 12), st.sampled_from([1, 3, 10, 1000]), st.sampled_from([-1, 60]))
    def law(wanted, size, window, patience):
        monkeypatch.setattr(queries, "WINDOW", window)
        monkeypatch.setattr(queries, "PATIENCE", patience)
        expected, forth, back = plainly(wanted), [], []
        page = stretch(wanted, size=size)
        assert page.newer is None
        forth += numbers(page)
        while page.older is not None:
            page = stretch(wanted, size=size, before=page.older)
            forth += numbers(page)
        assert forth == expected
        page = stretch(wanted, size=size, after=0)
        back = numbers(page) + back
        while page.newer is not None:
            page = stretch(wanted, size=size, after=page.newer)
            back = numbers(page) + back
        assert back == expected
        in_parts = [event.sequence for part in each(wanted, at_most=10, size=size) for event in part]
        assert in_parts == expected[:10]

    law()


def test_a_page_stops_when_its_patience_is_over_and_says_so(log_of_events, monkeypatch):
    monkeypatch.setattr(queries, "WINDOW", 4)
    monkeypatch.setattr(queries, "PATIENCE", -1)
    page = stretch(Wanted(plan="p", action="none"), size=50)
    assert (page.events, page.unfinished) == ([], True)
    assert page.older is not None
    monkeypatch.setattr(queries, "PATIENCE", 60)
    assert stretch(Wanted(plan="p", action="none"), size=50) == Page([], None, None, unfinished=False)


@pytest.mark.parametrize("wrong", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
def test_a_clock_that_was_wrong_hides_no_other_event(log_of_events, wrong):
    from tests.factories.tampering import past_triggers

    past_triggers(
        "UPDATE audit_event SET at = %s WHERE sequence = 45",
        wrong if connection.vendor == "postgresql" else str(wrong)[:19],
    )
    for first, last in [(date(1960, 1, 1), date(2098, 1, 1)), (DAYS[0], None), (None, DAYS[-1]), (DAYS[2], DAYS[3])]:
        wanted = Wanted(first=first, last=last)
        assert numbers(stretch(wanted, size=COUNT)) == plainly(wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(plan="p"),
        Wanted(who="a"),
        Wanted(who=SYSTEM),
        Wanted(action="x"),
        Wanted(subjects=(ANNA,)),
        Wanted(first=DAYS[2], last=DAYS[3]),
        Wanted(plan="p", first=DAYS[2], last=DAYS[3]),
        Wanted(plan="p", action="x"),
        Wanted(plan="p", who="a"),
        Wanted(who="a", action="x"),
        Wanted(subjects=(ANNA,), action="x", first=DAYS[2]),
    ],
    ids=str,
)
def test_every_question_is_answered_by_an_index_in_its_order(log_of_events, wanted):
    """Else a page would read, or sort, all ten million events."""
    with CaptureQueriesContext(connection) as captured:
        stretch(wanted, size=10, before=80)
    asked = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    assert asked
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # it would read so few rows plainly
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
            )
        for sql in asked:
            cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
            steps = "\n".join(str(row[-1]) for row in cursor.fetchall())
            assert "Index" in steps or "INDEX" in steps, steps
            for slow in ("TEMP B-TREE", "Seq Scan", "Sort"):
                assert slow not in steps, steps
