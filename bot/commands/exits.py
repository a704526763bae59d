"""`exits import|undo|imports`: exit interviews that were held elsewhere, taken in by a crosswalk and undone again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from bot import imports
from bot.cities import read_cities
from bot.commands import Stop, require_city
from bot.commands.opened import opened
from bot.commands.terminal import progress
from bot.service import utc_now
from bot.settings import Settings, read_settings
from handlers.surveys.crosswalk import Crosswalk, Fault, Result, apply
from storage import responses
from storage.database import Transaction
from storage.ids import milliseconds, moment
from storage.vault import Vault

group = typer.Typer(help="Exit interviews that were held elsewhere.", no_args_is_help=True)

T = TypeVar("T")
OPERATOR = "operator"
SHOWN = 500
City = Annotated[str, typer.Option(help="The city's key, as `city list` shows it.")]


@group.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX, of people or of counts.")],
    city: City,
    map_: Annotated[str, typer.Option("--map", metavar="M", help="A crosswalk: a TOML file, or one that is shipped.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Name every fault, and keep nothing.")] = False,
) -> None:
    """Take in a file's answers, if every row fits the crosswalk; begin with --dry-run."""
    settings = read_settings()
    require_city(city, read_cities(settings.jurisdictions))
    crosswalk = _crosswalk(map_)
    if not file.is_file():
        raise Stop(f"There is no file {file}.", 2)
    content = imports.open_file(file)
    result = _result(content, crosswalk)
    _echo(_told(result))
    if result.faults:
        raise Stop("Nothing was kept: the file does not fit the crosswalk; see the lines marked FAULT.")
    if not result.responses:
        raise Stop("Nothing was kept: the file holds no answers.")
    if dry_run:
        typer.echo("Nothing was kept: this was a dry run, and no row has a fault.")
    else:
        row = asyncio.run(_keep(settings, city, crosswalk, result, imports.digest(content)))
        typer.echo(f"Kept as import {row}. To take it back: python -m bot exits undo {row} --city {city}")


@group.command()
def undo(
    import_id: Annotated[str, typer.Argument(metavar="IMPORT", help="Its id, as `exits imports` shows it.")], city: City
) -> None:
    """Take all answers of an import away again."""
    settings = read_settings()
    require_city(city, read_cities(settings.jurisdictions))
    now = milliseconds(utc_now())

    async def work(tx: Transaction, vault: Vault) -> int:
        return await responses.undo_import(tx, vault, city, import_id.lower(), actor=OPERATOR, at_ms=now)

    gone = asyncio.run(_transact(settings, work))
    typer.echo(f"Import {import_id.lower()} is undone; responses taken away: {gone}.")


@group.command("imports")
def listing(city: Annotated[str, typer.Option(help="The city's key; all cities by default.")] = "") -> None:
    """Show what was taken in, and what was undone."""
    for one in asyncio.run(_everything(read_settings(), city)):
        undone = f"undone {_day(one.undone_at)}" if one.undone_at is not None else ""
        words = (one.id, one.jurisdiction, _day(one.at), f"{one.rows} responses", one.actor, undone)
        typer.echo("  ".join(filter(None, words)))


def _crosswalk(name: str) -> Crosswalk:
    if not Path(name).is_file() and name not in imports.crosswalk_names():
        raise Stop(f"--map is wrong: it must be a file, or one of {', '.join(imports.crosswalk_names())}.", 2)
    return imports.load_crosswalk(name)


def _result(content: bytes, crosswalk: Crosswalk) -> Result:
    with progress() as show:
        return apply(crosswalk, imports.read_sheet(content, crosswalk, show), imports.quarter(utc_now()))


def _told(result: Result) -> Iterator[str]:
    """What was found, mended and understood: the crosswalk as it met this file."""
    yield from _marked("FAULT", "would fit", result.faults)
    yield from _marked("note", "done", result.notes)
    for name, codes in sorted(result.tallies.items()):
        counts = ", ".join(f"{code} × {count}" for code, count in sorted(codes.items()))  # noqa: RUF001
        yield f"read   {name}: {counts}"
    quarters = sorted({response.quarter for response in result.responses})
    people = sum(response.weight for response in result.responses)
    span = f" of {quarters[0]} to {quarters[-1]}" if quarters else ""
    yield f"{result.rows} rows, {len(result.responses)} responses{span}, from {people} people or ticks."


def _marked(mark: str, word: str, faults: tuple[Fault, ...]) -> Iterator[str]:
    yield from (f"{mark:5}  {fault}; {word}: {fault.fits}" for fault in faults[:SHOWN])
    if len(faults) > SHOWN:
        yield f"{mark:5}  … and {len(faults) - SHOWN} more of other kinds"


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)


async def _keep(settings: Settings, city: str, crosswalk: Crosswalk, result: Result, digest: str) -> str:
    now = milliseconds(utc_now())
    with progress() as show:

        async def work(tx: Transaction, vault: Vault) -> str:
            return await responses.add_import(
                tx,
                vault,
                city,
                crosswalk.questionnaire,
                result.responses,
                digest=digest,
                actor=OPERATOR,
                at_ms=now,
                count=lambda done, total: show("keeping", done, total),
            )

        return await _transact(settings, work)


async def _everything(settings: Settings, city: str) -> tuple[responses.Import, ...]:
    async with opened(settings, readonly=True) as (database, _):
        return await database.read(lambda tx: responses.listing(tx, city))


async def _transact(settings: Settings, work: Callable[[Transaction, Vault], Awaitable[T]]) -> T:
    async with opened(settings) as (database, vault):
        return await database.transact(lambda tx: work(tx, vault))


def _day(at: int) -> str:
    return f"{moment(at):%Y-%m-%d}"
