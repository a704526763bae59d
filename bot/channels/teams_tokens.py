"""The tokens of the Bot Framework: those that prove who calls us are checked, ours for calling out is fetched."""

import asyncio
from datetime import datetime, timedelta

import aiohttp
from jwt import PyJWKClient, PyJWKSet
from jwt.exceptions import PyJWKClientConnectionError, PyJWTError

from bot.channels import Now
from bot.channels.guard import Refusal, log, wait_asked
from bot.channels.teams_library import CloudEnvironment, TokenValidator
from handlers.messages import SendFailed

# The library forgets keys after 300 s, and would then fetch them while a person waits for an answer.
REFRESH_SECONDS = 240.0
RETRY_SECONDS = 15.0
FIRST_TRY_SECONDS = 3.0
KEYS_HOLD = timedelta(hours=24)
EARLY = timedelta(minutes=5)
LONGEST_TOKEN = 16_384

_BROKEN = (aiohttp.ClientError, TimeoutError, OSError, ValueError, PyJWTError)


class NoKeys(Exception):
    """The provider's keys could not be fetched yet: nothing can be checked, and the caller should come again."""


class Keys(PyJWKClient):
    """The provider's signing keys, held in memory for a day: looking one up never goes to the network."""

    def __init__(self, address: str) -> None:
        super().__init__(address, lifespan=KEYS_HOLD.total_seconds())

    async def refresh(self, session: aiohttp.ClientSession) -> None:
        """Fetch them; what is held stays where that fails."""
        async with session.get(self.uri, allow_redirects=False) as answer:
            answer.raise_for_status()
            found = PyJWKSet.from_dict(await answer.json(content_type=None))
        if self.jwk_set_cache is not None:
            self.jwk_set_cache.put(found)

    def get_jwk_set(self, refresh: bool = False) -> PyJWKSet:
        """Those held, also for a key that is not among them: else anybody could make us fetch."""
        return super().get_jwk_set()

    def fetch_data(self) -> object:
        """Refused: this is called in the way of an answer."""
        raise PyJWKClientConnectionError("no keys are held")


class Gate:
    """Lets activities in by the library's own check (signature, key, issuer, audience, expiry, service URL)."""

    def __init__(self, client_id: str, cloud: CloudEnvironment) -> None:
        self._validator = TokenValidator.for_service(client_id, cloud=cloud)
        self._keys = Keys(self._validator.options.jwks_uri)
        self._validator._jwks_client = self._keys
        self._renewing: asyncio.Task[None] | None = None

    async def start(self, session: aiohttp.ClientSession) -> None:
        """Fetch the keys, and go on fetching them before they are wanted; an absent provider stops nothing."""
        first = asyncio.Event()
        self._renewing = asyncio.create_task(self._renew(session, first))
        try:
            async with asyncio.timeout(FIRST_TRY_SECONDS):
                await first.wait()
        except TimeoutError:
            log.warning("teams_keys_late")

    async def close(self) -> None:
        """Stop fetching."""
        if self._renewing:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)

    def token(self, authorization: str | None) -> str:
        """The token of an Authorization header; Refusal(401) for anything that cannot be one."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme != "Bearer" or not (token.isascii() and token.count(".") == 2 and len(token) <= LONGEST_TOKEN):
            raise Refusal(401)
        return token

    async def check(self, token: str, service_url: str) -> None:
        """Refusal(401) unless the provider made this token for us and this service URL; NoKeys without keys."""
        try:
            await self._validator.validate_token(token, service_url)
        except PyJWKClientConnectionError:
            raise NoKeys from None
        except Exception:
            # PyJWT and the library raise far more kinds of exception for hostile tokens than they name.
            raise Refusal(401) from None

    async def _renew(self, session: aiohttp.ClientSession, first: asyncio.Event) -> None:
        while True:
            try:
                await self._keys.refresh(session)
                wait = REFRESH_SECONDS
            except _BROKEN as fault:
                log.warning("teams_keys_not_fetched", fault=type(fault).__name__)
                wait = RETRY_SECONDS
            first.set()
            await asyncio.sleep(wait)


class AppToken:
    """Our own token, fetched with the client secret and kept until shortly before it expires.

    Not by MSAL, as the library would: that asks without a time limit, and blocks the loop when it is first used.
    """

    def __init__(self, client_id: str, client_secret: str, tenant_id: str, cloud: CloudEnvironment, now: Now) -> None:
        self._address = f"{cloud.login_endpoint}/{tenant_id}/oauth2/v2.0/token"
        self._grant = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": cloud.bot_scope,
        }
        self._now = now
        self._token = ""
        self._until: datetime | None = None
        self._asking = asyncio.Lock()

    def forget(self) -> None:
        """Fetch a new one next time: this one was refused."""
        self._until = None

    async def get(self, session: aiohttp.ClientSession) -> str:
        """The token. SendFailed "later" when there is none to be had: what it was wanted for was surely not sent."""
        async with self._asking:
            if self._until is None or self._now() >= self._until:
                await self._fetch(session)
            return self._token

    async def _fetch(self, session: aiohttp.ClientSession) -> None:
        try:
            async with session.post(self._address, data=self._grant, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise _refused(answer, self._now())
                granted = await answer.json(content_type=None)
                self._token = str(granted["access_token"])
                self._until = self._now() + timedelta(seconds=int(granted["expires_in"])) - EARLY
        except (*_BROKEN, KeyError, TypeError):
            raise SendFailed("later", "login", after=5) from None


def _refused(answer: aiohttp.ClientResponse, now: datetime) -> SendFailed:
    if answer.status in (400, 401, 403):
        return SendFailed("later", "credentials", after=60)
    return SendFailed("later", "login", wait_asked(answer.headers.get("Retry-After"), now, 5))
