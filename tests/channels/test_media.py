"""Where media may be fetched from, and what is shown to whom."""

import socket

import pytest
from aiohttp.abc import ResolveResult
from yarl import URL

from bot.channels import media
from bot.channels.media import Fetcher
from handlers.messages import SendFailed

ROOT = "https://api.twilio.com/2010-04-01/Accounts/AC1/"
PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "192.168.0.1",
    "172.16.0.9",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - an address to refuse
    "224.0.0.1",
    "::1",
    "fe80::1%eth0",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "::",
)


@pytest.mark.parametrize("host", PRIVATE)
def test_private_address_is_known_in_every_spelling(host: str) -> None:
    assert media._is_private_address(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700::1111", "cdn.example.org"])
def test_public_address_and_name_pass(host: str) -> None:
    assert not media._is_private_address(host)


@pytest.mark.parametrize(
    "place",
    [
        "http://cdn.example.org/x",
        "https://user@cdn.example.org/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "ftp://cdn.example.org/x",
        "http://169.254.169.254/latest",
        "//10.0.0.1/x",
    ],
)
async def test_redirect_into_the_dark_is_not_followed(place: str) -> None:
    fetcher = Fetcher(ROOT, {})
    with pytest.raises(SendFailed, match="never"):
        fetcher._allowed(URL(ROOT).join(media._parse(place)))
    await fetcher.close()


async def test_redirect_to_a_public_host_over_https_is_followed() -> None:
    fetcher = Fetcher(ROOT, {})
    assert fetcher._allowed(media._parse("https://cdn.example.org/x")).host == "cdn.example.org"
    await fetcher.close()


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "017700000001"])
async def test_name_that_leads_into_a_private_network_is_not_connected_to(host: str) -> None:
    resolver = media._PublicResolver("api.twilio.com")
    with pytest.raises(OSError):
        await resolver.resolve(host, 443, socket.AF_INET)
    await resolver.close()


async def test_fetch_of_a_private_name_is_never_tried_again() -> None:
    fetcher = Fetcher("https://localhost.localdomain/Accounts/", {})
    fetcher._session.connector._resolver = _Within()  # type: ignore[union-attr]
    with pytest.raises(SendFailed) as failed:
        await fetcher.fetch("https://localhost.localdomain/Accounts/x")
    assert (failed.value.retry, failed.value.code) == ("never", "media")
    await fetcher.close()


class _Within(media._PublicResolver):
    def __init__(self) -> None:
        super().__init__("")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise media._Private
