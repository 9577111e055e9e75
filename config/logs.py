"""Logs: one line per event from Django, gunicorn, Celery and our own code, with a request or task id and no identities.

What could quote a person's data never reaches a line: an exception is logged as its type and the lines of code it came
through, without message and variables; arguments of tasks, query strings and posted forms are not logged; an object
is named by its type, not its repr. Numbers that look like CPR numbers are masked all the same.
"""

import logging
import logging.config
import re
import sys
import time
import traceback
import uuid
import warnings
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]  # missing in the stubs
from celery.signals import setup_logging, task_postrun, task_prerun
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from gunicorn.glogging import Logger
from structlog.contextvars import bind_contextvars, clear_contextvars
from structlog.typing import EventDict, Processor

BASE_DIR = Path(__file__).resolve().parent.parent
HIDDEN = "(hidden)"
MASKED = "(number)"
# A UUID may hold ten digits in that shape by chance, and it is what a line is found by.
NUMBER = re.compile(
    r"(?P<uuid>\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b)|(?<!\d)\d{6}(?:[-+ .]|%20|%2D)?\d{4}(?!\d)",
    re.IGNORECASE,
)
# Values that Celery puts into its messages: results, exceptions and arguments of tasks.
TASK_DATA = ("args", "kwargs", "exc", "traceback", "return_value")
OWN_APPS = (
    *("config", "crypto", "audit", "accounts", "collection", "consent", "exports"),
    *("spreadsheets", "rights", "operations"),
)
_add_extra = structlog.stdlib.ExtraAdder()


# The secret of a link that gives a file once, or invites a colleague.
LINK = re.compile(r"(?<=/hent/)[\w-]{40,}|(?<=/invitation/)[\w-]{40,}")


def masked(text: str) -> str:
    """The text without digits in the shape of a CPR number, and without secrets of links."""
    return NUMBER.sub(lambda match: match["uuid"] or MASKED, LINK.sub(HIDDEN, text))


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return masked(value)
        case uuid.UUID() | date() | timedelta() | Decimal() | Path():
            return masked(str(value))
        case Mapping():
            return {masked(str(key)): _plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(item) for item in value]
        case _:
            return f"<{type(value).__name__}>"


def _mask(logger: Any, method: str, event: EventDict) -> EventDict:
    record, from_structlog = event.pop("_record", None), event.pop("_from_structlog", None)
    plain = {key: _plain(value) for key, value in event.items()}
    return {**plain, "_record": record, "_from_structlog": from_structlog}


def _own_extra(logger: Any, method: str, event: EventDict) -> EventDict:
    """What our own code logs with `extra=`; libraries put whole requests and task arguments there."""
    return _add_extra(logger, method, event) if event["_record"].name.partition(".")[0] in OWN_APPS else event


def _code_lines(trace: TracebackType | None) -> list[str]:
    lines = []
    for frame in traceback.extract_tb(trace):
        path = Path(frame.filename)
        name = path.relative_to(BASE_DIR) if path.is_relative_to(BASE_DIR) else path
        lines.append(f"{name}:{frame.lineno} {frame.name}")
    return lines


def _quiet_exception(logger: Any, method: str, event: EventDict) -> EventDict:
    """`exc_info` as `error`: its types, causes first, and `trace`: the lines of code it came through."""
    event.pop("stack_info", None)
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if not isinstance(error, BaseException):
        return event
    types: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        types.append(f"{type(current).__module__}.{type(current).__qualname__}".removeprefix("builtins."))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    event["error"] = " -> ".join(reversed(types))
    event["trace"] = _code_lines(error.__traceback__)
    return event


