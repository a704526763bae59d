"""Training by text: seats asked for, offered, given up and passed on, reminders, the code of the room."""

from collections.abc import Callable, Iterator
from textwrap import shorten

from handlers import steering, talking, words
from handlers.casework.filing import emergency
from handlers.language import wished
from handlers.program import Answers, Program
from handlers.questions import Choice, Option, Question
from handlers.said import Said
from handlers.state import Facts
from handlers.surveys.questionnaire import to_questions
from handlers.training import enrolling, feedback, reading
from handlers.training.learning import Learning, of
from handlers.training.values import PROGRAM as NAME
from handlers.training.values import TOPIC, Enrolment, Session

SURE = 0.7
REASKS = 2
LISTED = 4
SHORT = 24
DROP, WHICH, WHO = "drop", "which", "who"
SEATS = frozenset({"enrolled", "requested", "offered", "waitlisted"})


def questions(answers: Answers, facts: Facts, language: str) -> Iterator[Question]:
    """Those about a course that is over; all else is asked as it comes."""
    return to_questions(facts.form, answers, language) if facts.form else iter(())


def hear(said: Said) -> None:
    """Any text that is no word for us all; of somebody who is on no list, nothing is kept."""
    learning = of(said)
    if learning is None:
        talking.turn_away(said, NAME)
    elif not said.conversation.stopped:
        learning.look_out()
        if said.text and not (said.media and words.read(said.text)):
            _hear(learning)
        if said.media:
            learning.say("no_pictures")


def _hear(learning: Learning) -> None:
    said = learning.said
    tag, rest = reading.tagged(said.text)
    tagged = _named(learning, tag) if tag else []
    if tagged and rest:
        said.text = rest
    wish = reading.wish(said.text)
    if said.conversation.asked in ASKING and not wish.verb and not tagged and ASKING[said.conversation.asked](learning):
        return
    if wish.verb:
        said.change(asked="", interview="", waiting=(), asked_again=0)
        _wish(learning, wish, tagged)
    elif tagged:
        said.change(asked="", interview="", asked_again=0)
        _about(learning, tagged[0], said.text if rest else "")
    else:
        _plain(learning)


# --- what a text wants


def _wish(learning: Learning, wish: reading.Wish, tagged: list[Session]) -> None:
    found = _named(learning, wish.what) if wish.what and wish.verb != "room" else tagged
    match wish.verb:
        case "courses":
            _courses(learning)
        case "paper":
            _paper(learning)
        case "room":
            enrolling.enter(learning, wish.what)
        case "enrol":
            _enrol(learning, wish.what, found)
        case "drop":
            _choose_seat(learning, "drop", found, bool(wish.what or found))
        case "sub":
            _choose_seat(learning, f"sub {wish.name}".strip(), found, bool(wish.what or found))


def _enrol(learning: Learning, what: str, found: list[Session]) -> None:
    """A session by its word; a course by its code, if one of its sessions is open; a number as they were listed."""
    open_ = [session for session in found if learning.may_see(session)]
    if len(open_) > 1:
        coming = [session for session in open_ if session.state == "open" and learning.is_coming(session)]
        open_ = coming or open_
    if len(open_) > 1:
        _which(learning, "enrol", open_)
    elif open_:
        enrolling.take(learning, open_[0])
    elif what:
        learning.say("unknown")
    else:
        _enrol_in_any(learning)


def _enrol_in_any(learning: Learning) -> None:
    """ "Sign me up": for what they were asked about; else they hear what is open."""
    asked = [one for one in _open(learning) if one.state in ("prompted", "later", "offered")]
    if len(asked) > 1:
        _which(learning, "enrol", [learning.session(one) for one in asked])
    elif asked:
        enrolling.answer(learning, asked[0], "yes")
    else:
        _courses(learning)


