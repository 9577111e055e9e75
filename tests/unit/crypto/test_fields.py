"""Model fields: sealed at save, blind-indexed, found again by index only."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, transaction

from collection.models import Participant, Plan
from crypto import keys
from crypto.blind import blind_index, lookup_values
from crypto.errors import KeyUnavailable, TamperedRecord, UnknownKey
from crypto.models import DataKey
from crypto.opening import open_one
from crypto.secret import Sealed, Secret

pytestmark = pytest.mark.django_db
NUMBER, OTHER = "0707614286", "1203854216"  # both fail modulus 11


@pytest.fixture
def plan():
    return Plan.objects.create(
        lbf_number="900", name="Prøveplan", municipality_code="751", start=date(2014, 1, 1), end=date(2017, 12, 31)
    )


def unsaved(plan, number=NUMBER):
    return Participant(plan=plan, identification="cpr", cpr=Secret(number), name=Secret("Åse Prøve"))


def test_a_saved_identity_reads_back_sealed_and_opens_for_its_row(plan):
    participant = unsaved(plan)
    participant.save()
    stored = Participant.ungated.get(pk=participant.pk)
    assert isinstance(stored.cpr, Sealed)
    assert open_one("participant.cpr", stored.pk, stored.cpr.record).reveal() == NUMBER


def test_bulk_create_seals_and_indexes_too(plan):
    Participant.ungated.bulk_create([unsaved(plan, NUMBER), unsaved(plan, OTHER)])
    found = Participant.ungated.get(plan=plan, cpr_index__in=lookup_values("participant.cpr", OTHER))
    assert open_one("participant.cpr", found.pk, found.cpr.record).reveal() == OTHER


def test_saving_again_without_touching_the_identity_keeps_it(plan):
    unsaved(plan).save()
    stored = Participant.ungated.get()
    before = stored.cpr.record, stored.cpr_index, stored.name_birth_index
    stored.check_digit_confirmed = True
    stored.save()
    stored = Participant.ungated.get()
    assert (stored.cpr.record, stored.cpr_index, stored.name_birth_index) == before


def test_a_plain_string_is_refused(plan):
    participant = unsaved(plan)
    participant.cpr = NUMBER
    with pytest.raises(TypeError) as caught:
        participant.save()
    assert NUMBER not in str(caught.value)


def test_sealed_fields_cant_be_searched(plan):
    with pytest.raises(FieldError):
        list(Participant.ungated.filter(cpr=b"anything"))


def test_one_person_once_per_plan_by_index(plan):
    unsaved(plan).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        unsaved(plan).save()


def test_the_same_person_in_two_plans_has_one_index_and_two_records(plan):
    other = Plan.objects.create(
        lbf_number="901", name="Anden plan", municipality_code="751", start=date(2014, 1, 1), end=date(2017, 12, 31)
    )
    unsaved(plan).save()
    unsaved(other).save()
    first, second = Participant.ungated.all()
    assert first.cpr_index == second.cpr_index
    assert first.cpr.record != second.cpr.record


def test_a_record_swapped_between_rows_in_the_database_fails_closed(plan):
    Participant.ungated.bulk_create([unsaved(plan, NUMBER), unsaved(plan, OTHER)])
    one, two = Participant.ungated.all()
    Participant.ungated.filter(pk=one.pk).update(cpr=two.cpr)
    moved = Participant.ungated.get(pk=one.pk)
    with pytest.raises(TamperedRecord):
        open_one("participant.cpr", moved.pk, moved.cpr.record)


def test_indexes_differ_between_columns_and_keys():
    same = "0707614286"
    assert blind_index("participant.cpr", same)[4:] != blind_index("participant.name_birth", same)[4:]


def test_an_index_holds_the_keys_id_and_16_bytes():
    index = blind_index("participant.cpr", NUMBER)
    assert len(index) == 20
    assert index[:4] == keys.current("index:participant.cpr").id.to_bytes(4, "big")


def test_a_missing_data_key_is_a_named_error(plan):
    unsaved(plan).save()
    DataKey.objects.filter(purpose="field:participant.cpr").delete()
    keys.forget()
    stored = Participant.ungated.get()
    with pytest.raises(UnknownKey):
        open_one("participant.cpr", stored.pk, stored.cpr.record)
    keys.forget()


def test_another_key_encryption_key_is_noticed_at_once(settings, tmp_path):
    from crypto.checks import data_keys_open
    from crypto.kek import make_kek

    keys.verify()
    settings.KEY_DIR = tmp_path
    make_kek()
    keys.forget()
    with pytest.raises(KeyUnavailable):
        keys.verify()
    assert [problem.id for problem in data_keys_open(None, databases=["default"])] == ["crypto.E002"]
    keys.forget()


def test_new_keys_are_never_made_over_lost_ones(settings, tmp_path):
    settings.KEY_DIR = tmp_path
    DataKey.objects.filter(purpose="audit").delete()
    keys.forget()
    with pytest.raises(KeyUnavailable):
        keys.make_missing_keys()
    assert not (tmp_path / "kek").exists()
    keys.forget()


def test_a_wrapped_key_does_not_serve_another_purpose():
    first = DataKey.objects.get(purpose="field:participant.cpr")
    second = DataKey.objects.get(purpose="field:participant.name")
    with pytest.raises(KeyUnavailable), transaction.atomic():
        DataKey.objects.filter(pk=second.pk).update(wrapped=bytes(first.wrapped))
        keys.verify()
    for row, purpose in ((first, "moved"), (second, first.purpose), (first, second.purpose)):
        DataKey.objects.filter(pk=row.pk).update(purpose=purpose)
    with pytest.raises(KeyUnavailable):
        keys.verify()


@pytest.mark.parametrize("content", [b"", b"not base64 !!", b"c2hvcnQ="])
def test_a_short_or_broken_key_file_is_told_in_words(settings, tmp_path, content):
    settings.KEY_DIR = tmp_path
    (tmp_path / "kek").write_bytes(content)
    (tmp_path / "kek").chmod(0o600)
    problem = keys.key_directory_problem()
    assert problem
    assert content.decode() == "" or content.decode() not in problem


def test_a_key_file_that_others_can_read_is_told(settings, tmp_path):
    from crypto.kek import make_kek

    settings.KEY_DIR = tmp_path
    make_kek()
    assert keys.key_directory_problem() is None
    (tmp_path / "kek").chmod(0o644)
    assert "0600" in (keys.key_directory_problem() or "")


def test_a_rows_id_exists_before_it_is_saved(plan):
    assert isinstance(unsaved(plan).pk, uuid.UUID)
