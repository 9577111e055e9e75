"""The whole story, by pages only: from an activity to the archives, and out again by a withdrawal.

Four people in four browsers, a real job worker beside the live server. What a site has before its first day is loaded
beforehand, as `docs/operations.md` does: a plan with its departments, the people, the consent texts.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pyrage
import pytest
from playwright.sync_api import Page, expect

from accounts.permissions import Role
from collection.models import Activity, Department
from consent.actions.publish import publish_examples
from crypto.agefile import new_identity, recipient_of
from exports.recipients import fingerprint
from tests.factories.cast import PASSWORD, cpr_text, make_identity, make_participation, make_plan, make_user
from tests.plugins.browser import PHONE, assert_accessible

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

BODIL, AMIR = "Bodil Ærenlund", "Амір Шевченко"
BODILS_NUMBER = cpr_text(date(1981, 7, 7))  # its check digit fails
NEIGHBOUR, CHILD = cpr_text(date(1985, 3, 9), 1), cpr_text(date(2012, 6, 4), 2)
OTHER_CHILD = cpr_text(date(2013, 9, 2), 3)
WAIT = 30_000  # milliseconds for a job


class Person:
    """Somebody at their browser. Each page that they come to is looked at by axe, once as it stands."""

    def __init__(self, page: Page, user) -> None:
        self.page = page
        self.name, self.key = user.full_name, new_identity()
        self.seen: set[tuple[str, ...]] = set()
        self.go("/log-ind/")
        page.fill("#id_login", user.username)
        page.fill("#id_password", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda address: "log-ind" not in address)
        self.look()

    def look(self) -> None:
        shown = (self.page.title(), *self.page.locator("h1, main h2, .badge, .alert").all_inner_texts())
        if shown not in self.seen:
            assert_accessible(self.page)
        self.seen.add(shown)

    def go(self, address: str) -> None:
        self.page.goto(address)
        self.look()

    def follow(self, link: str) -> None:
        """`link`: how its text begins; what follows may be for screen readers."""
        self.page.get_by_role("link", name=re.compile(f"^{link}")).locator("visible=true").first.click()
        self.page.wait_for_load_state()
        self.look()

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def saved(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()
        self.look()

    def date(self, name: str, day: date) -> None:
        for part in ("day", "month", "year"):
            self.page.fill(f"[name={name}_{part}]", str(getattr(day, part)))

    def state(self, text: str) -> None:
        """The delivery or list on the page comes to be in this state, without a reload by hand."""
        expect(self.page.locator(".font-lead .badge")).to_have_text(text, timeout=WAIT)
        self.look()

    @contextmanager
    def fetching(self, archive: str) -> Iterator[dict[str, bytes]]:
        """The files of the archive, opened with the person's own key."""
        self.follow(f"Hent {archive}")
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name="Hent filen").click()
        sealed = Path(download.value.path()).read_bytes()
        plain = io.BytesIO(pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(self.key)]))
        with zipfile.ZipFile(plain) as opened:
            yield {name: opened.read(name) for name in opened.namelist()}
        self.follow("Tilbage til leverancen")
        expect(self.page.get_by_text(re.compile("^Hentet [0-9]+ gang")).first).to_be_visible()

    def cannot_fetch(self, archive: str, address: str, reader: str) -> None:
        """Neither by a link nor by asking for its address."""
        expect(self.page.get_by_role("link", name=f"Hent {archive}")).to_have_count(0)
        token = next(each["value"] for each in self.page.context.cookies() if each["name"] == "csrftoken")
        answer = self.page.request.post(
            f"{address}hent/{reader}/", form={"csrfmiddlewaretoken": token}, headers={"Referer": address}
        )
        assert answer.status in (403, 404)


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.fixture
def site(live_server, start_worker, settings):
    """The plan that was loaded, its people at their browsers, and a worker."""
    publish_examples(None)
    plan = make_plan("Kvarteret ved Søen")
    Department.objects.create(plan=plan, organisation_number=134, department_number=2, name="Bøgeparken")
    start_worker()
    return plan


