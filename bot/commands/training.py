"""`training import|roster|export`: courses, sessions and learners from files, and out to files and calendars."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from bot import calendars, sheets
from bot.cities import load_region
from bot.commands import Stop, require_city, write_new
from bot.commands.opened import opened
from bot.commands.staff import City
from bot.imports import open_file
from bot.service import utc_now
from bot.settings import Settings, read_settings
from handlers.effects import Effect
from handlers.surveys.cells import Cell
from handlers.tables import Faulty
from handlers.training import catalogue_file, columns, roster_file
from handlers.training.columns import Fault
from handlers.training.values import PROGRAM
from handlers.uploads import Table
from storage import effects, training
from storage.database import Transaction
from storage.ids import new_id
from storage.scene import Region, Scene
from storage.vault import Vault

group = typer.Typer(help="Courses, sessions and learners.", no_args_is_help=True)

OPERATOR = "operator"
SHOWN = 200

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only name the faults, and what would change.")]
T = TypeVar("T")


@group.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX with a row a session, or iCalendar.")],
    city: City,
    dry_run: DryRun = False,
) -> None:
    """Take in the courses and sessions that a jurisdiction runs; nothing, while a row has a fault."""
    settings, region, content = _ready(file, city)

    async def work(tx: Transaction, vault: Vault) -> str:
        scene = await training.by_operator(tx, vault, region, city, utc_now(), locked=True)
        known = scene.facts.training
        taken = {id: sum(seats.taken.values()) for id, seats in known.counts.items()}
        there = catalogue_file.Known(tuple(known.courses.values()), tuple(known.sessions.values()), taken)
        runner, members = region.jurisdictions[city], _members(region)
        rows = _catalogue_rows(content, scene, city)
        found = catalogue_file.read(rows, runner, members, there, _ids(scene), scene.facts.now)
        _refuse(found.faults)
        await _keep(scene, () if dry_run else catalogue_file.effects(scene.facts, found, OPERATOR))
        new = sum(before is None for before, _ in found.sessions)
        return f"{len(found.courses)} courses, {new} new sessions, {len(found.sessions) - new} changed"

    typer.echo(f"{_told(settings, work, dry_run)}{', no faults' if dry_run else ' are kept'}.")


@group.command("roster")
def people(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX with a row a person.")],
    city: City,
    dry_run: DryRun = False,
) -> None:
    """Put people on a city's list of learners, or change them; nobody, while a row has a fault."""
    settings, region, content = _ready(file, city)
    place = region.jurisdictions[city]

    async def work(tx: Transaction, vault: Vault) -> str:
        scene = await training.by_operator(tx, vault, region, city, utc_now())
        listed = [one for one in scene.facts.training.learners.values() if one.jurisdiction == city]
        rows = _table(content, roster_file.fields(place)).rows
        found = roster_file.read(rows, place, listed, _ids(scene), scene.facts.now)
        _refuse(found.faults)
        await _keep(scene, () if dry_run else roster_file.effects(found, OPERATOR))
        return f"{len(found.people)} people are new or changed, {found.same} are as they were"

    typer.echo(f"{_told(settings, work, dry_run)}{', no faults' if dry_run else '; they are kept'}.")


@group.command("export")
def give_out(
    city: City,
    ics: Annotated[Path | None, typer.Option(metavar="OUT", help="The iCalendar file to write.")] = None,
    xlsx: Annotated[Path | None, typer.Option(metavar="OUT", help="The workbook to write.")] = None,
) -> None:
    """Write what a jurisdiction runs as a calendar, or as a workbook that `training import` takes again."""
    if (ics is None) == (xlsx is None):
        raise Stop("Give one of --ics and --xlsx.", 2)
    settings = read_settings()
    region = _region(settings, city)
    now = utc_now()

    async def work(tx: Transaction, vault: Vault) -> bytes:
        known = (await training.by_operator(tx, vault, region, city, now)).facts.training
        courses = {id: one for id, one in known.courses.items() if one.runner == city}
        sessions = [one for one in known.sessions.values() if one.course in courses]
        if ics:
            return calendars.write(courses, sessions, region.jurisdictions, now)
        from bot.reports import workbook

        open_ones = [one for one in sessions if one.state == "open"]
        return workbook.of_tables([("Training", catalogue_file.written(courses.values(), open_ones, _members(region)))])

    target = ics or xlsx or Path()
    write_new(target, _told(settings, work, dry_run=True))
    typer.echo(f"Wrote {target}.")


def _ready(file: Path, city: str) -> tuple[Settings, Region, bytes]:
    settings = read_settings()
    region = _region(settings, city)
    if not file.is_file():
        raise Stop(f"There is no file {file}.", 2)
    return settings, region, open_file(file)


def _region(settings: Settings, city: str) -> Region:
    region = load_region(settings)
    known = [key for key, one in region.jurisdictions.items() if any(desk.program == PROGRAM for desk in one.desks)]
    require_city(city, known, none="(none has a desk for training)")
    return region


def _members(region: Region) -> catalogue_file.Cities:
    return {key: one for key, one in region.jurisdictions.items() if any(desk.program == PROGRAM for desk in one.desks)}


def _catalogue_rows(content: bytes, scene: Scene, city: str) -> Iterable[tuple[int, Sequence[Cell]]]:
    known, runner = scene.facts.training, scene.facts.jurisdictions[city]
    if content.lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(b"BEGIN:VCALENDAR"):
        own = [one for one in known.courses.values() if one.runner == city]
        return calendars.read(content, runner, own, known.sessions.values())
    return _table(content, catalogue_file.fields(_members(scene.region))).rows


def _table(content: bytes, wanted: Iterable[columns.Column]) -> Table:
    sheets.check(content)
    return sheets.table(content, (name for column in wanted for name in column.names), times=True)


def _ids(scene: Scene) -> Iterator[str]:
    while True:
        yield new_id(scene.now)


async def _keep(scene: Scene, wanted: Iterable[Effect]) -> None:
    for effect in wanted:
        await effects.PERFORM[type(effect)](scene, effect)


def _refuse(faults: tuple[Fault, ...]) -> None:
    if faults:
        shown = [str(fault) for fault in faults[:SHOWN]]
        more = [f"… and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        raise Stop("\n".join((*shown, *more, "Nothing was taken in.")))


def _told(settings: Settings, work: Callable[[Transaction, Vault], Awaitable[T]], dry_run: bool) -> T:
    async def run() -> T:
        async with opened(settings, readonly=dry_run) as (database, vault):

            async def turn(tx: Transaction) -> T:
                return await work(tx, vault)

            return await (database.read(turn) if dry_run else database.transact(turn))

    try:
        return asyncio.run(run())
    except Faulty as fault:
        raise Stop(f"{fault}\nNothing was taken in.") from None
