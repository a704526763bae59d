"""A town with courses and people to take them: what a coordinator would enter is put in directly."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from handlers import effects as e
from handlers.messages import Inbound, Place
from handlers.training import moves
from handlers.training.known import Seats
from handlers.training.values import PROGRAM, Certificate, Course, Enrolment, Learner, Session
from storage import effects, facts, training
from storage.database import Database, Transaction
from storage.scene import Region, Scene
from storage.vault import Vault

COURSE = Course("course-sup", "SUP", "Supervision", "course", "marc", credits=Decimal(6), valid_months=24)
BEGINS = datetime(2026, 12, 16, 16, 0, tzinfo=UTC)  # 10 am in Missouri
ENDS = datetime(2026, 12, 16, 22, 0, tzinfo=UTC)
SESSION = Session("session-1", COURSE.id, "SUP-1", BEGINS, ENDS, "MARC, 600 Broadway", 2, price=12500)


def learner(number: int, city: str = "independence", **changes: Any) -> Learner:
    """Somebody with a phone of their own."""
    phone = f"+1816{2_340_000 + number:07}"
    made = Learner(f"learner{number:06}", city, f"Person {number}", "en", places=(Place("twilio_sms", phone),))
    return replace(made, **changes)


def phone(one: Learner) -> str:
    """Their number."""
    return next(place.address for place in one.places if place.channel == "twilio_sms")


async def keep(
    database: Database, vault: Vault, region: Region, now: datetime, done: Iterable[e.Effect], city: str = "marc"
) -> None:
    """Perform effects as a coordinator's turn would."""

    async def work(tx: Transaction) -> None:
        scene = Scene(tx, vault, region, Inbound("operator", city, "", "", now, "command"), city, PROGRAM)
        scene.facts = facts._common(scene, ())
        sessions = {effect.enrolment.session for effect in done if isinstance(effect, e.KeepEnrolment)}
        scene.facts = training._with(scene, seats=dict.fromkeys(sessions, Seats()))
        for effect in done:
            await effects.PERFORM[type(effect)](scene, effect)

    done = tuple(done)
    await database.transact(work)


def catalogue(*sessions: Session, course: Course = COURSE) -> tuple[e.Effect, ...]:
    """A course and its sessions, with what comes due in them."""
    return (e.KeepCourse(course), *(effect for one in sessions or (SESSION,) for effect in moves.open_session(one)))


async def enrolments(database: Database, vault: Vault) -> tuple[Enrolment, ...]:
    """Everybody's standing, in the order of coming."""
    cities = ("independence", "lees_summit", "blue_springs", "marc")
    return await database.read(lambda tx: training.enrolments_of(tx, vault, cities))


async def certificates(database: Database) -> tuple[Certificate, ...]:
    """All that were given."""
    return await database.read(lambda tx: training._certificates(tx, "code <> :one", ""))
