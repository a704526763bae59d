"""Reads one day from an answer in English or Spanish: written, in digits, or told from today; refuses unclear ones."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal

from handlers.reading.numerals import word_value
from handlers.spelling import fold, one_slip

Lean = Literal["", "past", "future"]
"""Which way a day without a year, or a bare weekday, is meant; "" takes the nearest day and refuses a bare weekday."""

MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ene feb mar abr may jun jul ago sep oct nov dic",
    )
    for number, name in enumerate(names.split(), 1)
} | {"sept": 9, "setiembre": 9}
WEEKDAYS = {
    name: number
    for names in (
        "monday tuesday wednesday thursday friday saturday sunday",
        "mon tue wed thu fri sat sun",
        "lunes martes miercoles jueves viernes sabado domingo",
    )
    for number, name in enumerate(names.split())
} | {"tues": 1, "thur": 3, "thurs": 3}
NEAR = {
    **dict.fromkeys(("today", "hoy", "now", "right now", "ahora", "ahorita", "hoy mismo"), 0),
    **dict.fromkeys(("yesterday", "ayer"), -1),
    **dict.fromkeys(("tomorrow", "manana", "tmrw", "tomorow"), 1),
    **dict.fromkeys(("the day before yesterday", "day before yesterday", "anteayer", "antier", "antes de ayer"), -2),
    **dict.fromkeys(("the day after tomorrow", "day after tomorrow", "pasado manana"), 2),
}
DAYS_OF = {
    **dict.fromkeys(("day", "days", "dia", "dias"), 1),
    **dict.fromkeys(("week", "weeks", "wk", "wks", "semana", "semanas"), 7),
}
MONTHS_OF = {
    **dict.fromkeys(("month", "months", "mes", "meses"), 1),
    **dict.fromkeys(("year", "years", "yr", "yrs", "ano", "anos"), 12),
}
ORDINAL_DAYS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
UNIT = "|".join((*DAYS_OF, *MONTHS_OF))
COUNT = r"(\d{1,3}|[a-z]+(?: [a-z]+)?)"
FILLED = re.compile(
    r"\b(?:the|el|on|it was|i left|fue|era|del|de|of|about|around|como|su|my|mi|last day|ultimo dia|was|is|sali|"
    r"dia|a|al|in|en|i think|creo que|por ahi)\b|[,.]"
)


def day(text: str, today: date | None, lean: Lean = "") -> tuple[date, float] | None:
    """The day a text gives and how sure that is; without `today` only full dates; None where it is unclear."""
    said = re.sub(r"\s+", " ", fold(text)).strip(" .!?,;:")
    said = re.sub(rf"^(?:(?:on|el)\s+)?(?:{'|'.join(WEEKDAYS)})\s*,?\s+(?=.*\d)", "", said)
    for read in READERS:
        if found := read(said, today, lean):
            return found
    return None


Found = tuple[date, float] | None


def _iso(said: str, _today: date | None, _lean: Lean) -> Found:
    found = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", said)
    return _made(int(found[1]), int(found[2]), int(found[3]), 1.0) if found else None


def _digits(said: str, today: date | None, lean: Lean) -> Found:
    """ "3/14/2026", "14.3.26"; "3/4" may be March or April, and is refused"""
    found = re.fullmatch(r"(?:on |el )?(\d{1,2})[-/.](\d{1,2})(?:[-/.](\d{4}|\d{2}))?", said)
    if not found:
        return None
    one, other = int(found[1]), int(found[2])
    if one <= 12 and other <= 12 and one != other:
        return None
    month, number = (one, other) if one <= 12 else (other, one)
    return _in_year(month, number, found[3], today, lean)


def _named(said: str, today: date | None, lean: Lean) -> Found:
    """ "March 3rd, 2026", "el 3 de marzo", "3 mar 26" """
    words = re.sub(r"(?<=\d)(?:st|nd|rd|th|ro|ero|er|o)\b", "", FILLED.sub(" ", said)).split()
    months = [number for word in words if (number := _month(word))]
    others = [_in_digits(word) for word in words if not _month(word)]
    if len(months) != 1 or not 1 <= len(others) <= 2 or not all(others):
        return None
    numbers = sorted(others, key=len)  # the year, if there is one, is the longer of the two
    year = (others[1] if len(others[0]) == len(others[1]) else numbers[1]) if len(numbers) == 2 else None
    return _in_year(months[0], int(numbers[0]), year, today, lean) if len(numbers[0]) <= 2 else None


def _near(said: str, today: date | None, _lean: Lean) -> Found:
    apart = NEAR.get(re.sub(r"^(?:it was|just|fue|apenas) ", "", said))
    return (today + timedelta(apart), 0.95) if today and apart is not None else None


def _counted(said: str, today: date | None, _lean: Lean) -> Found:
    """ "3 days ago", "hace una semana", "in two weeks"; months and years are only about right"""
    forms = (
        (rf"(?:about |like |just )?{COUNT} ({UNIT}) (?:ago|back|atras)", -1),
        (rf"hace (?:como |unos |unas )?{COUNT} ({UNIT})", -1),
        (rf"(?:in|within|en|dentro de) {COUNT} ({UNIT})(?: time)?", 1),
        (rf"{COUNT} ({UNIT}) (?:from now|from today)", 1),
    )
    for form, way in forms:
        if today and (found := re.fullmatch(form, said)) and (count := _count(found[1])):
            return _moved(today, way * count, found[2])
    return None


def _weekday(said: str, today: date | None, lean: Lean) -> Found:
    """ "last Friday", "el lunes que viene"; "next Friday" on a Wednesday may be two days, and is refused"""
    words = re.sub(
        r"\b(?:on|el|the|que|this|este|of|de|past|viene|proximo|pasado|last|next|ultimo)\b", " ", said
    ).split()
    if today is None or len(words) != 1 or words[0] not in WEEKDAYS:
        return None
    ahead = (WEEKDAYS[words[0]] - today.weekday()) % 7 or 7
    way = _way(said, today.weekday(), ahead, lean)
    return (today + timedelta(ahead if way == "future" else (ahead % 7) - 7), 0.9) if way else None


READERS: tuple[Callable[[str, date | None, Lean], Found], ...] = (_iso, _digits, _named, _near, _counted, _weekday)


def _way(said: str, weekday: int, ahead: int, lean: Lean) -> Lean:
    """Past or future; "" where the words leave two days open, for "next Friday" may be in this week or the coming."""
    if re.search(r"\b(?:pasado|past|ultimo)\b", said):
        return "past"
    if re.search(r"\b(?:proximo|viene)\b", said):
        return "future"
    if re.search(r"\blast\b", said):
        return "past" if 7 - ahead % 7 > weekday else ""
    if re.search(r"\bnext\b", said):
        return "future" if weekday + ahead > 6 else ""
    return lean


def _month(word: str) -> int:
    if word in MONTHS:
        return MONTHS[word]
    near = {number for name, number in MONTHS.items() if len(name) >= 5 and len(word) >= 5 and one_slip(word, name)}
    return near.pop() if len(near) == 1 else 0


def _in_digits(word: str) -> str:
    """A day or year as digits; "" for any other word."""
    if word.isascii() and word.isdigit():
        return word
    if word in ORDINAL_DAYS:
        return str(ORDINAL_DAYS.index(word) + 1)
    if word in ("primero", "primer", "1ro"):
        return "1"
    value = word_value([word]) if word.isalpha() else None
    return str(value) if value else ""


def _count(word: str) -> int:
    if word in ("a", "an", "un", "una", "one", "uno"):
        return 1
    count = int(word) if word.isascii() and word.isdigit() else word_value(word.split()) or 0
    return count if count < 1000 else 0


def _moved(today: date, count: int, unit: str) -> Found:
    if unit in DAYS_OF:
        return today + timedelta(count * DAYS_OF[unit]), 0.9
    months = today.year * 12 + today.month - 1 + count * MONTHS_OF[unit]
    return _made(months // 12, months % 12 + 1, min(today.day, 28), 0.7)


def _in_year(month: int, number: int, year: str | None, today: date | None, lean: Lean) -> Found:
    if year:
        return _made(int(year) + (2000 if len(year) == 2 else 0), month, number, 1.0)
    if today is None:
        return None
    near = [found[0] for back in (-1, 0, 1) if (found := _made(today.year + back, month, number, 1.0))]
    fits = [one for one in near if not lean or (one <= today if lean == "past" else one >= today)]
    return (min(fits, key=lambda one: abs(one - today)), 0.85) if fits else None


def _made(year: int, month: int, number: int, sure: float) -> Found:
    try:
        return date(year, month, number), sure
    except ValueError:
        return None
