"""One learner's turn: what is texted and shown to them, where they stand, and what staff are told of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from handlers import calendar
from handlers.cards import Button, Buttons, Card, Text
from handlers.cards import Facts as Pairs
from handlers.effects import KeepEnrolment, Post, Remind, Withdraw
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Place
from handlers.questions import Choice, Option
from handlers.said import Said
from handlers.talking import FRESH, Talk
from handlers.training import cards, dates, moves, rights, seats
from handlers.training.known import Known
from handlers.training.values import PROGRAM, TOPIC, Course, Enrolment, Learner, Session, State

LATE = timedelta(seconds=-1)
"""What we begin ourselves may leave in the hours for texts only."""
TEXTS = "twilio_sms"
LONGEST = 40
BUTTONS: dict[State, tuple[str, ...]] = {
    "prompted": ("yes", "later", "no"),
    "later": ("yes", "no"),
    "offered": ("take", "pass"),
    "requested": ("drop",),
    "enrolled": ("drop", "sub"),
    "waitlisted": ("leave",),
}
"""What can be pressed on a card, by where somebody stands."""


class Learning(Talk):
    """Gathers effects in `said`; only for a learner who is known."""

    program, topic = PROGRAM, TOPIC

    def __init__(self, said: Said, learner: Learner) -> None:
        super().__init__(said, FRESH if said.inbound.kind == "text" else LATE)
        self.learner = learner
        self.known: Known = said.facts.training
        if not said.conversation.language and learner.language in self.city.languages:
            said.language = learner.language

    # --- what is known

    @property
    def texting(self) -> bool:
        """Whether they wrote a text, so that the answer is one."""
        return self.said.inbound.kind == "text"

    @property
    def phone(self) -> bool:
        """Whether they can be texted."""
        return bool(self.said.facts.thread) and self.said.facts.known and not self.said.conversation.stopped

    @property
    def chats(self) -> tuple[Place, ...]:
        """Where they see cards."""
        return tuple(place for place in self.learner.places if place.channel != TEXTS)

    def session(self, one: Enrolment) -> Session:
        """What an enrolment is for."""
        return self.known.sessions[one.session]

    def course(self, session: Session) -> Course:
        """What a session teaches."""
        return self.known.courses[session.course]

    def runs(self, session: Session) -> Jurisdiction:
        """Whose staff run it."""
        return self.said.facts.jurisdictions.get(self.course(session).runner, self.city)

    def is_coming(self, session: Session) -> bool:
        """Whether it is still to begin."""
        return session.state in ("open", "closed") and session.begins > self.now

    def may_see(self, session: Session) -> bool:
        """Whether it is held for people of their city."""
        runner = self.course(session).runner
        return runner in (self.city.key, self.city.runner(PROGRAM)) or self.city.key in session.shares

    def when(self, session: Session) -> str:
        """Day and time of its begin, as people say it."""
        return f"{self.day(session.begins)} {self.clock(session.begins)}"

    def price(self, session: Session) -> str:
        """What a seat costs their city, in dollars."""
        return f"${seats.price(session, self.city.key) / 100:,.2f}"

    def about(self, key: str, session: Session, **fields: object) -> str:
        """A text about a session, with its tag."""
        return f"[{session.word}] {self._words_on(key, session, **fields)}"

    def on_card(self, key: str, session: Session, **fields: object) -> str:
        """The same in chat, where people press: there it names no word to text."""
        own = f"on_card.{key.replace('.', '_')}"
        has = self.said.facts.texts.has(self.said.language, f"{PROGRAM}.{own}")
        return self._words_on(own if has else key, session, **fields)

    def _words_on(self, key: str, session: Session, **fields: object) -> str:
        course = self.course(session)
        usual: dict[str, object] = {
            "course": course.title[:LONGEST],
            "code": course.code,
            "word": session.word,
            "when": self.when(session),
            "date": self.day(session.begins),
            "time": self.clock(session.begins),
            "place": session.place[:LONGEST],
            "price": self.price(session),
            "runner": self.runs(session).name,
        }
        return self.words(key, **{**usual, **fields})

    def question(self, one: Enrolment) -> Choice:
        """What somebody who was asked may answer."""
        if one.state == "offered":
            return self.yes_no("offer")
        names = ("yes", "later", "no")
        options = (
            Option(name, self.words(f"ask.{name}"), tuple(self.words(f"ask.{name}_also").split("|"))) for name in names
        )
        return Choice("ask", "", tuple(options))

    def yes_no(self, key: str) -> Choice:
        """A plain yes or no."""
        return Choice(key, "", tuple(Option(name, self.words(f"{key}.{name}")) for name in ("yes", "no")))

    def asking(self, one: Enrolment) -> tuple[str, dict[str, object]]:
        """The question to somebody who was asked, or is offered a seat: the key of its words, and their fields."""
        session = self.session(one)
        if one.state == "offered":
            until = one.until or session.begins
            return "offer.text", {"until": f"{self.day(until)} {self.clock(until)}"}
        cost = self.words("costs", price=self.price(session)) if seats.price(session, self.city.key) else ""
        return "ask.text", {"cost": cost, "pair": self._pairing(one)}

    def partner(self, one: Enrolment) -> Enrolment | None:
        """The other side of an exchange."""
        wanted = (one.partner, one.session)
        return next((its for its in self.known.others if (its.learner, its.session) == wanted), None)

    def _pairing(self, one: Enrolment) -> str:
        """Of an exchange, their part and the other side's city; its name stays with staff until both have said yes."""
        other, host = self.partner(one), self.session(one).host
        if other is None:
            return ""
        part = "host" if host == one.jurisdiction else "guest" if host == other.jurisdiction else "other"
        name = cards.name(self.said.facts.jurisdictions, other.jurisdiction)
        return self.words(f"pair.{part}", city=name) + " "

    def ask_text(self, one: Enrolment) -> str:
        """That question as a text."""
        key, fields = self.asking(one)
        return self.about(key, self.session(one), **fields)

    # --- what is done

    def become(self, one: Enrolment, after: State, key: str, **fields: object) -> Enrolment:
        """Their new state, told to them and staff's record; the old card is replaced by what is so now."""
        one = one.but(shown=one.shown or (bool(self.chats) and not self.texting))
        leaves = after in ("declined", "cancelled")
        self.said.do(*(moves.leave(self.said.facts, one, after) if leaves else moves.move(one, after)))
        now = one.but(state=after)
        self.tell(now, key, fields)
        return now

    def keep(self, one: Enrolment) -> Enrolment:
        """Note something about it; the state stays."""
        self.said.do(KeepEnrolment(one))
        return one

    def tell(
        self, one: Enrolment, key: str, fields: Mapping[str, object], asks: bool = False, button: str = ""
    ) -> None:
        """Say something about an enrolment: by text to who texts or can be texted, and on the card where one stands.

        `button` is a link that the card opens.
        """
        session = self.session(one)
        message = self.said.facts.fresh.message if asks else ""
        pressed = self.said.inbound.kind in ("press", "submit")
        if self.phone and not pressed:
            self.say_text(self.about(key, session, **fields), message, subject=one.id)
        if self.chats and (one.shown or not self.texting):
            self.show(one, self.on_card(key, session, **fields), again=not (self.texting or pressed), link=button)

    def show(self, one: Enrolment, text: str, again: bool = False, link: str = "") -> None:
        """Put a card about it in their chats, in place of the one that stands there; `again` makes it the newest."""
        card = self.card(one, text, link)
        for place in self.chats:
            taken = (Withdraw(place, one.id),) if again and one.shown else ()
            self.said.do(*taken, Post(place, card, one.id))

    def card(self, one: Enrolment, line: str, link: str = "") -> Card:
        """What they see of it in chat."""
        session = self.session(one)
        pairs = (
            (self.words("card.when"), self.when(session)),
            (self.words("card.where"), session.place),
            (self.words("card.price"), self.price(session)),
        )
        coming = self.is_coming(session)
        buttons = tuple(self._button(one, name) for name in BUTTONS.get(one.state, ()) if coming)
        if link:
            buttons = (Button(self.words("press.paper"), "enrolment_paper", url=link), *buttons)
        parts = (Text(line), Pairs(pairs), *((Buttons(buttons),) if buttons else ()))
        return Card(f"{session.word}: {self.course(session).title}", parts, summary=line)

    def _button(self, one: Enrolment, name: str) -> Button:
        confirm = self.drop_text(one, on_card=True) if name == "drop" else ""
        return Button(
            self.words(f"press.{name}"),
            "enrolment_reply",
            {"enrolment": one.id, "reply": name},
            "primary" if name in ("yes", "take") else "",
            confirm,
        )

    def drop_text(self, one: Enrolment, on_card: bool = False) -> str:
        """What giving up a seat costs, and whether they want to."""
        session, say = self.session(one), self.on_card if on_card else self.about
        line = dates.refund_line(self.runs(session), session.begins)
        if not seats.price(session, self.city.key):
            return say("drop.text", session)
        key = "drop.free" if self.now <= line else "drop.late"
        return say(key, session, line=f"{self.day(line)} {self.clock(line)}")

    def refuse(self, one: Enrolment | None, key: str, session: Session, **fields: object) -> None:
        """Say why nothing changed."""
        if one and one.shown and not self.texting:
            self.show(one, self.on_card(key, session, **fields))
        else:
            self.say_text(self.about(key, session, **fields))

    def remind(self, at: datetime, name: str, one: Enrolment, **values: str) -> None:
        """Come back to an enrolment."""
        self.said.do(Remind(at, name, one.id, values))

    def next_hour(self, at: datetime | None = None) -> datetime:
        """The next moment from then on at which they may be texted."""
        return calendar.next_text_time(self.city, at or self.now)

    def tell_staff(self, session: Session, line: str, subject: str = "") -> None:
        """Show those who run it something; by name, for they arrange it."""
        card = Card(f"{session.word}: {self.course(session).title}", (Text(line),), summary=line)
        self.said.do(*(Post(place, card, subject) for place in rights.places(self.said.facts, self.course(session))))

    def relay(self, session: Session, line: str) -> None:
        """Tell whoever must hear of a seat given up or passed on, where a text does not count."""
        course, runner = self.course(session), self.runs(session)
        begins = cards.when(runner, session.begins, session.ends)
        pairs = (("Course", course.title), ("Session", session.word), ("When", begins), ("Where", session.place))
        card = Card(f"Seat given up: {session.word}, {course.title}", (Text(line), Pairs(pairs)), summary=line)
        self.said.do(*(Post(place, card) for place in runner.desk(PROGRAM).cancellations))


def of(said: Said) -> Learning | None:
    """The learner whose turn it is; None for somebody whom the line does not know."""
    learner = said.facts.training.learner
    return Learning(said, learner) if learner else None
