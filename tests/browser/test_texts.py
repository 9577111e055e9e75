"""The data controller's consent texts: from the example to a version in use, on a desk and on a phone."""

import pytest
from django.urls import reverse

from consent.actions.publish import publish_examples
from consent.models import Version
from tests.factories.cast import make_activity, make_participation, make_user
from tests.plugins.browser import DESKTOP, PHONE, assert_accessible, screenshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def visit(open_browser, client, live_server):
    """`visit(width)`: a page on which the data controller is signed in; the examples are published."""
    for _ in range(3):
        make_participation(make_activity())
    publish_examples(None)
    controller = make_user("controller", name="Dorthe Holm")

    def open_(width: int = DESKTOP, **options):
        client.force_login(controller)
        page = open_browser(width, **options)
        session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        page.context.add_cookies([session])
        return page

    return open_


def looked_at(page, name: str) -> None:
    """In both widths: nothing runs out of the page, axe finds nothing, and a picture is kept."""
    for width in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        screenshot(page, f"texts-{name}")
    assert_accessible(page)


def test_from_the_example_to_a_version_in_use(visit):
    page = visit()
    page.goto(reverse("consent:documents"))
    looked_at(page, "documents")
    page.get_by_role("button", name="Begynd en ny udgave – Voksen").click()
    page.get_by_text("Kladden er oprettet.").wait_for()
    looked_at(page, "draft")
    page.get_by_role("link", name="Gå til offentliggørelse").click()
    page.get_by_text("Dansk: Noget i kantede parenteser er ikke udfyldt endnu.").wait_for()
    looked_at(page, "publish-faults")
    draft = Version.objects.get(published_at=None)
    page.get_by_role("link", name="Udfyld felterne på alle sprog").click()
    page.get_by_label("Den dataansvarliges navn").fill(
        "Boligforeningen Søen, Søvej 1, 8000 Aarhus C, kontakt@example.dk"
    )
    page.get_by_label("Navn, telefon og e-mail").fill("Ida Lund, 12 34 56 78, dpo@example.dk")
    page.get_by_label("Dato", exact=True).fill("31.12.2030")
    looked_at(page, "blanks")
    page.get_by_role("button", name="Udfyld på alle sprog").click()
    page.get_by_text("Felterne er udfyldt på alle sprog.").wait_for()
    page.goto(reverse("consent:text_edit", args=[draft.pk, "da"]))
    page.get_by_label("Overskrift").fill("Må vi bruge oplysninger om dig?")
    page.get_by_role("button", name="Vis den uden at gemme").click()
    page.get_by_text("Den er ikke gemt endnu.").wait_for()
    page.get_by_text("Sådan laver du overskrifter").click()
    looked_at(page, "edit")
    page.get_by_role("button", name="Gem teksten").click()
    page.get_by_text("Teksten er gemt i kladden.").wait_for()
    page.get_by_role("link", name="Arabisk").click()
    page.get_by_text("القرار لك").wait_for()
    assert page.locator(".consent-text").get_attribute("dir") == "rtl"
    looked_at(page, "draft-arabic")
    page.get_by_role("link", name="Ret teksten").click()
    assert page.locator("textarea").get_attribute("dir") == "rtl"
    looked_at(page, "edit-arabic")
    page.goto(reverse("consent:version_publish", args=[draft.pk]))
    page.get_by_label("De gælder indtil en dato, og deltagerne bliver spurgt igen").check()
    page.get_by_label("Samtykkerne ophører den").fill("1.1.2000")
    page.get_by_role("button", name="Offentliggør udgave 3").click()
    page.get_by_text("Skriv en dag efter i dag.").first.wait_for()
    looked_at(page, "publish")
    page.get_by_label("De gælder stadig, men de tidligere udgaver bruges ikke længere").check()
    page.get_by_role("button", name="Offentliggør udgave 3").click()
    page.get_by_text("Udgave 3 er offentliggjort og kan bruges nu.").wait_for()
    looked_at(page, "published")
    page.goto(reverse("consent:documents"))
    page.get_by_role("button", name="Begynd en ny udgave – Voksen").click()
    newer = Version.objects.get(published_at=None)
    page.goto(reverse("consent:text_edit", args=[newer.pk, "da"]))
    page.get_by_label("Overskrift").fill("Må vi bruge oplysninger om dig i en evaluering?")
    page.get_by_role("button", name="Gem teksten").click()
    page.get_by_text("Ikke rettet som den danske").first.wait_for()
    looked_at(page, "untouched")
    page.get_by_role("link", name="Gå til offentliggørelse").click()
    page.get_by_label("De ophører nu").check()
    page.get_by_role("button", name="Offentliggør udgave 4").click()
    page.get_by_text("Sæt kryds, hvis det er rigtigt.").first.wait_for()
    looked_at(page, "publish-warnings")
    page.goto(reverse("consent:draft_delete", args=[newer.pk]))
    page.get_by_role("button", name="Slet kladden").click()
    page.get_by_text("Kladden er slettet.").wait_for()
    page.goto(reverse("consent:version", args=[draft.pk]))
    page.get_by_role("link", name="Sammenlign udgaver").click()
    page.get_by_text("er kun i den nyere udgave").wait_for()
    looked_at(page, "compare")
    page.goto(reverse("consent:compare", args=[draft.document_id]) + "?sprog=ur&fra=2&til=3")
    looked_at(page, "compare-urdu")
    page.goto(reverse("consent:version", args=[Version.objects.get(document=draft.document, number=1).pk]))
    page.get_by_role("link", name="Bestem, hvad de gælder").click()
    page.get_by_label("De ophører nu").check()
    page.get_by_role("button", name="Gem").click()
    page.get_by_text("3 samtykker ophører i dag.").first.wait_for()
    looked_at(page, "consents")
    page.get_by_label("Ja, det er rigtigt").check()
    page.get_by_role("button", name="Gem").click()
    page.get_by_text("Det er gemt.").wait_for()
    page.goto(reverse("consent:documents"))
    looked_at(page, "documents-after")
    assert Version.objects.get(document=draft.document, number=1).state == "ended"
