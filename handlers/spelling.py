"""Compares words as people type them: without case and accents, and with one slip of the thumb."""

import re
import unicodedata

APOSTROPHES = re.compile("['`\u2019\u00b4]")


def fold(text: str) -> str:
    """Lower case without accents or apostrophes."""
    bare = APOSTROPHES.sub("", text.casefold())
    if bare.isascii():
        return bare
    return "".join(letter for letter in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(letter))


def tokens(text: str) -> tuple[str, ...]:
    """The folded words of a text: letters and digits only."""
    return tuple(re.findall(r"[^\W_]+", fold(text)))


def plain(text: str) -> str:
    """The folded words with single spaces between, for comparing whole texts."""
    return " ".join(tokens(text))


def one_slip(one: str, other: str) -> bool:
    """Whether two different words are one letter apart: added, dropped, changed, or two neighbours swapped."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    start = next((i for i, letter in enumerate(short) if letter != long[i]), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    swapped = short[start + 1 : start + 2] + short[start] + short[start + 2 :]
    return short[start + 1 :] == long[start + 1 :] or swapped == long[start:]
