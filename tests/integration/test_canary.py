"""A number, a name and an address put in through the form are found nowhere as plain text.

Not in the database's files (with its log and write-ahead log), the broker, the cache, sessions, cookies, logs or
error pages. Each place is also searched for something that must be there, and the search is shown to find a canary
where a protection is taken away.
"""

import base64
import contextlib
import io
import logging
import os
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import reverse

from collection.models import Participant
from config.celery import app
from config.logs import QuietHandler
from consent.models import Audience
from tests.factories.cast import cpr_text, make_activity, make_plan, make_text
from tests.factories.forms import typed, typed_name
from tests.plugins.processes import content_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow_on_postgres]


class Canary:
    """Another one in each test, so that no file of an earlier test can hold it."""

    def __init__(self):
        mark = f"{random.randrange(16**8):08x}"
        self.born = date(1950, 3, 3) + timedelta(days=random.randrange(10_000))
        self.number = cpr_text(self.born + timedelta(days=(self.born.month, self.born.day) == (1, 1)))
        self.name = f"Qanarius Zyx{mark}"
        self.address = f"Papegøjevej{mark} 7, 9999 Ingensteder"

    def spellings(self) -> list[bytes]:
        plain = [self.number, f"{self.number[:6]}-{self.number[6:]}", self.name, self.address[11:19]]
        spelled = [text.encode() for text in (*plain, quote(self.name), self.name.replace(" ", "+"))]
        spelled += [text.encode("utf-16-le") for text in plain] + [text.encode().hex().encode() for text in plain]
        return spelled + [encoded for text in plain for encoded in _base64(text.encode())]

    def found_in(self, data: bytes) -> bool:
        return any(spelling in data for spelling in self.spellings())


def _base64(text: bytes) -> Iterator[bytes]:
    """How `text` looks inside something longer in base64, at each of the three alignments."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + text + b"\0\0")
        yield encoded[4 if before else 0 : (before + len(text)) // 3 * 4]


@pytest.fixture
def canary():
    return Canary()


@pytest.fixture(autouse=True)
def empty_queue():
    yield
    app.control.purge()


@pytest.fixture
def log():
    """What the site's own handler writes, at the most talkative level."""
    handler = next(handler for handler in logging.getLogger().handlers if isinstance(handler, QuietHandler))
    loggers = [logging.getLogger(name) for name in ("", "django", "django.server")]
    levels = [logger.level for logger in loggers]
    written = io.StringIO()
    stream = handler.setStream(written)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield written
    handler.setStream(stream)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def activity():
    for audience in Audience:
        make_text(audience)
    return make_activity(make_plan(name="Helhedsplan Findes"), start=date(2014, 2, 1), end=None)


@pytest.fixture
def save(client, activity):
    client.force_login(activity.responsible)
    client.raise_request_exception = False
    url = reverse("consent:enrol", args=[activity.pk])
    return lambda data, **headers: client.post(url, data | {"obtained_by": activity.responsible.pk}, headers=headers)


def stored() -> Iterator[tuple[str, bytes]]:
    """(place, content) of everything that the site and its servers keep."""
    folders = [settings.DATA_DIR, settings.KEY_DIR]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
            cursor.execute("SHOW data_directory")
            folders.append(Path(cursor.fetchone()[0]).parent)
        yield from _in_redis()
    for path in (path for folder in folders for path in files_below(folder)):
        with contextlib.suppress(FileNotFoundError):  # a server's own temporary file
            yield str(path), content_of(path)
    for session in Session.objects.all():  # compressed in the database
        yield "a session", str(session.get_decoded()).encode()


def files_below(folder: Path) -> Iterator[Path]:
    # os.walk passes over a folder that goes while it walks: another test worker drops its database
    for parent, _, names in os.walk(folder):
        yield from (path for name in names if (path := Path(parent, name)).is_file())


def _in_redis() -> Iterator[tuple[str, bytes]]:
    server = redis.from_url(settings.CELERY_BROKER_URL)
    readers = {
        b"string": server.get,
        b"list": lambda key: b"\n".join(server.lrange(key, 0, -1)),
        b"set": lambda key: b"\n".join(server.smembers(key)),
        b"hash": lambda key: b"\n".join(server.hgetall(key).values()),
        b"zset": lambda key: b"\n".join(server.zrange(key, 0, -1)),
    }
    for key in server.scan_iter():
        yield f"redis {key!r}", key + (readers[server.type(key)](key) or b"")


def places_of(canary: Canary) -> list[str]:
    return [place for place, content in stored() if canary.found_in(content)]


