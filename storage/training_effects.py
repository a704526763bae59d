"""Writes training: courses, sessions and their seats, learners, enrolments, certificates."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any

from handlers import effects as e
from handlers.messages import Place
from handlers.state import Conversation
from handlers.training.values import PROGRAM, SEATED, TOPIC, Learner
from storage import exits, responses
from storage.database import Transaction
from storage.ids import milliseconds
from storage.scene import Again, Scene, pack_state
from storage.training_rows import packed

TEXTS = "twilio_sms"
SEALED = ("since", "until", "substitute", "for_whom", "partner", "prompted", "left", "shown", "feedback", "rated")


async def _keep_course(scene: Scene, effect: e.KeepCourse) -> None:
    await scene.tx.execute(
        """INSERT INTO courses (id, code, body) VALUES (:id, :code, :body)
        ON CONFLICT (id) DO UPDATE SET code = excluded.code, body = excluded.body""",
        id=effect.course.id,
        code=effect.course.code,
        body=packed(asdict(effect.course)),
    )


async def _keep_session(scene: Scene, effect: e.KeepSession) -> None:
    session = effect.session
    columns = {
        "id": session.id,
        "word": session.word,
        "course": session.course,
        "ends": milliseconds(session.ends),
        "seats": session.seats,
        "body": packed(asdict(session) | {"shares": dict(session.shares)}),
    }
    made = await scene.tx.execute(
        """INSERT INTO sessions (id, word, course, ends, seats, body)
        VALUES (:id, :word, :course, :ends, :seats, :body) ON CONFLICT DO NOTHING""",
        **columns,
    )
    # One that is there already is changed; where another took the word at the same instant, the next word is free.
    if not made and not await scene.tx.execute(
        """UPDATE sessions SET word = :word, course = :course, ends = :ends, seats = :seats, body = :body
        WHERE id = :id AND taken <= :seats""",
        **columns,
    ):
        raise Again


async def _keep_learner(scene: Scene, effect: e.KeepLearner) -> None:
    learner = effect.learner
    body = scene.vault.seal(
        packed(asdict(learner)).encode(), place="learners.body", row=learner.id, jurisdiction=learner.jurisdiction
    )
    await scene.tx.execute(
        """INSERT INTO learners (id, jurisdiction, body) VALUES (:id, :jurisdiction, :body)
        ON CONFLICT (id) DO UPDATE SET body = excluded.body""",
        id=learner.id,
        jurisdiction=learner.jurisdiction,
        body=body,
    )
    await scene.tx.execute("DELETE FROM learner_places WHERE learner = :id", id=learner.id)
    for place in learner.places:
        await _keep_place(scene, learner, place)
        if effect.evidence and place.channel == TEXTS:
            await _note_consent(scene, learner, place, effect.evidence)


async def _keep_place(scene: Scene, learner: Learner, place: Place) -> None:
    alias = scene.vault.alias(learner.jurisdiction, PROGRAM, place.channel, place.address)
    await scene.tx.execute(
        "INSERT INTO learner_places (alias, learner, channel) VALUES (:alias, :learner, :channel)",
        alias=alias,
        learner=learner.id,
        channel=place.channel,
    )
    line = scene.region.jurisdictions[learner.jurisdiction].line(place.channel, PROGRAM)
    if place.channel != TEXTS or line is None:
        return
    home = learner.jurisdiction
    state = pack_state(Conversation(learner.language)).encode()
    await scene.tx.execute(
        """INSERT INTO conversations
        (alias, jurisdiction, program, channel, line, address, state, stopped, updated_at)
        VALUES (:alias, :jurisdiction, :program, :channel, :line, :address, :state, :stopped, :now)
        ON CONFLICT (alias) DO NOTHING""",
        alias=alias,
        jurisdiction=home,
        program=PROGRAM,
        channel=place.channel,
        line=line.address,
        address=scene.vault.seal(place.address.encode(), place="conversations.address", row=alias, jurisdiction=home),
        state=scene.vault.seal(state, place="conversations.state", row=alias, jurisdiction=home),
        stopped=int(await _has_stopped(scene.tx, alias)),
        now=scene.now,
    )


async def _note_consent(scene: Scene, learner: Learner, place: Place, evidence: str) -> None:
    home = replace(scene, jurisdiction=learner.jurisdiction)
    alias = scene.vault.alias(learner.jurisdiction, PROGRAM, place.channel, place.address)
    agreed = e.NoteConsent(alias, TOPIC, place.channel, "agreed", "list", evidence=evidence)
    await exits.PERFORM[e.NoteConsent](home, agreed)


async def _has_stopped(tx: Transaction, alias: str) -> bool:
    """Whether the last word of somebody who was on nobody's list was to be left alone."""
    said = await tx.fetch(
        """SELECT kind FROM consents WHERE person = :person AND topic = :topic AND kind IN ('revoked', 'resumed')
        ORDER BY id DESC LIMIT 1""",
        person=alias,
        topic=TOPIC,
    )
    return bool(said) and said[0]["kind"] == "revoked"


