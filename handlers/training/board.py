"""The compliance board: per course, city and board how many must have it and have it; names for the own clerk alone."""

from collections.abc import Sequence

from handlers import calendar, reports
from handlers.cards import Button, Buttons, Divider, Form, Open, Part, Text
from handlers.cards import Facts as Pairs
from handlers.effects import Audit, Step
from handlers.messages import Inbound
from handlers.state import Facts
from handlers.training import cards, looking, rights
from handlers.training.duties import Duty, Group, duties, groups
from handlers.training.known import Asked

MOST_NAMES = 40
NOBODY = "Nobody must take a course, as far as you can see. A course says so itself: /training course edit."


def asked(inbound: Inbound) -> Asked:
    """Everybody they may see."""
    return Asked(all=True)


def board(inbound: Inbound, facts: Facts) -> Step:
    """It opens for them alone, for it may hold names."""
    found = owed(facts)
    parts = tuple(_parts(facts, found)) if found else (Text(NOBODY, "quiet"),)
    return Step(
        (Audit("board_viewed", actor=looking.me(facts).id),), answer=Open(Form("training_board", "Compliance", parts))
    )


def picture(inbound: Inbound, facts: Facts) -> Step:
    """The same as a picture, where the desk is or for them alone; it takes a moment to draw."""
    city = facts.jurisdictions[looking.me(facts).jurisdiction]
    return reports.ordered(inbound, facts, city, "board", calendar.quarter(city, facts.now))


def owed(facts: Facts) -> list[Duty]:
    """Every duty of a course that is any business of theirs."""
    known = facts.training
    seen = [one for one in known.courses.values() if rights.sees(facts, one)]
    today = calendar.local_day(facts.jurisdiction, facts.now)
    return duties(seen, known.learners.values(), known.certificates, today)


def told(group: Group) -> str:
    """One line of the table: "5 of 8 have it, 2 overdue"."""
    late = f", {group.counts['late']} overdue" if group.counts["late"] else ""
    return f"{group.counts['done']} of {group.must} have it{late}"


def _parts(facts: Facts, found: Sequence[Duty]) -> list[Part]:
    parts: list[Part] = []
    titles = {one.course.code: one.course.title for one in found}
    for code, title in titles.items():
        mine = [one for one in groups(found) if one.course == code]
        pairs = tuple((f"{cards.name(facts.jurisdictions, one.city)} · {one.board}", told(one)) for one in mine)
        parts += [Text(f"{code} · {title}", "strong"), Pairs(pairs)]
    post = Button("Post it as a picture", "training_picture")
    return [*parts, Buttons((post,)), Text("The picture holds counts only, no names.", "quiet"), *_names(facts, found)]


def _names(facts: Facts, found: Sequence[Duty]) -> list[Part]:
    """Who is missing, for the clerk of their own city."""
    mine = {row.jurisdiction for row in facts.actor if "clerk" in row.roles}
    missing = [one for one in found if one.standing != "done" and one.learner.jurisdiction in mine]
    if not missing:
        return []
    lines = [Text(_name(one)) for one in missing[:MOST_NAMES]]
    more = [Text(f"and {len(missing) - MOST_NAMES} more", "quiet")] if len(missing) > MOST_NAMES else []
    return [Divider(), Text("Still missing", "strong"), *lines, *more]


def _name(duty: Duty) -> str:
    due = f", due {duty.due:%b} {duty.due.day}, {duty.due.year}" if duty.due else ", no term noted"
    late = " (overdue)" if duty.standing == "late" else ""
    return " · ".join(word for word in (duty.learner.name, duty.learner.board, duty.course.code) if word) + due + late
