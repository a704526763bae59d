"""Performs the effects of a step, each in its own few lines of SQL, inside the turn's transaction."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from handlers import effects as e
from handlers.messages import Media, Place
from handlers.state import Conversation
from storage import audit, certificates, exit_lock, exits, plain, reports, training_effects, uploads
from storage.ids import milliseconds, new_id
from storage.outbox import owe
from storage.scene import Again as Again
from storage.scene import Scene, pack_state

LONGEST_KIND = 100
MILLISECOND = timedelta(milliseconds=1)
PATIENCE = timedelta(minutes=10)

# Owed from now on: what is a day old is given up when a first try fails.
WAITED_FOR_CODE = """UPDATE outbox SET state = 'queued', alias = :alias, lane = :alias, due_at = :now, created_at = :now
    WHERE case_id = :id AND state = 'withheld'"""


async def write(scene: Scene, step: e.Step) -> None:
    """The conversation first, because cases point at it; then each effect in order."""
    if step.conversation is not None:
        await _keep(scene, step.conversation)
    for effect in step.effects:
        await PERFORM[type(effect)](scene, effect)


async def _keep(scene: Scene, conversation: Conversation) -> None:
    state = scene.seal(pack_state(conversation), "conversations.state", scene.alias)
    stopped = int(conversation.stopped)
    if not scene.facts.known:
        await _begin_conversation(scene, state, stopped)
    elif scene.inbound.kind == "text":
        await scene.tx.execute(
            """UPDATE conversations SET state = :state, stopped = :stopped, line = :line, updated_at = :now
            WHERE alias = :alias""",
            alias=scene.alias,
            state=state,
            stopped=stopped,
            line=scene.inbound.line,
            now=scene.now,
        )
    else:
        await scene.tx.execute(
            "UPDATE conversations SET state = :state, stopped = :stopped WHERE alias = :alias",
            state=state,
            stopped=stopped,
            alias=scene.alias,
        )
    if conversation.stopped and not scene.facts.conversation.stopped:
        await scene.tx.execute(
            "UPDATE outbox SET state = 'cancelled' WHERE alias = :alias AND state = 'queued'", alias=scene.alias
        )


async def _begin_conversation(scene: Scene, state: bytes, stopped: int) -> None:
    await scene.tx.execute(
        """INSERT INTO conversations
        (alias, jurisdiction, program, channel, line, address, state, stopped, updated_at)
        VALUES (:alias, :jurisdiction, :program, :channel, :line, :address, :state, :stopped, :now)""",
        alias=scene.alias,
        jurisdiction=scene.jurisdiction,
        program=scene.program,
        channel=scene.channel,
        line=scene.inbound.line,
        address=scene.seal(scene.inbound.sender, "conversations.address", scene.alias),
        state=state,
        stopped=stopped,
        now=scene.now,
    )


async def _reply(scene: Scene, effect: e.Reply) -> None:
    lane = f"{scene.alias}!" if effect.urgent else scene.alias
    await _owe(scene, "reply", lane, {"text": effect.text}, alias=scene.alias, case=effect.case)


async def _prompt(scene: Scene, effect: e.Prompt) -> None:
    """What asks takes the place of an earlier question that has not left yet."""
    if effect.message:
        await scene.tx.execute(
            """UPDATE outbox SET state = 'superseded'
            WHERE alias = :alias AND kind = 'prompt' AND state = 'queued' AND message <> '' AND subject = :subject""",
            alias=scene.alias,
            subject=effect.subject,
        )
    await _owe(
        scene,
        "farewell" if effect.farewell else "prompt",
        scene.alias,
        {"text": effect.text},
        alias=scene.alias,
        message=effect.message,
        due=scene.now + effect.hold // MILLISECOND,
        until=milliseconds(effect.until),
        subject=effect.subject,
    )


async def _dismiss(scene: Scene, effect: e.Dismiss) -> None:
    """The number goes with the message, and is deleted with it; see storage/ledger.py."""
    body = {"text": effect.text, "place": scene.inbound.sender, "line": scene.inbound.line}
    lane = scene.vault.fingerprint("lane", scene.inbound.channel, scene.inbound.sender, "")
    until = scene.now + PATIENCE // MILLISECOND
    await _owe(scene, "dismissal", lane, body, channel=scene.inbound.channel, until=until)


async def _relay(scene: Scene, effect: e.Relay) -> None:
    alias = scene.rows[effect.case]["reporter"]
    body = {"text": effect.text}
    due = scene.now + effect.hold // MILLISECOND
    await _owe(scene, "relay", alias, body, alias=alias, case=effect.case, message=effect.message, due=due)


async def _recall(scene: Scene, effect: e.Recall) -> None:
    gone = await scene.tx.execute(
        "UPDATE outbox SET state = 'recalled' WHERE message = :message AND state = 'queued' AND tries = 0",
        message=effect.message,
    )
    if not gone:
        raise Again


async def _post(scene: Scene, effect: e.Post) -> None:
    body = {"place": effect.place.address, "card": plain.dump(effect.card)}
    if not effect.subject:
        lane = f"{_lane(scene, effect.place, '')}/{new_id(scene.now)}"
        await _owe(scene, "notice", lane, body, channel=effect.place.channel)
        return
    lane = _lane(scene, effect.place, effect.subject)
    replaced = await scene.tx.fetch(
        "SELECT id FROM outbox WHERE lane = :lane AND kind = 'card' AND state = 'queued'", lane=lane
    )
    if replaced:
        row = replaced[0]["id"]
        body_ = scene.seal(json.dumps(body), "outbox.body", row)
        if await scene.tx.execute(
            "UPDATE outbox SET body = :body WHERE id = :id AND state = 'queued'", body=body_, id=row
        ):
            return
    await _owe(scene, "card", lane, body, channel=effect.place.channel, case=effect.subject)


async def _withdraw(scene: Scene, effect: e.Withdraw) -> None:
    lane = _lane(scene, effect.place, effect.subject)
    await scene.tx.execute("UPDATE outbox SET state = 'cancelled' WHERE lane = :lane AND state = 'queued'", lane=lane)
    body = {"place": effect.place.address}
    await _owe(scene, "withdraw", lane, body, channel=effect.place.channel, case=effect.subject)


def _lane(scene: Scene, place: Place, subject: str) -> str:
    """A keyed name, since a place may be a phone."""
    return scene.vault.fingerprint("lane", place.channel, place.address, subject)


async def _owe(scene: Scene, kind: str, lane: str, body: dict[str, str], **more: Any) -> None:
    await owe(scene.tx, scene.vault, scene.now, scene.jurisdiction, kind, lane, body, **more)


async def _open_case(scene: Scene, effect: e.OpenCase) -> None:
    key = scene.vault.new_case_key()
    row = {
        "id": effect.case,
        "jurisdiction": scene.jurisdiction,
        "program": scene.program,
        "word": effect.word,
        "code": scene.vault.fingerprint("code", scene.jurisdiction, effect.code),
        "reporter": scene.alias,
        "language": effect.language,
        "opened_at": scene.now,
        "urgent": int(effect.urgent),
        "data_key": scene.vault.wrap(key, row=effect.case, jurisdiction=scene.jurisdiction),
    }
    made = await scene.tx.execute(
        """INSERT INTO cases
        (id, jurisdiction, handler, program, word, code, reporter, stage, language, opened_at, urgent, data_key)
        VALUES (:id, :jurisdiction, :jurisdiction, :program, :word, :code, :reporter, 'received', :language, :opened_at,
        :urgent, :data_key) ON CONFLICT DO NOTHING""",
        **row,
    )
    if not made:
        raise Again
    scene.rows[effect.case], scene.keys[effect.case] = row, key
    await _audit(scene, e.Audit("opened", effect.case))


async def _add_entry(scene: Scene, effect: e.AddEntry) -> None:
    row = new_id(scene.now)
    body = scene.vault.seal(
        effect.text.encode(),
        place="entries.body",
        row=row,
        jurisdiction=scene.case_jurisdiction(effect.case),
        key=scene.case_key(effect.case),
    )
    await scene.tx.execute(
        """INSERT INTO entries (id, case_id, at, kind, author, question, message, pictures, body)
        VALUES (:id, :case_id, :now, :kind, :author, :question, :message, :pictures, :body)""",
        id=row,
        case_id=effect.case,
        now=scene.now,
        kind=effect.kind,
        author=effect.author,
        question=effect.question,
        message=effect.message,
        pictures=len(effect.media),
        body=body,
    )
    if effect.kind in ("report", "answer"):
        await scene.tx.execute(
            "UPDATE cases SET unread = unread + 1, pictures = pictures + :pictures WHERE id = :id",
            pictures=len(effect.media),
            id=effect.case,
        )
    for media in effect.media:
        await _add_media(scene, effect.case, row, media)


async def _add_media(scene: Scene, case: str, entry: str, media: Media) -> None:
    row = new_id(scene.now)
    await scene.tx.execute(
        """INSERT INTO media (id, case_id, entry_id, channel, state, tries, due_at, source, kind, digest)
        VALUES (:id, :case_id, :entry, :channel, 'waiting', 0, :now, :source, :kind, '')""",
        id=row,
        case_id=case,
        entry=entry,
        channel=scene.channel,
        now=scene.now,
        source=scene.seal(media.url, "media.source", row),
        kind=media.content_type.partition(";")[0][:LONGEST_KIND],  # what follows may be a file's name
    )


async def _move_case(scene: Scene, effect: e.MoveCase) -> None:
    moved = await scene.tx.execute(
        "UPDATE cases SET stage = :after, outcome = :outcome WHERE id = :id AND stage = :before",
        after=effect.after,
        outcome=effect.outcome,
        id=effect.case,
        before=effect.before,
    )
    if not moved:
        raise Again


async def _mark_read(scene: Scene, effect: e.MarkRead) -> None:
    await scene.tx.execute("UPDATE cases SET unread = 0 WHERE id = :id", id=effect.case)


async def _mark_urgent(scene: Scene, effect: e.MarkUrgent) -> None:
    await scene.tx.execute("UPDATE cases SET urgent = 1 WHERE id = :id", id=effect.case)


async def _speak_to(scene: Scene, effect: e.SpeakTo) -> None:
    await scene.tx.execute(
        "UPDATE cases SET language = :language WHERE id = :id", language=effect.language, id=effect.case
    )


async def _assign(scene: Scene, effect: e.Assign) -> None:
    await scene.tx.execute("UPDATE cases SET assignee = :staff WHERE id = :id", staff=effect.staff, id=effect.case)


async def _exclude(scene: Scene, effect: e.Exclude) -> None:
    more = " " + " ".join(sorted(effect.staff))
    await scene.tx.execute("UPDATE cases SET excluded = excluded || :more WHERE id = :id", more=more, id=effect.case)


async def _readmit(scene: Scene, effect: e.Readmit) -> None:
    left = (one for one in str(scene.rows[effect.case]["excluded"]).split() if one not in effect.staff)
    await scene.tx.execute(
        "UPDATE cases SET excluded = :left, cleared = cleared || :more WHERE id = :id",
        left=" ".join(left),
        more=" " + " ".join(sorted(effect.staff)),
        id=effect.case,
    )


async def _handover(scene: Scene, effect: e.Handover) -> None:
    await scene.tx.execute("UPDATE cases SET handler = :to WHERE id = :id", to=effect.jurisdiction, id=effect.case)


async def _link(scene: Scene, effect: e.Link) -> None:
    for one, other in ((effect.case, effect.other), (effect.other, effect.case)):
        if other not in str(scene.rows[one]["linked"]).split():
            await scene.tx.execute("UPDATE cases SET linked = linked || ' ' || :o WHERE id = :id", o=other, id=one)


async def _await_codes(scene: Scene, effect: e.AwaitCodes) -> None:
    await scene.tx.execute(
        "UPDATE cases SET silent_since = :since WHERE reporter = :alias AND silent_since = 0",
        since=milliseconds(scene.facts.last_text or scene.inbound.received_at),
        alias=scene.alias,
    )


async def _move_dialogue(scene: Scene, effect: e.MoveDialogue) -> None:
    """What has not left goes to this phone. Its rows come before the case's own, as they do for whoever sends."""
    await scene.tx.execute(
        """UPDATE outbox SET alias = :alias, lane = :alias
        WHERE lane = :before AND case_id = :id AND kind = 'relay' AND state = 'queued'""",
        id=effect.case,
        alias=scene.alias,
        before=scene.rows[effect.case]["reporter"],
    )
    await scene.tx.execute(WAITED_FOR_CODE, id=effect.case, alias=scene.alias, now=scene.now)
    await scene.tx.execute(
        "UPDATE outbox SET state = 'superseded' WHERE subject = :id AND kind = 'hint' AND state = 'queued'",
        id=effect.case,
    )
    await scene.tx.execute(
        "UPDATE cases SET reporter = :alias, silent_since = 0 WHERE id = :id", alias=scene.alias, id=effect.case
    )


