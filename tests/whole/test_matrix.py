"""Every command, button and form that exists, in Slack and in Teams: the same answer, the same outcome, the same audit.

The ways are not written down here: they begin at each command of the grammar and at each card that staff are sent, and
follow whatever buttons and forms the answers hold. A new command or desk comes under it by being there.
"""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

import pytest

from bot.channels import slack_blocks, teams_cards
from bot.channels.slack import REMAINS as SLACK_REMAINS
from bot.channels.slack_answers import NOT_STAFF as SLACK_NOT_STAFF
from bot.channels.teams import REMAINS as TEAMS_REMAINS
from bot.channels.teams_answers import NOT_STAFF as TEAMS_NOT_STAFF
from bot.sandbox.slack_kit import BlockKit
from bot.sandbox.teams_kit import Cards, words
from bot.sandbox.wire import Answer as Delivered
from bot.turn import Turns
from handlers import grammar, steps
from handlers.cards import Answer, Button, Buttons, Card, Form, Home, Input, Open, Part, Say
from handlers.messages import Inbound, Outbound, Receipt, SendFailed, Value
from scheduler import reports
from storage import staff
from storage.database import Transaction
from tests.interviews_file import interviews
from tests.opened import counts
from tests.town import (
    DESK_C,
    DESK_C_SLACK,
    FOREIGNER,
    GUEST,
    HANNAH,
    LINE_C,
    LUIS,
    NOBODY,
    PRIYA,
    RUTH,
    SCHEMAS,
    TEAM,
    TENANT,
    Town,
    open_town,
)
from tests.whole.leavers import take_part
from tests.whole.test_access import FILLED as FILLED_IN

TIP = "Somebody takes fuel from the yard at night."
DANGER = "He has a gun in his locker and said he will shoot the crew tonight."
PICTURE = ("image/png", b"A picture")
ABSENT = "WALRUS-1"
COURSE = "SUP"
ZONE = ZoneInfo("America/Chicago")
LINE_C_TRAINING = "+18165550133"
ANN, BOB, LED, SPARE = (f"+181622200{number:02}" for number in range(4))
GOES_ON = ("roster", "room")
LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")
WORDS = "It was the blue truck"
FILLED = {"text": WORDS, "long_text": WORDS, "date": "2026-11-30"}
# Fields that take not just any words, by name.
BY_NAME: Mapping[str, Value] = {
    "phone": "+1816777{number:04}",
    "rows": "phone,last_day,voluntary,consent\n+1816778{number:04},2026-11-30,yes,They said so",
    "dry": (),
    "code": "{letters}",
    "day": "2026-12-16",
    "from": "9:00 am",
    "to": "1:00 pm",
    "seats": "4",
    "hosting": "ann ash",
    "visiting": "walrus",
    "for": "people blue_springs",
}
FILES = {
    "exit_many": lambda number: f"phone,last_day,voluntary,consent\n+1816779{number:04},2026-11-30,yes,They said so",
    "exit_import": lambda number: interviews(number).decode(),
    "training_import": lambda number: f"name,phone,consent\nPine Row {number},+1816780{number:04},They said so",
}
MOST_STEPS = 5
SUBMIT = "(submit)"

schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="../shared/schemas is absent: NOTHING IS HELD AGAINST THEM")


# --- what was said and done


@dataclass
class Heard:
    """The turns, and what each was answered; all cards that were sent."""

    turns: Turns
    answers: list[tuple[Inbound, Answer]] = field(default_factory=list)
    sent: list[Outbound] = field(default_factory=list)

    async def take(self, inbound: Inbound) -> Answer:
        answer = await self.turns.take(inbound)
        if inbound.kind not in ("text", "timer"):
            self.answers.append((inbound, answer))
        return answer


class Overheard:
    """A channel that passes everything on, and keeps what it was told to send."""

    def __init__(self, channel: Any, heard: Heard) -> None:
        self._channel, self._heard = channel, heard

    async def send(self, outbound: Outbound) -> Receipt:
        self._heard.sent.append(outbound)
        receipt: Receipt = await self._channel.send(outbound)
        return receipt

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """Pictures stay where they are: nobody here looks at them, and copying one takes a process."""
        raise SendFailed("later", "not_now", after=3600)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)


