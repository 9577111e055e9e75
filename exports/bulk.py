"""Inserting and updating rows by the thousand in plain SQL: a million through the ORM would take far longer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models


def insert(model: type[models.Model], columns: Mapping[str, str], rows: Iterable[Sequence]) -> None:
    """Inserts `rows` (values in the order of `columns`: name -> PostgreSQL type) in the current transaction.

    Values are as the driver takes them: UUID, int, bytes. What the columns don't name gets the database's default.
    """
    into = f"{connection.ops.quote_name(model._meta.db_table)} ({', '.join(map(connection.ops.quote_name, columns))})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, into, columns, rows)
        else:
            marks = ", ".join(["%s"] * len(columns))
            plain = [[_plain(value) for value in row] for row in rows]
            cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", plain)  # noqa: S608


def update(model: type[models.Model], columns: Mapping[str, str], rows: Sequence[Sequence]) -> None:
    """Sets columns of many rows in the current transaction; the first of `columns` is the key that finds them.

    PostgreSQL takes them by COPY into a temporary table: as arrays of parameters they would be made into text.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    key, *others = columns
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            changes = ", ".join(f'"{name}" = given."{name}"' for name in others)
            names = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            cursor.execute(f"CREATE TEMPORARY TABLE given ({names}) ON COMMIT DROP")
            _copy(cursor, "given", columns, rows)
            cursor.execute(
                f'UPDATE {table} AS kept SET {changes} FROM given WHERE kept."{key}" = given."{key}"'  # noqa: S608
            )
            cursor.execute("DROP TABLE given")
        else:
            changes = ", ".join(f'"{name}" = %s' for name in others)
            cursor.executemany(
                f'UPDATE {table} SET {changes} WHERE "{key}" = %s',  # noqa: S608
                [[_plain(value) for value in (*row[1:], row[0])] for row in rows],
            )


def _copy(cursor: Any, into: str, columns: Mapping[str, str], rows: Iterable[Sequence]) -> None:
    with cursor.copy(f"COPY {into} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(list(columns.values()))
        for row in rows:
            copy.write_row(row)


def _plain(value: Any) -> Any:
    """As SQLite keeps it."""
    return value.hex if isinstance(value, UUID) else value
