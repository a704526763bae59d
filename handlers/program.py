"""What a program for people who text is: its questions, and what it does with what they say."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from handlers.questions import Question
from handlers.said import Said
from handlers.state import Facts

Answers = Mapping[str, str]
"""Question id → code of the choice, "given" for free words, "skipped"."""

Questions = Callable[[Answers, Facts, str], Iterator[Question]]
"""The questions in a language, from the top: the one to ask is the first whose id has no answer yet.

The code behind an open question never runs, so an answer is always there where it is read.
"""


@dataclass(frozen=True, slots=True)
class Program:
    """One service. `hear` takes any text that is no steering word, `hear_held` one that
    has waited too long for an answer; `words` are the program's own, such as "status"."""

    name: str
    questions: Questions
    hear: Callable[[Said], None]
    hear_held: Callable[[Said], None]
    words: Mapping[str, Callable[[Said], None]]


def open_question(questions: Questions, answers: Answers, facts: Facts, language: str) -> Question | None:
    """The question to ask now; None when all are answered."""
    return next((one for one in questions(answers, facts, language) if one.id not in answers), None)
