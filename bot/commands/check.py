"""`check`: one line per setting and per connection, so that going live holds no surprise."""

import asyncio
from collections.abc import Awaitable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import typer
from pydantic import SecretStr

from bot.app import build
from bot.channels import Channel
from bot.cities import load_region, read_cities
from bot.commands import Stop
from bot.commands.faults import sentence
from bot.health import LONGEST_UNREDACTED
from bot.service import Service
from bot.settings import NOTHING, Settings, read_settings
from handlers.jurisdiction import Faulty
from storage import open_database
from storage.ledger import Ledger
from storage.migrate import require_current
from storage.vault import load_keys

PATIENCE = 20.0


def check() -> None:
    """Say of every setting and connection whether it works; exit code 1 on a fault."""
    settings = read_settings()
    for key, value in _shown(settings):
        _say("ok", key, value)
    if not asyncio.run(_connections(settings)):
        raise Stop("Something is wrong; see the lines marked FAULT.")


def _shown(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            yield name.upper(), "(set)" if value.get_secret_value() else "(not set)"
        elif isinstance(value, tuple):
            yield name.upper(), ",".join(value) or "(none)"
        else:
            yield name.upper(), _without_password(str(value)) or "(not set)"


def _without_password(url: str) -> str:
    password = urlsplit(url).password if "@" in url else None
    return url.replace(f":{password}@", ":***@") if password else url


async def _connections(settings: Settings) -> bool:
    """Try everything, whatever failed before; whether all of it works."""
    fine = await _try("cities", _cities(settings))
    fine &= await _try("keys", _keys(settings))
    fine &= await _try("database", _database(settings))
    if fine:
        if (late := await _unredacted(settings)) > LONGEST_UNREDACTED:
            _say("note", "redaction", f"Texts have not been blanked at Twilio for {late.days} days; the log says why")
        for name, channel in _channels(settings).items():
            fine &= await _try(name, _ask(channel))
    for words in _unreached(settings):
        _say("note", "desks", words)
    if not settings.channels:
        _say("FAULT", "channels", "No channel has its credentials; .env.example lists them.")
    return fine and bool(settings.channels)


async def _try(name: str, attempt: Awaitable[str]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            _say("ok", name, await attempt)
    except TimeoutError:
        _say("FAULT", name, f"No answer within {PATIENCE:.0f} seconds.")
    except ConnectionError as fault:
        _say("FAULT", name, str(fault))
    except Exception as fault:
        _say("FAULT", name, sentence(fault)[0])
    else:
        return True
    return False


async def _cities(settings: Settings) -> str:
    region = load_region(settings)
    return f"{len(region.jurisdictions)} with {len(region.lines)} lines"


def _unreached(settings: Settings) -> Iterator[str]:
    """The desks that have a place on a channel that does not run: what is owed there waits."""
    try:
        cities = read_cities(settings.jurisdictions)
    except Faulty:
        return
    for city in cities.values():
        for desk in city.desks:
            missing = {place.channel for place in (*desk.places, *desk.contacts)} - {*settings.channels}
            if missing:
                yield f"{city.key}, {desk.program}: {', '.join(sorted(missing))} does not run; what is owed there waits"


async def _keys(settings: Settings) -> str:
    return f"version {load_keys(settings.key_file).current}"


async def _database(settings: Settings) -> str:
    database = await open_database(settings.database_url, readonly=True)
    try:
        await require_current(database)
    finally:
        await database.close()
    return "reached and up to date"


async def _unredacted(settings: Settings) -> timedelta:
    service = _service(settings)
    database = await open_database(settings.database_url, readonly=True)
    service.ledger = Ledger(database, service.vault, service.region)
    try:
        return await service.unredacted()
    finally:
        await database.close()


def _channels(settings: Settings) -> dict[str, Channel]:
    return dict(_service(settings).channels)


def _service(settings: Settings) -> Service:
    """The service as it is wired, but without Socket Mode, so that asking takes no event away from it."""
    service: Service = build(settings.model_copy(update={"slack_app_token": NOTHING})).state.service
    return service


async def _ask(channel: Channel) -> str:
    await channel.start()
    try:
        return (await channel.check()).removeprefix(f"{channel.name}: ")
    finally:
        await channel.close()


def _say(mark: str, name: str, words: str) -> None:
    typer.echo(f"{mark:5}  {name:28}  {words}")
