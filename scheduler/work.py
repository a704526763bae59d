"""What the jobs are handed by the wiring: the ledger, the channels, the way into a turn, the clock."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from handlers.messages import Inbound, Outbound, Owed, Piece, Receipt, Remains
from handlers.reports import Order, Posting

log = structlog.get_logger("scheduler")


class Sender(Protocol):
    """A channel, as far as the jobs need it."""

    async def send(self, outbound: Outbound) -> Receipt:
        """Send one attempt, once; raises SendFailed."""

    async def find(self, outbound: Outbound) -> Receipt | None:
        """What became of an attempt whose answer was lost."""

    def missed(self, line: str, since: datetime) -> AsyncIterator[Inbound]:
        """What reached the provider for a line since then."""

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """Content type and bytes of a piece of media; raises SendFailed."""


class Provider(Protocol):
    """A channel whose provider keeps what was texted."""

    async def remains(self, since: datetime, before: datetime) -> list[Remains]:
        """What it still holds of the texts of our lines that it took in that time; raises SendFailed."""

    async def redact(self, reference: str, pictures: bool) -> None:
        """Have it blank the text, and delete the pictures too if they shall go; raises SendFailed."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """Texts of this channel are blanked at their provider, after so long."""

    channel: str
    provider: Provider
    after: timedelta


class Ledger(Protocol):
    """What is owed and due; see storage/ledger.py."""

    async def claim(self, now: datetime) -> list[Owed]: ...
    async def claim_uncertain(self, now: datetime) -> list[Owed]: ...
    async def receive(self, attempt: str, receipt: Receipt, now: datetime) -> None: ...
    async def retry(self, owed: Owed, at: datetime, code: str) -> None: ...
    async def doubt(self, owed: Owed, now: datetime, look_at: datetime) -> None: ...
    async def fail(self, owed: Owed, code: str, now: datetime) -> None: ...
    async def due(self, now: datetime) -> list[Inbound]: ...
    async def postpone(self, followup: str, until: datetime) -> None: ...
    async def mark(self, name: str) -> datetime | None: ...
    async def note(self, name: str, at: datetime) -> None: ...
    async def next_due(self) -> datetime | None: ...
    async def forget_uploads(self, now: datetime) -> None: ...
    async def wipe(self) -> bool: ...
    async def holds(self, channel: str, delivery: str) -> bool: ...


class Shelf(Protocol):
    """Evidence to fetch and to keep; see storage/media.py."""

    async def claim(self, now: datetime) -> list[Piece]: ...
    async def keep(
        self, piece: Piece, content_type: str, original: bytes, shown: bytes | None, now: datetime
    ) -> None: ...
    async def retry(self, piece: Piece, at: datetime) -> None: ...
    async def lost(self, piece: Piece, now: datetime) -> None: ...
    async def unkept(self, channel: str) -> frozenset[str] | None: ...


class Reports(Protocol):
    """Reports that were asked for; see storage/reports.py."""

    async def claim(self, now: datetime) -> Order | None: ...
    async def retry(self, order: Order, at: datetime) -> None: ...
    async def post(self, order: Order, posting: Posting, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Work:
    """Everything a job may use. `lines` are the (channel, address) pairs people write to.

    `clean` makes a picture that staff may look at, or None; it raises OSError where another try may help.
    `make_report` makes what was asked for, without holding up the loop.
    `count` notes what became of an attempt to send, by channel and outcome; `redacted` what became of one to have a
    text blanked where `redactions` say so. `turns` says how many turns were taken.
    """

    ledger: Ledger
    channels: Mapping[str, Sender]
    lines: tuple[tuple[str, str], ...]
    take_turn: Callable[[Inbound], Awaitable[object]]
    now: Callable[[], datetime]
    shelf: Shelf
    clean: Callable[[bytes], Awaitable[bytes | None]]
    reports: Reports
    make_report: Callable[[Order], Awaitable[Posting]]
    count: Callable[[str, str], None]
    turns: Callable[[], int] = lambda: 0
    redactions: Sequence[Redaction] = ()
    redacted: Callable[[str, str], None] = lambda channel, outcome: None