async def _guess(scene: Scene, effect: e.Guess) -> None:
    if not effect.right:
        await scene.tx.execute(
            "INSERT INTO guesses (alias, at, topic) VALUES (:alias, :at, :topic)",
            alias=scene.alias,
            at=scene.now,
            topic=effect.topic,
        )


async def _start_clock(scene: Scene, effect: e.StartClock) -> None:
    await scene.tx.execute(
        """INSERT INTO clocks (case_id, kind, started, due) VALUES (:case_id, :kind, :started, :due)
        ON CONFLICT (case_id, kind) DO UPDATE SET started = excluded.started, due = excluded.due, met = NULL""",
        case_id=effect.case,
        kind=effect.clock.kind,
        started=milliseconds(effect.clock.started),
        due=milliseconds(effect.clock.due),
    )


async def _stop_clock(scene: Scene, effect: e.StopClock) -> None:
    await scene.tx.execute(
        "UPDATE clocks SET met = :now WHERE case_id = :case_id AND kind = :kind AND met IS NULL",
        now=scene.now,
        case_id=effect.case,
        kind=effect.kind,
    )


async def _remind(scene: Scene, effect: e.Remind) -> None:
    await scene.tx.execute(
        """INSERT INTO followups (id, due_at, name, subject, jurisdiction, program, body)
        VALUES (:id, :due, :name, :subject, :jurisdiction, :program, :body)""",
        id=new_id(scene.now),
        due=milliseconds(effect.at),
        name=effect.name,
        subject=effect.subject,
        jurisdiction=scene.jurisdiction,
        program=scene.program,
        body=json.dumps(dict(effect.values)),
    )


