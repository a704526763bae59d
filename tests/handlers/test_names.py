"""Whoever a text may mean is found, however the name is written."""

import pytest

from handlers.casework.names import mentioned, of_office
from handlers.state import Staff
from tests.handlers.talk import CITIES


def member(name: str, office: str = "") -> Staff:
    return Staff(name, "independence", "slack", "T1", name, frozenset({"recipient"}), name, office)


STAFF = (
    member("Robert Smith"),
    member("José García López"),
    member("Kim Lee", "personnel"),
    member("Dana O'Brien", "manager"),
    member("Catherine Walsh", "police"),
    member("Sam Park", "attorney"),
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Robert Smith took it", "Robert Smith"),
        ("bob smith took it", "Robert Smith"),
        ("SMITH, ROBERT", "Robert Smith"),
        ("smith took it", "Robert Smith"),
        ("it was Smith's idea", "Robert Smith"),
        ("the Smiths", "Robert Smith"),
        ("mr smiht", "Robert Smith"),
        ("ask r.smith@example.gov", "Robert Smith"),
        ("jose garcia", "José García López"),
        ("Pepe López", "José García López"),
        ("el señor Garcia", "José García López"),
        ("lee, kim", "Kim Lee"),
        ("Dana did it", "Dana O'Brien"),
        ("obrien", "Dana O'Brien"),
        ("Kathryn Wallsh", "Catherine Walsh"),
        ("Mr. Park signed it", "Sam Park"),
        ("HR covers it up", "Kim Lee"),
        ("recursos humanos lo sabe", "Kim Lee"),
        ("the city manager knows", "Dana O'Brien"),
        ("la gerencia municipal", "Dana O'Brien"),
        ("the chief gets a cut", "Catherine Walsh"),
        ("el jefe de policía", "Catherine Walsh"),
        ("police overtime", "Catherine Walsh"),
        ("the city attorney", "Sam Park"),
        ("el abogado municipal", "Sam Park"),
    ],
)
def test_person_meant_is_found(text: str, name: str) -> None:
    assert name in mentioned(text, STAFF, CITIES["independence"])


@pytest.mark.parametrize(
    "text",
    [
        "they dump oil in the park",
        "I called the police and nobody came",
        "llamé a la policía",
        "the foreman pads the hours",
        "sam",
        "see the lee side of the barn",
        "",
    ],
)
def test_nobody_is_found_where_nobody_is_meant(text: str) -> None:
    assert mentioned(text, STAFF, CITIES["independence"]) == frozenset()


def test_two_who_share_a_name_are_both_meant() -> None:
    staff = (*STAFF, member("Anna Smith"))
    assert mentioned("Smith", staff, CITIES["independence"]) == {"Robert Smith", "Anna Smith"}


def test_marked_offices_mean_all_their_people() -> None:
    assert of_office(("police", "manager"), STAFF) == {"Catherine Walsh", "Dana O'Brien"}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Smith signed it", False),
        ("Bob knows", False),
        ("smiht again", False),
        ("Bob Smith signed it", True),
        ("smith, robert", True),
    ],
)
def test_whoever_was_let_in_after_a_mistake_is_meant_by_their_whole_name_only(text: str, meant: bool) -> None:
    assert ("Robert Smith" in mentioned(text, STAFF, CITIES["independence"], frozenset({"Robert Smith"}))) is meant


def test_whoever_was_let_in_is_still_meant_by_their_office() -> None:
    assert "Kim Lee" in mentioned("HR covers it up", STAFF, CITIES["independence"], frozenset({"Kim Lee"}))
