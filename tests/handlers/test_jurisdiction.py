"""A city's file is refused with one sentence that names the key."""

import tomllib
from copy import deepcopy
from datetime import date, datetime
from typing import Any

import pytest

from handlers.jurisdiction import Faulty, check_together, read_jurisdiction
from handlers.messages import Place
from tests.handlers.talk import CITIES, ROOT

FILE = tomllib.loads((ROOT / "jurisdictions" / "independence.toml").read_text("utf-8"))


def changed(path: str, value: object) -> dict[str, Any]:
    """The file with one value changed; None takes it away."""
    file = deepcopy(FILE)
    *keys, last = path.split(".")
    table: Any = file
    for key in keys:
        table = table[int(key) if key.isdigit() else key]
    if value is None:
        del table[last]
    else:
        table[last] = value
    return file


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("name", None, "name: is missing; it must be a text"),
        ("name", " ", "name: must not be empty"),
        ("name", 7, "name: must be a text"),
        ("zone", "Mars/Base", "zone: must be a time zone"),
        ("zone", "../../etc/passwd", "zone: must be a time zone"),
        ("languages", [], "languages: must be a list of texts"),
        ("colour", "red", "colour: is not a key"),
        ("texts_911", "yes", "texts_911: must be true or false"),
        ("silent_days", 0, "silent_days: must be a whole number of days from 1 to 45"),
        ("silent_days", 46, "silent_days: must be a whole number of days from 1 to 45"),
        ("silent_days", "30", "silent_days: must be a whole number of days from 1 to 45"),
        ("lines.0.address", "816-555-0101", "lines[0].address: must be a number in E.164 form"),
        ("lines.0.program", "hotlne", "lines[0].program: must be one of enrolment, exit_interview, hotline"),
        ("lines.0.extra", "x", "lines[0].extra: is not a key"),
        ("lines", "x", "lines: must be a list of tables"),
        ("lines", ["x"], "lines[0]: must be a table"),
        ("desks", [], "lines[0].program: has no desk"),
        ("desks.0.places", [], "desks[0].places: must name at least one place"),
        ("desks.0.contacts.2.address", "x", "desks[0].contacts[2].address: must be a number"),
        ("desks.0.places", [{"channel": "email", "address": "me"}], "desks[0].places[0].address: must be an e-mail"),
        ("desks.0.cancellations", [{"channel": "email"}], "desks[0].cancellations[0].address: is missing"),
        ("offices.1.key", "manager", "offices[1]: is there twice"),
        ("offices.0.names.es", None, "offices[0].names.es: is missing"),
        ("hours.closes", FILE["hours"]["opens"], "hours.closes: must be later than opens"),
        ("hours.opens", "8", "hours.opens: must be a time"),
        ("holidays.country", "ZZ", "holidays.country: must be a country"),
        ("holidays.subdivision", "ZZ", "holidays.country: must be a country"),
        ("holidays.extra", [datetime(2026, 1, 1)], "holidays.extra[0]: must be a date"),
        ("holidays.extra", ["2026-01-01"], "holidays.extra[0]: must be a date"),
    ],
)
def test_faulty_file_is_refused_with_its_key(path: str, value: object, sentence: str) -> None:
    with pytest.raises(Faulty) as refused:
        read_jurisdiction("independence", changed(path, value))
    assert str(refused.value).startswith(f"independence.toml: {sentence}")


def test_cities_of_this_repository_are_right_alone_and_together() -> None:
    check_together(CITIES.values())
    assert CITIES["marc"].lines == ()
    assert CITIES["independence"].desk("hotline").contacts[0].address == "U0INDFIRST"


def test_a_desk_may_say_where_cancellations_go() -> None:
    relay = [{"channel": "email", "address": "training@marc.example.org"}]
    city = read_jurisdiction("independence", changed("desks.0.cancellations", relay))
    assert city.desk("hotline").cancellations == (Place("email", "training@marc.example.org"),)


def test_holidays_are_those_of_the_state_and_the_citys_own() -> None:
    holidays = CITIES["independence"].holidays
    assert {date(2026, 5, 8), date(2026, 7, 3), date(2026, 11, 27), date(2030, 12, 25)} <= holidays


def test_a_line_belongs_to_one_city_and_a_neutral_city_exists() -> None:
    twin = read_jurisdiction("twin", changed("name", "Twin"))
    with pytest.raises(Faulty, match=r"twin\.toml: lines\[0\]\.address: independence\.toml has this line already"):
        check_together((*CITIES.values(), twin))
    alone = read_jurisdiction("alone", changed("neutral", "nobody"))
    with pytest.raises(Faulty, match=r"alone\.toml: neutral: must name another city"):
        check_together((alone, CITIES["marc"]))


def test_a_phone_is_silent_for_thirty_days_unless_the_city_says_otherwise() -> None:
    assert read_jurisdiction("independence", FILE).silent_days == 30
    assert read_jurisdiction("independence", changed("silent_days", 14)).silent_days == 14