# --- the two chats, each with somebody who reads the cases of Blue Springs


class Chat(Protocol):
    """What a person can do in it: press and submit what is before them, a dialog or else the last answer."""

    user: str
    channel: str
    team: str

    async def type(self, command: str, text: str) -> None: ...
    async def home(self) -> None: ...
    async def press_on_card(self, word: str, label: str) -> None: ...
    async def press(self, label: str) -> None: ...
    async def submit(self, values: Mapping[str, Value]) -> None: ...


@dataclass
class InSlack:
    town: Town
    user: str = LUIS
    channel: str = "slack"
    team: str = TEAM

    async def type(self, command: str, text: str) -> None:
        self.town.slack.modals.pop(self.user, None)
        await self._fine(self.town.slack.command(self.user, DESK_C_SLACK, command, text))

    async def home(self) -> None:
        await self._fine(self.town.slack.open_home(self.user))

    async def press_on_card(self, word: str, label: str) -> None:
        self.town.slack.modals.pop(self.user, None)
        places = (DESK_C_SLACK, self.user)
        posts = [post for place in places for post in self.town.cards(place) if post.ephemeral_for is None]
        named = [post for post in posts if _names(word, json.dumps(post.blocks))]
        post = next(post for post in named if _slack_button(post.blocks, label))
        await self._fine(self.town.slack.press(self.user, post.ts, _slack_button(post.blocks, label)))

    async def press(self, label: str) -> None:
        where, blocks = self._before_them()
        await self._fine(self.town.slack.press(self.user, where, _slack_button(blocks, label)))

    async def submit(self, values: Mapping[str, Value]) -> None:
        view = self.town.modal(self.user)
        typed: dict[str, dict[str, Any]] = {}
        for block in view["blocks"]:
            if block["type"] == "input":
                value = values[block["block_id"]]
                kept = list(value) if isinstance(value, tuple) else value or None
                if block["element"]["type"] == "file_input":
                    kept = [self.town.slack.upload(self.user, "list.csv", str(value).encode())]
                typed[block["block_id"]] = {block["element"]["action_id"]: kept}
        await self._fine(self.town.slack.submit(self.user, typed))

    def _before_them(self) -> tuple[str, list[dict[str, Any]]]:
        if self.town.slack.modals.get(self.user):
            view = self.town.modal(self.user)
            return view["id"], view["blocks"]
        post = [post for post in self.town.cards(DESK_C_SLACK) if post.ephemeral_for == self.user][-1]
        return post.ts, post.blocks

    def sees(self) -> object:
        return [post.blocks for post in self.town.cards(DESK_C_SLACK) if post.ephemeral_for == self.user][-1:]

    async def _fine(self, doing: Awaitable[Delivered]) -> None:
        answer = await doing
        assert answer.ok, answer
        await self.town.settled()


