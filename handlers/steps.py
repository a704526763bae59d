"""The door to the core: what a message needs to know, and what it leads to, by its kind."""

from handlers import clocks, conversation, desk, paging, replies
from handlers.effects import Step
from handlers.messages import Inbound
from handlers.state import Facts, Wants

THREADS = {"waiting": conversation.waited}
TIMERS = {"clock": clocks.due, "page": paging.due, "replied": replies.replied, "undelivered": desk.undelivered}


def wants(inbound: Inbound) -> Wants:
    """What must be read before the step."""
    if inbound.kind == "text":
        return conversation.wants(inbound)
    if inbound.name in THREADS and inbound.kind == "timer":
        return Wants(thread=inbound.subject)
    if inbound.kind == "timer":
        return Wants(case=inbound.value("case") or inbound.subject)
    return desk.wants(inbound)


def step(inbound: Inbound, facts: Facts) -> Step:
    """The pure decision."""
    if inbound.kind == "text":
        return conversation.step(inbound, facts)
    if inbound.kind == "timer":
        return (TIMERS | THREADS)[inbound.name](inbound, facts)
    return desk.step(inbound, facts)
