"""Reads what a step must know: the person's conversation and cases, the staff, and what the step asked for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from handlers.casework import access, silence
from handlers.exits.interviews import PROGRAM as EXITS
from handlers.messages import Inbound
from handlers.state import Case, Clock, Entry, Facts, Figures, Staff, Wants
from handlers.training import rights
from handlers.training.known import Asked
from handlers.training.values import PROGRAM as TRAINING
from storage import exits, reports, training, uploads
from storage import staff as people
from storage.database import Row, Transaction
from storage.ids import MILLISECOND, fresh, moment
from storage.scene import Region, Scene, UnknownLine, unpack_state
from storage.vault import Vault

HOUR = 3_600_000
RECENT = 10
NOTHING = Wants()
FATES = {
    "queued": "leaving soon",
    "sending": "leaving",
    "sent": "sent",
    "delivered": "delivered",
    "failed": "not delivered",
    "uncertain": "perhaps sent",
    "recalled": "taken back",
    "cancelled": "not sent: the reporter stopped texts",
    "withheld": "waits for the code",
}


async def read(tx: Transaction, vault: Vault, region: Region, inbound: Inbound, wants: Wants) -> Scene:
    """The scene of a turn, its facts read. Takes the locks the turn needs, the person's first."""
    if inbound.kind == "text":
        return await _person(tx, vault, region, inbound, wants)
    if inbound.kind == "timer":
        return await _due(tx, vault, region, inbound, wants)
    return await _desk(tx, vault, region, inbound, wants)


async def _person(tx: Transaction, vault: Vault, region: Region, inbound: Inbound, wants: Wants) -> Scene:
    """A person who texts one of our lines."""
    try:
        jurisdiction, line = region.lines[inbound.channel, inbound.line]
    except KeyError:
        raise UnknownLine from None
    alias = vault.alias(jurisdiction, line.program, inbound.channel, inbound.sender)
    scene = Scene(tx, vault, region, inbound, jurisdiction, line.program, alias, inbound.channel)
    await tx.lock(alias)
    learner = await training.find(scene, None) if scene.program == TRAINING else ""
    await _thread(scene)
    await _wanted(scene, wants, everyone=True)
    if scene.program == EXITS:
        await exits.of_person(scene)
    elif scene.program == TRAINING:
        await training.read(scene, training.asked_in(scene), learner)
    return scene


async def _due(tx: Transaction, vault: Vault, region: Region, inbound: Inbound, wants: Wants) -> Scene:
    """A follow-up that came due: about a case, or about a conversation."""
    scene = Scene(tx, vault, region, inbound, inbound.line, inbound.value("program"), wants.thread)
    if wants.thread:
        await tx.lock(wants.thread)
    learner = await training.find(scene, wants.training) if wants.training else ""
    await _thread(scene)
    await _wanted(scene, wants, everyone=True)
    if wants.training:
        await training.read(scene, wants.training, learner)
    elif wants.exits:
        await exits.of_wave(scene, scene.jurisdiction)
    elif scene.program == EXITS:
        await exits.of_person(scene)
    return scene


async def _thread(scene: Scene) -> None:
    """The facts of a conversation: where the person stands, and their cases."""
    staff = await people.of(scene.tx, scene.vault, scene.region, scene.jurisdiction)
    rows = await scene.tx.fetch(
        "SELECT channel, state, stopped, updated_at FROM conversations WHERE alias = :alias", alias=scene.alias
    )
    if not rows:
        scene.facts = _common(scene, staff, thread=scene.alias)
        return
    row = rows[0]
    scene.channel = row["channel"]
    state = scene.vault.open(
        row["state"], place="conversations.state", row=scene.alias, jurisdiction=scene.jurisdiction
    )
    conversation = unpack_state(state.decode(), bool(row["stopped"]))
    cases, silent = await _own_cases(scene), _silent(scene, scene.jurisdiction, scene.program, row["updated_at"])
    if silent:
        conversation, cases = silence.stranger(conversation), ()
    several = sum(case.stage != "concluded" for case in cases) > 1
    scene.facts = _common(
        scene,
        staff,
        thread=scene.alias,
        known=True,
        conversation=conversation,
        last_text=moment(row["updated_at"]),
        silent=silent,
        hinted=not cases and scene.program in silence.PROGRAMS and await _hinted(scene),
        cases=cases,
        spoke=await _spoke(scene, row["updated_at"]) if several else frozenset(),
    )


