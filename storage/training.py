"""Reads training: courses, sessions and their seats, learners, enrolments, certificates."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from handlers.messages import Inbound, Place
from handlers.state import Facts
from handlers.training import reading, rights
from handlers.training.known import PAGE, Asked, Known, Seats
from handlers.training.people import is_meant, named
from handlers.training.values import PROGRAM, Certificate, Course, Enrolment, Learner, Session
from storage.database import Row, Transaction
from storage.ids import new_id
from storage.scene import Region, Scene
from storage.training_rows import as_certificate, as_course, as_enrolment, as_learner, as_session
from storage.vault import Vault

TEXTS = "twilio_sms"
KEPT = timedelta(days=400)
WINDOW = 300  # seconds for which a room code is shown; it is taken for as long again
AROUND = timedelta(minutes=30)
DIGITS = 6
FEEDBACK = "course_feedback"
THERE = frozenset({"enrolled", "attended", "missed"})


async def by_operator(
    tx: Transaction, vault: Vault, region: Region, city: str, now: datetime, locked: bool = False
) -> Scene:
    """A turn without a message, for commands and reports: what a coordinator of that jurisdiction would know.

    All courses and sessions, `locked` if they are to be changed, with their seats as `counts`; the people whose
    training it runs, with where they stand and their certificates.
    """
    inbound = Inbound("operator", city, "", "", now, "command")
    scene = Scene(tx, vault, region, inbound, city, PROGRAM)
    scene.facts = Facts(region.jurisdictions[city], region.texts, now, jurisdictions=region.jurisdictions)
    scene.facts = _with(scene, courses=await _courses(tx), sessions=await _sessions(scene))
    sessions = scene.facts.training.sessions
    for session in sorted(sessions) if locked else ():
        await tx.lock(session)
    scene.facts = _with(scene, counts={session: await _seats(scene, session) for session in sessions})
    cities = [key for key, one in region.jurisdictions.items() if city in (key, one.runner(PROGRAM))]
    people = await _people(scene, cities)
    earned = await _certificates(tx, "code <> :one", "")
    known = {one.id for one in people}
    scene.facts = _with(
        scene,
        learners={one.id: one for one in people},
        roster=await enrolments_of(tx, vault, cities),
        certificates=tuple(one for one in earned if one.learner in known),
    )
    return scene


async def find(scene: Scene, asked: Asked | None) -> str:
    """Who it is about (id), locked: always before their sessions, so that no two turns wait for each other."""
    learner = await _whose(scene, asked)
    rows = await scene.tx.fetch("SELECT jurisdiction FROM learners WHERE id = :id", id=learner) if learner else []
    if not rows:
        return ""
    await scene.tx.lock(learner)
    scene.jurisdiction, scene.program = rows[0]["jurisdiction"], PROGRAM
    if scene.inbound.kind != "text":
        threads = await scene.tx.fetch(
            "SELECT alias FROM learner_places WHERE learner = :id AND channel = :channel", id=learner, channel=TEXTS
        )
        scene.alias = threads[0]["alias"] if threads else ""
    return learner


async def _whose(scene: Scene, asked: Asked | None) -> str:
    """The learner (id) whose turn it is."""
    inbound = scene.inbound
    if asked is None or asked.mine:
        cities = [scene.jurisdiction] if inbound.kind == "text" else list(scene.region.jurisdictions)
        place = sender(inbound.channel, inbound.sender)
        aliases = [scene.vault.alias(city, PROGRAM, place.channel, place.address) for city in cities]
        found = [await scene.tx.fetch("SELECT learner FROM learner_places WHERE alias = :a", a=a) for a in aliases]
        return next((rows[0]["learner"] for rows in found if rows), "")
    return asked.learner or asked.enrolment.partition(".")[2]


def sender(channel: str, address: str) -> Place:
    """Where who wrote is reached: of a chat account, the part behind its team or tenant."""
    return Place(channel, address if channel == TEXTS else address.rpartition("/")[2])


async def read(scene: Scene, asked: Asked, whose: str) -> None:
    """Adds what a step asks for; locks the sessions in which something may change, in the order of their ids."""
    learner = await _learner(scene, whose) if whose else None
    if learner and not _allowed(scene, learner):
        learner = None
    if learner is None and scene.inbound.kind == "text":
        return
    courses, sessions = await _courses(scene.tx), await _sessions(scene)
    scene.facts = _with(scene, courses=courses, sessions=sessions, learner=learner)
    own = await _ids(scene.tx, learner) if learner else []
    own += [scene.facts.conversation.interview, *scene.facts.conversation.offered]  # what was listed may be meant
    locked = _meant(scene.facts.training, asked, own)
    for session in locked:
        await scene.tx.lock(session)
    if not scene.facts.actor and len(locked) == 1 and not learner:
        scene.jurisdiction, scene.program = courses[sessions[locked[0]].course].runner, PROGRAM
    if locked:  # what was read before another turn let go of it may have changed
        scene.facts = _with(scene, sessions={**sessions, **await _sessions(scene, locked)})
    scene.facts = _with(scene, seats={session: await _seats(scene, session) for session in locked})
    if learner:
        await _theirs(scene, learner, asked)
    if scene.inbound.kind not in ("text", "timer"):
        await _for_staff(scene, asked)
    if asked.roster:
        await _roster(scene, asked, locked or _coming(scene, asked))
    if asked.counts:
        scene.facts = _with(scene, counts={id: await _seats(scene, id) for id in sessions})
    scene.facts = _with(scene, ids=tuple(new_id(scene.now) for _ in range(asked.ids)))


def _with(scene: Scene, **changes: Any) -> Facts:
    return replace(scene.facts, training=replace(scene.facts.training, **changes))


def _allowed(scene: Scene, learner: Learner) -> bool:
    """Whether who acts may be told of a learner; follow-ups and the learner's own texts always may."""
    if scene.inbound.kind in ("text", "timer"):
        return True
    place = sender(scene.inbound.channel, scene.inbound.sender)
    if place in learner.places or rights.is_manager(place, learner):
        return True
    return learner.jurisdiction in rights.cities(scene.facts)


