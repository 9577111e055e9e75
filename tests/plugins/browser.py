"""Debian's Chromium against the live server: nothing else is reachable, and what goes wrong in a page fails the test.

`page` is 1280 px wide, `phone` 390 px; `open_browser(width)` makes more, each with cookies of its own, and
`visit(user, width)` one on which somebody is signed in.
"""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
DESKTOP, PHONE = 1280, 390
QUIET_CHROMIUM = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.fixture(scope="session")
def chromium():
    """One running Chromium for the session."""
    from playwright.sync_api import sync_playwright

    # Playwright's synchronous interface runs an event loop in this thread, and Django would refuse the ORM beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if not executable:
        pytest.fail("Chromium is not installed. Run `make debian-packages`, which installs it or says how.")
    arguments = [*QUIET_CHROMIUM, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        # its own words, as on the button that chooses a file, are Danish where chromium-l10n is installed
        danish = {**os.environ, "LANGUAGE": "da"}
        browser = playwright.chromium.launch(executable_path=executable, args=arguments, env=danish)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium, live_server):
    """`open_browser(width=1280, **options)`: a page in a fresh browser profile; options as of Playwright's new_context.

    At the end of the test it fails if a page asked for anything off the live server, threw a script error or
    broke the content security policy. `open_browser.troubles` lists these so far.
    """
    troubles: list[str] = []
    contexts = []

    def asked_for(request):
        if not request.url.startswith((live_server.url, "data:", "blob:")):
            troubles.append(f"request off the site: {request.url}")

    def heard(message):
        if "Content Security Policy" in message.text:
            troubles.append(message.text)

    def open_(width: int = DESKTOP, **options):
        options = {
            "viewport": {"width": width, "height": 900},
            "locale": "da-DK",
            "base_url": live_server.url,
        } | options
        context = chromium.new_context(**options)
        context.set_default_timeout(10_000)
        # heard here, stopped by Chromium's rules: a route for each request takes as long again
        context.on("request", asked_for)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
        page.on("console", heard)
        return page

    open_.troubles = troubles
    yield open_
    for context in contexts:
        context.close()
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def page(open_browser):
    return open_browser(DESKTOP)


@pytest.fixture
def phone(open_browser):
    return open_browser(PHONE, has_touch=True)


@pytest.fixture
def visit(open_browser, client, live_server):
    """`visit(user, width=390, **options)`: a page in a fresh browser profile on which the user is signed in."""

    def open_(user, width: int = PHONE, **options):
        client.force_login(user)
        page = open_browser(width, **options)
        session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        page.context.add_cookies([session])
        return page

    return open_


def link(page, name: str):
    return page.get_by_role("link", name=name).locator("visible=true").first


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True).locator("visible=true").first


def fill_date(page, name: str, day: date) -> None:
    """Types into the three fields of a date."""
    for part in ("day", "month", "year"):
        page.fill(f"[name={name}_{part}]", str(getattr(day, part)))


def draw(page, *strokes) -> None:
    """Draws with a finger on the page's canvas: strokes of points in shares of the box."""
    frame = page.locator("canvas").bounding_box()
    finger = page.context.new_cdp_session(page)

    def touch(kind, *points):
        places = [{"x": frame["x"] + x * frame["width"], "y": frame["y"] + y * frame["height"]} for x, y in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    for first, *others in strokes:
        touch("touchStart", first)
        for point in others:
            touch("touchMove", point)
        touch("touchEnd")


SIGNATURE = ([(0.2, 0.5), (0.3, 0.2), (0.4, 0.8), (0.5, 0.3), (0.6, 0.6)], [(0.7, 0.4), (0.8, 0.7)], [(0.9, 0.9)])


def assert_fits(page) -> None:
    """Nothing runs out of the page on the right."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def assert_accessible(page) -> None:
    """axe finds nothing serious or critical on the page as it stands."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_load_state()
    found = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n    "
        + "\n    ".join(", ".join(map(str, node["target"])) for node in violation["nodes"])
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert not found, f"axe on {page.url}:\n" + "\n".join(found)


def screenshot(page, name: str) -> None:
    """With SCREENSHOTS=1, keeps the whole page as build/screenshots/NAME-WIDTH.png, to be looked at."""
    if not os.environ.get("SCREENSHOTS"):
        return
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}-{page.viewport_size['width']}.png"
    page.screenshot(path=path, full_page=True)
