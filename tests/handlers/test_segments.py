"""Segments are counted as carriers count them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.segments import BASIC, EXTENDED, count


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", (1, "GSM-7")),
        ("a" * 160, (1, "GSM-7")),
        ("a" * 161, (2, "GSM-7")),
        ("a" * 306, (2, "GSM-7")),
        ("a" * 307, (3, "GSM-7")),
        ("é" * 160, (1, "GSM-7")),
        ("ñü¿¡" * 40, (1, "GSM-7")),
        ("á" * 70, (1, "UCS-2")),
        ("á" * 71, (2, "UCS-2")),
        ("😀" * 35, (1, "UCS-2")),
        ("😀" * 36, (2, "UCS-2")),
        ("€" * 80, (1, "GSM-7")),
        ("a" * 152 + "€" + "a" * 152, (3, "GSM-7")),
        ("a" * 66 + "😀" + "á" * 66, (3, "UCS-2")),
    ],
)
def test_segments_of_known_texts(text: str, counted: tuple[int, str]) -> None:
    assert count(text) == counted


def test_gsm_table_has_its_128_places() -> None:
    assert len(BASIC) == 127  # the 128th is the escape to the second table
    assert not BASIC & EXTENDED


@given(st.text(), st.text())
def test_a_longer_text_never_takes_fewer_segments(text: str, more: str) -> None:
    assert count(text + more)[0] >= count(text)[0]
