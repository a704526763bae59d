"""A signed `/case list` by a staff member, one at a time, against the same server checking the signature only."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from statistics import median
from urllib.parse import urlencode

from rich.table import Table

from benchmarks.load import Answered, load, post
from benchmarks.processes import LINE, SECRET, TEAM, Town, bare, prepare, town, until_ready
from bot.cities import load_region
from bot.settings import read_settings
from bot.turn import Turns
from handlers.messages import Inbound
from storage import open_database

COMMANDS = 300
REPEATS = 7
OPEN_CASES = 50
TIP = "Overtime was signed for a garage at the depot."


def measure() -> Table:
    """Median waits in milliseconds, and what the bot adds."""
    with town() as place, bare() as plain, load() as sender:
        asyncio.run(_open_cases(place))
        with place.serve() as bot:
            until_ready(bot, "/readyz")
            sender.send(bot, list(_commands(20)), 1)
            rounds = []
            for _ in range(REPEATS):
                floor = sender.send(plain, list(_commands(COMMANDS)), 1)
                rounds.append((floor, sender.send(bot, list(_commands(COMMANDS)), 1)))
    return _table(rounds)


async def _open_cases(place: Town) -> None:
    await prepare(place)
    settings = read_settings(_env_file=None, database_url=place.url, key_file=place.folder / "keys.json")
    database = await open_database(place.url)
    turns = Turns(database, place.vault, load_region(settings), lambda: None)
    for number in range(OPEN_CASES):
        phone = f"+1816234{number:04d}"
        await turns.take(Inbound("twilio_sms", LINE, phone, f"SM{number:032x}", datetime.now(UTC), text=TIP))
    await database.close()


def _commands(number: int) -> Iterator[bytes]:
    for _ in range(number):
        stamp = str(int(time.time()))
        form = {
            "token": "unused", "team_id": TEAM, "team_domain": "town", "channel_id": "C0INDHOTLINE",
            "channel_name": "hotline", "user_id": "U0INDFIRST", "user_name": "dana", "command": "/case",
            "text": "list", "api_app_id": "A0TOWN", "is_enterprise_install": "false",
            "response_url": "https://hooks.slack.com/commands/T0TOWN/1/x", "trigger_id": f"1.1.{time.time_ns()}",
        }  # fmt: skip
        body = urlencode(form).encode()
        signed = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        headers = {"X_Slack_Request_Timestamp": stamp, "X_Slack_Signature": f"v0={signed}"}
        yield post("/slack/events", body, "application/x-www-form-urlencoded", **headers)


def _table(rounds: Sequence[tuple[Answered, Answered]]) -> Table:
    table = Table(title=f"Slack, `/case list` over {OPEN_CASES} open cases, 1 connection")
    for name in ("", "p50 ms", "p99 ms"):
        table.add_column(name, justify="left" if not name else "right")
    for name, runs in zip(("bare: body, slack_sdk's verifier", "bot"), zip(*rounds, strict=True), strict=True):
        table.add_row(name, f"{median(run.p50 for run in runs):.2f}", f"{median(run.p99 for run in runs):.2f}")
    added = median(bot.p50 - floor.p50 for floor, bot in rounds)
    table.caption = f"Medians of {len(rounds)} interleaved rounds of {COMMANDS}; the bot adds {added:.2f} ms."
    return table
