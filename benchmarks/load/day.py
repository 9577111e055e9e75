"""The national day, for locust: what 600 colleagues do, through the real forms.

    locust -f benchmarks/load/day.py --headless --host http://127.0.0.1:PORT -u 600 -r 60 -t 2m

Its settings come from the environment: LOAD_ACCOUNTS (the file of the accounts, whose cookies it keeps), LOAD_RESULT
(where it writes what it measured), LOAD_THINK (mean seconds for a page; 0: at once), LOAD_WARM (seconds of the
beginning that don't count), LOAD_MORNING=1 (everybody signs in once, and that is all), LOAD_ORDER=1 (an evaluator
orders a linkage delivery at the beginning).
"""

import base64
import hashlib
import hmac
import json
import os
import random
import re
import resource
import struct
import time
from datetime import date, timedelta
from pathlib import Path

import gevent
from gevent.queue import Queue
from locust import User, events, task

from benchmarks.load.browser import Browser, Page, Stopped

ACCOUNTS = Path(os.environ["LOAD_ACCOUNTS"])
RESULT = Path(os.environ["LOAD_RESULT"])
THINK = float(os.environ.get("LOAD_THINK", "20"))
WARM = float(os.environ.get("LOAD_WARM", "0"))
MORNING, ORDER = os.environ.get("LOAD_MORNING") == "1", os.environ.get("LOAD_ORDER") == "1"
PASSWORD = "regnvejr og rugbrød 12"
UUID = "[0-9a-f-]{36}"
SESSION = 8 * 3600  # seconds for which a sign-in is good; the site's own limit is two hours longer
GROUP = 6  # people registered one after another: a group usually has 6-15
WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)  # of modulus 11

accounts = json.loads(ACCOUNTS.read_text())
free: Queue = Queue()
shuffled = random.sample(accounts, len(accounts))
first = {row["role"]: row for row in shuffled}  # however few there are at work, one of each role is among them
for row in [*first.values(), *(row for row in shuffled if row is not first[row["role"]])]:
    free.put(row)
browsers: dict[str, Browser] = {}
ordered: list[str] = []


# --- What was measured --------------------------------------------------------------------------------

begun = time.monotonic()
counted_from = begun + WARM
measured: dict[str, list[float]] = {}
failures: list[tuple[str, str]] = []


@events.request.add_listener
def note(name, response_time, exception, **_kwargs):
    if exception:
        failures.append((name, str(exception)))
    elif time.monotonic() >= counted_from:
        measured.setdefault(name, []).append(response_time)


@events.test_start.add_listener
def start(**_kwargs):
    global begun, counted_from
    begun = time.monotonic()
    counted_from = begun + WARM


@events.quitting.add_listener
def write(**_kwargs):
    ACCOUNTS.write_text(json.dumps(accounts))
    used = resource.getrusage(resource.RUSAGE_SELF)
    RESULT.write_text(
        json.dumps(
            {
                "seconds": time.monotonic() - counted_from,
                "times_ms": measured,
                "failures": failures,
                "ordered": ordered,
                "client_cpu_s": used.ru_utime + used.ru_stime,
                "client_mb": used.ru_maxrss / 1024,
            }
        )
    )


# --- People -------------------------------------------------------------------------------------------


class Colleague(User):
    """Does one errand after another. There may be fewer of them than accounts: each errand is of the next account."""

    @task
    def errand(self) -> None:
        account = free.get()
        browser = browsers.get(account["username"]) or browsers.setdefault(
            account["username"], Browser(self.environment, account, THINK)
        )
        try:
            if time.time() - account.get("signed_in", 0) > SESSION:
                _sign_in(browser)
            if MORNING:
                gevent.sleep(3600)  # until the run is over
            elif ORDER and account["role"] == "evaluator" and not ordered:
                ordered.append("")
                _order(browser)
            else:
                doing, weights = zip(*ERRANDS[account["role"]].items(), strict=True)
                random.choices(doing, weights)[0](browser)
        except Stopped as stopped:
            failures.append((stopped.args[0], "the errand ended"))
            gevent.sleep(1)
        finally:
            free.put(account)


