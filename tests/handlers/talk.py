"""Plays a written conversation against the core: what the store would remember is kept in plain values here."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from handlers import effects as e
from handlers import steps
from handlers.casework import silence
from handlers.jurisdiction import Jurisdiction, read_jurisdiction
from handlers.messages import Inbound, Media, Place
from handlers.state import Case, Conversation, Entry, Facts, Fresh, Staff
from handlers.texts import Texts

ROOT = Path(__file__).parents[2] / "bot"
MONDAY = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)
WORDS = ("MAPLE-7", "CEDAR-12", "OTTER-31", "WREN-55")
CODES = ("AB3DE-7GHJK", "ZX9CV-4BNMQ", "QW2RT-8YPAS", "MN5VB-6TREW")
STAFF = (
    Staff(
        "s-robert", "independence", "slack", "T1", "U0INDFIRST", frozenset({"recipient"}), "Robert Smith", "personnel"
    ),
    Staff("s-jose", "independence", "slack", "T1", "U0INDSECOND", frozenset({"recipient"}), "José García", "police"),
    Staff("s-dana", "independence", "slack", "T1", "U3", frozenset({"investigator"}), "Dana Whitfield", "attorney"),
    Staff("s-marc", "marc", "slack", "T1", "U0MARCDUTY", frozenset({"recipient"}), "Nora Quist"),
)


def read_city(key: str) -> Jurisdiction:
    """A city of the repository."""
    return read_jurisdiction(key, tomllib.loads((ROOT / "jurisdictions" / f"{key}.toml").read_text("utf-8")))


def read_texts() -> Texts:
    """The catalogues of the repository."""
    files = (ROOT / "languages").glob("*.toml")
    return Texts({file.stem: dict(_flat(tomllib.loads(file.read_text("utf-8")))) for file in files})


def _flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


CITIES = {key: read_city(key) for key in ("independence", "lees_summit", "blue_springs", "marc")}
TEXTS = read_texts()


def _entry(case: Case, effect: e.AddEntry, now: datetime) -> dict[str, Any]:
    number = str(len(case.entries))
    entry = Entry(number, now, effect.kind, effect.text, effect.question, pictures=len(effect.media))
    return {"entries": (*case.entries, entry)}


def _move(case: Case, effect: e.MoveCase, now: datetime) -> dict[str, Any]:
    assert case.stage == effect.before
    return {"stage": effect.after, "outcome": effect.outcome}


def _clock(case: Case, effect: e.StartClock, now: datetime) -> dict[str, Any]:
    return {"clocks": (*(one for one in case.clocks if one.kind != effect.clock.kind), effect.clock)}


def _met(case: Case, effect: e.StopClock, now: datetime) -> dict[str, Any]:
    return {"clocks": tuple(replace(one, met=now) if one.kind == effect.kind else one for one in case.clocks)}


CHANGES: dict[type, Callable[[Case, Any, datetime], dict[str, Any]]] = {
    e.AddEntry: _entry,
    e.MoveCase: _move,
    e.StartClock: _clock,
    e.StopClock: _met,
    e.MarkUrgent: lambda case, effect, now: {"urgent": True},
    e.Exclude: lambda case, effect, now: {"excluded": case.excluded | effect.staff},
    e.Handover: lambda case, effect, now: {"handler": effect.jurisdiction},
    e.Assign: lambda case, effect, now: {"assignee": effect.staff},
}


class Town:
    """One city's line and the phones that write to it; remembers as the store does."""

    def __init__(self, city: str = "independence", at: datetime = MONDAY, staff: tuple[Staff, ...] = STAFF) -> None:
        self.city = CITIES[city]
        self.now = at
        self.staff = staff
        self.conversations: dict[str, Conversation] = {}
        self.cases: dict[str, Case] = {}
        self.owners: dict[str, str] = {}
        self.wrote: dict[str, datetime] = {}
        self.locked: set[str] = set()
        self.codes: dict[str, str] = {}
        self.spoke: dict[str, set[str]] = {}
        self.guesses: list[str] = []
        self.reminders: list[e.Remind] = []
        self.posts: list[e.Post] = []
        self.withdrawn: list[e.Withdraw] = []
        self.effects: tuple[e.Effect, ...] = ()
        self.texts = TEXTS

    def text(self, words: str, phone: str = "+18165550199", pictures: int = 0) -> list[str]:
        """Send a text; what comes back."""
        media = tuple(Media(f"https://example.org/{number}", "image/jpeg") for number in range(pictures))
        line = self.city.lines[0]
        inbound = Inbound(line.channel, line.address, phone, "d", self.now, text=words, media=media)
        wants = steps.wants(inbound)
        facts = self._facts(phone)
        facts = replace(facts, case=self._wanted(wants.word, wants.code), guesses=self._tried(phone))
        return self._perform(steps.step(inbound, facts), phone)

    def pass_time(self, span: timedelta) -> None:
        """Let time go by; what comes due is done in order."""
        end = self.now + span
        while due := min((one for one in self.reminders if one.at <= end), key=lambda one: one.at, default=None):
            self.reminders.remove(due)
            self.now = max(self.now, due.at)
            inbound = Inbound(
                "", self.city.key, "", "t", self.now, "timer", name=due.name, subject=due.subject, values=due.values
            )
            facts = Facts(self.city, self.texts, case=self._listed(due.subject), staff=self.staff, jurisdictions=CITIES)
            self._perform(steps.step(inbound, facts), "")
        self.now = end

    def own(self, phone: str = "+18165550199") -> tuple[Case, ...]:
        """A phone's cases, newest first, as facts show them: without entries."""
        ids = [id for id in reversed(self.cases) if self.owners[id] == phone and id not in self.locked]
        return tuple(case for id in ids if (case := self._listed(id)))

    def places(self) -> set[Place]:
        """Where cards are that were not taken away again."""
        gone = {(withdraw.place, withdraw.subject) for withdraw in self.withdrawn}
        return {post.place for post in self.posts if (post.place, post.subject) not in gone}

    def _listed(self, id: str) -> Case | None:
        case = self.cases.get(id)
        if case is None:
            return None
        paging = any(one.name == "page" and one.subject == id for one in self.reminders)
        silent = id in self.locked or self.is_silent(self.owners[id])
        return replace(case, entries=(), paging=paging, reachable=not self._stopped(id), silent=silent)

    def is_silent(self, phone: str) -> bool:
        """Whether a phone wrote once, and not for long."""
        return phone in self.wrote and silence.is_long(self.city, self.wrote[phone], self.now)

    def _stopped(self, id: str) -> bool:
        return self.conversations.get(self.owners[id], Conversation()).stopped

    def _facts(self, phone: str) -> Facts:
        number = len(self.cases)
        conversation, silent = self.conversations.get(phone, Conversation()), self.is_silent(phone)
        return Facts(
            self.city,
            self.texts,
            conversation=silence.stranger(conversation) if silent else conversation,
            known=phone in self.conversations,
            silent=silent,
            cases=() if silent else self.own(phone),
            spoke=frozenset(self.spoke.get(phone, ())),
            staff=self.staff,
            fresh=Fresh(f"case{number}", WORDS[number % 4], CODES[number % 4], "m", "t"),
            jurisdictions=CITIES,
        )

    def _wanted(self, word: str, code: str) -> Case | None:
        ids = [id for id, case in self.cases.items() if case.word == word or (code and self.codes[id] == code)]
        return self._listed(ids[0]) if ids else None

    def _tried(self, phone: str) -> tuple[int, int]:
        return self.guesses.count(phone), len(self.guesses)

    def _perform(self, step: e.Step, phone: str) -> list[str]:
        if phone:
            assert step.conversation is not None
            self.conversations[phone] = step.conversation
            self.wrote[phone] = self.now
            self.spoke[phone] = set()
        self.effects = step.effects
        for effect in step.effects:
            self._do(effect, phone)
        replies = [effect for effect in step.effects if isinstance(effect, e.Reply)]
        return [reply.text for reply in sorted(replies, key=lambda reply: not reply.urgent)]

    def _do(self, effect: e.Effect, phone: str) -> None:
        if isinstance(effect, e.OpenCase):
            city = self.city.key
            self.cases[effect.case] = Case(
                effect.case, city, city, "hotline", effect.word, "received", effect.language, self.now
            )
            self.owners[effect.case], self.codes[effect.case] = phone, effect.code
        elif type(effect) in CHANGES:
            case: str = effect.case  # type: ignore[union-attr]
            self._change(case, **CHANGES[type(effect)](self.cases[case], effect, self.now))
        else:
            self._note(effect, phone)

    def _note(self, effect: e.Effect, phone: str) -> None:
        match effect:
            case e.Remind():
                self.reminders.append(effect)
            case e.Forget(name, subject):
                self.reminders = [one for one in self.reminders if (one.name, one.subject) != (name, subject)]
            case e.Post():
                self.posts.append(effect)
            case e.Withdraw():
                self.withdrawn.append(effect)
            case e.Guess(right=False):
                self.guesses.append(phone)
            case e.AwaitCodes():
                self.locked |= {id for id, owner in self.owners.items() if owner == phone}
            case e.MoveDialogue(id):
                self.owners[id] = phone
                self.locked.discard(id)
            case e.Reply(case=id) if id:
                self.spoke[phone].add(id)

    def _change(self, id: str, **changes: Any) -> None:
        self.cases[id] = replace(self.cases[id], **changes)


