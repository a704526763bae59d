"""Values of exit interviews: where one person stands, what a wave is, and what staff are told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from handlers.reading.readings import REFUSED, SKIPPED
from handlers.surveys.answers import ASKED, ticks
from handlers.surveys.questionnaire import Questionnaire, is_complete, to_questions

PROGRAM = "exit_interview"
TOPIC = "exit interview"

Stage = Literal["invited", "asked", "agreed", "finished", "declined"]
WaveState = Literal["open", "paused", "closed", "locked"]
Sent = Literal["held", "leaving", "seen", "failed"]


@dataclass(frozen=True, slots=True)
class Wave:
    """A city's interviews that end in one quarter. `form` is the content hash of the questionnaire of new ones.

    `counts` are people by stage and, once it is locked, by what became of them (see storage/exit_lock.py).
    """

    id: str
    jurisdiction: str
    quarter: str
    form: str
    state: WaveState = "open"
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Imported:
    """A file of interviews held elsewhere that was taken in, and not undone: when, and how many responses it gave.

    One that a report tells of (`released`) cannot be undone.
    """

    id: str
    jurisdiction: str
    at: datetime
    rows: int
    released: bool = False


@dataclass(frozen=True, slots=True)
class Interview:
    """One person's interview until the lock. It holds no time: what has none cannot be joined by one.

    `form` is the content hash of its own questionnaire, `asked` the open question's id ("invite" and "consent" before
    they agreed), `again` how often its answers were not understood. `answers` is question id → code, number, date or
    the words themselves; `department` what the employer said. `prompts` are (message id, question id) of what was
    asked last, newest last; `edited` is set while an earlier answer is given again. `reminded` counts reminders,
    `closed` says that day 21 has passed, `late` that an answer came after that. `channel` is where they were heard
    last, empty before that.
    """

    wave: str
    form: str
    stage: Stage = "invited"
    asked: str = ""
    again: int = 0
    answers: Mapping[str, str] = field(default_factory=dict)
    department: str = ""
    prompts: tuple[tuple[str, str], ...] = ()
    edited: bool = False
    paused: bool = False
    reminded: int = 0
    closed: bool = False
    late: bool = False
    channel: str = ""

    def but(self, **changes: object) -> "Interview":
        """The same, with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote who left, redacted, and the question it answers; nothing joins it to other answers."""

    id: str
    city: str
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is on record of a phone that staff name: its alias, whether it takes part now, whether it said stop."""

    person: str
    invited: bool = False
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """A wish to get no more texts that came another way, and waits for its number; `limit` is the last day for it."""

    id: str
    jurisdiction: str
    received: date
    limit: date
    how: str


def response(form: Questionnaire, interview: Interview) -> dict[str, str]:
    """The answers on their path as they are kept without a person: by metric, or metric and item.

    Not even that somebody wrote words is kept here: where few did, it would join their comments to their answers.
    """
    kept: dict[str, str] = {"department": interview.department} if interview.department else {}
    return kept | by_metric(form, interview.answers)


def by_metric(form: Questionnaire, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers (question id → code) on their path, by metric, or metric and item."""
    kept: dict[str, str] = {}
    for question in to_questions(form, answers, form.languages[0]):
        item, given = form.item(question.id), answers.get(question.id)
        if item is None or given is None or item.kind == "text":
            continue
        metric = item.metric or item.id
        if item.kind == "several":
            chosen = () if given == SKIPPED else given.split()
            kept |= ticks(metric, chosen, (option.code for option in item.options))
        else:
            kept[metric] = ASKED if given == SKIPPED else given
    return kept


def comments(form: Questionnaire, interview: Interview) -> list[tuple[str, str]]:
    """What was written on their path: question id and words."""
    path = [question.id for question in to_questions(form, interview.answers, form.languages[0])]
    written = [item.id for item in form.items if item.kind == "text" and item.id in path]
    found = [(id, interview.answers.get(id, SKIPPED)) for id in written]
    return [(id, words) for id, words in found if words not in (SKIPPED, REFUSED)]


def is_kept(form: Questionnaire, interview: Interview, stopped: bool) -> bool:
    """Whether its answers become a response: those of whoever agreed, unless they withdrew before they were through."""
    return _through(form, interview) or (interview.stage == "agreed" and bool(interview.answers) and not stopped)


def disposition(form: Questionnaire, interview: Interview, stopped: bool, reached: bool) -> str:
    """What became of an invitation, by the names of release.response.Dispositions; `reached`: a text was delivered."""
    if _through(form, interview):
        return "complete"
    half = 2 * sum(answer != SKIPPED for answer in interview.answers.values()) >= len(form.items)
    if interview.stage == "agreed" and half and not stopped:
        return "partial"
    if interview.stage in ("agreed", "declined") or stopped:
        return "refusal"
    return "non_contact" if reached else "unknown_household"


def _through(form: Questionnaire, interview: Interview) -> bool:
    return interview.stage == "finished" or (interview.stage == "agreed" and is_complete(form, interview.answers))