def _code(secret: str) -> str:
    """RFC 6238: what the app shows now."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def _sign_in(browser: Browser) -> None:
    """From the first page to Opgaver: password, then the app's code. Who was cut off between the two goes on there."""
    page = browser.read("/log-ind/", "sign in: page")
    if 'name="login"' in page.text:
        action, form = page.form("login")
        form |= {"login": browser.account["username"], "password": PASSWORD}
        page = browser.send(action, "sign in: password", form)
        page = browser.read(page.location, "sign in: page of the code")
    if 'name="code"' in page.text:  # otherwise they are signed in already, and were led home
        action, form = page.form("code")
        page = browser.send(action, "sign in: code", form | {"code": _code(browser.account["secret"])})
        browser.read(page.location, "Opgaver")
    browser.account["signed_in"] = time.time()


# --- Staff and coordinators -----------------------------------------------------------------------------


def _look(browser: Browser) -> None:
    browser.read("/", "Opgaver")
    _somebody(browser)


def _somebody(browser: Browser) -> Page:
    """The list of people, some pages down at times, and one of them."""
    page = browser.read("/deltagere/", "list of people")
    if random.random() < 0.3:
        page = browser.read(f"/deltagere/?page={random.randint(2, 4)}", "list of people, further down")
    return browser.read(random.choice(page.links(f"/deltagere/{UUID}/")), "one person")


def _activity(browser: Browser) -> Page:
    """One of one's activities; where there are none, the next errand begins."""
    page = browser.read("/aktiviteter/", "list of activities")
    return browser.read(random.choice(page.links(f"/aktiviteter/{UUID}/")), "one activity")


def _enrol_one(browser: Browser) -> None:
    _enrol(browser, _activity(browser), people=1)


def _enrol_group(browser: Browser) -> None:
    _enrol(browser, _activity(browser), people=GROUP)


def _enrol_named(browser: Browser) -> None:
    _enrol(browser, _activity(browser), people=1, named=True)


def _enrol(browser: Browser, activity: Page, *, people: int, named: bool = False) -> str:
    """Registers people with their consent on paper; the address of the last one."""
    day, month, year = re.search(r"(\d\d)\.(\d\d)\.(\d{4}) –", activity.text).groups()
    address, name = f"{activity.path}registrer/", "by name" if named else "by number"
    for _ in range(people):
        page = browser.read(address, "register: form", pages=0)
        action, form = page.form("identification")
        form |= {
            "audience": "adult", "wording": "da", "method": "paper",
            "decided_on_day": "3", "decided_on_month": "11", "decided_on_year": "2026",
            "start_day": day, "start_month": month, "start_year": year, "role": random.choice(["mother", "father"]),
        }  # fmt: skip
        form |= _named() if named else _numbered()
        browser.pause(2)  # a form takes longer than a page
        if not named:
            feedback = {key: form[key] for key in ("csrfmiddlewaretoken", "cpr", "identification", "audience")}
            browser.send(f"{address}cpr/", "register: what the number says", feedback, expect=(200,), HX_Request="true")
        page = browser.send(action, f"register: save, {name}", form, expect=(302, 200))
        if page.status == 200:  # asks about an age outside the activity's, or a number that is known: say it is right
            action, form = page.form("identification")
            form |= {"birth_date_confirmed": "on"} if named else {"add_to_registered": "on"}
            page = browser.send(action, "register: save, confirmed", form)
        page = browser.read(page.location, "register: receipt")
    return page.path.partition("?")[0]


def _numbered() -> dict[str, str]:
    """An invented number that fails modulus 11, typed twice as the page asks."""
    born = date(1955, 1, 2) + timedelta(days=random.randrange(12_000))
    while True:
        number = f"{born:%d%m%y}{random.randrange(4000):04}"
        if (born.day, born.month) == (1, 1):
            born += timedelta(days=1)
        elif sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number, strict=True)) % 11:
            break
    return {"identification": "cpr", "cpr": number, "cpr_again": number, "working_name": _name()}


def _named() -> dict[str, str]:
    born = date(1955, 1, 2) + timedelta(days=random.randrange(12_000))
    return {
        "identification": "name_address", "name": _name(), "address": f"Birkevænget {random.randrange(1, 400)}, 8000",
        "birth_date_day": str(born.day), "birth_date_month": str(born.month), "birth_date_year": str(born.year),
        "residence_date_day": "1", "residence_date_month": "6", "residence_date_year": "2012",
    }  # fmt: skip


def _name() -> str:
    first, letter = random.choice(["Aya", "Bodil", "Cabdi", "Dina", "Esther"]), random.choice("BDFGHJKLM")
    return f"{first} {letter}{random.randrange(10**6)}sen"


