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


def install() -> None:
    with connection.cursor() as cursor:
        for trigger in _expected():
            name, table, kind, message, when = trigger.name, *trigger
            if connection.vendor == "postgresql":
                level = "STATEMENT" if kind == "TRUNCATE" else "ROW"
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"IF {when} THEN RAISE EXCEPTION '{message}'; END IF; RETURN COALESCE(NEW, OLD); END $$"
                )
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {name} BEFORE {kind} ON {table} "
                    f"FOR EACH {level} EXECUTE FUNCTION {name}()"
                )
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(
                    f"CREATE TRIGGER {name} BEFORE {kind} ON {table} WHEN {when} "
                    f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
                )


def uninstall() -> None:
    """For tests that must empty the tables, and for migrations that rebuild them."""
    with connection.cursor() as cursor:
        for trigger in _expected():
            on = f" ON {trigger.table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on}")


def missing() -> list[str]:
    """Names of the triggers that should be there and are not (or, on PostgreSQL, are disabled)."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {row[0] for row in cursor.fetchall()}
    return [trigger.name for trigger in _expected() if trigger.name not in present]


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
