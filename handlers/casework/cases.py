"""The life of a case as a table (ISO 37002, 8.2 to 8.5), and how staff see it."""

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from handlers.cards import Button, Buttons, Card, Facts, Form, Input, Part, Text
from handlers.casework import access
from handlers.clean import clean
from handlers.state import Case, Clock, Entry, Figures, Stage
from handlers.state import Facts as Known

STAGES: dict[Stage, str] = {
    "received": "Received",
    "assessed": "Being looked into",
    "addressed": "Being acted on",
    "concluded": "Closed",
}
MOVES: dict[Stage, tuple[Stage, ...]] = {
    "received": ("assessed", "concluded"),
    "assessed": ("addressed", "concluded"),
    "addressed": ("assessed", "concluded"),
    "concluded": ("assessed",),
}
OUTCOMES = {
    "substantiated": "Substantiated",
    "partly": "Partly substantiated",
    "unsubstantiated": "Not substantiated",
    "insufficient": "Not enough information",
    "referred": "Referred to another body",
    "out_of_scope": "Outside this line's scope",
}
CLOCKS = {"acknowledge": "Answer by", "latest": "Answer at the latest", "feedback": "Feedback by"}
AUTHORS = {
    "report": "Reporter",
    "answer": "Reporter",
    "notice": "Commonline",
    "request": "Commonline",
    "status": "Status",
}
SHOWN = 40


def may_move(case: Case, stage: str) -> bool:
    """Whether the table has that step."""
    return stage in MOVES[case.stage]


def card(facts: Known, case: Case, headline: str) -> Card:
    """What a channel may show of a case: word, city, urgency, stage and clocks; not one word of the report."""
    title = f"{case.word} · {facts.jurisdictions[case.jurisdiction].name}"
    parts: list[Part] = [Text(headline, "warning" if case.urgent else "strong"), Facts(_pairs(facts, case))]
    parts.append(Buttons(_card_buttons(case)))
    return Card(title, tuple(parts), summary=f"{case.word}: {headline}")


def view(facts: Known, case: Case) -> Form:
    """The whole case in a form of its own, for one pair of eyes; opening it is audited."""
    story = case.entries[-SHOWN:]
    earlier = len(case.entries) - len(story)
    locked = ", ".join(person[0].name or person[0].user for person in access.locked_out(facts, case))
    pairs = (*_pairs(facts, case), *((("Locked out, not to be told", locked),) if locked else ()))
    parts: list[Part] = [Facts(pairs), Buttons(_view_buttons(case))]
    if earlier:
        parts.append(Text(f"{earlier} earlier entries are not shown.", "quiet"))
    for entry in story:
        parts += [Text(_byline(facts, entry), "quiet"), Text(clean(entry.text) or "(no words)", "quote")]
        if entry.message:
            parts.append(Buttons((undo_button(case, entry.message),)))
    return Form("case_view", case.word, tuple(parts), carry={"word": case.word})


def row(facts: Known, case: Case) -> tuple[Part, ...]:
    """A case in a list."""
    marks = [STAGES[case.stage], _due(facts, case), owner(facts, case)]
    if case.unread:
        marks.insert(0, f"{case.unread} new")
    urgent = "URGENT · " if case.urgent else ""
    return (Text(f"{urgent}{case.word} · " + " · ".join(mark for mark in marks if mark)), Buttons((open_button(case),)))


def open_button(case: Case) -> Button:
    """Opens the case for who presses it."""
    return Button("Open", "case_view", {"word": case.word})


def undo_button(case: Case, message: str) -> Button:
    """Takes a text back that has not left yet."""
    return Button("Undo", "case_undo", {"word": case.word, "message": message}, style="danger")


def owner(facts: Known, case: Case) -> str:
    """Who works the case, in words."""
    if not case.assignee:
        return "unassigned"
    return next((staff.name or staff.user for staff in facts.staff if staff.id == case.assignee), "somebody else")


def next_clock(case: Case) -> Clock | None:
    """The promise that comes due first of those not kept yet."""
    return min((clock for clock in case.clocks if clock.met is None), key=lambda clock: clock.due, default=None)


def figures(known: Figures) -> Facts:
    """The line in figures."""
    speed = "none yet" if known.wait is None else f"{known.wait / timedelta(days=1):.1f} days"
    return Facts((("Open", str(known.open)), ("Closed", str(known.closed)), ("Median time to a first answer", speed)))


