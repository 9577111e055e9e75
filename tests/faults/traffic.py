"""People at work at a site, over HTTP, and what it has told them: each answer that says yes is written down.

They do as people do: fill in the form that the page shows; when no answer comes, or a page says that the site can't
answer now, they send the same form again; they sign in again when they are asked to.
"""

import hashlib
import html
import itertools
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import requests

from tests.factories.cast import PASSWORD, cpr_text
from tests.factories.forms import date_parts, typed, typed_name

INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
UUID = r"([0-9a-f]{8}-[0-9a-f-]{27})"
AWAY, AGAIN = "Systemet kan ikke svare lige nu", "Send igen"
ANSWER_SECONDS = 20
_person = itertools.count()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Book:
    """What was asked for, and what the site has said yes to. People by a digest of what they are known by."""

    def __init__(self):
        self.lock = threading.Lock()
        self.tried: set[str] = set()
        self.enrolled: dict[str, str] = {}  # digest -> participant
        self.withdrawn: set[str] = set()  # participants
        self.ordered: set[str] = set()  # deliveries
        self.approved: set[str] = set()
        self.seen: Counter[str] = Counter()  # 503, no answer, signed in ...
        self.faults: list[str] = []  # what nobody should ever see


class Stopped(Exception):
    """The day is over."""


class Person(threading.Thread):
    """Somebody with a browser, until told to go home."""

    def __init__(self, address: str, username: str, book: Book):
        super().__init__(daemon=True)
        self.address, self.username, self.book = address, username, book
        self.session = requests.Session()
        self.home, self.pause, self.waits = threading.Event(), threading.Event(), threading.Event()
        self.done = 0  # whole pieces of work

    def run(self) -> None:
        while not self.home.is_set():
            if self.pause.is_set():
                self.waits.set()
                time.sleep(0.05)
                continue
            self.waits.clear()
            try:
                self.work()
                self.done += 1
                time.sleep(random.uniform(0.05, 0.25))
            except Stopped:
                pass
            except Exception as error:  # a form that wasn't there, say
                self.fault(f"{type(error).__name__} at {error.__traceback__.tb_next.tb_lineno}")
                time.sleep(1)
        self.waits.set()

    def work(self) -> None:
        raise NotImplementedError

    def fault(self, sentence: str) -> None:
        with self.book.lock:
            self.book.faults.append(f"{self.username}: {sentence}")

    # --- One page --------------------------------------------------------------------------------------

    def read(self, path: str) -> requests.Response:
        return self._until_answered(lambda: self.session.get(self.address + path, timeout=ANSWER_SECONDS), path, {})

    def send(self, path: str, form: dict[str, str]) -> requests.Response:
        """The answer to the form, as often as it takes to get one."""

        def post() -> requests.Response:
            return self.session.post(self.address + path, form, allow_redirects=False, timeout=ANSWER_SECONDS)

        while True:
            answer = self._until_answered(post, path, form)
            if not self._is_sign_in(answer):
                return answer
            form |= {"csrfmiddlewaretoken": dict(hidden(self.read(path)))["csrfmiddlewaretoken"]}

    def _until_answered(self, ask: Callable[[], requests.Response], path: str, form: dict) -> requests.Response:
        while not self.home.is_set():
            try:
                answer = ask()
            except requests.RequestException as error:
                self._count(f"no answer ({type(error).__name__})")
                time.sleep(0.3)
                continue
            self._count(str(answer.status_code))
            if answer.status_code == 503:
                self._is_clear(answer, form)
                time.sleep(0.5)
            elif answer.status_code >= 500 or "Traceback" in answer.text:
                self.fault(f"{answer.status_code} for {re.sub(UUID, '…', path)}")
                time.sleep(0.5)
            elif self._is_sign_in(answer) and not path.startswith("/log-ind"):
                self._sign_in(answer)
                if form:
                    return answer
            else:
                return answer
        raise Stopped

    def _count(self, what: str) -> None:
        with self.book.lock:
            self.book.seen[what] += 1

    def _is_clear(self, answer: requests.Response, form: dict) -> None:
        """A page in words; what was typed, and no password, is on it to be sent again."""
        if AWAY not in answer.text:
            self.fault("a 503 without words")
        if form and "password" not in form:
            kept = {name: html.unescape(value) for name, value in INPUT.findall(answer.text)}
            if AGAIN not in answer.text or not form.items() <= kept.items():
                self.fault("a 503 that has lost what was typed")

    @staticmethod
    def _is_sign_in(answer: requests.Response) -> bool:
        return "/log-ind/" in (answer.headers.get("Location") or answer.url)

    def _sign_in(self, page: requests.Response) -> None:
        where = page.headers.get("Location") or page.url.removeprefix(self.address)
        form = dict(hidden(self.read(where))) | {"login": self.username, "password": PASSWORD}
        answer = self._until_answered(
            lambda: self.session.post(self.address + where, form, allow_redirects=False, timeout=ANSWER_SECONDS),
            "/log-ind/", form,
        )  # fmt: skip
        self._count("signed in" if answer.status_code == 302 else "not signed in")
        if answer.status_code != 302:
            time.sleep(1)