def _meant(known: Known, asked: Asked, own: Iterable[str]) -> list[str]:
    """Sessions (ids) in which something may change: their own, those asked for, those a text may name."""
    names = {asked.session, asked.session.upper(), asked.enrolment.partition(".")[0], *own}
    found = {id for id, one in known.sessions.items() if id in names or one.word in names}
    for id, one in known.sessions.items():
        if one.state == "open" and {one.word, known.course(one).code, one.word.rpartition("-")[2]} & asked.names:
            found.add(id)
    return sorted(found)


async def _ids(tx: Transaction, learner: Learner) -> list[str]:
    rows = await tx.fetch("SELECT session FROM enrolments WHERE learner = :learner", learner=learner.id)
    return [row["session"] for row in rows]


async def _courses(tx: Transaction) -> dict[str, Course]:
    rows = await tx.fetch("SELECT body FROM courses ORDER BY code")
    return {course.id: course for course in (as_course(row["body"]) for row in rows)}


async def _sessions(scene: Scene, ids: Iterable[str] = ()) -> dict[str, Session]:
    if ids:
        rows = [row for id in ids for row in await scene.tx.fetch("SELECT body FROM sessions WHERE id = :id", id=id)]
    else:
        since = scene.now - KEPT // timedelta(milliseconds=1)
        rows = await scene.tx.fetch("SELECT body FROM sessions WHERE ends > :since ORDER BY ends, id", since=since)
    return {session.id: session for session in (as_session(row["body"]) for row in rows)}


async def _seats(scene: Scene, session: str) -> Seats:
    counts = await scene.tx.fetch("SELECT * FROM seat_counts WHERE session = :session", session=session)
    taken = {row["jurisdiction"]: row["taken"] for row in counts if row["taken"]}
    waiting = {row["jurisdiction"]: row["waiting"] for row in counts if row["waiting"]}
    free = scene.facts.training.sessions[session].seats - sum(taken.values())
    heads: list[Row] = []
    for city in sorted(waiting):
        heads += await scene.tx.fetch(
            """SELECT * FROM enrolments WHERE session = :session AND jurisdiction = :city AND state = 'waitlisted'
            ORDER BY number LIMIT :some""",
            session=session,
            city=city,
            some=max(1, free),
        )
    return Seats(taken, waiting, tuple(sorted((as_enrolment(scene.vault, row) for row in heads), key=_arrival)))


def _arrival(enrolment: Enrolment) -> int:
    return enrolment.number


