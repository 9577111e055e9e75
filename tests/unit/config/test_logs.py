"""A CPR number that is anywhere near a log line does not get into it."""

import io
import json
import logging
import sys

import pytest
import structlog
from celery import Celery
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from config import logs

CPR = "070761-4286"  # fails modulus 11, so it is nobody's


@pytest.fixture
def lines(monkeypatch):
    """What has been logged: `lines()` gives the lines as dictionaries."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure({"format": "json", "level": "DEBUG"})
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    monkeypatch.undo()
    logs.configure({"format": "json", "level": "INFO"})


def number_in(lines) -> bool:
    return any(digits in json.dumps(lines()) for digits in (CPR, CPR.replace("-", ""), CPR.replace("-", " ")))


def fail_with_number():
    number = CPR  # noqa: F841  a local variable that a trace could quote
    name = "Ærlig Åsen"
    raise ValueError(f"{CPR} is not the number of {name}")


def log_failure(log):
    try:
        try:
            fail_with_number()
        except ValueError as error:
            raise KeyError(CPR) from error
    except KeyError:
        log()


@pytest.mark.parametrize(
    "log",
    [
        lambda: logging.getLogger("django.request").exception("It failed"),
        lambda: structlog.get_logger("site").exception("It failed"),
    ],
    ids=["stdlib", "structlog"],
)
def test_an_exception_is_logged_as_types_and_lines_of_code(lines, log):
    log_failure(log)
    (line,) = lines()
    assert line["error"] == "ValueError -> KeyError"
    assert line["trace"][0].startswith("tests/unit/config/test_logs.py:")
    assert line["trace"][0].endswith(" log_failure")
    assert "Ærlig" not in json.dumps(line, ensure_ascii=False)
    assert not number_in(lines)


@pytest.mark.parametrize(
    "log",
    [
        lambda: logging.getLogger("some.library").warning("Bad value %s", CPR),
        lambda: logging.getLogger("some.library").warning("Bad value %s", ValueError(f"Ærlig {CPR}")),
        lambda: logging.getLogger("some.library").warning(ValueError(f"Ærlig {CPR}")),
        lambda: logging.getLogger("some.library").warning(f"Bad value {CPR.replace('-', '')}"),
        lambda: structlog.get_logger().warning("Bad value", value=CPR, more=[{CPR: (CPR,)}], error=ValueError(CPR)),
        lambda: structlog.get_logger().warning(f"GET /?cpr={CPR.replace('-', '%2d')}&x={CPR.replace('-', '+')}"),
        lambda: logging.getLogger("celery.app.trace").error(
            "Task %(name)s[%(id)s] %(description)s: %(exc)s",
            {"name": "n", "id": "i", "description": "failed", "exc": f"ValueError('Ærlig {CPR}')", "args": CPR},
            extra={"data": {"args": CPR}},
        ),
        lambda: logging.getLogger("django.db.backends").debug("SELECT %s", CPR),
    ],
)
def test_no_value_of_a_message_shows_a_number(lines, log):
    log()
    assert not number_in(lines)
    assert "Ærlig" not in json.dumps(lines(), ensure_ascii=False)


def test_identifiers_survive_the_mask():
    name = "3f123456-7890-4e12-9123-123456789012"
    assert logs.masked(name) == name
    assert logs.masked(f"{CPR} 12345678901 {name}") == f"{logs.MASKED} 12345678901 {name}"


def test_an_unknown_object_is_named_by_its_type(lines):
    class Person:
        def __repr__(self):
            return CPR

    structlog.get_logger().info("saved", person=Person())
    assert lines()[0]["person"] == "<Person>"


def test_extra_is_kept_from_our_own_code_only(lines):
    logging.getLogger("exports.jobs").info("sent", extra={"job": "3f123456", "number": CPR})
    logging.getLogger("django.request").error("failed", extra={"request": CPR})
    ours, theirs = lines()
    assert (ours["job"], ours["number"]) == ("3f123456", logs.MASKED)
    assert "request" not in theirs


def test_a_request_is_one_line_with_its_id_and_without_its_query(lines, rf: RequestFactory):
    def view(request):
        logging.getLogger("collection").info("inside")
        return HttpResponse()

    request = rf.post(f"/healthz?cpr={CPR}&navn=Åse", {"cpr": CPR})
    middleware = logs.RequestContextMiddleware(view)
    response = middleware(request)
    inside, ended = lines()
    assert inside["request_id"] == ended["request_id"] == response["X-Request-ID"]
    assert (ended["event"], ended["method"], ended["status"]) == ("request", "POST", 200)
    assert not number_in(lines)
    assert "navn" not in json.dumps(lines())


def test_the_view_is_bound_by_name(lines, rf):
    request = rf.get("/healthz")
    request.resolver_match = resolve("/healthz")
    logs.RequestContextMiddleware(lambda r: None).process_view(request, request.resolver_match.func, (), {})
    logging.getLogger("collection").info("inside")
    structlog.contextvars.clear_contextvars()
    assert lines()[0]["view"] == "healthz"


def test_a_task_is_logged_with_name_and_id_and_without_arguments(lines):
    app = Celery("test", broker="memory://", set_as_current=False)

    @app.task(name="build", bind=True)
    def build(self, number):
        logging.getLogger("exports").info("inside")
        raise ValueError(number)

    build.apply(args=[CPR], task_id="the-id")
    logging.getLogger("exports").info("outside")
    inside = next(line for line in lines() if line["event"] == "inside")
    assert (inside["task_id"], inside["task"]) == ("the-id", "build")
    assert "task_id" not in lines()[-1]
    assert any(line.get("error") == "ValueError" for line in lines())
    assert not number_in(lines)


def test_the_console_format_is_as_quiet(capsys):
    logs.configure({"format": "console", "level": "INFO"})
    log_failure(lambda: structlog.get_logger("site").exception("It failed", number=CPR))
    logs.configure({"format": "json", "level": "INFO"})
    written = capsys.readouterr().err
    assert "ValueError -> KeyError" in written
    assert CPR not in written


def test_a_line_that_cannot_be_written_does_not_show_what_it_was(lines, capsys, monkeypatch):
    monkeypatch.setattr(logs.structlog.stdlib.ProcessorFormatter, "format", lambda self, record: 1 / 0)
    log_failure(lambda: logging.getLogger("some.library").exception("Bad value %s", CPR))
    written = sys.stderr.getvalue()
    assert written == "A log line of some.library, test_logs:" + written.partition("test_logs:")[2]
    assert "could not be written" in written
    assert CPR not in written
