"""The return code, by which a dialogue goes on from another phone."""

import re
from dataclasses import replace

from handlers.casework import notices
from handlers.effects import AddEntry, Guess, MoveDialogue
from handlers.said import Said
from handlers.spelling import tokens
from handlers.state import Case

EACH_HOUR, ALL_HOUR = 5, 100
HALF = r"[0-9A-TV-Z]{5}"
CODE = re.compile(rf"(?<![0-9A-Z-])({HALF})(-| ?)({HALF})(?![0-9A-Z-])", re.IGNORECASE)
AROUND = re.compile(
    r"\b(?:my|the|code|clave|codigo|código|mi|la|el|is|es|case|caso|[a-z]+[ -]\d{1,2})\b", re.IGNORECASE
)
MISTAKEN = str.maketrans("OIL", "011")
MOVED = "The reporter goes on from another phone."
PROVEN = "The reporter gave the code; what waited for it is sent."


def find(text: str) -> str:
    """A return code in a text as it was given out, else ""; letters and digits that look alike are the same."""
    for found in CODE.finditer(text):
        if _likely(text, found):
            return f"{found[1]}-{found[3]}".upper().translate(MISTAKEN)
    return ""


def hear(said: Said) -> tuple[bool, Case | None]:
    """Whether the text is about a return code, and the case that it opens. What else the text tells is left in it."""
    if not find(said.text):
        return False, None
    rest = _rest(said.text)
    case = _right(said)
    if case is None:
        return not (tells(rest) or said.media), None
    said.text = rest if tells(rest) else ""
    return True, case


def tells(rest: str) -> bool:
    """Whether there is more in a text than a code and the words around it."""
    return len(tokens(AROUND.sub(" ", rest))) >= 2


def _likely(text: str, found: re.Match[str]) -> bool:
    """A code has letters and digits; one without digits is told from two words only if it stands alone as given out."""
    alone = not tokens(AROUND.sub(" ", text.replace(found[0], " ")))
    if re.search(r"\d", found[0]) and re.search(r"[a-z]", found[0], re.IGNORECASE):
        return alone or found[2] == "-"
    return alone and found[2] == "-" and found[0].isupper()


def _rest(text: str) -> str:
    return CODE.sub(lambda found: " " if _likely(text, found) else found[0], text).strip(" .,:;\n")


def _right(said: Said) -> Case | None:
    """The case, moved to this phone; None for a wrong code, and for any code after too many wrong ones."""
    here, everywhere = said.facts.guesses
    if here >= EACH_HOUR or everywhere >= ALL_HOUR:
        return None
    case = said.facts.case
    if case is None or case.jurisdiction != said.facts.jurisdiction.key:
        said.do(Guess(right=False))
        return None
    said.do(Guess(right=True))
    if said.case(case.id) is None:
        case, news = replace(case, silent=False, waits_since=None), PROVEN if case.silent else MOVED
        said.do(MoveDialogue(case.id), AddEntry(case.id, "status", news), *notices.notify(said.facts, case, news))
        said.keep(case)
    return case
