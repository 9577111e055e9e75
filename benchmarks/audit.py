"""The audit log at ten million events, or fewer: its questions against a look-up of as many events by primary key, and
what a check of the chain takes of time and memory.

On the database and folders that the environment names, each of these prints one line of JSON:
`python -m benchmarks.audit fill 10000000` makes events by SQL; their MACs are none, so they are for asking only.
`python -m benchmarks.audit ask` asks them. `python -m benchmarks.audit check 200000` makes a real chain and checks it.
"""

import argparse
import json
import random
import time
import tracemalloc
from collections.abc import Callable
from datetime import date
from statistics import median
from uuid import UUID

PLANS, USERS, PERSONS, DAYS = 89, 600, 50_000, 5 * 365  # from 2020 on
COMMON = [
    "identity.shown",
    "identity.listed",
    "participant.enrolled",
    "sign_in.done",
    "sign_out.done",
    "consent.counted",
]
LISTED = 25  # persons on every tenth list; on each, the plan's first
SIZE, ROUNDS = 51, 15
PLAN, USER, PERSON = 1, 2, 3


def made_up(kind: int, number: int) -> str:
    return str(UUID(int=kind << 120 | number))


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=["fill", "ask", "check"])
    parser.add_argument("events", type=int, nargs="?", default=200_000)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    steps = {"fill": lambda: fill(options.events), "ask": ask, "check": lambda: check(options.events)}
    print(json.dumps(steps[options.step]()))


# --- Filling ------------------------------------------------------------------------------------------


def fill(count: int) -> dict:
    """Indexes are made after the rows: ten million take minutes instead of hours."""
    from django.db import connection

    from audit.models import Event, Head, Subject
    from audit.words import ACTIONS

    began = time.perf_counter()
    indexes = [(model, index) for model in (Event, Subject) for index in model._meta.indexes]
    with connection.schema_editor() as editor:
        for model, index in indexes:
            editor.remove_index(model, index)
    rare = [code for room in ACTIONS.values() for code in room if code not in COMMON]
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor == "postgresql", count, rare):
            cursor.execute(statement)
    Head.objects.update_or_create(pk=1, defaults={"sequence": count, "mac": bytes(32)})
    with connection.schema_editor() as editor:
        for model, index in indexes:
            editor.add_index(model, index)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as a server does by itself; nobody does it for SQLite
    return {"events": count, "subjects": Subject.objects.count(), "seconds": round(time.perf_counter() - began)}


def _statements(postgresql: bool, count: int, rare: list[str]) -> list[str]:
    """600 colleagues of 89 plans act by turns; nineteen of twenty things are of six kinds."""

    def numbers(last: str) -> str:
        if postgresql:
            return f"generate_series(1, {last}) AS n(g)"
        return (
            f"(WITH RECURSIVE n(g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM n WHERE g < {last}) SELECT g FROM n) AS n"
        )

    def text(kind: int, number: str) -> str:
        hexed = f"lpad(to_hex({number}), 12, '0')" if postgresql else f"printf('%012x', {number})"
        return f"'{made_up(kind, 0)[:-12]}' || {hexed}"

    def uuid(number: str) -> str:
        return f"({text(PERSON, number)})::uuid" if postgresql else f"replace({text(PERSON, number)}, '-', '')"

    def choice(number: str, names: list[str]) -> str:
        return f"CASE {number} " + " ".join(f"WHEN {n} THEN '{name}'" for n, name in enumerate(names)) + " END"

    seconds = f"(g * {DAYS * 86400 / count})"
    at = (
        f"timestamptz '2020-01-01 00:00:00+00' + {seconds} * interval '1 second'"
        if postgresql
        else f"strftime('%Y-%m-%d %H:%M:%f', '2020-01-01', {seconds} || ' seconds')"
    )
    mac = "decode(md5(g::text) || md5((-g)::text), 'hex')" if postgresql else "randomblob(32)"
    user, person = f"((g * 7919 + g / 13) % {USERS})", f"(g * 48271 % {PERSONS // PLANS}) * {PLANS}"
    action = (
        f"CASE WHEN g * 104729 % 100 < 95 THEN {choice(f'(g / 7 * 31 % {len(COMMON)})', COMMON)} "
        f"ELSE {choice(f'(g / 100 * 17 % {len(rare)})', rare)} END"
    )
    bigint = "::bigint" if postgresql else ""
    events = numbers(f"{count}{bigint}")
    events_of = "FROM (SELECT sequence AS g, action FROM audit_event) AS e"
    of_person = "action IN ('identity.shown', 'identity.listed', 'participant.enrolled', 'consent.counted')"
    subjects = "INSERT INTO audit_subject (event_id, subject) SELECT e.g"
    return [
        "INSERT INTO audit_event (sequence, at, actor, action, object_type, object_id, plan, details, subjects_digest, "
        f"key_id, mac) SELECT g, {at}, {text(USER, user)}, {action}, '', '', {text(PLAN, f'({user} % {PLANS})')}, "
        f"'{{}}', {mac}, 1, {mac} FROM {events}",
        f"{subjects}, {uuid(f'({person} + {user} % {PLANS})')} {events_of} WHERE {of_person}",
        f"{subjects}, {uuid(f'({user} % {PLANS})')} {events_of} WHERE action = 'identity.listed'",
        f"{subjects}, {uuid(f'((e.g * 31 + n.g * 1009) % {PERSONS})')} {events_of} CROSS JOIN {numbers(str(LISTED))} "
        "WHERE action = 'identity.listed' AND e.g % 10 = 0",
    ]


