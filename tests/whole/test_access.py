"""Who may see what, cell by cell: a case that is hidden answers, byte for byte, like one that does not exist.

A deep run, by hand, of every cell for everybody: ACCESS=all make test ARGS=tests/whole/test_access.py
"""

import json
import os
from collections.abc import Mapping
from typing import Any, get_args

import pytest

from handlers.casework import desk
from handlers.casework.access import HANDLERS
from handlers.state import Role
from storage import staff
from tests.town import DESK, OTHER_PHONE, TEAM, Town

TIP = "Overtime was signed for a garage at the chief clerk's own house, near the old depot."
ABSENT = "WALRUS-1"
CITIES = ("independence", "lees_summit", "marc")

# Nobody here may know of a case that names Dana Reyes, who reads Independence's reports.
KEPT_OUT = ("U0INDFIRST", "U0INDCUST", "U0LSMFIRST", "U0MARCDUTY", "U0STRANGER", "U0GUEST", "U0ELSEWHERE", "U0GONE")
READER = "U0INDSECOND"

FILLED: Mapping[str, Any] = {
    "text": "hello",
    "entry": "reply",
    "stage": "assessed",
    "outcome": "referred",
    "question": "when",
    "staff": "0" * 24,
    "message": "0" * 33,
    "tell": ["yes"],
    "other": "",
}
SURFACES = ("command", "button", "modal", "form")
MOST_TEMPTED = KEPT_OUT if os.environ.get("ACCESS") == "all" else ("U0INDFIRST",)


@pytest.fixture
async def hidden(town: Town) -> str:
    """The word of a case that Dana Reyes is locked out of; another case was there before it."""
    for user, kind in (
        ("U0GUEST", {"guest": True}),
        ("U0ELSEWHERE", {"external": True}),
        ("U0GONE", {"deleted": True}),
    ):
        town.slack.add_user(user, user, **kind)
        await hire(town, user, "independence", "recipient")
    for user in (*KEPT_OUT, READER):
        town.slack.channel(DESK).members.add(user)
    await town.text(TIP, phone=OTHER_PHONE)
    await town.text("Dana Reyes takes cash from contractors")
    return town.word()


async def hire(town: Town, user: str, city: str, role: str) -> None:
    who = {"jurisdiction": city, "channel": "slack", "team": TEAM, "user": user}
    await town.service.database.transact(
        lambda tx: staff.add(tx, town.service.vault, **who, roles=frozenset({role}), name="", office="")
    )


async def test_every_verb_on_every_surface_hides_a_case_as_if_there_were_none(town: Town, hidden: str) -> None:
    for user in KEPT_OUT:
        for verb in (*desk.TURNS, "help", "walrus"):
            for surface in SURFACES if user in MOST_TEMPTED else ("command", "form"):
                seen = await ask(town, user, surface, verb, hidden)
                assert seen == await ask(town, user, surface, verb, ABSENT), (user, surface, verb)
                assert hidden not in seen


async def test_the_instrument_tells_a_case_that_may_be_seen_from_none(town: Town, hidden: str) -> None:
    for verb in desk.TURNS.keys() - {"link"}:
        for surface in SURFACES:
            seen = await ask(town, READER, surface, verb, hidden)
            assert seen != await ask(town, READER, surface, verb, ABSENT), (surface, verb)


@pytest.mark.parametrize("city", CITIES)
async def test_only_those_who_handle_reports_of_that_city_open_one(town: Town, hidden: str, city: str) -> None:
    for role in get_args(Role):
        user = f"U0{city}{role}".upper().replace("_", "")
        town.slack.add_user(user, user)
        town.slack.channel(DESK).members.add(user)
        await hire(town, user, city, role)
        opened = await ask(town, user, "command", "view", hidden) != await ask(town, user, "command", "view", ABSENT)
        assert opened == (city == "independence" and role in HANDLERS), role


async def test_lists_counts_and_pages_leave_no_gap_where_a_case_is_hidden(town: Town) -> None:
    await town.text(TIP, phone=OTHER_PHONE)
    before = {user: await all_lists(town, user) for user in ("U0INDFIRST", "U0LSMFIRST", "U0MARCDUTY")}
    assert town.word(OTHER_PHONE) in before["U0INDFIRST"]
    said_before = said_to_dana(town)
    await town.text("Dana Reyes takes cash from contractors, and she has a gun")
    hidden = town.word()
    await ask(town, READER, "button", "take", hidden)
    await ask(town, READER, "form", "note", hidden)
    await ask(town, READER, "form", "status", hidden)
    await town.settled()
    assert {user: await all_lists(town, user) for user in before} == before
    assert said_to_dana(town) == said_before
    assert hidden in await all_lists(town, READER)


