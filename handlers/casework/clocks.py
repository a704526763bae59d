"""The promises of a case with their dates and warnings (ISO 37002, 8.1; EU 2019/1937): kept, at risk, or broken."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from handlers import calendar
from handlers.casework import notices, paging
from handlers.effects import Effect, Remind, StartClock, Step, StopClock
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound
from handlers.state import Case, Clock, Facts

ANSWER_WORKING_DAYS = 3
ANSWER_DAYS = 7
FEEDBACK_MONTHS = 3
ANSWERS = ("acknowledge", "latest")
WARNINGS = (50, 80, 100)
PROMISES = {
    "acknowledge": "A person's answer",
    "latest": "An answer within seven days",
    "feedback": "Feedback on what was done",
}


def start(jurisdiction: Jurisdiction, case: Case) -> tuple[Effect, ...]:
    """Start all promises of a new case, each with its warnings."""
    effects: list[Effect] = []
    for clock in begun(jurisdiction, case.opened_at):
        effects.append(StartClock(case.id, clock))
        for percent, at in zip(WARNINGS, _warnings(jurisdiction, clock), strict=True):
            effects.append(Remind(at, "clock", case.id, {"kind": clock.kind, "percent": str(percent)}))
    return tuple(effects)


def begun(jurisdiction: Jurisdiction, at: datetime) -> tuple[Clock, ...]:
    """The promises that begin at a time."""
    day = calendar.add_working_days(jurisdiction, calendar.local_day(jurisdiction, at), ANSWER_WORKING_DAYS)
    return (
        Clock("acknowledge", at, calendar.closing(jurisdiction, day)),
        Clock("latest", at, calendar.after_days(jurisdiction, at, ANSWER_DAYS)),
        Clock("feedback", at, calendar.after_months(jurisdiction, at, FEEDBACK_MONTHS)),
    )


def answered(case: Case, at: datetime) -> tuple[Case, tuple[Effect, ...]]:
    """A person has answered: those promises are kept, and their warnings say nothing more; the case as it is then."""
    met = [clock for clock in case.clocks if clock.kind in ANSWERS and clock.met is None]
    kept = tuple(replace(clock, met=at) if clock in met else clock for clock in case.clocks)
    return replace(case, clocks=kept), tuple(StopClock(case.id, clock.kind) for clock in met)


def due(inbound: Inbound, facts: Facts) -> Step:
    """A warning: on the card at half time, aloud from 80 % on, up the desk when the promise is broken."""
    case, kind, percent = facts.case, inbound.value("kind"), int(inbound.value("percent"))
    if case is None or case.stage == "concluded":
        return Step()
    if not any(clock.kind == kind and clock.met is None for clock in case.clocks):
        return Step()
    line = _headline(case, kind, percent)
    effects = notices.notify(facts, case, line, urgent=percent == 100)
    if percent >= 80:
        effects += notices.ring(facts, case, line)
    return Step((*effects, *_escalation(facts, case, line)) if percent == 100 else effects)


def _warnings(jurisdiction: Jurisdiction, clock: Clock) -> Iterator[datetime]:
    """Shares of working time for a promise in working days, else of all time, moved to when somebody is there."""
    if clock.kind == "acknowledge":
        whole = calendar.working_time_between(jurisdiction, clock.started, clock.due)
        yield from (calendar.plus_working(jurisdiction, clock.started, whole * percent / 100) for percent in WARNINGS)
        return
    for percent in WARNINGS:
        at = clock.started + (clock.due - clock.started) * percent / 100
        yield calendar.next_open(jurisdiction, at)


def _headline(case: Case, kind: str, percent: int) -> str:
    promise = PROMISES[kind]
    if percent == 100:
        return f"{promise} is overdue"
    return f"{promise}: {percent} % of the time has passed" + ("" if case.assignee else ", and nobody has the case")


def _escalation(facts: Facts, case: Case, line: str) -> tuple[Effect, ...]:
    """To the desk's contacts, and to the neutral desk's."""
    ours, words = paging.contacts(facts, case), f"{line}. Please see to it."
    theirs = [place for place in paging.neutral_contacts(facts, case) if place not in ours]
    return (
        *paging.alert(facts, case, ours, words, "late", opens=True),
        *paging.alert(facts, case, theirs, words, "late"),
    )
