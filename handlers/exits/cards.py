"""Exit interviews as staff see them: counts of five or more, and never who."""

from collections.abc import Callable, Iterable, Sequence

from handlers import uploads
from handlers.cards import Button, Buttons, Card, Facts, Form, Input, Part, Text
from handlers.exits.interviews import Request, Wave
from handlers.jurisdiction import Jurisdiction
from handlers.messages import KEPT, Upload
from handlers.release.explain import HIDDEN
from handlers.release.response import Dispositions, shown
from handlers.release.rules import Rules, small

FEWEST = 5
STATES = {
    "open": "Running",
    "paused": "Paused: no invitations and reminders leave",
    "closed": "Closed: nothing more is asked",
    "locked": "Locked: who and what are split",
}
LABELS = {
    "complete": "Finished",
    "partial": "Under way",
    "refusal": "Said no or stopped",
    "non_contact": "No answer yet",
}
CONSENT_HINT = "Where it can be seen that they agreed to be texted: such as “signed exit form, 11/02”. No name."
ROWS_HINT = "The same columns. Nobody is invited while a row has a fault."
ACCOUNT_HINT = "Only if they still use it: the invitation then comes here, as a direct message, instead of by text."
WAYS = (("email", "E-mail"), ("letter", "Letter"), ("call", "Call or voice message"), ("person", "In person"))


def counts(wave: Wave) -> dict[str, str]:
    """A wave's counts as staff may see them, by label: what is small is hidden, and whatever it could be found by.

    They are hidden as in a report, so that nobody subtracts the one from the other.
    """
    invited, started, finished, declined = (
        wave.counts.get(name, 0) for name in ("invited", "started", "finished", "declined")
    )
    so_far = Dispositions(finished, max(0, started - finished), declined, max(0, invited - started - declined))
    read = shown(so_far, Rules())
    found = {"Invited": HIDDEN if small(invited, FEWEST) else str(invited)}
    for name, label in LABELS.items():
        count = read[name]
        found[label] = HIDDEN if count is None else str(count)
    return found


def persons(number: int) -> str:
    """How many are to be invited."""
    return "1 person" if number == 1 else f"{number} people"


def progress(cities: Iterable[Jurisdiction], waves: Iterable[Wave], requests: Iterable[Request]) -> Card:
    """Each wave of the cities that this person runs, and withdrawals that wait for their number."""
    known, parts = {city.key: city for city in cities}, list[Part]()
    for wave in waves:
        parts += _wave(known[wave.jurisdiction], wave)
    if not parts:
        parts.append(Text("No wave is open. /exit invite begins one.", "quiet"))
    parts += [find_number(known[one.jurisdiction], one) for one in requests]
    parts.append(
        Buttons(
            (
                Button("Invite", "exit_invite", style="primary"),
                Button("Invite many", "exit_many"),
                Button("Revoke", "exit_revoke"),
            )
        )
    )
    return Card("Exit interviews", tuple(parts), summary="Exit interviews")


def nudge(words: Callable[[str], str]) -> Card:
    """What a leaver gets in a chat: that something is open; it is the same whatever they have answered."""
    ways = [Button(words("chat_open"), "interview_open", style="primary")]
    ways += [Button(words(f"chat_{way}"), f"interview_{way}") for way in ("later", "stop")]
    erase = Button(words("chat_erase"), "interview_erase", style="danger", confirm=words("chat_erase_sure"))
    title = words("chat_title")
    return Card(title, (Text(words("chat_invite")), Buttons((*ways, erase))), summary=title)


def locked(city: Jurisdiction, wave: Wave) -> Card:
    """What the desk is told at the lock."""
    finished = counts(wave)["Finished"]
    line = f"The interviews of {wave.quarter} are locked. Finished: {finished}. Nobody can join people and answers now."
    return Card(f"Exit interviews · {city.name}", (Text(line),), summary=f"{city.name}: {line}")


def invite(cities: Iterable[Jurisdiction]) -> Form:
    """One person to invite."""
    known = tuple(cities)
    languages = tuple(dict.fromkeys(language for city in known for language in city.languages))
    names = {"en": "English", "es": "Español"}
    parts: tuple[Part, ...] = (
        _city(known),
        Input("phone", "Private phone", hint="Not the employer's: it stops working when they leave.", longest=30),
        Input("language", "Language", "choice", tuple((one, names.get(one, one)) for one in languages), languages[0]),
        Input("last_day", "Last day of work", "date"),
        Input("voluntary", "Did they choose to leave?", "choice", (("yes", "Yes"), ("no", "No, they were let go"))),
        Input("department", "Department", optional=True, longest=60),
        Input("consent", "How they agreed to be texted", hint=CONSENT_HINT, longest=200),
        Input("account", "Their account here", "person", hint=ACCOUNT_HINT, optional=True),
    )
    return Form("exit_invite", "Invite a leaver", parts, "Invite")