def _choose_seat(learning: Learning, act: str, found: list[Session], named: bool) -> None:
    """For what they have: the one that is named, the only one, or they are asked which."""
    mine = [one for one in _own(learning) if not named or learning.session(one) in found]
    if act != "drop":
        mine = [one for one in mine if one.state == "enrolled"]
    if not mine:
        learning.say("nothing_to_drop")
    elif len(mine) > 1:
        _which(learning, act, [learning.session(one) for one in mine])
    else:
        _act(learning, act, learning.session(mine[0]))


def _act(learning: Learning, act: str, session: Session) -> None:
    """Do what was wanted with the session that was meant."""
    one = learning.known.enrolment(session.id)
    verb, _, rest = act.partition(" ")
    if verb == "enrol":
        enrolling.take(learning, session)
    elif one is None:
        learning.say("nothing_to_drop")
    elif verb == "drop":
        _ask_drop(learning, one)
    elif verb == "sub":
        _substitute(learning, one, rest)
    else:
        _answer(learning, one, rest)


def _ask_drop(learning: Learning, one: Enrolment) -> None:
    """Off a waitlist at once; a seat is given up only after they have heard what it costs."""
    if one.state == "waitlisted":
        enrolling.give_up(learning, one)
    elif one.state == "offered":
        enrolling.answer(learning, one, "no")
    else:
        learning.said.change(asked=DROP, interview=one.session, asked_again=0)
        learning.say_text(learning.drop_text(one))


def _substitute(learning: Learning, one: Enrolment, name: str) -> None:
    """Somebody of their city by name; asked who is meant where it fits several."""
    found = [other for other in learning.known.named if other.id != learning.learner.id]
    if not name:
        learning.say("sub.name")
    elif len(found) > 1:
        learning.said.change(asked=WHO, interview=one.session, waiting=(name,), asked_again=0)
        learning.say_text(_people(learning).prompt)
    elif found:
        enrolling.swap(learning, one, found[0])
    else:
        enrolling.pass_on(learning, one, name.title())


# --- answers to what we asked


def _plain(learning: Learning) -> None:
    """An answer to the one open question; of several, they are asked which."""
    open_, text = _open(learning), learning.said.text
    if steering.read(text)[0] == "who":
        _help(learning)
    elif len(open_) > 1:
        _which(learning, f"answer {text}", [learning.session(one) for one in open_])
    elif open_:
        _answer(learning, open_[0], text)
    elif reading.is_here(text):
        enrolling.arrive(learning)
    elif reading.cannot_come(text):
        _choose_seat(learning, "drop", [], named=False)
    else:
        learning.say("welcome" if words.is_courtesy(text) else "nothing_open")


def _about(learning: Learning, session: Session, text: str) -> None:
    """A text with a tag in front."""
    one = learning.known.enrolment(session.id)
    if one and text:
        _answer(learning, one, text)
    elif learning.may_see(session) and not text:
        learning.say_text(learning.about("session", session))
    else:
        learning.say("unknown")


def _open(learning: Learning) -> list[Enrolment]:
    """What waits for an answer of theirs and has reached them."""
    return [
        one
        for one in reversed(learning.known.enrolments)
        if feedback.is_open(learning, one)
        or (
            one.state in ("prompted", "later", "offered")
            and learning.is_coming(learning.session(one))
            and (one.state == "offered" or one.prompted)
            and (one.shown or one.id not in learning.known.waiting)
        )
    ]


def _answer(learning: Learning, one: Enrolment, text: str) -> None:
    learning.said.text = text
    if feedback.is_open(learning, one):
        feedback.hear(learning, one)
        return
    if one.state not in ("prompted", "later", "offered"):
        learning.say_text(learning.about("stands", learning.session(one), state=learning.words(f"state.{one.state}")))
        return
    steer, rest = steering.read(text)
    if steer == "later" and one.state != "offered":
        enrolling.later(learning, one, rest)
    elif code := _read(learning.question(one), text):
        learning.said.change(asked_again=0)
        enrolling.answer(learning, one, code)
    else:
        _unread(learning, learning.ask_text(one))


