"""Makes foreign text safe to show: composed, without invisible or reordering characters, and not endless."""

import unicodedata

LONGEST = 5_000
MARKS = 4
BREAKS = str.maketrans(
    {"\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\t": " "}
)
# Letters and marks by category, yet nothing to see: fillers, joiners, Mongolian selectors.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn"})


def clean(text: str, longest: int = LONGEST) -> str:
    """The text as it may be shown: NFC, at most `longest` characters and four marks on a letter; safe to repeat."""
    if text.isascii() and text.isprintable():
        return text[:longest].strip()
    seen = "".join(map(_visible, text[: 4 * longest].replace("\r\n", "\n").translate(BREAKS)))
    composed = unicodedata.normalize("NFC", seen)
    return _few_marks(composed)[:longest].strip()


def _visible(character: str) -> str:
    if character == "\n":
        return character
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    return "" if category in UNSEEN or character in BLANK else character


def _few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MARKS:
            kept.append(character)
    return "".join(kept)
