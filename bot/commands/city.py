"""`city new|list`: the member cities, each one TOML file."""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Annotated, Any

import typer

from bot.cities import read_cities
from bot.commands import Stop
from bot.settings import read_settings
from handlers.jurisdiction import Desk, Jurisdiction, check_together, read_jurisdiction
from handlers.messages import Place

group = typer.Typer(help="The member cities.", no_args_is_help=True)

KEY = re.compile(r"[a-z][a-z0-9_]{0,30}")
PROGRAM = "hotline"
TEMPLATE = Path(__file__).parent / "city.toml"


@group.command()
def new(
    key: Annotated[str, typer.Argument(help="Short name, such as grandview: lower case, digits and _.")],
    name: Annotated[str, typer.Option(help="The city's name as people say it.")],
    line: Annotated[str, typer.Option(help="The number people text, such as +18165550104.")],
    slack: Annotated[str, typer.Option(help="The Slack channel (id) for its cases; else the neutral desk's.")] = "",
    teams: Annotated[str, typer.Option(help="The Teams channel (id, 19:…) for its cases, also beside --slack.")] = "",
    contact: Annotated[
        str, typer.Option(help="Who is paged first (Slack user or object id); else the neutral's.")
    ] = "",
    zone: Annotated[str, typer.Option(help="The city's time zone.")] = "America/Chicago",
    state: Annotated[str, typer.Option(help="The state whose holidays it keeps.")] = "MO",
    neutral: Annotated[str, typer.Option(help="The jurisdiction that takes cases which name all staff here.")] = "marc",
) -> None:
    """Write the file of a new city, after checking it with the others."""
    folder = read_settings().jurisdictions
    if not KEY.fullmatch(key):
        raise Stop("KEY is wrong: it must be lower-case letters, digits and _, such as grandview.", 2)
    known = read_cities(folder)
    file = folder / f"{key}.toml"
    if key in known:
        raise Stop(f"{file} exists already; edit that file.", 2)
    desk = _desk(known.get(neutral), {"slack": slack, "teams": teams}, contact)
    neutral = neutral if neutral in known else ""
    content = _filled({"name": name, "line": line, "zone": zone, "state": state, "neutral": neutral}, desk)
    check_together([*known.values(), read_jurisdiction(key, tomllib.loads(content))])
    _write(file, content)
    typer.echo(_next_steps(file, key, line))


@group.command("list")
def listing(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show every city with its lines and desks."""
    cities = read_cities(read_settings().jurisdictions).values()
    if as_json:
        typer.echo(json.dumps([_plain(city) for city in cities], indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(row for city in cities for row in _rows(city)))


def _desk(neutral: Jurisdiction | None, channels: Mapping[str, str], contact: str) -> Desk:
    """The new city's own desk, or the neutral one's until it has a channel of its own."""
    usual = neutral.desk(PROGRAM) if neutral else Desk(PROGRAM, ())
    places = tuple(Place(chat, id) for chat, id in channels.items() if id) or usual.places
    if not places:
        raise Stop("--slack is missing: without a channel for its desk, nobody would see a case.", 2)
    return Desk(PROGRAM, places, (Place(_chat_of(contact), contact),) if contact else usual.contacts)


def _chat_of(person: str) -> str:
    """Teams' object ids have hyphens; Slack's users have none."""
    return "teams" if "-" in person else "slack"


def _filled(values: Mapping[str, str], desk: Desk) -> str:
    """The template with its $names replaced; JSON's escapes are TOML's, too."""
    for name, value in values.items():
        if not value.isprintable():
            raise Stop(f"--{name} is wrong: it must be one line of plain text.", 2)
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
    template = Template(TEMPLATE.read_text("utf-8"))
    return template.substitute(texts, places=_toml(desk.places), contacts=_toml(desk.contacts))


def _toml(places: tuple[Place, ...]) -> str:
    tables = (f"{{ channel = {json.dumps(at.channel)}, address = {json.dumps(at.address)} }}" for at in places)
    return f"[{', '.join(tables)}]"


def _write(file: Path, content: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as new_file:
            new_file.write(content)
    except OSError as error:
        raise Stop(f"JURISDICTIONS is wrong: {file} cannot be written: {error.strerror}.") from None


def _next_steps(file: Path, key: str, line: str) -> str:
    return f"""Wrote {file}. What is left to do:
  1. Read the file: its holidays, hours, offices and contacts are the usual ones.
  2. In Twilio, set the webhook of {line} to PUBLIC_URL/twilio/messages.
  3. Invite the bot to the Slack channel, or add the app to the team in Teams.
  4. List the staff: python -m bot staff add --city {key} --role recipient --slack TEAM/USER --name "…"
     (in Teams: --teams TENANT/OBJECT)
  5. Restart the service, then: python -m bot check"""


def _rows(city: Jurisdiction) -> list[str]:
    lines = [f"  line  {line.program}  {line.channel}  {line.address}" for line in city.lines]
    desks = [
        f"  desk  {desk.program}  {place.channel}  {place.address}" for desk in city.desks for place in desk.places
    ]
    return [f"{city.key}  {city.name}", *lines, *desks]


def _plain(city: Jurisdiction) -> dict[str, Any]:
    lines = [{"channel": line.channel, "address": line.address, "program": line.program} for line in city.lines]
    desks = [
        {"program": desk.program, "places": _places(desk.places), "contacts": _places(desk.contacts)}
        for desk in city.desks
    ]
    return {"key": city.key, "name": city.name, "lines": lines, "desks": desks}


def _places(places: tuple[Place, ...]) -> list[dict[str, str]]:
    return [{"channel": place.channel, "address": place.address} for place in places]
