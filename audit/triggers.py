"""Append-only by the database itself: triggers refuse UPDATE, DELETE and (on PostgreSQL) TRUNCATE."""

from django.db import connection

from audit.models import Event, Subject

TABLES = (Event._meta.db_table, Subject._meta.db_table)
MESSAGE = "audit is append-only"


def _names(table: str) -> list[str]:
    kinds = ["update", "delete"] + (["truncate"] if connection.vendor == "postgresql" else [])
    return [f"{table}_no_{kind}" for kind in kinds]


def install() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$"
            )
        for table in TABLES:
            for name in _names(table):
                kind = name.rsplit("_", 1)[1].upper()
                if connection.vendor == "postgresql":
                    level = "STATEMENT" if kind == "TRUNCATE" else "ROW"
                    cursor.execute(
                        f"CREATE OR REPLACE TRIGGER {name} BEFORE {kind} ON {table} "
                        f"FOR EACH {level} EXECUTE FUNCTION audit_append_only()"
                    )
                else:
                    cursor.execute(
                        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {kind} ON {table} "
                        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
                    )


def uninstall() -> None:
    """For tests that must empty the tables, and for migrations that rebuild them."""
    with connection.cursor() as cursor:
        for table in TABLES:
            for name in _names(table):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


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
    return [name for table in TABLES for name in _names(table) if name not in present]


def install_after_migrate(**kwargs) -> None:
    tables = connection.introspection.table_names()
    if all(table in tables for table in TABLES):
        install()
