"""Signed texts that are answered when they are on disk, against the same server checking the signature only."""

import asyncio
import secrets
import sqlite3
import time
from base64 import b64encode
from collections.abc import Sequence
from hmac import digest
from statistics import median
from urllib.parse import urlencode

from rich.table import Table

from benchmarks.load import Answered, Load, load, post
from benchmarks.processes import (
    ACCOUNT,
    LINE,
    PUBLIC,
    TOKEN,
    Running,
    Town,
    bare,
    prepare,
    town,
    until_drained,
    until_ready,
)

CONNECTIONS = 64
PHONES = 1000
"""Each has the whole interview, a text in each round."""
UNHURRIED = 8.0
"""Seconds between two texts of a phone: those that follow sooner are taken as parts of one."""
TALK = (
    "Overtime was signed for a garage at the chief clerk's own house, near the old depot.",
    "3",
    "Every Friday since the spring",
    "The foreman of the second crew",
    "yes",
    "I saw the sheets myself",
    "nobody",
    "no",
    "They asked me to sign for it too",
    "It is on the shared drive, in the folder of the second crew",
    "STATUS",
    "Thank you",
)


def measure() -> Table:
    """Requests a second, waits, and the share of the bare endpoint's rate."""
    with town() as place, bare() as plain, load() as sender:
        asyncio.run(prepare(place))
        with place.serve() as bot:
            until_ready(bot, "/readyz")
            rounds = [_round(place, plain, bot, sender, number) for number in range(len(TALK))]
    return _table(rounds)


def signed(phone: str, line: str, text: str) -> bytes:
    """A text as Twilio sends it, with a MessageSid of its own."""
    sid = f"SM{secrets.token_hex(16)}"
    form = {
        "ToCountry": "US", "ToState": "MO", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "INDEPENDENCE",
        "FromZip": "64055", "SmsSid": sid, "FromState": "MO", "SmsStatus": "received", "FromCity": "INDEPENDENCE",
        "Body": text, "FromCountry": "US", "To": line, "ToZip": "64055", "NumSegments": "1", "MessageSid": sid,
        "AccountSid": ACCOUNT, "From": phone, "ApiVersion": "2010-04-01",
        "MessagingServiceSid": "MG" + "0" * 32,
    }  # fmt: skip
    joined = f"{PUBLIC}/twilio/messages" + "".join(name + form[name] for name in sorted(form))
    signature = b64encode(digest(TOKEN.encode(), joined.encode(), "sha1")).decode()
    body = urlencode(form).encode()
    return post("/twilio/messages", body, "application/x-www-form-urlencoded", X_Twilio_Signature=signature)


Round = tuple[Answered, Answered, float]


def _round(place: Town, plain: Running, bot: Running, sender: Load, number: int) -> Round:
    """One text of every phone, to the bare endpoint and to the bot."""
    texts, began = [signed(f"+1816234{phone:04d}", LINE, TALK[number]) for phone in range(PHONES)], time.monotonic()
    floor, answered = sender.send(plain, texts, CONNECTIONS), sender.send(bot, texts, CONNECTIONS)
    drained = until_drained(bot)
    _stored(place, (number + 1) * PHONES, PHONES)
    time.sleep(max(0.0, began + UNHURRIED - time.monotonic()))
    return floor, answered, drained


def _stored(place: Town, texts: int, cases: int) -> None:
    """What was answered with 200 is in the file, and once."""
    file = sqlite3.connect(f"file:{place.folder}/bot.db?mode=ro", uri=True)
    counts = [file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("inbox", "cases")]  # noqa: S608
    (replied,) = file.execute("SELECT count(DISTINCT alias) FROM outbox WHERE kind = 'reply'").fetchone()
    file.close()
    if counts != [texts, cases] or replied != cases:
        raise RuntimeError(
            f"{texts} texts and {cases} cases were answered for; stored: {counts}, replied to: {replied}"
        )


def _table(rounds: Sequence[Round]) -> Table:
    table = Table(title=f"Inbound SMS, {CONNECTIONS} connections, {PHONES} phones, {len(TALK)} texts each")
    for name in ("", "requests/s", "of bare", "p50 ms", "p99 ms", "CPU us each"):
        table.add_column(name, justify="left" if not name else "right")
    floor, answered, drained = zip(*rounds, strict=True)
    _row(table, "bare: Starlette, form(), Twilio's validator", floor, floor)
    _row(table, "bot: a whole interview", answered, floor)
    _row(table, "… its first text, which opens a case", answered[:1], floor[:1])
    _row(table, "… its later texts", answered[1:], floor[1:])
    table.caption = (
        f"Medians of {len(rounds)} interleaved rounds; every answer 200, every text in the file. After each load the "
        f"outbox was empty {median(drained):.1f} s later."
    )
    return table


def _row(table: Table, name: str, runs: Sequence[Answered], floors: Sequence[Answered]) -> None:
    ratio = median(run.rate / floor.rate for run, floor in zip(runs, floors, strict=True))
    waits = (median(run.p50 for run in runs), median(run.p99 for run in runs))
    rate, cpu = median(run.rate for run in runs), median(run.cpu / len(run.waits) for run in runs) * 1_000_000
    table.add_row(name, f"{rate:,.0f}", f"{ratio:.2f}", f"{waits[0]:.1f}", f"{waits[1]:.1f}", f"{cpu:,.0f}")