def hidden(page: requests.Response) -> list[tuple[str, str]]:
    """What the page's forms send unseen."""
    return [(name, html.unescape(value)) for name, value in INPUT.findall(page.text)]


class Clerk(Person):
    """Enrols people by number and by name, reads lists, and takes some consents back."""

    def __init__(self, address: str, username: str, book: Book, activity: str, user: str):
        super().__init__(address, username, book)
        self.activity, self.user, self.mine = activity, user, []

    def work(self) -> None:
        match random.random():
            case luck if luck < 0.55:
                self.enrol(by_number=luck < 0.3)
            case luck if luck < 0.7 and self.mine:
                self.withdraw(self.mine.pop())
            case luck if luck < 0.85:
                self.read(f"/aktiviteter/{self.activity}/")
            case _:
                self.read("/deltagere/")

    def enrol(self, *, by_number: bool) -> None:
        n = next(_person)
        born = date(1940, 3, 3) + timedelta(days=n % 7000)
        if by_number:
            number = cpr_text(born + timedelta(days=(born.month, born.day) == (1, 1)), n % 400)
            known_by, form = number, typed(cpr=number, cpr_again=number, working_name="Opdigtet")
        else:  # everybody is somebody else than those of the same name and birth date, of whom there are some
            known_by = f"Birkevænget {n}, 8000 Aarhus C"
            form = typed_name(f"Bodil {n % 5}", born=date(1980, 5, 6), address=known_by, same_person="another")
        path = f"/aktiviteter/{self.activity}/registrer/"
        form |= dict(hidden(self.read(path))) | {"obtained_by": self.user}
        with self.book.lock:
            self.book.tried.add(digest(known_by))
        answer = self.send(path, form)
        found = re.search(f"/deltagere/{UUID}/", answer.headers.get("Location", ""))
        if not found:
            self.fault(f"an enrolment was answered with {answer.status_code}")
            return
        with self.book.lock:
            self.book.enrolled[digest(known_by)] = found[1]
        self.mine.append(found[1])

    def withdraw(self, person: str) -> None:
        path = f"/deltagere/{person}/tilbagetraekning/"
        form = dict(hidden(self.read(path))) | date_parts("withdrawn_on", date(2020, 5, 5))
        answer = self.send(path, form)
        if "/trukket-tilbage/" not in answer.headers.get("Location", ""):
            self.fault(f"a withdrawal was answered with {answer.status_code}")
            return
        with self.book.lock:
            self.book.withdrawn.add(person)


class Evaluator(Person):
    """Asks for deliveries, one after the other."""

    def __init__(self, address: str, username: str, book: Book, project: str):
        super().__init__(address, username, book)
        self.project = project

    def work(self) -> None:
        if len(self.book.ordered) > len(self.book.approved):
            time.sleep(0.3)
            self.read("/leverancer/")
            return
        path = f"/projekter/{self.project}/koblingsfil/"
        answer = self.send(path, dict(hidden(self.read(path))))
        if found := re.search(f"/leverancer/{UUID}/", answer.headers.get("Location", "")):
            with self.book.lock:
                self.book.ordered.add(found[1])
        else:
            self.fault(f"an order was answered with {answer.status_code}")


class Controller(Person):
    """Says yes to what is prepared."""

    def work(self) -> None:
        time.sleep(0.5)
        for delivery in sorted(self.book.ordered - self.book.approved):
            path = f"/leverancer/{delivery}/godkendelse/"
            page = self.read(path)
            form = dict(hidden(page))
            if "shown" not in form:  # not prepared yet
                continue
            answer = self.send(path, form | {"decision": "yes", "reason": "Som aftalt.", "k_accepted": "Som aftalt."})
            if answer.headers.get("Location", "").endswith(f"/leverancer/{delivery}/"):
                with self.book.lock:
                    self.book.approved.add(delivery)
            else:
                self.fault(f"an approval was answered with {answer.status_code}")
