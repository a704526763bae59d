"""Reads and writes exit interviews: waves, respondents, consent, withdrawals."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from handlers import effects as e
from handlers.exits import rights
from handlers.exits.interviews import PROGRAM, TOPIC, Imported, Interview, Request, Sent, Standing, Wave
from handlers.messages import Inbound, Place
from handlers.state import Conversation, Facts, Wants
from handlers.surveys.questionnaire import Questionnaire, from_json, to_json
from storage import comments, responses
from storage.database import Refused, Row, Transaction
from storage.ids import fresh, milliseconds, moment, new_id
from storage.scene import Again, Region, Scene, pack_state
from storage.vault import Vault

HOUR = 3_600_000  # ms
MOST_GUESSES = 5  # wrong codes an hour
LEASE = 60_000  # ms; see storage/ledger.py
UNCONFIRMED = 4_000  # ms after which a message counts as seen although no receipt came

WAVE = "SELECT * FROM waves WHERE id = :id"
RESPONDENT = """SELECT r.*, v.stopped, v.jurisdiction FROM respondents r JOIN conversations v ON v.alias = r.alias """


# --- facts


async def of_person(scene: Scene) -> None:
    """Adds the interview of this conversation, its questionnaire, and what became of its prompts."""
    found = await scene.tx.fetch(RESPONDENT + "WHERE r.alias = :alias", alias=scene.alias)
    if not found:
        return
    interview = unpack(scene.vault, found[0])
    wave = (await scene.tx.fetch(WAVE, id=interview.wave))[0]
    scene.facts = replace(
        scene.facts,
        interview=interview,
        account=await _account(scene),
        form=await form(scene.tx, interview.form),
        sent=await _sent(scene, interview),
        waves=(_as_wave(wave, {}),),
    )


async def whose(scene: Scene, code: str) -> str:
    """The alias of whoever asks in a chat, by their account or a code, which a few wrong ones close; else nothing."""
    account = _fingerprint(scene, scene.inbound.channel, scene.inbound.sender)
    if code:
        wrong = await scene.tx.fetch(
            "SELECT alias FROM guesses WHERE alias = :account AND topic = 'chat' AND at > :since",
            account=account,
            since=scene.now - HOUR,
        )
        scene.alias = account  # whose guess it is, if it is wrong
        found = await scene.tx.fetch(
            "SELECT alias FROM interview_codes WHERE code = :code AND until >= :now",
            code=scene.vault.fingerprint("interview code", code),
            now=scene.now,
        )
        return found[0]["alias"] if found and len(wrong) < MOST_GUESSES else ""
    found = await scene.tx.fetch("SELECT alias FROM respondent_accounts WHERE account = :account", account=account)
    return found[0]["alias"] if found else ""


async def of_wave(scene: Scene, city: str) -> None:
    """Adds a city's waves that are not locked, and withdrawals that wait; for follow-ups."""
    scene.facts = replace(scene.facts, waves=await _waves(scene, [city]), requests=await _requests(scene.tx, [city]))


async def of_staff(scene: Scene, wants: Wants) -> None:
    """Adds what a coordinator may know: counts of the waves they run, and how the numbers they name stand."""
    cities = [city.key for city in rights.runs(scene.facts)]
    if not cities:
        return
    scene.facts = replace(
        scene.facts,
        form=scene.region.forms[PROGRAM],
        waves=await _waves(scene, cities),
        requests=await _requests(scene.tx, cities),
        crosswalks=scene.region.crosswalks,
        imports=await _imports(scene.tx, cities) if wants.imports else (),
        comments=await comments.waiting(scene, cities) if wants.comments else (),
    )
    if wants.city not in cities:
        return
    scene.jurisdiction, scene.program = wants.city, PROGRAM
    if wants.digest:
        await scene.tx.lock(f"imports/{wants.city}")
        found = await responses.known(scene.tx, scene.vault, wants.city, wants.digest)
        scene.facts = replace(scene.facts, imported=found)
    standing = {phone: await _standing(scene, phone) for phone in wants.phones}
    city = scene.region.jurisdictions[wants.city]
    scene.facts = replace(scene.facts, jurisdiction=city, standing=standing)


