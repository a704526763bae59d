"""Simulates exit interviews over a hostile network, with crashes, stops at every step and nights of daylight saving.

    python -m campaigns.exits [--seed N] [--interviews N]

No answer may be lost, nothing sent twice, nothing texted out of hours or after a stop.
"""

import argparse
import asyncio
import heapq
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random, SystemRandom
from tempfile import TemporaryDirectory

from structlog.testing import capture_logs

from bot.cities import QUESTIONNAIRES, read_cities, read_forms, read_texts
from bot.settings import PACKAGED_JURISDICTIONS
from bot.turn import Turns
from campaigns.exits_network import Crash, Crashing, Network, Sent
from campaigns.exits_people import STOPS, Person, Utterance, fits
from handlers import calendar
from handlers.exits import desk as exits
from handlers.exits.interviews import PROGRAM, is_kept, response
from handlers.exits.roster import Invitee
from handlers.messages import Inbound
from handlers.reports import Order, Posting
from handlers.surveys.questionnaire import to_questions
from scheduler import followups, outbox
from scheduler.work import Work
from storage import effects, open_database, responses
from storage import exits as stored
from storage.database import Transaction
from storage.ledger import Ledger
from storage.media import MediaShelf
from storage.migrate import migrate
from storage.reports import Reports
from storage.scene import Region
from storage.vault import Keys, Vault

INTERVIEWS = 10_000
MEMORY = "/dev/shm"  # noqa: S108 -- nothing here outlives the run
AT_ONCE = 100
CITY = "independence"
CRASHES = 0.01
BEFALLS = ("silent", "stop", "erase", "pause", "later", "language", "back")
# Weekends on which the clocks change, a holiday, and an ordinary week.
STARTS = (
    datetime(2026, 10, 30, 15, 0, tzinfo=UTC),
    datetime(2027, 3, 12, 16, 0, tzinfo=UTC),
    datetime(2026, 11, 24, 1, 0, tzinfo=UTC),
    datetime(2026, 4, 14, 14, 0, tzinfo=UTC),
)
SLACK = timedelta(minutes=11)
ONE_STOP = timedelta(minutes=5)
Do = Callable[[], Awaitable[None]]