def play(script: str) -> None:
    """Play a transcript: `>` is said (`+1…>` from another phone, `[2]` pictures), `<` comes back, `*` sets the scene.

    A `<` line with `…` in it need only contain what stands around it; `<` alone means that nothing comes back.
    """
    town = Town()
    awaited: list[str] = []
    for number, line in enumerate(script.splitlines(), 1):
        if found := re.match(r"(\+\d+)?> ?(?:\[(\d)\] ?)?(.*)", line):
            assert not awaited, f"line {number}: came back, but is not written: {awaited}"
            phone, pictures, words = found.groups()
            awaited = town.text(words, phone or "+18165550199", int(pictures or 0))
        elif line.startswith("<"):
            expect(number, line[1:].strip(), awaited)
        elif line.startswith("*"):
            _scene(town, number, line[1:].strip())
    assert not awaited, f"at the end: {awaited}"


def expect(number: int, words: str, awaited: list[str]) -> None:
    """The next text that comes back is as written; … stands for anything."""
    if not words:
        assert not awaited, f"line {number}: nothing should come back, but {awaited}"
        return
    assert awaited, f"line {number}: nothing more came back, wanted: {words}"
    said = awaited.pop(0).replace("\n", " / ")
    pattern = ".*".join(map(re.escape, words.split("…")))
    assert re.fullmatch(pattern, said), f"line {number}:\n wanted {words}\n got    {said}"


