"""Blind index: finds equal values without storing them.

key id u32 big-endian (4) | HMAC-SHA256(index key, context | 0 | normalised value), first 16 bytes.
There are only some 10^10 CPR strings, so an unkeyed hash would be plain text; the index key is
apart from the encryption key. Equal values give equal indexes: that is what it leaks, and all it leaks.
"""

import hmac
from functools import cache

from django.db.models import BinaryField, F, Func, QuerySet

from crypto import keys

LENGTH = 20


@cache
def index_purpose(context: str) -> str:
    return f"index:{context}"


def index_under(key: keys.Key, context: str, normalised: str) -> bytes:
    """The index (20 bytes) under one key."""
    return key.index_prefix + hmac.digest(key.material, f"{context}\0{normalised}".encode(), "sha256")[:16]


def blind_index(context: str, normalised: str) -> bytes:
    """The index (20 bytes) under the current key. Raises UnknownKey, KeyUnavailable."""
    return index_under(keys.current(index_purpose(context)), context, normalised)


def lookup_values(context: str, normalised: str) -> list[bytes]:
    """The indexes under every key in use, for `__in` look-ups while a key is being rotated."""
    return [index_under(key, context, normalised) for key in keys.of_purpose(index_purpose(context))]


def made_before(rows: QuerySet, column: str, *contexts: str) -> bool:
    """Whether some of `rows` have an index of `contexts` in `column` that another key than the current ones made."""
    current = [keys.current(index_purpose(context)).index_prefix for context in contexts]
    made_by = Func(F(column), 1, 4, function="substr", output_field=BinaryField())
    return rows.filter(**{f"{column}__isnull": False}).alias(made_by=made_by).exclude(made_by__in=current).exists()