def _read(question: Question, text: str) -> str:
    found = question.read(text)
    return found.code if found and found.confidence >= SURE and found.code in {o.code for o in question.options} else ""


def _unread(learning: Learning, prompt: str) -> None:
    """It is asked again twice, then help is named; nothing is guessed."""
    again = learning.said.conversation.asked_again + 1
    learning.said.change(asked_again=again)
    if again <= REASKS:
        learning.say_text(prompt)
    else:
        learning.say("nothing_open")


def _drop(learning: Learning) -> bool:
    """Yes or no to giving up a seat."""
    one = learning.known.enrolment(learning.said.conversation.interview)
    if one is None or one.state not in ("enrolled", "requested"):
        learning.said.change(asked="", interview="")
        return False
    code = _read(learning.yes_no("drop"), learning.said.text)
    if not code:
        _unread(learning, learning.drop_text(one))
        return True
    learning.said.change(asked="", interview="", asked_again=0)
    if code == "yes":
        enrolling.give_up(learning, one)
    else:
        learning.say_text(learning.about("kept", learning.session(one)))
    return True


def _which(learning: Learning, act: str, found: list[Session]) -> None:
    """Ask which session a text is for; it waits for the answer."""
    offered = tuple(session.id for session in found[:LISTED])
    learning.said.change(asked=WHICH, waiting=(act,), offered=offered, asked_again=0)
    learning.say_text(_sessions(learning).prompt)


def _sessions(learning: Learning) -> Choice:
    found = [learning.known.sessions[id] for id in learning.said.conversation.offered if id in learning.known.sessions]
    options = (Option(one.id, f"{one.word} {_short(learning.course(one).title)}", (one.word,)) for one in found)
    return Choice("which", learning.words("which"), tuple(options))


def _chosen(learning: Learning) -> bool:
    said = learning.said
    code = _read(_sessions(learning), said.text)
    act = next(iter(said.conversation.waiting), "")
    if not code or not act:
        said.change(asked="", waiting=(), offered=())
        return False
    said.change(asked="", waiting=(), offered=(), asked_again=0)
    _act(learning, act, learning.known.sessions[code])
    return True


def _people(learning: Learning) -> Choice:
    found = [other for other in learning.known.named if other.id != learning.learner.id][:LISTED]
    return Choice("who", learning.words("which"), tuple(Option(one.id, one.name) for one in found))


def _who(learning: Learning) -> bool:
    """Which of those with that name they meant."""
    said = learning.said
    one = learning.known.enrolment(said.conversation.interview)
    code = _read(_people(learning), said.text)
    said.change(asked="", interview="", waiting=())
    other = next((other for other in learning.known.named if other.id == code), None)
    if one is None or one.state != "enrolled" or other is None:
        learning.say("sub.name")
    else:
        enrolling.swap(learning, one, other)
    return True


def _rating(learning: Learning) -> bool:
    one = learning.known.enrolment(learning.said.conversation.interview)
    if one is None or not feedback.is_open(learning, one):
        learning.said.change(asked="", interview="")
        return False
    feedback.hear(learning, one)
    return True


ASKING: dict[str, Callable[[Learning], bool]] = {DROP: _drop, WHICH: _chosen, WHO: _who, feedback.ASKED: _rating}
"""What was asked last, as an answer to a text of theirs; no question of another kind came since."""


# --- what there is


def _own(learning: Learning) -> list[Enrolment]:
    """What they have or wait for, to come, the next one first."""
    mine = [
        one for one in learning.known.enrolments if one.state in SEATS and learning.is_coming(learning.session(one))
    ]
    return sorted(mine, key=lambda one: learning.session(one).begins)