def _scene(town: Town, number: int, words: str) -> None:
    verb, _, rest = words.partition(" ")
    match verb:
        case "city":
            town.city = CITIES[rest]
        case "days":
            town.pass_time(timedelta(days=float(rest)))
        case "minutes":
            town.pass_time(timedelta(minutes=float(rest)))
        case "conclude":
            case = next(case for case in town.cases.values() if case.word == rest)
            town._change(case.id, stage="concluded", clocks=())
        case "relay":
            case = next(case for case in town.cases.values() if case.word == rest)
            town.spoke[town.owners[case.id]].add(case.id)
        case "entries":
            word, _, count = rest.partition(" ")
            case = next(case for case in town.cases.values() if case.word == word)
            assert len(case.entries) == int(count), f"line {number}: {[entry.text for entry in case.entries]}"
        case "urgent":
            assert next(case for case in town.cases.values() if case.word == rest).urgent, f"line {number}"
        case "locked":
            word, *ids = rest.split()
            excluded = next(case for case in town.cases.values() if case.word == word).excluded
            assert excluded == frozenset(ids), f"line {number}: {sorted(excluded)}"
        case "handler":
            word, handler = rest.split()
            assert next(case for case in town.cases.values() if case.word == word).handler == handler, f"line {number}"
        case _:
            raise AssertionError(f"line {number}: unknown scene {words}")
