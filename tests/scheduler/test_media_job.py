"""The job that fetches pictures: keeps what it gets, tries again what it may, gives up only for a provider's no."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from structlog.testing import capture_logs

from handlers.messages import Inbound, Outbound, Piece, Receipt, SendFailed
from scheduler import media
from scheduler.work import Work

START = datetime(2026, 11, 30, 16, tzinfo=UTC)
URL = "https://api.twilio.com/whisper"


class Channel:
    """A provider that answers as it is told."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.fetched = 0

    async def fetch(self, url: str) -> tuple[str, bytes]:
        self.fetched += 1
        if self.fault:
            raise self.fault
        return "image/jpeg", b"original"

    async def send(self, outbound: Outbound) -> Receipt:
        raise AssertionError

    async def find(self, outbound: Outbound) -> Receipt | None:
        raise AssertionError

    async def missed(self, line: str, since: datetime) -> AsyncIterator[Inbound]:
        for _ in ():
            yield _


class Stage:
    """One piece on a shelf, a clock, a decoder; everything a job needs."""

    def __init__(self, channel: str = "twilio_sms") -> None:
        self.clock = START
        self.piece = Piece("p1", "case", channel, URL, 0)
        self.due: datetime | None = START
        self.kept: list[tuple[str, bytes, bytes | None]] = []
        self.lost_at: datetime | None = None
        self.decoder_fault: Exception | None = None
        self.channel = Channel()
        unused: Any = None
        self.work = Work(
            ledger=unused,
            channels={"twilio_sms": self.channel},
            lines=(),
            take_turn=unused,
            now=lambda: self.clock,
            shelf=self,
            clean=self.clean,
            reports=unused,
            make_report=unused,
            count=unused,
        )

    async def claim(self, now: datetime) -> list[Piece]:
        if self.due is None or self.due > now:
            return []
        self.piece, self.due = replace(self.piece, tries=self.piece.tries + 1), now + timedelta(seconds=90)
        return [self.piece]

    async def keep(self, piece: Piece, content_type: str, original: bytes, shown: bytes | None, now: datetime) -> None:
        self.kept.append((content_type, original, shown))
        self.due = None

    async def retry(self, piece: Piece, at: datetime) -> None:
        assert at > self.clock
        self.due = at

    async def lost(self, piece: Piece, now: datetime) -> None:
        self.lost_at, self.due = now, None

    async def unkept(self, channel: str) -> frozenset[str] | None:
        raise AssertionError

    async def clean(self, original: bytes) -> bytes | None:
        if self.decoder_fault:
            raise self.decoder_fault
        return b"copy of " + original

    async def pass_time(self, until: datetime) -> None:
        """Run the job whenever the piece is due."""
        while self.due is not None and self.due <= until:
            self.clock = self.due
            await media.run(self.work)


async def test_a_picture_is_fetched_copied_and_kept() -> None:
    stage = Stage()
    await media.run(stage.work)
    assert stage.kept == [("image/jpeg", b"original", b"copy of original")]


async def test_an_outage_of_hours_loses_nothing() -> None:
    stage = Stage()
    stage.channel.fault = SendFailed("later", "connection", after=5)
    await stage.pass_time(START + timedelta(hours=20))
    assert stage.lost_at is None
    stage.channel.fault = None
    await stage.pass_time(START + timedelta(hours=22))
    assert len(stage.kept) == 1


async def test_after_about_a_day_of_tries_it_is_given_up() -> None:
    stage = Stage()
    stage.channel.fault = SendFailed("later", "503")
    await stage.pass_time(START + timedelta(days=9))
    assert stage.lost_at is not None
    assert timedelta(hours=20) < stage.lost_at - START < timedelta(hours=28)
    assert stage.channel.fetched <= 30


async def test_a_providers_never_is_believed_at_the_third_time() -> None:
    stage = Stage()
    stage.channel.fault = SendFailed("never", "404")
    await stage.pass_time(START + timedelta(days=1))
    assert (stage.channel.fetched, stage.lost_at is not None) == (3, True)


async def test_a_wait_that_the_provider_asks_for_is_kept() -> None:
    stage = Stage()
    stage.channel.fault = SendFailed("later", "429", after=700)
    await media.run(stage.work)
    assert stage.due == START + timedelta(seconds=700)


async def test_a_decoder_that_cannot_start_is_tried_again_and_then_the_original_kept_alone() -> None:
    stage = Stage()
    stage.decoder_fault = TimeoutError()
    await media.run(stage.work)
    assert stage.kept == []
    await stage.pass_time(START + timedelta(days=1))
    assert stage.kept == [("image/jpeg", b"original", None)]


async def test_a_fault_of_ours_never_gives_a_picture_up() -> None:
    stage = Stage(channel="no_longer_configured")
    await stage.pass_time(START + timedelta(days=60))
    assert stage.lost_at is None
    assert stage.due is not None


async def test_nothing_of_what_was_sent_gets_into_the_log() -> None:
    with capture_logs() as said:
        for fault in (SendFailed("never", "404"), ValueError(URL)):
            stage = Stage()
            stage.channel.fault = fault
            await stage.pass_time(START + timedelta(hours=1))
    assert {line["event"] for line in said} == {"media_lost", "media_broke"}
    assert "whisper" not in str(said)
