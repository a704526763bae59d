"""`report exits|training`: a report as files, made as in chat; of exit interviews, the same release is noted."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.cities import load_region, read_cities
from bot.commands import Stop, require_city
from bot.commands.opened import opened
from bot.commands.terminal import progress
from bot.reports.maker import Maker
from bot.service import utc_now
from bot.settings import read_settings
from handlers import calendar
from handlers.cards import Card, Facts, Text
from handlers.exits.reports import QUARTER
from handlers.messages import Place
from handlers.reports import OPERATOR, Order, Posting

group = typer.Typer(help="Reports, in totals that expose nobody.", no_args_is_help=True)


@group.command()
def exits(
    city: Annotated[str, typer.Option(help="The city's key, as `city list` shows it.")],
    quarter: Annotated[str, typer.Option(help="The last quarter of the twelve months, such as 2026Q3.")],
    out: Annotated[Path, typer.Option(help="The folder to write the files to.")],
) -> None:
    """Release a quarter of exit interviews, or give out again what was released."""
    if not QUARTER(quarter) or quarter.upper() >= _this_quarter(city):
        raise Stop("--quarter is wrong: it must be one that is over, such as 2026Q3.", 2)
    posting = asyncio.run(_made("exits", city, quarter))
    typer.echo(_words(posting.card))
    if not posting.files:
        raise Stop("No file was written.")
    _write(posting, out)


@group.command()
def training(
    city: Annotated[str, typer.Option(help="The city's key; that of who runs training, for all its cities.")],
    quarter: Annotated[str, typer.Option(help="The quarter, such as 2026Q3; this one is as it stands.")],
    out: Annotated[Path, typer.Option(help="The folder to write the files to.")],
) -> None:
    """Costs, seats, attendance and duties of a quarter; a city's own people who still owe something are named."""
    if not QUARTER(quarter) or quarter.upper() > _this_quarter(city):
        raise Stop("--quarter is wrong: it must be one that has begun, such as 2026Q3.", 2)
    posting = asyncio.run(_made("training", city, quarter))
    typer.echo(_words(posting.card))
    _write(posting, out)


def _this_quarter(city: str) -> str:
    known = read_cities(read_settings().jurisdictions)
    require_city(city, known)
    return calendar.quarter(known[city], utc_now())


async def _made(report: str, city: str, quarter: str) -> Posting:
    settings = read_settings()
    order = Order("", report, city, quarter.upper(), OPERATOR, Place("", ""))
    async with opened(settings) as (database, vault):
        maker = Maker(database, vault, load_region(settings), utc_now)
        with progress() as show:
            return await maker.make(order, show)


def _words(card: Card) -> str:
    lines = [card.title]
    for part in card.parts:
        if isinstance(part, Text):
            lines.append(part.text)
        elif isinstance(part, Facts):
            lines += [f"{label}: {value}" for label, value in part.pairs]
    return "\n".join(lines)


def _write(posting: Posting, out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for file in posting.files:
            (out / file.name).write_bytes(file.content)
            typer.echo(f"Wrote {out / file.name}.")
    except OSError as error:
        raise Stop(f"{out} cannot be written: {error.strerror}.", 2) from None
