"""Reads one number from an answer: digits, words, money and halves, in English and Spanish; never guesses a range."""

import re
from collections.abc import Iterable
from decimal import Decimal

from handlers.spelling import fold, one_slip

UNITS = {
    **{word: value for value, word in enumerate("zero one two three four five six seven eight nine ten".split())},
    **{word: value for value, word in enumerate("eleven twelve thirteen fourteen fifteen sixteen".split(), 11)},
    **{word: value for value, word in enumerate("seventeen eighteen nineteen".split(), 17)},
    **{word: value for value, word in enumerate("cero uno dos tres cuatro cinco seis siete ocho nueve diez".split())},
    **{word: value for value, word in enumerate("once doce trece catorce quince dieciseis diecisiete".split(), 11)},
    **{word: value for value, word in enumerate("dieciocho diecinueve veinte veintiuno veintidos".split(), 18)},
    **{word: value for value, word in enumerate("veintitres veinticuatro veinticinco veintiseis".split(), 23)},
    **{"veintisiete": 27, "veintiocho": 28, "veintinueve": 29, "un": 1, "una": 1, "veintiun": 21, "veintiuna": 21},
}
TENS = {
    **{
        word: 10 * value
        for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
    },
    **{word: 10 * value for value, word in enumerate("treinta cuarenta cincuenta sesenta setenta".split(), 3)},
    **{"ochenta": 80, "noventa": 90, "fourty": 40},
}
HUNDREDS = {"cien": 100, "ciento": 100} | {
    stem + ending: 100 * value
    for value, stem in (
        *((2, "doscient"), (3, "trescient"), (4, "cuatrocient"), (5, "quinient"), (6, "seiscient")),
        *((7, "setecient"), (8, "ochocient"), (9, "novecient")),
    )
    for ending in ("os", "as")
}
THOUSANDS = {
    **dict.fromkeys(("thousand", "k", "grand", "mil"), 1000),
    **dict.fromkeys(("million", "millions", "millon", "millones"), 1_000_000),
}
NOTHING = frozenset("none nobody nothing ninguno ninguna nada nadie".split())
# Words around a number that do not change it; any other word makes it something else than a number.
AROUND = frozenset(
    """about around roughly approximately approx like maybe probably just only exactly almost nearly close to solid
    i id it its is was were had have has make made makes making earn earned get got say give guess think for total
    rate them my the in all there be would please ok of at or so
    como unos unas casi aproximadamente alrededor de cerca quizas tal vez solo tengo tuve gano ganaba gane eran era son
    fue fueron hace por doy daria diria que le yo creo mas o menos el la los las al en total con pongo un una a
    years year yrs yr months month mos weeks week wks days day hours hour hrs hr times time people persons employees
    dollars dollar bucks usd per an annually yearly monthly weekly hourly salary points point stars star percent old
    ano anos mes meses semana semanas dia dias hora horas vez veces personas empleados dolares dolar pesos puntos punto
    estrellas estrella cada porciento ciento anuales mensuales""".split()
) - {"or", "o", "mas", "ciento"}
TOKEN = re.compile(r"(?P<digits>\d[\d.,]*\d|\d|\.\d+)|(?P<word>[a-z]+)|(?P<sign>[^\s\w])")
HARMLESS = frozenset("$.,!;:()'\"~%?*/-\u20ac\u00a3\u00a1\u00bf")
HALVES = re.compile(r"\b(?:and a half|y medi[oa]|and one half|and 1/2|1/2|y 1/2)\b")


def number(text: str) -> tuple[Decimal, float] | None:
    """The one number a text gives and how sure that is; None for none, several, a range or an unclear "1.200"."""
    said, half = _halved(_cleaned(text))
    found = _tokens(said)
    if found is None:
        return None
    values = [token for token in found if token not in AROUND or token in ("un", "una", "a")]
    meant = _value(_leading_one(values))
    if meant is None and not values and half:
        meant = Decimal(0)
    if meant is None:
        return None
    return _signed(said, meant + half), _sureness(found, values)


def word_value(words: Iterable[str]) -> int | None:
    """The whole number that words alone say: ("twenty", "five") is 25."""
    meant = _value(list(words))
    return int(meant) if meant is not None and meant == int(meant) else None


def _cleaned(text: str) -> str:
    said = fold(text.replace("\u00bd", " 1/2 ").replace("\ufe0f\u20e3", " ").replace("\U0001f51f", " 10 "))
    said = re.sub(r"(?<=\d)\s*/\s*(?:hr|hour|h|yr|year|mo|hora|mes|ano)\b", " ", said.replace("\u2044", "/"))
    said = re.sub(r"\b(?:mas o menos|more or less|or so|o asi)\b", " ", said)
    return re.sub(r"(?<=[a-z])-(?=[a-z])", " ", said).strip()


def _halved(said: str) -> tuple[str, Decimal]:
    """A text without its "and a half", and that half."""
    if re.fullmatch(r"(?:a |una? )?(?:half(?: an?)?|media|medio)(?: .*)?", said):
        if "dozen" in said or "docena" in said:
            return re.sub(r"\b(?:a|half|media|medio|dozen|docena|of|de)\b", " ", said) + " 6", Decimal(0)
        return said.replace("half", " ", 1).replace("media", " ", 1).replace("medio", " ", 1), Decimal("0.5")
    without, count = HALVES.subn(" ", said)
    return without, Decimal("0.5") * count if count == 1 else Decimal(0)