def _named(learning: Learning, what: str) -> list[Session]:
    """Sessions by word ("SUP-3"), by course ("SUP"), or by their place in what was listed ("2")."""
    if what.isdigit():
        offered = learning.said.conversation.offered
        number = int(what)
        if 1 <= number <= len(offered):
            listed = learning.known.sessions.get(offered[number - 1])
            return [listed] if listed else []
        return [
            one
            for one in learning.known.sessions.values()
            if one.word.endswith(f"-{number}") and _open_to(learning, one)
        ]
    found = [one for one in learning.known.sessions.values() if what in (one.word, learning.course(one).code)]
    if len(found) > 1:
        found = [one for one in found if learning.is_coming(one)] or found[-1:]
    return sorted(found, key=lambda one: one.begins)


def _open_to(learning: Learning, session: Session) -> bool:
    return (
        learning.may_see(session)
        and session.state == "open"
        and learning.is_coming(session)
        and learning.course(session).kind != "exchange"
    )


def _paper(learning: Learning) -> None:
    """A new link to the newest certificate."""
    newest = max(learning.known.certificates, key=lambda one: one.earned, default=None)
    if newest is None:
        learning.say("no_certificate")
        return
    _, told = enrolling.paper(learning, newest)
    learning.say("certificate", course=_short(learning.known.courses[newest.course].title), **told)


def _courses(learning: Learning) -> None:
    found = [one for one in learning.known.sessions.values() if _open_to(learning, one)]
    found = [one for one in found if (mine := learning.known.enrolment(one.id)) is None or mine.state not in SEATS]
    found = sorted(found, key=lambda one: one.begins)[:LISTED]
    if not found:
        learning.say("no_courses")
        return
    learning.said.change(offered=tuple(one.id for one in found))
    lines = [f"{one.word} {_short(learning.course(one).title)}, {learning.day(one.begins)}" for one in found]
    learning.say_text("\n".join((learning.words("courses", word=found[0].word), *lines)))


def _short(title: str) -> str:
    return shorten(title, SHORT, placeholder="...")


def _status(learning: Learning) -> None:
    own = _own(learning)[:LISTED]
    lines = [
        learning.words(
            "line", word=session.word, date=learning.day(session.begins), state=learning.words(f"state.{one.state}")
        )
        for one in own
        for session in (learning.session(one),)
    ]
    learning.say_text("\n".join(lines) if lines else learning.words("status_none"))


# --- words for us all


def _with(act: Callable[[Learning], None]) -> Callable[[Said], None]:
    """For learners; anybody else is told what this line is. Nothing is said to whoever has stopped texts."""

    def heard(said: Said) -> None:
        learning = of(said)
        if learning is None:
            talking.turn_away(said, NAME)
        elif not said.conversation.stopped:
            act(learning)

    return heard


def _help(learning: Learning) -> None:
    learning.say("help", emergency=emergency(learning.said))


def _language(learning: Learning) -> None:
    language = wished(learning.said.text)
    known = language in learning.city.languages
    if known:
        learning.said.speak(language)
    key = "language.set" if known else "language.unknown"
    learning.say_text(learning.said.words(key, languages=learning.said.languages()))


def _carrier_stop(said: Said) -> None:
    """The carrier has confirmed it already, and lets nothing of ours through."""
    learning = of(said)
    if learning is None:
        talking.note_stranger(said, TOPIC, "revoked")
    else:
        learning.revoked()


def _stop(said: Said) -> None:
    if learning := of(said):
        learning.farewell()
    _carrier_stop(said)


def _start(said: Said) -> None:
    learning = of(said)
    if learning is None:
        talking.note_stranger(said, TOPIC, "resumed")
        talking.turn_away(said, NAME)
    else:
        learning.resumed()
        learning.say("started")


def _nothing_is_held(said: Said) -> None:
    """What waits for an answer waits in the conversation, without a time."""


WORDS: dict[str, Callable[[Said], None]] = {
    "carrier stop": _carrier_stop,
    "stop": _stop,
    "start": _start,
    "help": _with(_help),
    "status": _with(_status),
    "language": _with(_language),
    "new": _with(_courses),
}
PROGRAM = Program(NAME, questions, hear, _nothing_is_held, WORDS)
