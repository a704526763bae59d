"""The door to the core: what a message needs to know, and what it leads to, by its kind."""

from typing import Protocol

from handlers import clocks, conversation, desk, paging, replies
from handlers.effects import Step
from handlers.messages import Inbound
from handlers.state import Facts, Wants

# Follow-ups by name: those about a case, and those about a person's conversation.
CASES = {"clock": clocks.due, "page": paging.due, "replied": replies.replied, "undelivered": desk.undelivered}
THREADS = {"waiting": conversation.waited}


class Desk(Protocol):
    """What a staff command's module has."""

    def wants(self, inbound: Inbound) -> Wants: ...
    def step(self, inbound: Inbound, facts: Facts) -> Step: ...


# Each staff command has its own desk, by the word that begins its buttons and forms ("case_view").
DESKS: dict[str, Desk] = {"case": desk}


def wants(inbound: Inbound) -> Wants:
    """What must be read before the step."""
    if inbound.kind == "text":
        return conversation.wants(inbound)
    if inbound.kind != "timer":
        return _desk(inbound).wants(inbound)
    if inbound.name in THREADS:
        return Wants(thread=inbound.subject)
    return Wants(case=inbound.value("case") or inbound.subject)


def step(inbound: Inbound, facts: Facts) -> Step:
    """The pure decision."""
    if inbound.kind == "text":
        return conversation.step(inbound, facts)
    if inbound.kind == "timer":
        return (CASES | THREADS)[inbound.name](inbound, facts)
    return _desk(inbound).step(inbound, facts)


def _desk(inbound: Inbound) -> Desk:
    return DESKS.get(inbound.name.removeprefix("/").partition("_")[0], desk)
