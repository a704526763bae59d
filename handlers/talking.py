"""What programs that text people first have in common: their hours, the ledger of consent, and the end of it all."""

import re
from datetime import datetime, timedelta

from handlers.casework import danger
from handlers.casework.filing import emergency
from handlers.effects import Dismiss, NoteConsent, Prompt
from handlers.jurisdiction import Jurisdiction
from handlers.said import Said

FRESH = timedelta(minutes=10)
FAREWELL = timedelta(minutes=5)
NO_TIME = timedelta(0)


class Talk:
    """One person's turn in such a program. Effects are gathered in `said`; `fresh` is how long its texts may leave
    at any hour."""

    program = ""
    topic = ""

    def __init__(self, said: Said, fresh: timedelta = FRESH) -> None:
        self.said = said
        self.city: Jurisdiction = said.facts.jurisdiction
        self.now = said.inbound.received_at
        self.fresh = fresh

    def words(self, key: str, **fields: object) -> str:
        """A text of this program, its usual fields filled in."""
        return self.said.words(f"{self.program}.{key}", **{"city": self.city.name, "runner": self.runner, **fields})

    @property
    def runner(self) -> str:
        """Who asks, as people say it."""
        key = self.city.runner(self.program)
        return self.said.facts.jurisdictions.get(key, self.city).name

    def day(self, at: datetime) -> str:
        """A date in the city's time and the reader's language."""
        local = at.astimezone(self.city.zone)
        return self.said.words("date.day", month=self.said.words("date.months").split()[local.month - 1], day=local.day)

    def clock(self, at: datetime) -> str:
        """A time of day there, such as 6:30 pm."""
        local = at.astimezone(self.city.zone)
        return f"{local.hour % 12 or 12}:{local.minute:02} {'am' if local.hour < 12 else 'pm'}"

    def say(self, key: str, **fields: object) -> None:
        """Text a text of this program."""
        self.say_text(self.words(key, **fields))

    def say_text(self, text: str, message: str = "", hold: timedelta = NO_TIME, subject: str = "") -> None:
        """Text them, unless they have stopped texts. One with a `message` asks."""
        if not self.said.conversation.stopped:
            self.said.do(Prompt(text, self.now + self.fresh + hold, message, hold, subject=subject))

    def look_out(self) -> None:
        """Whoever tells of danger hears at once where help is."""
        if danger.level(self.said.text) != "none":
            self.say("safety", emergency=emergency(self.said), hotline=hotline(self.said))

    def consent(self, kind: str, source: str = "reply", wording: str = "", evidence: str = "") -> None:
        """Add to the ledger of consent."""
        facts, channel = self.said.facts, self.said.inbound.channel
        self.said.do(NoteConsent(facts.thread, self.topic, channel, kind, source, wording, evidence))  # type: ignore[arg-type]

    def farewell(self) -> None:
        """The one text that may follow a stop, within five minutes; to the carrier's own words it has been sent."""
        if not self.said.conversation.stopped:
            self.said.do(Prompt(self.words("stopped"), self.now + FAREWELL, farewell=True))

    def revoked(self) -> None:
        """They take no more texts of this program; what waits is dropped with that."""
        if not self.said.conversation.stopped:
            self.consent("revoked", evidence=self.said.text)
            self.said.change(stopped=True)

    def resumed(self) -> None:
        """They take them again."""
        if self.said.conversation.stopped:
            self.consent("resumed", evidence=self.said.text)
        self.said.change(stopped=False)


def note_stranger(said: Said, topic: str, kind: str) -> None:
    """What somebody of whom nothing is kept said about texts: by alias, in case they are to be asked one day."""
    said.do(NoteConsent(said.facts.thread, topic, said.inbound.channel, kind, "reply", evidence=said.text))  # type: ignore[arg-type]
    said.traceless = True


def turn_away(said: Said, program: str) -> None:
    """A kind word for somebody whom this line does not know; nothing of them is kept."""
    said.traceless = True
    fields = {"city": said.facts.jurisdiction.name, "hotline": hotline(said), "emergency": emergency(said)}
    said.do(Dismiss(said.words(f"{program}.stranger", **fields)))


def hotline(said: Said) -> str:
    """How the city is told of a problem, as people dial it."""
    city = said.facts.jurisdiction
    line = city.line(said.inbound.channel, "hotline") or city.line("twilio_sms", "hotline")
    return dialled(line.address if line else "")


def dialled(number: str) -> str:
    """A number as people dial it: 816-555-0101."""
    return re.sub(r"^\+1(\d{3})(\d{3})(\d{4})$", r"\1-\2-\3", number)
