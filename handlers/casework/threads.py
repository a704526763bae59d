"""Which of a person's cases a text is for: by its tag, by the open question, else by asking; never by guessing."""

import re
from datetime import timedelta

from handlers.effects import Forget, Remind
from handlers.questions import Choice, Option
from handlers.said import Said
from handlers.state import Case

OFFERED = 4
PATIENCE = timedelta(minutes=30)
NEW = "new"
TAG = re.compile(r"\s*[\[(]?\s*([A-Za-z]+)[\s-]*([0-9]+)\b\s*[\])]?\s*[:.,;\u2013\u2014-]*\s*")


def tagged(said: Said) -> Case | None:
    """The case whose word stands in front of the text, as "MAPLE-7:" or "maple 7"; the word is taken off."""
    found = TAG.match(said.text)
    word = f"{found[1]}-{found[2]}".upper() if found else ""
    case = next((case for case in said.cases if case.word == word), None)
    if found and case:
        said.text = said.text[found.end() :]
    return case


def candidates(said: Said) -> tuple[Case, ...]:
    """The cases a text may be for: those open and closed ones we just wrote about; if none is open, the last closed."""
    open_ = said.open_cases()
    if not open_:
        return said.cases[:OFFERED]
    return tuple(case for case in said.cases if case in open_ or case.id in said.facts.spoke)


def meant(said: Said) -> Case | None:
    """The one case a text can be for: the only one, or the one whose open question is all that was said since."""
    possible = candidates(said)
    if len(possible) == 1:
        return possible[0]
    asking = said.conversation.interview if said.conversation.asked else ""
    if asking and said.facts.spoke <= {asking}:
        return next((case for case in possible if case.id == asking), None)
    return None


def ask_which(said: Said) -> None:
    """Hold the text, and ask which report it is for."""
    offered = said.conversation.offered or tuple(case.id for case in candidates(said)[:OFFERED])
    said.change(waiting=(*said.conversation.waiting, said.held()), offered=offered)
    thread = said.facts.thread
    said.do(Forget("waiting", thread), Remind(said.inbound.received_at + PATIENCE, "waiting", thread))
    said.say_text(which(said).prompt)


def which(said: Said) -> Choice:
    """The question which report; its codes are case ids, or "new"."""
    cases = filter(None, map(said.case, said.conversation.offered))
    options = (
        *(Option(case.id, case.word, (case.word.split("-")[0],)) for case in cases),
        Option(NEW, said.words("thread.new")),
    )
    return Choice("which", said.words("thread.which"), options)


def reopening(said: Said, case: Case) -> Choice:
    """The question what a text to a closed case shall lead to."""
    options = (Option("reopen", said.words("thread.reopen")), Option(NEW, said.words("thread.begin")))
    return Choice("reopen", said.words("thread.closed", word=case.word), options)
