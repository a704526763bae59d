"""Fetches a picture or file that a provider names, without handing credentials or our own network to anybody."""

import ipaddress
import socket
from collections.abc import Mapping

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from handlers.messages import SendFailed

LARGEST = 6 * 1024 * 1024
HOPS = 4
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
_REDIRECTS = (301, 302, 303, 307, 308)


class Fetcher:
    """Gets what lies below `root`, the only address that is shown `credentials`.

    It may lie on a host below `domain`, too, which must be on the public internet and speak https, unless `root` itself
    is on this machine (a stand-in). So must a host that a redirect leads to; `hops` are how many addresses it tries,
    `largest` the bytes that it takes.
    """

    def __init__(
        self, root: str, credentials: Mapping[str, str], domain: str = "", hops: int = HOPS, largest: int = LARGEST
    ) -> None:
        self._root = URL(root)
        self._credentials = credentials
        self._domain = domain
        self._hops = hops
        self._largest = largest
        self._open = is_loopback(self._root)
        resolver = None if self._open else _PublicResolver(self._root.host or "")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver), timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()
        )

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """Content type and bytes; SendFailed "never" for what we do not fetch, "later" for what may come later."""
        place = _parse(url)
        inside = self._inside(place)
        if not inside and not self._in_domain(place):
            raise SendFailed("never", "media")
        try:
            return await self._follow(place, self._credentials if inside else {})
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise SendFailed("never", "media") from None
        except _Private:
            raise SendFailed("never", "media") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            if isinstance(fault.__cause__ or getattr(fault, "os_error", None), _Private):
                raise SendFailed("never", "media") from None
            raise SendFailed("later", "connection", after=5) from None

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    def _inside(self, place: URL) -> bool:
        below = place.path.startswith(self._root.path) and ".." not in place.path
        same = place.absolute and place.origin() == self._root.origin()
        return same and below and not (place.user or place.password)

    def _in_domain(self, place: URL) -> bool:
        named = bool(self._domain) and (place.host or "").endswith(f".{self._domain}")
        return named and place.scheme == "https" and place.is_default_port() and not (place.user or place.password)

    async def _follow(self, place: URL, headers: Mapping[str, str]) -> tuple[str, bytes]:
        for _ in range(self._hops):
            async with self._session.get(place, headers=headers, allow_redirects=False) as answer:
                if answer.status not in _REDIRECTS:
                    return answer.content_type, await _content(answer, self._largest)
                place = self._allowed(place.join(_parse(answer.headers.get("Location", ""))))
                headers = {}
        raise SendFailed("never", "media")

    def _allowed(self, place: URL) -> URL:
        same_host = place.host == self._root.host and place.scheme == self._root.scheme
        if not place.host or place.user or place.password or not (place.scheme == "https" or same_host):
            raise SendFailed("never", "media")
        if not self._open and not same_host and _is_private_address(place.host):
            raise SendFailed("never", "media")
        return place


class _Private(OSError):
    """The name leads into a private network."""


class _PublicResolver(AbstractResolver):
    # Checked where the connection is made, so that a name cannot answer differently the second time.
    def __init__(self, trusted: str) -> None:
        self._names = aiohttp.ThreadedResolver()
        self._trusted = trusted

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        if host != self._trusted and any(_is_private_address(answer["host"]) for answer in found):
            raise _Private
        return found

    async def close(self) -> None:
        await self._names.close()


async def _content(answer: aiohttp.ClientResponse, largest: int) -> bytes:
    if answer.status != 200:
        late = answer.status in (401, 403, 408, 425, 429) or answer.status >= 500
        raise SendFailed("later" if late else "never", str(answer.status), after=5)
    if (answer.content_length or 0) > largest:
        raise SendFailed("never", "size")
    content = bytearray()
    async for part in answer.content.iter_chunked(64 * 1024):
        content += part
        if len(content) > largest:
            raise SendFailed("never", "size")
    return bytes(content)


def _parse(url: str) -> URL:
    try:
        place = URL(url)
        _ = place.port
        if place.absolute:
            place.origin()
    except ValueError:
        raise SendFailed("never", "media") from None
    return place


def is_loopback(place: URL) -> bool:
    """Whether an address is on this machine, as only those of stand-ins are."""
    host = place.host or ""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_private_address(host: str) -> bool:
    if not _is_address(host):
        return False
    address = ipaddress.ip_address(host.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    return not address.is_global or not inner.is_global or address.is_multicast


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