@dataclass
class InTeams:
    town: Town
    user: str = HANNAH
    channel: str = "teams"
    team: str = TENANT

    async def type(self, command: str, text: str) -> None:
        self.town.teams.dialogs.pop(self.user, None)
        await self._fine(self.town.teams.say(self.user, DESK_C, f"{command} {text}".strip(), slash=True))
        post = [post for post in self.town.posts(DESK_C) if post.only_for == self.user][-1:]
        if post and f'"name": "{steps.AGAIN}"' in json.dumps(post[0].card):
            # A form for typed words is opened by the one button of a message that holds nothing of it.
            assert TIP not in words(post[0].card)
            await self._fine(self.town.teams.press(self.user, post[0].id, "Open"))

    async def home(self) -> None:
        await self._fine(self.town.teams.say(self.user, "personal", "home"))

    async def press_on_card(self, word: str, label: str) -> None:
        self.town.teams.dialogs.pop(self.user, None)
        posts = [post for place in (DESK_C, "personal") for post in self.town.posts(place) if not post.only_for]
        named = [post for post in posts if _names(word, words(post.card))]
        post = next(post for post in named if label in words(post.card).split("\n"))
        await self._fine(self.town.teams.press(self.user, post.id, label))

    async def press(self, label: str) -> None:
        await self._fine(self.town.teams.press(self.user, self._where(), label))

    async def submit(self, values: Mapping[str, Value]) -> None:
        if "file" in values:
            await self._send(str(values["file"]))
            values = {name: value for name, value in values.items() if name not in ("file", "rows", "dry")}
        typed = {name: value if isinstance(value, str) else ",".join(value) for name, value in values.items()}
        await self._fine(self.town.teams.submit(self.user, typed, self._where()))

    async def _send(self, content: str) -> None:
        """The file as a message of its own, and then the form for it."""
        asked = json.dumps(self.town.teams.dialogs.pop(self.user).card)
        await self._fine(self.town.teams.send_file(self.user, ("list.csv", content.encode())))
        label = next(offer.label for offer in steps.OFFERS if f'"name": "{offer.action}"' in asked)
        post = self.town.posts("personal", self.user)[-1]
        await self._fine(self.town.teams.press(self.user, post.id, label))

    def _where(self) -> str:
        if self.user in self.town.teams.dialogs:
            return "dialog"
        return [post for post in self.town.posts(DESK_C) if post.only_for == self.user][-1].id

    def sees(self) -> object:
        return [post.card for post in self.town.posts(DESK_C, self.user) if post.only_for == self.user][-1:]

    async def _fine(self, doing: Awaitable[Delivered]) -> None:
        answer = await doing
        assert answer.ok, answer
        await self.town.settled()


def _names(word: str, text: str) -> bool:
    """Whether a case is meant: MAPLE-7 is not named where MAPLE-71 is."""
    return re.search(rf"\b{word}\b", text) is not None


def _slack_button(blocks: Sequence[Mapping[str, Any]], label: str) -> str:
    buttons = [part for block in blocks for part in block.get("elements", ()) if part["type"] == "button"]
    return next((button["action_id"] for button in buttons if button["text"]["text"] == label), "")


# --- the ways


@dataclass(frozen=True)
class Way:
    """How somebody gets somewhere: a command or a card's button, then buttons and "submit"."""

    begin: tuple[str, str]
    then: tuple[str, ...] = ()

    @property
    def needs_case(self) -> bool:
        """Whether it begins at one case, not at a list or at nothing."""
        return self.begin[0] in ("card", "page", "decision") or "WORD" in self.begin[1]

    @property
    def needs_session(self) -> bool:
        """Whether it begins at one session of a course."""
        return "SESSION" in self.begin[1] or self.begin[0] == "manager"

    @property
    def leads_on(self) -> bool:
        """Whether what it is answered is followed: a list of cases is not, for each of them is another way."""
        return self.needs_case or self.begin[0] in ("/exit", "/training", "/interview")

    def __str__(self) -> str:
        return " > ".join((" ".join(self.begin), *self.then))


def first_ways() -> Iterator[Way]:
    """Every command, bare and with words behind it; every button of the cards that staff are sent; their own page."""
    for command, usages in grammar.VERBS.items():
        for usage in ("", *usages, "walrus"):
            yield Way((command, usage))
            if "WORD" in usage:
                yield Way((command, f"{usage} me, or some other words"))
    yield from (Way(("/case", text)) for text in ("assign WORD me", "status WORD assessed", "walrus WORD"))
    yield from (Way(("/exit", text)) for text in ("invite many", "progress after all that"))
    yield from (Way(("card", label)) for label in ("Open", "Assign to me", "Reply"))
    yield Way(("page", "I have it"))
    yield Way(("decision", "Decide"))
    yield from (Way(("manager", label)) for label in ("Approve", "Decline"))
    yield Way(("home", ""))


def onward(way: Way, answer: Answer) -> Iterator[tuple[object, Way]]:
    """Where an answer leads, each with a landmark by which it is known: its buttons, and its form if it has one."""
    if len(way.then) >= MOST_STEPS or not way.leads_on:
        return
    title = answer.form.name if isinstance(answer, Open) else ""
    labels = [button.label for button in buttons(parts_of(answer)) if not button.url]
    if isinstance(answer, Open) and (answer.form.submit or inputs(answer.form.parts)):
        labels.append(SUBMIT)
    for label in dict.fromkeys(labels):
        yield (way.begin[0], *way.begin[1].split()[:1], title, label), replace(way, then=(*way.then, label))