async def _remove_learner(scene: Scene, effect: e.RemoveLearner) -> None:
    """Seats that they hold are given back first; what they said about texts stays, as an alias alone."""
    id = effect.learner
    for row in await scene.tx.fetch("SELECT * FROM enrolments WHERE learner = :id ORDER BY session", id=id):
        await _count(scene, row["session"], row["jurisdiction"], row["state"], "cancelled")
        await scene.tx.execute("DELETE FROM followups WHERE subject = :id", id=row["id"])
    for alias in await scene.tx.fetch("SELECT alias FROM learner_places WHERE learner = :id", id=id):
        await scene.tx.execute("DELETE FROM outbox WHERE alias = :alias", alias=alias["alias"])
        await scene.tx.execute("DELETE FROM conversations WHERE alias = :alias", alias=alias["alias"])
    await scene.tx.execute("DELETE FROM enrolments WHERE learner = :id", id=id)
    await scene.tx.execute("DELETE FROM learner_places WHERE learner = :id", id=id)
    await scene.tx.execute("DELETE FROM learners WHERE id = :id", id=id)


async def _keep_enrolment(scene: Scene, effect: e.KeepEnrolment) -> None:
    one = effect.enrolment
    if one.session not in scene.facts.training.seats:
        raise Again  # it came while this turn was reading; the next one locks its session, too
    before = await scene.tx.fetch("SELECT state FROM enrolments WHERE id = :id", id=one.id)
    await _count(scene, one.session, one.jurisdiction, before[0]["state"] if before else "", one.state)
    if before and before[0]["state"] != one.state:
        await scene.tx.execute(
            "UPDATE outbox SET state = 'cancelled' WHERE subject = :id AND state = 'queued'", id=one.id
        )
    number = one.number or await _arrived(scene, one.session)
    body = packed({name: getattr(one, name) for name in SEALED}).encode()
    await scene.tx.execute(
        """INSERT INTO enrolments (id, session, learner, jurisdiction, state, number, body)
        VALUES (:id, :session, :learner, :jurisdiction, :state, :number, :body)
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, number = excluded.number, body = excluded.body""",
        id=one.id,
        session=one.session,
        learner=one.learner,
        jurisdiction=one.jurisdiction,
        state=one.state,
        number=number,
        body=scene.vault.seal(body, place="enrolments.body", row=one.id, jurisdiction=one.jurisdiction),
    )


async def _arrived(scene: Scene, session: str) -> int:
    """The next place in the order of coming."""
    rows = await scene.tx.fetch(
        "UPDATE sessions SET arrived = arrived + 1 WHERE id = :id RETURNING arrived", id=session
    )
    return int(rows[0]["arrived"])


async def _count(scene: Scene, session: str, city: str, before: str, after: str) -> None:
    """Seats and waiting people, kept as they change; a seat too many is refused by the session's own row."""
    taken = (after in SEATED) - (before in SEATED)
    waiting = (after == "waitlisted") - (before == "waitlisted")
    if taken and not await scene.tx.execute(
        "UPDATE sessions SET taken = taken + :more WHERE id = :id AND taken + :more <= seats", more=taken, id=session
    ):
        raise Again
    if taken or waiting:
        await scene.tx.execute(
            """INSERT INTO seat_counts (session, jurisdiction, taken, waiting)
            VALUES (:session, :city, :taken, :waiting) ON CONFLICT (session, jurisdiction)
            DO UPDATE SET taken = seat_counts.taken + :taken, waiting = seat_counts.waiting + :waiting""",
            session=session,
            city=city,
            taken=taken,
            waiting=waiting,
        )


async def _keep_certificate(scene: Scene, effect: e.KeepCertificate) -> None:
    one = effect.certificate
    await scene.tx.execute(
        """INSERT INTO certificates (code, learner, course, session, earned, expires)
        VALUES (:code, :learner, :course, :session, :earned, :expires) ON CONFLICT DO NOTHING""",
        code=one.code,
        learner=one.learner,
        course=one.course,
        session=one.session,
        earned=one.earned.isoformat(),
        expires=one.expires.isoformat() if one.expires else "",
    )


async def _drop_certificate(scene: Scene, effect: e.DropCertificate) -> None:
    await scene.tx.execute(
        "DELETE FROM certificates WHERE learner = :learner AND session = :session",
        learner=effect.learner,
        session=effect.session,
    )


async def _keep_response(scene: Scene, effect: e.KeepResponse) -> None:
    await responses.add(scene.tx, scene.vault, scene.jurisdiction, effect.form, effect.quarter, effect.answers)


PERFORM: dict[type, Callable[[Scene, Any], Awaitable[None]]] = {
    e.KeepCourse: _keep_course,
    e.KeepSession: _keep_session,
    e.KeepLearner: _keep_learner,
    e.RemoveLearner: _remove_learner,
    e.KeepEnrolment: _keep_enrolment,
    e.KeepCertificate: _keep_certificate,
    e.DropCertificate: _drop_certificate,
    e.KeepResponse: _keep_response,
}