def _tokens(said: str) -> list[str] | None:
    """Numbers in plain digits and words, in order; None if something in the text is neither."""
    found: list[str] = []
    last = 0
    for token in TOKEN.finditer(said):
        if said[last : token.start()].strip():
            return None
        last = token.end()
        if token["digits"]:
            digits = _plain_digits(token["digits"])
            if digits is None:
                return None
            found.append(digits)
        elif token["word"]:
            found.append(token["word"])
        elif not _harmless(said, token):
            return None
    return None if said[last:].strip() else _known(found)


def _harmless(said: str, token: re.Match[str]) -> bool:
    """Punctuation is; a dash or slash between two numbers makes a range or a fraction."""
    sign, after, before = token["sign"], said[token.end() :].lstrip(), said[: token.start()].rstrip()
    if sign in "-/" and before and after[:1].isdigit() and before[-1:].isdigit():
        return False
    return sign in HARMLESS


def _plain_digits(digits: str) -> str | None:
    """ "1,200.50" and "1.200,50" as 1200.50; "1.200" is a thousand to some and one to others, so it is neither."""
    if re.fullmatch(r"\d+(?:\.\d+)?|\.\d+", digits):
        return None if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits) else digits
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        return digits.replace(",", "")
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d{1,3}\.\d{3},\d+|\d+,\d{1,2}", digits):
        return digits.replace(".", "").replace(",", ".")
    return None


def _known(found: list[str]) -> list[str] | None:
    """The tokens, "and" between number words left out; None if a word belongs to no number."""
    kept = [_respelled(word) for word in found if word not in ("and", "y")]
    return kept if kept and all(_numeric(word) or word in AROUND or word in NOTHING for word in kept) else None


def _respelled(word: str) -> str:
    """A number word of five letters or more with one slip in it, as it should be."""
    if len(word) < 5 or _numeric(word) or word in AROUND or word in NOTHING:
        return word
    meant = [right for right in (*UNITS, *TENS, *HUNDREDS, *THOUSANDS) if len(right) >= 5 and one_slip(word, right)]
    return meant[0] if len(set(meant)) == 1 else word


def _numeric(word: str) -> bool:
    known = word in UNITS or word in TENS or word in HUNDREDS or word in THOUSANDS
    return known or word in ("hundred", "dozen", "docena", "m") or word[:1].isdigit() or word[:1] == "."


def _leading_one(values: list[str]) -> list[str]:
    """ "a hundred" is one hundred; in "a 3" and "un 3" the article says nothing"""
    if len(values) > 1 and values[0] in ("a", "un", "una"):
        return values[1:] if values[1] not in ("hundred", "dozen", "docena", *THOUSANDS) else ["one", *values[1:]]
    trimmed = [value for value in values if value != "a"]
    return [*trimmed[:1], *(value for value in trimmed[1:] if value not in ("un", "una"))] if trimmed else []


def _value(values: list[str]) -> Decimal | None:
    """What numbers and number words say together; None if they are several numbers."""
    if len(values) == 1 and values[0] in NOTHING:
        return Decimal(0)
    total, current, room = Decimal(0), None, Decimal(10) ** 12
    for word in values:
        if word in THOUSANDS or word == "m":
            scale = Decimal(THOUSANDS.get(word, 1_000_000))
            if scale >= room or (current is None and total):
                return None
            total, current, room = total + (1 if current is None else current) * scale, None, scale
            continue
        current = _joined(word, current)
        if current is None:
            return None
    if current is not None and total and current >= room:
        return None
    return total + (current or 0) if current is not None or total else None


def _joined(word: str, current: Decimal | None) -> Decimal | None:
    """A number with the next word of it: "twenty" and "five", "three" and "hundred"; None if that is another number."""
    if word == "hundred":
        return (current if current is not None else Decimal(1)) * 100 if current is None or current < 100 else None
    if word in ("dozen", "docena"):
        return (current if current is not None else Decimal(1)) * 12
    if word[:1].isdigit() or word[:1] == ".":
        return Decimal(word) if current is None else None
    value = Decimal(HUNDREDS.get(word) or TENS.get(word) or UNITS.get(word, -1))
    if value < 0 or (current is not None and not _fits(value, current)):
        return None
    return value + (current or 0)


def _fits(value: Decimal, current: Decimal) -> bool:
    if current % 100 == 0 and current >= 100:
        return 0 < value < 100
    return current % 10 == 0 and current % 100 >= 20 and 0 < value < 10


def _signed(said: str, value: Decimal) -> Decimal:
    return -value if re.match(r"[-\u2212]\s*\$?\s*\d", said) else value


def _sureness(found: list[str], values: list[str]) -> float:
    """Bare digits are surest, then bare words, then a number among other words."""
    if len(found) > len(values):
        return 0.85
    return 1.0 if all(value[:1].isdigit() for value in values) else 0.95
