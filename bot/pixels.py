"""The decoder of `evidence`, in a process of its own: bytes come in, a picture made anew from their pixels goes out."""

import io
import os
import resource
import sys
import warnings

from PIL import ExifTags, Image, ImageOps

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP")
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2000
LARGEST_PNG = 2 * 1024 * 1024

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 10
STANDARD_STREAMS = 3


def main() -> None:
    """Standard input to standard output; whatever is no picture ends in an exit code other than 0."""
    original = sys.stdin.buffer.read()
    _rehearse()
    _lock_in()
    sys.stdout.buffer.write(remake(original))


def remake(original: bytes) -> bytes:
    """The first frame as PNG or JPEG: upright, at most 2000 pixels a side, pixels only. Raises on anything else."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(original), formats=FORMATS) as opened:
        lossless = opened.format in ("PNG", "GIF", "BMP")
        return _encode(_bare(ImageOps.exif_transpose(_scaled(opened))), lossless)


def _rehearse() -> None:
    """A tiny picture of each kind, so that Pillow imports what it needs: after `_lock_in` nothing can be imported."""
    turned = Image.Exif()
    turned[ExifTags.Base.Orientation] = 6
    for form in (*FORMATS, "MPO"):
        remake(_save(Image.new("RGB", (2, 1)), form, exif=turned))


def _lock_in() -> None:
    """No more memory or time than a picture needs; no file, no library, no connection may be opened from here on."""
    os.nice(10)
    limits = {
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: STANDARD_STREAMS,
    }
    if sys.platform == "linux":  # elsewhere the address space is no measure of memory, and its limit is refused
        limits[resource.RLIMIT_AS] = MEMORY
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))


def _scaled(picture: Image.Image) -> Image.Image:
    # JPEG decodes straight to a smaller size; the rest is brought into a mode that can be scaled smoothly first.
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    if picture.mode.startswith("I;16"):
        picture = picture.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    elif picture.mode not in ("L", "RGB", "RGBA"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return picture


def _bare(picture: Image.Image) -> Image.Image:
    """The pixels on a new canvas: comments, profiles, positions and names stay behind."""
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare


def _encode(picture: Image.Image, lossless: bool) -> bytes:
    """PNG for what must stay sharp or see-through, unless it grows too large for a page."""
    if lossless or picture.mode == "RGBA":
        png = _save(picture, "PNG")
        if len(png) <= LARGEST_PNG:
            return png
    return _save(_on_white(picture), "JPEG")


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, (255, 255, 255))
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _save(picture: Image.Image, form: str, **options: object) -> bytes:
    made = io.BytesIO()
    picture.save(made, form, quality=88, **options)
    return made.getvalue()


if __name__ == "__main__":
    main()