async def _theirs(scene: Scene, learner: Learner, asked: Asked) -> None:
    """All that concerns one learner."""
    rows = await scene.tx.fetch("SELECT * FROM enrolments WHERE learner = :id ORDER BY number DESC", id=learner.id)
    enrolments = tuple(as_enrolment(scene.vault, row) for row in rows)
    sessions = scene.facts.training.sessions
    taken = {one.session for one in enrolments if one.state == "attended"}
    scene.facts = _with(
        scene,
        enrolments=tuple(one for one in enrolments if one.session in sessions),
        attended=frozenset(
            {*await _earned(scene.tx, learner.id), *(sessions[id].course for id in taken & set(sessions))}
        ),
        certificates=await _certificates(scene.tx, "learner = :one", learner.id),
        named=named(await _people(scene, [learner.jurisdiction]), asked.name) if asked.name else (),
        waiting=await _waiting(scene),
        codes=_codes(scene, enrolments),
    )
    ids = {one.id for one in scene.facts.training.named} | {one.partner for one in enrolments if one.partner}
    givers = [one.for_whom for one in enrolments if one.for_whom]
    scene.facts = _with(scene, learners={one.id: one for one in await _still_listed(scene, givers)})
    earned = {one.id: frozenset(await _earned(scene.tx, one.id)) for one in scene.facts.training.named}
    scene.facts = _with(scene, others=await _of_others(scene, ids - {learner.id}), earned=earned)
    scene.facts = replace(scene.facts, guesses=await _guesses(scene), form=scene.region.forms.get(FEEDBACK))


async def _earned(tx: Transaction, learner: str) -> list[str]:
    return [row["course"] for row in await tx.fetch("SELECT course FROM certificates WHERE learner = :id", id=learner)]


async def _of_others(scene: Scene, learners: Iterable[str]) -> tuple[Enrolment, ...]:
    """The enrolments of others in the sessions that are locked."""
    found: list[Row] = []
    for learner in sorted(learners):
        found += await scene.tx.fetch("SELECT * FROM enrolments WHERE learner = :id", id=learner)
    seats = scene.facts.training.seats
    return tuple(as_enrolment(scene.vault, row) for row in found if row["session"] in seats)


async def _waiting(scene: Scene) -> frozenset[str]:
    """Subjects of the texts to this person that have not left."""
    if not scene.alias:
        return frozenset()
    rows = await scene.tx.fetch(
        "SELECT subject FROM outbox WHERE alias = :alias AND state = 'queued' AND subject <> ''", alias=scene.alias
    )
    return frozenset(row["subject"] for row in rows)


async def _guesses(scene: Scene) -> tuple[int, int]:
    rows = await scene.tx.fetch(
        "SELECT at FROM guesses WHERE alias = :alias AND topic = 'room' AND at > :since",
        alias=scene.alias,
        since=scene.now - 3_600_000,
    )
    return len(rows), len(rows)


