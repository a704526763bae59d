"""Ten thousand people of three cities race for forty seats, on both databases, while seats are added and dropped.

    python -m campaigns.seats [--seed N] [--people N] [--database sqlite|postgresql]

Never a seat too many; first come, first served within the cities' shares; nobody told of a seat that is not there.
"""

import argparse
import asyncio
import heapq
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random, SystemRandom
from tempfile import TemporaryDirectory
from typing import Any

from structlog.testing import capture_logs

from bot.cities import QUESTIONNAIRES, read_cities, read_forms, read_texts
from bot.settings import PACKAGED_JURISDICTIONS
from bot.turn import Turns
from campaigns.seats_oracle import Book, mark, watch
from handlers import calendar
from handlers import effects as e
from handlers.messages import Inbound, Outbound, Receipt, SendFailed
from handlers.reports import Order, Posting
from handlers.state import Facts
from handlers.training import moves
from handlers.training.values import PROGRAM, Course, Learner, Session
from scheduler import followups, outbox
from scheduler.work import Work
from storage import open_database
from storage.database import Busy, Database, Transaction
from storage.ledger import Ledger
from storage.media import MediaShelf
from storage.migrate import migrate
from storage.reports import Reports
from storage.scene import Again, Region
from storage.vault import Keys, Vault
from tests.databases import SCHEMES, WITHOUT_TABLES, new_url
from tests.schooled import keep, learner, phone

PEOPLE = 10_000
CITIES = ("independence", "lees_summit", "blue_springs")
START = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
BEGINS = datetime(2026, 12, 16, 15, 0, tzinfo=UTC)
UNTIL = datetime(2026, 12, 4, 15, 0, tzinfo=UTC)
SETTLED = BEGINS - timedelta(hours=24)
COURSE = Course("course", "RACE", "Supervision", "course", "marc")
OTHER = Course("other", "GONE", "Customer service", "course", "marc")
SHARES = {"independence": 10, "lees_summit": 10, "blue_springs": 8}
SEATS, FIRST = 40, 32
RACE = Session(
    "race", COURSE.id, "RACE-1", BEGINS, BEGINS + timedelta(hours=6), "MARC", FIRST, shares=SHARES, shared_until=UNTIL
)
GONE = Session("gone", OTHER.id, "GONE-1", BEGINS, BEGINS + timedelta(hours=6), "MARC", 20)
REPLICAS = {"sqlite": 1, "postgresql": 3}
AT_ONCE = 24
ALL_AT_ONCE = 0.2
BATCH = 500
MEMORY = "/dev/shm"  # noqa: S108 -- nothing here outlives the run
HAVE = "You have a seat"
ANSWER = timedelta(minutes=10)
Do = Callable[[], Awaitable[None]]


@dataclass
class Outcome:
    """What was counted; `faults` are broken promises, in words."""

    people: int = 0
    texts: int = 0
    refused: int = 0
    promised: int = 0
    offers: int = 0
    expired: int = 0
    dropped: int = 0
    seated: int = 0
    most: int = 0
    faults: list[str] = field(default_factory=list)


class Phones:
    """Everybody's phone: takes every text, and lets its person answer."""

    def __init__(self, heard: Callable[[Outbound], Awaitable[None]]) -> None:
        self.heard = heard
        self.sent = 0

    async def send(self, outbound: Outbound) -> Receipt:
        """Delivered at once; cards for staff are nobody's text."""
        self.sent += 1
        if outbound.kind == "text":
            await self.heard(outbound)
        return Receipt("delivered", f"SM{self.sent}")

    async def find(self, outbound: Outbound) -> Receipt | None:
        """Nothing is ever in doubt."""
        return None

    async def missed(self, line: str, since: datetime) -> AsyncIterator[Inbound]:
        """Nothing is missed."""
        none: tuple[Inbound, ...] = ()
        for inbound in none:
            yield inbound

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """There are no pictures here."""
        raise SendFailed("never", "media")


