"""Plays a written exit interview against the core: what the store would remember is kept in plain values here."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from handlers import effects as e
from handlers import steps
from handlers.cards import Answer, Card
from handlers.exits.interviews import PROGRAM, Interview, Sent, Wave
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound, Kind, Media, Place, Value
from handlers.state import Conversation, Facts, Fresh
from handlers.surveys.questionnaire import read_toml, version
from tests.handlers.talk import CITIES, ROOT, TEXTS, expect

FORM = read_toml((ROOT / "questionnaires" / "exit_interview.toml").read_text("utf-8"), "exit_interview.toml")
MONDAY = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)
PHONE, PERSON = "+18165550199", "alias"


class Leaver:
    """One person who was invited, and all that the store would know of them."""

    def __init__(self, language: str = "en", at: datetime = MONDAY, city: str = "independence") -> None:
        self.city: Jurisdiction = CITIES[city]
        self.now = at
        self.conversation: Conversation | None = Conversation(language)
        self.interview: Interview | None = Interview("wave", version(FORM), asked="invite")
        self.wave = Wave("wave", city, "2026Q4", version(FORM))
        self.timers: list[e.Remind] = [e.Remind(at, "exit_invite", PERSON)]
        self.prompts: list[tuple[datetime, e.Prompt]] = []
        self.unseen: set[str] = set()
        self.ledger: list[e.NoteConsent] = []
        self.dismissed: list[str] = []
        self.count = 0
        self.last_text: datetime | None = None
        self.account: Place | None = None
        self.card: Card | None = None
        self.answer: Answer = None

    def text(self, words: str, pictures: int = 0) -> list[str]:
        """Send a text; what comes back, but for what waits."""
        line = self.city.line("twilio_sms", PROGRAM)
        assert line is not None
        media = tuple(Media(f"https://example.org/{number}", "image/jpeg") for number in range(pictures))
        return self._turn(Inbound("twilio_sms", line.address, PHONE, "d", self.now, text=words, media=media))

    def chat(self, verb: str, **values: Value) -> Answer:
        """Do something in the chat: press a button or send a form; what it shows then."""
        kind: Kind = "submit" if verb in ("agree", "answer") else "press"
        inbound = Inbound("slack", "T0", "T0/U0", "d", self.now, kind, name=f"interview_{verb}", values=values)
        self.heard = self._turn(inbound)
        return self.answer

    def pass_time(self, span: timedelta) -> list[str]:
        """Let time go by; what came meanwhile."""
        end, heard = self.now + span, list[str]()
        while due := min((one for one in self.timers if one.at <= end), key=lambda one: one.at, default=None):
            self.timers.remove(due)
            self.now = max(self.now, due.at)
            values = {**due.values, "program": PROGRAM}
            inbound = Inbound("timer", self.city.key, "", "t", self.now, "timer", values=values)
            heard += self._turn(replace(inbound, name=due.name, subject=due.subject))
        self.now = end
        return [*heard, *self._left()]

    def _turn(self, inbound: Inbound) -> list[str]:
        self.count += 1
        facts = Facts(
            self.city,
            TEXTS,
            self.now,
            thread=PERSON,
            conversation=self.conversation or Conversation(),
            known=self.conversation is not None,
            fresh=Fresh("c", "w", "code", f"m{self.count}", "t"),
            jurisdictions=CITIES,
            interview=self.interview,
            form=FORM if self.interview else None,
            sent=self._sent(),
            waves=(self.wave,),
            last_text=self.last_text,
            account=self.account,
        )
        if inbound.kind == "text":
            self.last_text = self.now
        step = steps.step(inbound, facts)
        self.answer = step.answer
        if step.conversation is not None:
            self.conversation = step.conversation
        said = [*map(self._do, step.effects)]
        return [*(text for text in said if text), *self._left()]

    def _do(self, effect: e.Effect) -> str:
        match effect:
            case e.Prompt(message=message):
                if message:
                    self.prompts = [(at, one) for at, one in self.prompts if not one.message]
                self.prompts.append((self.now + effect.hold, effect))
            case e.KeepInterview(interview):
                self.interview = interview
            case e.Remind():
                self.timers.append(effect)
            case e.Forget(name, subject):
                self.timers = [one for one in self.timers if (one.name, one.subject) != (name, subject)]
            case e.NoteConsent():
                self.ledger.append(effect)
            case e.Dismiss(text):
                return text
            case e.Erase():
                self.interview = self.conversation = None
            case e.LockWave():
                self.interview = self.conversation = None
            case _:
                self._do_in_chat(effect)
        return ""

    def _do_in_chat(self, effect: e.Effect) -> None:
        match effect:
            case e.Hush():
                self.prompts = []
            case e.Post(card=card):
                self.card = card
            case e.Withdraw():
                self.card = None

    def _left(self) -> list[str]:
        """What may leave now."""
        left = [one.text for at, one in self.prompts if at <= self.now]
        self.prompts = [(at, one) for at, one in self.prompts if at > self.now]
        return left

    def _sent(self) -> dict[str, Sent]:
        held: dict[str, Sent] = {one.message: "held" for _, one in self.prompts if one.message}
        unseen: dict[str, Sent] = dict.fromkeys(self.unseen, "leaving")
        return {**unseen, **held}


def play(script: str) -> None:
    """Play a transcript: `>` is said (`[2]` pictures), `<` comes back, `*` sets the scene.

    A `<` line with `…` in it need only contain what stands around it; `<` alone means that nothing comes back.
    """
    leaver = Leaver()
    awaited: list[str] = []
    for number, line in enumerate(script.splitlines(), 1):
        if found := re.match(r"> ?(?:\[(\d)\] ?)?(.*)", line):
            assert not awaited, f"line {number}: came back, but is not written: {awaited}"
            awaited = leaver.text(found[2], int(found[1] or 0))
        elif line.startswith("<"):
            expect(number, line[1:].strip(), awaited)
        elif line.startswith("*"):
            assert not awaited, f"line {number}: came back, but is not written: {awaited}"
            leaver, awaited = _scene(leaver, number, line[1:].strip())
    assert not awaited, f"at the end: {awaited}"


def _scene(leaver: Leaver, number: int, words: str) -> tuple[Leaver, list[str]]:
    verb, _, rest = words.partition(" ")
    match verb:
        case "invited":
            leaver = Leaver(rest)
            return leaver, leaver.pass_time(timedelta(0))
        case "stranger":
            leaver.interview = leaver.conversation = None
        case "days" | "hours" | "minutes" | "seconds":
            return leaver, leaver.pass_time(timedelta(**{verb: float(rest)}))
        case "unseen":
            assert leaver.interview is not None
            leaver.unseen = {leaver.interview.prompts[-1][0]}
        case "seen":
            leaver.unseen = set()
        case "closed":
            leaver.wave = replace(leaver.wave, state="closed")
        case "answer":
            id, _, code = rest.partition(" ")
            assert leaver.interview is not None
            given = leaver.interview.answers.get(id, "").replace("\n", " / ")
            assert given == code, f"line {number}: {given}"
        case _:
            raise AssertionError(f"line {number}: unknown scene {words}")
    return leaver, []
