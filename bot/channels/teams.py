"""Microsoft Teams: commands, buttons and forms in over the Bot Framework's protocol; cards out by its connector."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from yarl import URL

from bot.channels import Now, TakeTurn, Unknown, teams_cards
from bot.channels.guard import Refusal, guarded, log, read_body, require_type
from bot.channels.media import Fetcher, is_loopback
from bot.channels.teams_activities import Activity, Asked, parse, read
from bot.channels.teams_answers import LATE, NOT_STAFF, Answers, note
from bot.channels.teams_connector import Connector, Spot
from bot.channels.teams_errors import is_gone
from bot.channels.teams_files import with_files
from bot.channels.teams_library import PUBLIC, CloudEnvironment
from bot.channels.teams_people import People
from bot.channels.teams_tokens import AppToken, Gate
from handlers.cards import Answer, Card, Text, say
from handlers.messages import Inbound, Outbound, Receipt, SendFailed
from storage.book import Book

LARGEST_BODY = 256 * 1024
LARGEST_FILE = 4 << 20
# Files that people send lie in their OneDrive, each below its tenant's own name.
FILES = "sharepoint.com"
REMAINS = "The file itself is still in your OneDrive, in the folder of Teams chat files: delete it there."
# Teams shows an error for a dialog after about 10 s, and sends a message again after 15 s.
ANSWER_SECONDS = 8.0
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
REMEMBERED = 10_000
OPEN_DOOR = "DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS"

_NONE: tuple[Inbound, ...] = ()
_ODD = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)


class TeamsChannel:
    """One tenant. `commands` are the slash commands there are ("/case"), the usual one first.

    `service_urls` are the addresses that Teams may ask us to answer to; `book` gives the address book, once it is
    open. `cloud` says where tokens and keys come from. `playground` lets everybody in, and answers buttons in the chat:
    Microsoft's playground has no tokens, and its cards cannot open dialogs.
    """

    name = "teams"

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        tenant_id: str,
        service_urls: Sequence[str],
        commands: Sequence[str],
        book: Callable[[], Book],
        take_turn: TakeTurn,
        now: Now,
        cloud: CloudEnvironment = PUBLIC,
        playground: bool = False,
    ) -> None:
        if os.environ.get(OPEN_DOOR, "").lower() not in ("", "0", "false", "no") and not playground:
            raise ValueError(f"{OPEN_DOOR} is set: it would let anybody speak as anybody; remove it.")
        self._client_id = client_id
        self._tenant = tenant_id
        self._service_urls = tuple(service_urls)
        self._commands = tuple(commands)
        self._book = book
        self._take_turn = take_turn
        self._now = now
        self._gate = None if playground else Gate(client_id, cloud)
        self._token = AppToken(client_id, client_secret, tenant_id, cloud, now)
        self._dialogs = not playground
        self._session: aiohttp.ClientSession | None = None
        self._noted: dict[str, Spot] = {}

    def routes(self) -> Sequence[BaseRoute]:
        """All activities come to one address."""
        return [Route("/api/messages", guarded(self._receive), methods=["POST"])]

    async def start(self) -> None:
        """Open the connections and fetch the keys; Teams being away does not stop the start."""
        self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        self._connector = Connector(self._client_id, self._token, self._session, self._now)
        self._people = People(self._connector, self._tenant, self._now)
        self._answers = Answers(self._connector, self._tenant, self._dialogs)
        self._files = Fetcher(_files_root(self._service_urls), {}, FILES, hops=1, largest=LARGEST_FILE)
        if self._gate:
            await self._gate.start(self._session)

    async def close(self) -> None:
        """Close them."""
        if self._gate:
            await self._gate.close()
        if self._session:
            await self._connector.close()
            await self._files.close()
            await self._session.close()

    async def send(self, outbound: Outbound) -> Receipt:
        """Post, replace or take away one message; the reference is `conversation|message`."""
        if outbound.kind == "withdraw":
            return await self._withdraw(outbound)
        shown = with_files(outbound.card or Card("", (Text(outbound.text),), outbound.text), outbound.files)
        card, line = teams_cards.message(shown, outbound.to, self._dialogs), teams_cards.summary(shown)
        if outbound.reference:
            spot, posted = await self._posted(outbound)
            try:
                await self._connector.replace(spot, posted, card, line)
            except SendFailed as failed:
                if not is_gone(failed):
                    raise
            else:
                return Receipt("delivered", outbound.reference)
        spot = await self._spot(outbound.to)
        made = await self._connector.post(spot, card, line)
        return Receipt("delivered", f"{spot.conversation}|{made}")

    async def find(self, outbound: Outbound) -> Receipt | None:
        """Nothing: a bot cannot read back what it posted in Teams."""
        return None

    async def missed(self, line: str, since: datetime) -> AsyncIterator[Inbound]:
        """Nothing: what staff do in Teams fails before their eyes when we are away, and they do it again."""
        for inbound in _NONE:
            yield inbound

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """Content type and bytes of a file by its short-lived address; SendFailed "never" for one elsewhere."""
        return await self._files.fetch(url)

    async def discard(self, reference: str) -> str:
        """Nothing: it is in the person's own OneDrive, and we may not go there."""
        return REMAINS

    async def check(self) -> str:
        """Ask for a token with the client secret."""
        try:
            await self._connector.ready()
        except SendFailed as failed:
            raise ConnectionError(_trouble(failed)) from None
        return "teams: Microsoft accepts the client id and its secret"

    # --- inbound

    async def _receive(self, request: Request) -> Response:
        token = self._gate.token(request.headers.get("authorization")) if self._gate else ""
        body = await read_body(request, LARGEST_BODY)
        require_type(request, ("application/json",))
        activity = _parsed(body)
        await self._let_in(activity, token)
        try:
            asked = read(activity, self._tenant, self._commands, self._now())
        except _ODD:
            raise Refusal(400) from None
        return await self._answered(asked) if asked else Response(status_code=200)

    async def _let_in(self, activity: Activity, token: str) -> None:
        service_url = activity.get("serviceUrl")
        if not isinstance(service_url, str):
            service_url = ""
        if self._gate:
            await self._gate.check(token, service_url)
        if not service_url or activity.get("channelId") != "msteams":
            raise Refusal(400)
        if not any(_within(service_url, allowed) for allowed in self._service_urls):
            raise Refusal(403)

    async def _answered(self, asked: Asked) -> Response:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if asked.inbound is None:
                    return await self._installed(asked)
                return await self._answers.give(asked, await self._decide(asked, asked.inbound))
        except (SendFailed, TimeoutError) as fault:
            log.warning("teams_answer_failed", code=fault.code if isinstance(fault, SendFailed) else "timeout")
            return note(LATE) if asked.surface == "dialog" else Response(status_code=200)

    async def _decide(self, asked: Asked, inbound: Inbound) -> Answer:
        if not await self._people.may_speak(asked):
            return say(NOT_STAFF)
        await self._note(asked)
        # Teams keeps messages: a form is shown only in a dialog, and of the playground's cards none opens one.
        opens = asked.surface == "dialog" or not self._dialogs
        try:
            return await self._take_turn(replace(inbound, opens=opens))
        except Unknown:
            return say(NOT_STAFF)

    async def _installed(self, asked: Asked) -> Response:
        """The app came to a place, changed there, or left it."""
        if asked.tenant != self._tenant:
            return Response(status_code=200)
        if asked.surface == "removed":
            self._noted.pop(asked.place, None)
            await self._book().forget(self.name, asked.place)
        elif not (asked.personal and asked.foreign):
            await self._note(asked)
            if asked.personal and asked.surface == "installed":
                await self._answers.welcome(asked)
        return Response(status_code=200)

    async def _note(self, asked: Asked) -> None:
        """Remember how the place is reached: Teams tells it in passing, and does not tell it when asked."""
        spot = asked.spot if asked.personal else Spot(asked.spot.service_url, asked.place)
        await self._keep(asked.place, spot)
        await self._keep(self._tenant, Spot(spot.service_url, ""))

    async def _keep(self, place: str, spot: Spot) -> None:
        if not place or self._noted.get(place) == spot:
            return
        await self._book().remember(self.name, place, {"url": spot.service_url, "conversation": spot.conversation})
        if len(self._noted) >= REMEMBERED:
            self._noted.clear()
        self._noted[place] = spot

    # --- outbound

    async def _withdraw(self, outbound: Outbound) -> Receipt:
        spot, posted = await self._posted(outbound)
        try:
            await self._connector.delete(spot, posted)
        except SendFailed as failed:
            if not is_gone(failed):
                raise
        return Receipt("delivered", outbound.reference)

    async def _posted(self, outbound: Outbound) -> tuple[Spot, str]:
        conversation, _, posted = outbound.reference.partition("|")
        known = await self._known(outbound.to) or await self._known(self._tenant)
        if known is None:
            raise SendFailed("later", "unknown_place", after=300)
        return Spot(known.service_url, conversation), posted

    async def _spot(self, address: str) -> Spot:
        """How a channel (`19:…`) or person (object id) is reached; by what is known of the tenant, if need be."""
        known = await self._known(address)
        if known is not None:
            return known
        tenant = await self._known(self._tenant)
        if tenant is None:
            raise SendFailed("later", "unknown_place", after=300)
        if address.startswith("19:"):
            return Spot(tenant.service_url, address)
        spot = await self._connector.open(tenant.service_url, address, self._tenant)
        await self._keep(address, spot)
        return spot

    async def _known(self, address: str) -> Spot | None:
        kept = self._noted.get(address)
        if kept is not None:
            return kept
        found = await self._book().find(self.name, address)
        if found is None:
            return None
        self._noted[address] = Spot(found["url"], found["conversation"])
        return self._noted[address]


def _parsed(body: bytes) -> Activity:
    try:
        return parse(body)
    except ValueError:
        raise Refusal(400) from None


def _within(url: str, allowed: str) -> bool:
    """Whether a service URL lies under an allowed one: same scheme, host and port, and a path below it."""
    asked, known = urlsplit(url), urlsplit(allowed)
    same = (asked.scheme, asked.netloc.lower()) == (known.scheme, known.netloc.lower())
    plain = not (asked.query or asked.fragment or ".." in asked.path)
    return same and plain and f"{asked.path.rstrip('/')}/".startswith(f"{known.path.rstrip('/')}/")


def _files_root(service_urls: Sequence[str]) -> str:
    """Where files lie: with a stand-in at its own address, else at SharePoint."""
    return next((f"{URL(url).origin()}/" for url in service_urls if is_loopback(URL(url))), f"https://{FILES}/")


def _trouble(failed: SendFailed) -> str:
    if failed.code == "credentials":
        return "Microsoft refused the client id or its secret (TEAMS_CLIENT_ID, TEAMS_CLIENT_SECRET, TEAMS_TENANT_ID)."
    return "Microsoft's login cannot be reached (network)."
