"""The forms by which staff make courses and sessions, ask people, list learners and take attendance."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from handlers.cards import Button, Buttons, Facts, Form, Input, Part, Text
from handlers.jurisdiction import Jurisdiction
from handlers.training import cards
from handlers.training.entries import CENTS, KINDS, ROLES
from handlers.training.known import Seats
from handlers.training.values import Audience, Course, Enrolment, Learner, Session, State

Cities = Mapping[str, Jurisdiction]

LANGUAGES = {"en": "English", "es": "Español"}
STATES: Mapping[State, str] = {
    "requested": "waits for their manager",
    "offered": "has an offer",
    "enrolled": "enrolled",
    "waitlisted": "on the waitlist",
    "attended": "attended",
    "missed": "was missing",
}
MARKED = frozenset({"enrolled", "attended", "missed"})
SHOWN = frozenset[State](STATES)
PAGE = 60


def course(now: Course | None, known: Iterable[Course], runners: Cities, cities: Cities) -> Form:
    """A new course, or one that is there; its code, kind and runner stay."""
    codes = tuple((one.code, f"{one.code} · {one.title}") for one in known if one != now)
    fixed: tuple[Part, ...] = ()
    if now is None:
        hint = "2 to 8 letters, by which people name it in texts: SUP."
        fixed = (
            Input("code", "Code", hint=hint, longest=8),
            Input("kind", "What it is", "choice", tuple(KINDS.items()), "course"),
            *_several("runner", "Who runs it", runners),
        )
    parts: tuple[Part, ...] = (
        *fixed,
        Input("title", "Title", initial=now.title if now else "", longest=80),
        Input("credits", "Credits in hours", initial=_plain(now.credits) if now else "", optional=True, longest=6),
        Input(
            "valid_months",
            "Certificate counts for (months)",
            initial=_number(now.valid_months) if now else "",
            hint="Empty: for good.",
            optional=True,
            longest=3,
        ),
        Input("requires", "Needs before", "checks", codes, _some(now.requires if now else ()), optional=True),
        Input(
            "approval",
            "Manager",
            "checks",
            (("yes", "A manager must approve first"),),
            ("yes",) if now and now.approval else (),
            optional=True,
        ),
        Input(
            "within_days",
            "Must be taken within (days)",
            initial=_number(now.within_days) if now else "",
            hint="After their term begins. Empty: nobody must take it. Below, say who must.",
            optional=True,
            longest=3,
        ),
        *_audience("required_", now.required_of if now else Audience(), cities, ()),
    )
    title = f"Course {now.code}" if now else "New course"
    return _form("training_course", title, parts, "Save", {"edit": now.code} if now else {})


def session(now: Session | None, courses: Sequence[Course], runner: Jurisdiction | None, cities: Cities) -> Form:
    """A new session, or one that is there; its course stays. `runner` has the zone of its times."""
    chosen = tuple((one.code, f"{one.code} · {one.title}") for one in courses)
    place, hint = now.place if now else "", "Room and address; it goes out by text."
    host, label = now.host if now else "", "Host, for a leadership exchange"
    parts: tuple[Part, ...] = (
        *(() if now else (Input("course", "Course", "choice", chosen, chosen[0][0] if len(chosen) == 1 else ""),)),
        *_times(now, runner),
        Input("place", "Place", initial=place, hint=hint, longest=60),
        Input("seats", "Seats", initial=str(now.seats) if now else "", longest=4),
        *_price(now, cities),
        *_shares(now, runner, cities),
        Input("host", label, "choice", _options(cities), host, optional=True),
    )
    title = f"Session {now.word}" if now else "New session"
    return _form("training_session", title, parts, "Save", {"word": now.word} if now else {})


def prompt(of: Session, cities: Cities, boards: Iterable[str]) -> Form:
    """Whom to ask whether they want a seat; nobody is asked before the preview."""
    parts: tuple[Part, ...] = (
        Text(
            "Leave everything empty to ask all who are listed. You see the text and how many people get it next.",
            "quiet",
        ),
        *_audience("", Audience(), cities, boards),
        Input("term_ends_by", "Only whose term of office ends by", "date", optional=True),
        Input("due_by", "Only who must have this course by", "date", optional=True),
    )
    return _form("training_prompt", f"Ask people: {of.word}", parts, "Preview", {"word": of.word})


def learner(cities: Cities) -> Form:
    """Somebody to be listed, so that they can be asked."""
    languages = dict.fromkeys(language for city in cities.values() for language in city.languages)
    parts: tuple[Part, ...] = (
        *_several("city", "City", cities),
        Input("name", "Name", longest=60),
        Input("role", "Role", "choice", tuple(ROLES.items()), "staff"),
        Input("board", "Board or commission", optional=True, longest=60),
        Input("office", "Department or office", optional=True, longest=60),
        Input(
            "language",
            "Language",
            "choice",
            tuple((one, LANGUAGES.get(one, one)) for one in languages),
            next(iter(languages)),
        ),
        Input(
            "phone",
            "Phone for texts",
            hint="With their consent. A phone, an account in this chat, or both.",
            optional=True,
            longest=30,
        ),
        Input("account", "Account in this chat", "person", optional=True),
        Input("manager", "Their manager", "person", hint="Approves courses that need it.", optional=True),
        Input("email", "E-mail", hint="For certificates and calendar entries.", optional=True, longest=80),
        Input("term_begins", "Term begins", "date", optional=True),
        Input("term_ends", "Term ends", "date", optional=True),
    )
    return Form("training_learner", "Add a learner", parts, "Add")


def remove(people: Iterable[Learner], cities: Cities) -> Form:
    """Whom to take off the list; asks which, where a name means several."""
    options = tuple((one.id, who(one, cities)) for one in people)
    parts: tuple[Part, ...] = (
        Input("learner", "Who", "choice", options, options[0][0] if len(options) == 1 else ""),
        Text(
            "Their name, phone, places and seats are deleted. Certificates stay valid, without a name here.", "warning"
        ),
    )
    return Form("training_remove", "Remove a learner", parts, "Remove")


def roster(
    of: Session,
    about: str,
    people: Sequence[tuple[Enrolment, Learner]],
    seats: Seats,
    cities: Cities,
    mine: bool,
    began: bool,
    after: int,
) -> Form:
    """Who takes part, in the order of coming; who runs it ticks who was there, several at once."""
    shown = people[:PAGE]
    marked = [one for one in shown if one[0].state in MARKED] if mine and began else []
    parts: list[Part] = [Text(about, "strong"), Facts(cards.fullness(of, seats, cities))]
    parts += [
        Text(f"{who(one, cities)}: {STATES[at.state]}{_stead(at)}") for at, one in shown if (at, one) not in marked
    ]
    if not shown:
        parts.append(Text("Nobody that you may see has a seat or waits for one yet."))
    parts.append(Text("Who was asked and has not said yes is not listed.", "quiet"))
    if marked:
        options = tuple((at.learner, f"{who(one, cities)}{_stead(at)}") for at, one in marked)
        here = tuple(at.learner for at, _ in marked if at.state == "attended")
        rest = tuple(("yes",) if any(at.state == "missed" for at, _ in marked) else ())
        parts.append(Input("here", "Was there", "checks", options, here, optional=True))
        parts.append(Input("rest", "The others", "checks", (("yes", "Were missing"),), rest, optional=True))
    values = {"word": of.word}
    buttons = (
        [Button("Next page", "training_roster", {**values, "after": str(shown[-1][0].number)})]
        if len(people) > PAGE
        else []
    )
    if mine and of.state == "open":
        buttons += [Button("Room code", "training_room", values), Button("Offer a seat", "training_offer", values)]
        buttons.append(Button("Call it off", "training_cancel", values, "danger"))
    parts += [Buttons(tuple(buttons))] if buttons else []
    carry = {**values, "after": str(after)}
    return Form("training_attend", of.word, tuple(parts), "Save attendance" if marked else "", carry)


def cancel(of: Session, about: str, enrolled: int, waiting: int) -> Form:
    """The last word before everybody is told."""
    seated = counted(enrolled, "person has a seat", "people have a seat")
    waits = counted(waiting, "person waits", "people wait")
    told = f"{seated}, {waits}. They, and all" if enrolled + waiting else "Nobody has a seat. All"
    parts: tuple[Part, ...] = (
        Text(f"{of.word}: {about}", "strong"),
        Text(
            f"{told} who were asked are told that it does not take place. This cannot be undone.",
            "warning",
        ),
    )
    return Form("training_cancel", "Call off a session", parts, "Call it off, tell all", {"word": of.word})


def offer(of: Session, waiting: Sequence[tuple[Enrolment, Learner]], cities: Cities) -> Form:
    """To whom on the waitlist a free seat is given by hand, also in the last day before."""
    options = tuple((at.learner, who(one, cities)) for at, one in waiting[:PAGE])
    parts = (Input("learner", "Who gets the seat", "choice", options, options[0][0]),)
    return Form("training_offer", f"Offer a seat: {of.word}", parts, "Offer it", {"word": of.word})


def exchange(of: Session, pairs: tuple[tuple[str, str], ...]) -> Form:
    """The pairs so far, and who visits whom next."""
    parts: tuple[Part, ...] = (
        Facts(pairs) if pairs else Text("Nobody is paired yet.", "quiet"),
        Input("hosting", "Who hosts", hint="Their name, as it is on the list.", longest=60),
        Input("visiting", "Who visits", hint="Somebody of another city.", longest=60),
        Text("Both are asked. It stands when both have said yes.", "quiet"),
    )
    return Form("training_exchange", f"Exchange {of.word}", parts, "Ask both", {"word": of.word})


def _form(name: str, title: str, parts: Iterable[Part], submit: str, carry: Mapping[str, str]) -> Form:
    """Without the fields in which there is nothing to choose."""
    some = (one for one in parts if not isinstance(one, Input) or one.kind not in ("choice", "checks") or one.options)
    return Form(name, title, tuple(some), submit, carry)


def who(one: Learner, cities: Cities) -> str:
    """A learner as staff know them: name, city, board."""
    return " · ".join(
        word for word in (one.name, cards.name(cities, one.jurisdiction), one.board or one.office) if word
    )


def _times(now: Session | None, runner: Jurisdiction | None) -> tuple[Part, ...]:
    day = begins = ends = ""
    if now and runner:
        local = now.begins.astimezone(runner.zone)
        day, begins, ends = f"{local:%Y-%m-%d}", cards.clock(local), cards.clock(now.ends.astimezone(runner.zone))
    return (
        Input("day", "Day", "date", initial=day),
        Input("from", "From", initial=begins, hint="Local time, such as 9:00 am.", longest=10),
        Input("to", "To", initial=ends, hint="Such as 1:00 pm.", longest=10),
    )


def _price(now: Session | None, cities: Cities) -> tuple[Part, ...]:
    price, discount = (_dollars(now.price), _number(now.discount)) if now else ("", "")
    members = _some(now.members if now else ())
    return (
        Input("price", "Price a seat in dollars", initial=price, optional=True, longest=8),
        Input("discount", "Discount for members in percent", initial=discount, optional=True, longest=3),
        Input("members", "Members, who get the discount", "checks", _options(cities), members, optional=True),
    )


def _shares(now: Session | None, runner: Jurisdiction | None, cities: Cities) -> tuple[Part, ...]:
    """Seats that are kept for cities, and until when."""
    kept = {key: _number(now.shares.get(key, 0)) if now else "" for key in cities}
    last = f"{now.shared_until.astimezone(runner.zone):%Y-%m-%d}" if now and now.shared_until and runner else ""
    hint = "From then on, seats that are left are for whoever comes first."
    return (
        *(
            Input(f"share_{key}", f"Seats kept for {city.name}", initial=kept[key], optional=True, longest=3)
            for key, city in cities.items()
        ),
        Input("shared_until", "Kept until", "date", initial=last, hint=hint, optional=True),
    )


def _audience(prefix: str, now: Audience, cities: Cities, boards: Iterable[str]) -> tuple[Part, ...]:
    """The fields that say who is meant; boards are ticked where they are known, else written."""
    known = tuple((board, board) for board in sorted(boards))
    label = "Who must take it" if prefix else "Who is asked"
    return (
        Input(
            f"{prefix}cities", f"{label}: cities", "checks", _options(cities), _some(now.jurisdictions), optional=True
        ),
        Input(f"{prefix}roles", "Roles", "checks", tuple(ROLES.items()), _some(now.roles), optional=True),
        Input(
            f"{prefix}boards",
            "Boards and commissions",
            "checks" if known else "text",
            known,
            _some(now.boards) if known else ", ".join(sorted(now.boards)),
            "" if known else "With commas between them. Empty: all.",
            optional=True,
        ),
    )


def _several(name: str, label: str, cities: Cities) -> tuple[Part, ...]:
    """A choice of cities."""
    return (Input(name, label, "choice", _options(cities), next(iter(cities)) if len(cities) == 1 else ""),)


def _options(cities: Cities) -> tuple[tuple[str, str], ...]:
    return tuple((key, city.name) for key, city in cities.items())


def _stead(at: Enrolment) -> str:
    return f", {at.substitute} comes instead" if at.substitute else ""


def _some(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(found))


def _number(number: int) -> str:
    return str(number) if number else ""


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}" if number else ""


def _dollars(cents: int) -> str:
    return f"{cents / CENTS:.2f}" if cents else ""


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun and verb: "1 person is", "3 people are"."""
    return f"{number} {one if number == 1 else many}"