def _count(browser: Browser) -> None:
    activity = _activity(browser)
    page = browser.read(f"{activity.path}uden-samtykke/", "count without consent: page")
    for _ in range(random.randint(1, 4)):
        action, form = page.form("outcome")
        browser.send(
            action, "count without consent: one more", form | {"change": "1"}, expect=(200,), HX_Request="true"
        )
        browser.pause(0.2)


def _correct(browser: Browser) -> None:
    person = _somebody(browser)
    links = person.links(f"/deltagere/{UUID}/ret/")
    if not links:  # the consent has lapsed: the identity is locked
        return
    page = browser.read(links[0], "correct: form")
    named = 'name="address"' in page.text
    action, form = page.form("address" if named else "working_name")
    form |= {"address": f"Elmevej {random.randrange(1, 400)}, 8000 Aarhus"} if named else {"working_name": _name()}
    page = browser.send(action, "correct: save", form)
    browser.read(page.location, "one person")


def _withdraw(browser: Browser) -> None:
    """Somebody calls who was registered by mistake: looked up by the number, and taken out."""
    activity = _activity(browser)
    address = _enrol(browser, activity, people=1)
    page = browser.read("/deltagere/find/", "find: form")
    action, form = page.form("identification")
    browser.send(action, "find: by number, nobody", form | {"identification": "cpr", "cpr": _numbered()["cpr"]},
                 expect=(200,))  # fmt: skip
    page = browser.read(f"{address}tilbagetraekning/", "withdraw: form")
    action, form = page.form("reason")
    page = browser.send(action, "withdraw: save", form | {"reason": "by_mistake"})
    browser.read(page.location, "withdraw: receipt")


def _reveal(browser: Browser) -> None:
    """The full number; who signed in a while ago shows a code."""
    person = _somebody(browser)
    if "/cpr/" not in person.text:  # known by name, or locked
        return
    action, form = person.form("reason")
    page = browser.send(action, "full number: asked", form, expect=(200,), HX_Request="true")
    if 'name="password"' in page.text:
        code, used = _code(browser.account["secret"]), browser.account.get("code")
        browser.account["code"] = code
        typed = PASSWORD if code == used else code  # a code is good for once
        browser.send(action, "full number: confirmed", form | {"password": typed}, expect=(200,), HX_Request="true")


def _rates(browser: Browser) -> None:
    page = browser.read("/samtykke/", "rates")
    if random.random() < 0.5:
        trends = page.links(f"/samtykke/(?:{UUID}/)?udvikling/")
        browser.read(trends[0], "rates, year by year")


def _colleagues(browser: Browser) -> None:
    browser.read("/medarbejdere/", "list of colleagues")
    browser.read("/planens-log/", "log of the plan")


# --- Evaluators and controllers --------------------------------------------------------------------------


def _projects(browser: Browser) -> None:
    browser.read("/", "Opgaver (evaluator, controller)")
    page = browser.read("/projekter/", "list of projects")
    browser.read(page.links(f"/projekter/{UUID}/")[0], "one project")
    page = browser.read("/leverancer/", "list of deliveries")
    if found := page.links(f"/leverancer/{UUID}/"):
        browser.read(found[0], "one delivery")


def _order(browser: Browser) -> None:
    """A linkage delivery, which is prepared while all this goes on."""
    page = browser.read("/projekter/", "list of projects")
    page = browser.read(page.links(f"/projekter/{UUID}/")[0] + "koblingsfil/", "order a linkage delivery: form")
    _, form = page.form("csrfmiddlewaretoken")
    page = browser.send(page.path, "order a linkage delivery", form)
    ordered[:] = [page.location]
    browser.read(page.location, "one delivery")


def _watch(browser: Browser) -> None:
    browser.read("/", "Opgaver (evaluator, controller)")
    browser.read("/samtykke/", "rates of all plans")
    browser.read("/log/", "log")
    browser.read("/log/?action=project.ended", "log, a rare action")
    browser.read("/leverancer/", "list of deliveries")


_AT_PLANS = {
    _look: 30, _activity: 14, _enrol_one: 22, _enrol_named: 6, _enrol_group: 4, _count: 8, _correct: 6, _withdraw: 3,
    _reveal: 3,
}  # fmt: skip
ERRANDS = {
    "staff": _AT_PLANS,
    "coordinator": _AT_PLANS | {_rates: 25, _colleagues: 8},
    "evaluator": {_projects: 1},
    "controller": {_watch: 1},
}
