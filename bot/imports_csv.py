"""Reads CSV of any make: its encoding is found out by the words that the crosswalk expects, and so is its delimiter."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from handlers.tables import Faulty

BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
NAMED = {"utf-8": "utf-8-sig"}
GUESSES = ("cp1252", "mac-roman", "cp437")  # the most usual first
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")
SAMPLE = 1 << 16
LINES = 500
DELIMITERS = ",;\t|"

Fit = Callable[[Iterable[Sequence[str]]], int]
Knows = Callable[[str], bool]


def decode(content: bytes, encoding: str, knows: Knows) -> tuple[str, str]:
    """The text of a file, and the encoding if it had to be guessed; raises Faulty if it is no text in it.

    A guess is the encoding in which most cells are known words: statistics of letters take a dash for an accent.
    """
    if encoding != "auto":
        return _decoded(content, NAMED.get(encoding, encoding)), ""
    named = next((name for mark, name in BOMS.items() if content.startswith(mark)), None) or _wide(content)
    if named:
        return _decoded(content, named), ""
    try:
        return content.decode("utf-8"), ""
    except UnicodeDecodeError:
        return _guessed(content, knows)


def is_text(content: bytes) -> bool:
    """Whether it may be text in any encoding that is read here."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff")) or _wide(content)
    return bool(wide) or not CONTROLS.search(content)


def delimiter(text: str, fit: Fit) -> str:
    """The one with which the first rows fit best, as `fit` counts it; ties go to the more usual."""
    beginning = text[:SAMPLE]
    return max(DELIMITERS, key=lambda mark: fit(_rows(beginning, mark, strict=False)))


def rows(text: str, mark: str) -> Iterator[Sequence[str]]:
    """Every row; raises Faulty with the number of the first that is broken."""
    done = 0
    try:
        for row in _rows(text, mark, strict=True):
            done += 1
            yield row
    except csv.Error as error:
        raise Faulty(f"The file is broken at row {done + 1}: {error}.") from None


def _rows(text: str, mark: str, strict: bool) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=strict)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError as error:
        raise Faulty(f"The file is not {name.removesuffix('-sig')}: see byte {error.start}.") from None


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark: in a Western text, every second byte is zero."""
    even, odd = content[0:SAMPLE:2], content[1:SAMPLE:2]
    if odd.count(0) > len(odd) // 2:
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > len(even) // 2 else None


def _guessed(content: bytes, knows: Knows) -> tuple[str, str]:
    found = {} if CONTROLS.search(content) else {name: text for name in GUESSES if (text := _try(content, name))}
    if not found:
        raise Faulty("The file is no text in a known encoding; name it as `encoding` in the crosswalk, if it is one.")
    best = max(found, key=lambda name: _known(found[name], knows))
    return found[best], best


def _try(content: bytes, name: str) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError:
        return ""


def _known(text: str, knows: Knows) -> int:
    """How many cells of the lines in which encodings differ are known."""
    lines = islice((line for line in text.splitlines() if not line.isascii()), LINES)
    return sum(knows(cell) for line in lines for cell in re.split(r'[,;|\t"]', line))
