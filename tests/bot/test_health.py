"""Readiness and figures, over the real routes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from starlette.applications import Starlette

from bot.health import Health
from bot.metrics import Metrics
from bot.sandbox.wire import serve

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@asynccontextmanager
async def asking(
    beat: datetime | None = NOON,
    oldest: datetime | None = None,
    fault: Exception | None = None,
    waiting: Mapping[str, int] | None = None,
    late: timedelta = timedelta(0),
) -> AsyncIterator[tuple[aiohttp.ClientSession, str, Metrics]]:
    """A client, and the address of an app with only these routes."""

    async def write() -> None:
        if fault:
            raise fault

    async def due() -> datetime | None:
        return oldest

    async def depth() -> tuple[int, datetime | None]:
        return 3, oldest

    async def stranded() -> Mapping[str, int]:
        return waiting or {}

    async def unredacted() -> timedelta:
        return late

    metrics = Metrics(depth)
    health = Health(lambda: NOON, write, lambda: beat, due, stranded, unredacted)
    async with (
        serve(Starlette(routes=[*health.routes(), *metrics.routes()])) as address,
        aiohttp.ClientSession() as client,
    ):
        yield client, address, metrics


async def test_ready_when_the_database_writes_and_the_ticker_ticks() -> None:
    async with asking(NOON - timedelta(seconds=59), NOON - timedelta(seconds=90)) as (client, address, _):
        async with client.get(f"{address}/readyz") as answer:
            assert answer.status == 200
            assert await answer.json() == {
                "ready": True,
                "database": {"ok": True},
                "scheduler": {"ok": True, "seconds": 59.0},
                "outbox": {"ok": True, "seconds": 90.0},
            }


@pytest.mark.parametrize("beat", [None, NOON - timedelta(seconds=60)])
async def test_not_ready_when_the_ticker_stands_still(beat: datetime | None) -> None:
    async with asking(beat) as (client, address, _), client.get(f"{address}/readyz") as answer:
        assert answer.status == 503
        assert (await answer.json())["scheduler"]["ok"] is False


async def test_what_waits_for_a_channel_that_does_not_run_is_told_and_does_not_make_us_unready() -> None:
    async with asking(waiting={"teams": 2}) as (client, address, _), client.get(f"{address}/readyz") as answer:
        assert answer.status == 200
        assert (await answer.json())["outbox"] == {"ok": True, "seconds": 0.0, "no_channel": {"teams": 2}}


async def test_texts_that_should_be_blank_for_a_day_are_told_and_do_not_make_us_unready() -> None:
    async with asking(late=timedelta(hours=30)) as (client, address, _), client.get(f"{address}/readyz") as answer:
        assert answer.status == 200
        assert (await answer.json())["redaction"] == {"ok": False, "late_hours": 30}
    async with asking(late=timedelta(hours=23)) as (client, address, _), client.get(f"{address}/readyz") as answer:
        assert "redaction" not in await answer.json()


async def test_not_ready_when_the_database_refuses_and_no_word_of_why() -> None:
    async with asking(fault=RuntimeError("password hunter2 is wrong")) as (client, address, _):
        async with client.get(f"{address}/readyz") as answer:
            assert answer.status == 503
            assert "hunter2" not in await answer.text()
        async with client.get(f"{address}/healthz") as answer:
            assert answer.status == 200


async def test_figures_are_for_this_machine_only() -> None:
    async with asking() as (client, address, metrics):
        metrics.sent("slack", "accepted")
        metrics.redacted("twilio_sms", "done")
        async with client.get(f"{address}/metrics") as answer:
            assert answer.status == 200
            figures = await answer.text()
        assert 'commonline_sends_total{channel="slack",outcome="accepted"} 1.0' in figures
        assert 'commonline_redactions_total{channel="twilio_sms",outcome="done"} 1.0' in figures
        assert "commonline_outbox_depth 3.0" in figures
        async with client.get(f"{address}/metrics", headers={"X-Forwarded-For": "203.0.113.9"}) as answer:
            assert answer.status == 404
