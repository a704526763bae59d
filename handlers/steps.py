"""The door to the core: what a message needs to know, and what it leads to, by its kind."""

from typing import Protocol

from handlers import clocks, conversation, desk, exit_timers, exits, paging, replies
from handlers.effects import Step
from handlers.messages import Inbound
from handlers.state import Facts, Wants

# Follow-ups by name: those about a case, a person's conversation, or a city's exit interviews.
CASES = {"clock": clocks.due, "page": paging.due, "replied": replies.replied, "undelivered": desk.undelivered}
THREADS = {
    "waiting": conversation.waited,
    "exit_invite": exit_timers.invited,
    "exit_remind": exit_timers.reminded,
    "exit_resume": exit_timers.resumed,
    "exit_close": exit_timers.closed,
    "exit_blocked": exit_timers.blocked,
}
WAVES = {"exit_lock": exit_timers.locked, "exit_request": exits.requested}


class Desk(Protocol):
    """What a staff command's module has."""

    def wants(self, inbound: Inbound) -> Wants: ...
    def step(self, inbound: Inbound, facts: Facts) -> Step: ...


# Each staff command has its own desk, by the word that begins its buttons and forms ("case_view").
DESKS: dict[str, Desk] = {"case": desk, "exit": exits}


def wants(inbound: Inbound) -> Wants:
    """What must be read before the step."""
    if inbound.kind == "text":
        return conversation.wants(inbound)
    if inbound.kind != "timer":
        return _desk(inbound).wants(inbound)
    if inbound.name in THREADS:
        return Wants(thread=inbound.subject)
    if inbound.name in WAVES:
        return Wants(exits=True)
    return Wants(case=inbound.value("case") or inbound.subject)


def step(inbound: Inbound, facts: Facts) -> Step:
    """The pure decision."""
    if inbound.kind == "text":
        return conversation.step(inbound, facts)
    if inbound.kind == "timer":
        return (CASES | THREADS | WAVES)[inbound.name](inbound, facts)
    return _desk(inbound).step(inbound, facts)


def _desk(inbound: Inbound) -> Desk:
    return DESKS.get(inbound.name.removeprefix("/").partition("_")[0], desk)
