"""Makes words of unknown people harmless: no control, bidi or hidden letters, no live addresses."""

import re
import unicodedata

MOST_MARKS = 4
MORE = "…"

_BREAKS = re.compile(r"\r\n?|\u2028|\u2029|\x85|\v|\f")
# Variation selectors stay (they make emoji), all other invisible letters go.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_SCHEME = re.compile(r"\b(h)(tt)(ps?)(?=:)", re.IGNORECASE)
_SLASHES = re.compile(r":(?=//)")
_DOT = re.compile(r"(?<=\w)[.\u3002\uff0e\uff61](?=[^\W\d_]{2})")
_ADDRESS = re.compile(r"\d+(?:\.\d+){3}")


def clean(text: str, limit: int) -> str:
    """The text as it may be shown: composed, without tricks of letters, at most `limit` UTF-16 units."""
    shown = text[: 4 * limit]
    if not (shown.isascii() and shown.isprintable()):
        shown = _few_marks(unicodedata.normalize("NFC", _INVISIBLE.sub("", _BREAKS.sub("\n", shown))))
    return cut(shown, limit, len(text) > 4 * limit)


def defang(text: str) -> str:
    """Addresses written so that no client makes a link of them: hxxps[:]//example[.]org."""
    inert = _SLASHES.sub("[:]", _SCHEME.sub(r"\1xx\3", text))
    return _DOT.sub("[.]", _ADDRESS.sub(lambda found: found[0].replace(".", "[.]"), inert))


def cut(text: str, limit: int, more: bool = False) -> str:
    """At most `limit` UTF-16 units (what clients count); what was cut off shows as an ellipsis."""
    if not more and (2 * len(text) <= limit or _units(text) <= limit):
        return text
    return _first(text, limit - 1) + MORE


def pieces(text: str, limit: int) -> list[str]:
    """The text in parts of at most `limit` UTF-16 units each."""
    parts = []
    while text:
        part = _first(text, limit)
        parts.append(part)
        text = text[len(part) :]
    return parts


def _first(text: str, limit: int) -> str:
    if 2 * len(text) <= limit:
        return text
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _few_marks(text: str) -> str:
    if not any(map(unicodedata.combining, text)):
        return text
    kept, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) else 0
        if marks <= MOST_MARKS:
            kept.append(letter)
    return "".join(kept)