async def _forget(scene: Scene, effect: e.Forget) -> None:
    await scene.tx.execute(
        "DELETE FROM followups WHERE subject = :subject AND name = :name", subject=effect.subject, name=effect.name
    )


async def _admit(scene: Scene, effect: e.Admit) -> None:
    await scene.tx.execute(
        "INSERT INTO passes (token, case_id, staff, until) VALUES (:token, :case_id, :staff, :until)",
        token=scene.vault.fingerprint("pass", effect.token),
        case_id=effect.case,
        staff=effect.staff,
        until=milliseconds(effect.until),
    )


async def _audit(scene: Scene, effect: e.Audit) -> None:
    actor = effect.actor or next((row.id for row in scene.facts.actor), "")
    await audit.append(
        scene.tx,
        scene.vault,
        jurisdiction=scene.case_jurisdiction(effect.subject),
        at_ms=scene.now,
        actor=actor,
        action=effect.action,
        subject=effect.subject,
        detail=effect.detail,
    )


PERFORM: dict[type, Callable[[Scene, Any], Awaitable[None]]] = {
    e.Reply: _reply,
    e.Relay: _relay,
    e.Recall: _recall,
    e.Post: _post,
    e.Withdraw: _withdraw,
    e.OpenCase: _open_case,
    e.AddEntry: _add_entry,
    e.MoveCase: _move_case,
    e.MarkRead: _mark_read,
    e.MarkUrgent: _mark_urgent,
    e.SpeakTo: _speak_to,
    e.Assign: _assign,
    e.Exclude: _exclude,
    e.Readmit: _readmit,
    e.Handover: _handover,
    e.Link: _link,
    e.AwaitCodes: _await_codes,
    e.MoveDialogue: _move_dialogue,
    e.Guess: _guess,
    e.StartClock: _start_clock,
    e.StopClock: _stop_clock,
    e.Remind: _remind,
    e.Forget: _forget,
    e.Admit: _admit,
    e.Audit: _audit,
    e.Prompt: _prompt,
    e.Dismiss: _dismiss,
    **exits.PERFORM,
    **exit_lock.PERFORM,
    **training_effects.PERFORM,
    **uploads.PERFORM,
    **certificates.PERFORM,
    **reports.PERFORM,
}
