"""`exits invite`: a whole list of leavers at once, every fault named by its row before anybody is invited."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.cities import load_region
from bot.commands import Stop, require_city
from bot.commands.opened import opened
from bot.commands.staff import City
from bot.service import utc_now
from bot.settings import Settings, read_settings
from handlers.exits import desk as exits
from handlers.exits import roster
from handlers.exits.interviews import PROGRAM
from handlers.exits.rights import CHANNEL
from handlers.jurisdiction import Jurisdiction
from storage import effects
from storage import exits as stored
from storage.database import Transaction
from storage.scene import Region
from storage.vault import Vault

LARGEST = 1_000_000
OPERATOR = "operator"


def invite(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=f"CSV with the columns {','.join(roster.COLUMNS)}.")],
    city: City,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only name the faults.")] = False,
) -> None:
    """Invite everybody of a CSV file to an exit interview by text; nobody, while a row has a fault."""
    settings = read_settings()
    region = load_region(settings)
    require_city(city, [key for key, one in region.jurisdictions.items() if one.line(CHANNEL, PROGRAM)])
    place = region.jurisdictions[city]
    people, faults = roster.all_of(place, _text(file), utc_now())
    _refuse(faults)
    faults = asyncio.run(_invite(settings, region, place, people, dry_run))
    _refuse(faults)
    typer.echo(f"{len(people)} people, no faults." if dry_run else f"{len(people)} people are invited.")


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()[:LARGEST]
    except OSError as error:
        raise Stop(f"FILE is wrong: {file} cannot be read: {error.strerror}.", 2) from None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Stop(f"FILE is wrong: {file} is no text in UTF-8 or Windows-1252.", 2)


def _refuse(faults: list[str]) -> None:
    if faults:
        raise Stop("\n".join((*faults, "Nobody was invited.")))


async def _invite(
    settings: Settings, region: Region, city: Jurisdiction, people: list[roster.Invitee], dry_run: bool
) -> list[str]:
    async with opened(settings, readonly=dry_run) as (database, vault):
        work = partial(_work, vault, region, city, people, dry_run)
        return await (database.read(work) if dry_run else database.transact(work))


async def _work(
    vault: Vault, region: Region, city: Jurisdiction, people: list[roster.Invitee], dry_run: bool, tx: Transaction
) -> list[str]:
    """The same decision as in chat, by the operator; the faults, if there are any."""
    scene = await stored.by_operator(tx, vault, region, city.key, tuple(one.phone for one in people), utc_now())
    faults = exits.faults(scene.facts, people)
    if not (faults or dry_run):
        for effect in exits.invited(scene.facts, city, people, scene.inbound.received_at, OPERATOR):
            await effects.PERFORM[type(effect)](scene, effect)
    return faults
