"""From the start of the process to the first 200 of /readyz, and the memory then, with Slack and Twilio configured."""

import asyncio
import time
from statistics import median

from rich.table import Table

from benchmarks.processes import Town, prepare, town, until_ready

REPEATS = 9


def measure() -> Table:
    """Seconds and resident megabytes."""
    with town() as place:
        asyncio.run(prepare(place))
        _start(place)  # compiles what is not compiled yet
        starts = [_start(place) for _ in range(REPEATS)]
        teams = _imports_teams(place)
    seconds, megabytes = zip(*starts, strict=True)
    table = Table(title="Start, with Slack and Twilio configured")
    for name in ("", "median", "least", "most"):
        table.add_column(name, justify="left" if not name else "right")
    table.add_row("to ready, s", *(f"{figure:.2f}" for figure in (median(seconds), min(seconds), max(seconds))))
    table.add_row("resident, MB", *(f"{figure:.0f}" for figure in (median(megabytes), min(megabytes), max(megabytes))))
    table.caption = f"{REPEATS} starts. The Teams library was {'' if teams else 'not '}imported."
    return table


def _start(place: Town) -> tuple[float, float]:
    began = time.perf_counter()
    with place.serve() as bot:
        until_ready(bot, "/readyz")
        return time.perf_counter() - began, bot.megabytes()


def _imports_teams(place: Town) -> bool:
    (place.folder / "log").unlink()
    with place.serve("-X", "importtime") as bot:
        until_ready(bot, "/readyz")
    return "microsoft_teams" in (place.folder / "log").read_text()