def many(cities: Iterable[Jurisdiction], kept: str = "") -> Form:
    """A file, or rows to paste; with `kept`, the file came already."""
    hint = "CSV or XLSX. First line: phone,language,last_day,voluntary,department,consent."
    if kept:
        parts: tuple[Part, ...] = (_city(tuple(cities)), uploads.field_for("File", kept))
        return Form("exit_many", "Invite many", parts, "Check", {KEPT: kept})
    parts = (
        _city(tuple(cities)),
        uploads.field_for("File", hint=hint, optional=True),
        Input("rows", "Or rows to paste", "long_text", hint=ROWS_HINT, optional=True, longest=3000),
        Input("dry", "Pasted rows", "checks", (("yes", "Only name the faults"),), ("yes",), optional=True),
    )
    return Form("exit_many", "Invite many", parts, "Check")


def faulty_list(upload: Upload, wrong: Sequence[str]) -> Card:
    """Every fault of a file of leavers by its row."""
    end = Text("Nobody was invited: mend the rows and send the file again.", "strong")
    parts = (*uploads.listed(wrong), end, *uploads.left(upload))
    return Card("Dry run: faults", parts, summary="Dry run: faults")


def sound_list(city: Jurisdiction, upload: Upload, people: int, first: str) -> Card:
    """A file of leavers without a fault, and the button that invites them."""
    sure = f"{persons(people)} will get a text from {city.name}."
    button = Button(f"Invite {people}", "exit_all", {KEPT: upload.id, "city": city.key}, "primary", sure)
    line = f"{persons(people)} of {city.name}, no faults. The first invitation leaves on {first}."
    parts = (Text(line), Buttons((button,)), *uploads.remains(upload))
    return Card("Dry run: no faults", parts, summary="Dry run: no faults")


def revoke(cities: Iterable[Jurisdiction], request: str = "", city: str = "") -> Form:
    """A wish for no more texts that came another way; with `request`, the number for one that waits."""
    asked = Input(
        "phone",
        "Their phone",
        hint="Without it, a clock of ten business days runs until it is found.",
        optional=not request,
        longest=30,
    )
    if request:
        return Form("exit_revoke", "No more texts", (asked,), "Stop texts", {"request": request, "city": city})
    parts: tuple[Part, ...] = (
        _city(tuple(cities)),
        asked,
        Input("how", "How it reached us", "choice", WAYS),
        Input("received", "On which day", "date"),
    )
    return Form("exit_revoke", "No more texts", parts, "Stop texts")


def resend(cities: Iterable[Jurisdiction]) -> Form:
    """Whom to ask their open question again."""
    parts = (_city(tuple(cities)), Input("phone", "Their phone", longest=30))
    return Form("exit_resend", "Ask again", parts, "Ask again")


def find_number(city: Jurisdiction, request: Request) -> Part:
    """The way to the form for the number of a withdrawal that waits."""
    label = f"{city.name}: find the number by {request.limit.isoformat()}"
    return Buttons((Button(label, "exit_number", {"city": city.key, "request": request.id}, "danger"),))


def _city(cities: tuple[Jurisdiction, ...]) -> Input:
    options = tuple((city.key, city.name) for city in cities)
    return Input("city", "City", "choice", options, options[0][0] if len(options) == 1 else "")


def _wave(city: Jurisdiction, wave: Wave) -> list[Part]:
    pairs = tuple(counts(wave).items())
    parts: list[Part] = [
        Text(f"{city.name}, {wave.quarter}", "strong"),
        Text(STATES[wave.state], "quiet"),
        Facts(pairs),
    ]
    values = {"city": city.key, "wave": wave.id}
    if wave.state in ("open", "paused"):
        hold = (
            Button("Pause", "exit_pause", values) if wave.state == "open" else Button("Resume", "exit_resume", values)
        )
        sure = "No more invitations and reminders go out in this wave."
        parts.append(Buttons((hold, Button("Close", "exit_close", values, "danger", sure))))
    return parts
