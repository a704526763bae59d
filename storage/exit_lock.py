"""The lock of exit interviews: answers become responses, and all that tells of persons is deleted."""

import json
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from handlers import effects as e
from handlers.exits.interviews import TOPIC, Interview, disposition, is_kept, response
from handlers.exits.interviews import comments as commented
from handlers.release.response import Dispositions
from handlers.surveys.questionnaire import Questionnaire
from storage import comments, exits, responses
from storage.database import Row, Transaction
from storage.scene import Scene

SHUFFLE = secrets.SystemRandom().shuffle


async def dispositions(tx: Transaction, jurisdiction: str, quarter: str) -> Dispositions | None:
    """What became of a city's invitations whose waves of that quarter are locked; None if none is."""
    rows = await tx.fetch(
        "SELECT tally FROM waves WHERE jurisdiction = :city AND quarter = :quarter AND state = 'locked'",
        city=jurisdiction,
        quarter=quarter,
    )
    whole = sum((Counter(json.loads(row["tally"])) for row in rows), Counter[str]())
    names = ("complete", "partial", "refusal", "non_contact", "unknown_household")
    return Dispositions(**{name: whole[name] for name in names}) if rows else None


async def _erase(scene: Scene, effect: e.Erase) -> None:
    await scene.tx.execute("UPDATE waves SET withdrawn = withdrawn + 1 WHERE id = :id", id=effect.wave)
    await scene.tx.execute("DELETE FROM consents WHERE person = :person", person=effect.person)
    await _delete_person(scene, effect.person)


async def _delete_person(scene: Scene, person: str) -> None:
    await scene.tx.execute("DELETE FROM followups WHERE subject = :person", person=person)
    await scene.tx.execute("DELETE FROM outbox WHERE alias = :person OR case_id = :person", person=person)
    await scene.tx.execute("DELETE FROM respondent_accounts WHERE alias = :person", person=person)
    await scene.tx.execute("DELETE FROM interview_codes WHERE alias = :person", person=person)
    await scene.tx.execute("DELETE FROM respondents WHERE alias = :person", person=person)
    await scene.tx.execute("DELETE FROM conversations WHERE alias = :person", person=person)


async def _lock_wave(scene: Scene, effect: e.LockWave) -> None:
    """The responses are written in an order of chance, with ids of chance, and all at once."""
    for row in await scene.tx.fetch(
        "SELECT alias FROM respondents WHERE wave = :wave ORDER BY alias", wave=effect.wave
    ):
        await scene.tx.lock(row["alias"])  # who is answering right now is heard out
    rows = await scene.tx.fetch(exits.RESPONDENT + "WHERE r.wave = :wave", wave=effect.wave)
    wave = (await scene.tx.fetch(exits.WAVE, id=effect.wave))[0]
    given: list[tuple[Interview, Questionnaire]] = []
    tally: Counter[str] = Counter(refusal=wave["withdrawn"])
    for row in rows:
        interview, stopped = exits.unpack(scene.vault, row), bool(row["stopped"])
        form = await exits.form(scene.tx, interview.form)
        tally[disposition(form, interview, stopped, await _reached(scene.tx, row["alias"]))] += 1
        if is_kept(form, interview, stopped):
            given.append((interview, form))
        await _forget_person(scene, row["alias"], wave)
    SHUFFLE(given)
    written = [comment for interview, form in given for comment in commented(form, interview)]
    SHUFFLE(written)
    await comments.add(scene, wave["jurisdiction"], wave["quarter"], written)
    for interview, form in given:
        await responses.add(
            scene.tx,
            scene.vault,
            wave["jurisdiction"],
            form.id,
            wave["quarter"],
            response(form, interview),
            late=interview.late,
        )
    await scene.tx.execute(
        "UPDATE waves SET state = 'locked', tally = :tally WHERE id = :id", tally=json.dumps(tally), id=effect.wave
    )
    await scene.tx.execute("DELETE FROM followups WHERE subject = :wave", wave=effect.wave)
    await _note_lock(scene)


async def _reached(tx: Transaction, person: str) -> bool:
    found = await tx.fetch(
        "SELECT id FROM outbox WHERE (alias = :person OR case_id = :person) AND state = 'delivered' LIMIT 1",
        person=person,
    )
    return bool(found)


async def _forget_person(scene: Scene, person: str, wave: Row) -> None:
    """Of the ledger stays that somebody withdrew, by alias alone."""
    last = await scene.tx.fetch(
        "SELECT kind FROM consents WHERE person = :person AND kind IN ('revoked', 'resumed') ORDER BY id DESC LIMIT 1",
        person=person,
    )
    await scene.tx.execute("DELETE FROM consents WHERE person = :person", person=person)
    for card in await scene.tx.fetch("SELECT lane FROM outbox WHERE case_id = :person", person=person):
        await scene.tx.execute("DELETE FROM posts WHERE lane = :lane", lane=card["lane"])
    await _delete_person(scene, person)
    if last and last[0]["kind"] == "revoked":
        row = f"{0:012x}{secrets.token_hex(16)}"  # sorts before all that will be said later
        body = scene.seal("{}", "consents.body", row)
        await scene.tx.execute(
            """INSERT INTO consents (id, person, jurisdiction, topic, channel, kind, at, body)
            VALUES (:id, :person, :jurisdiction, :topic, '', 'revoked', 0, :body)""",
            id=row,
            person=person,
            jurisdiction=wave["jurisdiction"],
            topic=TOPIC,
            body=body,
        )


async def _note_lock(scene: Scene) -> None:
    """What was deleted is also to be wiped from the log and free pages; see scheduler/wipe.py."""
    await scene.tx.execute(
        "INSERT INTO marks (name, at) VALUES ('to wipe', :now) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
        now=scene.now,
    )


PERFORM: dict[type, Callable[[Scene, Any], Awaitable[None]]] = {e.LockWave: _lock_wave, e.Erase: _erase}