def _codes(scene: Scene, enrolments: Iterable[Enrolment]) -> dict[str, str]:
    """Room codes that are taken now, of the sessions that go on and in which they have a seat."""
    found: dict[str, str] = {}
    for one in enrolments:
        session = scene.facts.training.sessions.get(one.session)
        if session and one.state in THERE and is_on(session, scene.inbound.received_at):
            for earlier in (0, 1):
                found[room_code(scene.vault, session.id, scene.now // 1000 // WINDOW - earlier)] = session.id
    return found


def is_on(session: Session, now: datetime) -> bool:
    """Whether a session goes on, or is about to."""
    return session.begins - AROUND <= now <= session.ends + AROUND


def room_code(vault: Vault, session: str, window: int) -> str:
    """What is shown in the room in one window of five minutes."""
    return f"{int(vault.fingerprint('room', session, str(window))[:15], 16) % 10**DIGITS:0{DIGITS}}"


async def _for_staff(scene: Scene, asked: Asked) -> None:
    cities = sorted(rights.cities(scene.facts))
    found: list[Learner] = []
    if asked.audience is not None:
        everybody = await _people(scene, cities)
        found += [learner for learner in everybody if is_meant(asked.audience, learner)]
    if asked.all:
        found += await _people(scene, cities)
        scene.facts = _with(scene, roster=await enrolments_of(scene.tx, scene.vault, cities))
    if asked.name and scene.facts.training.learner is None:
        scene.facts = _with(scene, named=named(await _people(scene, cities), asked.name))
    if asked.places and asked.city in cities:
        found += await _by_places(scene, asked)
    session = next((one for one in scene.facts.training.sessions.values() if asked.session in (one.id, one.word)), None)
    room = ""
    if session and rights.runs(scene.facts, scene.facts.training.course(session)):
        room = room_code(scene.vault, session.id, scene.now // 1000 // WINDOW)
    certificates = await _certificates(scene.tx, "code = :one", asked.certificate) if asked.certificate else ()
    for one in certificates:
        rows = await scene.tx.fetch("SELECT id FROM learners WHERE id = :id", id=one.learner)
        found += [await _learner(scene, row["id"]) for row in rows]
    certificates = certificates or scene.facts.training.certificates
    if asked.all:
        known = {one.id for one in found}
        certificates = tuple(one for one in await _certificates(scene.tx, "code <> :one", "") if one.learner in known)
    people = {**scene.facts.training.learners, **{one.id: one for one in found}}
    scene.facts = _with(scene, learners=people, room=room, certificates=certificates)


async def _by_places(scene: Scene, asked: Asked) -> list[Learner]:
    found: list[Learner] = []
    for place in asked.places:
        alias = scene.vault.alias(asked.city, PROGRAM, place.channel, place.address)
        for row in await scene.tx.fetch("SELECT learner FROM learner_places WHERE alias = :alias", alias=alias):
            found.append(await _learner(scene, row["learner"]))
    return found


async def enrolments_of(tx: Transaction, vault: Vault, cities: Iterable[str]) -> tuple[Enrolment, ...]:
    """All enrolments of some cities, in the order of coming."""
    found: list[Row] = []
    for city in cities:
        found += await tx.fetch("SELECT * FROM enrolments WHERE jurisdiction = :city", city=city)
    return tuple(sorted((as_enrolment(vault, row) for row in found), key=_arrival))


def _coming(scene: Scene, asked: Asked) -> list[str]:
    """Sessions (ids) that are not over, for a list in which nothing changes."""
    sessions = scene.facts.training.sessions.values()
    return [one.id for one in sessions if asked.counts and one.state == "open" and one.ends > scene.facts.now]


async def _roster(scene: Scene, asked: Asked, meant: list[str]) -> None:
    """The enrolments of the sessions asked for. Staff are told of people in courses they run, and of their own."""
    found: list[Row] = []
    for state in sorted(asked.roster):
        for session in meant:
            found += await scene.tx.fetch(
                """SELECT * FROM enrolments WHERE session = :session AND state = :state AND number > :after
                ORDER BY number LIMIT :page""",
                session=session,
                state=state,
                after=asked.after,
                page=PAGE,
            )
    roster = sorted((as_enrolment(scene.vault, row) for row in found), key=_arrival)
    if scene.inbound.kind != "timer":
        roster = [one for one in roster if _may_see(scene, one)]
    known = scene.facts.training
    people = {**known.learners}
    for one in roster if scene.inbound.kind != "timer" else ():
        people[one.learner] = await _learner(scene, one.learner)
    scene.facts = _with(scene, roster=tuple(roster[:PAGE]), learners=people)


def _may_see(scene: Scene, enrolment: Enrolment) -> bool:
    known = scene.facts.training
    runs = rights.runs(scene.facts, known.course(known.sessions[enrolment.session]))
    return runs or enrolment.jurisdiction in rights.cities(scene.facts)


async def _people(scene: Scene, cities: Iterable[str]) -> list[Learner]:
    found: list[Row] = []
    for city in cities:
        found += await scene.tx.fetch("SELECT * FROM learners WHERE jurisdiction = :city ORDER BY id", city=city)
    return [as_learner(scene.vault, bytes(row["body"]), row["id"], row["jurisdiction"]) for row in found]


async def _learner(scene: Scene, id: str) -> Learner:
    row = (await scene.tx.fetch("SELECT * FROM learners WHERE id = :id", id=id))[0]
    return as_learner(scene.vault, bytes(row["body"]), row["id"], row["jurisdiction"])


async def _still_listed(scene: Scene, ids: Iterable[str]) -> list[Learner]:
    """Those of some learners who have not been deleted."""
    found = [row for id in ids for row in await scene.tx.fetch("SELECT * FROM learners WHERE id = :id", id=id)]
    return [as_learner(scene.vault, bytes(row["body"]), row["id"], row["jurisdiction"]) for row in found]


async def _certificates(tx: Transaction, where: str, one: str) -> tuple[Certificate, ...]:
    rows = await tx.fetch(f"SELECT * FROM certificates WHERE {where} ORDER BY earned, code", one=one)  # noqa: S608
    return tuple(as_certificate(row) for row in rows)


def asked_in(scene: Scene) -> Asked:
    """What a text on the line for training may be about; the answer to "which one?" is about what was held for it."""
    asked, conversation = reading.asked(scene.inbound.text), scene.facts.conversation
    if conversation.asked in ("which", "who") and conversation.waiting and not asked.name:
        return replace(asked, name=conversation.waiting[0].removeprefix("sub "))
    return asked
