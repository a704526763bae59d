"""How courses, sessions, learners, enrolments and certificates stand in their rows."""

import json
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from handlers.messages import Place
from handlers.training.values import Audience, Certificate, Course, Enrolment, Learner, Session
from storage.database import Row
from storage.ids import milliseconds, moment
from storage.vault import Vault


@lru_cache(maxsize=4096)
def as_course(body: str) -> Course:
    """A course as it was kept."""
    held = json.loads(body)
    held |= {
        "credits": Decimal(held["credits"]),
        "requires": frozenset(held["requires"]),
        "required_of": _as_audience(held["required_of"]),
    }
    return Course(**held)


def _as_audience(held: dict[str, Any]) -> Audience:
    by = held["term_ends_by"]
    sets = {name: frozenset(held[name]) for name in ("jurisdictions", "roles", "boards")}
    return Audience(**sets, term_ends_by=date.fromisoformat(by) if by else None)


@lru_cache(maxsize=4096)
def as_session(body: str) -> Session:
    """A session as it was kept."""
    held = json.loads(body)
    until = held["shared_until"]
    held |= {
        "begins": moment(held["begins"]),
        "ends": moment(held["ends"]),
        "members": frozenset(held["members"]),
        "shared_until": moment(until) if until is not None else None,
    }
    return Session(**held)


@lru_cache(maxsize=16384)
def as_learner(vault: Vault, sealed: bytes, row: str, jurisdiction: str) -> Learner:
    """Somebody as they were kept."""
    held = json.loads(vault.open(sealed, place="learners.body", row=row, jurisdiction=jurisdiction))
    days = {name: date.fromisoformat(held[name]) if held[name] else None for name in ("term_begins", "term_ends")}
    manager = Place(**held["manager"]) if held["manager"] else None
    places = tuple(Place(**place) for place in held["places"])
    return Learner(**{**held, **days, "manager": manager, "places": places})


def as_enrolment(vault: Vault, row: Row) -> Enrolment:
    """An enrolment as it was kept."""
    sealed = vault.open(row["body"], place="enrolments.body", row=row["id"], jurisdiction=row["jurisdiction"])
    held = json.loads(sealed)
    for name in ("since", "until", "prompted", "left"):
        held[name] = moment(held[name]) if held.get(name) is not None else None
    plain = {name: row[name] for name in ("id", "session", "learner", "jurisdiction", "state", "number")}
    return Enrolment(**plain, **held)


def as_certificate(row: Row) -> Certificate:
    """A certificate as it was kept."""
    expires = date.fromisoformat(row["expires"]) if row["expires"] else None
    ids = (row["code"], row["learner"], row["course"], row["session"])
    return Certificate(*ids, date.fromisoformat(row["earned"]), expires)


def packed(value: object) -> str:
    """A course, session or their like as JSON: times in milliseconds, days in ISO 8601, credits exact."""
    return json.dumps(value, default=_plain, ensure_ascii=False, sort_keys=True)


def _plain(value: object) -> object:
    match value:
        case datetime():
            return milliseconds(value)
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case frozenset():
            return sorted(value)
    return dict(cast("Any", value))
