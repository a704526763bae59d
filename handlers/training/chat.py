"""The step for learners in chat: a press counts as a reply, and the same question is not asked by text any more."""

from collections.abc import Callable

from handlers.cards import Form, Input, Open, Refuse, Say, say
from handlers.effects import Step
from handlers.messages import Inbound
from handlers.said import Said
from handlers.state import Facts, Wants
from handlers.training import enrolling
from handlers.training.known import Asked
from handlers.training.learning import Learning, of
from handlers.training.people import named
from handlers.training.values import Enrolment, State

LONGEST_NAME = 80
NOT_YOURS = say("Not available", "This is for the person it was sent to. Your city's training staff can list you.")
FITTING: dict[str, frozenset[State]] = {
    "yes": frozenset({"prompted", "later"}),
    "later": frozenset({"prompted"}),
    "no": frozenset({"prompted", "later"}),
    "take": frozenset({"offered"}),
    "pass": frozenset({"offered"}),
    "drop": frozenset({"enrolled", "requested"}),
    "leave": frozenset({"waitlisted"}),
    "sub": frozenset({"enrolled"}),
}
"""What a press may still change; on an old card it changes nothing, and the card is made new."""


def wants(inbound: Inbound) -> Wants:
    """The enrolment of the card, and who is named in the form."""
    return Wants(training=Asked(enrolment=inbound.value("enrolment"), name=inbound.value("name")[:LONGEST_NAME]))


def step(inbound: Inbound, facts: Facts) -> Step:
    """Refuses everybody but the learner themselves."""
    learning = of(Said(inbound, facts))
    one = learning.known.enrolment(inbound.value("enrolment").partition(".")[0]) if learning else None
    if learning is None or one is None or not _is_self(learning, inbound):
        return Step(answer=NOT_YOURS)
    answer = _reply(learning, one, inbound)
    return Step(tuple(learning.said.effects), answer=answer)


def _is_self(learning: Learning, inbound: Inbound) -> bool:
    who = inbound.sender.rpartition("/")[2]
    return any((place.channel, place.address) == (inbound.channel, who) for place in learning.chats)


def _reply(learning: Learning, one: Enrolment, inbound: Inbound) -> Open | Refuse | Say | None:
    reply = "sub" if inbound.name == "enrolment_sub" else inbound.value("reply")
    one = one.but(shown=True)
    if one.state not in FITTING.get(reply, frozenset()) or not learning.is_coming(learning.session(one)):
        learning.show(one, learning.on_card("stands", learning.session(one), state=_state(learning, one)))
        return None
    if reply == "sub":
        return _substitute(learning, one, inbound)
    ACTS[reply](learning, one)
    return None


def _state(learning: Learning, one: Enrolment) -> str:
    return learning.words(f"state.{one.state}")


def _substitute(learning: Learning, one: Enrolment, inbound: Inbound) -> Open | Refuse | None:
    name = inbound.value("name").strip()
    if not name:
        part = Input("name", learning.words("sub.label"), longest=LONGEST_NAME)
        title = learning.words("press.sub")
        return Open(Form("enrolment_sub", title, (part,), title, {"enrolment": one.id}))
    found = [other for other in named(learning.known.named, name) if other.id != learning.learner.id]
    if len(found) > 1:
        return Refuse({"name": learning.words("sub.several")})
    if found:
        enrolling.swap(learning, one, found[0])
    else:
        enrolling.pass_on(learning, one, name)
    return None


ACTS: dict[str, Callable[[Learning, Enrolment], None]] = {
    "yes": lambda learning, one: enrolling.answer(learning, one, "yes"),
    "later": lambda learning, one: enrolling.answer(learning, one, "later"),
    "no": lambda learning, one: enrolling.answer(learning, one, "no"),
    "take": lambda learning, one: enrolling.answer(learning, one, "yes"),
    "pass": lambda learning, one: enrolling.answer(learning, one, "no"),
    "drop": enrolling.give_up,
    "leave": enrolling.give_up,
}
