"""The door to the core: what a message needs to know, and what it leads to, by its kind."""

from dataclasses import replace
from typing import Protocol

from handlers import conversation, reports, uploads
from handlers.cards import Button, Buttons, Card, Form, Open, Say, Text
from handlers.casework import clocks, desk, paging, replies, silence
from handlers.effects import Step
from handlers.exits import chat as exit_chat
from handlers.exits import desk as exits
from handlers.exits import timers as exit_timers
from handlers.messages import Inbound
from handlers.programs import hotline
from handlers.state import Facts, Wants
from handlers.training import chat, taking_in, timers
from handlers.training import desk as training

# Follow-ups by name: those about a case, a person's conversation, or a city's exit interviews.
CASES = {
    "clock": clocks.due,
    "page": paging.due,
    "replied": replies.replied,
    "undelivered": desk.undelivered,
    "withheld": silence.withheld,
}
THREADS = {
    "waiting": conversation.waited,
    "paused": hotline.paused,
    "exit_invite": exit_timers.invited,
    "exit_remind": exit_timers.reminded,
    "exit_resume": exit_timers.resumed,
    "exit_close": exit_timers.closed,
    "exit_blocked": exit_timers.blocked,
    "training_blocked": timers.blocked,
}
WAVES = {"exit_lock": exit_timers.locked, "exit_request": exits.requested}
AGAIN = "again"
# More than any command needs that opens a form.
LONGEST_AGAIN = 1000
TRAINING = dict.fromkeys((*timers.LEARNERS, *timers.SESSIONS), timers.step)
DUE = CASES | THREADS | WAVES | TRAINING


class Desk(Protocol):
    """What a staff command's module has."""

    def wants(self, inbound: Inbound) -> Wants: ...
    def step(self, inbound: Inbound, facts: Facts) -> Step: ...


# Each staff command has its own desk, by the word that begins its buttons and forms ("case_view").
DESKS: dict[str, Desk] = {
    "case": desk,
    "exit": exits,
    "interview": exit_chat,
    "training": training,
    "enrolment": chat,
    "report": reports,
}
# What a file may be for that came by itself.
OFFERS: tuple[uploads.Offer, ...] = (*exits.OFFERS, *taking_in.OFFERS)


def wants(inbound: Inbound) -> Wants:
    """What must be read before the step."""
    if inbound.kind == "text":
        return conversation.wants(inbound)
    if inbound.kind == "file":
        return uploads.wants(inbound)
    if inbound.kind != "timer":
        asked = _asked(inbound)
        return _desk(asked).wants(asked)
    if inbound.name in THREADS:
        return Wants(thread=inbound.subject)
    if inbound.name in WAVES:
        return Wants(exits=True)
    if inbound.name in TRAINING:
        return timers.wants(inbound)
    return Wants(case=inbound.value("case") or inbound.subject)


def step(inbound: Inbound, facts: Facts) -> Step:
    """The pure decision."""
    if inbound.kind == "text":
        return conversation.step(inbound, facts)
    if inbound.kind == "timer":
        return DUE[inbound.name](inbound, facts)
    if inbound.kind == "file":
        return uploads.sent(inbound, facts, OFFERS)
    asked = _asked(inbound)
    decided = _desk(asked).step(asked, facts)
    if isinstance(decided.answer, Open) and not asked.opens and asked.kind != "submit":
        return _offered(asked, decided.answer.form)
    return decided


def _asked(inbound: Inbound) -> Inbound:
    """What was typed before, where a button asks it again."""
    if inbound.name != AGAIN:
        return inbound
    return replace(inbound, kind="command", name=inbound.value("command"), text=inbound.value("text"), values={})


def _offered(asked: Inbound, form: Form) -> Step:
    """Nothing of a form in a message that the chat keeps, and nothing done yet: the button asks the same again."""
    again = Button("Open", asked.name, asked.values, style="primary")
    if asked.kind == "command":
        again = Button("Open", AGAIN, {"command": asked.name, "text": asked.text[:LONGEST_AGAIN]}, style="primary")
    quiet = Text("It opens for you alone and leaves nothing in this chat.", "quiet")
    return Step(answer=Say(Card(form.title, (quiet, Buttons((again,))), summary=form.title)))


def _desk(inbound: Inbound) -> Desk:
    return DESKS.get(inbound.name.removeprefix("/").partition("_")[0], desk)
