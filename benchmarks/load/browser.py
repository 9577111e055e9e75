"""One person's browser for locust: keeps cookies and connection, reads forms as they stand on a page, sends them back.

It takes as little processor time as it can (regular expressions, no parser): it shares the machine with the site.
"""

import html
import random
import re
import urllib.parse

import gevent
from locust.contrib.fasthttp import FastHttpSession

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
INPUT = re.compile(r"<input\b([^>]*)>")
SELECT = re.compile(r'<select\b[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
OPTION = re.compile(r'<option\b[^>]*\bvalue="([^"]*)"([^>]*)>')
ATTRIBUTE = re.compile(r'\b(name|value|type|action)="([^"]*)"')
ALERT = re.compile(r'class="(?:form-error-message|alert-text)[^"]*"[^>]*>(.*?)</', re.DOTALL)


class Stopped(Exception):
    """A page was not what it should be; it is counted as an error, and the errand ends."""


class Page:
    def __init__(self, path: str, status: int, text: str, location: str):
        self.path, self.status, self.text, self.location = path, status, text, location

    def links(self, pattern: str) -> list[str]:
        """Addresses on the page that match as a whole."""
        return list(dict.fromkeys(re.findall(rf'href="({pattern})"', self.text)))

    def form(self, field: str) -> tuple[str, dict[str, str]]:
        """Where the form with `field` goes, and what it holds as it stands."""
        for attributes, body in FORM.findall(self.text):
            if f'name="{field}"' in body:
                action = dict(ATTRIBUTE.findall(attributes)).get("action", self.path)
                return html.unescape(action), _held(body)
        raise Stopped(f"no form with {field}")

    @property
    def complaint(self) -> str:
        found = ALERT.search(self.text)
        return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else ""


def _held(body: str) -> dict[str, str]:
    held = {}
    for attributes in INPUT.findall(body):
        known = dict(ATTRIBUTE.findall(attributes))
        chosen = known.get("type") not in ("radio", "checkbox") or re.search(r"\bchecked\b", attributes)
        if chosen and "name" in known:
            held[known["name"]] = html.unescape(known.get("value", ""))
    for name, options in SELECT.findall(body):
        found = OPTION.findall(options)
        chosen_options = [value for value, rest in found if "selected" in rest] or [value for value, _ in found[:1]]
        if chosen_options:
            held[name] = html.unescape(chosen_options[0])
    return held


class Browser:
    """`account`: a row of accounts.json, whose "cookies" are kept up to date. `think`: mean seconds for a page."""

    def __init__(self, environment, account: dict, think: float):
        self.account, self.think = account, think
        self.cookies: dict[str, str] = account.setdefault("cookies", {})
        self.session = FastHttpSession(
            base_url=environment.host, request_event=environment.events.request, user=None,
            network_timeout=60.0, connection_timeout=60.0, concurrency=1,
        )  # fmt: skip
        self.session.client.cookiejar = None

    def read(self, path: str, name: str, *, pages: float = 1) -> Page:
        """GET, following redirects, each counted by itself; then some time to read, in mean `pages` times `think`."""
        page = self._ask("GET", path, name, None, (200, 302))
        for _ in range(3):
            if page.status != 302:
                break
            page = self._ask("GET", page.location, name, None, (200, 302))
        self.pause(pages)
        return page

    def send(self, path: str, name: str, form: dict[str, str], *, expect: tuple[int, ...] = (302,), **headers) -> Page:
        """POST; its answer is not followed."""
        return self._ask("POST", path, name, urllib.parse.urlencode(form), expect, **headers)

    def pause(self, pages: float = 1) -> None:
        if self.think:
            self.session.client.close()  # the server does, after two seconds; a browser sees that and connects anew
            gevent.sleep(self.think * pages * random.uniform(0.5, 1.5))

    def _ask(self, method: str, path: str, name: str, body: str | None, expect: tuple[int, ...], **more: str) -> Page:
        headers = {
            "Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items()),
            "X-Forwarded-For": self.account["address"],
            "Accept-Language": "da",
        } | {key.replace("_", "-"): value for key, value in more.items()}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with self.session.request(
            method, path, name=name, data=body, headers=headers, allow_redirects=False, catch_response=True
        ) as answer:
            for value in (answer.headers or {}).getlist("set-cookie") if answer.headers else []:
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
            page = Page(
                path, answer.status_code, (answer.content or b"").decode(), (answer.headers or {}).get("location", "")
            )
            if page.status not in expect:
                what = f"{page.status} {page.complaint or answer.error or ''}"[:200]
                answer.failure(what)
                raise Stopped(what)
            if "/log-ind/" in page.location and not path.startswith("/log-ind/"):
                answer.failure("signed out")
                raise Stopped("signed out")
            answer.success()
        return page
