"""Counts the SMS segments of a text (3GPP TS 23.038 and 23.040)."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
ROOM = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


def count(text: str) -> tuple[int, str]:
    """How many segments a text takes, at least one, and its encoding: "GSM-7" or "UCS-2"."""
    encoding = "GSM-7" if all(character in BASIC or character in EXTENDED for character in text) else "UCS-2"
    sizes = [_size(character, encoding) for character in text]
    alone, each = ROOM[encoding]
    return (1 if sum(sizes) <= alone else _filled(sizes, each)), encoding


def _size(character: str, encoding: str) -> int:
    if encoding == "GSM-7":
        return 2 if character in EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1


def _filled(sizes: list[int], room: int) -> int:
    """Segments filled one after the other; an escaped or surrogate pair is never split."""
    segments, used = 1, 0
    for size in sizes:
        if used + size > room:
            segments, used = segments + 1, 0
        used += size
    return segments