class QuietArguments(logging.Filter):
    """Empties what libraries put into the text of a message and may quote data: exceptions and task arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, BaseException):
            record.msg = type(record.msg).__name__
        if isinstance(record.args, Mapping):
            record.args = {key: HIDDEN if key in TASK_DATA else self._quiet(arg) for key, arg in record.args.items()}
        elif record.args:
            record.args = tuple(map(self._quiet, record.args))
        return True

    @staticmethod
    def _quiet(value: object) -> object:
        return type(value).__name__ if isinstance(value, BaseException) else value


class QuietHandler(logging.StreamHandler):
    """On a line that can't be written, the standard handler would print the whole record and its exception."""

    def handleError(self, record: logging.LogRecord) -> None:
        print(f"A log line of {record.name}, {record.module}:{record.lineno}, could not be written.", file=sys.stderr)


def configure(options: Mapping[str, str]) -> None:
    """Django calls this with settings.LOGGING: {"format": "json" or "console", "level": "INFO"}."""
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _quiet_exception,
    ]
    json = options["format"] == "json"
    renderer = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    level = options["level"]
    plain = {"handlers": [], "propagate": True}
    # At DEBUG these libraries write parameters of queries, variables of templates and arguments of tasks.
    talkative = {**plain, "level": "INFO" if level == "DEBUG" else level}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"quiet": {"()": QuietArguments}},
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [_own_extra, *before],
                    "processors": [_mask, structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                }
            },
            "handlers": {"stderr": {"class": "config.logs.QuietHandler", "formatter": "line", "filters": ["quiet"]}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django": {**plain, "level": level},
                "django.server": {**plain, "level": level},
                # 4xx are in the line of the request already; their paths may hold anything.
                "django.request": {**plain, "level": "ERROR"},
                "django.db.backends": talkative,
                "django.template": talkative,
                "celery": talkative,
                "kombu": talkative,
                "kombu.connection": {**plain, "level": "ERROR"},  # warns that the filesystem broker has no host
                "amqp": talkative,
                "asyncio": talkative,
                "fontTools": {**plain, "level": "WARNING"},
                "weasyprint": {**plain, "level": "WARNING"},
            },
        }
    )
    logging.captureWarnings(True)
    if settings.DEMO:
        warnings.filterwarnings("ignore", category=SecurityWarning)  # a demo may run as root, in a container say


# --- The web ------------------------------------------------------------------------------------------

access = structlog.get_logger("site.request")


class RequestContextMiddleware:
    """Gives a request an id, that every line logged meanwhile bears and the response too, and logs how it ended."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.monotonic()
        request_id = uuid.uuid4().hex[:12]
        clear_contextvars()
        bind_contextvars(request_id=request_id, method=request.method)
        try:
            response = self.get_response(request)
            milliseconds = round((time.monotonic() - started) * 1000)
            access.info("request", status=response.status_code, milliseconds=milliseconds)
        finally:
            clear_contextvars()
        response["X-Request-ID"] = request_id
        return response

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> None:
        match = request.resolver_match
        bind_contextvars(view=match.view_name if match else None, path=request.path)
        # Views that need no sign-in (health, sign-in) must not depend on sessions and their database.
        if getattr(view, "login_required", True) and request.user.is_authenticated:
            bind_contextvars(user=str(request.user.pk))


class GunicornLogger(Logger):
    """gunicorn's own messages in our format; requests are logged by the middleware instead."""

    def setup(self, cfg: Any) -> None:
        configure(settings.LOGGING)
        self.error_log.handlers, self.error_log.propagate = [], True
        self.access_log.handlers, self.access_log.propagate = [], False


# --- The worker ---------------------------------------------------------------------------------------


@setup_logging.connect
def _logging_is_configured(**kwargs: Any) -> None:
    """That somebody listens keeps Celery from configuring logs of its own."""


@task_prerun.connect
def _bind_task(task_id: str, task: Any, **kwargs: Any) -> None:
    clear_contextvars()
    bind_contextvars(task_id=task_id, task=task.name)


@task_postrun.connect
def _unbind_task(**kwargs: Any) -> None:
    clear_contextvars()
