"""What a reporter is told about a case: stage, next promised date, days left."""

from datetime import datetime

from handlers.calendar import local_day
from handlers.said import Said
from handlers.state import Case, Clock

LISTED = 4


def progress_of_all(said: Said) -> str:
    """Where this person's cases stand: one in full, several with one line each."""
    cases = said.open_cases() or said.cases[:1]
    if not cases:
        return said.words("hotline.nothing")
    if len(cases) == 1:
        return progress(said, cases[0])
    return "\n".join(_line(said, case) for case in cases[:LISTED])


def progress(said: Said, case: Case) -> str:
    """Where one case stands, in plain words."""
    clock = _next(said, case)
    left = "" if clock is None or _late(said, case) else _left(said, clock)
    stage = said.words(f"stage.{case.stage}")
    return said.words("progress.case", word=case.word, stage=stage, promise=promise(said, case), left=left).strip()


def promise(said: Said, case: Case) -> str:
    """What is promised next, after an apology for what is late; empty when nothing is owed."""
    clock, late = _next(said, case), _late(said, case)
    apology = said.words("promise.late", date=date(said, late.due)) if late else ""
    following = said.words(f"promise.{clock.kind}", date=date(said, clock.due)) if clock else ""
    return f"{apology} {following}".strip()


def date(said: Said, at: datetime) -> str:
    """A date in the city's time and the reader's language."""
    day = local_day(said.facts.jurisdiction, at)
    return said.words("date.day", month=said.words("date.months").split()[day.month - 1], day=day.day)


def _line(said: Said, case: Case) -> str:
    clock = _next(said, case)
    stage = said.words(f"stage.{case.stage}")
    if clock is None:
        return said.words("progress.short", word=case.word, stage=stage)
    return said.words("progress.line", word=case.word, stage=stage, date=date(said, clock.due), days=_days(said, clock))


def _left(said: Said, clock: Clock) -> str:
    days = _days(said, clock)
    return said.words("days.today" if days == 0 else "days.one" if days == 1 else "days.many", days=days)


def _next(said: Said, case: Case) -> Clock | None:
    """The promise that comes due next; of an answer, the sooner of its two dates that is not past."""
    now = said.inbound.received_at
    pending = (clock for clock in case.clocks if clock.met is None and clock.due > now)
    return min(pending, key=lambda clock: clock.due, default=None)


def _late(said: Said, case: Case) -> Clock | None:
    now = said.inbound.received_at
    broken = (clock for clock in case.clocks if clock.met is None and clock.due <= now)
    return max(broken, key=lambda clock: clock.due, default=None)


def _days(said: Said, clock: Clock) -> int:
    city = said.facts.jurisdiction
    return (local_day(city, clock.due) - local_day(city, said.inbound.received_at)).days
