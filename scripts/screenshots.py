"""Pictures of every page of a running demo site, in both widths: to be looked at before a change of the pages is done.

    make run                                                  # in another terminal; it prints the password
    .venv/bin/python scripts/screenshots.py --password …      # build/screenshots/demo/NAME-WIDTH.png
    .venv/bin/python scripts/screenshots.py --password … --readme     # docs/pictures/, cropped and small

It orders, approves and registers as the four demo users do, so the site is not as before afterwards. Each line that it
prints is a page, the milliseconds until it was there, and what is wider than the screen.
"""

import argparse
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = {1280: 900, 390: 844}
PICTURES = {  # name: (width, height, picture in the README)
    "enrol": (390, 812, "enrolment"),
    "rates-plan": (1280, 888, "rates"),
    "decide": (1280, 840, "approval"),
    "delivery-built": (1280, 580, "delivery"),
}
TOO_WIDE = """() => [...document.querySelectorAll('main *, header *, footer *')]
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .slice(0, 3).map(e => e.tagName.toLowerCase() + '.' + e.className)"""


class Visitor:
    """One demo user's browser, and the pictures taken in it."""

    def __init__(self, browser: Browser, site: str, folder: Path, readme: bool) -> None:
        self.page: Page = browser.new_context(base_url=site, locale="da-DK").new_page()
        self.folder, self.readme = folder, readme

    def sign_in(self, username: str, password: str) -> None:
        self.page.goto("/log-ind/")
        self.page.fill("#id_login", username)
        self.page.fill("#id_password", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(lambda address: "log-ind" not in address)

    def shoot(self, name: str, address: str | None = None, ready: Callable[[Page], object] | None = None) -> None:
        """Goes to `address` (or stays), makes `ready(page)`, and keeps the page in both widths."""
        self.page.set_viewport_size({"width": 1280, "height": 900})
        began = time.monotonic()
        if address:
            self.page.goto(address)
        took = (time.monotonic() - began) * 1000
        if ready:
            ready(self.page)
        if self.readme:
            if name in PICTURES:
                width, height, picture = PICTURES[name]
                self.page.set_viewport_size({"width": width, "height": height})
                self.page.screenshot(path=self.folder / f"{picture}.png")
            return
        wide = []
        for width, height in WIDTHS.items():
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.wait_for_timeout(100)
            if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wide += [f"{width}: {what}" for what in self.page.evaluate(TOO_WIDE)]
            self.page.screenshot(path=self.folder / f"{name}-{width}.png", full_page=True)
        print(f"{took:6.0f} ms  {name}  {' '.join(wide)}", flush=True)

    def href(self, selector: str, place: int = 0) -> str:
        return self.page.locator(selector).nth(place).get_attribute("href") or ""


def staff(visit: Visitor) -> None:
    visit.shoot("tasks", "/opgaver/")
    visit.shoot("to-ask", "/deltagere/spoerg-igen/")
    visit.shoot("doubts", "/deltagere/se-efter/")
    visit.shoot("doubt", visit.href("main td a[href$='/se-efter/']"))
    visit.shoot("activities", "/aktiviteter/")
    visit.shoot("participants", "/deltagere/")
    person = visit.href("main tbody th a")
    visit.shoot("participant", person)
    activity = visit.href("main a[href^='/aktiviteter/']")
    visit.shoot("activity", activity)
    visit.shoot("enrol", f"{activity}registrer/")
    visit.shoot("enrol-guardian", None, lambda page: page.locator("[name=audience][value=guardian]").check())
    visit.shoot("enrol-name", None, lambda page: page.locator("[name=identification][value=name_address]").check())
    visit.shoot("enrol-errors", None, lambda page: page.get_by_role("button", name="Gem deltager").click())
    visit.shoot("count", f"{activity}uden-samtykke/")
    visit.shoot("headcounts-staff", f"{activity}antal/")
    visit.shoot("participant-reveal", person, lambda page: page.locator("details.more summary").first.click())
    visit.shoot("withdraw", f"{person}tilbagetraekning/")
    visit.shoot("find", "/deltagere/find/")
    visit.shoot("correct", f"{person}ret/")
    visit.shoot("merge-choose", f"{person}slaa-sammen/")
    visit.shoot("not-found", "/aktiviteter/00000000-0000-0000-0000-000000000000/")


def coordinator(visit: Visitor) -> None:
    visit.shoot("tasks-coordinator", "/opgaver/")
    visit.shoot("activities-coordinator", "/aktiviteter/")
    activity = visit.href("main tbody th a")
    visit.shoot("activity-coordinator", activity)
    visit.shoot("activity-new", "/aktiviteter/ny/")
    if plan := visit.page.locator(".link-list a").count() and visit.href(".link-list a"):
        visit.shoot("activity-new-form", f"/aktiviteter/ny/{plan}")
    visit.shoot("activity-edit", f"{activity}ret/")
    visit.shoot("headcounts", f"{activity}antal/")
    visit.shoot("rates", "/samtykke/")
    if visit.page.locator("main tbody th a").count():
        visit.shoot("rates-plan", visit.href("main tbody th a"))
    visit.shoot("staff", "/medarbejdere/")
    visit.shoot("hand-over", visit.href("main td a[href$='/overdrag/']"))
    visit.page.goto("/medarbejdere/")
    visit.shoot("member-remove", visit.href("main td a[href$='/fjern/']"))
    visit.page.goto("/medarbejdere/")
    visit.shoot("member-new", visit.href("main a[href$='/ny/']"))


def deliveries(evaluator: Visitor, controller: Visitor) -> None:
    evaluator.shoot("projects", "/projekter/")
    project = evaluator.href("main a[href*='/projekter/']")
    evaluator.shoot("project", project)
    evaluator.shoot("recipients", f"{project}modtagere/")
    evaluator.shoot("recipient-new", f"{project}modtagere/ny/")
    evaluator.shoot("opening", "/modtagere/aabn/")
    evaluator.shoot("link-used", "/hent/no-such-link/")
    evaluator.shoot("comparison-new", f"{project}sammenligning/")
    for kind, name in (("koblingsfil", ""), ("sammenligning", "comparison-")):
        evaluator.shoot(f"{name or 'linkage-'}order", f"{project}{kind}/")
        evaluator.page.locator("main form button.button-primary").click()
        evaluator.page.wait_for_url("**/leverancer/**")
        evaluator.shoot(f"{name}delivery-preparing")
        delivery = evaluator.page.url
        evaluator.page.get_by_text("Venter på godkendelse").first.wait_for(timeout=120_000)
        evaluator.shoot(f"{name}delivery-prepared", delivery)
        controller.shoot(f"{name}approvals", "/leverancer/")
        controller.shoot(f"{name}decide", f"{delivery}godkendelse/")
        controller.page.get_by_label("Ja, godkend").check()
        controller.page.get_by_label("Begrundelse").fill("Variablerne er dem, der er aftalt.")
        controller.page.get_by_role("button", name="Gem afgørelsen").click()
        controller.page.get_by_text("Klar til hentning").first.wait_for(timeout=120_000)
        controller.shoot(f"{name}delivery-built-controller", delivery)
        evaluator.shoot(f"{name}delivery-built", delivery)
    evaluator.shoot("fetch", evaluator.href("main a[href*='/hent/']"))
    evaluator.shoot("deliveries", "/leverancer/")


def controller_only(visit: Visitor) -> None:
    visit.shoot("tasks-controller", "/opgaver/")
    visit.shoot("projects-controller", "/projekter/")
    project = visit.href("main tbody th a, main h2 a, main h3 a")
    visit.shoot("project-controller", project)
    visit.shoot("recalls-controller", f"{project}tilbagekaldelser/")
    visit.shoot("recipients-controller", f"{project}modtagere/")
    visit.shoot("recipient-revoke", visit.href("main td a[href$='/tilbagekald/']"))
    visit.shoot("find-controller", "/deltagere/find/")
    visit.shoot("namesakes", "/deltagere/maaske-samme/")
    visit.shoot("project-new", "/projekter/ny/")
    visit.shoot("project-edit", f"{project}ret/")
    visit.shoot("extracts", "/beboerlister/")
    extract = visit.href("main tbody th a")
    visit.shoot("extract", extract)
    visit.shoot("extract-delete", f"{extract}slet/")
    visit.shoot("extract-new", "/beboerlister/ny/")
    visit.shoot("texts", "/samtykketekster/")
    visit.shoot("text-version", visit.href("main tbody th a"))
    visit.shoot("text-version-arabic", f"{visit.page.url.partition('?')[0]}?sprog=ar")
    visit.shoot("rates-controller", "/samtykke/")
    visit.shoot("rates-plan-controller", visit.href("main tbody th a"))
    visit.shoot("log", "/log/")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--site", default="http://127.0.0.1:8000")
    arguments.add_argument("--password", default=os.environ.get("DEMO_PASSWORD", ""))
    arguments.add_argument("--readme", action="store_true", help="the pictures of the README instead")
    options = arguments.parse_args()
    folder = ROOT / ("docs/pictures" if options.readme else "build/screenshots/demo")
    folder.mkdir(parents=True, exist_ok=True)
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        visitors = {}
        for username in ("medarbejder", "koordinator", "evaluator", "dataansvarlig"):
            visitors[username] = Visitor(browser, options.site, folder, options.readme)
            if username == "medarbejder":
                visitors[username].shoot("sign-in", "/log-ind/")
                visitors[username].shoot("accessibility", "/tilgaengelighed/")
            visitors[username].sign_in(username, options.password)
        staff(visitors["medarbejder"])
        coordinator(visitors["koordinator"])
        deliveries(visitors["evaluator"], visitors["dataansvarlig"])
        controller_only(visitors["dataansvarlig"])
        browser.close()


if __name__ == "__main__":
    main()
