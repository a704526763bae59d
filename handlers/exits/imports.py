"""The step for interviews that were held elsewhere (/exit import): a dry run, then taking the file in, and undoing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from handlers import uploads
from handlers.cards import Answer, Button, Buttons, Card, Form, Input, Open, Part, Refuse, Say, Text, say
from handlers.cards import Facts as Pairs
from handlers.effects import DropUpload, Effect, Step, TakeIn, UndoImport
from handlers.exits.rights import coordinator, named_city, runs
from handlers.jurisdiction import Jurisdiction
from handlers.messages import KEPT, Inbound, Upload
from handlers.state import Facts
from handlers.surveys.crosswalk import Fault, Result

NOTES = 6
COLUMNS = 15
LONGEST_LINE = 300
TIMES = "\u00d7"
NOTHING_KEPT = "Nothing was taken in: mend the file, or have the crosswalk mended, and send it again."
ALL_OF_IT = "The whole list: python -m bot exits import FILE --city {city} --map {map} --dry-run"
SURE = "Its answers count in the city's reports from then on. It can be undone."
UNDO_SURE = "All answers of this file are taken away again."
NO_IMPORT = say("No such file", "It is not there any more: it was undone already, or it is another city's.")
RELEASED = "A report that is out tells of these answers; they cannot be taken away any more."
NO_ANSWERS = "The file holds no answers."


@dataclass(frozen=True, slots=True)
class Read:
    """A file as its crosswalk read it, for that questionnaire; `columns` are their names for ours."""

    questionnaire: str
    result: Result
    columns: Mapping[str, str] = field(default_factory=dict)


def take(inbound: Inbound, facts: Facts) -> Step:
    """The form; submitted, its dry run: every fault, or what each column becomes and the button that takes it in."""
    if inbound.kind != "submit":
        return Step(answer=_form(inbound, facts))
    city, upload = named_city(inbound, facts), inbound.file
    if city is None:
        return Step(answer=Refuse({"city": "Choose a city."}))
    if inbound.value("map") not in facts.crosswalks:
        return Step(answer=Refuse({"map": "Choose a crosswalk."}))
    if upload is None:
        return Step(answer=Refuse({uploads.NAME: uploads.NO_FILE}))
    if not isinstance(upload.read, Read):
        return uploads.refused(upload, upload.fault or uploads.GONE)
    if wrong := _wrong(facts, city, upload.read.result):
        return Step((DropUpload(upload.id),), answer=_faulty(inbound, city, upload, upload.read.result, wrong))
    return Step(answer=_dry_run(inbound, city, upload, upload.read))


def taken(inbound: Inbound, facts: Facts) -> Step:
    """What was in the dry run is taken in, once."""
    city, upload = named_city(inbound, facts), inbound.file
    if city is None or upload is None or not facts.upload_waits or not isinstance(upload.read, Read):
        return Step(answer=say("Not taken in", uploads.GONE))
    result = upload.read.result
    if wrong := _wrong(facts, city, result):
        return Step((DropUpload(upload.id),), answer=_faulty(inbound, city, upload, result, wrong))
    id = facts.fresh.code.replace("-", "").lower()[:8]
    me = coordinator(facts, city).id
    effects: tuple[Effect, ...] = (
        TakeIn(id, upload.read.questionnaire, result.responses, upload.digest, me),
        DropUpload(upload.id),
    )
    line = f"{len(result.responses)} responses of {city.name}. /exit imports lists what was taken in."
    parts = (Text(line), Buttons((_undo(city, id),)))
    return Step(effects, answer=Say(Card("Taken in", parts, summary="Taken in")))


def listing(inbound: Inbound, facts: Facts) -> Step:
    """What was taken in, the newest first, each with its way back."""
    known = {city.key: city for city in runs(facts)}
    parts: list[Part] = []
    for one in sorted(facts.imports, key=lambda one: one.at, reverse=True)[: uploads.LISTED]:
        city = known[one.jurisdiction]
        parts.append(Text(f"{city.name}, {one.at.astimezone(city.zone):%Y-%m-%d}: {one.rows} responses, {one.id}"))
        parts.append(Text(RELEASED, "quiet") if one.released else Buttons((_undo(city, one.id),)))
    if not parts:
        parts.append(Text("No file was taken in. /exit import takes one.", "quiet"))
    return Step(answer=Say(Card("Interviews held elsewhere", tuple(parts), summary="Interviews held elsewhere")))


def undone(inbound: Inbound, facts: Facts) -> Step:
    """All answers of one file go again."""
    city, id = named_city(inbound, facts), inbound.value("import")
    found = next((one for one in facts.imports if city and (one.jurisdiction, one.id) == (city.key, id)), None)
    if city is None or found is None:
        return Step(answer=NO_IMPORT)
    if found.released:
        return Step(answer=say("Not undone", RELEASED))
    effect = UndoImport(id, coordinator(facts, city).id)
    return Step((effect,), answer=say("Undone", f"All answers of that file of {city.name} are taken away again."))


def _form(inbound: Inbound, facts: Facts) -> Answer:
    cities, kept = runs(facts), inbound.value(KEPT)
    if inbound.file and inbound.file.fault:
        return say("Your file", inbound.file.fault)
    options = tuple((city.key, city.name) for city in cities)
    maps = tuple((name, about) for name, about in facts.crosswalks.items())
    parts: tuple[Part, ...] = (
        Input("city", "City", "choice", options, options[0][0] if len(options) == 1 else ""),
        Input(
            "map",
            "Crosswalk",
            "choice",
            maps,
            maps[0][0] if len(maps) == 1 else "",
            hint="It says what each column means.",
        ),
        uploads.field_for("File of the interviews", kept, "CSV or XLSX, of people or of counts."),
    )
    return Open(Form("exit_import", "Take a file in", parts, "Dry run", {KEPT: kept} if kept else {}))


def _wrong(facts: Facts, city: Jurisdiction, result: Result) -> list[str]:
    """Why the file cannot be taken in."""
    if result.faults:
        return [f"{fault}; would fit: {fault.fits}" for fault in result.faults]
    if not result.responses:
        return [NO_ANSWERS]
    if facts.imported:
        return [f"This file is in already, as {facts.imported}; undo that one first. /exit imports lists it."]
    return []


def _faulty(inbound: Inbound, city: Jurisdiction, upload: Upload, result: Result, wrong: list[str]) -> Answer:
    whole = ALL_OF_IT.format(city=city.key, map=inbound.value("map"))
    parts = (
        _counts(result),
        *uploads.listed(_cut(wrong)),
        *((Text(whole, "quiet"),) if len(wrong) > uploads.LISTED else ()),
        Text(NOTHING_KEPT, "strong"),
        *uploads.left(upload),
    )
    return Say(Card("Dry run: faults", parts, summary="Dry run: faults"))


def _dry_run(inbound: Inbound, city: Jurisdiction, upload: Upload, read: Read) -> Answer:
    values = {KEPT: upload.id, "city": city.key, "map": inbound.value("map")}
    parts = (
        Text(f"No faults. This is what {city.name} would have:"),
        _counts(read.result),
        *uploads.listed(_cut(_becomes(read)), COLUMNS),
        *uploads.listed(_cut(_mended(read.result.notes)), NOTES),
        Buttons((Button("Take it in", "exit_take_in", values, "primary", SURE),)),
        *uploads.remains(upload),
    )
    return Say(Card("Dry run: no faults", parts, summary="Dry run: no faults"))


def _counts(result: Result) -> Pairs:
    quarters = sorted({response.quarter for response in result.responses})
    people = sum(response.weight for response in result.responses)
    span = f"{quarters[0]} to {quarters[-1]}" if len(quarters) > 1 else "".join(quarters)
    pairs = (("Rows", result.rows), ("Responses", len(result.responses)), ("People or ticks", people))
    return Pairs((*((label, str(number)) for label, number in pairs), ("Quarters", span or "none")))


def _becomes(read: Read) -> Iterator[str]:
    """Their column, what it is here, and how many gave each code."""
    for name, codes in sorted(read.result.tallies.items()):
        theirs = f"{read.columns[name]} \u2192 " if name in read.columns else ""
        yield f"{theirs}{name}: " + ", ".join(f"{code} {TIMES} {count}" for code, count in sorted(codes.items()))


def _mended(notes: tuple[Fault, ...]) -> Iterator[str]:
    yield from (f"Mended: {note}; {note.fits}" for note in notes)


def _cut(lines: Iterator[str] | list[str]) -> Iterator[str]:
    yield from (line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…" for line in lines)


def _undo(city: Jurisdiction, id: str) -> Button:
    return Button("Undo", "exit_undo", {"city": city.key, "import": id}, "danger", UNDO_SURE)
