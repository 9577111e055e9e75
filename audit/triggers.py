"""Rows that never change, by the database itself: triggers refuse UPDATE, DELETE and (on PostgreSQL) TRUNCATE.

The audit tables are append-only. An app with rows of its own kind that freeze registers its triggers when it is ready
(`register`); all are put in place after every migrate.
"""

from typing import NamedTuple

from django.db import connection

from audit.models import Event, Subject

TABLES = (Event._meta.db_table, Subject._meta.db_table)
KINDS = ("UPDATE", "DELETE", "TRUNCATE")


class Trigger(NamedTuple):
    """Refuses `kind` of a row of `table`, always or where `when` holds: SQL of both databases over OLD and NEW."""

    table: str
    kind: str
    message: str
    when: str = "TRUE"

    @property
    def name(self) -> str:
        return f"{self.table}_no_{self.kind.lower()}"


_triggers: dict[str, Trigger] = {}


def register(*triggers: Trigger) -> None:
    _triggers.update((trigger.name, trigger) for trigger in triggers)


register(*(Trigger(table, kind, "audit is append-only") for table in TABLES for kind in KINDS))


def _expected() -> list[Trigger]:
    """SQLite knows no TRUNCATE."""
    postgresql = connection.vendor == "postgresql"
    return [trigger for trigger in _triggers.values() if postgresql or trigger.kind != "TRUNCATE"]


def _function(trigger: Trigger) -> str:
    """The body of a trigger's function (PostgreSQL)."""
    return f" BEGIN IF {trigger.when} THEN RAISE EXCEPTION '{trigger.message}'; END IF; RETURN COALESCE(NEW, OLD); END "


def _definition(trigger: Trigger) -> str:
    """The statement that makes the trigger, as the database gives it back."""
    name, table, kind, message, when = trigger.name, *trigger
    if connection.vendor == "postgresql":
        level = "STATEMENT" if kind == "TRUNCATE" else "ROW"
        return f"CREATE TRIGGER {name} BEFORE {kind} ON {table} FOR EACH {level} EXECUTE FUNCTION {name}()"
    return f"CREATE TRIGGER {name} BEFORE {kind} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def install() -> None:
    with connection.cursor() as cursor:
        for trigger in _expected():
            if connection.vendor == "postgresql":
                body = _function(trigger)
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {trigger.name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
                )
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name} ON {trigger.table}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}")
            cursor.execute(_definition(trigger))


def uninstall() -> None:
    """For tests that must empty the tables, and for migrations that rebuild them."""
    with connection.cursor() as cursor:
        for trigger in _expected():
            on = f" ON {trigger.table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on}")


def missing() -> list[str]:
    """Names of the triggers that should be there and are not, or are but were disabled or changed."""
    if connection.vendor == "postgresql":
        query = (
            "SELECT tgname, pg_get_triggerdef(t.oid, true), prosrc FROM pg_trigger t JOIN pg_proc f ON f.oid = tgfoid "
            "WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgrelid = ANY (%s::text[]::regclass[])"
        )
        parameters = [sorted({trigger.table for trigger in _expected()})]
    else:
        query, parameters = "SELECT name, sql, '' FROM sqlite_master WHERE type = 'trigger'", []
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        present = {name: (definition, body) for name, definition, body in cursor.fetchall()}
    function = _function if connection.vendor == "postgresql" else lambda trigger: ""
    return [
        trigger.name
        for trigger in _expected()
        if present.get(trigger.name) != (_definition(trigger), function(trigger))
    ]


def _tables_are_there() -> bool:
    tables = connection.introspection.table_names()
    return all(trigger.table in tables for trigger in _expected())


def install_after_migrate(**kwargs) -> None:
    if _tables_are_there():
        install()


def uninstall_before_migrate(**kwargs) -> None:
    """SQLite rebuilds a table by renaming a new one, and refuses that while a trigger of another table names it."""
    if connection.vendor == "sqlite" and _tables_are_there():
        uninstall()
