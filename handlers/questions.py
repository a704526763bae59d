"""Kinds of question: each knows its words and options, and reads an answer as people give it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from handlers.spelling import fold, one_slip, plain, tokens

Method = Literal[
    "skip", "code", "number word", "yes or no", "sign", "label", "start", "slip", "several", "text", "picture"
]

SKIPPED, GIVEN, NONE, UNSURE = "skipped", "given", "none", "unsure"


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer means: the code of an option (several: joined by spaces), how it was found, how sure (0 to 1)."""

    code: str
    method: Method
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: its code, the same in every language; its label in the reader's; other words that mean it."""

    code: str
    label: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """Answered in free words."""

    id: str
    text: str
    options: tuple[Option, ...] = ()

    @property
    def prompt(self) -> str:
        """The question as it is sent."""
        return self.text

    def read(self, said: str, pictures: int = 0) -> Reading | None:
        """Any words are an answer; pictures alone are not."""
        if _skips(said):
            return Reading(SKIPPED, "skip")
        return Reading(GIVEN, "text") if said.strip() else None


@dataclass(frozen=True, slots=True)
class Choice:
    """Answered by a numbered option, by several where `many` is set."""

    id: str
    text: str
    options: tuple[Option, ...]
    many: bool = False

    @property
    def prompt(self) -> str:
        """The question as it is sent, with its options numbered from 1."""
        numbered = (f"{number} {option.label}" for number, option in enumerate(self.options, 1))
        return "\n".join((self.text, *numbered))

    def labels(self, codes: str) -> str:
        """The options of a reading in words, for whoever reads the answer without the question before them."""
        return ", ".join(option.label for option in self.options if option.code in codes.split(" "))

    def read(self, said: str, pictures: int = 0) -> Reading | None:
        """The first rung of the ladder that finds exactly one option; None if no rung does."""
        if (unsure := self._unsure(said)) or (unsure is None and _skips(said)):
            return unsure or Reading(SKIPPED, "skip")
        for method, confidence, find in LADDER:
            found = find(said, self.options)
            if len(found) == 1:
                return Reading(found.pop(), method, confidence)
        return self._several(said) if self.many else None

    def _unsure(self, said: str) -> Reading | None:
        """Not knowing is an answer where it is an option."""
        option = next((option for option in self.options if option.code == UNSURE), None)
        return Reading(UNSURE, "label") if option and plain(said) in NOT_KNOWN else None

    def _several(self, said: str) -> Reading | None:
        parts = [part for part in re.split(r"[\s,;/&+]+|\b(?:and|y)\b", fold(said)) if part]
        found = [_numbered(part, self.options) | _number_word(part, self.options) for part in parts]
        if not found or not all(len(codes) == 1 for codes in found):
            return None
        codes = sorted(set[str]().union(*found) - {NONE}) or [NONE]
        return Reading(" ".join(codes), "several", 0.9)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Answered by sending pictures, or by saying that there are none."""

    id: str
    text: str
    options: tuple[Option, ...] = ()

    @property
    def prompt(self) -> str:
        """The question as it is sent."""
        return self.text

    def read(self, said: str, pictures: int = 0) -> Reading | None:
        """Pictures, or words for "none" or "done"."""
        if pictures:
            return Reading(GIVEN, "picture")
        if plain(said) in NO or plain(said).split(" ")[:1] == ["no"] or _sign(said) == "no":
            return Reading(NONE, "yes or no")
        if plain(said) in DONE:
            return Reading(GIVEN, "text", 0.8)
        return Reading(SKIPPED, "skip") if _skips(said) else None


Question = Text | Choice | Pictures


def yes_no(id: str, text: str, yes: str, no: str, unsure: str = "") -> Choice:
    """A choice between yes, no and, if it has a label, not sure."""
    options = (Option("yes", yes), Option("no", no), *((Option(UNSURE, unsure),) if unsure else ()))
    return Choice(id, text, options)


NOT_KNOWN = frozenset(
    """i dont know,dont know,dunno,idk,not sure,unsure,i am not sure,im not sure,no idea,no clue,
    no se,no lo se,nose,no estoy seguro,no estoy segura,ni idea,quien sabe""".replace("\n    ", "").split(",")
)
SKIPS = NOT_KNOWN | frozenset(
    """0,skip,skip it,pass,next,next question,rather not say,prefer not to say,i prefer not to say,no comment,
    saltar,omitir,paso,siguiente,prefiero no decir,prefiero no decirlo,sin comentarios""".replace("\n    ", "").split(
        ","
    )
)
YES = frozenset(
    "y ye yes yea yeah yep yup ya yess yas sure ok okay correct right true affirmative absolutely definitely "
    "s si sip sii claro correcto cierto verdad afirmativo exacto dale simon".split(" ")
)
NO = frozenset(
    "n no nope nah naw nop non never none nothing negative false nada nunca ninguno ninguna negativo falso".split(" ")
)
DONE = frozenset(("done", "thats all", "that is all", "sent", "listo", "ya", "es todo", "eso es todo", "enviado"))
SIGNS = {"👍": "yes", "👌": "yes", "✅": "yes", "✔": "yes", "☑": "yes", "👎": "no", "❌": "no", "🚫": "no", "✖": "no"}
NUMBER_WORDS = (
    ("one", "first", "1st", "uno", "una", "primero", "primera", "primer"),
    ("two", "second", "2nd", "dos", "segundo", "segunda"),
    ("three", "third", "3rd", "tres", "tercero", "tercera"),
    ("four", "fourth", "4th", "cuatro", "cuarto", "cuarta"),
    ("five", "fifth", "5th", "cinco", "quinto", "quinta"),
    ("six", "sixth", "6th", "seis", "sexto", "sexta"),
    ("seven", "seventh", "7th", "siete", "septimo", "septima"),
    ("eight", "eighth", "8th", "ocho", "octavo", "octava"),
    ("nine", "ninth", "9th", "nueve", "noveno", "novena"),
)
LAST_WORDS = frozenset(("last", "ultimo", "ultima"))
AROUND = frozenset(
    "the a an option number answer choice no. num my is one la el lo opcion numero respuesta es mi".split(" ")
)

Options = tuple[Option, ...]


def _skips(said: str) -> bool:
    return plain(said) in SKIPS


def _numbered(said: str, options: Options) -> set[str]:
    """ "2", "2.", "#2", "(2)", "B)", a keycap, "option 2" """
    bare = fold(said).replace("\ufe0f", "").replace("\u20e3", "").strip()
    found = re.fullmatch(
        r"(?:(?:the|la|el|option|opcion|number|numero|answer|respuesta)\s+)*[#(\[]?\s*(\d{1,2}|[a-i])\s*[.):\]!]*", bare
    )
    if not found:
        return set()
    mark = found.group(1)
    place = int(mark) if mark.isdigit() else ord(mark) - ord("a") + 1
    return {options[place - 1].code} if 1 <= place <= len(options) else set()


def _number_word(said: str, options: Options) -> set[str]:
    words = [word for word in tokens(said) if word not in AROUND] or list(tokens(said)[-1:])
    if len(words) != 1:
        return set()
    if words[0] in LAST_WORDS:
        return {options[-1].code}
    return {option.code for option, names in zip(options, NUMBER_WORDS, strict=False) if words[0] in names}


def _yes_or_no(said: str, options: Options) -> set[str]:
    """ "yes", "Sí", "nope", also "yes, every week" """
    words = tokens(said)
    first = words[0] if words and (len(words) == 1 or (len(words) <= 6 and len(words[0]) > 1)) else ""
    meant = "yes" if first in YES else "no" if first in NO else ""
    return {meant} & {option.code for option in options}


def _signs(said: str, options: Options) -> set[str]:
    return {_sign(said)} & {option.code for option in options}


def _sign(said: str) -> str:
    meant = {SIGNS[character] for character in said if character in SIGNS}
    return meant.pop() if len(meant) == 1 else ""


def _label(said: str, options: Options) -> set[str]:
    return {option.code for option in options if plain(said) in _labels(option)}


def _label_start(said: str, options: Options) -> set[str]:
    """ "hum" for "Human resources", or a label at the start of a longer answer"""
    text = plain(said)
    return {option.code for option in options if any(_begins(text, label) for label in _labels(option))}


def _begins(text: str, label: str) -> bool:
    return (len(text) >= 3 and label.startswith(text)) or (len(label) >= 4 and f"{text} ".startswith(f"{label} "))


def _label_slip(said: str, options: Options) -> set[str]:
    """One slip in words of five letters or more, all others right."""
    words = tokens(said)
    return {option.code for option in options if any(_slipped(words, label) for label in _labels(option))}


def _slipped(words: tuple[str, ...], label: str) -> bool:
    wanted = label.split(" ")
    if len(words) != len(wanted):
        return False
    return all(
        word == right or (len(right) >= 5 and one_slip(word, right)) for word, right in zip(words, wanted, strict=True)
    )


def _number_first(said: str, options: Options) -> set[str]:
    """ "2, I think" but not "2 men were there" """
    found = re.match(r"\s*(\d)\s*[,.):;-]\s", said)
    return _numbered(found.group(1), options) if found else set()


def _labels(option: Option) -> tuple[str, ...]:
    return tuple(plain(label) for label in (option.label, *option.also))


LADDER: tuple[tuple[Method, float, Callable[[str, Options], set[str]]], ...] = (
    ("code", 1.0, _numbered),
    ("label", 1.0, _label),
    ("number word", 0.95, _number_word),
    ("yes or no", 0.95, _yes_or_no),
    ("sign", 0.9, _signs),
    ("start", 0.85, _label_start),
    ("slip", 0.8, _label_slip),
    ("code", 0.7, _number_first),
)