@dataclass
class Outcome:
    """What was counted; `faults` are broken promises, in words."""

    interviews: int = 0
    finished: int = 0
    stopped: int = 0
    erased: int = 0
    texts: int = 0
    crashes: int = 0
    kept: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Count another run in."""
        for name in ("interviews", "finished", "stopped", "erased", "texts", "crashes", "kept"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults += other.faults


class World:
    """One city, some people who leave it, the real core and store, and a clock that jumps from event to event."""

    def __init__(self, seed: int, people: int, folder: Path) -> None:
        self.chance = Random(seed)  # noqa: S311 -- a simulator wants the same again
        self.start = self.now = self.chance.choice(STARTS)
        self.folder = folder
        self.queue: list[tuple[datetime, int, Do]] = []
        self.order = count()
        self.region = Region.of(read_cities(PACKAGED_JURISDICTIONS), read_texts(), "", read_forms(QUESTIONNAIRES))
        self.city = self.region.jurisdictions[CITY]
        self.form = self.region.forms[PROGRAM]
        self.people = {person.phone: person for person in (self._person(number) for number in range(people))}
        self.network = Network(self.chance, lambda: self.now, self.later, self.reaches, self.settle)
        self.outcome = Outcome(people)
        self.woken = True
        self.texted: dict[str, list[datetime]] = defaultdict(list)
        self.expected: list[dict[str, str]] = []

    async def run(self) -> Outcome:
        """From the invitation to the lock."""
        database = await open_database(f"sqlite:///{self.folder}/bot.db")
        await migrate(database)
        self.vault = Vault(Keys(1, {1: self.chance.randbytes(32)}))
        self.database = Crashing(database, self.chance, CRASHES)
        self.ledger = Ledger(self.database, self.vault, self.region)
        self.turns = Turns(self.database, self.vault, self.region, self._wake)
        self.work = self._work()
        try:
            await database.transact(self._invite)
            lock = calendar.quarter_end(self.city, self.start + timedelta(days=exits.OPEN_FOR + 1))
            await self._until(lock - timedelta(hours=1))
            await self._check_answers()
            await self._until(lock + timedelta(days=1))
            await self._check_responses()
        finally:
            await database.close()
        self._check_texts()
        self.outcome.crashes = self.database.crashes
        return self.outcome

    # --- what happens

    def later(self, delay: timedelta, do: Do) -> None:
        """Do something after a while."""
        heapq.heappush(self.queue, (self.now + delay, next(self.order), do))

    async def reaches(self, phone: str, text: str) -> None:
        """A text is on somebody's screen."""
        person = self.people[phone]
        if not fits(text):
            self.outcome.faults.append(f"too long: {text}")
        at = timedelta(0)
        for one in person.hear(self.form, text):
            at += one.after
            self.later(at, partial(self.writes, person, person.plan, one))

    async def writes(self, person: Person, plan: int, one: Utterance) -> None:
        """Somebody sends a text: it comes at once or a moment later, once or twice."""
        if plan != person.plan:
            return
        person.says(one)
        line = self.city.line("twilio_sms", PROGRAM)
        delivery = f"SM{next(self.order)}"
        inbound = Inbound("twilio_sms", line.address if line else "", person.phone, delivery, self.now, text=one.text)
        for _ in range(self.chance.choice((1, 1, 1, 2))):
            delay = timedelta(seconds=self.chance.choice((0, 0, 0, 0.3, 0.6)))
            self.later(delay, partial(self.arrives, person, inbound))

    async def arrives(self, person: Person, inbound: Inbound) -> None:
        """The webhook; what it could not take is swept later, as of the time when the provider took it."""
        try:
            await self.turns.take(inbound)
        except Crash:
            self.later(timedelta(minutes=5), partial(self.arrives, person, inbound))
            return
        self.texted[person.phone].append(inbound.received_at)
        if inbound.text in STOPS:
            person.stopped_at = person.stopped_at or self.now
        person.erased = person.erased or inbound.text == "ERASE"

    async def settle(self, attempt: str, receipt: object) -> None:
        """A status callback; the provider tries it twice."""
        for _ in range(2):
            try:
                await self.ledger.receive(attempt, receipt, self.now)  # type: ignore[arg-type]
            except Crash:
                continue
            return

    # --- the machinery

    def _person(self, number: int) -> Person:
        chance = Random(self.chance.random())  # noqa: S311 -- see above
        befalls = {chance.randint(1, 24): what for what in BEFALLS if chance.random() < 0.25}
        if number % 4 == 0:
            befalls[1 + number // 4 % 24] = "stop"  # a stop at every step
        return Person(f"+1816234{number:04}", chance.choice(("en", "es")), chance, befalls=befalls)

    async def _invite(self, tx: Transaction) -> None:
        phones = tuple(self.people)
        scene = await stored.by_operator(tx, self.vault, self.region, CITY, phones, self.now)
        first = calendar.next_text_time(self.city, self.now)
        invitees = [Invitee(one.phone, one.language, "", "form", first) for one in self.people.values()]
        for effect in exits.invited(scene.facts, self.city, invitees, self.now, "simulator"):
            await effects.PERFORM[type(effect)](scene, effect)

    def _work(self) -> Work:
        async def clean(content: bytes) -> bytes | None:
            return None

        async def no_report(order: Order) -> Posting:
            raise NotImplementedError(order.report)

        return Work(
            ledger=self.ledger,
            channels={"twilio_sms": self.network},
            lines=(),
            take_turn=self.turns.take,
            now=lambda: self.now,
            shelf=MediaShelf(self.database, self.vault),
            clean=clean,
            reports=Reports(self.database, self.vault, self.region),
            make_report=no_report,
            count=lambda channel, outcome: None,
        )

    async def _until(self, end: datetime) -> None:
        due = await self.ledger.next_due()
        while True:
            queued = self.queue[0][0] if self.queue else None
            at = min((one for one in (due, queued) if one is not None), default=None)
            if at is None or at > end:
                self.now = end
                return
            self.now = max(self.now, at)
            while self.queue and self.queue[0][0] <= self.now:
                await heapq.heappop(self.queue)[2]()
            if self.woken or (due is not None and due <= self.now):
                self.woken = False
                await self._jobs()
                due = await self.ledger.next_due()

    def _wake(self) -> None:
        self.woken = True

    async def _jobs(self) -> None:
        """A crash in a job leaves the rest to the next tick."""
        for job in (followups, outbox):
            try:
                await job.run(self.work)
            except Crash:
                self.now += timedelta(seconds=1)

    # --- what must hold

    async def _check_answers(self) -> None:
        """Whatever somebody said in answer to what they had seen is there, word for word."""

        async def work(tx: Transaction) -> None:
            for person in self.people.values():
                await self._check_person(tx, person)

        await self.database.database.read(work)

    async def _check_person(self, tx: Transaction, person: Person) -> None:
        alias = self.vault.alias(CITY, PROGRAM, "twilio_sms", person.phone)
        rows = await tx.fetch(stored.RESPONDENT + "WHERE r.alias = :alias", alias=alias)
        if person.erased:
            self.outcome.erased += 1
            if rows:
                self.outcome.faults.append(f"{person.phone}: erased, but there")
            return
        interview = stored.unpack(self.vault, rows[0])
        self.outcome.finished += interview.stage == "finished"
        self.outcome.stopped += person.stopped_at is not None
        path = [question.id for question in to_questions(self.form, interview.answers, "en")]
        for id, wanted in person.said.items():
            given = interview.answers.get(id, "")
            if id in path and set(given.split("\n")) != wanted and person.stopped_at is None:
                self.outcome.faults.append(f"{person.phone}: {id} is {given!r}, said {wanted}")
        if is_kept(self.form, interview, bool(rows[0]["stopped"])):
            self.outcome.kept += 1
            self.expected.append(response(self.form, interview))

    async def _check_responses(self) -> None:
        """After the lock there is exactly what was answered, and nobody."""

        async def work(tx: Transaction) -> tuple[list[responses.Response], int]:
            kept = await responses.read(tx, self.vault, CITY, "2026Q1", "2027Q4")
            left = await tx.fetch("SELECT count(*) AS n FROM respondents")
            return kept, left[0]["n"]

        kept, left = await self.database.database.read(work)
        found = sorted(str(sorted(one.answers.items())) for one in kept)
        wanted = sorted(str(sorted(one.items())) for one in self.expected)
        if found != wanted or left:
            self.outcome.faults.append(f"lock: {len(found)} responses for {len(wanted)}, {left} people left")

    def _check_texts(self) -> None:
        once: dict[str, str] = {}
        for sent in self.network.sent:
            row, _, attempt = sent.attempt.partition("-")
            if once.setdefault(row, attempt) != attempt:
                self.outcome.faults.append(f"{sent.phone}: sent twice: {sent.text}")
            self._check_hour(sent)
            self._check_stop(sent)
        self.outcome.texts = len(self.network.sent)

    def _check_hour(self, sent: Sent) -> None:
        person = self.people[sent.phone]
        if calendar.may_text(self.city, sent.at) or any(
            timedelta(0) <= sent.at - at <= SLACK for at in self.texted[sent.phone]
        ):
            return
        if not (person.chose and calendar.may_text(self.city, sent.at, chosen=True)):
            self.outcome.faults.append(f"{sent.phone}: at {sent.at.astimezone(self.city.zone)}: {sent.text}")

    def _check_stop(self, sent: Sent) -> None:
        stopped = self.people[sent.phone].stopped_at
        if stopped is None or sent.at <= stopped or ("START" in sent.text and sent.at - stopped <= ONE_STOP):
            return
        self.outcome.faults.append(f"{sent.phone}: after its stop: {sent.text}")


async def simulate(seed: int, interviews: int) -> Outcome:
    """Many worlds, one after the other."""
    chance, whole = Random(seed), Outcome()  # noqa: S311 -- a simulator wants the same again
    while whole.interviews < interviews:
        people = min(AT_ONCE, interviews - whole.interviews)
        with TemporaryDirectory(prefix="commonline-", dir=_memory()) as folder, capture_logs():
            whole.add(await World(chance.randrange(2**32), people, Path(folder)).run())
        print(f"{whole.interviews} interviews, {len(whole.faults)} faults", file=sys.stderr, flush=True)
    return whole


def _memory() -> str | None:
    return MEMORY if Path(MEMORY).is_dir() else None


def main() -> int:
    """Print the seed, the counts and every fault; 1 if there is one."""
    parser = argparse.ArgumentParser(description="Simulate exit interviews over a hostile network.")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6))
    parser.add_argument("--interviews", type=int, default=INTERVIEWS)
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    whole = asyncio.run(simulate(given.seed, given.interviews))
    counts = ("interviews", "finished", "stopped", "erased", "texts", "crashes", "kept")
    print(", ".join(f"{name} {getattr(whole, name)}" for name in counts), f"faults {len(whole.faults)}", sep=", ")
    print("\n".join(whole.faults[:50]))
    return bool(whole.faults)


if __name__ == "__main__":
    sys.exit(main())
