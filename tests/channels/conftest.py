"""Fixtures of the channel tests; whatever they do, the logs must stay clean."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.sandbox.wire import serve
from tests.channels.stage import SECRETS, Desk, Front, Time


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def front() -> AsyncIterator[tuple[Front, str]]:
    app = Front()
    async with serve(app) as address:
        yield app, address


@pytest.fixture(autouse=True)
def clean_logs(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Nothing secret in any log at any level, client libraries included."""
    caplog.set_level(logging.DEBUG)
    yield
    printed = "".join(capfd.readouterr())
    # The provider's own log is not ours to keep clean: its server runs in the same process here.
    ours = [said for record in caplog.get_records("call") if "/2010-04-01/" not in (said := _whole(record))]
    assert [secret for secret in SECRETS if secret in "".join(ours) + printed] == []


def _whole(record: logging.LogRecord) -> str:
    return logging.Formatter().format(record)
