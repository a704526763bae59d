"""Finds the option an answer means, rung by rung: from its number or label down to a slip of the thumb."""

import re
from collections.abc import Callable
from functools import lru_cache

from handlers.reading.assent import ASIDE, assent, negated, sign
from handlers.reading.numerals import word_value
from handlers.reading.readings import NONE, REFUSED, UNSURE, Method, Option, Options, Reading
from handlers.spelling import fold, one_slip, plain, tokens

ORDINALS = (
    ("first", "1st", "primero", "primera", "primer", "1ra", "1ro", "1er", "1era", "1ero"),
    ("second", "2nd", "segundo", "segunda", "2da", "2do"),
    ("third", "3rd", "tercero", "tercera", "tercer", "3ra", "3ro", "3er", "3era", "3ero"),
    ("fourth", "4th", "cuarto", "cuarta", "4ta", "4to"),
    ("fifth", "5th", "quinto", "quinta", "5ta", "5to"),
    ("sixth", "6th", "sexto", "sexta", "6ta", "6to"),
    ("seventh", "7th", "septimo", "septima", "7ma", "7mo"),
    ("eighth", "8th", "octavo", "octava", "8va", "8vo"),
    ("ninth", "9th", "noveno", "novena", "9na", "9no"),
    ("tenth", "10th", "decimo", "decima", "10ma", "10mo"),
    ("eleventh", "11th", "undecimo", "undecima"),
    ("twelfth", "12th", "duodecimo", "duodecima"),
)
LAST_WORDS = frozenset(("last", "ultimo", "ultima"))
AROUND = frozenset(
    """the a an option number answer choice no. num my is one la el lo opcion numero respuesta es mi letter letra
    inciso""".split()
)
# What people put around the number they mean; the reading is then a little less sure.
HEDGES = frozenset(
    """i id ill im its it that was think guess say pick choose chose go with would be probably maybe mostly mainly
    please thanks thank you definitely very for me answer item to have want
    creo que yo digo diria escojo elijo quiero seria fue era probablemente quizas tal vez por favor gracias pienso
    la el opcion me quedo con pongo""".split()
)
AND = frozenset("and also plus then y e tambien ademas luego both ambas ambos".split())
EVERY = frozenset(
    """all|all of them|all of these|all of those|all of the above|all the above|all of it|everything|every one|
    everyone|everybody|all options|each of them|todas|todos|todo|todas ellas|todas las anteriores|todos los anteriores|
    todas esas|todas estas|todas las opciones|todo lo anterior|toditas|las todas|todo el mundo""".replace(
        "\n    ", ""
    ).split("|")
)
NOT_ANY = frozenset(
    """no|none|none of them|none of these|none of those|none of the above|neither|neither of them|nothing|not any|
    no one|ninguna|ninguno|ninguna de estas|ninguna de esas|ninguno de estos|ninguna de ellas|ninguna de las anteriores|
    ninguno de los anteriores|nada|nada de eso|ni una|ni uno""".replace("\n    ", "").split("|")
)
BUT = re.compile(
    r"(?P<all>.+?),? (?:but|except|except for|besides|apart from|menos|excepto|salvo|aparte de) (?P<less>.+)"
)
SOME = re.compile(
    r"(?:the |las |los )?(?:(?P<which>first|last|primer[ao]s|ultim[ao]s) (?P<count>\w+)|"
    r"(?P<cuenta>\w+) (?P<cuales>primer[ao]s|ultim[ao]s))(?: ones)?"
)
WORDY = 8
PLACES = 12


def choose(said: str, options: Options, generous: bool = False) -> Reading | None:
    """The first rung that finds exactly one option; None if no rung does.

    `generous` also takes hedges around a number ("I think 2") and a label inside a longer answer ("it was my boss").
    """
    if generous and not _label(said, options) and len(_labels_listed(said, options)) > 1:
        return None
    for method, confidence, find in LADDER:
        found = find(said, options)
        if len(found) == 1:
            return Reading(found.pop(), method, confidence)
    return _generously(said, options) if generous else None


def choose_several(said: str, options: Options, generous: bool = False) -> Reading | None:
    """The options a text lists: "1 and 3", "la 1 y la 3", "all but 2", "the first two"; labels too if `generous`."""
    if len(_label(said, options)) == 1:
        return None
    if generous and SOME.fullmatch(plain(said)):
        codes = _first_or_last(said, options)
    else:
        codes = _listed(said, options)
    if not codes and generous:
        codes = _everything(said, options) or _labels_listed(said, options)
    if not codes:
        return None
    kept = sorted(codes - {NONE}) or [NONE]
    return Reading(" ".join(kept), "several", 0.9)


def starred(said: str) -> str:
    """A row of stars as its count, in digits; "" for anything else."""
    bare = said.replace("\ufe0f", "").strip()
    return str(len(bare)) if bare and set(bare) <= {"\u2b50", "\u2605", "\U0001f31f"} else ""


def unmarked(said: str) -> str:
    """A text without case, accents, and what makes a digit a keycap."""
    return fold(said.replace("\ufe0f", "").replace("\u20e3", " ").replace("\U0001f51f", " 10 ")).strip()


def _generously(said: str, options: Options) -> Reading | None:
    if found := _hedged(said, options):
        return Reading(found.pop(), "number word", 0.8) if len(found) == 1 else None
    found = _label_within(said, options)
    return Reading(found.pop(), "within", 0.75) if len(found) == 1 else None