def parts_of(answer: Answer) -> Sequence[Part]:
    match answer:
        case Say(card):
            return card.parts
        case Open(form):
            return form.parts
        case Home(shown):
            return shown
        case _:
            return ()


def buttons(parts: Sequence[Part]) -> list[Button]:
    return [button for part in parts if isinstance(part, Buttons) for button in part.buttons]


def inputs(parts: Sequence[Part]) -> list[Input]:
    return [part for part in parts if isinstance(part, Input)]


def filled(form: Form, number: int) -> dict[str, Value]:
    """Something in every field: what stands in it, the first choice that is offered, or some words."""
    return {part.name: _entry(part, form.name, number) for part in inputs(form.parts)}


def _entry(part: Input, form: str, number: int) -> Value:
    if part.kind == "file":
        return FILES[form](number)
    if part.name in BY_NAME and not (part.optional and part.kind == "text"):
        given = BY_NAME[part.name]
        letters = f"C{number:04}".translate(LETTERS)
        return given.format(number=number, letters=letters) if isinstance(given, str) else given
    if part.initial or part.optional:
        return part.initial
    if part.kind == "checks":
        return tuple(value for value, _ in part.options[:1])
    return part.options[0][0] if part.options else FILLED[part.kind]


# --- a stage, and what is left when somebody went a way


