"""What staff look at is made from pixels alone; what cannot be is not looked at, and hurts nobody."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import ExifTags, Image

from bot import evidence, pixels
from bot.evidence import clean

LEAKS = (
    b"Exif",
    b"GPS",
    b"ACME",
    b"whisper",
    b"http://ns.adobe.com",
    b"ICC_PROFILE",
    b"iCCP",
    b"eXIf",
    b"tEXt",
    b"XMP",
)


def scene(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red above, blue below."""
    picture = Image.new("RGB", size, (0, 0, 255))
    picture.paste((255, 0, 0), (0, 0, size[0], size[1] // 2))
    return picture


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    made = io.BytesIO()
    picture.save(made, form, **options)
    return made.getvalue()


def telling() -> Image.Exif:
    """Where, with what, and which way up."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "ACME"
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (39.0, 5.0, 27.0)
    return exif


async def remade(original: bytes) -> Image.Image:
    picture = await clean(original)
    assert picture is not None
    opened = Image.open(io.BytesIO(picture))
    opened.load()
    return opened


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_bomb(width: int, height: int) -> bytes:
    """A few kilobytes that claim to be very many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(4_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "MPO"])
async def test_place_device_and_comment_are_gone_and_the_picture_stands_upright(form: str) -> None:
    original = saved(scene(), form, exif=telling(), comment=b"whisper", xmp=b"whisper http://ns.adobe.com")
    assert b"ACME" in original
    picture = await clean(original)
    assert picture is not None
    assert not [leak for leak in LEAKS if leak in picture]
    opened = await remade(original)
    assert opened.size == (40, 60)
    assert not dict(opened.getexif())
    assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    "original",
    [
        pytest.param(saved(scene(), "JPEG", progressive=True), id="progressive"),
        pytest.param(saved(scene().convert("CMYK"), "JPEG"), id="cmyk"),
        pytest.param(saved(scene().convert("L"), "JPEG"), id="grey"),
        pytest.param(saved(scene().convert("1"), "PNG"), id="black-and-white"),
        pytest.param(saved(scene().quantize(), "PNG", transparency=3), id="palette"),
        pytest.param(saved(scene().convert("LA"), "PNG"), id="grey-see-through"),
        pytest.param(saved(scene().convert("L").convert("I;16"), "PNG"), id="sixteen-bit"),
        pytest.param(saved(scene(), "WEBP", lossless=True), id="webp"),
        pytest.param(saved(scene().convert("RGBA"), "WEBP"), id="webp-see-through"),
        pytest.param(saved(scene(), "BMP"), id="bmp"),
        pytest.param(saved(scene(), "GIF"), id="gif"),
    ],
)
async def test_every_common_kind_of_picture_is_shown(original: bytes) -> None:
    assert (await remade(original)).size == (60, 40)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
async def test_of_an_animation_the_first_frame_is_shown(form: str) -> None:
    blue = Image.new("RGB", (60, 40), (0, 0, 255))
    opened = await remade(saved(Image.new("RGB", (60, 40), (255, 0, 0)), form, save_all=True, append_images=[blue]))
    assert getattr(opened, "n_frames", 1) == 1
    red, _, rest = Image.Image.getpixel(opened.convert("RGB"), (5, 5))  # type: ignore[misc]
    assert red > 200 > 60 > rest


async def test_a_large_picture_is_scaled_and_a_long_strip_too() -> None:
    assert (await remade(saved(scene((4000, 3000)), "JPEG"))).size == (2000, 1500)
    assert (await remade(saved(scene((30_000, 20)), "PNG"))).size == (2000, 1)


async def test_a_screenshot_stays_sharp_unless_it_is_too_large_for_a_page() -> None:
    assert (await remade(saved(scene(), "PNG"))).format == "PNG"
    noise = Image.effect_noise((1500, 1500), 90)
    heavy = await clean(saved(Image.merge("RGB", (noise, noise.rotate(90), noise.rotate(180))), "PNG"))
    assert heavy is not None
    assert heavy.startswith(b"\xff\xd8\xff")
    assert len(heavy) < 3_000_000


