"""The job that has texts blanked at their provider: whatever stops it, each is blanked once, or left and told."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from handlers.messages import Inbound, Remains, SendFailed
from scheduler import redaction
from scheduler.work import Redaction, Work

NOW = datetime(2026, 11, 30, 16, tzinfo=UTC)
AFTER = timedelta(hours=48)


class Killed(BaseException):
    """The process ends here."""


class Provider:
    """Holds texts from one an hour until they are blanked, and answers as it is told."""

    def __init__(self, many: int = 0) -> None:
        self.held = [
            Remains(f"SM{number}", NOW - AFTER - timedelta(hours=number, minutes=1), True, True, number % 2 == 0)
            for number in range(many)
        ]
        self.blanked: Counter[str] = Counter()
        self.deleted: Counter[str] = Counter()
        self.faults: dict[str, BaseException] = {}

    async def remains(self, since: datetime, before: datetime) -> list[Remains]:
        return [one for one in self.held if since <= one.at < before and not self.blanked[one.reference]]

    async def redact(self, reference: str, pictures: bool) -> None:
        if reference in self.faults:
            raise self.faults.pop(reference)
        self.blanked[reference] += 1
        self.deleted[reference] += pictures


class Stage:
    """A ledger and a shelf in plain values, a clock, and the job on them."""

    def __init__(self, many: int = 0) -> None:
        self.clock = NOW
        self.provider = Provider(many)
        self.unheld: set[str] = set()
        self.urls: frozenset[str] | None = frozenset()
        self.late: list[Inbound] = []
        self.marks: dict[str, datetime] = {}
        self.outcomes: Counter[str] = Counter()
        unused: Any = None
        stage: Any = self
        self.work = Work(
            ledger=stage,
            channels={},
            lines=(),
            take_turn=unused,
            now=lambda: self.clock,
            shelf=stage,
            clean=unused,
            reports=unused,
            make_report=unused,
            count=unused,
            redactions=(Redaction("twilio_sms", self.provider, AFTER),),
            redacted=lambda channel, outcome: self.outcomes.update([outcome]),
        )

    async def due(self, now: datetime) -> list[Inbound]:
        return self.late

    async def mark(self, name: str) -> datetime | None:
        return self.marks.get(name)

    async def note(self, name: str, at: datetime) -> None:
        self.marks[name] = at

    async def holds(self, channel: str, delivery: str) -> bool:
        return delivery not in self.unheld

    async def unkept(self, channel: str) -> frozenset[str] | None:
        return self.urls

    async def runs(self, times: int = 1) -> None:
        for _ in range(times):
            await redaction.run(self.work)
            self.clock += timedelta(hours=1)

    @property
    def done(self) -> list[str]:
        return sorted(self.provider.blanked.elements())

    @property
    def all(self) -> list[str]:
        return sorted(one.reference for one in self.provider.held)


async def test_all_that_is_old_enough_is_blanked_once() -> None:
    stage = Stage(5)
    await stage.runs(3)
    assert stage.done == stage.all
    assert sorted(stage.provider.deleted.elements()) == ["SM0", "SM2", "SM4"]
    assert stage.outcomes == {"done": 5}


@pytest.mark.parametrize("stop", [Killed(), SendFailed("later", "20429"), SendFailed("unknown", "connection")])
@pytest.mark.parametrize("at", range(5))
async def test_wherever_it_is_stopped_the_next_run_does_the_rest_and_nothing_twice(
    stop: BaseException, at: int
) -> None:
    stage = Stage(5)
    stage.provider.faults[f"SM{at}"] = stop
    try:
        await stage.runs()
    except Killed:
        stage.clock += timedelta(hours=1)
    assert len(stage.done) == at
    await stage.runs(2)
    assert stage.done == stage.all


async def test_one_that_the_provider_refuses_holds_up_no_other_and_is_tried_again() -> None:
    stage = Stage(5)
    stage.provider.faults["SM3"] = SendFailed("never", "20009")
    await stage.runs()
    assert stage.done == ["SM0", "SM1", "SM2", "SM4"]
    await stage.runs()
    assert stage.done == stage.all


async def test_what_is_not_held_here_or_not_final_is_left_and_given_up_after_two_weeks() -> None:
    stage = Stage(2)
    stage.unheld = {"SM0"}
    first, second = stage.provider.held
    stage.provider.held = [first, Remains(second.reference, second.at, False, False, False)]
    with capture_logs() as said:
        await stage.runs(24 * 13)
        assert stage.marks["redacted twilio_sms"] == second.at
        await stage.runs(24 * 2)
    assert stage.done == []
    assert stage.clock - AFTER - stage.marks["redacted twilio_sms"] <= timedelta(hours=2)
    assert [line["event"] for line in said] == ["redaction_given_up"] * 2


async def test_pictures_that_only_the_provider_has_are_left_and_their_words_are_not() -> None:
    stage = Stage(3)
    stage.urls = frozenset({"https://provider.example/SM2/Media/ME1"})
    await stage.runs()
    assert (stage.done, sorted(stage.provider.deleted.elements())) == (stage.all, ["SM0"])
    stage = Stage(3)
    stage.urls = None
    await stage.runs()
    assert (stage.done, sorted(stage.provider.deleted.elements())) == (stage.all, [])


async def test_nothing_is_blanked_while_a_follow_up_is_late() -> None:
    stage = Stage(3)
    stage.late = [Inbound("timer", "independence", "", "f", NOW, "timer")]
    await stage.runs(2)
    assert stage.done == []
    stage.late = []
    await stage.runs()
    assert stage.done == stage.all


async def test_the_list_is_not_read_more_often_than_it_is_worth() -> None:
    stage = Stage(1)
    await redaction.run(stage.work)
    stage.provider.held = [Remains("SM9", NOW - AFTER, True, True, False)]
    stage.clock += timedelta(minutes=20)
    await redaction.run(stage.work)
    assert stage.done == ["SM0"]
    stage.clock += timedelta(minutes=20)
    await redaction.run(stage.work)
    assert stage.done == ["SM0", "SM9"]