@dataclass
class Stage:
    """A town with both chats, and an ear at its turns and its channels."""

    town: Town
    heard: Heard
    phones: Iterator[str] = field(default_factory=lambda: (f"+1816239{number:04}" for number in count()))
    case: tuple[str, str] = ("", "")
    numbers: Iterator[int] = field(default_factory=count)
    session: str = ""

    async def open_case(self, text: str) -> str:
        """A new case in Blue Springs, with a picture; its word."""
        phone = next(self.phones)
        await self.town.twilio.receive(phone, LINE_C, text, [PICTURE])
        await self.town.settled()
        return self.town.word(phone)

    async def lock_out(self) -> str:
        """A case in Independence that a reader asks about: was somebody locked out by mistake? Its word."""
        phone = next(self.phones)
        await self.town.text(f"{TIP} Reyes was there.", phone)
        word, locked = self.town.word(phone), ("independence", "slack", TEAM, "U0INDFIRST")
        staff = self.town.service.vault.fingerprint("staff", *locked)[:24]
        await self._submit_as(f"{TEAM}/U0INDSECOND", "case_unlock", {"word": word, "staff": staff, "text": WORDS})
        return word

    async def open_session(self, chat: Chat, way: Way) -> str:
        """A session of one seat, which somebody has while somebody else waits; its word.

        It begins tomorrow; where people come into its room it goes on. A seat to offer was given up too late for an
        offer by itself; of an exchange, and of what a manager decides, nobody has a seat.
        """
        if not self.session:
            await self._list_learners(chat)
        verb = way.begin[1].split()[0]
        kind = "exchange" if verb == "exchange" else "course"
        code = f"T{next(self.numbers):03}".translate(LETTERS)
        approval = ("yes",) if way.begin[0] == "manager" else ()
        course = {"code": code, "kind": kind, "title": "First steps", "approval": approval, "within_days": "90"}
        await self._submit(chat, "training_course", course)
        begins = self.town.clock().astimezone(ZONE) + (timedelta(minutes=2) if verb in GOES_ON else timedelta(hours=20))
        times = {"day": f"{begins:%Y-%m-%d}", "from": f"{begins:%H:%M}", "to": "23:59"}
        seats = "2" if kind == "exchange" else "1"
        await self._submit(chat, "training_session", {"course": code, **times, "place": "Hall", "seats": seats})
        word = f"{code}-1"
        if way.begin[0] == "manager":
            await self.town.text(f"ENROL {word}", LED, LINE_C_TRAINING)
        elif kind == "course":
            await self._fill(word, verb)
        return word

    async def _fill(self, word: str, verb: str) -> None:
        for phone in (ANN, BOB):
            await self.town.text(f"ENROL {word}", phone, LINE_C_TRAINING)
        if verb == "offer":
            for text in (f"DROP {word}", "YES"):
                await self.town.text(text, ANN, LINE_C_TRAINING)
        if verb in GOES_ON:
            await self.town.later(minutes=3)

    async def _list_learners(self, chat: Chat) -> None:
        team = TEAM if isinstance(chat, InSlack) else TENANT
        for phone, name in ((ANN, "Ann Ash"), (BOB, "Bob Birch"), (LED, "Lea Elm"), (SPARE, "Walrus Oak")):
            manager = f"{team}/{chat.user}" if phone == LED else ""
            who = {"city": "blue_springs", "role": "staff", "name": name, "phone": phone, "manager": manager}
            assert isinstance(await self._submit(chat, "training_learner", who), Say)

    async def _submit(self, chat: Chat, form: str, values: Mapping[str, Value]) -> Answer:
        """Send a form as somebody of that chat, without opening it there."""
        return await self._submit_as(f"{chat.team}/{chat.user}", form, values, chat.channel)

    async def _submit_as(self, sender: str, form: str, values: Mapping[str, Value], channel: str = "slack") -> Answer:
        team, delivery = sender.partition("/")[0], f"form-{len(self.heard.answers)}"
        answer = await self.heard.take(
            Inbound(channel, team, sender, delivery, self.town.clock(), "submit", name=form, values=values)
        )
        await self.town.settled()
        return answer

    async def go(self, chat: Chat, way: Way, number: int) -> tuple[Answer, Mapping[str, str]]:
        """Go a way, with a new case: the last answer, and what is on record since, without what is made by chance."""
        kind, what = way.begin
        if way.needs_case:
            other = await self.open_case(TIP) if what.count("WORD") > 1 else ABSENT
            self.case = (await self.open_case(DANGER if kind == "page" else TIP), other)
        if kind == "page":
            await self.town.later(minutes=6)
        if kind == "decision":
            self.case = (await self.lock_out(), ABSENT)
        if kind == "/interview":
            sender = f"{chat.team}/{chat.user}"
            await take_part(self.town, "blue_springs", next(self.phones), chat.channel, sender, days=50)
        if way.needs_session:
            self.session = await self.open_session(chat, way)
        before = await counts(self.town.service)
        await self._begin(chat, kind, what)
        for step in way.then:
            answer = self.heard.answers[-1][1]
            if isinstance(answer, Open) and step == SUBMIT:
                await chat.submit(filled(answer.form, number))
            else:
                await chat.press(step)
        return self.heard.answers[-1][1], await self._left(chat, before)

    async def _begin(self, chat: Chat, kind: str, what: str) -> None:
        word, other = self.case
        if kind == "home":
            await chat.home()
        elif kind in ("card", "page", "manager", "decision"):
            await chat.press_on_card(self.session if kind == "manager" else word, what)
        else:
            text = what.replace("WORD", word, 1).replace("WORD", other, 1).replace("CITY", "blue springs")
            text = text.replace("SESSION", self.session).replace("CODE", COURSE).replace("NAME", "walrus")
            await chat.type(kind, text)

    async def _left(self, chat: Chat, before: Mapping[str, int]) -> Mapping[str, str]:
        """How many rows each table has more, the new lines of the audit, and all that is on record about the case."""
        await reports.run(self.town.service.scheduler.work)  # one that was asked for is made
        await self.town.settled()
        word, other = self.case
        after = await counts(self.town.service)
        new = {"new": after["audit"] - before["audit"]}
        rows = await self.town.service.database.read(lambda tx: _on_record(tx, word, new))
        told = {word: "WORD", other: "OTHER"}
        for row in rows.pop("staff"):
            told[row["id"]] = "ME" if row["person"] == chat.user else "SOMEBODY"
        for row in rows.pop("all"):
            told[row["id"]] = "CASE" if row["word"] == word else "OTHER CASE"
        grown = {name: after[name] - before[name] for name in after if name not in OF_THE_CHANNEL}
        return {name: _named(json.dumps(found), told) for name, found in {**rows, "grown": grown}.items()}


