"""Logs hold typed fields only, whoever logs."""

import ast
import asyncio
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import logs

ROOT = Path(__file__).parents[2]
PHONE = "+18165550199"
TIP = "the treasurer takes cash home"
LEVELS = ("debug", "info", "warning", "error")


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """What is logged at the lowest level; everything is put back after the test."""
    loggers = [logging.root, *map(logging.getLogger, (*logs.OURS, "slack_sdk", "twilio.http_client", "uvicorn.error"))]
    before = [(one, one.level, one.handlers[:], one.propagate) for one in loggers]
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    stream = io.StringIO()
    logs.configure("debug", "json", stream)
    yield stream
    for one, level, handlers, propagate in before:
        one.setLevel(level)
        one.handlers, one.propagate = handlers, propagate
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(False)
    logging.raiseExceptions = True
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_known_fields_are_kept_and_others_dropped(out: io.StringIO) -> None:
    structlog.get_logger().info("turn_done", channel="slack", ms=3.14159, count=2, text=TIP, sender=PHONE)
    (line,) = lines(out)
    assert line.pop("timestamp")
    assert line == {"event": "turn_done", "level": "info", "channel": "slack", "ms": 3.142, "count": 2}


@given(
    field=st.sampled_from(sorted(logs.FIELDS)),
    value=st.sampled_from([PHONE, PHONE[1:], TIP, "7Q2FD-3M9KX", 18165550199]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_field_can_hold_a_number_a_code_or_a_sentence(out: io.StringIO, field: str, value: object) -> None:
    out.seek(0)
    out.truncate()
    structlog.get_logger().error("event", **{field: value})
    (line,) = lines(out)
    assert field not in line


def test_event_that_is_a_sentence_is_not_written(out: io.StringIO) -> None:
    structlog.get_logger().info(f"got {TIP}")
    logging.getLogger("storage.ledger").warning("got %s", TIP)
    assert [line["event"] for line in lines(out)] == ["unnamed", "library"]


def test_our_modules_may_log_through_the_standard_library(out: io.StringIO) -> None:
    logging.getLogger("scheduler.outbox").warning("send_failed", extra={"channel": "twilio_sms", "code": "21610"})
    (line,) = lines(out)
    assert (line["event"], line["channel"], line["code"]) == ("send_failed", "twilio_sms", "21610")


@pytest.mark.parametrize(
    "name", ["slack_sdk", "slack_bolt.App", "twilio.http_client", "uvicorn.error", "aiohttp.access"]
)
def test_libraries_are_heard_without_their_words(out: io.StringIO, name: str) -> None:
    for level in LEVELS:
        getattr(logging.getLogger(name), level)("From %s: %s", PHONE, TIP)
    assert [(line["event"], line["logger"], line["level"]) for line in lines(out)] == [
        ("library", name, "warning"),
        ("library", name, "error"),
    ]
    assert PHONE not in out.getvalue() and TIP not in out.getvalue()


def test_a_library_that_brought_its_own_handler_loses_it(out: io.StringIO) -> None:
    shouting = logging.getLogger("twilio.http_client")
    shouting.addHandler(logging.StreamHandler(out))
    shouting.setLevel(logging.DEBUG)
    logs.configure("debug", "json", out)
    shouting.debug(PHONE)
    assert out.getvalue() == ""


def test_an_exception_is_told_by_its_kind_and_place_only(out: io.StringIO) -> None:
    try:
        _fail()
    except LookupError:
        structlog.get_logger().exception("turn_failed")
        logging.getLogger("slack_sdk").exception("bad: %s", TIP)
    ours, theirs = lines(out)
    assert (ours["error"], ours["cause"], ours["frames"][-1]) == ("LookupError", "ValueError", "_fail")
    assert theirs["error"] == "LookupError"
    assert TIP not in out.getvalue() and PHONE not in out.getvalue()


async def test_a_task_that_nobody_waited_for_is_told_without_its_words(out: io.StringIO) -> None:
    async def forgotten() -> None:
        raise ValueError(TIP)

    task = asyncio.create_task(forgotten())
    await asyncio.wait([task])
    asyncio.get_running_loop().call_exception_handler({"message": TIP, "exception": task.exception(), "task": task})
    (line,) = lines(out)
    assert (line["logger"], line["error"]) == ("asyncio", "ValueError")
    assert TIP not in out.getvalue()


def test_what_nobody_caught_is_told_without_its_words(out: io.StringIO) -> None:
    sys.excepthook(ValueError, ValueError(TIP), None)
    (line,) = lines(out)
    assert (line["event"], line["error"]) == ("uncaught", "ValueError")


def test_console_holds_no_more_than_json(out: io.StringIO) -> None:
    logs.configure("info", "console", out)
    structlog.get_logger().info("turn_done", channel="slack", text=TIP)
    assert "turn_done" in out.getvalue() and TIP not in out.getvalue()


def test_every_event_in_the_source_is_a_constant_with_known_fields() -> None:
    folders = ("bot", "scheduler", "storage")
    calls = [call for folder in folders for file in (ROOT / folder).rglob("*.py") for call in _log_calls(file)]
    assert calls
    for where, call in calls:
        event = call.args[0] if call.args else None
        assert isinstance(event, ast.Constant) and logs.WORD.fullmatch(str(event.value)), where
        assert len(call.args) == 1, where
        assert _fields(call) <= {*logs.FIELDS, "exc_info"}, where


def _fail() -> None:
    try:
        raise ValueError(PHONE)
    except ValueError as fault:
        raise LookupError(TIP) from fault


def _log_calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "log":
            assert isinstance(node, ast.Call)
            yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def _fields(call: ast.Call) -> set[str]:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    extra = named.pop("extra", None)
    keys = [key.value for key in extra.keys if isinstance(key, ast.Constant)] if isinstance(extra, ast.Dict) else []
    return {str(name) for name in [*named, *keys]}
