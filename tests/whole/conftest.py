"""A town per test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.town import Town, open_town


@pytest.fixture(autouse=True)
def _nobody_hurries(patient: float) -> None:
    """What is said and kept is the same on a busy machine."""


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as opened:
        yield opened