async def by_operator(
    tx: Transaction, vault: Vault, region: Region, city: str, phones: tuple[str, ...], now: datetime
) -> Scene:
    """A turn without a message, for the command line: what a coordinator of that city would know."""
    inbound = Inbound("operator", city, "", "", now, "command")
    scene = Scene(tx, vault, region, inbound, city, PROGRAM)
    standing = {phone: await _standing(scene, phone) for phone in phones}
    scene.facts = Facts(
        region.jurisdictions[city],
        region.texts,
        now,
        fresh=fresh(scene.now),
        jurisdictions=region.jurisdictions,
        form=region.forms[PROGRAM],
        waves=await _waves(scene, [city]),
        standing=standing,
    )
    return scene


async def _account(scene: Scene) -> Place | None:
    found = await scene.tx.fetch(
        "SELECT channel, sender FROM respondent_accounts WHERE alias = :alias", alias=scene.alias
    )
    if not found:
        return None
    sender = scene.vault.open(
        found[0]["sender"], place="respondent_accounts.sender", row=scene.alias, jurisdiction=scene.jurisdiction
    )
    return Place(found[0]["channel"], sender.decode().partition("/")[2])


def _fingerprint(scene: Scene, channel: str, sender: str) -> str:
    return scene.vault.fingerprint("respondent account", channel, sender)


async def form(tx: Transaction, digest: str) -> Questionnaire:
    body = await tx.fetch("SELECT body FROM questionnaires WHERE digest = :digest", digest=digest)
    return _parsed(body[0]["body"])


def _parsed(body: str, known: dict[str, Questionnaire] = {}) -> Questionnaire:  # noqa: B006 -- versions never change
    if body not in known:
        known[body] = from_json(body)
    return known[body]


async def _sent(scene: Scene, interview: Interview) -> dict[str, Sent]:
    """What became of the last prompts until this text was written."""
    ids = [message for message, _ in interview.prompts]
    rows = await scene.tx.fetch(
        "SELECT message, state, code, settled_at, lease_until FROM outbox WHERE alias = :alias AND message <> ''",
        alias=scene.alias,
    )
    return {row["message"]: _fate(row, scene.now) for row in rows if row["message"] in ids}


def _fate(row: Row, now: int) -> Sent:
    """Without a word from the provider, what may have left some seconds ago counts as seen: nobody answers faster."""
    match row["state"]:
        case "delivered":
            return "seen" if row["settled_at"] <= now else "leaving"
        case "sent" | "uncertain" | "sending" as state:
            left = {"sent": row["settled_at"], "uncertain": row["lease_until"], "sending": row["lease_until"] - LEASE}
            return "seen" if left[state] + UNCONFIRMED <= now else "leaving"
        case "queued":
            return "held"
        case "failed" if row["code"] == "uncertain":
            return "seen"
    return "failed"


async def _waves(scene: Scene, cities: list[str]) -> tuple[Wave, ...]:
    rows = await scene.tx.fetch("SELECT * FROM waves WHERE state <> 'locked' ORDER BY jurisdiction, quarter, id")
    return tuple([_as_wave(row, await _counts(scene.tx, row)) for row in rows if row["jurisdiction"] in cities])


async def _counts(tx: Transaction, wave: Row) -> Counter[str]:
    rows = await tx.fetch(
        """SELECT r.stage, v.stopped, count(*) AS n FROM respondents r JOIN conversations v ON v.alias = r.alias
        WHERE r.wave = :wave GROUP BY r.stage, v.stopped""",
        wave=wave["id"],
    )
    counts: Counter[str] = Counter(invited=wave["withdrawn"], declined=wave["withdrawn"])
    for row in rows:
        counts["invited"] += row["n"]
        counts["started"] += row["n"] if row["stage"] in ("agreed", "finished") else 0
        counts["finished"] += row["n"] if row["stage"] == "finished" else 0
        counts["declined"] += row["n"] if row["stage"] == "declined" or row["stopped"] else 0
    return counts


async def _standing(scene: Scene, phone: str) -> Standing:
    person = scene.vault.alias(scene.jurisdiction, PROGRAM, rights.CHANNEL, phone)
    await scene.tx.lock(person)
    invited = await scene.tx.fetch("SELECT alias FROM respondents WHERE alias = :person", person=person)
    said = await scene.tx.fetch(
        """SELECT kind FROM consents WHERE person = :person AND topic = :topic AND kind IN ('revoked', 'resumed')
        ORDER BY id DESC LIMIT 1""",
        person=person,
        topic=TOPIC,
    )
    return Standing(person, bool(invited), bool(said) and said[0]["kind"] == "revoked")


async def _requests(tx: Transaction, cities: list[str]) -> tuple[Request, ...]:
    rows = await tx.fetch("SELECT * FROM revocations WHERE done = 0 ORDER BY due, id")
    return tuple(_as_request(row) for row in rows if row["jurisdiction"] in cities)


