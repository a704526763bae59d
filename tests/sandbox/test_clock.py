"""The sandbox's clock and the way through time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.sandbox.clock import Clock, Travel
from bot.sandbox.wire import nothing


class Agenda:
    """Things that are due, and when the clock stood as each was done."""

    def __init__(self, clock: Clock, *due: timedelta) -> None:
        self.clock = clock
        self.due = [clock() + wait for wait in due]
        self.done: list[datetime] = []
        self.stuck = False

    async def next_due(self) -> datetime | None:
        return self.due[0] if self.due else None

    async def settle(self) -> None:
        while self.due and self.due[0] <= self.clock() and not self.stuck:
            self.done.append(self.clock())
            self.due.pop(0)


def travel(clock: Clock, agenda: Agenda) -> Travel:
    return Travel(clock, agenda.next_due, agenda.settle, nothing)


async def test_each_thing_happens_in_its_own_time(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    agenda = Agenda(clock, timedelta(hours=1), timedelta(days=2), timedelta(days=30))
    promised = agenda.due[:2]
    journey = travel(clock, agenda)
    assert journey.start(clock() + timedelta(days=7))
    await journey.finished()
    assert [abs(done - due) < timedelta(seconds=5) for done, due in zip(agenda.done, promised, strict=True)] == [
        True
    ] * 2
    assert len(agenda.due) == 1
    assert clock.offset >= timedelta(days=6, hours=23)


async def test_a_thing_that_stays_due_does_not_hold_time_up(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    agenda = Agenda(clock, timedelta(0))
    agenda.stuck = True
    journey = travel(clock, agenda)
    journey.start(clock() + timedelta(seconds=20))
    await journey.finished()
    assert clock.offset >= timedelta(seconds=19)


async def test_a_second_journey_waits_and_a_stopped_one_stays_where_it_is(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    journey = travel(clock, Agenda(clock, timedelta(days=1)))
    assert journey.start(clock() + timedelta(days=365))
    assert not journey.start(clock() + timedelta(days=1))
    journey.stop()
    await journey.finished()
    assert clock.offset < timedelta(days=1)


def test_time_goes_on_after_a_restart_and_never_back(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    clock = Clock(file)
    later = datetime.now(UTC) + timedelta(days=40)
    clock.advance(later)
    clock.advance(datetime.now(UTC))
    assert Clock(file)() >= later
