"""A sealed value opens for its own row and column, and for nothing else."""

import json
import time
import uuid
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from crypto import box, keys
from crypto.errors import CryptoError, MalformedRecord, TamperedRecord, UnknownKey, WrongPurpose
from crypto.opening import open_many, open_one
from crypto.secret import Sealed, Secret

ROW = uuid.UUID("9b2f1c44-7d0e-4a6b-8f53-2e1d0c9b8a70")
OTHER_ROW = uuid.UUID("9b2f1c44-7d0e-4a6b-8f53-2e1d0c9b8a71")
VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "boxes.json").read_text())
FIELD, OTHER_FIELD = "participant.cpr", "participant.address"


def put_on_the_ring(monkeypatch) -> None:
    """Two keys of known bytes, no database."""
    made = {}
    for purpose, hex_key, key_id in VECTORS["keys"]:
        material = bytes.fromhex(hex_key)
        header = bytes([keys.RECORD_VERSION]) + key_id.to_bytes(4, "big")
        made[key_id] = keys.Key(key_id, purpose, material, header, AESGCM(material))
    ring = keys._Ring(made, {key.purpose: key for key in made.values()}, {}, time.monotonic())
    monkeypatch.setattr(keys, "_ring", ring)
    monkeypatch.setattr(keys, "refresh", lambda: None)


@pytest.fixture
def ring(monkeypatch):
    put_on_the_ring(monkeypatch)


@pytest.mark.parametrize("vector", VECTORS["records"], ids=lambda vector: vector["says"])
def test_a_known_record_opens_to_its_known_text(ring, vector):
    record = bytes.fromhex(vector["record"])
    assert open_one(vector["context"], uuid.UUID(vector["row"]), record) == Secret(vector["text"])


@pytest.mark.parametrize("vector", VECTORS["records"], ids=lambda vector: vector["says"])
def test_sealing_with_the_vectors_nonce_gives_the_known_record(ring, vector, monkeypatch):
    record = bytes.fromhex(vector["record"])
    monkeypatch.setattr(box.os, "urandom", lambda n: record[5:17])
    assert box.seal(vector["context"], uuid.UUID(vector["row"]), vector["text"]) == record


def test_a_cpr_number_takes_43_bytes(ring):
    assert len(box.seal(FIELD, ROW, "0707614286")) == 43


@given(text=st.text(max_size=300), row=st.uuids())
def test_what_is_sealed_opens_again(ring_for_properties, text, row):
    assert open_one(FIELD, row, box.seal(FIELD, row, text)).reveal() == text


@given(text=st.text(min_size=1, max_size=40), data=st.data())
def test_any_altered_byte_is_a_named_error(ring_for_properties, text, data):
    record = bytearray(box.seal(FIELD, ROW, text))
    place = data.draw(st.integers(0, len(record) - 1))
    record[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CryptoError):
        open_one(FIELD, ROW, bytes(record))


@given(length=st.integers(0, 42))
def test_a_truncated_record_is_a_named_error(ring_for_properties, length):
    record = box.seal(FIELD, ROW, "0707614286")
    with pytest.raises((MalformedRecord, TamperedRecord)):
        open_one(FIELD, ROW, record[:length])


def test_a_value_moved_to_another_row_does_not_open(ring):
    record = box.seal(FIELD, ROW, "0707614286")
    with pytest.raises(TamperedRecord):
        open_one(FIELD, OTHER_ROW, record)


def test_a_value_moved_to_another_column_does_not_open(ring):
    record = box.seal(FIELD, ROW, "0707614286")
    with pytest.raises(WrongPurpose):
        open_one(OTHER_FIELD, ROW, record)


def test_a_value_moved_to_another_column_does_not_open_even_if_both_had_one_key(ring, monkeypatch):
    record = box.seal(FIELD, ROW, "0707614286")
    key = keys.current(box.field_purpose(FIELD))
    same = keys.Key(key.id, box.field_purpose(OTHER_FIELD), key.material, key.header, key.aead)
    monkeypatch.setitem(keys._ring.by_id, key.id, same)
    with pytest.raises(TamperedRecord):
        open_one(OTHER_FIELD, ROW, record)


def test_another_key_under_the_same_id_does_not_open(ring, monkeypatch):
    record = box.seal(FIELD, ROW, "0707614286")
    key = keys.current(box.field_purpose(FIELD))
    wrong = keys.Key(key.id, key.purpose, bytes(32), key.header, AESGCM(bytes(32)))
    monkeypatch.setitem(keys._ring.by_id, key.id, wrong)
    with pytest.raises(TamperedRecord):
        open_one(FIELD, ROW, record)


def test_a_record_of_an_unknown_key_is_refused(ring):
    record = box.seal(FIELD, ROW, "0707614286")
    with pytest.raises(UnknownKey):
        open_one(FIELD, ROW, record[:1] + (77).to_bytes(4, "big") + record[5:])


def test_a_record_of_an_unknown_version_is_refused(ring):
    record = box.seal(FIELD, ROW, "0707614286")
    with pytest.raises(MalformedRecord):
        open_one(FIELD, ROW, b"\x02" + record[1:])


def test_a_batch_gives_nothing_of_a_bad_record(ring):
    good, bad = box.seal(FIELD, ROW, "0707614286"), box.seal(FIELD, OTHER_ROW, "1203854216")
    opened = open_many(FIELD, [(ROW.bytes, good), (ROW.bytes, bad)])
    assert next(opened) == "0707614286"
    with pytest.raises(TamperedRecord):
        next(opened)


def test_two_sealings_of_one_value_differ(ring):
    assert box.seal(FIELD, ROW, "0707614286") != box.seal(FIELD, ROW, "0707614286")


@pytest.mark.parametrize("wrapper", [Secret("0707614286"), Sealed(b"0707614286")])
def test_wrappers_never_print_what_they_hold(wrapper):
    for text in (repr(wrapper), str(wrapper), f"{wrapper}", f"{wrapper!r:>40}", str([wrapper])):
        assert "0707614286" not in text


def test_a_secret_does_not_travel():
    import pickle

    with pytest.raises(TypeError):
        pickle.dumps(Secret("0707614286"))


def test_errors_hold_no_value(ring):
    record = box.seal(FIELD, ROW, "0707614286")
    with pytest.raises(TamperedRecord) as caught:
        open_one(FIELD, OTHER_ROW, record)
    assert "0707614286" not in str(caught.value)
    assert caught.value.__context__ is None or "0707614286" not in str(caught.value.__context__)


@pytest.fixture(scope="module")
def ring_for_properties():
    patch = pytest.MonkeyPatch()
    try:
        put_on_the_ring(patch)
        yield
    finally:
        patch.undo()
