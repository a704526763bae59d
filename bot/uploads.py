"""Files that staff send: fetched, kept sealed for the button that follows, and read before the turn, off the loop."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from handlers.messages import KEPT, Inbound, SendFailed, Upload
from handlers.tables import Faulty
from handlers.uploads import GONE, TOO_LARGE
from storage.uploads import Uploads

LARGEST = 4 << 20  # see TOO_LARGE
NOT_FETCHED = "The file could not be fetched. Send it once more."
PAGES = ("text/html", "application/xhtml+xml")


class Source(Protocol):
    """A channel, as far as its files go."""

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """Content type and bytes; raises SendFailed."""

    async def discard(self, reference: str) -> str:
        """Delete a file at the provider; what stays there, in words for who sent it."""


class FileDesk:
    """Makes messages with a file ready for their turn; how a file is read says bot/sheets.py."""

    def __init__(self, kept: Uploads, sources: Mapping[str, Source]) -> None:
        self._kept = kept
        self._sources = sources

    async def ready(self, inbound: Inbound) -> Inbound:
        """The message with its file read; nothing is fetched or opened for who is on no list."""
        if inbound.file is None and not inbound.value(KEPT):
            return inbound
        if not await self._kept.knows(inbound):
            return replace(inbound, file=Upload(fault=GONE))
        if inbound.file is None:
            return await self._again(inbound, inbound.value(KEPT))
        return await self._new(inbound, inbound.file)

    async def _new(self, inbound: Inbound, sent: Upload) -> Inbound:
        if sent.fault or sent.size > LARGEST:
            return replace(inbound, file=Upload(fault=sent.fault or TOO_LARGE))
        source = self._sources[inbound.channel]
        try:
            kind, content = await source.fetch(sent.url)
        except SendFailed as failed:
            return replace(inbound, file=Upload(fault=TOO_LARGE if failed.code == "size" else NOT_FETCHED))
        if kind in PAGES:  # where Slack does not let us in, it shows a page instead
            return replace(inbound, file=Upload(fault=NOT_FETCHED))
        remains = await source.discard(sent.reference)
        kept = Upload(id=await self._kept.keep(inbound, content), remains=remains)
        return await self._read(replace(inbound, values={**inbound.values, KEPT: kept.id}), kept, content)

    async def _again(self, inbound: Inbound, id: str) -> Inbound:
        """A button or form for a file that came before."""
        content = await self._kept.find(inbound, id)
        if content is None:
            return replace(inbound, file=Upload(fault=GONE))
        return await self._read(inbound, Upload(id=id), content)

    async def _read(self, inbound: Inbound, kept: Upload, content: bytes) -> Inbound:
        """What cannot be read is not kept."""
        kept = replace(kept, digest=hashlib.sha256(content).hexdigest())
        try:
            found = await asyncio.to_thread(_read, inbound, content)
        except Faulty as fault:
            await self._kept.drop(kept.id)
            return replace(inbound, file=replace(kept, id="", fault=str(fault)))
        return replace(inbound, file=replace(kept, read=found))


def _read(inbound: Inbound, content: bytes) -> object:
    # Only where a file comes at all: the library for workbooks is slow to load.
    from bot import sheets

    return sheets.read(inbound, content)
