"""What an administrator of the database could do to the audit log, past the triggers: with SQL, and with copies.

A copy is a list of (table, columns, rows), which `put_back` makes the content of those tables.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from audit import chain, triggers
from audit.models import Event, Head, Subject

MODELS = (Subject, Event, Head)  # in the order in which rows may go
COLUMNS = {model: [field.column for field in model._meta.concrete_fields] for model in MODELS}

Copy = dict[type, list[tuple]]


def sql(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def past_triggers(statement: str, *parameters: Any) -> None:
    """The triggers are there again afterwards, so that they tell nothing."""
    triggers.uninstall()
    sql(statement, *parameters)
    triggers.install()


def copy() -> Copy:
    found = {}
    for model in MODELS:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {_names(model)} FROM {model._meta.db_table} ORDER BY 1")
            found[model] = [
                tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()
            ]
    return found


def put_back(rows: Copy) -> None:
    """Takes the place of what is there. Triggers must be out of the way."""
    for model in MODELS:
        sql(f"DELETE FROM {model._meta.db_table}")
    for model in reversed(MODELS):
        _insert(model, rows[model])


def cut_off(after: int) -> None:
    """Takes the events after a sequence away and sets the head back, so that the chain is whole in itself."""
    sql("DELETE FROM audit_subject WHERE event_id > %s", after)
    sql("DELETE FROM audit_event WHERE sequence > %s", after)
    last = Event.objects.filter(pk=after).values_list("mac", flat=True).first()
    sql("UPDATE audit_head SET sequence = %s, mac = %s", after, chain.START if last is None else bytes(last))


def write_anew(first: int) -> None:
    """Every MAC from a sequence on, and the head: what takes the audit key."""
    previous = chain.START if first == 1 else bytes(Event.objects.get(pk=first - 1).mac)
    for event in Event.objects.filter(pk__gte=first).order_by("pk"):
        previous = chain.mac_of(event, previous)
        sql("UPDATE audit_event SET mac = %s WHERE sequence = %s", previous, event.sequence)
    sql("UPDATE audit_head SET mac = %s", previous)


def _insert(model: type, rows: Sequence[tuple]) -> None:
    marks = ", ".join(["%s"] * len(COLUMNS[model]))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {model._meta.db_table} ({_names(model)}) VALUES ({marks})", rows)


def _names(model: type) -> str:
    return ", ".join(f'"{column}"' for column in COLUMNS[model])
