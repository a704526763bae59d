"""The pages that the Teams app names exist, say what is true, and ask the browser for nothing."""

import re

import aiohttp
import pytest
from starlette.applications import Starlette

from bot import public_pages
from bot.channels.teams_manifest import manifest
from bot.sandbox.wire import serve


@pytest.mark.parametrize(
    ("kind", "words"), [("privacyUrl", "confidential, not anonymous"), ("termsOfUseUrl", "not watched for emergencies")]
)
async def test_every_page_that_the_manifest_names_is_served_and_loads_nothing(kind: str, words: str) -> None:
    async with serve(Starlette(routes=public_pages.routes())) as address, aiohttp.ClientSession() as session:
        path = manifest("client", "https://line.example", {})["developer"][kind].removeprefix("https://line.example")
        async with session.get(f"{address}{path}") as answer:
            page = await answer.text()
            assert (answer.status, answer.content_type) == (200, "text/html")
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert "Set-Cookie" not in answer.headers
    assert words in page
    assert re.findall(r"(?:src|href|action)=|<script|<form", page) == []