def choose_stage(case: Case) -> Form:
    """Which stage a case moves to; only those the table has (closing has a form of its own)."""
    options = tuple((stage, STAGES[stage]) for stage in MOVES[case.stage] if stage != "concluded")
    tell = Input("tell", "The reporter", "checks", (("yes", "Tell the reporter by text"),), ("yes",), optional=True)
    parts = (Input("stage", "New stage", "choice", options), tell)
    return Form("case_status", case.word, parts, "Move", {"word": case.word})


def choose_outcome(case: Case) -> Form:
    """How a case ends, and what the reporter is told."""
    parts = (
        Input("outcome", "Outcome", "choice", tuple(OUTCOMES.items())),
        Input("text", "Closing text to the reporter", "long_text", hint="Shown to you once more before it leaves."),
    )
    return Form("case_close", case.word, parts, "Preview", {"word": case.word})


def _pairs(facts: Known, case: Case) -> tuple[tuple[str, str], ...]:
    pairs = [
        ("Stage", STAGES[case.stage] + (f" ({OUTCOMES[case.outcome]})" if case.outcome else "")),
        ("Urgency", "Urgent: somebody may be in danger" if case.urgent else "Normal"),
        ("Assigned to", owner(facts, case)),
    ]
    if not case.reachable:
        pairs.append(("Reporter", "Has stopped texts; the case stays open"))
    if case.silent:
        pairs.append(("Texts to them", _waits(facts, case)))
    pairs += [(CLOCKS[clock.kind], _date(facts, case, clock)) for clock in _pending(case)]
    if case.linked:
        pairs.append(("Linked with", ", ".join(case.linked)))
    return tuple(pairs)


def _waits(facts: Known, case: Case) -> str:
    if case.waits_since is None:
        return "Will wait for the code: their phone was silent for long"
    day = _day(case.waits_since, facts.jurisdictions[case.jurisdiction].zone)
    return f"Waits for the code since {day}: their phone was silent for long"


def _pending(case: Case) -> list[Clock]:
    """The promises not kept yet, in their usual order."""
    kinds = list(CLOCKS)
    return sorted((clock for clock in case.clocks if clock.met is None), key=lambda clock: kinds.index(clock.kind))


def _due(facts: Known, case: Case) -> str:
    clock = next_clock(case)
    return f"{CLOCKS[clock.kind].lower()} {_date(facts, case, clock)}" if clock else ""


def _date(facts: Known, case: Case, clock: Clock) -> str:
    day = _day(clock.due, facts.jurisdictions[case.jurisdiction].zone)
    return f"{day} (overdue)" if clock.due <= facts.now else day


@lru_cache(maxsize=1024)
def _day(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%a %d %b %Y}"


def _byline(facts: Known, entry: Entry) -> str:
    author = next((row.name or row.user for row in facts.staff if row.id == entry.author), "")
    who = author or AUTHORS.get(entry.kind, "Staff")
    about = f" · {entry.question.replace('_', ' ')}" if entry.question and entry.kind != "request" else ""
    pictures = f" · {entry.pictures} picture(s)" if entry.pictures else ""
    fate = f" · {entry.delivery}" if entry.delivery else ""
    day = f"{entry.at.astimezone(facts.jurisdiction.zone):%d %b %Y}"
    return f"{who} · {entry.kind} · {day}{about}{pictures}{fate}"


def _card_buttons(case: Case) -> tuple[Button, ...]:
    word = {"word": case.word}
    open_ = Button("Open", "case_view", word, style="primary")
    if case.assignee:
        return (open_, Button("Reply", "case_reply", word))
    return (open_, Button("Assign to me", "case_take", word), Button("Reply", "case_reply", word))


def _view_buttons(case: Case) -> tuple[Button, ...]:
    word = {"word": case.word}
    closed = case.stage == "concluded"
    buttons = [
        Button("Reply", "case_reply", word, style="primary"),
        Button("Ask", "case_ask", word),
        Button("Note", "case_note", word),
        Button("Assign", "case_assign", word),
        Button("Status", "case_status", word),
    ]
    if not closed:
        buttons.append(Button("Close case", "case_close", word))
    if case.excluded:
        buttons.append(Button("Unlock", "case_unlock", word))
    if case.pictures:
        buttons.append(Button("Pictures", "case_pictures", word))
    return tuple(buttons)