ON_RECORD = {
    "case": """SELECT id, handler, stage, language, urgent, assignee, outcome, unread, pictures, excluded, linked
        FROM cases WHERE id = :case""",
    "entries": "SELECT kind, author, question, pictures FROM entries WHERE case_id = :case ORDER BY id",
    "clocks": "SELECT kind, met FROM clocks WHERE case_id = :case ORDER BY kind",
    "followups": "SELECT name FROM followups WHERE subject = :case ORDER BY name",
    "outbox": "SELECT kind, state = 'recalled' AS gone FROM outbox WHERE case_id = :case ORDER BY id",
    "passes": "SELECT staff FROM passes WHERE case_id = :case",
    "audit": "SELECT actor, action, detail FROM audit WHERE subject = :case ORDER BY sequence",
    "done": """SELECT * FROM (SELECT jurisdiction, at, actor, action, detail, sequence FROM audit
        ORDER BY at DESC, sequence DESC LIMIT :new) AS latest ORDER BY jurisdiction, sequence""",
    "all": "SELECT id, word FROM cases",
    "staff": "SELECT id, person FROM staff",
}


# Deliveries, media and where places are reached are the business of each channel.
OF_THE_CHANNEL = frozenset({"inbox", "addresses", "media", "marks", "posts"})


async def _on_record(tx: Transaction, word: str, given: Mapping[str, object]) -> dict[str, list[dict[str, Any]]]:
    found = await tx.fetch("SELECT id FROM cases WHERE word = :word", word=word)
    values = {"case": found[0]["id"] if found else "", **given}
    asked = {name: {key: values[key] for key in values if f":{key}" in sql} for name, sql in ON_RECORD.items()}
    return {name: [dict(row) for row in await tx.fetch(sql, **asked[name])] for name, sql in ON_RECORD.items()}


def _named(text: str, told: Mapping[str, str]) -> str:
    for chance, name in told.items():
        text = text.replace(chance, name)
    return text


def neutral(answer: Answer) -> str:
    """An answer without what is made by chance: case words and their length, ids, tokens; and without whose it is."""
    return without_chance(repr(answer))


def without_chance(text: str) -> str:
    text = re.sub(r"Luis Ortega|Hannah Price", "ME", text)
    text = re.sub(r"[0-9]+( characters)", r"SOME\1", text)
    text = re.sub(r"http://[^/']+(/desk/)[\w-]+|'[0-9a-z]{20,64}'", r"\1ID", text)
    text = re.sub(r"('import': '|responses, )[0-9a-z]{8}\b", r"\1ID", text)
    # Where a file stays is said when it came: in Slack with its form, in Teams before.
    text = re.sub(rf", Text\(text='({SLACK_REMAINS}|{TEAMS_REMAINS})', tone='quiet'\)", "", text)
    text = re.sub(r"[0-9]{3} [0-9]{3}", "CODE", text)
    return grammar.CASE_WORD.sub("WORD", text)


@asynccontextmanager
async def on_stage(folder: Path) -> AsyncIterator[Stage]:
    async with open_town(folder, teams=True) as town:
        heard = Heard(town.service.turns)
        town.service.turns = cast("Turns", heard)
        channels = town.service.scheduler.work.channels
        town.service.scheduler.work = replace(
            town.service.scheduler.work, channels={name: Overheard(part, heard) for name, part in channels.items()}
        )
        yield Stage(town, heard)


# --- every way, gone in both


@dataclass
class Walked:
    """Of one chat: by way, the answer and what was on record then; and all that was heard meanwhile."""

    came: dict[Way, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    answers: list[tuple[Inbound, Answer]] = field(default_factory=list)
    sent: list[Outbound] = field(default_factory=list)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Walked, Walked]:
    """In Slack every way that there is; and in a town of the same keys the same ways in Teams, in the same order."""
    slack, teams = tmp_path_factory.mktemp("slack"), tmp_path_factory.mktemp("teams")
    in_slack = asyncio.run(explore(slack))
    shutil.copy(slack / "keys.json", teams)
    return in_slack, asyncio.run(follow(teams, list(in_slack.came)))