class World:
    """The real core and store, several services beside each other on PostgreSQL, and people who answer."""

    def __init__(self, seed: int, people: int, scheme: str) -> None:
        self.chance = Random(seed)  # noqa: S311 -- a simulator wants the same again
        self.scheme = scheme
        self.now = START
        self.region = Region.of(read_cities(PACKAGED_JURISDICTIONS), read_texts(), "", read_forms(QUESTIONNAIRES))
        self.vault = Vault(Keys(1, {1: self.chance.randbytes(32)}))
        weights = self.chance.choices(CITIES, weights=(5, 3, 2), k=people)
        self.people = {phone(one): one for one in (learner(number, city) for number, city in enumerate(weights))}
        self.phones = Phones(self._heard)
        self.outcome = Outcome(people)
        self.order = count()
        self.queue: list[tuple[datetime, int, Do]] = []
        self.dropping: set[str] = set()
        self.texted: dict[str, datetime] = {}

    async def run(self, url: str) -> Outcome:
        """The rush, then days of offers until a day before it begins."""
        async with AsyncExitStack() as stack:
            self.databases: list[Database] = []
            for _ in range(REPLICAS[self.scheme]):
                database = await open_database(url)
                stack.push_async_callback(database.close)
                self.databases.append(database)
            await migrate(self.databases[0])
            self.turns = [Turns(one, self.vault, self.region, lambda: None) for one in self.databases]
            self.work = [self._work(*pair) for pair in zip(self.databases, self.turns, strict=True)]
            await self._prepare()
            await self._rush()
            await self._days()
            await self._check()
        return self.outcome

    # --- what happens

    async def _prepare(self) -> None:
        opened = (e.KeepCourse(COURSE), *moves.open_session(RACE), e.KeepCourse(OTHER), *moves.open_session(GONE))
        await self._keep(opened)
        everybody = [e.KeepLearner(one) for one in self.people.values()]
        for first in range(0, len(everybody), BATCH):
            await self._keep(everybody[first : first + BATCH])
        await self.databases[0].transact(partial(watch, scheme=self.scheme))

    async def _rush(self) -> None:
        """Everybody texts at once, some for a course that is called off meanwhile; seats are added and dropped."""
        everybody = list(self.people.values())
        self.chance.shuffle(everybody)
        others = everybody[: len(everybody) // 20]
        texts: list[Do] = [partial(self.says, one, "ENROL GONE-1") for one in others]
        texts += [partial(self.says, one, "ENROL RACE-1") for one in everybody[len(others) :]]
        self.chance.shuffle(texts)
        places = sorted(self.chance.sample(range(len(texts)), 5))
        changes: list[Do] = [partial(self._resize, RACE.but(seats=FIRST + 2)), partial(self._resize, RACE.but(seats=5))]
        changes += [
            partial(self._resize, RACE.but(seats=36)),
            self._call_off,
            partial(self._resize, RACE.but(seats=SEATS)),
        ]
        for place, change in zip(reversed(places), reversed(changes), strict=True):
            texts.insert(place, change)
        waiting = iter(texts)
        await asyncio.gather(*(self._worker(waiting) for _ in range(AT_ONCE)), *(self._tick_for(99) for _ in range(1)))
        await self._settle()

    async def _worker(self, texts: Iterable[Do]) -> None:
        for do in texts:
            await do()

    async def _tick_for(self, times: int) -> None:
        """Follow-ups are answered while the rush goes on."""
        for _ in range(times):
            await asyncio.gather(*(followups.run(work) for work in self.work))
            await asyncio.sleep(0)

    async def _days(self) -> None:
        """Event by event, as people answer, are silent or drop out."""
        marked = False
        while (at := await self._next()) is not None and at <= SETTLED:
            if at >= UNTIL and not marked:
                marked = True
                self.now = UNTIL
                await self.databases[0].transact(partial(mark, session=RACE.id, what="shares end"))
            self.now = max(self.now, at)
            while self.queue and self.queue[0][0] <= self.now:
                await heapq.heappop(self.queue)[2]()
            ended = await self._ended()
            await self._settle()
            city = self.region.jurisdictions[CITIES[0]]
            if await self._ended() > ended and not calendar.may_text(city, self.now):
                self.outcome.faults.append(f"an offer ended by night, at {self.now}")
        self.now = SETTLED

    async def _ended(self) -> int:
        """How many offers have ended without a word, or with a no."""
        rows = await self._rows("SELECT count(*) AS n FROM trace WHERE before = 'offered' AND after = 'cancelled'")
        return int(rows[0]["n"])

    async def _next(self) -> datetime | None:
        times = [await work.ledger.next_due() for work in self.work[:1]]
        queued = [self.queue[0][0]] if self.queue else []
        return min((one for one in (*times, *queued) if one is not None), default=None)

    async def _settle(self) -> None:
        """Until nothing is due: one of the services, or now and then all of them at once."""
        busy = self.work if self.chance.random() < ALL_AT_ONCE else [self.chance.choice(self.work)]
        for job in (followups, outbox):
            await asyncio.gather(*(job.run(work) for work in busy))

    async def says(self, one: Learner, text: str) -> None:
        """Somebody texts; any of the services takes it."""
        line = self.region.jurisdictions[one.jurisdiction].line("twilio_sms", PROGRAM)
        self.texted[one.id] = self.now
        sender = (line.address if line else "", phone(one), f"SM{next(self.order)}")
        inbound = Inbound("twilio_sms", *sender, self.now, text=text)
        while not await self._arrives(inbound):
            self.outcome.refused += 1

    async def _arrives(self, inbound: Inbound) -> bool:
        """A service that is too busy refuses, and the provider, or the sweep of its list, comes once more."""
        try:
            await self.chance.choice(self.turns).take(inbound)
        except Busy:
            await asyncio.sleep(0)
            return False
        return True

    async def _heard(self, outbound: Outbound) -> None:
        """A text is on somebody's screen. What it says of a seat must be so in the table, now."""
        one = self.people[outbound.to]
        self.outcome.texts += 1
        answers = self.now - self.texted.get(one.id, START) <= ANSWER
        if not (answers or calendar.may_text(self.region.jurisdictions[one.jurisdiction], self.now)):
            self.outcome.faults.append(f"out of hours at {self.now}: {outbound.text[:40]}")
        state = await self._state(one, RACE if "RACE-1" in outbound.text else GONE)
        if HAVE in outbound.text:
            self.outcome.promised += 1
            if state != "enrolled":
                self.outcome.faults.append(f"{one.id} was told of a seat and is {state or 'nowhere'}")
            if one.id not in self.dropping and self.chance.random() < 0.3:
                self.dropping.add(one.id)
                self._later(timedelta(hours=self.chance.uniform(1, 24 * 9)), partial(self._drops, one))
        elif "Reply YES by" in outbound.text:
            self.outcome.offers += 1
            if state != "offered":
                self.outcome.faults.append(f"{one.id} was offered a seat and is {state or 'nowhere'}")
            if answer := self.chance.choice(("YES", "YES", "NO", "")):
                self._later(timedelta(hours=self.chance.uniform(0, 4)), partial(self.says, one, answer))
        elif "Time is up" in outbound.text:
            self.outcome.expired += 1

    async def _drops(self, one: Learner) -> None:
        if await self._state(one, RACE) == "enrolled":
            self.outcome.dropped += 1
            await self.says(one, "DROP RACE-1")
            await self.says(one, "YES")

    async def _resize(self, session: Session) -> None:
        """A coordinator changes the number of seats; fewer than are taken is refused."""
        try:
            await self._keep((e.KeepSession(session), moves.free(session.id, self.now)))
        except Again:
            if session.seats >= FIRST:
                self.outcome.faults.append(f"{session.seats} seats were refused")
        else:
            if session.seats < FIRST and len(self.people) > SEATS and await self._taken() > session.seats:
                self.outcome.faults.append(f"{session.seats} seats were allowed")

    async def _call_off(self) -> None:
        await self._keep(moves.call_off(self._facts(), GONE))

    # --- what must hold

    async def _check(self) -> None:
        """The database's own notes against plain counting; counters against rows; every seat against its person."""
        rows = await self._rows("SELECT * FROM trace ORDER BY id")
        book = Book(FIRST, dict(SHARES)).follow([row for row in rows if row["session"] == RACE.id])
        self.outcome.faults += book.faults
        self.outcome.most = book.most
        found = await self._rows("SELECT session, jurisdiction, state, count(*) AS n FROM enrolments GROUP BY 1, 2, 3")
        held: Counter[tuple[str, str]] = Counter()
        for row in found:
            seated = row["state"] in ("enrolled", "offered", "requested")
            held[row["session"], row["jurisdiction"]] += row["n"] if seated else 0
        counts = await self._rows("SELECT * FROM seat_counts")
        if {key: n for key, n in held.items() if n} != {
            (row["session"], row["jurisdiction"]): row["taken"] for row in counts if row["taken"]
        }:
            self.outcome.faults.append("the counters do not agree with the enrolments")
        self.outcome.seated = sum(n for (session, _), n in held.items() if session == RACE.id)
        if self.outcome.seated != SEATS:
            self.outcome.faults.append(f"{self.outcome.seated} people have {SEATS} seats")
        if sum(n for (session, _), n in held.items() if session == GONE.id):
            self.outcome.faults.append("somebody has a seat in what was called off")
        for row in await self._rows("SELECT id, seats, taken FROM sessions"):
            if row["taken"] != sum(n for (session, _), n in held.items() if session == row["id"]):
                self.outcome.faults.append(f"{row['id']} counts {row['taken']}")

    async def _state(self, one: Learner, session: Session) -> str:
        rows = await self._rows("SELECT state FROM enrolments WHERE id = :id", id=f"{session.id}.{one.id}")
        return str(rows[0]["state"]) if rows else ""

    async def _taken(self) -> int:
        return int((await self._rows("SELECT taken FROM sessions WHERE id = :id", id=RACE.id))[0]["taken"])

    async def _rows(self, sql: str, **values: object) -> list[Any]:
        async def work(tx: Transaction) -> list[Any]:
            return await tx.fetch(sql, **values)

        return await self.databases[0].read(work)

    # --- the machinery

    async def _keep(self, effects: Iterable[e.Effect]) -> None:
        await keep(self.databases[0], self.vault, self.region, self.now, effects)

    def _facts(self) -> Facts:
        marc = self.region.jurisdictions["marc"]
        return Facts(marc, self.region.texts, self.now, jurisdictions=self.region.jurisdictions)

    def _later(self, delay: timedelta, do: Do) -> None:
        heapq.heappush(self.queue, (self.now + delay, next(self.order), do))

    async def _take(self, turns: Turns, inbound: Inbound) -> None:
        """A turn that breaks is a fault, not a thing to be tried again in silence."""
        try:
            await turns.take(inbound)
        except Busy:
            raise
        except Exception as fault:
            self.outcome.faults.append(f"{inbound.name} broke: {type(fault).__name__} {fault}")
            raise

    def _work(self, database: Database, turns: Turns) -> Work:
        async def clean(content: bytes) -> bytes | None:
            return None

        async def no_report(order: Order) -> Posting:
            raise NotImplementedError

        return Work(
            ledger=Ledger(database, self.vault, self.region),
            channels=dict.fromkeys(("twilio_sms", "slack", "teams", "email"), self.phones),
            lines=(),
            take_turn=partial(self._take, turns),
            now=lambda: self.now,
            shelf=MediaShelf(database, self.vault),
            clean=clean,
            reports=Reports(database, self.vault, self.region),
            make_report=no_report,
            count=lambda channel, outcome: None,
        )


async def race(seed: int, people: int, scheme: str) -> Outcome:
    """One whole race on a new database."""
    with TemporaryDirectory(prefix="commonline-", dir=_memory()) as folder, capture_logs():
        async with new_url(scheme, Path(folder), WITHOUT_TABLES) as url:
            return await World(seed, people, scheme).run(url)


def _memory() -> str | None:
    return MEMORY if Path(MEMORY).is_dir() else None


def main() -> int:
    """Print the seed, the counts and every fault; 1 if there is one."""
    parser = argparse.ArgumentParser(description="Race for seats on both databases.")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6))
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--database", choices=SCHEMES)
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    wrong = 0
    for scheme in [given.database] if given.database else SCHEMES:
        outcome = asyncio.run(race(given.seed, given.people, scheme))
        counts = ", ".join(f"{name} {value}" for name, value in vars(outcome).items() if name != "faults")
        print(f"{scheme}: {counts}, faults {len(outcome.faults)}", *outcome.faults[:50], sep="\n  ", flush=True)
        wrong += len(outcome.faults)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
