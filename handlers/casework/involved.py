"""Reads who is part of the problem, as the reporter says it: in doubt whoever is named is kept out."""

import re
from dataclasses import dataclass

from handlers.casework import names, told
from handlers.jurisdiction import Office
from handlers.language import is_bare
from handlers.questions import GIVEN, NONE, Choice
from handlers.reading.assent import assent, negated, sign
from handlers.reading.ladder import BUT, EVERY
from handlers.spelling import fold, plain, tokens
from handlers.state import Facts
from handlers.words import is_courtesy

A = r"(?:(?:the|in|from|la|el|los|las|en|de|del) )*@"
IS = r"(?:is|are|was|were)"
PART = r"(?: involved| part of (?:it|this|the problem))?"
# @ stands for an office. "No one from HR" is not here: it may well ask that nobody there reads it.
DENIAL = re.compile(
    rf"(?:(?:no|well|pues|bueno) )*(?:"
    rf"(?:(?:its|thats|it {IS}|this {IS}|they are) )?not {A}(?: (?:or|nor) {A})*{PART}"
    rf"|(?:(?:it|this|they) )?(?:isnt|wasnt|arent|werent) {A}"
    rf"|{A} (?:{IS} not|isnt|arent|wasnt|werent){PART}"
    rf"|{A} (?:no|not)(?: (?:es|son|fue|fueron|esta|estan))?"
    rf"|(?:no (?:es|son|fue|fueron)|tampoco|ni) {A}(?: (?:ni|o) {A})*)"
)
TURNS = frozenset("but except nobody anybody anyone nadie menos excepto salvo sin without".split())
STORY = frozenset("i he she we then when because yo ella luego cuando porque".split())
PEOPLE = frozenset(("everyone", "everybody", "todo el mundo"))


@dataclass(frozen=True, slots=True)
class Answer:
    """`code`: of options, joined by spaces; "none", "skipped", "given" in words; "" where it is unclear.

    `out` are staff (ids) whom it keeps out, `spared` those whom it names only to say that they are not part of it;
    `yes`: some office is, but not which.
    """

    code: str = ""
    out: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()
    yes: bool = False


def read(said: str, question: Choice, facts: Facts, again: bool = False) -> Answer:
    """What an answer to "is one of these offices part of the problem?" means.

    Where it is asked `again`, some office is or may be: "not the police" then means the others.
    """
    listed, staff = facts.jurisdiction.offices, facts.staff
    named = names.offices(said, listed)
    if named and "?" not in said and DENIAL.fullmatch(names.without_offices(said, listed, "@")):
        return _others(question, named, facts) if again else Answer(NONE, spared=names.of_office(named, staff))
    if spared := _all_but(said, listed):
        return _others(question, spared, facts)
    if named and (negated(said) or not TURNS.isdisjoint(tokens(said))):
        return Answer()
    reading = question.read(said)
    if reading and reading.method != "within":
        return Answer(reading.code, names.of_office(reading.code.split(" "), staff))
    if names.mentioned(said, staff, facts.jurisdiction):
        return Answer(GIVEN)
    if named or names.has_full_name(said):
        return Answer(GIVEN, _unplaced(facts))
    return Answer(yes=sign(said) == "yes" or (assent(said)[0] == "yes" and not is_courtesy(said)))


def everybody(question: Choice, facts: Facts) -> Answer:
    """For who means somebody, and we can not tell whom."""
    every = (option.code for option in question.options)
    return Answer(GIVEN, names.of_office(every, facts.staff) | _unplaced(facts))


def goes_on(said: str) -> bool:
    """Whether an unclear answer is plainly their story going on, or says nothing, so that it points at nobody."""
    words, heard = tokens(said), told.told(said, 0)
    if not words or is_courtesy(said) or is_bare(said):
        return True
    if "who" in heard or not EVERY.isdisjoint(words):
        return False
    return words[0] in STORY or not heard.keys() <= {"what"}


def _others(question: Choice, spared: frozenset[str], facts: Facts) -> Answer:
    wanted = [option.code for option in question.options if option.code not in (NONE, *spared)]
    return Answer(" ".join(wanted), names.of_office(wanted, facts.staff), names.of_office(spared, facts.staff))


def _all_but(said: str, listed: tuple[Office, ...]) -> frozenset[str]:
    """ "All of them but the police". But "everyone but the police" may say who may read it, so it is unclear."""
    found = BUT.fullmatch(fold(said).strip(" .!"))
    if not found or plain(found["all"]) not in EVERY - PEOPLE:
        return frozenset()
    rest = names.without_offices(found["less"], listed, "")
    return (
        names.offices(found["less"], listed) if rest.strip() in ("", "the", "la", "el", "los", "las") else frozenset()
    )


def _unplaced(facts: Facts) -> frozenset[str]:
    """Staff (ids) of this city whose name or office is not on record: they may be whom somebody means."""
    city = facts.jurisdiction.key
    return frozenset(row.id for row in facts.staff if row.jurisdiction == city and not (row.name and row.office))
