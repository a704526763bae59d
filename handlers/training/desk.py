"""The step for staff who run training (/training)."""

from handlers.cards import Card, Say, Text
from handlers.effects import Step
from handlers.messages import Inbound
from handlers.state import Facts, Wants
from handlers.training.known import Asked

TRAINING = {"help": "this list"}


def wants(inbound: Inbound) -> Wants:
    """The catalogue, with seats."""
    return Wants(training=Asked(counts=True))


def step(inbound: Inbound, facts: Facts) -> Step:
    """What can be done."""
    lines = tuple(Text(f"/training {usage}: {meaning}") for usage, meaning in TRAINING.items())
    return Step(answer=Say(Card("What /training can do", lines, summary="What /training can do")))