# --- Asking -------------------------------------------------------------------------------------------


def ask() -> dict:
    from django.db import connection

    from audit.models import Event
    from audit.queries import Wanted, stretch

    last = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
    dice = random.Random(2)
    middle, day = last // 2, date(2022, 6, 1)
    questions: dict[str, tuple[Wanted, int | None]] = {
        "the newest": (Wanted(), None),
        "half way down": (Wanted(), middle),
        "a plan": (Wanted(plan=made_up(PLAN, 0)), middle),
        "a colleague": (Wanted(who=made_up(USER, 0)), middle),
        "a common action": (Wanted(action="identity.listed"), middle),
        "a rare action": (Wanted(action="project.ended"), None),
        "an action that nobody did": (Wanted(action="none"), None),
        "a day two years ago": (Wanted(first=day, last=day), None),
        "a year": (Wanted(first=date(2021, 1, 1), last=date(2021, 12, 31)), None),
        "a plan and a day": (Wanted(plan=made_up(PLAN, 0), first=day, last=day), None),
        "a plan and a rare action": (Wanted(plan=made_up(PLAN, 0), action="project.ended"), None),
        "a plan and a common action": (Wanted(plan=made_up(PLAN, 0), action="identity.shown"), middle),
        "a plan and a colleague of another": (Wanted(plan=made_up(PLAN, 1), who=made_up(USER, 0)), None),
        "a colleague and an action that nobody did": (Wanted(who=made_up(USER, 0), action="none"), None),
        "a person": (Wanted(subjects=(UUID(made_up(PERSON, 40_000)),)), None),
        "a person on every list": (Wanted(subjects=(UUID(made_up(PERSON, 0)),)), middle),
        "a person on every list, and a rare action": (
            Wanted(subjects=(UUID(made_up(PERSON, 0)),), action="project.ended"),
            None,
        ),
    }

    def by_key() -> None:
        chosen = [dice.randrange(1, last + 1) for _ in range(SIZE)]
        list(Event.objects.filter(pk__in=chosen))

    rows = []
    for name, (wanted, before) in questions.items():

        def question(wanted: Wanted = wanted, before: int | None = before) -> int:
            return len(stretch(wanted, size=SIZE - 1, before=before).events)

        found = question()
        by_key()
        ours, theirs = zip(*((_ms(question), _ms(by_key)) for _ in range(ROUNDS)), strict=True)
        ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
        rows.append(
            f"| {name} ({connection.vendor}) | {found} | {median(ours):.1f} | {max(ours):.1f} | {median(theirs):.1f} "
            f"| {ratio:.1f} |"
        )
    return {"events": last, "rows": rows}


# --- Checking -----------------------------------------------------------------------------------------


def check(count: int) -> dict:
    """How many events a second are checked, against reading the same rows, and what memory a check takes."""
    from django.db import connection

    from audit.models import Event
    from audit.recording import audited
    from audit.verify import verify

    persons = [UUID(made_up(PERSON, number)) for number in range(LISTED)]
    peaks = []
    for _ in range(2):
        for _ in range(count // 1000):
            with audited(by=None) as log:
                for number in range(500):
                    log("identity.listed", subjects=persons if number % 10 == 0 else persons[:1], count=1)
        tracemalloc.start()
        assert not verify().faults
        peaks.append(round(tracemalloc.get_traced_memory()[1] / 1e6, 1))
        tracemalloc.stop()

    def read() -> None:
        for _ in Event.objects.order_by("sequence").values_list().iterator(chunk_size=2000):
            pass

    ours, theirs = zip(*((_ms(verify), _ms(read)) for _ in range(3)), strict=True)
    ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
    return {
        "row": f"| check {count:,} events ({connection.vendor}) | {count / median(ours) * 1000:,.0f} | "
        f"{median(ours) / 1000:.1f} | {median(theirs) / 1000:.1f} | {ratio:.1f} | {peaks[0]} | {peaks[1]} |"
    }


def _ms(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
