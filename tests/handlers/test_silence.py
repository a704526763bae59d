"""After long silence a phone is answered as one that never wrote, and what it wrote is not lost."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.casework.silence import hint, stranger
from handlers.effects import AwaitCodes
from handlers.state import Conversation
from tests.handlers.talk import CITIES, TEXTS, Town
from tests.handlers.test_conversation import SAID, kept

OWNER, OTHER = "+18165550199", "+18165550177"
TIP = "The mechanic sells city tires at the yard every week"


def quiet(phone: str, days: float = 31) -> Town:
    """A town in which that phone made a report, and wrote nothing since."""
    town = Town()
    town.text(TIP, phone)
    town.text("STATUS", phone)
    town.pass_time(timedelta(days=days))
    return town


@settings(max_examples=150, deadline=None)
@given(st.lists(SAID, max_size=6))
def test_a_silent_phone_hears_the_same_as_one_that_never_wrote(scenes: list[str]) -> None:
    silent, absent = quiet(OWNER), quiet(OTHER)
    for words in scenes:
        assert silent.text(words, OWNER) == absent.text(words, OWNER)
        if len(silent.cases) >= 4:
            return


def test_what_it_writes_begins_a_report_of_its_own() -> None:
    town = quiet(OWNER)
    town.text("MAPLE-7: is anybody reading this at all?", OWNER)
    assert town.effects[0] == AwaitCodes()
    assert [len(case.entries) for case in town.cases.values()] == [1, 1]
    assert "is anybody reading this at all?" in kept(town)


def test_a_day_less_is_no_long_silence() -> None:
    town = quiet(OWNER, days=29.9)
    assert "MAPLE-7" in town.text("STATUS", OWNER)[0]


def test_each_code_opens_its_own_case_alone() -> None:
    town = Town()
    town.text(TIP, OWNER)
    town.text("NEW: someone takes the late fees home from the library", OWNER)
    town.pass_time(timedelta(days=31))
    town.text("AB3DE-7GHJK", OWNER)
    assert [case.word for case in town.own(OWNER)] == ["MAPLE-7"]
    town.text("ZX9CV-4BNMQ", OWNER)
    assert [case.word for case in town.own(OWNER)] == ["CEDAR-12", "MAPLE-7"]


def test_nothing_of_the_person_before_is_left_but_a_stop_and_texts_in_no_report_yet() -> None:
    before = Conversation("es", True, "case0", "where", {"what": "given"}, 1, ("one more", "and more"), ("a", "b"))
    assert stranger(before) == Conversation(stopped=True, waiting=("one more", "and more"), offered=("a", "b"))
    assert stranger(before.but(offered=("a",), stopped=False)) == Conversation()


def test_a_hint_names_no_case_and_nothing_that_tells_what_it_is_about() -> None:
    for language in TEXTS.catalogues:
        text = hint(TEXTS, CITIES["independence"], language).lower()
        words = ("report", "case", "caso", "hotline", "tip", "ethic", "wrong", "denuncia", "queja", "staff", "maple")
        assert not any(word in text for word in words)
