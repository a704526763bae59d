"""Canaries on every way in: none of them in the stored bytes, the logs, the pages for machines, or what is in Slack."""

import hashlib
import hmac
import io
import itertools
import json
import logging
import random
import re
import sys
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
import structlog

from bot import logs
from storage import staff
from storage.database import Transaction
from tests.databases import SCHEMES, new_url
from tests.opened import everything
from tests.town import BOT, DESK, LINE, SECRET, TEAM, TOKEN, Town, open_town
from tests.whole.leavers import take_part
from tests.whole.test_exits_in_chat import LEAVER_IN_SLACK, InSlack, finish

PHONES = ("+18162345671", "+18162345672", "+18162345673", "+18162345674", "+18162345675")
REPORTER, MOVED, LEAVER, GUESSER, INTERVIEWED = PHONES
TEXTS = {
    "tip": "Quokkatip: Persimmonia Vanterpool signs the overtime for her own garage",
    "answer": "Narwhalanswer: it was behind the water tower",
    "spanish": "Axolotlrespuesta: la jefa firma las horas de su propia casa",
    "left": "Pangolinleft: before I stop, they keep the money in the green safe",
    "reply": "Okapireply which month was it",
    "note": "Tarsiernote the clerk should not hear of it",
    "unsigned": "Dugongunsigned tried to get in without a signature",
    "interview": "Bandicootinterview the night shifts broke me",
    "typed": "Kakapotyped by a person who is on no list",
}
STAFF = ("Zebulonica Quartermaine", "Hieronyma Featherstone")
FILES = ("numbatfile.jpg", "fossafile.png")
PICTURE = b"\x89PNG\r\n\x1a\n quollbytes no picture at all"
TOKENS = (TOKEN, SECRET, BOT)
LOUD = ("aiohttp", "aiosqlite", "asyncio", "asyncpg", "apscheduler", "slack_bolt", "slack_sdk", "twilio", "uvicorn")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, by libraries too, at the lowest level; everything is put back after the test."""
    loggers = [logging.getLogger(name) for name in ("", *logs.OURS, *LOUD, "twilio.http_client", "uvicorn.error")]
    before = [(one, one.level, one.handlers[:], one.propagate) for one in loggers]
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    stream = io.StringIO()
    logs.configure("debug", "json", stream)
    logging.root.setLevel(logging.DEBUG)
    yield stream
    for one, level, handlers, propagate in before:
        one.setLevel(level)
        one.handlers, one.propagate = handlers, propagate
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(False)
    logging.raiseExceptions = True
    structlog.reset_defaults()


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_no_canary_is_found_anywhere_but_where_it_belongs(scheme: str, tmp_path: Path, log: io.StringIO) -> None:
    async with new_url(scheme, tmp_path) as url, open_town(tmp_path, url) as town:
        pages = [await _every_way_in(town)]
        codes = _codes(town)
        assert len(codes) == 4
        pages += [await _get(town, page) for page in ("/metrics", "/readyz", "/healthz", "/desk/nothing", "/nothing")]
        secret = [*PHONES, *codes, *FILES, "quollbytes", *_seeds(TEXTS.values()), *TOKENS]
        stored = await everything(town.service) + _files(tmp_path)
        _none_of([*secret, *STAFF, LEAVER_IN_SLACK], stored, "stored")
        _none_of([*secret, *STAFF], log.getvalue().encode(), "logged")
        _none_of([*secret, *STAFF], "\n".join(pages).encode(), "on a page")
        whole, posted = _in_slack(town)
        _none_of([*PHONES, *codes, *FILES, *TOKENS], whole, "told to Slack")
        _none_of(secret, posted, "posted in Slack")
        _confirms_no_phone(stored)
    assert log.getvalue()


async def _every_way_in(town: Town) -> str:
    """Phones, staff, strangers and attackers, each with words of their own; what the attackers were answered."""
    files = [(f"image/jpeg; name={FILES[0]}", PICTURE)]
    await _hire(town)
    await town.twilio.receive(REPORTER, LINE, TEXTS["tip"], files)
    await town.settled()
    await town.text(TEXTS["answer"], REPORTER)
    await town.text(f"{_codes(town)[0]} {TEXTS['answer']}", MOVED)
    await town.text("QU0KK-AT1PS", GUESSER)
    await town.text(TEXTS["spanish"], GUESSER)
    await town.text(TEXTS["left"], LEAVER)
    await town.text(TEXTS["tip"], MOVED)
    await town.text("NEW", MOVED)
    await town.text(TEXTS["left"], MOVED)
    await town.text("STOP", LEAVER)
    await _staff_at_work(town)
    await _interview(town)
    town.twilio.faults.next_send(status=500)
    town.twilio.faults.next_send(accept_then_500=True)
    await town.text(TEXTS["answer"], GUESSER)
    await town.later(days=8)
    return await _attacks(town)


async def _hire(town: Town) -> None:
    """Staff whose names no reporter ever wrote."""
    who = {"jurisdiction": "blue_springs", "channel": "slack", "team": TEAM}

    async def list_them(tx: Transaction) -> None:
        for number, name in enumerate(STAFF):
            user = f"U0BSP{number}"
            await staff.add(tx, town.service.vault, **who, user=user, roles=frozenset({"recipient"}), name=name)

    await town.service.database.transact(list_them)


async def _staff_at_work(town: Town) -> None:
    word = town.word(REPORTER)
    await town.case(f"view {word}")
    await town.case(f"reply {word} {TEXTS['reply']}")
    await town.submit()
    await town.later(seconds=30)
    await town.case(f"note {word}")
    await town.slack.submit("U0INDFIRST", {"text": {"case_note": TEXTS["note"]}})
    for user in ("U0INDFIRST", "U0INDSECOND", "U0STRANGER"):
        await town.case(TEXTS["typed"], user)
        await town.case(f"view {TEXTS['typed']}", user)
        await town.case(REPORTER, user)
    await town.slack.open_home("U0INDFIRST")
    await town.slack.say("U0INDFIRST", DESK, TEXTS["typed"], thread_ts=town.cards()[0].ts)
    await town.settled()


async def _interview(town: Town) -> None:
    """Somebody who leaves takes their exit interview in Slack, with the same words wherever words are taken."""
    town.slack.add_user(LEAVER_IN_SLACK, "Lee Aver")
    chat = InSlack(town, comment=TEXTS["interview"])
    await take_part(town, "independence", INTERVIEWED, "slack", chat.sender)
    await town.later(minutes=1)
    await chat.press_on_card("Open")
    await finish(chat)


async def _attacks(town: Town) -> str:
    """What is refused is not kept, logged or said back either."""
    secret = quote(TEXTS["unsigned"])
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": TEXTS["unsigned"],
        "X-Slack-Signature": TEXTS["unsigned"],
        "X-Slack-Request-Timestamp": TEXTS["unsigned"],
    }
    said = []
    async with aiohttp.ClientSession() as session:
        for path in ("/twilio/messages", f"/twilio/status/{secret}", "/slack/events", f"/desk/{secret}", f"/{secret}"):
            for body in (f"Body={secret}&From={quote(REPORTER)}", secret, "\0" + secret):
                async with session.post(f"{town.address}{path}?q={secret}", data=body, headers=headers) as answer:
                    assert 400 <= answer.status < 500
                    said.append(f"{answer.headers} {await answer.text()}")
    return "\n".join(said)


async def _get(town: Town, path: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"{town.address}{path}") as answer:
        return f"{answer.headers} {await answer.text()}"


def _codes(town: Town) -> list[str]:
    """Return codes that were given out, as only their phones know them."""
    heard = " ".join(message.body for message in town.twilio.messages if message.direction == "outbound-api")
    return re.findall(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", heard)


def _seeds(texts: Iterable[str]) -> list[str]:
    """The word that only one text has, and a piece from its end."""
    return [part for text in texts for part in (text.split()[0].strip(":"), text[-16:])]


def _files(folder: Path) -> bytes:
    """The database with its log and index; nothing where it lies on a server."""
    found = sorted(folder.glob("bot.db*"))
    return b"\n".join(file.read_bytes() for file in found)


def _in_slack(town: Town) -> tuple[bytes, bytes]:
    """All that Slack was told, and the part that stays there: messages and home pages, not modals."""
    calls = [(call.method, json.dumps(call.args, ensure_ascii=False, default=str)) for call in town.slack.requests]
    answers = [each.answer.body for each in town.slack.deliveries if each.kind != "interactive"]
    whole = "\n".join([*(args for _, args in calls), *answers])
    posted = "\n".join(args for method, args in calls if method.startswith(("chat.", "views.publish")))
    return whole.encode(), posted.encode()


def _none_of(secrets: Iterable[str], where: bytes, what: str) -> None:
    folded = where.lower()
    for secret in secrets:
        for name, spelling in _spellings(secret):
            assert spelling.lower() not in folded, f"{secret!r} is {what}, in {name}"


def _spellings(secret: str) -> Iterator[tuple[str, bytes]]:
    plain = secret.encode()
    bare = re.sub(r"^1", "", re.sub(r"\D", "", secret)) if secret.startswith("+") else secret
    yield "plain", plain
    yield "bare", bare.encode()
    if bare.isdigit():
        yield "with dashes", f"{bare[:3]}-{bare[3:6]}-{bare[6:]}".encode()
    yield "reversed", bare.encode()[::-1]
    yield "UTF-16", bare.encode("utf-16-le")
    yield "UTF-16 the other way", bare.encode("utf-16-be")
    yield "hex", bare.encode().hex().encode()
    yield "percent", quote(plain, safe="").encode() if b" " in plain or b"+" in plain else plain
    for shift in range(3):
        # Without the edges, whose letters depend on what stands beside them.
        yield f"base64 at {shift}", b64encode(b"\0" * shift + bare.encode())[4 if shift else 0 : -4]


def _confirms_no_phone(stored: bytes) -> None:
    """Whoever holds the database but not the keys, and tries all phones, sees none of them confirmed."""
    folded = stored.lower()
    salts = (b"", b"independence", b"hotline", b"twilio_sms", b"commonline", b"\0" * 32)
    for phone, salt in itertools.product(PHONES, salts):
        for spelt in (phone, phone[1:], phone[2:]):
            for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
                for digest in (
                    hashlib.new(name, salt + spelt.encode()).digest(),
                    hashlib.new(name, spelt.encode() + salt).digest(),
                    hmac.digest(salt, spelt.encode(), name),
                ):
                    assert digest.hex()[:24].encode() not in folded
                    assert digest[:16] not in stored
                    assert b64encode(digest)[:20].lower() not in folded


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_two_towns_with_keys_of_their_own_have_no_value_for_a_phone_in_common(
    scheme: str, tmp_path: Path
) -> None:
    """What a phone leaves depends on the key alone: nothing about it can be told from another database."""
    folders = tmp_path / "one", tmp_path / "other"
    for folder in folders:
        folder.mkdir()
    seen = [await _left_by_a_phone(scheme, folder) for folder in folders]
    assert seen[0]
    assert seen[0].isdisjoint(seen[1])


async def _left_by_a_phone(scheme: str, folder: Path) -> set[str]:
    async with _town(scheme, folder) as town:
        await town.text(TEXTS["tip"], REPORTER)
        rows = await town.service.database.read(
            lambda tx: tx.fetch("SELECT v.alias, v.address, o.lane, i.delivery FROM conversations v, outbox o, inbox i")
        )
    return {str(row[name]) for row in rows for name in ("alias", "address", "lane", "delivery")}


@asynccontextmanager
async def _town(scheme: str, folder: Path) -> AsyncIterator[Town]:
    async with new_url(scheme, folder) as url, open_town(folder, url) as town:
        yield town


def test_the_search_would_find_a_canary_however_it_is_written() -> None:
    """The instrument itself: whatever is hidden by hand is found."""
    chance = random.Random(7)  # noqa: S311
    for secret in (PHONES[0], "7Q2FD-3M9KX", "Quokkatip"):
        for name, spelling in _spellings(secret):
            hay = chance.randbytes(500) + spelling + chance.randbytes(500)
            with pytest.raises(AssertionError, match=re.escape(repr(secret))):
                _none_of([secret], hay, name)