def _silent(scene: Scene, jurisdiction: str, program: str, last_text: int) -> bool:
    city = scene.region.jurisdictions[jurisdiction]
    return program in silence.PROGRAMS and silence.is_long(city, moment(last_text), scene.inbound.received_at)


async def _desk(tx: Transaction, vault: Vault, region: Region, inbound: Inbound, wants: Wants) -> Scene:
    """A staff member, who is told only of cases they may see."""
    everyone = await people.everyone(tx, vault)
    team, _, user = inbound.sender.partition("/")
    actor = tuple(row for row in everyone if (row.channel, row.team, row.user) == (inbound.channel, team, user))
    home = actor[0].jurisdiction if actor else next(iter(region.jurisdictions))
    scene = Scene(tx, vault, region, inbound, home, "")
    scene.facts = _common(scene, everyone, actor=actor)
    await _wanted(scene, wants, everyone=False)
    if wants.upload:
        scene.facts = replace(scene.facts, upload_waits=await uploads.waits(scene, wants.upload))
    if scene.facts.case:
        city = scene.facts.case.jurisdiction
        scene.jurisdiction, scene.program = city, scene.facts.case.program
        scene.facts = replace(scene.facts, jurisdiction=region.jurisdictions[city])
    if wants.exits:
        await exits.of_staff(scene, wants)
    if wants.file:
        await reports.wanted(scene, wants.file)
    if wants.cases:
        cases, more = await _visible_cases(scene, wants)
        scene.facts = replace(scene.facts, cases=cases, more=more)
    if wants.figures:
        scene.facts = replace(scene.facts, figures=await _figures(scene))
    if wants.training:
        await _of_training(scene, wants.training)
    if wants.own:
        await _of_respondent(scene, wants.join)
    return scene


async def _of_training(scene: Scene, asked: Asked) -> None:
    """A button or command about training: of staff, or of a learner, whose thread comes with them."""
    actor, everyone = scene.facts.actor, scene.facts.staff
    learner = await training.find(scene, asked)
    if learner:
        await _thread(scene)
        scene.facts = replace(scene.facts, actor=actor, staff=everyone)
    elif homes := sorted(rights.homes(scene.facts)):
        scene.jurisdiction, scene.program = homes[0], TRAINING
        scene.facts = replace(scene.facts, jurisdiction=scene.region.jurisdictions[homes[0]])
    await training.read(scene, asked, learner)


async def _of_respondent(scene: Scene, code: str) -> None:
    """Somebody who takes their own exit interview in a chat: their thread comes with them."""
    person = await exits.whose(scene, code)
    if not person:
        return
    await scene.tx.lock(person)
    found = await scene.tx.fetch("SELECT jurisdiction FROM conversations WHERE alias = :alias", alias=person)
    if found:
        scene.alias, scene.jurisdiction, scene.program = person, found[0]["jurisdiction"], EXITS
        await _thread(scene)
        await exits.of_person(scene)


def _common(scene: Scene, staff: tuple[Staff, ...], **known: Any) -> Facts:
    """What every step is told, and what is `known` besides."""
    region = scene.region
    return Facts(
        jurisdiction=region.jurisdictions[scene.jurisdiction],
        texts=region.texts,
        now=scene.inbound.received_at,
        staff=staff,
        fresh=fresh(scene.now),
        desk_url=region.desk_url,
        jurisdictions=region.jurisdictions,
        **known,
    )


async def _wanted(scene: Scene, wants: Wants, everyone: bool) -> None:
    """Adds what the step asked for; a case hidden from the actor is as absent as one that does not exist."""
    if wants == NOTHING:
        return
    facts = scene.facts
    case = await _case(scene, wants, everyone)
    if case and wants.entries:
        case = replace(case, entries=await _entries(scene, case.id), linked=await _linked(scene, case.id))
    other = await _case(scene, Wants(word=wants.other), everyone) if wants.other else None
    recallable = bool(wants.message) and await _recallable(scene.tx, wants.message)
    guesses = await _guesses(scene) if wants.code else (0, 0)
    scene.facts = replace(facts, case=case, other=other, recallable=recallable, guesses=guesses)


async def _case(scene: Scene, wants: Wants, everyone: bool) -> Case | None:
    if wants.word:
        found = await scene.tx.fetch("SELECT id FROM cases WHERE word = :word", word=wants.word)
    elif wants.code:
        code = scene.vault.fingerprint("code", scene.jurisdiction, wants.code)
        found = await scene.tx.fetch("SELECT id FROM cases WHERE code = :code", code=code)
    else:
        found = [{"id": wants.case}] if wants.case else []
    if not found:
        return None
    await scene.tx.lock(found[0]["id"])
    rows = await scene.tx.fetch(CASES + "WHERE c.id = :id", id=found[0]["id"])
    cases = await _cases(scene, rows, "WHERE c.id = :id", id=found[0]["id"])
    if all(everyone or _visible(scene, row) for row in rows):
        return next(iter(cases), None)
    return await _to_decide(scene, cases[0]) if wants.deciding else None


