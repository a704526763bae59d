"""The same cases on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import open_database
from storage.database import Database
from storage.migrate import migrate
from storage.vault import Vault, new_keys
from tests.databases import SCHEMES, new_url


@pytest.fixture(params=SCHEMES)
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    async with new_url(request.param, tmp_path) as made:
        yield made


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = await open_database(url)
    await migrate(opened)
    yield opened
    await opened.close()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(new_keys(tmp_path / "keys.json"))
