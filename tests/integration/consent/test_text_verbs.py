"""Drafting, publishing and ending consent texts."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.utils.timezone import localdate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Event
from audit.words import sentence
from consent import gate
from consent.actions.publish import publish_examples
from consent.actions.texts import (
    Earlier,
    TextRefused,
    add_language,
    create_draft,
    delete_draft,
    delete_text,
    fill_blanks,
    let_lapse,
    publish_version,
    save_text,
    stop_offering,
)
from consent.models import Text, Version, VersionState
from consent.queries import EVALUATION, texts_in_use
from consent.versions import blanks_to_fill, consents_by_version, unfilled, untouched_translations
from tests.factories.cast import make_activity, make_participation, make_text, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]
SOON = timedelta(days=30)


@pytest.fixture
def controller():
    return make_user("controller")


@pytest.fixture
def draft(controller):
    """Version 2 for adults, a copy of the example that somebody has consented to."""
    make_participation(make_activity())
    return create_draft(by=controller, purpose=EVALUATION, audience="adult")


def write(by, version, language="da", words="Du bestemmer selv."):
    return save_text(by=by, version=version, language=language, title="Samtykke", body=words)


def refused(code, verb, **options):
    with pytest.raises(TextRefused) as refusal:
        verb(**options)
    assert refusal.value.code == code


def first(version) -> Version:
    return Version.objects.get(document=version.document_id, number=1)


def valid(version, on) -> int:
    return gate.valid_decisions(EVALUATION, on=on).filter(text__version=version).count()


# --- Drafts ---------------------------------------------------------------------------------------------


def test_the_first_draft_begins_as_the_shipped_examples_without_their_notice(controller):
    version = create_draft(by=controller, purpose=EVALUATION, audience="youth")
    assert version.number == 1
    assert not version.is_example
    assert version.texts.count() == 9
    assert not any(text.body.startswith(">") for text in version.texts.all())
    assert all(text.sha256 == Text.hash_of(text.title, text.body) for text in version.texts.all())


def test_a_new_draft_begins_as_a_copy_of_the_newest_version(controller):
    publish_examples(None)
    version = create_draft(by=controller, purpose=EVALUATION, audience="adult")
    example = Version.objects.get(document=version.document, is_example=True)
    danish, copied = (each.texts.get(language="da").body for each in (example, version))
    assert danish.startswith("> Eksempel.")
    assert danish.endswith(copied)
    assert version.number == example.number + 1


def test_a_draft_cannot_be_consented_to(draft):
    assert not texts_in_use().filter(version=draft).exists()
    assert draft.state == VersionState.DRAFT


def test_there_is_one_draft_at_a_time(controller, draft):
    refused("draft_exists", create_draft, by=controller, purpose=EVALUATION, audience="adult")


def test_all_browsers_write_the_same_text(controller, draft):
    one = write(controller, draft, words="Linje\r\n\r\nnæste  \r\n\n").sha256
    assert write(controller, draft, words="Linje\n\nnæste").sha256 == one


def test_somebody_elses_hand_is_noticed(controller, draft):
    seen = draft.texts.get(language="da").sha256
    write(make_user("controller"), draft, words="Imens.")
    refused(
        "changed_meanwhile",
        save_text,
        by=controller,
        version=draft,
        language="da",
        title="Samtykke",
        body="Mit.",
        seen=seen,
    )
    assert draft.texts.get(language="da").body == "Imens.\n"


def test_fields_are_filled_in_all_languages_at_once(controller):
    version = create_draft(by=controller, purpose=EVALUATION, audience="guardian")
    places = blanks_to_fill(version.texts.all())
    assert len(places) == 3
    assert len(unfilled(version.texts.all())) == 9
    fill_blanks(by=controller, version=version, values=["Søparken", "Ida Lund", "31.12.2030"])
    assert unfilled(version.texts.all()) == []
    for text in version.texts.all():
        assert text.body.index("Søparken") < text.body.index("Ida Lund") < text.body.index("31.12.2030")
        assert text.sha256 == Text.hash_of(text.title, text.body)


def test_a_translation_that_was_left_behind_is_told(controller, draft):
    publish_examples(None)  # begins anew with nine languages
    delete_draft(by=controller, version=draft)
    publish_examples(None)
    version = create_draft(by=controller, purpose=EVALUATION, audience="adult")
    assert untouched_translations(version) == []
    write(controller, version)
    write(controller, version, "ar", "القرار لك")
    assert untouched_translations(version) == ["en", "tr", "so", "ur", "fa", "uk", "ti"]


def test_a_draft_and_its_languages_can_be_deleted(controller, draft):
    write(controller, draft, "tr")
    delete_text(by=controller, version=draft, language="tr")
    assert [text.language for text in draft.texts.all()] == ["da"]
    delete_draft(by=controller, version=draft)
    assert not Version.objects.filter(published_at=None).exists()
    refused("not_a_draft", delete_draft, by=controller, version=draft)


# --- Publishing -----------------------------------------------------------------------------------------


def test_the_danish_text_must_be_there(controller, draft):
    write(controller, draft, "en")
    delete_text(by=controller, version=draft, language="da")
    refused("danish_missing", publish_version, by=controller, version=draft)


def test_what_is_to_be_filled_in_must_be(controller, draft):
    write(controller, draft, words="Ring til [telefon].")
    refused("to_fill_in", publish_version, by=controller, version=draft)


def test_a_language_without_translation_cannot_be_chosen(controller, draft):
    write(controller, draft, "tr")
    publish_version(by=controller, version=draft)
    assert {text.language for text in texts_in_use()} == {"da", "tr"}


def test_what_is_published_takes_no_more_words(controller, draft):
    publish_version(by=controller, version=draft)
    refused("not_a_draft", write, by=controller, version=draft)
    refused("not_a_draft", delete_text, by=controller, version=draft, language="da")
    refused("not_a_draft", fill_blanks, by=controller, version=draft, values=[])
    refused("not_a_draft", delete_draft, by=controller, version=draft)
    refused("not_a_draft", publish_version, by=controller, version=draft)


def test_a_translation_may_come_later_but_not_twice(controller, draft):
    publish_version(by=controller, version=draft)
    add_language(by=controller, version=draft, language="so", title="Oggolaansho", body="Adiga")
    assert texts_in_use().filter(version=draft, language="so").exists()
    words = {"by": controller, "version": draft, "title": "x", "body": "y"}
    refused("language_exists", add_language, language="so", **words)


# --- What becomes of earlier consents -------------------------------------------------------------------


def test_earlier_consents_may_stay_valid_and_the_example_makes_way(controller, draft):
    publish_version(by=controller, version=draft)
    assert first(draft).state == VersionState.NOT_OFFERED
    assert valid(first(draft), localdate()) == 1
    assert {text.version_id for text in texts_in_use()} == {draft.pk}


def test_an_earlier_version_of_ones_own_may_still_be_offered_or_not(controller, draft):
    publish_version(by=controller, version=draft)
    third = create_draft(by=controller, purpose=EVALUATION, audience="adult")
    publish_version(by=controller, version=third, earlier=Earlier.OFFER)
    draft.refresh_from_db()
    assert draft.state == VersionState.PUBLISHED
    fourth = create_draft(by=controller, purpose=EVALUATION, audience="adult")
    publish_version(by=controller, version=fourth, earlier=Earlier.KEEP)
    assert {text.version_id for text in texts_in_use()} == {fourth.pk}


def test_people_are_asked_again_until_a_date(controller, draft):
    today = localdate()
    publish_version(by=controller, version=draft, earlier=Earlier.ASK_AGAIN, until=today + SOON)
    old = first(draft)
    assert old.state == VersionState.ASKS_AGAIN
    assert [valid(old, day) for day in (today, today + SOON - timedelta(days=1), today + SOON)] == [1, 1, 0]
    assert not texts_in_use().filter(version=old).exists()
    assert texts_in_use(asking_again=True).filter(version=old).exists()  # for papers that are signed already


def test_earlier_consents_may_end_at_once(controller, draft):
    publish_version(by=controller, version=draft, earlier=Earlier.END)
    old = first(draft)
    assert old.state == VersionState.ENDED
    assert valid(old, localdate()) == 0
    assert valid(old, localdate() - timedelta(days=1)) == 1  # what was true of a day stays true
    assert not texts_in_use(asking_again=True).filter(version=old).exists()


def test_the_day_on_which_consents_lapse_is_set_once_and_not_back_in_time(controller, draft):
    publish_version(by=controller, version=draft)
    refused("lapse_in_past", let_lapse, by=controller, version=draft, on=localdate() - timedelta(days=1))
    let_lapse(by=controller, version=draft, on=localdate() + SOON)
    refused("lapse_is_set", let_lapse, by=controller, version=draft, on=localdate() + 2 * SOON)
    refused("not_in_use", stop_offering, by=controller, version=draft)


def test_a_draft_has_no_consents_to_end(controller, draft):
    refused("not_published", let_lapse, by=controller, version=draft, on=localdate() + SOON)
    refused("not_published", stop_offering, by=controller, version=draft)


def test_asking_again_without_a_day_publishes_nothing(controller, draft):
    refused("until_missing", publish_version, by=controller, version=draft, earlier=Earlier.ASK_AGAIN)
    draft.refresh_from_db()
    assert draft.published_at is None


def test_each_version_knows_how_many_consents_rest_on_it(controller, draft):
    assert consents_by_version(EVALUATION, on=localdate()) == {first(draft).pk: 1}


def test_every_step_is_an_event_in_words(controller, draft):
    write(controller, draft, "tr")
    delete_text(by=controller, version=draft, language="tr")
    publish_version(by=controller, version=draft, earlier=Earlier.ASK_AGAIN, until=localdate() + SOON)
    stop_offering(by=controller, version=draft)
    delete_draft(by=controller, version=create_draft(by=controller, purpose=EVALUATION, audience="adult"))
    codes = list(Event.objects.filter(action__startswith="text.").order_by("sequence").values_list("action", flat=True))
    assert codes == [
        "text.drafted",
        "text.saved",
        "text.language_removed",
        "text.published",
        "text.lapses",
        "text.ended",
        "text.drafted",
        "text.draft_deleted",
    ]
    assert all(sentence(code) != code for code in codes)


# --- Whatever is done in whatever order -----------------------------------------------------------------

VERBS = {
    "create": lambda by, version, n: create_draft(by=by, purpose=EVALUATION, audience="adult"),
    "write": lambda by, version, n: write(by, version, ["da", "tr", "ar"][n], f"Ord {n}"),
    "blank": lambda by, version, n: write(by, version, words="Ring til [telefon]."),
    "fill": lambda by, version, n: fill_blanks(by=by, version=version, values=["12 34 56 78"]),
    "forget": lambda by, version, n: delete_text(by=by, version=version, language=["da", "tr", "ar"][n]),
    "delete": lambda by, version, n: delete_draft(by=by, version=version),
    "publish": lambda by, version, n: publish_version(
        by=by, version=version, earlier=list(Earlier)[n], until=localdate() + SOON
    ),
    "add": lambda by, version, n: add_language(by=by, version=version, language="uk", title="Згода", body="Ви"),
    "stop": lambda by, version, n: stop_offering(by=by, version=version),
    "lapse": lambda by, version, n: let_lapse(by=by, version=version, on=localdate() + n * SOON),
}
STEPS = st.tuples(st.sampled_from(sorted(VERBS)), st.integers(-1, 3), st.integers(0, 2))


def frozen() -> dict[tuple, tuple]:
    """All that must never change about what is published, byte for byte."""
    rows = Text.objects.filter(version__published_at__isnull=False).select_related("version")
    return {
        (row.version_id, row.language): (row.title, row.body, row.sha256, row.version.number, row.version.published_at)
        for row in rows
    }


def lapses() -> dict[int, date]:
    return dict(Version.objects.exclude(consents_lapse_on=None).values_list("pk", "consents_lapse_on"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=25))
def test_no_sequence_of_verbs_changes_what_is_published(controller, steps):
    with transaction.atomic():
        make_text()
        known, ended = frozen(), lapses()
        for verb, which, n in steps:
            versions = list(Version.objects.order_by("number"))
            version = versions[which] if -len(versions) <= which < len(versions) else versions[-1]
            with suppress(TextRefused):
                VERBS[verb](controller, version, n)
            now = frozen()
            assert now.items() >= known.items()
            assert lapses().items() >= ended.items()
            known, ended = now, lapses()
            assert all(row[2] == Text.hash_of(row[0], row[1]) for row in now.values())
            assert Version.objects.filter(published_at=None).count() <= 1
            published = Version.objects.filter(published_at__isnull=False)
            assert not published.exclude(texts__language="da").exists()
        transaction.set_rollback(True)
