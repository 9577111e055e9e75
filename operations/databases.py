"""The whole database to a file and back: SQLite by its online backup, PostgreSQL by its own pg_dump and pg_restore."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from config.supervisor import end_with_parent

SQLITE, POSTGRESQL = "sqlite", "postgresql"


class DatabaseProgramFailed(Exception):
    """pg_dump or pg_restore is missing or failed; the message is its own, which quotes no row."""


def dump(to: Path, tables: Sequence[str]) -> dict[str, int]:
    """Everything as it is at one moment, while others write; how many rows of each of `tables` are in it.

    Raises DatabaseProgramFailed, OSError.
    """
    if connection.vendor == SQLITE:
        connection.ensure_connection()
        with closing(sqlite3.connect(to)) as copy:
            connection.connection.backup(copy)
            return _counts(copy.execute, tables)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={to}")
        return _counts(cursor.execute, tables)


def counts(tables: Sequence[str]) -> dict[str, int]:
    """Rows by table, now."""
    with connection.cursor() as cursor:
        return _counts(cursor.execute, tables)


def _counts(ask: Callable[[str], Any], tables: Sequence[str]) -> dict[str, int]:
    quote = connection.ops.quote_name
    found = {}
    for table in tables:
        found[table] = ask(f"SELECT count(*) FROM {quote(table)}").fetchone()[0]  # noqa: S608
    return found


def load(file: Path) -> None:
    """Puts `file` in the place of all there is. Raises DatabaseProgramFailed, OSError; on PostgreSQL nothing is half
    loaded then, and on SQLite the old file is there or the new one."""
    if connection.vendor == SQLITE:
        place = Path(connection.settings_dict["NAME"])
        connection.close()
        fresh = place.with_name(place.name + ".restored")
        shutil.copyfile(file, fresh)
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        for suffix in ("-wal", "-shm"):  # of the database that was
            Path(f"{place}{suffix}").unlink(missing_ok=True)
        os.replace(fresh, place)
        return
    _empty()
    connection.close()
    _run(
        "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
        "--dbname", connection.settings_dict["NAME"], str(file),
    )  # fmt: skip


def _empty() -> None:
    """Drops what is in the schema: tables, and the functions of triggers."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE IF EXISTS {quote(table)} CASCADE")
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace "
            "AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')"
        )
        for (function,) in cursor.fetchall():
            cursor.execute(f"DROP FUNCTION IF EXISTS {function} CASCADE")


def _run(program: str, *arguments: str) -> None:
    given = connection.settings_dict
    named = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    environment = os.environ | {variable: str(given[key]) for variable, key in named.items() if given.get(key)}
    asked = given["OPTIONS"]  # of the address: how sure it must be that it speaks with the right server
    environment |= {f"PG{name.upper()}": asked[name] for name in ("sslmode", "sslrootcert") if name in asked}
    done = subprocess.run(
        [_program(program), *arguments], env=environment, capture_output=True, text=True, preexec_fn=end_with_parent
    )  # killed with -9, the command may be run again at once
    if done.returncode:
        raise DatabaseProgramFailed(f"{program}: {done.stderr.strip().splitlines()[-1] if done.stderr else 'failed'}")


def _program(name: str) -> str:
    """That of the server's own version where Debian has put it, else the one on the PATH."""
    connection.ensure_connection()
    version = connection.pg_version // 10000  # type: ignore[attr-defined]
    debian = Path(f"/usr/lib/postgresql/{version}/bin/{name}")
    found = str(debian) if debian.exists() else shutil.which(name)
    if found is None:
        raise DatabaseProgramFailed(f"{name} is not installed: Debian's package postgresql-client-{version} has it.")
    return found
