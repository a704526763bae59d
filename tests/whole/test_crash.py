"""The service as a process of its own, killed at any instant: nothing that was taken is lost, and nothing left twice.

A deep run, by hand: CRASHES=200 CRASH_SEED=… make test ARGS=tests/whole/test_crash.py
"""

import asyncio
import os
import random
import re
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.app import build
from bot.sandbox.slack import Slack
from bot.sandbox.twilio import Message, Twilio
from bot.sandbox.wire import serve
from bot.service import Service
from bot.settings import Settings, read_settings
from storage import audit
from tests.databases import SCHEMES, new_url
from tests.opened import stories
from tests.town import ACCOUNT, BOT, DESK, SECRET, TEAM, TOKEN, Clock, people, prepare

ROOT = Path(__file__).parents[2]
LINE = "+18165550101"
CRASHES = int(os.environ.get("CRASHES", "4"))
SEED = int(os.environ.get("CRASH_SEED", random.SystemRandom().randrange(10**6)))
TEXTS_OF_A_PHONE = 6
BETWEEN_TEXTS = 0.05
LONGEST_LIFE = 0.6

# Whatever a phone says, its first text is answered twice: what this is, and a question; all that follow within
# seconds are answered together, when it pauses.
SAYINGS = (
    "Overtime was signed for a garage behind the old depot, number {mark}.",
    "It was the crew that signs for the fuel, they said {mark}.",
    "Nobody checks the fuel cards and that is how it goes, see {mark}.",
    "I would rather not go into how that came to me, {mark}.",
    "The papers lie in the shed, in a folder that says {mark}.",
    "That is all there is to it, as far as {mark} goes.",
)