async def _to_decide(scene: Scene, case: Case) -> Case | None:
    """The case for somebody neutral, without its story: only what is asked of them, and nothing where nothing is."""
    if not access.may_decide(scene.facts, case):
        return None
    asked = tuple(entry for entry in await _entries(scene, case.id) if access.waits(entry, case))
    return replace(case, entries=asked) if asked else None


CASES = """SELECT c.*, v.stopped, v.updated_at AS heard_at,
    (SELECT min(o.settled_at) FROM outbox o WHERE o.case_id = c.id AND o.state = 'withheld') AS waits_since,
    EXISTS (SELECT 1 FROM followups f WHERE f.subject = c.id AND f.name = 'page') AS paging
    FROM cases c JOIN conversations v ON v.alias = c.reporter """
WHOSE = "SELECT c.id, c.handler, c.excluded FROM cases c"
CLOCKS = "SELECT k.* FROM clocks k JOIN cases c ON c.id = k.case_id"
ANSWERED = """SELECT c.handler, c.stage, c.excluded, k.met - k.started AS wait
    FROM cases c LEFT JOIN clocks k ON k.case_id = c.id AND k.kind = 'acknowledge' WHERE c.handler = :handler"""
SOUGHT = {
    "open": "c.stage <> 'concluded'",
    "mine": "c.stage <> 'concluded' AND c.assignee = :me",
    "closed": "c.stage = 'concluded'",
    "all": "TRUE",
}


async def _own_cases(scene: Scene) -> tuple[Case, ...]:
    """Locked before they are read: what another turn does to them meanwhile is seen. Not those that wait for a code."""
    where, values = "WHERE c.reporter = :alias AND c.silent_since = 0", {"alias": scene.alias, "recent": RECENT}
    for row in reversed(await scene.tx.fetch(f"{WHOSE} {where} ORDER BY c.id DESC LIMIT :recent", **values)):
        await scene.tx.lock(row["id"])
    rows = await scene.tx.fetch(f"{CASES} {where} ORDER BY c.id DESC LIMIT :recent", **values)
    return await _cases(scene, rows, where, **values)


async def _visible_cases(scene: Scene, wants: Wants) -> tuple[tuple[Case, ...], int]:
    """Those that this person may see, the newest first in each city, and how many more than wanted there are."""
    found: tuple[Case, ...] = ()
    more = 0
    for me in _handling(scene):
        cases, left = await _of_city(scene, me, SOUGHT[wants.cases], wants.most - len(found))
        found, more = found + cases, more + left
    return found, more


async def _of_city(scene: Scene, me: Staff, sought: str, most: int) -> tuple[tuple[Case, ...], int]:
    """Only the cases that will be shown are read whole."""
    where, values = f"WHERE c.handler = :handler AND {sought}", {"handler": me.jurisdiction, "me": me.id}
    rows = await scene.tx.fetch(f"{WHOSE} {where} ORDER BY c.id DESC", **values)
    seen = [row["id"] for row in rows if _visible(scene, row)]
    shown = frozenset(seen[:most])
    if not shown:
        return (), len(seen)
    where, values = f"{where} AND c.id >= :oldest", {**values, "oldest": min(shown)}
    rows = await scene.tx.fetch(f"{CASES} {where} ORDER BY c.id DESC", **values)
    cases = await _cases(scene, [row for row in rows if row["id"] in shown], where, **values)
    return cases, len(seen) - len(shown)


async def _figures(scene: Scene) -> Figures:
    """Over the cases that this person may see, so that a hidden one leaves no gap."""
    found: list[Row] = []
    for me in _handling(scene):
        rows = await scene.tx.fetch(ANSWERED, handler=me.jurisdiction)
        found += [row for row in rows if _visible(scene, row)]
    closed = sum(row["stage"] == "concluded" for row in found)
    waits = [row["wait"] for row in found if row["wait"] is not None]
    return Figures(len(found) - closed, closed, median(waits) * MILLISECOND if waits else None)


def _handling(scene: Scene) -> list[Staff]:
    """This person's rows by which they handle cases: one a city."""
    rows = [row for row in scene.facts.actor if access.handles(row, row.jurisdiction)]
    return sorted(rows, key=lambda row: row.jurisdiction)