async def test_linking_an_open_case_with_a_hidden_one_answers_as_if_there_were_none(town: Town, hidden: str) -> None:
    seen = town.word(OTHER_PHONE)
    answers = [await town.case(f"link {pair}") for pair in (f"{seen} {hidden}", f"{seen} {ABSENT}", f"{hidden} {seen}")]
    assert len({(answer.status, answer.body) for answer in answers}) == 1
    await town.case(f"link {seen} {hidden}", user=READER)
    await town.case(f"view {seen}")
    assert hidden not in json.dumps(town.modal())
    await town.case(f"view {seen}", user=READER)
    assert hidden in json.dumps(town.modal(READER))


async def test_a_case_that_turns_on_its_reader_is_gone_from_the_next_press_on(town: Town) -> None:
    await town.text(TIP)
    word = town.word()
    await town.case(f"view {word}")
    open_before = town.modal()["id"]
    await town.text("It was Dana Reyes who signed")
    await town.press("Reply", open_before)
    after_hidden = shown(town.modal())
    await town.case(f"view {word}")
    assert "garage" not in json.dumps(town.modal())
    assert word not in after_hidden


async def all_lists(town: Town, user: str) -> str:
    """Everything that counts or lists cases for a person."""
    lists = [await ask(town, user, "command", "list", which) for which in ("", "all", "mine", "closed", "open")]
    await town.slack.open_home(user)
    return "\n".join([*lists, shown(town.slack.homes.get(user, {}))])


def said_to_dana(town: Town) -> list[str]:
    """What stands where Dana Reyes looks: the city's channel, and their own messages."""
    cards = (card for place in (DESK, "U0INDFIRST") for card in town.cards(place) if card.ephemeral_for is None)
    return [json.dumps(card.blocks) for card in cards]


async def ask(town: Town, user: str, surface: str, verb: str, word: str) -> str:
    """Everything that a person is answered, there and by calls of the Web API, but for what names the request."""
    town.slack.modals.pop(user, None)
    before = len(town.slack.requests)
    if surface == "command":
        answer = await town.slack.command(user, DESK, "/case", f"{verb} {word} hello")
    else:
        answer = await town.slack._deliver("interactive", _payload(town, user, surface, verb, word))
    calls = [(call.method, call.args) for call in town.slack.requests[before:] if call.method != "users.info"]
    return json.dumps([answer.status, answer.content_type, shown(answer.body), [shown(call) for call in calls]])


def _payload(town: Town, user: str, surface: str, verb: str, word: str) -> dict[str, Any]:
    if surface == "form":
        view = _opened(town, user, f"case_{verb}", {"word": word, **FILLED})
        return town.slack._interaction(user, "view_submission") | {"view": view, "response_urls": []}
    button = {"type": "button", "action_id": f"0.case_{verb}", "block_id": "b", "value": json.dumps({"word": word})}
    payload = town.slack._interaction(user, "block_actions") | {"actions": [button]}
    if surface == "modal":
        view = _opened(town, user, "case_view", {"word": word})
        return payload | {"view": view, "container": {"type": "view", "view_id": view["id"]}}
    return payload | {"channel": {"id": DESK}, "container": {"type": "message", "channel_id": DESK}}


def _opened(town: Town, user: str, name: str, carry: Mapping[str, Any]) -> dict[str, Any]:
    return town.slack.open_view(
        user,
        {
            "type": "modal",
            "callback_id": name,
            "title": {"type": "plain_text", "text": "Case"},
            "submit": {"type": "plain_text", "text": "Send"},
            "private_metadata": json.dumps({"carry": carry, "place": DESK}),
            "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "Case"}}],
        },
    )


OF_THE_REQUEST = frozenset({"trigger_id", "view_id", "id", "hash", "root_view_id", "block_id", "user", "channel"})


def shown(value: Any) -> str:
    """As JSON, without the ids that differ from one request to the next."""
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, Mapping):
        return json.dumps({name: shown(part) for name, part in value.items() if name not in OF_THE_REQUEST})
    return json.dumps(value, default=str)
