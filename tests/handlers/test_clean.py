"""Cleaned text hides nothing, turns nothing around, and stays what it is when cleaned again."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.clean import LONGEST, MARKS, clean

ANYTHING = st.text(st.characters(codec=None))


@given(ANYTHING)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANYTHING)
def test_nothing_unseen_is_left_and_the_text_can_be_encoded(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert not any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Cn") for one in cleaned if one != "\n")
    assert unicodedata.is_normalized("NFC", cleaned)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u200bb\u2060c\ufeff", "abc"),
        ("x\U000e0041\U000e007f", "x"),
        ("lone \ud83d half", "lone \ufffd half"),
        ("cafe\u0301", "café"),
        ("bell\x07 nul\x00", "bell nul"),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
        ("  around \n", "around"),
        ("<!channel> @here =SUM(A1)", "<!channel> @here =SUM(A1)"),
    ],
)
def test_known_tricks_are_undone(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_marks_do_not_pile_up_and_length_has_an_end() -> None:
    assert clean("x" + "\u0337" * 50).count("\u0337") == MARKS
    assert len(clean("a" * 10_000_000)) == LONGEST
