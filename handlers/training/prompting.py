"""Asking people whether they want a seat: whom, the exact text and how many first, and only then it leaves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from handlers import calendar, segments
from handlers.cards import Answer, Form, Open, Part, Refuse, Text, say
from handlers.effects import Audit, Effect, KeepEnrolment, Remind, Step
from handlers.jurisdiction import Jurisdiction
from handlers.messages import Inbound
from handlers.said import Said
from handlers.state import Conversation, Facts
from handlers.training import cards, duties, entries, forms, looking, moves, rights
from handlers.training.fields import Fields
from handlers.training.known import Asked
from handlers.training.learning import TEXTS, Learning
from handlers.training.people import is_meant
from handlers.training.values import MOVES, Course, Learner, Session, State

EVERY = frozenset[State](MOVES)
MOST_TEXTS = 4
CHOSEN = ("cities", "roles", "boards", "term_ends_by", "due_by")
LONGEST = 1500  # what a form may take along


def asked(inbound: Inbound) -> Asked:
    """The session, everybody who is meant, and how those stand whom it knows already."""
    audience, due = entries.audience(inbound), inbound.value("due_by")
    return Asked(session=looking.named(inbound), audience=audience, roster=EVERY, all=bool(due))


def prompt(inbound: Inbound, facts: Facts) -> Step:
    """First whom; from the form comes the preview."""
    session = _open(inbound, facts)
    if isinstance(session, Step):
        return session
    if inbound.kind != "submit":
        boards = {one.board for one in facts.training.learners.values() if one.board}
        return Step(answer=Open(forms.prompt(session, _cities(facts), boards)))
    return Step(answer=_preview(inbound, facts, session))


def send(inbound: Inbound, facts: Facts) -> Step:
    """Confirmed: each is asked at the next hour in which they may be texted."""
    session = _open(inbound, facts)
    if isinstance(session, Step):
        return session
    effects = _asking(inbound, facts, session)
    number = sum(isinstance(effect, KeepEnrolment) for effect in effects)
    done = Audit("people_asked", actor=looking.me(facts).id, detail=f"{session.word} {number}")
    told = f"{forms.counted(number, 'person is', 'people are')} asked. The roster shows what they answer."
    return Step((*effects, done), answer=say(f"{session.word}: on its way", told))


def _open(inbound: Inbound, facts: Facts) -> Session | Step:
    """The session, if anybody can still be asked."""
    session = looking.run_by_me(inbound, facts)
    if isinstance(session, Step) or (session.state == "open" and session.begins > facts.now):
        return session
    return Step(answer=say("Too late", f"{session.word} has begun or is called off; nobody can be asked."))


def _cities(facts: Facts) -> dict[str, Jurisdiction]:
    mine = rights.cities(facts)
    return {key: city for key, city in rights.members(facts).items() if key in mine}


def _preview(inbound: Inbound, facts: Facts, session: Session) -> Answer:
    """Nobody is asked yet: how many it would be, from when on, and every text as it leaves."""
    effects = _asking(inbound, facts, session)
    people = [effect.enrolment.learner for effect in effects if isinstance(effect, KeepEnrolment)]
    if not people:
        return Refuse({"cities": "Nobody is left to ask: they were asked, have a seat, or nobody is listed."})
    carry = {name: value for name in CHOSEN if (value := inbound.values.get(name))}
    if len(str(carry)) > LONGEST:
        return Refuse({"boards": "Please choose fewer boards at once."})
    first = min(effect.at for effect in effects if isinstance(effect, Remind))
    begins = "at once" if first <= facts.now else f"on {cards.when(looking.runner(facts, session), first)}"
    line = f"{forms.counted(len(people), 'person gets', 'people get')} this; the first leaves {begins}."
    learners = [facts.training.learners[one] for one in people]
    parts = (Text(line, "strong"), *_texts(inbound, facts, session, learners), *_hints(learners))
    return Open(
        Form("training_send", f"Ask people: {session.word}", parts, "Ask them", {**carry, "word": session.word})
    )


def _asking(inbound: Inbound, facts: Facts, session: Session) -> tuple[Effect, ...]:
    """Those who are meant, without those who were asked, have a seat or wait for one."""
    audience, due = entries.audience(inbound), Fields(inbound).day("due_by")
    people = [one for one in facts.training.learners.values() if is_meant(audience, one)]
    if due:
        owing = _owes(facts, facts.training.course(session), due)
        people = [one for one in people if one.id in owing]
    return moves.ask(facts, session, people)


def _owes(facts: Facts, course: Course, due: date) -> frozenset[str]:
    """Whose last day for that course comes by then; ids."""
    known, today = facts.training, calendar.local_day(looking.city(facts, course), facts.now)
    found = duties.duties([course], known.learners.values(), known.certificates, today)
    return frozenset(one.learner.id for one in found if one.standing != "done" and one.due and one.due <= due)


def _texts(inbound: Inbound, facts: Facts, session: Session, people: Sequence[Learner]) -> list[Part]:
    """The text of each city and language, as its people read it."""
    alike = {(one.jurisdiction, one.language): one for one in reversed(people)}
    parts: list[Part] = []
    for (city, language), learner in sorted(alike.items())[:MOST_TEXTS]:
        text = _text(inbound, facts, session, learner)
        parts += [
            Text(f"{facts.jurisdictions[city].name}, {forms.LANGUAGES.get(language, language)}: {_size(text)}", "quiet")
        ]
        parts.append(Text(text))
    if len(alike) > MOST_TEXTS:
        parts.append(
            Text(f"{len(alike) - MOST_TEXTS} more cities and languages get the same in their own words.", "quiet")
        )
    return parts


def _text(inbound: Inbound, facts: Facts, session: Session, learner: Learner) -> str:
    city = facts.jurisdictions[learner.jurisdiction]
    language = learner.language if learner.language in city.languages else city.languages[0]
    theirs = replace(facts, jurisdiction=city, conversation=Conversation(language))
    learning = Learning(Said(inbound, theirs), learner)
    return learning.ask_text(moves.new(session, learner, "prompted", facts.now))


def _size(text: str) -> str:
    return f"{len(text)} characters, {forms.counted(segments.count(text)[0], 'SMS segment', 'SMS segments')}"


def _hints(people: Sequence[Learner]) -> list[Part]:
    """Who is asked otherwise, and who is not."""
    parts: list[Part] = []
    chatting = sum(any(place.channel != TEXTS for place in one.places) for one in people)
    if chatting:
        told = f"{forms.counted(chatting, 'of them is', 'of them are')} asked in chat first, by text if that is silent."
        parts.append(Text(told, "quiet"))
    return [*parts, Text("Who has stopped texts gets none. Nobody gets more than two prompts a month.", "quiet")]
