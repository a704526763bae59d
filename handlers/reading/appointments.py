"""Reads when a person wants to be texted: "6pm", "tomorrow morning", "el lunes a las 6", "in 2 hours"."""

import re
from datetime import UTC, date, datetime, time, timedelta

from handlers.calendar import may_text, next_text_time
from handlers.jurisdiction import Jurisdiction
from handlers.spelling import fold

PARTS = {
    "morning": time(10),
    "noon": time(12),
    "afternoon": time(14),
    "evening": time(18),
    "night": time(19),
}
SPANISH_PARTS = {
    "por la manana": "morning",
    "en la manana": "morning",
    "de la manana": "morning",
    "temprano": "morning",
    "mediodia": "noon",
    "medio dia": "noon",
    "por la tarde": "afternoon",
    "en la tarde": "afternoon",
    "de la tarde": "afternoon",
    "esta tarde": "afternoon",
    "por la noche": "evening",
    "en la noche": "evening",
    "de la noche": "evening",
    "esta noche": "evening",
    "tonight": "evening",
}
WEEKDAYS = (
    *(("monday", "mon", "lunes"), ("tuesday", "tue", "martes"), ("wednesday", "wed", "miercoles")),
    *(("thursday", "thu", "jueves"), ("friday", "fri", "viernes"), ("saturday", "sat", "sabado")),
    ("sunday", "sun", "domingo"),
)
UNITS = {
    **dict.fromkeys(("minute", "minutes", "min", "minuto", "minutos"), timedelta(minutes=1)),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "hora", "horas"), timedelta(hours=1)),
    **dict.fromkeys(("day", "days", "dia", "dias"), timedelta(days=1)),
    **dict.fromkeys(("week", "weeks", "semana", "semanas"), timedelta(weeks=1)),
}
FEW = {"a": 1, "an": 1, "one": 1, "un": 1, "una": 1, "two": 2, "dos": 2, "three": 3, "tres": 3, "four": 4, "cuatro": 4}
SPAN = re.compile(rf"\b(?:in|en|within|dentro de)\s+(\d{{1,2}}|{'|'.join(FEW)})\s+({'|'.join(UNITS)})\b")
CLOCK = re.compile(r"\b(\d{1,2})(?::(\d\d))?\s*(a\.?m\.?|p\.?m\.?|am|pm|h|hrs)?(?![\d:])")
AROUND = frozenset(
    """at around about on in the next this please ok text me ask again later then a las la el los para por en de sobre
    como mas tarde proximo proxima que viene favor maybe quizas o clock oclock before after despues""".split()
)
FARTHEST = timedelta(days=20)
USUAL = time(10)


def appointment(jurisdiction: Jurisdiction, text: str, now: datetime) -> datetime | None:
    """The first decent moment, in UTC, at or after the one a text names; None where it names none, or one too far off.

    A time without "am" or "pm" is the next one in the hours for texts; a chosen time may use the lawful hours.
    """
    said = re.sub(r"[^\w:. ]", " ", fold(text))
    local = now.astimezone(jurisdiction.zone)
    wanted = _span(said, local) or _named(said, local)
    if wanted is None or not now < wanted < now + FARTHEST:
        return None
    return wanted if may_text(jurisdiction, wanted, chosen=True) else next_text_time(jurisdiction, wanted)


def _span(said: str, local: datetime) -> datetime | None:
    """ "in 2 hours", "next week" """
    if found := SPAN.search(said):
        count = FEW.get(found[1]) or int(found[1])
        return _wait(local, count * UNITS[found[2]])
    if re.search(r"\bnext week\b|\b(?:proxima semana|semana que viene)\b", said):
        return _at(local, local.date() + timedelta(days=7), USUAL)
    return None


def _wait(local: datetime, span: timedelta) -> datetime:
    """Whole days keep the clock time; hours are real time."""
    if span % timedelta(days=1) == timedelta(0):
        return _at(local, local.date() + span, local.time())
    return local.astimezone(UTC) + span


def _named(said: str, local: datetime) -> datetime | None:
    """A day, a part of the day, a clock time, or several of them; any other word makes it no time at all."""
    part, said = _part(said)
    day, said = _day(said, local)
    clock, said = _clock(said, part)
    if any(word not in AROUND for word in re.findall(r"\w+", said)) or not (part or day or clock):
        return None
    at = clock or PARTS.get(part, USUAL)
    if day:
        return _at(local, day, at)
    today = _at(local, local.date(), at)
    return today if today > local else _at(local, local.date() + timedelta(days=1), at)


def _part(said: str) -> tuple[str, str]:
    for words, part in SPANISH_PARTS.items():
        if re.search(rf"\b{words}\b", said):
            return part, re.sub(rf"\b{words}\b", " ", said)
    for part in PARTS:
        if re.search(rf"\b{part}\b", said):
            return part, re.sub(rf"\b{part}\b", " ", said)
    return "", said


def _day(said: str, local: datetime) -> tuple[date | None, str]:
    for words, days in ((r"pasado manana|day after tomorrow", 2), (r"tomorrow|tmrw|tmr|manana", 1), (r"today|hoy", 0)):
        if re.search(rf"\b(?:{words})\b", said):
            return local.date() + timedelta(days=days), re.sub(rf"\b(?:{words})\b", " ", said)
    for number, names in enumerate(WEEKDAYS):
        if found := re.search(rf"\b(?:{'|'.join(names)})\b", said):
            ahead = (number - local.weekday()) % 7 or 7
            return local.date() + timedelta(days=ahead), said.replace(found[0], " ")
    return None, said


def _clock(said: str, part: str) -> tuple[time | None, str]:
    found = CLOCK.search(said)
    if not found:
        return None, said
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").replace(".", "")
    if hour > 23 or minute > 59 or (half in ("am", "pm") and not 1 <= hour <= 12):
        return None, said
    return time(_hour(hour, half, part), minute), said.replace(found[0], " ", 1)


def _hour(hour: int, half: str, part: str) -> int:
    if half in ("am", "pm"):
        return hour % 12 + 12 * (half == "pm")
    late = part in ("afternoon", "evening", "night") or (not part and 1 <= hour <= 7)
    return hour + 12 if late and hour < 12 else hour


def _at(local: datetime, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock.replace(tzinfo=None), local.tzinfo).astimezone(UTC)
