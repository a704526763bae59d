"""Words of unknown people, made harmless."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.plain import clean, cut, defang, pieces

HIDDEN = "\u202e\u202a\u2066\u200b\u200d\ufeff\u00ad\x00\x1b\x9b\ud800\U000e0041\u3164\u2060"


def test_hidden_letters_are_taken_away() -> None:
    assert clean(f"pay{HIDDEN}roll", 100) == "payroll"


def test_lines_stay_lines() -> None:
    assert clean("a\r\nb\u2028c\x85d\te", 100) == "a\nb\nc\nd\te"


def test_pile_of_marks_is_cut_down() -> None:
    assert len(clean("z" + "\u0336" * 500, 1000)) == 5


def test_accents_and_emoji_stay() -> None:
    assert clean("señor ⚠\ufe0f 👍🏽", 100) == "señor ⚠\ufe0f 👍🏽"


@pytest.mark.parametrize(
    ("words", "inert"),
    [
        ("see http://evil.example/x", "see hxxp[:]//evil[.]example/x"),
        ("HTTPS://Evil.Example", "HxxPS[:]//Evil[.]Example"),
        ("www.evil.example", "www[.]evil[.]example"),
        ("mail a@evil.example", "mail a@evil[.]example"),
        ("10.0.0.1:80", "10[.]0[.]0[.]1:80"),
        ("evil。example", "evil[.]example"),
        ("slack://open", "slack[:]//open"),
        ("It was 3.50 dollars. Then he left.", "It was 3.50 dollars. Then he left."),
    ],
)
def test_address_is_no_link_any_more(words: str, inert: str) -> None:
    assert defang(words) == inert


@given(st.text(), st.integers(1, 50))
def test_cut_text_fits_in_the_units_that_clients_count(text: str, limit: int) -> None:
    safe = clean(text, limit)
    assert len(safe.encode("utf-16-le")) // 2 <= limit
    assert all(unicodedata.category(letter) not in ("Cs",) for letter in safe)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(2, 9))
def test_pieces_are_the_whole_text(text: str, limit: int) -> None:
    parts = pieces(text, limit)
    assert "".join(parts) == text
    assert all(0 < len(part.encode("utf-16-le")) // 2 <= limit for part in parts)


def test_ten_million_letters_are_cut_at_once() -> None:
    assert clean("x" * 10_000_000, 3000) == "x" * 2999 + "…"
    assert cut("abc", 3) == "abc"