@pytest.mark.parametrize(
    "original",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"%PDF-1.7\n1 0 obj<</JavaScript(app.alert(1))>>endobj", id="pdf"),
        pytest.param(b"#!AMR\n" + bytes(400), id="audio"),
        pytest.param(b"\x00\x00\x00\x18ftypmp42" + bytes(400), id="video"),
        pytest.param(b"BEGIN:VCARD\nFN:Somebody\nEND:VCARD\n", id="vcard"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", id="svg"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n", id="postscript"),
        pytest.param(saved(scene(), "TIFF"), id="tiff"),
        pytest.param(saved(scene(), "ICO"), id="icon"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(200), id="png-in-name-only"),
    ],
)
async def test_what_is_no_allowed_picture_is_not_shown(original: bytes) -> None:
    assert await clean(original) is None


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
async def test_a_truncated_picture_is_not_shown(form: str) -> None:
    whole = saved(Image.effect_noise((200, 200), 80), form)
    assert await clean(whole[: len(whole) // 2]) is None


@pytest.mark.parametrize(
    "original",
    [
        pytest.param(png_bomb(30_000, 30_000), id="900-megapixels"),
        pytest.param(png_bomb(6325, 6325), id="just-over-40-megapixels"),
        pytest.param(png_bomb(2_000_000_000, 1), id="a-line-without-end"),
        pytest.param(png_bomb(0, 0), id="nothing-by-nothing"),
        pytest.param(saved(Image.new("RGBA", (6300, 6300)), "WEBP"), id="more-memory-than-allowed"),
    ],
)
async def test_a_bomb_is_refused(original: bytes) -> None:
    assert len(original) < 100_000
    assert await clean(original) is None


async def test_a_polyglot_loses_everything_but_its_pixels() -> None:
    script = b"<script>fetch('//whisper')</script>"
    for form in ("JPEG", "PNG", "GIF", "BMP"):
        picture = await clean(saved(scene(), form) + b"PK\x03\x04" + script)
        assert picture is not None
        assert b"PK\x03\x04" not in picture
        assert b"script" not in picture


async def test_garbled_orientation_does_not_hide_a_picture() -> None:
    whole = saved(scene(), "JPEG", exif=telling())
    at = whole.index(b"Exif\x00\x00") + 6
    for garbled in (
        b"\xff" * 40,
        b"MM\x00*\xff\xff\xff\xff" + b"\xff" * 32,
        b"II*\x00\x08\x00\x00\x00\xff\xff" + b"\xff" * 30,
    ):
        assert await clean(whole[:at] + garbled + whole[at + len(garbled) :]) is not None


async def test_a_decoder_that_loops_is_stopped(monkeypatch: pytest.MonkeyPatch, decoder: Callable[[str], None]) -> None:
    monkeypatch.setattr(evidence, "LONGEST_SECONDS", 0.3)
    decoder("while True: pass")
    with pytest.raises(TimeoutError):
        await clean(b"anything")


async def test_a_decoder_that_was_taken_over_gets_nothing_out(decoder: Callable[[str], None]) -> None:
    decoder("import sys; sys.stdin.buffer.read(); print('<script>alert(1)</script>')")
    assert await clean(b"anything") is None
    decoder("import sys; sys.stdin.buffer.read()\nwhile True: sys.stdout.buffer.write(b'\\xff\\xd8\\xff' * 100000)")
    assert await clean(b"anything") is None


async def test_the_decoder_knows_no_setting_and_can_open_nothing(
    monkeypatch: pytest.MonkeyPatch, decoder: Callable[[str], None]
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "whisper")
    decoder(
        f"""
import os, runpy, socket, subprocess, sys
sys.stdin.buffer.read()
runpy.run_path({pixels.__file__!r})["_lock_in"]()
def attempt(what):
    try: what()
    except (OSError, MemoryError): return True
refused = [attempt(what) for what in (
    lambda: open("/etc/hostname"), lambda: socket.socket(), lambda: subprocess.run(["true"]),
    lambda: bytearray({pixels.MEMORY}))]
if all(refused) and not [name for name in os.environ if not name.startswith("LC_")]:
    sys.stdout.buffer.write(b"\\xff\\xd8\\xff")
"""
    )
    assert await clean(b"anything") == b"\xff\xd8\xff"


@pytest.fixture
def decoder(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts another program in the decoder's place."""

    def put(program: str) -> None:
        path = tmp_path / "decoder.py"
        path.write_text(program)
        monkeypatch.setattr(evidence, "DECODER", path)

    return put
