"""What comes due in exit interviews: invitation, reminders, appointments, the closing of one and the lock of all."""

from datetime import timedelta

from handlers import calendar
from handlers.effects import Audit, LockWave, NoteConsent, Post, Remind, Step
from handlers.exits import cards
from handlers.exits.asking import ask_open, invite
from handlers.exits.interviews import PROGRAM, TOPIC
from handlers.exits.sitting import FRESH, TIMERS, Sitting
from handlers.messages import Inbound
from handlers.said import Said
from handlers.state import Facts

OPEN_FOR = 21  # days
NO_TIME = timedelta(0)


def invited(inbound: Inbound, facts: Facts) -> Step:
    """The hour of the invitation has come; the interview closes three weeks later."""
    sitting = _sitting(inbound, facts)
    if sitting is None or sitting.closed:
        return Step()
    closes = Remind(calendar.after_days(sitting.city, sitting.now, OPEN_FOR), "exit_close", facts.thread)
    if sitting.interview.stage != "invited":  # they began before they were asked
        sitting.said.do(closes)
        return sitting.said.step()
    if _must_wait(sitting):
        return _again(sitting, inbound)
    invite(sitting)
    sitting.said.do(closes)
    return _left(sitting)


def reminded(inbound: Inbound, facts: Facts) -> Step:
    """They have been silent for days: the open question once more."""
    sitting = _sitting(inbound, facts)
    if sitting is None or not sitting.open or sitting.closed or sitting.interview.paused:
        return Step()
    if _must_wait(sitting):
        return _again(sitting, inbound)
    sitting.change(reminded=sitting.interview.reminded + 1)
    ask_open(sitting, sitting.words("remind"))
    return _left(sitting)


def resumed(inbound: Inbound, facts: Facts) -> Step:
    """The time that they chose themselves, or a day after PAUSE."""
    sitting = _sitting(inbound, facts)
    if sitting is None or not sitting.open:
        return Step()
    sitting.fresh = FRESH
    if not calendar.may_text(sitting.city, sitting.now, chosen=True):
        return _again(sitting, inbound)
    ask_open(sitting, sitting.words("resumed"))
    return _left(sitting)


def closed(inbound: Inbound, facts: Facts) -> Step:
    """Three weeks have passed: nothing more is asked; what they still say is kept and marked as late."""
    sitting = _sitting(inbound, facts, even_stopped=True)
    if sitting is None:
        return Step()
    sitting.change(closed=True)
    sitting.forget()
    sitting.unsay()
    sitting.keep()
    return sitting.said.step()


def blocked(inbound: Inbound, facts: Facts) -> Step:
    """The carrier says that they have stopped texts: so they have."""
    sitting = _sitting(inbound, facts, even_stopped=True)
    if sitting is None:
        return Step()
    sitting.forget(*TIMERS)
    sitting.said.do(NoteConsent(facts.thread, TOPIC, "twilio_sms", "revoked", "carrier"))
    sitting.said.change(stopped=True)
    return sitting.said.step()


def locked(inbound: Inbound, facts: Facts) -> Step:
    """The quarter is over: who and what are split for good."""
    wave = next((wave for wave in facts.waves if wave.id == inbound.subject and wave.state != "locked"), None)
    if wave is None:
        return Step()
    card = cards.locked(facts.jurisdiction, wave)
    runner = facts.jurisdictions[facts.jurisdiction.runner(PROGRAM)]
    posts = (Post(place, card) for place in runner.desk(PROGRAM).places)
    return Step((LockWave(wave.id), Audit("wave_locked", wave.id, detail=wave.quarter), *posts))


def _sitting(inbound: Inbound, facts: Facts, even_stopped: bool = False) -> Sitting | None:
    if facts.interview is None or facts.form is None or (facts.conversation.stopped and not even_stopped):
        return None
    return Sitting(Said(inbound, facts), facts.interview, facts.form, NO_TIME)


def _must_wait(sitting: Sitting) -> bool:
    paused = any(wave.state == "paused" for wave in sitting.said.facts.waves)
    return paused or not calendar.may_text(sitting.city, sitting.now)


def _again(sitting: Sitting, inbound: Inbound) -> Step:
    """Later: at the next decent hour, or the next day while the wave is paused."""
    at = calendar.next_text_time(sitting.city, sitting.now)
    if at <= sitting.now:
        at = calendar.next_text_time(sitting.city, calendar.after_days(sitting.city, sitting.now, 1))
    return Step((Remind(at, inbound.name, inbound.subject),), sitting.said.conversation)


def _left(sitting: Sitting) -> Step:
    sitting.remind_later()
    sitting.keep()
    return sitting.said.step()
