"""Courses, sessions and learners from a file that staff send (/training import): a dry run, then taken in at once."""

from collections.abc import Iterator
from dataclasses import dataclass

from handlers import uploads
from handlers.cards import Button, Buttons, Card, Form, Input, Open, Refuse, Say, Text, say
from handlers.effects import DropUpload, Effect, Step
from handlers.jurisdiction import Jurisdiction
from handlers.messages import KEPT, Inbound, Upload
from handlers.state import Facts
from handlers.training import catalogue_file, looking, rights, roster_file
from handlers.training.catalogue_file import Known
from handlers.training.known import Asked
from handlers.training.values import PROGRAM
from handlers.uploads import Table

NOTHING = "Nothing was taken in: mend the file and send it again."
MOST = 1_000
TOO_MANY = f"The file has more than {MOST:,} rows; cut it in parts. The command line takes more at once."
NEEDED = 2
"""Ids that one row may need: a course's and a session's."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a file would do, in a line, or why it does nothing."""

    line: str
    effects: tuple[Effect, ...] = ()
    faults: tuple[str, ...] = ()


def asked(inbound: Inbound) -> Asked:
    """All courses, sessions and people that may be meant; fresh ids for as many as the file has rows."""
    table = inbound.file.read if inbound.file else None
    return Asked(all=True, counts=True, ids=NEEDED * len(table.rows) if isinstance(table, Table) else 0)


def take(inbound: Inbound, facts: Facts) -> Step:
    """The form; submitted, its dry run: every fault, or what would change and the button that takes it in."""
    choices = _choices(facts)
    if inbound.kind != "submit":
        return _form(inbound, choices)
    if inbound.value("for") not in choices:
        return Step(answer=Refuse({"for": "Choose what the file is."}))
    upload = inbound.file
    if upload is None:
        return Step(answer=Refuse({uploads.NAME: uploads.NO_FILE}))
    if not isinstance(upload.read, Table):
        return uploads.refused(upload, upload.fault or uploads.GONE)
    if len(upload.read.rows) > MOST:
        return uploads.refused(upload, TOO_MANY)
    found = _found(inbound, facts, upload.read)
    if found.faults:
        parts = (*uploads.listed(found.faults), Text(NOTHING, "strong"), *uploads.left(upload))
        return Step((DropUpload(upload.id),), answer=Say(Card("Dry run: faults", parts, summary="Dry run: faults")))
    return Step(answer=_dry_run(inbound, upload, found))


def taken(inbound: Inbound, facts: Facts) -> Step:
    """What was in the dry run is taken in, once, as things are now."""
    upload = inbound.file
    fits = upload and facts.upload_waits and inbound.value("for") in _choices(facts)
    if not (upload and fits and isinstance(upload.read, Table)):
        return Step(answer=say("Not taken in", uploads.GONE))
    found = _found(inbound, facts, upload.read)
    if found.faults:
        lines = (*found.faults[: uploads.LISTED], NOTHING)
        return Step((DropUpload(upload.id),), answer=say("Not taken in", *lines))
    return Step((*found.effects, DropUpload(upload.id)), answer=say("Taken in", found.line))


def _choices(facts: Facts) -> dict[str, str]:
    """What a file may be, by the value of the choice."""
    members, runners, mine = rights.members(facts), rights.homes(facts, "course"), rights.cities(facts)
    run = {city.runner(PROGRAM) for city in members.values()} & runners
    return {f"courses {key}": f"Courses and sessions of {facts.jurisdictions[key].name}" for key in sorted(run)} | {
        f"people {key}": f"People of {members[key].name}" for key in sorted(mine & members.keys())
    }


def _form(inbound: Inbound, choices: dict[str, str]) -> Step:
    kept = inbound.value(KEPT)
    if inbound.file and inbound.file.fault:
        return Step(answer=say("Your file", inbound.file.fault))
    if not choices:
        return Step(answer=say("Not available", uploads.NOT_YOURS))
    parts = (
        Input("for", "What it holds", "choice", tuple(choices.items())),
        uploads.field_for("File", kept, "CSV or XLSX, one row a session or a person."),
    )
    return Step(answer=Open(Form("training_import", "Take a file in", parts, "Dry run", {KEPT: kept} if kept else {})))


def _found(inbound: Inbound, facts: Facts, table: Table) -> _Found:
    what, _, key = inbound.value("for").partition(" ")
    city, ids = facts.jurisdictions[key], iter(facts.training.ids)
    read = _people if what == "people" else _courses
    return read(facts, city, table, ids)


def _courses(facts: Facts, city: Jurisdiction, table: Table, ids: Iterator[str]) -> _Found:
    known, members = facts.training, rights.members(facts)
    taken = {id: sum(seats.taken.values()) for id, seats in known.counts.items()}
    there = Known(tuple(known.courses.values()), tuple(known.sessions.values()), taken)
    found = catalogue_file.read(table.rows, city, members, there, ids, facts.now)
    new = sum(before is None for before, _ in found.sessions)
    line = f"Courses: {len(found.courses)}. New sessions: {new}. Sessions changed: {len(found.sessions) - new}."
    effects = tuple(catalogue_file.effects(facts, found, looking.me(facts).id))
    return _Found(line, effects, tuple(map(str, found.faults)))


def _people(facts: Facts, city: Jurisdiction, table: Table, ids: Iterator[str]) -> _Found:
    listed = [one for one in facts.training.learners.values() if one.jurisdiction == city.key]
    found = roster_file.read(table.rows, city, listed, ids, facts.now)
    line = f"People of {city.name} who are new or changed: {len(found.people)}. As they were: {found.same}."
    return _Found(line, tuple(roster_file.effects(found, looking.me(facts).id)), tuple(map(str, found.faults)))


def _dry_run(inbound: Inbound, upload: Upload, found: _Found) -> Say:
    values = {KEPT: upload.id, "for": inbound.value("for")}
    parts = (
        Text("No faults. This is what it would do:"),
        Text(found.line, "strong"),
        Buttons((Button("Take it in", "training_take_in", values, "primary"),)),
        *uploads.remains(upload),
    )
    return Say(Card("Dry run: no faults", parts, summary="Dry run: no faults"))


OFFERS = (uploads.Offer("Courses, sessions or people of training", "training_import", _choices),)
