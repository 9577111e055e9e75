"""Enrolments per second through the real web server: gunicorn with 2 workers, real sessions, CSRF, real database.

`python -m benchmarks.enrolment` on the database and folders that the environment names. Prints one line of JSON:
requests, seconds, per_second, p50_ms, p95_ms, failed.
"""

import http.client
import json
import os
import random
import re
import statistics
import subprocess
import threading
import time
import urllib.parse
from datetime import date, timedelta

REQUESTS, CLIENTS = 3000, 8


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    from django.urls import reverse

    from accounts.permissions import Role
    from config.supervisor import web_command
    from consent.models import Audience
    from tests.factories.cast import PASSWORD, make_activity, make_plan, make_text, make_user

    text = make_text(Audience.ADULT)
    assert text.language == "da"
    plans = [make_plan() for _ in range(CLIENTS)]
    users = [make_user(Role.STAFF, plan) for plan in plans]
    paths = [reverse("consent:enrol", args=[make_activity(plan).pk]) for plan in plans]
    port = 18_000 + os.getpid() % 1000
    web = subprocess.Popen(web_command(f"127.0.0.1:{port}"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        results = _run(port, [(user.username, str(user.pk)) for user in users], PASSWORD, paths)
    finally:
        web.terminate()
        web.wait()
    print(json.dumps(results))


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/log-ind/")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server did not start")


class Browser:
    """One kept-alive connection with cookies: as little of its own processor time as possible."""

    def __init__(self, port: int):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, path, body, headers)
        except OSError:  # kept alive for too long while the others were getting ready
            self.connection.close()
            self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        for value in response.headers.get_all("Set-Cookie") or []:
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.split(";")[0]
        return response.status, content.decode()

    def sign_in(self, username: str, password: str) -> None:
        _, page = self.ask("GET", "/log-ind/")
        form = {"csrfmiddlewaretoken": _token(page), "login": username, "password": password}
        status, _ = self.ask("POST", "/log-ind/", urllib.parse.urlencode(form))
        assert status == 302, status


def _token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return found[1]


def _bodies(token: str, obtained_by: str, count: int, seed: int) -> list[str]:
    """Whole forms with numbers that fail modulus 11, typed twice as the page asks."""
    from tests.factories.cast import cpr_text
    from tests.factories.forms import typed

    start = random.Random(seed).randrange(3000)
    bodies = []
    for n in range(count):
        number = cpr_text(date(1960, 3, 3) + timedelta(days=start + n // 400), n % 400)
        form = typed(cpr=number, cpr_again=number, obtained_by=obtained_by, csrfmiddlewaretoken=token)
        bodies.append(urllib.parse.urlencode(form))
    return bodies


def _run(port: int, users: list[tuple[str, str]], password: str, paths: list[str]) -> dict:
    times: list[float] = []
    failed: list[int] = []
    ready = threading.Barrier(len(users) + 1)

    def client(n: int) -> None:
        browser = Browser(port)
        browser.sign_in(users[n][0], password)
        _, page = browser.ask("GET", paths[n])
        bodies = _bodies(_token(page), users[n][1], REQUESTS // len(users) + 20, n)
        for body in bodies[:20]:
            browser.ask("POST", paths[n], body)
        ready.wait()
        for body in bodies[20:]:
            start = time.perf_counter()
            status, _ = browser.ask("POST", paths[n], body)
            times.append(time.perf_counter() - start)
            if status != 302:
                failed.append(status)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(len(users))]
    for thread in threads:
        thread.start()
    ready.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    cuts = statistics.quantiles(times, n=100)
    return {
        "requests": len(times),
        "seconds": round(seconds, 2),
        "per_second": round(len(times) / seconds, 1),
        "p50_ms": round(cuts[49] * 1000, 1),
        "p95_ms": round(cuts[94] * 1000, 1),
        "failed": len(failed),
        "statuses": sorted(set(failed)),
    }


if __name__ == "__main__":
    main()
