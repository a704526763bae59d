"""From the start of the process to the first 200 of /readyz, and its memory, with Slack and Twilio configured."""

import asyncio
import time
from collections.abc import Sequence
from statistics import median

from rich.table import Table

from benchmarks.inbound import TALK, signed
from benchmarks.load import Load, load
from benchmarks.processes import LINE, Town, prepare, town, until_drained, until_ready

REPEATS = 9
FIGURES = ("to ready, s", "… of processor time", "resident at ready, MB", "… after a text and its reply")


def measure() -> Table:
    """Seconds and resident megabytes."""
    with town() as place, load() as sender:
        asyncio.run(prepare(place))
        _start(place, sender)  # compiles what is not compiled yet
        starts = [_start(place, sender) for _ in range(REPEATS)]
        teams = _imports_teams(place)
    table = Table(title="Start, with Slack and Twilio configured")
    for name in ("", "median", "least", "most"):
        table.add_column(name, justify="left" if not name else "right")
    for name, taken in zip(FIGURES, zip(*starts, strict=True), strict=True):
        table.add_row(name, *(f"{figure:.3g}" for figure in (median(taken), min(taken), max(taken))))
    table.caption = f"{REPEATS} starts. The Teams library was {'' if teams else 'not '}imported."
    return table


def _start(place: Town, sender: Load) -> Sequence[float]:
    began = time.perf_counter()
    with place.serve() as bot:
        until_ready(bot, "/readyz")
        ready = (time.perf_counter() - began, bot.cpu(), bot.megabytes())
        sender.send(bot, [signed("+18162340000", LINE, TALK[0])], 1)
        until_drained(bot)
        return *ready, bot.megabytes()


def _imports_teams(place: Town) -> bool:
    (place.folder / "log").unlink()
    with place.serve("-X", "importtime") as bot:
        until_ready(bot, "/readyz")
    return "microsoft_teams" in (place.folder / "log").read_text()