async def _imports(tx: Transaction, cities: list[str]) -> tuple[Imported, ...]:
    found = await responses.listing(tx)
    live = [one for one in found if one.jurisdiction in cities and one.undone_at is None]
    told = await responses.released_imports(tx)
    return tuple(Imported(one.id, one.jurisdiction, moment(one.at), one.rows, one.id in told) for one in live)


def _as_request(row: Row) -> Request:
    received, limit = map(date.fromisoformat, (row["received"], row["due"]))
    return Request(row["id"], row["jurisdiction"], received, limit, row["how"])


def _as_wave(row: Row, counts: Counter[str] | dict[str, int]) -> Wave:
    return Wave(row["id"], row["jurisdiction"], row["quarter"], row["form"], row["state"], dict(counts))


def unpack(vault: Vault, row: Row) -> Interview:
    """An interview as it is kept, from a row of RESPONDENT."""
    sealed = vault.open(row["body"], place="respondents.body", row=row["alias"], jurisdiction=row["jurisdiction"])
    held = json.loads(sealed)
    held["prompts"] = tuple((message, question) for message, question in held["prompts"])
    return Interview(**held)


def _pack(scene: Scene, person: str, interview: Interview) -> bytes:
    return scene.seal(json.dumps(asdict(interview), ensure_ascii=False), "respondents.body", person)


# --- effects


async def _open_wave(scene: Scene, effect: e.OpenWave) -> None:
    body = to_json(scene.region.forms[PROGRAM])
    await scene.tx.execute(
        "INSERT INTO questionnaires (digest, body) VALUES (:digest, :body) ON CONFLICT (digest) DO NOTHING",
        digest=effect.form,
        body=body,
    )
    made = await scene.tx.execute(
        """INSERT INTO waves (id, jurisdiction, quarter, form, state) VALUES (:id, :city, :quarter, :form, 'open')
        ON CONFLICT DO NOTHING""",
        id=effect.wave,
        city=scene.jurisdiction,
        quarter=effect.quarter,
        form=effect.form,
    )
    if not made:
        raise Again


async def _close_wave(scene: Scene, effect: e.CloseWave) -> None:
    await scene.tx.execute("UPDATE waves SET state = 'closed' WHERE id = :id AND state <> 'locked'", id=effect.wave)


async def _hold_wave(scene: Scene, effect: e.HoldWave) -> None:
    before, after = ("open", "paused") if effect.paused else ("paused", "open")
    await scene.tx.execute(
        "UPDATE waves SET state = :after WHERE id = :id AND state = :before", after=after, id=effect.wave, before=before
    )


async def _invite(scene: Scene, effect: e.Invite) -> None:
    """The thread may be there already: of somebody who finished in an earlier wave, it is not; of a stop, it is."""
    await scene.tx.execute(
        """INSERT INTO conversations
        (alias, jurisdiction, program, channel, line, address, state, stopped, updated_at)
        VALUES (:alias, :jurisdiction, :program, :channel, :line, :address, :state, 0, :now)
        ON CONFLICT (alias) DO UPDATE SET stopped = 0, state = excluded.state, line = excluded.line""",
        alias=effect.person,
        jurisdiction=scene.jurisdiction,
        program=PROGRAM,
        channel=effect.channel,
        line=effect.line,
        address=scene.seal(effect.address, "conversations.address", effect.person),
        state=scene.seal(pack_state(Conversation(effect.language)), "conversations.state", effect.person),
        now=scene.now,
    )
    await scene.tx.execute(
        "INSERT INTO questionnaires (digest, body) VALUES (:digest, :body) ON CONFLICT (digest) DO NOTHING",
        digest=effect.interview.form,
        body=to_json(scene.region.forms[PROGRAM]),
    )
    await scene.tx.execute(
        "INSERT INTO respondents (alias, wave, stage, body) VALUES (:alias, :wave, :stage, :body)",
        alias=effect.person,
        wave=effect.interview.wave,
        stage=effect.interview.stage,
        body=_pack(scene, effect.person, effect.interview),
    )


async def _keep_interview(scene: Scene, effect: e.KeepInterview) -> None:
    kept = await scene.tx.execute(
        "UPDATE respondents SET stage = :stage, body = :body WHERE alias = :alias",
        stage=effect.interview.stage,
        body=_pack(scene, scene.alias, effect.interview),
        alias=scene.alias,
    )
    if not kept:
        raise Again


