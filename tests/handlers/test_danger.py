"""Danger is heard; what only sounds like it is not; doubt counts as danger with a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.casework.danger import level


@pytest.mark.parametrize(
    "text",
    [
        "he said he will shoot",
        "He said he'll shoot the supervisor tomorrow",
        "he is going to come to city hall and hurt people",
        "he has a gun",
        "No, he has a gun",
        "not sure but he has a knife",
        "there is an active shooter",
        "he is hitting me",
        "I want to kill myself",
        "im going to end my life",
        "there is a fire in the shop",
        "the building is on fire",
        "I smell gas in the shop",
        "help me",
        "I'm in danger",
        "tiene una pistola",
        "dijo que va a matar al jefe",
        "quiero morir",
        "me está golpeando ahora",
        "hay un incendio",
        "huele a gas",
        "estoy en peligro",
        "va a traer un arma y va a disparar",
        "auxilio",
    ],
)
def test_danger_is_heard(text: str) -> None:
    assert level(text) == "danger"


@pytest.mark.parametrize(
    "text",
    [
        "last year he had a gun at work",
        "2 years ago he said he would shoot someone",
        "I am not going to kill myself",
        "he threatened me",
        "me amenazó",
        "i quit because he hit me",
        "I am scared for my life",
        "no puedo más",
        "my husband hits me",
        "he grabbed my arm and pushed her",
        "I am being followed right now",
        "someone follows me home",
        "he is outside my door",
        "my coworker just collapsed",
        "911",
        "im gonna kms",
        "están afuera de mi casa",
        "me van a hacer daño",
        "el año pasado tenía una pistola",
    ],
)
def test_doubt_is_not_silence(text: str) -> None:
    assert level(text) == "unsure"


@pytest.mark.parametrize(
    "text",
    [
        "I could kill for a day off",
        "there is no gun",
        "nobody has a gun here",
        "nadie tiene armas",
        "no estoy en peligro",
        "the boss was fired",
        "he threatened to fire me",
        "mi jefe me amenaza con despedirme",
        "fire department overtime",
        "el jefe del departamento de bomberos roba gasolina",
        "they steal gas with the gas card",
        "shoot me an email",
        "a nail gun was stolen",
        "my back is killing me",
        "they won't stop stealing",
        "bombas de agua robadas",
        "Bid rigging in purchasing",
        "the deadline was dead serious",
        "they pushed me to sign and kicked me out of the meeting",
        "he follows me on facebook",
        "the project is not moving",
        "it is 5 kms from the shop",
        "he says he would never hurt anyone",
        "she said she would never hurt anybody",
        "nobody was hurt, no one is in danger",
        "no one is hurt or in danger, it is about the money",
        "dijo que nunca le haría daño a nadie",
        "nadie salió herido",
        "luckily nobody was hurt, the truck hit a pole",
        "an emergency purchase without bids",
        "",
    ],
)
def test_what_only_sounds_dangerous_pages_nobody(text: str) -> None:
    assert level(text) == "none"


@pytest.mark.parametrize(
    "text",
    [
        "nobody was hurt he has a gun",
        "no one is in danger yet he says he will shoot",
        "he says he would never hurt anyone but he has a knife",
        "nadie salió herido tiene una pistola",
        "nadie está en peligro dijo que va a matar al jefe",
    ],
)
def test_a_word_that_all_are_well_hides_no_danger_beside_it(text: str) -> None:
    assert level(text) == "danger"


@pytest.mark.parametrize(
    "text", ["he said he would never hurt anyone who pays", "he says he wont hurt anyone unless i talk"]
)
def test_a_promise_with_a_condition_is_a_threat(text: str) -> None:
    assert level(text) == "danger"


@given(st.text(max_size=300))
def test_any_text_has_a_level(text: str) -> None:
    assert level(text) in ("none", "unsure", "danger")