@pytest.fixture
def people(site, open_browser):
    roles = {
        "mette": (Role.STAFF, site, PHONE),
        "karen": (Role.COORDINATOR, site, 1280),
        "eva": (Role.EVALUATOR, (), 1280),
        "dorthe": (Role.CONTROLLER, (), 1280),
    }
    users = {name: make_user(role, plan, name=name.title(), username=name) for name, (role, plan, _) in roles.items()}
    return {name: Person(open_browser(roles[name][2]), user) for name, user in users.items()}


def test_from_a_family_cafe_to_the_archives_and_out_again(people):
    mette, karen, eva, dorthe = people.values()
    set_up_an_activity(karen)
    enrol_by_number(mette)
    enrol_by_name(mette)
    count_a_refusal(mette)
    see_the_rate(karen)

    make_a_project(dorthe)
    add_keys(eva, dorthe)
    linkage = order(eva, "Bestil koblingsfil")
    approve(dorthe, linkage)
    pseudonyms = fetch_and_match(eva, dorthe, linkage, {BODILS_NUMBER}, {AMIR})

    others = others_take_part()
    load_residents(dorthe, others)
    comparison = order(eva, "Bestil sammenligningsgruppe")
    approve(dorthe, comparison)
    compare(eva, comparison)

    withdraw(mette)
    again = order(eva, "Bestil koblingsfil")
    approve(dorthe, again)
    left = fetch_and_match(eva, dorthe, again, others, {AMIR})
    assert len(pseudonyms - left) == 1
    assert len(left) == len(pseudonyms) - 1 + len(others)
    see_the_log(dorthe)


# --- Scenes -----------------------------------------------------------------------------------------


def set_up_an_activity(karen: Person) -> None:
    karen.follow("Aktiviteter")
    karen.follow("Ny aktivitet")
    page = karen.page
    page.select_option("#id_type", label="Familieindsats")
    page.fill("#id_name", "Familiecafé om torsdagen")
    page.fill("#id_start", "01.02.2016")
    page.fill("#id_end", "16.12.2016")
    page.select_option("#id_responsible", label="Mette")
    page.locator("main form button.button-primary").click()
    page.wait_for_url(lambda address: "/ny/" not in address)
    karen.look()
    karen.follow("Aktiviteter")
    karen.follow("Familiecafé om torsdagen")
    karen.follow("Skriv eller ret skøn")
    page.select_option("#id_year", "2016")
    page.fill("#id_estimate", "4")
    page.get_by_label("Deltagerlister").check()
    karen.press("Gem skøn")
    karen.saved("Skønnet for 2016 er gemt.")


def enrol_by_number(mette: Person) -> None:
    mette.go("/aktiviteter/")
    mette.follow("Familiecafé om torsdagen")
    mette.follow("Registrér deltager")
    page = mette.page
    page.get_by_label("Underskrevet på papir").check()
    mette.date("decided_on", date(2016, 3, 1))
    page.fill("#id_cpr", BODILS_NUMBER)
    page.get_by_label("Skriv CPR-nummeret igen").wait_for()  # the check digit fails: a warning, never a refusal
    page.get_by_label("Kaldenavn").fill(BODIL)
    mette.date("start", date(2016, 3, 3))
    page.get_by_label("Mor", exact=True).locator("visible=true").check()
    mette.press("Gem deltager")
    mette.saved("Se efter, før du gemmer")
    page.fill("#id_cpr_again", BODILS_NUMBER)
    mette.press("Gem deltager")
    mette.saved("Deltagelsen i Familiecafé om torsdagen er gemt.")
    expect(page.get_by_text(f"{BODILS_NUMBER[:6]}-••••")).to_be_visible()