async def explore(folder: Path) -> Walked:
    """Every way, each followed to its end before the next."""
    found, ahead, known = Walked(), list(first_ways()), set[object]()
    async with on_stage(folder) as stage:
        while ahead:
            way = ahead.pop(0)
            answer = await _gone(stage, InSlack(stage.town), way, found)
            new = [(landmark, further) for landmark, further in onward(way, answer) if landmark not in known]
            known.update(landmark for landmark, _ in new)
            ahead = [*(further for _, further in new), *ahead]
    return found


async def follow(folder: Path, ways: Sequence[Way]) -> Walked:
    found = Walked()
    async with on_stage(folder) as stage:
        for way in ways:
            await _gone(stage, InTeams(stage.town), way, found)
    return found


async def _gone(stage: Stage, chat: Chat, way: Way, found: Walked) -> Answer:
    answer, left = await stage.go(chat, way, len(found.came))
    found.came[way] = neutral(answer), left
    found.answers, found.sent = stage.heard.answers, stage.heard.sent
    return answer


def test_every_way_has_the_same_answer_in_slack_and_in_teams(walked: tuple[Walked, Walked]) -> None:
    one, other = walked
    assert _unlike({way: came[0] for way, came in one.came.items()}, {way: came[0] for way, came in other.came.items()})


def test_every_way_leaves_the_same_record_and_the_same_audit_in_slack_and_in_teams(
    walked: tuple[Walked, Walked],
) -> None:
    one, other = walked
    for name in (*ON_RECORD.keys() - {"all", "staff"}, "grown"):
        assert _unlike(
            {way: came[1][name] for way, came in one.came.items()},
            {way: came[1][name] for way, came in other.came.items()},
        )


def _unlike(one: Mapping[Way, str], other: Mapping[Way, str]) -> bool:
    """True; else says which way first came out otherwise."""
    for way, said in one.items():
        assert (str(way), said) == (str(way), other[way])
    return one.keys() == other.keys()


def test_every_turn_of_every_desk_was_reached_by_the_ways(walked: tuple[Walked, Walked]) -> None:
    staff = [name.removeprefix("/") for name in grammar.SLASH]
    wanted = {(word, verb) for word in staff for verb in turns(steps.DESKS[word])}
    for each in walked:
        assert wanted - {_turn(inbound) for inbound, _ in each.answers} == set()
    assert grammar.SLASH.keys() == grammar.VERBS.keys()


def turns(desk: object) -> Mapping[str, object]:
    """What a desk does, by its verb."""
    found: Mapping[str, object] = vars(desk)["TURNS"]
    return found


def _turn(inbound: Inbound) -> tuple[str, str]:
    """The desk's word and the verb; a command's verb may be named by its first word, and a button's by its own."""
    word, _, verb = inbound.name.removeprefix("/").partition("_")
    if word not in steps.DESKS:
        return "case", inbound.name
    return word, verb or next(iter(inbound.text.split()), "")


def test_the_ways_went_deep_enough_to_tell_one_outcome_from_another(walked: tuple[Walked, Walked]) -> None:
    records = {json.dumps(left, sort_keys=True) for _, left in walked[0].came.values()}
    assert len(walked[0].came) >= 60
    assert len(records) >= 20


@schemas
def test_every_card_and_form_is_within_the_limits_of_both(walked: tuple[Walked, Walked]) -> None:
    kit, check = BlockKit(SCHEMAS), Cards(SCHEMAS)
    cards = _cards(walked[0])
    forms = {neutral(answer): answer.form for _, answer in walked[0].answers if isinstance(answer, Open)}
    homes = [answer.parts for _, answer in walked[0].answers if isinstance(answer, Home)]
    assert cards and forms and homes
    for card in cards:
        assert kit.message(slack_blocks.message(card)["blocks"]) == []
        assert [check.faults(teams_cards.message(card, DESK_C, opens)) for opens in (True, False)] == [[], []]
    for form in forms.values():
        assert kit.view(slack_blocks.modal(form, DESK_C_SLACK)) == []
        wrong = {part.name: "This is wrong." for part in inputs(form.parts)}
        for faults in ({}, wrong, {"elsewhere": "Not from here."}):
            assert check.faults(teams_cards.form(form, DESK_C, faults=faults)) == []
    for parts in homes:
        assert kit.view(slack_blocks.home(parts)) == []
        assert check.faults(teams_cards.home(parts)) == []


