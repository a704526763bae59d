"""Makes the copy of a reporter's picture that staff may look at, in a process that can reach nothing."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

DECODER = Path(__file__).with_name("pixels.py")
LONGEST_SECONDS = 15.0
LARGEST = 8 * 1024 * 1024
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


async def clean(original: bytes) -> bytes | None:
    """A PNG or JPEG made anew from the pixels of a JPEG, PNG, GIF, WebP or BMP; None for anything else.

    What it is shows in its content, whatever it is called. Nothing but pixels is kept: no place, time, device, comment.
    Raises OSError (TimeoutError among them) where this machine, not the picture, was at fault: worth another try.
    """
    decoder = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-B", str(DECODER), stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}
    )
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            picture = await _exchange(decoder, original)
            code = await decoder.wait()
    finally:
        await _end(decoder)
    return picture if code == 0 and picture.startswith(PICTURES) else None


async def _exchange(decoder: Process, original: bytes) -> bytes:
    """All in, then all out; a decoder that was taken over may not fill our memory either."""
    if decoder.stdin is None or decoder.stdout is None:
        raise OSError("no pipes to the decoder")
    decoder.stdin.write(original)
    decoder.stdin.close()
    picture = bytearray()
    while part := await decoder.stdout.read(64 * 1024):
        picture += part
        if len(picture) > LARGEST:
            decoder.kill()
            return b""
    return bytes(picture)


async def _end(decoder: Process) -> None:
    if decoder.returncode is None:
        decoder.kill()
        await decoder.wait()