def enrol_by_name(mette: Person) -> None:
    mette.follow("Registrér en til")
    page = mette.page
    page.get_by_label("Mundtligt med vidne").check()
    mette.date("decided_on", date(2016, 4, 1))
    page.get_by_label("Navn, fødselsdato og adresse").check()
    page.get_by_label("Fulde navn").fill(AMIR)
    mette.date("birth_date", date(1979, 5, 20))
    page.get_by_label("Adresse", exact=True).fill("Birkevænget 7, 8000 Aarhus C")
    mette.date("residence_date", date(2015, 1, 2))
    page.fill("[name=start_year]", "2016")
    page.get_by_label("Far", exact=True).locator("visible=true").check()
    mette.press("Gem deltager")
    mette.saved("er gemt.")


def count_a_refusal(mette: Person) -> None:
    mette.go("/aktiviteter/")
    mette.follow("Familiecafé om torsdagen")
    mette.follow("Tæl én uden samtykke")
    mette.press("Én til: Sagde nej")
    expect(mette.page.locator("#counts output").first).to_have_text("1")
    mette.look()


def see_the_rate(karen: Person) -> None:
    karen.follow("Samtykke")
    row = karen.page.get_by_role("row").filter(has_text="Familiecafé om torsdagen").first
    expect(row).to_contain_text("50 %")  # two of the four that Karen estimated
    expect(row.locator("[data-label='Sagde nej']")).to_have_text("1")


def make_a_project(dorthe: Person) -> None:
    dorthe.follow("Projekter")
    dorthe.follow("Nyt projekt")
    page = dorthe.page
    page.fill("#id_name", "Evaluering af familieindsats")
    page.fill("#id_dst_number", "700123")
    page.fill("#id_first_year", "2014")
    page.fill("#id_last_year", "2016")
    for box in page.locator("[name=standard]").all():
        box.check()
    page.get_by_role("checkbox", name="Eva", exact=True).check()
    page.locator("main form button.button-primary").click()
    page.wait_for_url(lambda address: "/ny/" not in address)
    dorthe.look()


def add_keys(eva: Person, dorthe: Person) -> None:
    """Each adds their own; Dorthe compares Eva's with what Eva reads out to her."""
    for who in (eva, dorthe):
        who.go("/projekter/")
        who.follow("Evaluering af familieindsats")
        who.follow("Se nøgler")
        who.follow("Tilføj nøgle")
        who.page.get_by_label("Hvem har den private nøgle?").fill(who.name)
        who.page.get_by_label("Offentlig nøgle").fill(recipient_of(who.key))
        who.press("Tilføj nøglen")
        who.saved("Nøglen er tilføjet")
    dorthe.page.get_by_label("Det er min egen nøgle").check()
    dorthe.press("Bekræft nøglen")
    dorthe.saved("Nøglen er bekræftet")
    dorthe.follow("Opgaver")
    dorthe.follow("Bekræft")
    dorthe.follow("Bekræft")
    expect(dorthe.page.get_by_text(fingerprint(recipient_of(eva.key)))).to_be_visible()
    dorthe.page.get_by_label("I telefon").check()
    dorthe.press("Bekræft nøglen")
    dorthe.saved("Nøglen er bekræftet")


def order(eva: Person, what: str) -> str:
    """The address of the delivery, once it waits for approval."""
    eva.go("/projekter/")
    eva.follow("Evaluering af familieindsats")
    eva.follow(what)
    eva.press(what)
    eva.page.wait_for_url("**/leverancer/**")
    eva.state("Venter på godkendelse")
    expect(eva.page.get_by_role("link", name="Tag stilling")).to_have_count(0)
    return eva.page.url


def approve(dorthe: Person, delivery: str) -> None:
    dorthe.go("/leverancer/")
    dorthe.follow("Tag stilling")
    dorthe.page.get_by_label("Ja, godkend").check()
    few = dorthe.page.get_by_label("Hvorfor må de små grupper leveres?")
    if few.count():  # not asked of a comparison group
        few.fill("Datafilen bruges kun hos Danmarks Statistik.")
    dorthe.page.get_by_label("Begrundelse").fill("Variablerne er dem, der er aftalt.")
    dorthe.press("Gem afgørelsen")
    dorthe.page.wait_for_url(delivery)
    dorthe.state("Klar til hentning")