def test_what_is_typed_into_the_form_is_plain_text_nowhere(canary, save, client, activity, log):
    app.send_task("tests.nothing", args=["besked til køen"])
    save(typed(cpr=canary.number, working_name=canary.name, start_year="2050"))  # an error: all of it shown again
    save(typed(cpr=canary.number, working_name=canary.name))  # a doubt
    saved = save(typed(cpr=canary.number, cpr_again=canary.number, working_name=canary.name))
    assert saved.status_code == 302
    save(typed(cpr=canary.number, cpr_again=canary.number))  # told of as registered
    client.post(reverse("consent:enrol_cpr", args=[activity.pk]), typed(cpr=canary.number), headers={"HX-Request": "1"})
    by_name = typed_name(canary.name, born=canary.born + timedelta(days=1), address=canary.address)
    assert save(by_name).status_code == 302
    person = Participant.ungated.get(identification="cpr")
    shown = client.post(reverse("consent:reveal", args=[person.pk]), {"reason": "contact"})
    assert canary.number[6:] in shown.text
    for url in (saved["Location"], reverse("consent:participants"), reverse("consent:activity", args=[activity.pk])):
        assert canary.name in client.get(url).text
    assert Participant.ungated.count() == 2

    assert places_of(canary) == []
    assert not canary.found_in(log.getvalue().encode())
    assert set(client.cookies) <= {"sessionid", "csrftoken"}  # no message cookie, whose content is compressed
    assert not canary.found_in(str(client.cookies).encode())
    everything = dict(stored())
    assert any(b"Helhedsplan Findes" in content for content in everything.values())
    queued = next(_base64(b"besked"))
    assert any(queued in content for content in everything.values())
    assert '"view": "consent:enrol"' in log.getvalue()


def test_a_withdrawn_identity_is_gone_also_as_ciphertext(canary, save, client):
    save(typed(cpr=canary.number, cpr_again=canary.number, working_name=canary.name))
    person = Participant.ungated.get()
    records = [person.cpr.record, person.name.record, bytes(person.cpr_index)]
    day = {f"withdrawn_on_{part}": getattr(date.today(), part) for part in ("day", "month", "year")}
    assert client.post(reverse("consent:withdraw", args=[person.pk]), day).status_code == 302
    if connection.vendor == "sqlite":  # PostgreSQL keeps dead rows until a vacuum, and its log for longer
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert not [place for place, content in stored() for record in records if record in content]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("where", ["in the view", "in a template"])
def test_an_error_page_shows_nothing_of_what_was_typed(canary, save, log, settings, monkeypatch, debug, where):
    settings.DEBUG = debug
    break_the_page(monkeypatch, where)
    response = save(typed(cpr=canary.number, cpr_again=canary.number, working_name=canary.name))
    assert response.status_code == 500
    assert not canary.found_in(response.content)
    assert not canary.found_in(log.getvalue().encode())
    assert "ValueError" in log.getvalue()
    if debug:
        assert "ValueError" in response.text
    assert places_of(canary) == []


@pytest.mark.parametrize("debug", [False, True])
def test_a_plain_text_error_for_scripts_shows_nothing_either(canary, save, settings, monkeypatch, debug):
    settings.DEBUG = debug
    break_the_page(monkeypatch, "in the view")
    data = typed(cpr=canary.number, cpr_again=canary.number, working_name=canary.name)
    response = save(data, accept="text/plain", x_requested_with="XMLHttpRequest")
    assert response.status_code == 500
    assert not canary.found_in(response.content)


def break_the_page(monkeypatch, where: str) -> None:
    """An exception that quotes the whole form, raised after the form was read."""

    def fail(*args, **kwargs):
        identity = kwargs["identity"]
        raise ValueError(f"{identity.cpr.digits} {identity.working_name}") from KeyError(identity.cpr.digits)

    def fail_in_template(form, *args):
        raise ValueError(f"{form.data['cpr']} {form.data['working_name']}")

    if where == "in the view":
        monkeypatch.setattr("consent.views.enrolment.enrol", fail)
    else:
        monkeypatch.setattr("consent.views.enrolment._save", lambda *args: None)
        monkeypatch.setattr("consent.forms.enrolment.EnrolForm.questions", property(fail_in_template))


# --- The search finds a canary where a protection is taken away --------------------------------------------


def test_the_search_finds_a_canary_in_a_session(canary, client, activity):
    client.force_login(activity.responsible)
    session = client.session
    session["form"] = {"cpr": canary.number}
    session.save()
    assert places_of(canary)


def test_the_search_finds_a_canary_in_a_message_to_the_broker(canary, activity):
    app.send_task("tests.nothing", args=[canary.number])
    assert places_of(canary)


def test_the_search_finds_a_canary_in_a_field_that_is_not_sealed(canary, activity):
    make_plan(name=canary.name)
    assert places_of(canary)


def test_an_ordinary_error_page_and_an_ordinary_log_would_show_it(canary, save, log, settings, monkeypatch):
    settings.DEBUG = True
    settings.DEFAULT_EXCEPTION_REPORTER = "django.views.debug.ExceptionReporter"
    break_the_page(monkeypatch, "in the view")
    handler = next(handler for handler in logging.getLogger().handlers if isinstance(handler, QuietHandler))
    formatter = handler.formatter
    handler.setFormatter(logging.Formatter())
    try:
        response = save(typed(cpr=canary.number, cpr_again=canary.number, working_name=canary.name))
    finally:
        handler.setFormatter(formatter)
    assert canary.found_in(response.content)
    assert canary.found_in(log.getvalue().encode())
