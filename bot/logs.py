"""Logs in typed fields only: no text, number, code or token gets into them, whoever logs and at whatever level."""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog

OURS = ("bot", "handlers", "storage", "scheduler")

WORD = re.compile(r"[a-z][a-z0-9_]{0,47}")
NAME = re.compile(r"[A-Za-z_<][A-Za-z0-9_.<>]{0,79}")
# Longer than any phone number or return code, and without the dashes of a provider's token.
ID = re.compile(r"[0-9a-z]{20,40}")
CODE = re.compile(r"[a-z][a-z_]{0,47}|[0-9]{3,5}")
LIMIT = 1_000_000_000

# The only fields there are, and what each may hold. A field that is not here is dropped.
FIELDS: Mapping[str, re.Pattern[str] | type] = {
    "attempt": ID,
    "case": ID,
    "followup": WORD,
    "channel": WORD,
    "jurisdiction": WORD,
    "program": WORD,
    "kind": WORD,
    "job": NAME,
    "outcome": WORD,
    "reason": WORD,
    "state": WORD,
    "code": CODE,
    "logger": NAME,
    "error": NAME,
    "fault": NAME,
    "cause": NAME,
    "frames": list,
    "count": int,
    "status": int,
    "tries": int,
    "port": int,
    "ms": float,
    "seconds": float,
}

Event = MutableMapping[str, Any]


def configure(level: str = "info", form: str = "json", stream: TextIO | None = None) -> None:
    """Send our own logs and the libraries' to `stream` (standard error) as JSON or for the console.

    Libraries are heard from WARNING on, and only by their name, level and kind of exception: they put phone numbers,
    bodies and tokens into their messages.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _only_known_fields,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _renderer(form),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    _take_over(logging.getLevelNamesMapping()[level.upper()])
    sys.excepthook = _say_uncaught
    threading.excepthook = lambda args: _say_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _say_uncaught(args.exc_type, args.exc_value, args.exc_traceback)


class QuietHandler(logging.Handler):
    """Takes what goes through the standard logging: our own events whole, of a library's only that there was one."""

    def emit(self, record: logging.LogRecord) -> None:
        """Our modules log an event name and typed `extra` fields; the message of any other is never looked at."""
        ours = record.name.partition(".")[0] in OURS and not record.args
        event = str(record.msg) if ours else "library"
        fields = {name: record.__dict__[name] for name in FIELDS if ours and name in record.__dict__}
        _log().log(record.levelno, event, **{"logger": record.name, "exc_info": record.exc_info or None, **fields})


def _renderer(form: str) -> Any:
    if form == "console":
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer(sort_keys=True)


def _only_known_fields(_logger: object, _method: str, event: Event) -> Event:
    kept: Event = {"level": event["level"], "event": _fit(event.get("event"), WORD) or "unnamed"}
    if fault := _exception(event.pop("exc_info", None)):
        event = {**event, **_described(fault)}
    for name, form in FIELDS.items():
        value = _fit(event.get(name), form)
        if value is not None:
            kept[name] = value
    return kept


def _fit(value: object, form: re.Pattern[str] | type) -> object:
    """The value as the field may hold it; None for anything else."""
    if isinstance(form, re.Pattern):
        return value if isinstance(value, str) and form.fullmatch(value) else None
    if form is list:
        return [frame for frame in value if _fit(frame, NAME)] if isinstance(value, list) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -LIMIT < value < LIMIT:
        return None
    return round(value, 3) if form is float else int(value)


def _exception(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    return sys.exception() if exc_info else None


def _described(fault: BaseException) -> dict[str, object]:
    """The kind of an exception and where it rose: never its message, which may quote what a person wrote."""
    frames = [frame.f_code.co_qualname for frame, _ in traceback.walk_tb(fault.__traceback__)]
    cause = fault.__cause__ or fault.__context__
    return {
        "error": type(fault).__qualname__,
        "cause": type(cause).__qualname__ if cause else None,
        "frames": frames[-12:],
    }


def _take_over(level: int) -> None:
    for known in list(logging.Logger.manager.loggerDict.values()):
        if isinstance(known, logging.Logger):
            known.handlers, known.propagate = [], True
            known.setLevel(logging.NOTSET)
    logging.root.handlers = [QuietHandler()]
    logging.root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # else a record that cannot be handled is printed, arguments and all


def _say_uncaught(_kind: type[BaseException], fault: BaseException | None, _trace: TracebackType | None) -> None:
    _log().critical("uncaught", exc_info=fault)


def _log() -> structlog.typing.FilteringBoundLogger:
    return structlog.get_logger()  # type: ignore[no-any-return]
