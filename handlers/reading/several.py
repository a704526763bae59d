"""Reads one text that answers several questions in a row, and tells when a text goes on with the one before it."""

import re
from collections.abc import Callable, Iterator, Mapping

from handlers.questions import Choice, Pictures, Question, Reading, Text
from handlers.spelling import tokens

Following = Callable[[Mapping[str, str]], Question | None]
"""The question to ask after some answers (id → code); branches may depend on them. None when all are answered."""

SURE = 0.9
MOST = 12
Answered = tuple[tuple[str, Reading], ...]
JOINING = frozenset(
    """and or but because so that which with for to of in on at by from as if when while then also plus the a an my his
    her their our i we he she they is was were are y e o u pero porque que con para por de del en al a si cuando
    mientras entonces tambien ademas el la los las un una mi su es era fue yo nosotros ella""".split()
)
QUICK, SOON = 10.0, 45.0
FULL = 140
ANSWERS = re.compile(r"\W*(?:\d{1,3}|[a-l]|yes|no|si|s\u00ed|skip|saltar)\W*", re.IGNORECASE)


def read_several(following: Following, answers: Mapping[str, str], said: str, pictures: int = 0) -> Answered:
    """The readings of a text by question id: of the open question alone, else of several in a row ("1, 4, yes").

    Nothing is taken unless every part is one question's answer, in order, in one way only; () then means: ask again.
    """
    question = following(answers)
    if question is None:
        return ()
    whole = question.read(said, pictures)
    if pictures or (whole and (whole.confidence >= SURE or isinstance(question, Text))):
        return ((question.id, whole),) if whole else ()
    ways = [way for parts in _splits(said) for way in _ways(following, answers, parts)]
    if len(ways) == 1 and len(ways[0]) > 1:
        return ways[0]
    return ((question.id, whole),) if whole and not ways else ()


def continues(former: str, said: str, seconds: float) -> bool:
    """Whether a text goes on with the one sent `seconds` before, because it was cut or written in pieces.

    A bare "2" or "no" never does: it answers the next question.
    """
    if seconds < 0 or seconds > SOON or ANSWERS.fullmatch(said) or not former.strip() or not said.strip():
        return False
    if _breaks_off(former) or len(former) >= FULL:
        return True
    return seconds <= QUICK and (said.lstrip()[:1].islower() or _joins(said)) and former.rstrip()[-1] not in ".!?"


def _splits(said: str) -> Iterator[tuple[str, ...]]:
    """A text cut at its commas and line ends; if it has none, at its spaces."""
    parts = tuple(part.strip() for part in re.split(r"[;\n]|,(?!\d{3}\b)|\.\s", said) if part.strip())
    if len(parts) == 1:
        parts = tuple(re.sub(r"\b(?:and|y)\b(?=.*\w)", " ", said).split())
    if 1 < len(parts) <= MOST:
        yield parts


def _ways(following: Following, answers: Mapping[str, str], parts: tuple[str, ...]) -> Iterator[Answered]:
    """Every way to give all parts, in order, to the questions that follow."""
    if not parts:
        yield ()
        return
    question = following(answers)
    if question is None or isinstance(question, Text | Pictures):
        return
    most = len(parts) if isinstance(question, Choice) and question.many else 1
    for size in range(1, most + 1):
        reading = question.read(", ".join(parts[:size]))
        if reading and reading.confidence >= SURE:
            after = {**answers, question.id: reading.code}
            yield from (((question.id, reading), *rest) for rest in _ways(following, after, parts[size:]))


def _breaks_off(former: str) -> bool:
    """ "I left because" and "the pay was bad," """
    words = tokens(former)
    return former.rstrip().endswith((",", "...", "\u2026", "-", ":")) or (bool(words) and words[-1] in JOINING)


def _joins(said: str) -> bool:
    words = tokens(said)
    return bool(words) and words[0] in JOINING
