"""The signature check beside the one of Twilio's library, which decides what is right."""

import random
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.channels.twilio_signature import Signature

Pairs = Sequence[tuple[str, str]]

URLS = (
    "https://line.example.org",
    "https://line.example.org:443",
    "https://line.example.org:8443",
    "http://127.0.0.1:3000",
    "http://line.example.org/behind/a/proxy",
)
REQUESTS = 12_000


class Form(dict[str, str]):
    """A form as the library wants one: with all values of a name."""

    def __init__(self, pairs: Pairs) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def getlist(self, name: str) -> list[str]:
        return [value for known, value in self.pairs if known == name]


def oracle(token: str, url: str, pairs: Pairs, given: str) -> bool:
    try:
        return bool(RequestValidator(token).validate(url, Form(pairs), given))
    except (TypeError, ValueError):
        return False


words = st.text(max_size=30)
forms = st.lists(st.tuples(words, words), max_size=12)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(URLS), st.sampled_from(["", "?a=b", "?a=%20&a"]), forms, st.booleans(), words)
def test_answer_is_the_librarys(public: str, query: str, pairs: Pairs, signed: bool, junk: str) -> None:
    target = f"/twilio/messages{query}"
    try:
        right = RequestValidator("token").compute_signature(public + target, Form(pairs))
    except UnicodeEncodeError:
        right = ""
    given_signature = right if signed else junk
    expected = oracle("token", public + target, pairs, given_signature)
    assert Signature(["token"], public).matches(target, pairs, given_signature) == expected


def test_thousands_of_altered_requests_are_judged_as_the_library_judges_them() -> None:
    chance = random.Random(2026)  # noqa: S311
    disagreements, accepted = [], 0
    for _ in range(REQUESTS):
        public, target, pairs, signature = _altered(chance)
        ours = Signature(["token"], public).matches(target, pairs, signature)
        accepted += ours
        if ours != oracle("token", public + target, pairs, signature):
            disagreements.append((public, target, pairs, signature))
    assert disagreements == []
    assert REQUESTS / 10 < accepted < REQUESTS * 9 / 10


def _altered(chance: random.Random) -> tuple[str, str, Pairs, str]:
    public, target = chance.choice(URLS), "/twilio/messages" + chance.choice(["", "?x=1", "?x=%2F&y"])
    pairs = [(_word(chance), _word(chance)) for _ in range(chance.randrange(1, 20))]
    signature = RequestValidator("token").compute_signature(public + target, Form(pairs))
    match chance.randrange(8):
        case 0:
            pairs = pairs[1:]
        case 1:
            pairs = [*pairs, chance.choice(pairs)]
        case 2:
            pairs = [*pairs, (pairs[0][0], _word(chance))]
        case 3:
            signature = signature[:-1] + chance.choice("=Aa ü")
        case 4:
            target += chance.choice(["/", "&z=1", "%20"])
        case 5:
            chance.shuffle(pairs)
        case 6:
            pairs = parse_qsl(urlencode(pairs), keep_blank_values=True)
    return public, target, pairs, signature


def _word(chance: random.Random) -> str:
    letters = "abcABC019 +&=%é😀\n\x00¡"
    return "".join(chance.choice(letters) for _ in range(chance.randrange(6)))


@pytest.mark.parametrize("given_signature", ["", "ü", "\ud800", "a" * 10_000, "\x00"])
def test_hostile_signature_is_refused_without_an_exception(given_signature: str) -> None:
    assert not Signature(["token"], URLS[0]).matches("/x", [("a", "b")], given_signature)


def test_lone_surrogate_is_refused_without_an_exception() -> None:
    assert not Signature(["token"], URLS[0]).matches("/x", [("Body", "\ud800")], "x" * 28)


def test_empty_token_signs_nothing() -> None:
    forged = RequestValidator("").compute_signature("https://line.example.org/x", {"a": "b"})
    assert not Signature(["token", ""], "https://line.example.org").matches("/x", [("a", "b")], forged)