def fetch_and_match(eva: Person, dorthe: Person, delivery: str, numbers: set[str], names: set[str]) -> set[str]:
    """Both archives hold the same people, each its own half. Gives the pseudonyms."""
    eva.go(delivery)
    eva.cannot_fetch("nøglearkiv", delivery, "officer")
    with eva.fetching("dataarkiv") as data:
        pseudonyms = {row["PSEUDONYM"] for row in rows(data["data.csv"])}
    dorthe.cannot_fetch("dataarkiv", delivery, "evaluator")
    with dorthe.fetching("nøglearkiv") as keys:
        by_number, by_name = rows(keys["noegle.csv"]), rows(keys["identifikationsliste.csv"])
    assert {row["PNR"] for row in by_number} == numbers
    assert {row["NAVN"] for row in by_name} == names
    assert {row["PSEUDONYM"] for row in by_number + by_name} == pseudonyms
    told = b"".join(data.values())
    assert not [identity for identity in (BODILS_NUMBER, BODIL, AMIR) if identity.encode() in told]
    eva.look()
    return pseudonyms


def others_take_part() -> set[str]:
    """Four more, so that the groups are large enough for anything to be told of them. Their numbers."""
    activity = Activity.objects.get()
    identities = [make_identity(born=date(1980, 5, day), working_name=f"Nabo {day}") for day in range(2, 6)]
    for identity in identities:
        make_participation(activity, identity, start=date(2016, 3, 1))
    return {identity.cpr.digits for identity in identities}


def load_residents(dorthe: Person, others: set[str]) -> None:
    neighbours = [cpr_text(date(1979, 6, day), 3) for day in range(2, 6)]
    families = [
        line
        for place, number in enumerate([*sorted(others), *neighbours], start=3)
        for line in (
            f"{number};{place};19{number[4:6]}-{number[2:4]}-{number[:2]};2016;134;2",
            f"{cpr_text(date(2012, 7, place), 4)};{place};2012-07-{place:02};2016;134;2",
        )
    ]
    lines = [
        "PNR;FAMILIE_ID;FOED_DAG;AAR;ORG_NR;AFD_NR",
        f"{BODILS_NUMBER};1;1981-07-07;2016;134;2",
        f"{CHILD};1;2012-06-04;2016;134;2",
        f"{NEIGHBOUR};2;1985-03-09;2016;134;2",
        f"{OTHER_CHILD};2;2013-09-02;2016;134;2",
        *families,
    ]
    dorthe.follow("Beboerlister")
    dorthe.page.locator("main a[href$='/beboerlister/ny/']").first.click()
    page = dorthe.page
    page.fill("#id_name", "Beboere 2016")
    page.set_input_files(
        "#id_file", {"name": "beboere.csv", "mimeType": "text/csv", "buffer": "\n".join([*lines, ""]).encode()}
    )
    dorthe.look()
    dorthe.page.locator("main form button.button-primary").click()
    dorthe.state("Klar")


def compare(eva: Person, delivery: str) -> None:
    eva.go(delivery)
    with eva.fetching("dataarkiv") as data:
        families = rows(data["familier.csv"])
    assert len(families) == 10
    told = b"".join(data.values())
    assert not [number for number in (BODILS_NUMBER, CHILD, NEIGHBOUR, OTHER_CHILD) if number.encode() in told]


def withdraw(mette: Person) -> None:
    mette.go("/deltagere/")
    mette.follow(BODIL)
    mette.follow("Træk samtykke tilbage")
    mette.press("Træk samtykket tilbage")
    mette.saved("Samtykket er trukket tilbage")
    mette.go("/deltagere/")
    expect(mette.page.get_by_text(BODIL)).to_have_count(0)


def see_the_log(dorthe: Person) -> None:
    dorthe.follow("Log")
    page = dorthe.page.content()
    assert not [identity for identity in (BODILS_NUMBER, BODIL, AMIR) if identity in page]