async def _note_consent(scene: Scene, effect: e.NoteConsent) -> None:
    row = new_id(scene.now)
    body = {"source": effect.source, "wording": effect.wording, "evidence": effect.evidence}
    await scene.tx.execute(
        """INSERT INTO consents (id, person, jurisdiction, topic, channel, kind, at, body)
        VALUES (:id, :person, :jurisdiction, :topic, :channel, :kind, :at, :body)""",
        id=row,
        person=effect.person,
        jurisdiction=scene.jurisdiction,
        topic=effect.topic,
        channel=effect.channel,
        kind=effect.kind,
        at=scene.now,
        body=scene.seal(json.dumps(body, ensure_ascii=False), "consents.body", row),
    )


async def _offer_code(scene: Scene, effect: e.OfferCode) -> None:
    """The newest alone is good."""
    await scene.tx.execute("DELETE FROM interview_codes WHERE alias = :alias", alias=scene.alias)
    await scene.tx.execute(
        "INSERT INTO interview_codes (code, alias, until) VALUES (:code, :alias, :until)",
        code=scene.vault.fingerprint("interview code", effect.code),
        alias=scene.alias,
        until=milliseconds(effect.until),
    )


async def _join(scene: Scene, effect: e.Join) -> None:
    """One account each way: a newer one takes the place of the older."""
    account = _fingerprint(scene, effect.channel, effect.sender)
    await scene.tx.execute("DELETE FROM interview_codes WHERE alias = :alias", alias=effect.person)
    await scene.tx.execute(
        "DELETE FROM respondent_accounts WHERE alias = :alias OR account = :account",
        alias=effect.person,
        account=account,
    )
    await scene.tx.execute(
        """INSERT INTO respondent_accounts (alias, account, channel, sender)
        VALUES (:alias, :account, :channel, :sender)""",
        alias=effect.person,
        account=account,
        channel=effect.channel,
        sender=scene.seal(effect.sender, "respondent_accounts.sender", effect.person),
    )


async def _hush(scene: Scene, effect: e.Hush) -> None:
    await scene.tx.execute(
        "UPDATE outbox SET state = 'cancelled' WHERE alias = :alias AND kind = 'prompt' AND state = 'queued'",
        alias=scene.alias,
    )


async def _silence(scene: Scene, effect: e.Silence) -> None:
    await scene.tx.execute("UPDATE conversations SET stopped = 1 WHERE alias = :alias", alias=effect.person)
    await scene.tx.execute(
        "UPDATE outbox SET state = 'cancelled' WHERE alias = :alias AND state = 'queued'", alias=effect.person
    )


async def _open_request(scene: Scene, effect: e.OpenRequest) -> None:
    await scene.tx.execute(
        """INSERT INTO revocations (id, jurisdiction, received, due, how)
        VALUES (:id, :jurisdiction, :received, :due, :how)""",
        id=effect.request,
        jurisdiction=scene.jurisdiction,
        received=effect.received.isoformat(),
        due=effect.limit.isoformat(),
        how=effect.how,
    )


async def _close_request(scene: Scene, effect: e.CloseRequest) -> None:
    await scene.tx.execute("UPDATE revocations SET done = 1 WHERE id = :id", id=effect.request)


async def _take_in(scene: Scene, effect: e.TakeIn) -> None:
    await responses.add_import(
        scene.tx,
        scene.vault,
        scene.jurisdiction,
        effect.questionnaire,
        effect.responses,
        digest=effect.digest,
        actor=effect.actor,
        at_ms=scene.now,
        id=effect.id,
    )


async def _undo_import(scene: Scene, effect: e.UndoImport) -> None:
    try:
        await responses.undo_import(
            scene.tx, scene.vault, scene.jurisdiction, effect.id, actor=effect.actor, at_ms=scene.now
        )
    except Refused:
        raise Again from None


PERFORM: dict[type, Callable[[Scene, Any], Awaitable[None]]] = {
    e.OpenWave: _open_wave,
    e.CloseWave: _close_wave,
    e.HoldWave: _hold_wave,
    e.Invite: _invite,
    e.KeepInterview: _keep_interview,
    e.NoteConsent: _note_consent,
    e.OfferCode: _offer_code,
    e.Join: _join,
    e.Hush: _hush,
    e.Silence: _silence,
    e.OpenRequest: _open_request,
    e.CloseRequest: _close_request,
    **comments.PERFORM,
    e.TakeIn: _take_in,
    e.UndoImport: _undo_import,
}
