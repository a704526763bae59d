"""`staff add|remove|list`: who may work the line, per city, by their Slack or Teams account."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, get_args

import typer

from bot.cities import read_cities
from bot.commands import Stop, require_city
from bot.commands.opened import opened
from bot.service import utc_now
from bot.settings import Settings, read_settings
from handlers.state import Role, Staff
from storage import audit, staff
from storage.database import Transaction
from storage.ids import milliseconds
from storage.vault import Vault

group = typer.Typer(help="Who may work the line, per city.", no_args_is_help=True)

ROLES = get_args(Role)
City = Annotated[str, typer.Option(help="The city's key, as `city list` shows it.")]
Slack = Annotated[str, typer.Option(metavar="TEAM/USER", help="Their Slack workspace and user (ids, T…/U…).")]
Teams = Annotated[str, typer.Option(metavar="TENANT/OBJECT", help="Their Microsoft 365 tenant and object id.")]


@group.command()
def add(
    city: City,
    role: Annotated[list[str], typer.Option(help=f"One of {', '.join(ROLES)}; may be given several times.")],
    slack: Slack = "",
    teams: Teams = "",
    name: Annotated[str, typer.Option(help="The name by which a report may mean them.")] = "",
    office: Annotated[str, typer.Option(help="Their office's key in the city's file.")] = "",
) -> None:
    """Put a person on a city's list, or change their roles, name and office there."""
    settings = read_settings()
    _check(settings, city, role, office)
    channel, team, user = _account(slack, teams)

    async def work(tx: Transaction, vault: Vault) -> None:
        who = {"jurisdiction": city, "channel": channel, "team": team, "user": user}
        row = await staff.add(tx, vault, **who, roles=frozenset(role), name=name, office=office)
        await _record(tx, vault, city, "staff_added", row, " ".join(sorted(role)))

    asyncio.run(_change(settings, work))
    typer.echo(f"{team}/{user} is on the list of {city}: {', '.join(sorted(role))}.")


@group.command()
def remove(city: City, slack: Slack = "", teams: Teams = "") -> None:
    """Take a person off a city's list."""
    settings = read_settings()
    _check(settings, city, [], "")
    channel, team, user = _account(slack, teams)

    async def work(tx: Transaction, vault: Vault) -> None:
        row = next((one.id for one in await staff.everyone(tx, vault) if _is(one, city, channel, team, user)), "")
        if not await staff.remove(tx, jurisdiction=city, channel=channel, team=team, user=user):
            raise Stop(f"{team}/{user} is not on the list of {city}.")
        await _record(tx, vault, city, "staff_removed", row, "")

    asyncio.run(_change(settings, work))
    typer.echo(f"{team}/{user} is off the list of {city}.")


@group.command("list")
def listing(city: City = "") -> None:
    """Show who is on the list, of one city or of all."""
    people = asyncio.run(_everyone(read_settings()))
    for one in sorted(people, key=lambda one: (one.jurisdiction, one.channel, one.team, one.user)):
        if city in ("", one.jurisdiction):
            roles = ",".join(sorted(one.roles))
            typer.echo(
                "  ".join((one.jurisdiction, one.channel, f"{one.team}/{one.user}", roles, one.name, one.office))
            )


def _check(settings: Settings, city: str, roles: list[str], office: str) -> None:
    known = read_cities(settings.jurisdictions)
    require_city(city, known)
    if not set(roles) <= set(ROLES):
        raise Stop(f"--role is wrong: it must be one of {', '.join(ROLES)}.", 2)
    offices = [one.key for one in known[city].offices]
    if office and office not in offices:
        raise Stop(f"--office is wrong: {city} has {', '.join(offices) or 'none'}.", 2)


def _account(slack: str, teams: str) -> tuple[str, str, str]:
    """Channel, team and user of exactly one account."""
    if bool(slack) == bool(teams):
        raise Stop("Give one account: --slack TEAM/USER or --teams TENANT/OBJECT.", 2)
    team, _, user = (slack or teams).partition("/")
    if not team or not user or not (team + user).replace("-", "").isalnum():
        raise Stop(f"--{'slack' if slack else 'teams'} is wrong: it must be two ids with a / between them.", 2)
    return ("slack" if slack else "teams"), team, user


def _is(one: Staff, *account: str) -> bool:
    return (one.jurisdiction, one.channel, one.team, one.user) == account


async def _change(settings: Settings, work: Callable[[Transaction, Vault], Awaitable[None]]) -> None:
    async with opened(settings) as (database, vault):
        await database.transact(lambda tx: work(tx, vault))


async def _everyone(settings: Settings) -> tuple[Staff, ...]:
    async with opened(settings, readonly=True) as (database, vault):
        return await database.read(lambda tx: staff.everyone(tx, vault))


async def _record(tx: Transaction, vault: Vault, city: str, action: str, row: str, detail: str) -> None:
    """Every change of the list is a line in the city's audit chain."""
    await audit.append(
        tx,
        vault,
        jurisdiction=city,
        at_ms=milliseconds(utc_now()),
        actor="operator",
        action=action,
        subject=row,
        detail=detail,
    )
