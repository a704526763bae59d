"""Reads what people text about training: a seat wanted, given up or passed on, which session, and the room's code."""

import re
from dataclasses import dataclass
from typing import Literal

from handlers.clean import clean
from handlers.spelling import fold, plain
from handlers.training.known import Asked

Verb = Literal["", "enrol", "drop", "sub", "courses", "room", "paper"]

MOST_NAMES = 12
WORD = r"[a-z]{2,8}[- ]?\d{1,3}"
TAG = re.compile(rf"\s*[\[(]?\s*({WORD})\b\s*[\])]?\s*[:.,;\u2013\u2014-]*\s*", re.IGNORECASE)
POLITE = r"(?:(?:please|pls|i want to|i would like to|id like to|can i|por favor|quiero|favor de) )*"
FOR = r"(?: (?:me|for|in|into|to|my|seat|from|the|of|en|a|al|para|mi|lugar|del|de|la|el))*"
ENROL = re.compile(
    rf"{POLITE}(?:enrol|enroll|register|sign up|sign me up|join|inscribirme|inscribir|inscribeme|inscribanme|"
    rf"inscripcion|registrarme|apuntarme|apuntame)\b{FOR}(?: ?#?(?P<what>[a-z]{{2,8}}(?:[- ]?\d{{1,3}})?|\d{{1,2}}))?"
)
DROP = re.compile(
    rf"{POLITE}(?:drop|give up|withdraw|soltar|dejar|ceder|renunciar|liberar)\b{FOR}"
    rf"(?: ?#?(?P<what>[a-z]{{2,8}}(?:[- ]?\d{{1,3}})?|\d{{1,2}}))?"
)
SUB = re.compile(
    rf"{POLITE}(?:sub|substitute|sustituto|sustituta|sustituir|reemplazo|suplente)\b[ :]*"
    rf"(?:(?:with|by|is|for me|con|por|es) )*(?P<name>[^\d\[\]#]{{2,80}}?)?(?: (?:for|in|para|en)? ?(?P<what>{WORD}))?"
)
COURSES = frozenset(
    "courses|course|classes|catalog|catalogue|list|sessions|cursos|curso|clases|catalogo|lista|sesiones".split("|")
)
HERE = re.compile(
    r"(?:hi |hello |ok |hola )?(?:(?:im|i am|we are|were|just) )*(?:here|present|arrived|in the room)(?: now)?"
    r"|(?:ya )?(?:estoy )?(?:aqui|presente)|ya (?:llegue|estoy aqui)|estoy en la sala"
)
CANNOT = re.compile(
    r"(?:(?:sorry|hi|hello|please|i|we|but|hola|perdon|disculpe|lo siento) )*(?:"
    r"(?:cant|can not|cannot|wont|will not|am not able to|wont be able to) "
    r"(?:come|make it|make that|attend|go|be there)"
    r"|cancel (?:my |the |this )?(?:seat|spot|place|enrollment|enrolment|registration|class|course|training)"
    r"|(?:ya )?no (?:puedo|podre|voy a poder) (?:ir|asistir|llegar)|no voy a ir"
    r"|cancel(?:ar|en|e) mi (?:lugar|asiento|curso|inscripcion))"
    r"(?: (?:anymore|after all|this time|that day|sorry|please|por favor|gracias|thanks|thank you|ese dia))*"
)
PAPER = re.compile(
    r"(?:(?:please|pls|send|me|my|the|new|another|por favor|mande|mi|el|otro|a) )*(?:certificates?|certificados?)"
    r"(?: (?:please|pls|por favor|again|otra vez))*"
)
ROOM = re.compile(r"(?:(?:room )?code |codigo |sala |here |aqui )?#?(\d{3})[ -]?(\d{3})")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a text wants. `what` names a session ("SUP-3"), a course ("SUP") or a place in a list ("2")."""

    verb: Verb = ""
    what: str = ""
    name: str = ""


def asked(text: str) -> Asked:
    """What must be known before such a text is answered: sessions it may name, people it may mean."""
    said = clean(text)
    found = [*re.findall(rf"\b{WORD}\b", said, re.IGNORECASE), *re.findall(r"\b[A-Za-z]{2,8}\b", said)]
    wanted = wish(tagged(said)[1])
    names = {*map(word, found[:MOST_NAMES]), wanted.what}
    return Asked(names=frozenset(filter(None, names)), name=wanted.name)


def wish(text: str) -> Wish:
    """What a whole text wants; nothing for an answer to a question of ours."""
    said = " ".join(fold(text).replace("'", "").split()).strip(" .!?")
    if room := ROOM.fullmatch(said):
        return Wish("room", room[1] + room[2])
    if said in COURSES:
        return Wish("courses")
    if PAPER.fullmatch(said):
        return Wish("paper")
    if found := SUB.fullmatch(said):
        return Wish("sub", word(found["what"] or ""), (found["name"] or "").strip())
    for verb, pattern in (("enrol", ENROL), ("drop", DROP)):
        if found := pattern.fullmatch(said):
            return Wish(verb, word(found["what"] or ""))  # type: ignore[arg-type]
    return Wish()


def cannot_come(text: str) -> bool:
    """Whether a whole text says that its writer will not come."""
    return bool(CANNOT.fullmatch(plain(text)))


def is_here(text: str) -> bool:
    """Whether a whole text says that its writer has come."""
    return bool(HERE.fullmatch(plain(text)))


def tagged(text: str) -> tuple[str, str]:
    """The session word in front of a text, as "SUP-3: 1", and what follows it; no word where there is none."""
    found = TAG.match(text)
    return (word(found[1]), text[found.end() :]) if found else ("", text)


def word(text: str) -> str:
    """A name as it is kept: "sup 3" and "Sup3" are SUP-3."""
    found = re.fullmatch(r"([A-Za-z]+)[- ]?(\d+)", text.strip())
    return f"{found[1]}-{int(found[2])}".upper() if found else text.strip().upper()