class LiveClock(Clock):
    """The real time, until it is stopped to be moved."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))
        self.stopped = False

    def __call__(self) -> datetime:
        return self.at if self.stopped else datetime.now(UTC)

    def stop(self) -> None:
        self.at, self.stopped = datetime.now(UTC), True


class Crashes:
    """Stand-ins that outlive the service, the service as a child, and phones that text at a steady pace."""

    def __init__(
        self, clock: LiveClock, twilio: Twilio, slack: Slack, settings: Settings, chance: random.Random
    ) -> None:
        self.clock = clock
        self.twilio = twilio
        self.slack = slack
        self.settings = settings
        self.chance = chance
        self.said: list[str] = []
        self.starts: list[float] = []
        self.log = b""
        self._texting = asyncio.Event()

    async def run(self, crashes: int) -> None:
        """Start and kill the service so many times while phones text; it is down at the end."""
        phones = asyncio.create_task(self._text_steadily())
        for crash in range(crashes):
            async with self._child() as child:
                self._texting.set()
                await (self._after_a_while(child) if crash % 2 else self._in_a_send(child))
        phones.cancel()
        await asyncio.wait([phones])
        await self.twilio.settled()
        await self.slack.settled()

    async def _text_steadily(self) -> None:
        """Also while nobody answers: the provider keeps those texts in its list."""
        await self._texting.wait()
        beat = asyncio.Event()
        texts = set()
        for number in range(10**6):
            phone = f"+1816234{number // TEXTS_OF_A_PHONE:04}"
            mark = f"mark{number:06}"
            self.said.append(mark)
            body = SAYINGS[number % TEXTS_OF_A_PHONE].format(mark=mark)
            texts.add(asyncio.create_task(self.twilio.receive(phone, LINE, body)))
            with suppress(TimeoutError):
                await asyncio.wait_for(beat.wait(), BETWEEN_TEXTS)

    async def _after_a_while(self, child: Process) -> None:
        life = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(self.chance.uniform(0, LONGEST_LIFE), life.set_result, None)
        await life
        child.kill()

    async def _in_a_send(self, child: Process) -> None:
        """Killed when a provider has taken a message, and the service does not know it yet."""
        taken, killed = self.chance.randint(1, 6), asyncio.Event()
        before = self._taken()

        def kill() -> None:
            if self._taken() >= before + taken and not killed.is_set():
                killed.set()
                child.kill()

        self.twilio.changed = self.slack.changed = kill
        await killed.wait()
        self.twilio.changed = self.slack.changed = lambda: None

    def _taken(self) -> int:
        return len(replies(self.twilio)) + len(self.slack.channel(DESK).messages)

    @asynccontextmanager
    async def _child(self) -> AsyncIterator[Process]:
        began = time.monotonic()
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "serve",
            env=self._environment(),
            cwd=self.settings.key_file.parent,
            stderr=PIPE,
        )
        assert child.stderr
        try:
            async with asyncio.timeout(60):
                await self._serving(child.stderr)
                await self._ready()
            self.starts.append(time.monotonic() - began)
            yield child
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.send_signal(signal.SIGKILL)
            _, rest = await child.communicate()
            self.log += rest

    async def _serving(self, log: asyncio.StreamReader) -> None:
        while b'"serving"' not in (line := await log.readline()):
            assert line, f"the service did not start: {self.log.decode()[-2000:]}"
            self.log += line

    async def _ready(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"{self.settings.public_url}/readyz") as answer:
                    if answer.status == 200:
                        return

    def _environment(self) -> dict[str, str]:
        given = self.settings.model_dump(include=self.settings.model_fields_set)
        secrets = {
            name: value.get_secret_value() for name, value in given.items() if hasattr(value, "get_secret_value")
        }
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            **{name.upper(): str(secrets.get(name, value)) for name, value in given.items()},
        }


def replies(twilio: Twilio) -> list[Message]:
    return [message for message in twilio.messages if message.direction == "outbound-api"]


@pytest.fixture
def kept_port() -> Iterator[int]:
    """A port that nobody else is given while the service is down: it is bound, and only the service listens there."""
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        yield keeper.getsockname()[1]


@pytest.fixture(params=SCHEMES)
async def crashes(request: pytest.FixtureRequest, tmp_path: Path, kept_port: int) -> AsyncIterator[Crashes]:
    print(f"CRASH_SEED={SEED} CRASHES={CRASHES} on {request.param}")
    clock, public = LiveClock(), f"http://127.0.0.1:{kept_port}"
    twilio = Twilio(ACCOUNT, TOKEN, (LINE,), f"{public}/twilio/messages", clock)
    slack = Slack(SECRET, BOT, TEAM, f"{public}/slack/events", clock)
    people(slack)
    async with (
        new_url(request.param, tmp_path) as url,
        serve(twilio.app) as twilio_url,
        serve(slack.app) as slack_url,
    ):
        settings = read_settings(
            _env_file=None,
            database_url=url,
            key_file=tmp_path / "keys.json",
            host="127.0.0.1",
            port=urlsplit(public).port,
            public_url=public,
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=TOKEN,
            twilio_base_url=twilio_url,
            slack_bot_token=BOT,
            slack_signing_secret=SECRET,
            slack_base_url=f"{slack_url}/api/",
            log_level="debug",
        )
        await prepare(settings.database_url, settings.key_file)
        yield Crashes(clock, twilio, slack, settings, random.Random(f"{SEED} {request.param}"))  # noqa: S311


@asynccontextmanager
async def the_dust_settles(crashes: Crashes) -> AsyncIterator[Service]:
    """The service once more, here, on a clock that is moved on until no doubt is left."""
    crashes.clock.stop()
    bot = build(crashes.settings, crashes.clock)
    service: Service = bot.state.service
    until = crashes.clock() + timedelta(minutes=30)
    async with serve(bot, crashes.settings.port):
        await _settled(crashes, service)
        while (due := await service.next_due()) is not None and due <= until:
            crashes.clock.at = max(due, crashes.clock.at)
            await service.tick()
            await _settled(crashes, service)
        yield service


async def _settled(crashes: Crashes, service: Service) -> None:
    for _ in range(3):
        service.scheduler.wake()
        await service.settled()
        await crashes.twilio.settled()
        await crashes.slack.settled()


async def test_whatever_the_instant_of_its_death_nothing_is_lost_and_nothing_leaves_twice(crashes: Crashes) -> None:
    await crashes.run(CRASHES)
    async with the_dust_settles(crashes) as service:
        found = await stories(service)
        _is_there_once(crashes, [text for story in found.values() for text in story])
        _answered_once(crashes)
        _shown_once(crashes, list(found))
        await _is_whole(service)
        word = crashes.chance.choice(list(found))
        await crashes.slack.command("U0INDFIRST", DESK, "/case", f"view {word}")
        assert found[word][0].split()[-1].strip(".") in str(crashes.slack.modals["U0INDFIRST"])
    for secret in (b"mark0", b"816234", TOKEN.encode(), SECRET.encode(), BOT.encode()):
        assert secret not in crashes.log


def _is_there_once(crashes: Crashes, texts: list[str]) -> None:
    marks = re.findall(r"mark\d{6}", " ".join(texts))
    taken = [message for message in crashes.twilio.messages if message.direction == "inbound"]
    answered = [message for message in taken if any(answer.ok for answer in message.answers)]
    print(
        f"{len(taken)} texts, {len(answered)} answered with 2xx, starts {[round(each, 2) for each in crashes.starts]}"
    )
    assert answered
    assert sorted(marks) == sorted(re.findall(r"mark\d{6}", " ".join(message.body for message in taken)))


def _answered_once(crashes: Crashes) -> None:
    """The provider's list answers, so that there is no doubt in the end, and no repeat."""
    sent = replies(crashes.twilio)
    owed = [message.callback_url.rpartition("/")[2].partition("-")[0] for message in sent]
    assert len(owed) == len(set(owed))
    texts = [message for message in crashes.twilio.messages if message.direction == "inbound"]
    for phone in {message.from_ for message in texts}:
        heard = [message.body for message in sent if message.to == phone]
        assert sum("988" in body for body in heard) == 1
        more = sum(message.from_ == phone for message in texts) > 1
        # Where the service was down for longer than a pause, its texts before and after it are two reports.
        assert len(heard) >= 2 + more


def _shown_once(crashes: Crashes, words: list[str]) -> None:
    cards = [each for each in crashes.slack.channel(DESK).messages if not each.deleted]
    assert sorted(card.blocks[0]["text"]["text"].split(" ")[0] for card in cards) == sorted(words)


async def _is_whole(service: Service) -> None:
    halves = await service.database.read(
        lambda tx: tx.fetch(
            """SELECT c.word FROM cases c WHERE (SELECT count(*) FROM clocks k WHERE k.case_id = c.id) <> 3
            OR NOT EXISTS (SELECT 1 FROM entries e WHERE e.case_id = c.id)"""
        )
    )
    assert halves == []
    assert await service.database.integrity() == []
    assert await audit.verify(service.database, service.vault) == []