def _visible(scene: Scene, case: Row) -> bool:
    return access.may_see(scene.facts.actor, case["handler"], case["excluded"].split())


async def _cases(scene: Scene, rows: Sequence[Row], where: str, **values: object) -> tuple[Case, ...]:
    """The cases of these rows; `where` finds them, and perhaps more, once again for their clocks."""
    scene.rows.update((row["id"], row) for row in rows)
    clocks: dict[str, list[Clock]] = defaultdict(list)
    for clock in await scene.tx.fetch(f"{CLOCKS} {where} ORDER BY k.due", **values):
        clocks[clock["case_id"]].append(_as_clock(clock))
    return tuple(_as_case(scene, row, tuple(clocks[row["id"]])) for row in rows)


def _as_case(scene: Scene, row: Row, clocks: tuple[Clock, ...]) -> Case:
    return Case(
        id=row["id"],
        jurisdiction=row["jurisdiction"],
        handler=row["handler"],
        program=row["program"],
        word=row["word"],
        stage=row["stage"],
        language=row["language"],
        opened_at=moment(row["opened_at"]),
        urgent=bool(row["urgent"]),
        assignee=row["assignee"],
        outcome=row["outcome"],
        reachable=not row["stopped"],
        silent=row["silent_since"] > 0 or _silent(scene, row["jurisdiction"], row["program"], row["heard_at"]),
        waits_since=None if row["waits_since"] is None else moment(row["waits_since"]),
        paging=bool(row["paging"]),
        unread=row["unread"],
        pictures=row["pictures"],
        excluded=frozenset(row["excluded"].split()),
        cleared=frozenset(row["cleared"].split()),
        clocks=clocks,
    )


def _as_clock(row: Row) -> Clock:
    met = None if row["met"] is None else moment(row["met"])
    return Clock(row["kind"], moment(row["started"]), moment(row["due"]), met)


async def _entries(scene: Scene, case: str) -> tuple[Entry, ...]:
    rows = await scene.tx.fetch(
        """SELECT e.*, (SELECT o.state FROM outbox o WHERE o.message = e.message AND e.message <> '') AS fate
        FROM entries e WHERE e.case_id = :id ORDER BY e.id""",
        id=case,
    )
    return tuple(_as_entry(scene, row) for row in rows)


def _as_entry(scene: Scene, row: Row) -> Entry:
    case = row["case_id"]
    text = scene.vault.open(
        row["body"],
        place="entries.body",
        row=row["id"],
        jurisdiction=scene.case_jurisdiction(case),
        key=scene.case_key(case),
    ).decode()
    fate = FATES.get(row["fate"] or "", "")
    held = row["message"] if row["fate"] == "queued" else ""
    return Entry(
        row["id"], moment(row["at"]), row["kind"], text, row["question"], row["author"], row["pictures"], fate, held
    )


async def _linked(scene: Scene, case: str) -> tuple[str, ...]:
    """Words of the linked cases, without those that this person may not see."""
    ids = str(scene.rows[case]["linked"]).split()
    found = [await _case(scene, Wants(case=other), everyone=False) for other in ids]
    return tuple(other.word for other in found if other)


async def _spoke(scene: Scene, since: int) -> frozenset[str]:
    rows = await scene.tx.fetch(
        """SELECT DISTINCT case_id FROM outbox
        WHERE alias = :alias AND case_id <> '' AND created_at >= :since
        AND state IN ('sending', 'sent', 'delivered')""",
        alias=scene.alias,
        since=since,
    )
    return frozenset(row["case_id"] for row in rows)


async def _hinted(scene: Scene) -> bool:
    return bool(
        await scene.tx.fetch(
            """SELECT 1 FROM outbox WHERE alias = :alias AND kind = 'hint'
            AND state IN ('sending', 'uncertain', 'sent', 'delivered') LIMIT 1""",
            alias=scene.alias,
        )
    )


async def _recallable(tx: Transaction, message: str) -> bool:
    found = await tx.fetch(
        "SELECT id FROM outbox WHERE message = :message AND state = 'queued' AND tries = 0", message=message
    )
    return bool(found)


async def _guesses(scene: Scene) -> tuple[int, int]:
    rows = await scene.tx.fetch(
        "SELECT alias FROM guesses WHERE at > :since AND topic = 'code'", since=scene.now - HOUR
    )
    return sum(row["alias"] == scene.alias for row in rows), len(rows)