def _cards(walked: Walked) -> list[Card]:
    said = [answer.card for _, answer in walked.answers if isinstance(answer, Say)]
    sent = [one.card for one in walked.sent if one.card]
    return list({without_chance(repr(card)): card for card in (*said, *sent)}.values())


# --- who is refused, is refused alike


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with on_stage(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("user", [HANNAH, RUTH, PRIYA, NOBODY, GUEST, FOREIGNER])
async def test_in_teams_every_verb_on_every_surface_hides_a_case_as_if_there_were_none(stage: Stage, user: str) -> None:
    hidden = await stage.open_case("Hannah Price takes cash from contractors")
    for verb in (*turns(steps.DESKS["case"]), "help", "walrus"):
        for surface in ("command", "button", "form"):
            seen = await ask(stage.town, user, surface, verb, hidden)
            assert seen == await ask(stage.town, user, surface, verb, ABSENT), (verb, surface)
            assert hidden not in seen


async def test_whoever_is_refused_hears_the_same_in_slack_and_in_teams(stage: Stage) -> None:
    town, word = stage.town, await stage.open_case("Hannah Price and Luis Ortega take cash from contractors")
    for id, person in (("U0GUEST", {"guest": True}), ("U0AWAY", {"external": True}), ("U0BSPCUST", {})):
        town.slack.add_user(id, id, **person)
        town.slack.channel(DESK_C_SLACK).members.add(id)
    await town.service.database.transact(lambda tx: _hire(tx, town, "U0BSPCUST"))
    pairs = ((LUIS, HANNAH), ("U0STRANGER", NOBODY), ("U0BSPCUST", RUTH), ("U0GUEST", GUEST), ("U0AWAY", FOREIGNER))
    for in_slack, in_teams in pairs:
        for verb in ("view", "list", "reply"):
            first = await _refused(stage, InSlack(town, in_slack), f"{verb} {word}")
            assert first == await _refused(stage, InTeams(town, in_teams), f"{verb} {word}"), (in_slack, verb)
            assert word not in first


async def _refused(stage: Stage, chat: InSlack | InTeams, text: str) -> str:
    """The neutral answer, or what the channel says itself to whom it does not let in."""
    before = len(stage.heard.answers)
    await chat.type("/case", text)
    if len(stage.heard.answers) > before:
        return neutral(stage.heard.answers[-1][1])
    said = json.dumps(chat.sees(), default=str)
    assert SLACK_NOT_STAFF == TEAMS_NOT_STAFF and TEAMS_NOT_STAFF in said
    return "not let in"


async def _hire(tx: Transaction, town: Town, user: str) -> None:
    who = {"jurisdiction": "blue_springs", "channel": "slack", "team": TEAM, "user": user}
    await staff.add(tx, town.service.vault, **who, roles=frozenset({"custodian"}), name="Ruth Adeyemi")


async def ask(town: Town, user: str, surface: str, verb: str, word: str) -> str:
    """Everything that a person in Teams is answered, there and by the connector."""
    town.teams.dialogs.pop(user, None)
    before, place = len(town.teams.requests), town.teams.channels[DESK_C]
    place.members.add(user)
    if surface == "command":
        answer = await town.teams.say(user, DESK_C, f"/case {verb} {word} hello", slash=True)
    else:
        held = {"do": "press" if surface == "button" else "submit", "name": f"case_{verb}", "place": DESK_C}
        data = {"commonline": held | {"values": {"word": word, **FILLED_IN}}}
        name = "task/fetch" if surface == "button" else "task/submit"
        answer = await town.teams._invoke(user, place, name, {"data": data})
    calls = [(call.name, call.body) for call in town.teams.requests[before:] if call.name != "member"]
    told = json.dumps([answer.status, answer.body, calls]).replace(word, "WORD")
    return re.sub(r"messageid=[0-9]+|f:[0-9a-f]{32}", "ID", told)
