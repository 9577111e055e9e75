"""While one thread loads the keys, another finds all of them or none: a look-up under half of them misses people."""

from threading import Thread

import pytest

from crypto import keys
from crypto.kek import Kek

pytestmark = pytest.mark.django_db


def test_no_key_is_seen_before_all_are_there(monkeypatch):
    seen: list[int] = []
    original = Kek.unwrap

    def look(*args):
        other = Thread(target=lambda: seen.append(len(keys._ring.current) + len(keys._ring.by_id)))
        other.start()
        other.join()
        return original(*args)

    monkeypatch.setattr(Kek, "unwrap", look)
    keys.forget()
    purpose = keys.current("audit").purpose
    assert purpose == "audit"
    assert len(seen) > 5
    assert set(seen) == {0}
