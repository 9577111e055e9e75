"""Danish and English: choosing, keeping the choice, and that English pages hold no Danish sentence."""

import gettext
import html
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from accounts.permissions import Role
from tests.factories.access_table import OK, ROLES, TABLE
from tests.factories.cast import PASSWORD, make_activity, make_plan, make_user
from tests.factories.spreadsheets import HEADINGS
from tests.integration.test_access import visit, world  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def choose(client, code: str, back: str):
    return client.post(reverse("set_language"), {"language": code, "next": back}, follow=True)


def sentences() -> list[str]:
    """The Danish texts that can be told from names and codes: several words, no placeholder, another in English."""
    with Path(settings.LOCALE_PATHS[0], "en/LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog
    return [
        danish
        for danish, english in catalogue.items()
        if isinstance(danish, str) and "%" not in danish and " " in danish and len(danish) > 11 and danish != english
    ]


def test_a_user_changes_language_and_keeps_it(client):
    user = make_user(Role.COORDINATOR, make_plan())
    client.force_login(user)
    page = reverse("collection:activities")
    danish = client.get(page)
    assert 'lang="da"' in danish.content.decode()
    assert "Ny aktivitet" in danish.content.decode()
    english = choose(client, "en", page)
    assert english.request["PATH_INFO"] == page
    assert 'lang="en"' in english.content.decode()
    assert "New activity" in english.content.decode()
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": user.username, "password": PASSWORD})
    assert "New activity" in client.get(page).content.decode()
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME]["max-age"]  # else the browser forgets it when it closes
    assert "Ny aktivitet" in choose(client, "da", page).content.decode()


def test_who_has_not_chosen_reads_danish_or_what_the_browser_asks_for(client):
    page = reverse("account_login")
    assert "Adgangskode" in client.get(page).content.decode()
    assert "Adgangskode" in client.get(page, headers={"Accept-Language": "so"}).content.decode()
    assert "Password" in client.get(page, headers={"Accept-Language": "en-GB,en;q=0.8"}).content.decode()
    assert "Password" in choose(client, "en", page).content.decode()  # before signing in, too


def test_a_wrong_form_is_told_in_the_language_of_the_page(client):
    activity = make_activity()
    client.force_login(make_user(Role.COORDINATOR, activity.plan))
    page = reverse("collection:headcounts", args=[activity.pk])
    wrong = {"year": "2015", "estimate": "-1", "basis": "list"}
    assert "Tallet skal være mindst 0." in client.post(page, wrong).content.decode()
    choose(client, "en", page)
    assert "Ensure this value is greater than or equal to 0." in client.post(page, wrong).content.decode()


@pytest.mark.parametrize("role", ["staff", "coordinator", "evaluator", "controller"])
def test_no_danish_sentence_is_on_an_english_page(client, world, role):  # noqa: F811
    client.force_login(world.users[role])
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    danish, place, found, seen = sentences(), ROLES.index(role), {}, 0
    assert "Skriv datoen for samtykket." in danish
    for entry in TABLE:
        if entry.method != "get" or entry.statuses[place] != OK or entry.about == "text":  # the text itself is Danish
            continue
        if entry.about not in world.ids:  # spreadsheets are made for their own tests only
            continue
        answer = visit(client, entry, world.ids[entry.about])
        if not answer["Content-Type"].startswith("text/html"):  # a file to take: the template of a spreadsheet
            continue
        page = answer.content.decode()
        told = re.sub(r"\s+", " ", html.unescape(page))
        seen += 1
        theirs = HEADINGS if entry.about == "spreadsheet" else ()  # the file's own words
        if left := [text for text in danish if text in told and text not in theirs]:
            found[entry.name] = left
    assert not found
    assert seen > 4


def test_no_page_writes_a_time_in_danish_only():
    """A format given to `date` isn't translated. What is printed for a participant or the authority is Danish."""
    documents = {"rights/report.html", "rights/certificate.html"}
    folder = settings.BASE_DIR / "templates"
    found = {str(page.relative_to(folder)) for page in folder.rglob("*.html") if r"\k\l" in page.read_text()}
    assert found <= documents


def test_a_report_is_told_in_the_readers_language():
    from exports import wording

    codes = [["warn", "data.csv", "few_persons", ""], ["block", "data.csv", "undocumented_code", "ROLLE"]]
    with override("en"):
        assert wording.finding_texts(codes) == [
            (
                "data.csv",
                [
                    "The file has fewer persons than the project's minimum count.",
                    "ROLLE: There are codes that are not in the codebook.",
                ],
            )
        ]
        assert wording.left_out_rows([["withdrawn", "1234"], ["lapsed", "<5"]]) == [
            ("Consent withdrawn", "1,234"),
            ("Consent lapsed", "<5"),
        ]
    with override("da"):
        assert wording.left_out_rows([["lapsed", "<5"]]) == [("Samtykket er udløbet", "<5")]
