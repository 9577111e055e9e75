"""The data controller's pages of consent texts: what they say, what they refuse, and what stays typed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from consent.actions.publish import publish_examples
from consent.actions.texts import create_draft, publish_version, save_text
from consent.models import Text, Version, VersionState
from consent.queries import EVALUATION
from tests.factories.cast import make_activity, make_participation, make_text, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgres]


@pytest.fixture
def controller():
    return make_user("controller")


@pytest.fixture
def signed_in(client, controller):
    client.force_login(controller)
    return client


@pytest.fixture
def draft(controller):
    make_participation(make_activity())
    return create_draft(by=controller, purpose=EVALUATION, audience="adult")


def url(name, *arguments):
    return reverse(f"consent:{name}", args=arguments)


def page(client, name, *arguments, query=""):
    answer = client.get(url(name, *arguments) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def typed(title="Samtykke", body="Du bestemmer selv.", **more):
    return {"title": title, "body": body, "seen": "", **more}


# --- The list ---------------------------------------------------------------------------------------------


def test_an_empty_site_says_what_to_do(signed_in):
    html = page(signed_in, "documents")
    assert html.count("Ingen tekst er i brug.") == 3
    assert html.count("En ny udgave begynder med et eksempel") == 3
    signed_in.post(url("draft_new"), {"purpose": EVALUATION, "audience": "youth"})
    assert Version.objects.get().document.audience == "youth"
    assert "Skriv videre i kladden" in page(signed_in, "documents")


def test_the_list_tells_states_languages_consents_and_examples(signed_in, draft, django_assert_max_num_queries):
    save_text(by=make_user("controller"), version=draft, language="ur", title="رضامندی", body="آپ")
    publish_version(by=None, version=draft)
    with django_assert_max_num_queries(15):
        html = page(signed_in, "documents")
    assert "Dansk, Urdu" in html
    assert "Ude af brug, samtykker gælder" in html
    assert "I brug" in html
    assert "Eksempel" in html


def test_a_document_that_does_not_exist_cannot_be_begun(signed_in):
    assert signed_in.post(url("draft_new"), {"purpose": "ads", "audience": "adult"}).status_code == 404
    assert signed_in.get(url("draft_new")).status_code == 405
    assert not Version.objects.exists()


def test_a_second_draft_is_not_begun(signed_in, draft):
    answer = signed_in.post(url("draft_new"), {"purpose": EVALUATION, "audience": "adult"}, follow=True)
    assert "Der er allerede en kladde." in answer.content.decode()
    assert Version.objects.count() == 2


# --- A version --------------------------------------------------------------------------------------------


def test_a_version_shows_its_languages_its_text_and_the_checksum(signed_in, django_assert_max_num_queries):
    publish_examples(None)
    text = Text.objects.get(language="ar", version__document__audience="adult")
    with django_assert_max_num_queries(15):
        html = page(signed_in, "version", text.version_id, query="?sprog=ar")
    assert text.sha256 in html
    assert '<div class="consent-text" lang="ar" dir="rtl">' in html
    assert "Dette er et eksempel." in html
    assert "Ret teksten" not in html


def test_a_published_version_has_no_page_to_change_it(signed_in):
    text = make_text()
    for name in ("draft_delete", "version_publish", "version_blanks"):
        assert signed_in.get(url(name, text.version_id)).status_code == 404
        assert signed_in.post(url(name, text.version_id)).status_code == 404
    for name in ("text_edit", "text_delete"):
        assert signed_in.get(url(name, text.version_id, "da")).status_code == 404


def test_staff_read_a_published_text_only_and_it_says_that_the_danish_prevails(client, controller, draft):
    client.force_login(make_activity().responsible)
    assert client.get(url("text", draft.texts.get().pk)).status_code == 404
    html = page(client, "text", make_text(language="uk").pk)
    assert "Переважну силу має данський текст." in html


# --- Writing ----------------------------------------------------------------------------------------------


def test_a_text_is_looked_at_and_then_saved(signed_in, draft):
    words = typed(body="## Du bestemmer\n\n<script>alert(1)</script>", preview="Vis")
    html = signed_in.post(url("text_edit", draft.pk, "tr"), words).content.decode()
    assert "<h3>Du bestemmer</h3>" in html
    assert "<script>alert(1)" not in html
    assert not draft.texts.filter(language="tr").exists()
    answer = signed_in.post(url("text_edit", draft.pk, "tr"), typed(save="Gem"), follow=True)
    assert "Teksten er gemt i kladden." in answer.content.decode()
    assert draft.texts.get(language="tr").body == "Du bestemmer selv.\n"


@pytest.mark.parametrize(
    "words, told",
    [
        ({"title": ""}, "Skriv en overskrift."),
        ({"body": " \n"}, "Skriv teksten."),
        ({"body": "Ring om 311299-0000"}, "Skriv ikke CPR-numre her."),
    ],
)
def test_bad_input_is_told_at_the_field_and_stays_typed(signed_in, draft, words, told):
    html = signed_in.post(url("text_edit", draft.pk, "so"), typed(**words)).content.decode()
    assert told in html
    assert "Samtykke" in html if "title" not in words else "Du bestemmer selv." in html
    assert not draft.texts.filter(language="so").exists()


def test_words_are_kept_when_somebody_else_has_saved_or_published_meanwhile(signed_in, controller, draft):
    seen = draft.texts.get().sha256
    save_text(by=controller, version=draft, language="da", title="Samtykke", body="Imens.")
    html = signed_in.post(url("text_edit", draft.pk, "da"), typed(body="Mit.", seen=seen)).content.decode()
    assert "En anden har gemt denne tekst" in html
    assert "Mit." in html
    assert f'value="{draft.texts.get().sha256}"' in html  # so that the next press means it
    publish_version(by=controller, version=draft)
    html = signed_in.post(url("text_edit", draft.pk, "da"), typed(body="Mit.", seen=seen)).content.decode()
    assert "begynd en ny udgave" in html
    assert "Mit." in html
    assert draft.texts.get().body == "Imens.\n"


def test_an_unknown_language_is_no_page(signed_in, draft):
    assert signed_in.get(url("text_edit", draft.pk, "xx")).status_code == 404


def test_fields_in_square_brackets_are_filled_in_once(signed_in, controller):
    version = create_draft(by=controller, purpose=EVALUATION, audience="adult")
    assert "Den dataansvarliges navn, adresse, telefon og e-mail" in page(signed_in, "version_blanks", version.pk)
    answer = signed_in.post(
        url("version_blanks", version.pk), {"blank_0": "Søparken", "blank_1": "[navn]", "blank_2": ""}
    )
    html = answer.content.decode()
    assert "Skriv det uden kantede parenteser." in html
    assert "Udfyld feltet." in html
    signed_in.post(url("version_blanks", version.pk), {"blank_0": "Søparken", "blank_1": "Ida", "blank_2": "2030"})
    assert version.texts.filter(body__contains="Søparken").count() == 9
    assert version.texts.filter(body__contains="[").count() == 0


# --- Publishing, and what becomes of consents -------------------------------------------------------------


def test_the_page_of_publication_says_what_happens_and_asks_what_becomes_of_consents(signed_in, draft):
    html = page(signed_in, "version_publish", draft.pk)
    assert "på disse sprog: dansk." in html
    assert "Disse sprog kan ikke vælges: engelsk, arabisk" in html
    assert "Udgave 1 er et eksempel og kan ikke længere bruges." in html
    assert "1 samtykke til udgave 1 gælder i dag." in html
    html = signed_in.post(url("version_publish", draft.pk), {"save": ""}).content.decode()
    assert "Vælg, hvad der skal ske med samtykkerne." in html
    signed_in.post(url("version_publish", draft.pk), {"becomes": "keep"})
    draft.refresh_from_db()
    assert draft.state == VersionState.PUBLISHED


def test_what_is_missing_is_told_and_nothing_is_published(signed_in, controller, draft):
    save_text(by=controller, version=draft, language="tr", title="Onay", body="[telefon]")
    draft.texts.filter(language="da").delete()
    html = signed_in.post(url("version_publish", draft.pk), {"becomes": "keep"}).content.decode()
    assert "Den danske tekst mangler." in html
    assert "Tyrkisk: Noget i kantede parenteser" in html
    draft.refresh_from_db()
    assert draft.published_at is None


@pytest.mark.parametrize(
    "until, told",
    [
        ("", "Skriv den dag, samtykkerne ophører."),
        ("1.1.2020", "Skriv en dag efter i dag."),
        ("1.1.2199", "Skriv en dag inden for de næste to år."),
        ("snart", "Skriv datoen som dag.måned.år"),
    ],
)
def test_the_day_until_which_people_are_asked_again_is_looked_at(signed_in, draft, until, told):
    answer = signed_in.post(url("version_publish", draft.pk), {"becomes": "ask_again", "until": until})
    assert told in answer.content.decode()
    draft.refresh_from_db()
    assert draft.published_at is None


def test_people_are_asked_again_until_the_day_that_was_written(signed_in, draft):
    day = localdate() + timedelta(days=60)
    signed_in.post(url("version_publish", draft.pk), {"becomes": "ask_again", "until": f"{day:%d.%m.%Y}"})
    old = Version.objects.get(number=1)
    assert old.consents_lapse_on == day
    assert "Der spørges igen" in page(signed_in, "documents")
    assert "Bestem, hvad de gælder" not in page(signed_in, "version", old.pk)
    assert signed_in.get(url("version_consents", old.pk)).status_code == 404


def test_ending_consents_at_once_is_confirmed_with_their_number(signed_in, draft):
    html = signed_in.post(url("version_publish", draft.pk), {"becomes": "end"}).content.decode()
    assert "1 samtykke ophører i dag." in html
    draft.refresh_from_db()
    assert draft.published_at is None
    signed_in.post(url("version_publish", draft.pk), {"becomes": "end", "confirm": "on"})
    assert Version.objects.get(number=1).state == VersionState.ENDED


def test_a_translation_that_was_left_behind_is_confirmed(signed_in, controller):
    publish_examples(None)
    draft = create_draft(by=controller, purpose=EVALUATION, audience="adult")
    for text in draft.texts.all():
        body = text.body.replace("[", "").replace("]", "")
        save_text(by=controller, version=draft, language=text.language, title=text.title, body=body)
    publish_version(by=controller, version=draft)
    newer = create_draft(by=controller, purpose=EVALUATION, audience="adult")
    save_text(by=controller, version=newer, language="da", title="Samtykke", body="Andet.")
    assert "ikke teksten på engelsk, arabisk" in page(signed_in, "version_publish", newer.pk)
    signed_in.post(url("version_publish", newer.pk), {"becomes": "keep"})
    newer.refresh_from_db()
    assert newer.published_at is None
    signed_in.post(url("version_publish", newer.pk), {"becomes": "keep", "confirm": "on"})
    newer.refresh_from_db()
    assert newer.published_at is not None


def test_the_first_version_asks_nothing_about_earlier_ones(signed_in, controller):
    version = create_draft(by=controller, purpose=EVALUATION, audience="youth")
    save_text(by=controller, version=version, language="da", title="Samtykke", body="Du bestemmer.")
    for language in ("en", "ar", "tr", "so", "ur", "fa", "uk", "ti"):
        signed_in.post(url("text_delete", version.pk, language))
    assert "Hvad skal der ske" not in page(signed_in, "version_publish", version.pk)
    signed_in.post(url("version_publish", version.pk), {"save": ""})
    version.refresh_from_db()
    assert version.published_at is not None


@pytest.mark.parametrize(
    "becomes, state",
    [("keep", VersionState.NOT_OFFERED), ("ask_again", VersionState.ASKS_AGAIN), ("end", VersionState.ENDED)],
)
def test_a_published_version_may_be_ended_later(signed_in, becomes, state):
    make_participation(make_activity())
    version = make_text().version
    html = page(signed_in, "version_consents", version.pk)
    assert "1 samtykke gælder i dag." in html
    assert "Ingen anden udgave er i brug til denne gruppe." in html
    until = f"{localdate() + timedelta(days=10):%d.%m.%Y}"
    signed_in.post(url("version_consents", version.pk), {"becomes": becomes, "until": until, "confirm": "on"})
    version.refresh_from_db()
    assert version.state == state


# --- Side by side -----------------------------------------------------------------------------------------


def test_two_versions_are_compared_in_a_language(signed_in, controller, draft):
    save_text(by=controller, version=draft, language="da", title="Samtykke", body="Du bestemmer helt selv.")
    html = page(signed_in, "compare", draft.document_id)
    assert "<del" in html
    assert "tilføjet:" in html
    assert "Du bestemmer" in html
    missing = page(signed_in, "compare", draft.document_id, query="?sprog=da&fra=1&til=1")
    assert "De to udgaver har de samme ord." in missing


def test_a_language_that_one_version_lacks_is_told(signed_in, controller, draft):
    save_text(by=controller, version=draft, language="fa", title="رضایت", body="شما")
    html = page(signed_in, "compare", draft.document_id, query="?sprog=fa")
    assert "Udgave 1 findes ikke på Farsi" in html


@pytest.mark.parametrize("query", ["?fra=99", "?sprog=xx", "?til=abc"])
def test_a_made_up_comparison_is_told_at_its_field(signed_in, draft, query):
    assert "form-error" in page(signed_in, "compare", draft.document_id, query=query)
