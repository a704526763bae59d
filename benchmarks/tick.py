"""The scheduler's tick over many follow-ups that are still to come: it must cost what is due, not what is pending."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from statistics import median

from rich.table import Table

from benchmarks.processes import Town, prepare, town
from bot.cities import load_region
from bot.service import Service
from bot.settings import read_settings
from scheduler import followups, outbox
from storage.ids import milliseconds, new_id

PENDING = (10_000, 1_000_000)
REPEATS = 41
DUE = 100

INSERT = """INSERT INTO followups (id, due_at, name, subject, jurisdiction, program, body)
    VALUES (?, ?, 'clock', ?, 'independence', 'hotline', '{"kind": "feedback", "percent": "50"}')"""


def measure() -> Table:
    """Milliseconds of a tick, with nothing due and with some due, over few and over many pending follow-ups."""
    with ExitStack() as held:
        places = [held.enter_context(town()) for _ in PENDING]
        return asyncio.run(_measure(places))


async def _measure(places: list[Town]) -> Table:
    for place, number in zip(places, PENDING, strict=True):
        await prepare(place)
        _add(place, number, timedelta(days=30))
    async with _service(places[0]) as few, _service(places[1]) as many:
        idle = await _interleaved(few, many, lambda index: None)
        busy = await _interleaved(few, many, lambda index: _add(places[index], DUE, -timedelta(seconds=1)))
    table = Table(title="One tick of outbox and follow-ups")
    for name in ("", *(f"{number:,} pending, ms" for number in PENDING), "ratio"):
        table.add_column(name, justify="left" if not name else "right")
    for name, (one, two) in (("nothing due", idle), (f"{DUE} follow-ups due, a turn each", busy)):
        table.add_row(name, f"{median(one):.2f}", f"{median(two):.2f}", f"{median(two) / median(one):.2f}")
    table.caption = f"Medians of {REPEATS} interleaved ticks."
    return table


def _add(place: Town, number: int, ahead: timedelta) -> None:
    """Spread over the days around that time."""
    at = milliseconds(datetime.now(UTC) + ahead)
    file = sqlite3.connect(f"{place.folder}/bot.db", timeout=30)
    rows = ((new_id(at), at + (index * 1000 if ahead > timedelta(0) else 0), new_id(at)) for index in range(number))
    with file:
        file.executemany(INSERT, rows)
    file.close()


@asynccontextmanager
async def _service(place: Town) -> AsyncIterator[Service]:
    """Without its ticker: it is told when to tick."""
    settings = read_settings(_env_file=None, database_url=place.url, key_file=place.folder / "keys.json")
    service = Service(place.url, place.vault, load_region(settings))
    await service.start()
    await service.scheduler.close()
    yield service
    await service.close()


async def _interleaved(few: Service, many: Service, prepare: Callable[[int], None]) -> tuple[list[float], list[float]]:
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS):
        for index, service in enumerate((few, many)):
            prepare(index)
            began = time.perf_counter()
            await _tick(service)
            took[index].append((time.perf_counter() - began) * 1000)
    return took


def _tick(service: Service) -> Coroutine[None, None, None]:
    async def run() -> None:
        await outbox.run(service.scheduler.work)
        await followups.run(service.scheduler.work)

    return run()
