"""Every column of every model that holds something of a key, found in the models themselves: none can be forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from crypto import blind, box
from crypto.fields import BlindIndexField, CarriedField, SealedField
from crypto.keys import Key

Page = list[tuple]


@dataclass(frozen=True)
class Column:
    """A column with values of `purpose`: records, indexes, or such as are kept for another column (`carried`)."""

    model: type[models.Model]
    field: models.Field
    purpose: str

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.field.name}"

    @property
    def carried(self) -> bool:
        return isinstance(self.field, CarriedField)

    @property
    def is_index(self) -> bool:
        return self.purpose.startswith("index:")

    def mark(self, key: Key) -> bytes:
        """How every value made with `key` begins."""
        return key.index_prefix if self.is_index else key.header

    def count(self, key: Key, *, others: bool = False) -> int:
        """How many values were made with the key; or, with `others`, with any other than that."""
        found = self._rows(
            f"SELECT count(*) FROM {self._table} WHERE {self._made(others)}",  # noqa: S608  names of the models' own
            self.mark(key),
        )
        return found[0][0]

    def page(self, key: Key, after: UUID | None, limit: int) -> Page:
        """Up to `limit` rows after the row `after` whose value another key than `key` made, in the order of their ids:
        (id, value, and of an index the records of the fields that it is of)."""
        names = [self.field.column]
        if isinstance(self.field, BlindIndexField):
            names += [self.model._meta.get_field(name).column for name in self.field.of]  # type: ignore[union-attr]
        quoted = ", ".join(map(_quote, names))
        rows = self._rows(
            f"SELECT {self._pk}, {quoted} FROM {self._table} "  # noqa: S608  names of the models' own
            f"WHERE {self._pk} > %s AND {self._made(others=True)} ORDER BY {self._pk} LIMIT {limit:d}",
            as_kept(after or UUID(int=0)),
            self.mark(key),
        )
        return [(_uuid(pk), *(None if each is None else bytes(each) for each in values)) for pk, *values in rows]

    def every(self, limit: int) -> Iterator[Page]:
        """All rows with a value, page by page, as `page` gives them."""
        nothing = Key(0, self.purpose, b"", bytes(5))  # no key has the number 0
        last = None
        while page := self.page(nothing, last, limit):
            yield page
            last = page[-1][0]

    def swap(self, changes: list[tuple[UUID, bytes, bytes]]) -> None:
        """Sets (id, old, new), where the value is still `old`: who wrote meanwhile wrote something newer."""
        change = f"UPDATE {self._table} SET {self._name} = "  # noqa: S608
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                ids, old, new = map(list, zip(*changes, strict=True))
                cursor.execute(
                    f"{change} given.fresh FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[]) AS given(id, old, fresh) "
                    f"WHERE {self._table}.{self._pk} = given.id AND {self._table}.{self._name} = given.old",
                    [ids, old, new],
                )
            else:
                cursor.executemany(
                    f"{change} %s WHERE {self._pk} = %s AND {self._name} = %s",
                    [(fresh, as_kept(pk), was) for pk, was, fresh in changes],
                )

    @property
    def _table(self) -> str:
        return _quote(self.model._meta.db_table)

    @property
    def _pk(self) -> str:
        return _quote(self.model._meta.pk.column)

    @property
    def _name(self) -> str:
        return _quote(self.field.column)

    def _made(self, others: bool) -> str:
        length = 4 if self.is_index else box.HEADER
        return f"{self._name} IS NOT NULL AND substr({self._name}, 1, {length}) {'<>' if others else '='} %s"

    def _rows(self, statement: str, *parameters: Any) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall()


def columns(purpose: str | None = None) -> list[Column]:
    """All columns, or those that hold values of `purpose`."""
    found = []
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, SealedField):
                found.append(Column(model, field, box.field_purpose(field.context)))
            elif isinstance(field, BlindIndexField):
                found.append(Column(model, field, blind.index_purpose(field.context)))
            elif isinstance(field, CarriedField):
                found += [Column(model, field, each) for each in field.of]
    return [column for column in found if purpose in (None, column.purpose)]


def as_kept(pk: UUID) -> Any:
    """A row's id as this database's driver takes it."""
    return pk if connection.vendor == "postgresql" else pk.hex


def _uuid(pk: Any) -> UUID:
    return pk if isinstance(pk, UUID) else UUID(pk)


def _quote(name: str | None) -> str:
    assert name is not None  # every field that is found here has a column
    return connection.ops.quote_name(name)
