"""What a certificate says: as a paper for who earned it, and to whoever asks whether it counts."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from handlers.texts import Texts
from handlers.training.values import Certificate, Course, Learner

CODE = re.compile(r"([0-9A-HJKMNP-TV-Z]{5})-?([0-9A-HJKMNP-TV-Z]{5})")
MISTAKEN = str.maketrans("OIL", "011")
DAY = timedelta(days=1)

Standing = Literal["valid", "expired"]


@dataclass(frozen=True, slots=True)
class Paper:
    """The words of a certificate in its holder's language, as they are set; `lines` are pairs of label and value."""

    language: str
    title: str
    certifies: str
    name: str
    completed: str
    course: str
    lines: tuple[tuple[str, str], ...]
    runner: str
    verify: str
    address: str
    code: str


@dataclass(frozen=True, slots=True)
class Verified:
    """All that a stranger is told who has the code: never a name."""

    standing: Standing
    course: str
    earned: date
    until: date | None
    initials: str


def paper(texts: Texts, learner: Learner, course: Course, certificate: Certificate, runner: str, address: str) -> Paper:
    """The certificate of somebody; `runner` is the name of who ran the course, `address` where it can be checked."""

    def said(key: str) -> str:
        return texts.say(learner.language, f"certificate.{key}")

    until = last_day(certificate)
    lines = (
        (said("earned"), day(texts, learner.language, certificate.earned)),
        (said("credits"), f"{course.credits.normalize():f}" if course.credits else ""),
        (said("until"), day(texts, learner.language, until) if until else said("for_good")),
    )
    return Paper(
        language=learner.language,
        title=said("title"),
        certifies=said("certifies"),
        name=learner.name,
        completed=said("completed"),
        course=course.title,
        lines=tuple(line for line in lines if line[1]),
        runner=runner,
        verify=said("verify"),
        address=address,
        code=certificate.code,
    )


def verified(certificate: Certificate, course: Course, name: str, today: date) -> Verified:
    """What the code tells. Without a name, because its holder is on no list any more, there are no initials."""
    until = last_day(certificate)
    standing: Standing = "expired" if until is not None and today > until else "valid"
    return Verified(standing, course.title, certificate.earned, until, initials(name))


def last_day(certificate: Certificate) -> date | None:
    """The last day on which it counts."""
    return certificate.expires - DAY if certificate.expires else None


def initials(name: str) -> str:
    """ "D. R." for Dana Reyes: first letters of the first name and the last."""
    words = name.split()
    ends = words[:1] + words[-1:] if len(words) > 1 else words
    return " ".join(f"{word[0].upper()}." for word in ends)


def code(written: str) -> str:
    """A code as it was given out, however it was typed; "" for what is none."""
    found = CODE.fullmatch(re.sub(r"\s", "", written).upper().translate(MISTAKEN))
    return f"{found[1]}-{found[2]}" if found else ""


def day(texts: Texts, language: str, at: date) -> str:
    """A day in words, with its year."""
    month = texts.say(language, "date.months").split()[at.month - 1]
    written = texts.say(language, "date.day", month=month, day=at.day)
    return texts.say(language, "certificate.day", day=written, year=at.year)
