"""The same cases on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.vault import Vault, new_keys
from tests.databases import SCHEMES, WITHOUT_TABLES, new_url, open_migrated


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def url(scheme: str, tmp_path: Path) -> AsyncIterator[str]:
    async with new_url(scheme, tmp_path) as made:
        yield made


@pytest.fixture
async def bare_url(scheme: str, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a database without tables."""
    async with new_url(scheme, tmp_path, WITHOUT_TABLES) as made:
        yield made


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = await open_migrated(url)
    yield opened
    await opened.close()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(new_keys(tmp_path / "keys.json"))