def _numbered(said: str, options: Options) -> set[str]:
    """ "2", "2.", "#2", "(2)", "B)", a keycap, "option 2" """
    found = re.fullmatch(
        r"(?:(?:the|la|el|option|opcion|number|numero|no\.?|num\.?|answer|respuesta|letter|letra|inciso)\s+)*"
        r"[#(\[]?\s*(\d{1,2}(?=[oa]?\b)|[a-l]\b)[oa]?\s*[.):\]!]*",
        unmarked(said),
    )
    return _at(found.group(1), options) if found else set()


def _at(mark: str, options: Options) -> set[str]:
    place = int(mark) if mark.isdigit() else ord(mark) - ord("a") + 1
    return {options[place - 1].code} if 1 <= place <= len(options) else set()


def _number_word(said: str, options: Options) -> set[str]:
    words = [word for word in tokens(said) if word not in AROUND] or list(tokens(said)[-1:])
    return _placed(words[0], options) if len(words) == 1 else set()


def _placed(word: str, options: Options) -> set[str]:
    """ "last", "second", "dos": the option in that place"""
    if word in LAST_WORDS:
        return {options[-1].code}
    place = next((place for place, names in enumerate(ORDINALS, 1) if word in names), None)
    if place is None and word.isalpha():
        place = word_value([word])
    return {options[place - 1].code} if place and place <= min(len(options), PLACES) else set()


def _yes_or_no(said: str, options: Options) -> set[str]:
    """ "yes", "Sí", "not really", "claro que no"; also "yes, every week" """
    return {assent(said)[0]} & {option.code for option in options}


def _signs(said: str, options: Options) -> set[str]:
    return {sign(said)} & {option.code for option in options}


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
        word == right or (len(right) >= 5 and word not in ASIDE and one_slip(word, right))
        for word, right in zip(words, wanted, strict=True)
    )


def _number_first(said: str, options: Options) -> set[str]:
    """ "2, I think" but not "2 men were there" """
    found = re.match(r"\s*(\d)\s*[,.):;-]\s(?!\s*\d)", said)
    return _numbered(found.group(1), options) if found else set()


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


def _labels(option: Option) -> tuple[str, ...]:
    return _plain((option.label, *option.also))


@lru_cache(maxsize=512)
def _plain(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Asked again and again: eight rungs compare every answer with them."""
    return tuple(map(plain, labels))


def _hedged(said: str, options: Options) -> set[str]:
    """ "I think 2", "probably the third one", "2 please" """
    words = [word for word in tokens(unmarked(said)) if word not in HEDGES and word not in AROUND]
    if len(words) != 1 or negated(said):
        return set()
    mark = words[0]
    single = mark.isascii() and ((mark.isdigit() and len(mark) <= 2) or re.fullmatch("[b-h]", mark))
    return _at(mark, options) if single else _placed(mark, options)


def _label_within(said: str, options: Options) -> set[str]:
    """A label, or its first word with one slip, in a short answer that denies nothing: "it was my boss" """
    words = tokens(said)
    if len(words) > WORDY or negated(said):
        return set()
    return {option.code for option in options if any(_holds(words, label) for label in _labels(option))}


def _holds(words: tuple[str, ...], label: str) -> bool:
    size = label.count(" ") + 1
    return any(
        " ".join(words[start : start + size]) == label or _slipped(words[start : start + size], label)
        for start in range(len(words) - size + 1)
    )


def _listed(said: str, options: Options) -> set[str]:
    """Every part must be an option's number: "1-15" and "1 and 9" of five list nothing."""
    parts = [part for part in re.split(r"[\s,;/&+]+", unmarked(said)) if part and part not in AND]
    numbers = [part for part in parts if part not in AROUND or part == "a"]
    if "a" in numbers and not all(re.fullmatch(r"[a-l][.)]?", part) for part in numbers):
        numbers = [part for part in numbers if part != "a"]
    if numbers == [] and parts:
        numbers = parts
    found = [_numbered(part, options) or _placed(re.sub(r"\W", "", part), options) for part in numbers]
    if not found or not all(len(codes) == 1 for codes in found):
        return set()
    return set[str]().union(*found)


def _everything(said: str, options: Options) -> set[str]:
    text = plain(said)
    real = {option.code for option in options} - {NONE, UNSURE, REFUSED}
    if text in EVERY:
        return real
    if text in NOT_ANY:
        return {NONE} & {option.code for option in options}
    found = BUT.fullmatch(fold(said).strip(" .!"))
    if found and plain(found["all"]) in EVERY:
        less = _listed(found["less"], options) or _labels_listed(found["less"], options)
        return real - less if less else set()
    return set()


def _first_or_last(said: str, options: Options) -> set[str]:
    """ "the first two", "las dos últimas" """
    found = SOME.fullmatch(plain(said))
    if not found:
        return set()
    count = word_value([found["count"] or found["cuenta"]]) or 0
    real = [option.code for option in options if option.code not in (UNSURE, REFUSED)]
    if not 1 < count < len(real):
        return set()
    which = found["which"] or found["cuales"]
    taken = real[:count] if which[0] in "fp" else real[-count:]
    return set() if NONE in taken else set(taken)


def _labels_listed(said: str, options: Options) -> set[str]:
    """ "pay and my manager": each part must be one option's label, or a number"""
    if negated(said):
        return set()
    parts = [part.strip() for part in re.split(r"[,;/&+\n]|\b(?:and|y|also|plus|tambien|ademas)\b", fold(said))]
    found = [_part(part, options) for part in parts if part]
    if not found or not all(len(codes) == 1 for codes in found):
        return set()
    return set[str]().union(*found)


def _part(said: str, options: Options) -> set[str]:
    rungs = (_numbered, _label, _number_word, _label_start, _label_slip, _label_within)
    return next((found for rung in rungs if len(found := rung(said, options)) == 1), set())
