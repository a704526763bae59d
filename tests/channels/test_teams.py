"""Teams, held against the stand-in: who is let in, what becomes of what people do, and what is sent."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.channels import Unknown, teams_connector
from bot.channels.teams import TeamsChannel
from bot.channels.teams_library import PUBLIC, with_overrides
from bot.sandbox.teams import Teams
from bot.sandbox.teams_kit import Incomplete, words
from bot.sandbox.teams_workspace import Message
from bot.sandbox.wire import Answer, serve
from handlers.cards import Button, Buttons, Card, Divider, Form, Home, Input, Open, Refuse, Text, say
from handlers.messages import Inbound, Outbound, SendFailed
from storage.book import Book
from storage.database import Busy
from storage.vault import Vault, new_keys
from tests.channels.stage import SCHEMAS, TEXT, Desk, Front, Time, listening
from tests.databases import open_migrated

pytestmark = pytest.mark.filterwarnings("ignore:.* in preview and may ")

CLIENT, SECRET = "11111111-2222-3333-4444-555555555555", "client-secret-63"
TENANT, OTHER_TENANT = "aaaaaaaa-0000-0000-0000-000000000001", "bbbbbbbb-0000-0000-0000-000000000002"
DANA, GUEST = "dddddddd-0000-0000-0000-000000000001", "dddddddd-0000-0000-0000-000000000002"
DESK = "19:desk@thread.tacv2"
NOTE = Form(
    "case_note", "MAPLE-7", (Input("text", "Note", "long_text", longest=300),), "Save note", {"word": "MAPLE-7"}
)
CASE = Card("MAPLE-7", (Buttons((Button("Open", "case_view", {"word": "MAPLE-7"}),)),), "MAPLE-7: New")


@dataclass
class Side:
    """The channel between its stand-in and a desk."""

    teams: Teams
    channel: TeamsChannel
    desk: Desk
    book: Book
    address: str

    async def say(self, text: str, place: str = "personal", slash: bool = False) -> Message:
        """Dana writes; the last thing she sees then."""
        answer = await self.teams.say(DANA, place, text, slash)
        assert answer.status == 200
        return self.last(place)

    def last(self, place: str = "personal", user: str = DANA) -> Message:
        return self.teams.shown(user, place)[-1]

    async def post(self, card: Card = CASE, to: str = DESK, reference: str = "") -> str:
        return (await self.channel.send(outbound(card=card, to=to, reference=reference))).reference


def outbound(**given: Any) -> Outbound:
    usual = {"attempt": "a-1", "channel": "teams", "line": TENANT, "to": DESK, "kind": "card", "created_at": Time().at}
    return Outbound(**{**usual, **given})


def channel_for(teams: Teams, desk: Desk, book: Book, time: Time) -> TeamsChannel:
    return TeamsChannel(
        client_id=CLIENT,
        client_secret=SECRET,
        tenant_id=TENANT,
        service_urls=(f"{teams.address}/teams/",),
        commands=("/case", "/training"),
        book=lambda: book,
        take_turn=desk.take_turn,
        now=time,
        cloud=with_overrides(PUBLIC, **teams.cloud),
    )


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Book]:
    database = await open_migrated(f"sqlite:///{tmp_path}/bot.db")
    yield Book(database, Vault(new_keys(tmp_path / "keys.json")))
    await database.close()


@pytest.fixture
async def side(front: tuple[Front, str], desk: Desk, book: Book, time: Time) -> AsyncIterator[Side]:
    async with beside(front, desk, book, time) as made, listening(front[0], made.channel):
        yield made


@asynccontextmanager
async def beside(front: tuple[Front, str], desk: Desk, book: Book, time: Time) -> AsyncIterator[Side]:
    address = front[1]
    teams = Teams(CLIENT, SECRET, TENANT, f"{address}/api/messages", time, SCHEMAS)
    async with serve(teams.app) as url:
        teams.address = url
        teams.add_user(DANA, "Dana Reyes")
        teams.add_user(GUEST, "Gus Guest", guest=True)
        teams.add_channel(DESK, "Desk", [DANA, GUEST])
        yield Side(teams, channel_for(teams, desk, book, time), desk, book, address)


# --- what people do


async def test_words_in_personal_chat_are_a_command_and_answered_there(side: Side) -> None:
    side.desk.answer = say("Cases", "none")
    shown = await side.say("view MAPLE-7")
    came = side.desk.came[0]
    assert (came.channel, came.line, came.sender) == ("teams", TENANT, f"{TENANT}/{DANA}")
    assert (came.kind, came.name, came.text, came.place) == ("command", "/case", "view MAPLE-7", DANA)
    assert (words(shown.card), shown.only_for, shown.summary) == ("Cases\nnone", "", "Cases")


@pytest.mark.parametrize(
    ("said", "name", "text"),
    [
        ("list", "/case", "list"),
        ("/case list", "/case", "list"),
        ("case list", "/case", "list"),
        ("CASE reply MAPLE-7 Thank  you", "/case", "reply MAPLE-7 Thank  you"),
        ("/training", "/training", ""),
        ("/unheard of", "/case", "unheard of"),
        ("", "/case", ""),
    ],
)
async def test_words_find_their_command(side: Side, said: str, name: str, text: str) -> None:
    await side.teams.say(DANA, "personal", said)
    assert (side.desk.came[0].name, side.desk.came[0].text) == (name, text)


async def test_mention_in_channel_is_answered_for_one_pair_of_eyes(side: Side) -> None:
    side.desk.answer = say("Cases", "none")
    shown = await side.say("case list", DESK)
    assert (side.desk.came[0].text, side.desk.came[0].place) == ("list", DESK)
    assert (shown.only_for, words(shown.card)) == (DANA, "Cases\nnone")


async def test_slash_command_in_channel_is_seen_by_nobody_else(side: Side) -> None:
    side.desk.answer = say("Cases", "none")
    await side.say("/case list", DESK, slash=True)
    assert side.desk.came[0].text == "list"
    assert side.teams.shown(GUEST, DESK) == []


async def test_tenant_without_private_messages_is_answered_in_personal_chat(side: Side) -> None:
    side.teams.targeted = False
    side.desk.answer = say("Cases", "none")
    await side.teams.say(DANA, DESK, "list")
    assert words(side.last("personal").card) == "Cases\nnone"
    assert [message.sender for message in side.teams.shown(DANA, DESK)] == [DANA]


async def test_home_is_a_word_and_a_button_of_the_welcome(side: Side) -> None:
    side.desk.answer = Home((Text("My cases", "strong"),))
    await side.teams.install(DANA)
    welcome = side.last()
    assert "Your page" in words(welcome.card)
    await side.teams.press(DANA, welcome.id, "Your page")
    await side.say("home")
    assert [came.kind for came in side.desk.came] == ["home", "home"]
    assert words(side.last().card) == "My cases"


async def test_button_of_a_posted_card_opens_a_dialog_over_it(side: Side) -> None:
    await side.teams.install(DANA, DESK)
    side.desk.answer = Open(NOTE)
    await side.post()
    answer = await side.teams.press(DANA, side.last(DESK).id, "Open")
    came = side.desk.came[0]
    assert answer.ok
    assert (came.kind, came.name, came.values, came.place) == ("press", "case_view", {"word": "MAPLE-7"}, DESK)
    assert side.teams.dialogs[DANA].title == "MAPLE-7"


async def opened(side: Side, form: Form = NOTE) -> None:
    await side.teams.install(DANA, DESK)
    await side.post()
    side.desk.answer = Open(form)
    await side.teams.press(DANA, side.last(DESK).id, "Open")


async def test_submitted_dialog_brings_its_fields_and_what_it_carried(side: Side) -> None:
    await opened(side)
    side.desk.answer = say("Noted", "It is in MAPLE-7.")
    await side.teams.submit(DANA, {"text": TEXT})
    came = side.desk.came[-1]
    assert (came.kind, came.name, came.place) == ("submit", "case_note", DESK)
    assert came.values == {"word": "MAPLE-7", "text": TEXT}
    assert words(side.teams.dialogs[DANA].card) == "Noted\nIt is in MAPLE-7."


async def test_every_kind_of_field_comes_back_as_it_was_entered(side: Side) -> None:
    fields = (
        Input("stage", "Stage", "choice", (("one", "One"), ("two", "Two"))),
        Input("tell", "Tell", "checks", (("yes, please", "Yes"), ("no", "No")), ("no",), optional=True),
        Input("day", "Day", "date"),
        Input("who", "Who", "person"),
        Input("left", "Left", "text", optional=True),
    )
    await opened(side, Form("all", "All", fields, "Go"))
    entered = {"stage": "two", "tell": "yes%2C please,no", "day": "2026-12-01", "who": GUEST}
    await side.teams.submit(DANA, entered)
    assert side.desk.came[-1].values == {
        "stage": "two",
        "tell": ("yes, please", "no"),
        "day": "2026-12-01",
        "who": f"{TENANT}/{GUEST}",
        "left": "",
    }


async def test_refused_dialog_shows_the_fault_and_keeps_what_was_typed(side: Side) -> None:
    await opened(side)
    side.desk.answer = Refuse({"text": "Please shorten it."})
    await side.teams.submit(DANA, {"text": "Much too long"})
    card = side.teams.dialogs[DANA].card
    assert "Please shorten it." in words(card)
    assert "Much too long" in words(card)
    side.desk.answer = None
    await side.teams.submit(DANA)
    assert side.desk.came[-1].values == {"word": "MAPLE-7", "text": "Much too long"}
    assert DANA not in side.teams.dialogs


async def test_form_with_blank_words_comes_back_too(side: Side) -> None:
    await opened(side, Form("f", "F", (Text(""), Divider(), Input("a", "A", optional=True)), "Go"))
    assert (await side.teams.submit(DANA, {"a": "x"})).ok
    assert side.desk.came[-1].values == {"a": "x"}


async def test_refusal_without_a_field_is_said_above_the_form(side: Side) -> None:
    await opened(side)
    side.desk.answer = Refuse({"elsewhere": "Not from here."})
    await side.teams.submit(DANA, {"text": "x"})
    assert words(side.teams.dialogs[DANA].card).startswith("MAPLE-7\nNot from here.\n")


async def test_button_in_a_dialog_goes_on_in_it(side: Side) -> None:
    await opened(side, Form("case_view", "MAPLE-7", (Buttons((Button("Note", "case_note", {"word": "MAPLE-7"}),)),)))
    side.desk.answer = Open(NOTE)
    await side.teams.press(DANA, "dialog", "Note")
    assert (side.desk.came[-1].kind, side.desk.came[-1].name) == ("press", "case_note")
    assert side.teams.dialogs[DANA].card["actions"][0]["title"] == "Save note"


async def test_press_that_leads_to_nothing_says_so(side: Side) -> None:
    await opened(side)
    side.teams.close(DANA)
    side.desk.answer = None
    await side.teams.press(DANA, side.last(DESK).id, "Open")
    assert side.teams.notes[DANA] == ["Done."]


@pytest.mark.parametrize("place", ["personal", DESK])
async def test_form_for_a_typed_command_stands_in_the_chat_and_makes_room(side: Side, place: str) -> None:
    side.desk.answer = Open(NOTE)
    shown = await side.say("note MAPLE-7", place)
    assert shown.only_for == ("" if place == "personal" else DANA)
    side.desk.answer = Refuse({"text": "Write the note first."})
    await side.teams.submit(DANA, {"text": "."}, shown.id)
    assert "Write the note first." in words(shown.card)
    side.desk.answer = say("Noted")
    await side.teams.submit(DANA, {"text": "Seen"}, shown.id)
    assert side.desk.came[-1].values == {"word": "MAPLE-7", "text": "Seen"}
    assert words(shown.card) == "Noted"
    assert side.last(place).id == shown.id


async def test_answer_is_said_anew_where_its_form_cannot_be_replaced(side: Side) -> None:
    side.desk.answer = Open(NOTE)
    shown = await side.say("note MAPLE-7")
    side.teams.faults.next("update", status=404, code="ActivityNotFound")
    side.desk.answer = say("Noted")
    await side.teams.submit(DANA, {"text": "Seen"}, shown.id)
    assert words(side.last().card) == "Noted"


async def test_required_field_is_asked_for_by_the_client(side: Side) -> None:
    await opened(side)
    with pytest.raises(Incomplete):
        await side.teams.submit(DANA, {"text": ""})


async def test_compose_command_opens_a_dialog_that_goes_on(side: Side) -> None:
    side.desk.answer = say("Cases", "none")
    answer = await side.teams.compose(DANA, DESK, "case")
    assert answer.ok
    assert (side.desk.came[0].kind, side.desk.came[0].name, side.desk.came[0].text) == ("command", "/case", "")
    assert words(side.teams.dialogs[DANA].card) == "Cases\nnone"


async def test_executed_action_shows_its_answer_in_the_card(side: Side) -> None:
    data = {"commonline": {"do": "press", "name": "case_view", "values": {"word": "MAPLE-7"}}}
    card = {
        "type": "AdaptiveCard",
        "version": "1.5",
        "actions": [{"type": "Action.Execute", "title": "Go", "data": data}],
    }
    await side.teams.say(DANA, "personal", "list")
    side.teams.chat(DANA).messages.append(Message("m-1", side.teams.bot, card=card))
    side.desk.answer = say("Looked")
    answer = await side.teams.press(DANA, "m-1", "Go")
    assert answer.ok
    assert words(side.last().card) == "Looked"


async def test_same_activity_twice_is_the_same_delivery_twice(side: Side) -> None:
    await side.say("list")
    await side.teams.again(side.teams.deliveries[-1])
    await side.say("list")
    first, second, third = (came.delivery for came in side.desk.came)
    assert first == second != third


async def test_unknown_activities_are_taken_and_ignored(side: Side) -> None:
    for changed in ({"type": "messageReaction"}, {"type": "invoke", "name": "search"}, {"type": "typing"}):
        answer = await sent(side, **changed)
        assert answer.status == 200
    assert side.desk.came == []


# --- who is let in


async def sent(side: Side, token: str | None = "", **changed: Any) -> Answer:
    """Dana's message with some fields changed (None: without it), and a right token unless one is given."""
    await side.teams.say(DANA, "personal", "list")
    side.desk.came.clear()
    activity = {**side.teams.deliveries[-1].activity, **changed}
    body = json.dumps({name: value for name, value in activity.items() if value is not None}).encode()
    return await side.teams.send(body, side.teams.token() if token == "" else token)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "66666666-2222-3333-4444-555555555555"},
        {"aud": None},
        {"iss": "https://login.microsoftonline.com/x/v2.0", "tid": "../../keys", "azp": "x"},
        {"iss": "https://sts.windows.net/x/"},
        {"iss": None},
        {"exp": 1_000_000_000},
        {"exp": None, "serviceurl": None},
        {"nbf": 9_000_000_000, "exp": 9_000_000_001},
        {"serviceurl": "https://smba.trafficmanager.net/amer/"},
        {"serviceurl": None},
        {"serviceurl": 5},
        {"algorithm": "none"},
    ],
)
async def test_token_that_is_not_for_us_is_401(side: Side, claims: dict[str, Any]) -> None:
    answer = await sent(side, side.teams.token(**claims))
    assert (answer.status, side.desk.came) == (401, [])


async def test_token_by_a_key_that_is_not_the_providers_is_401_and_fetches_nothing(side: Side) -> None:
    side.teams.add_key("stranger", published=False)
    calls = sum(call.name == "keys" for call in side.teams.requests)
    assert (await sent(side, side.teams.token("stranger"))).status == 401
    assert sum(call.name == "keys" for call in side.teams.requests) == calls


@pytest.mark.parametrize(
    "token", [None, "", "x", "a.b.c", "..", "e30.e30.e30", "é.é.é", "a" * 20_000 + "..", "eyJhbGciOiJSUzI1NiJ9.W10.x"]
)
async def test_junk_token_is_401(side: Side, token: str | None) -> None:
    body = b'{"type": "message", "serviceUrl": "http://127.0.0.1/"}'
    if token is not None and not token.isascii():
        token = token.encode().decode("latin-1")
    answer = await side.teams.send(body, token)
    assert answer.status == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"type": "message"}',
        b'{"type": "message", "serviceUrl": 7, "channelId": "msteams"}',
        b'{"text": "\\ud800"}',
        b"[" * 50_000,
    ],
)
async def test_junk_body_is_400(side: Side, body: bytes) -> None:
    answer = await side.teams.send(body, side.teams.token())
    assert answer.status == 400


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"serviceUrl": None}, 400),
        ({"channelId": "directline"}, 400),
        ({"channelId": None}, 400),
        ({"type": None}, 400),
        ({"from": None}, 400),
        ({"from": "Dana"}, 400),
        ({"conversation": {"id": "../../v3/attachments"}}, 400),
        ({"conversation": {}}, 400),
        ({"id": None}, 400),
        ({"id": 7}, 400),
        ({"channelData": "none"}, 400),
        ({"entities": [1]}, 400),
        ({"value": {"commonline": "no"}}, 400),
        ({"value": {"commonline": {"do": "anything"}}}, 400),
        ({"value": {"commonline": {"do": "press", "values": 7}}}, 400),
        ({"value": {"commonline": {"do": "submit", "form": {"submit": "", "shown": "[]"}}}}, 400),
        ({"type": "invoke", "name": "task/fetch"}, 400),
        ({"type": "invoke", "name": "task/fetch", "value": []}, 400),
        ({"type": "invoke", "name": "composeExtension/fetchTask", "value": {}}, 400),
    ],
)
async def test_misshapen_activity_is_refused(side: Side, changed: dict[str, Any], status: int) -> None:
    answer = await sent(side, **changed)
    assert (answer.status, side.desk.came) == (status, [])


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net.example.org/teams/",
        "{address}/teamsters/",
        "{address}/teams/../elsewhere",
        "{address}/",
        "{address}/teams/?x=1",
        "not an address",
    ],
)
async def test_service_url_that_is_not_allowed_is_403_whatever_its_token_says(side: Side, url: str) -> None:
    asked = url.replace("{address}", side.teams.address)
    answer = await sent(side, side.teams.token(serviceurl=asked), serviceUrl=asked)
    assert (answer.status, side.desk.came) == (403, [])


async def test_large_body_is_413_and_another_type_415(side: Side) -> None:
    assert (await side.teams.send(b"x" * 300_000, side.teams.token())).status == 413
    assert (await side.teams.send(b"{}", side.teams.token(), "text/plain")).status == 415


@pytest.mark.parametrize(
    "changed",
    [
        {"channelData": {"tenant": {"id": OTHER_TENANT}}},
        {"from": {"id": "29:x", "name": "Nobody"}},
        {"from": {"id": "28:x", "name": "A bot", "aadObjectId": DANA}},
        {"from": {"id": "29:x", "aadObjectId": DANA, "role": "bot"}},
        {"from": {"id": "29:x", "aadObjectId": DANA, "userRole": "guest"}},
        {"from": {"id": "29:x", "aadObjectId": DANA, "tenantId": OTHER_TENANT}},
    ],
)
async def test_strangers_get_one_sentence(side: Side, changed: dict[str, Any]) -> None:
    answer = await sent(side, **changed)
    assert (answer.status, side.desk.came) == (200, [])
    assert words(side.last().card) == "This is not available to you."


async def test_guest_of_the_roster_gets_the_same_sentence(side: Side) -> None:
    await side.teams.say(GUEST, DESK, "list")
    assert side.desk.came == []
    assert words(side.last(DESK, GUEST).card) == "This is not available to you."


async def test_person_whom_the_roster_does_not_confirm_is_not_let_in(side: Side) -> None:
    side.teams.faults.next("member", status=500)
    await side.say("list")
    assert side.desk.came == []
    await side.say("list")
    assert len(side.desk.came) == 1


async def test_line_that_is_not_ours_gets_the_same_sentence(side: Side) -> None:
    side.desk.fault = Unknown()
    assert words((await side.say("list")).card) == "This is not available to you."


@pytest.mark.parametrize("fault", [Busy(), RuntimeError(TEXT)])
async def test_turn_that_fails_is_503(side: Side, fault: Exception) -> None:
    side.desk.fault = fault
    assert (await side.teams.say(DANA, "personal", "list")).status == 503


async def test_answer_that_cannot_be_given_does_not_undo_the_turn(side: Side) -> None:
    side.desk.answer = say("Cases")
    side.teams.faults.next("post", status=500)
    assert (await side.teams.say(DANA, "personal", "list")).status == 200
    assert len(side.desk.came) == 1


async def test_without_keys_everybody_is_asked_to_come_again(
    front: tuple[Front, str], desk: Desk, book: Book, time: Time
) -> None:
    async with beside(front, desk, book, time) as made:
        made.teams.faults.next("keys", status=500)
        async with listening(front[0], made.channel):
            assert (await made.teams.say(DANA, "personal", "list")).status == 503
    assert desk.came == []


async def test_key_that_was_published_before_it_is_used_is_known(
    front: tuple[Front, str], desk: Desk, book: Book, time: Time
) -> None:
    async with beside(front, desk, book, time) as made:
        made.teams.add_key("second")
        async with listening(front[0], made.channel):
            assert (await sent(made, made.teams.token("second"))).status == 200


def test_open_door_in_the_environment_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, desk: Desk, time: Time, book: Book
) -> None:
    monkeypatch.setenv("DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS", "true")
    with pytest.raises(ValueError, match="DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS"):
        channel_for(Teams(CLIENT, SECRET, TENANT, "", time), desk, book, time)


def test_library_does_not_read_an_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SURPRISE=1\n")
    told = "{*os.environ} & {'SURPRISE', 'PYTHON_DOTENV_DISABLED'}"
    look = f"import os; from bot.channels import teams_library; print({told})"
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", look], cwd=tmp_path, env=here, capture_output=True, check=True)  # noqa: S603
    assert done.stdout.split() == [b"set()"]


# --- what is sent


async def test_card_is_posted_replaced_and_taken_away(side: Side) -> None:
    await side.teams.install(DANA, DESK)
    reference = await side.post()
    assert await side.post(Card("MAPLE-7", summary="Closed"), reference=reference) == reference
    posted = side.last(DESK)
    assert (words(posted.card), posted.summary, posted.edited) == ("MAPLE-7", "Closed", 1)
    for _ in range(2):
        gone = await side.channel.send(outbound(kind="withdraw", reference=reference))
        assert gone.state == "delivered"
    assert posted.deleted


async def test_card_that_was_deleted_is_posted_anew(side: Side) -> None:
    await side.teams.install(DANA, DESK)
    reference = await side.post()
    side.last(DESK).deleted = True
    assert await side.post(reference=reference) != reference
    assert not side.last(DESK).deleted


async def test_text_is_posted_as_words(side: Side) -> None:
    await side.teams.install(DANA, DESK)
    await side.channel.send(outbound(kind="text", text="Please call **the** [desk](https://x.example)"))
    assert "](" in words(side.last(DESK).card)


async def test_person_is_reached_by_object_id_before_they_ever_wrote(side: Side) -> None:
    await side.teams.install(DANA, DESK)
    reference = await side.post(to=DANA)
    assert words(side.last("personal").card).startswith("MAPLE-7")
    await side.post(to=DANA, reference=reference)
    assert side.last("personal").edited == 1


async def test_place_in_a_tenant_that_never_wrote_is_unknown(side: Side) -> None:
    with pytest.raises(SendFailed) as failed:
        await side.post()
    assert (failed.value.retry, failed.value.code) == ("later", "unknown_place")


async def test_places_are_known_after_a_restart(side: Side, time: Time) -> None:
    await side.teams.install(DANA, DESK)
    await side.say("list")
    again = channel_for(side.teams, side.desk, side.book, time)
    await again.start()
    for place in (DESK, DANA):
        await again.send(outbound(card=CASE, to=place))
    await again.close()
    assert words(side.last("personal").card) == words(side.last(DESK).card)
    assert "open" not in [call.name for call in side.teams.requests]


async def test_place_that_the_app_left_waits_for_its_return(side: Side) -> None:
    await side.teams.install(DANA)
    await side.teams.install(DANA, DESK)
    await side.teams.uninstall(DANA, DESK)
    with pytest.raises(SendFailed) as failed:
        await side.post()
    assert (failed.value.retry, failed.value.code) == ("later", "bot_not_in_conversation_roster")
    await side.teams.install(DANA, DESK)
    assert await side.post()


@pytest.mark.parametrize(
    ("fault", "retry", "code", "after"),
    [
        ({"status": 429, "code": "Throttled", "retry_after": 7}, "later", "throttled", 7),
        ({"status": 401, "code": "Unauthorized"}, "later", "unauthorized", 60),
        ({"status": 412, "code": "PreconditionFailed"}, "later", "precondition_failed", 1),
        ({"status": 500}, "unknown", "service_error", 0),
        ({"status": 502, "performed": True}, "unknown", "service_error", 0),
        ({"status": 403, "code": "MessageWritesBlocked"}, "never", "message_writes_blocked", 0),
        ({"status": 404, "code": "ConversationNotFound"}, "never", "conversation_not_found", 0),
        ({"status": 413, "code": "MessageSizeTooBig"}, "never", "message_size_too_big", 0),
        ({"status": 400, "code": "Bad Syntax: " + TEXT}, "never", "400", 0),
    ],
)
async def test_refused_send_says_what_to_do(
    side: Side, fault: dict[str, Any], retry: str, code: str, after: float
) -> None:
    await side.teams.install(DANA, DESK)
    side.teams.faults.next("post", **fault)
    with pytest.raises(SendFailed) as failed:
        await side.post()
    assert (failed.value.retry, failed.value.code, failed.value.after) == (retry, code, after)


async def test_refused_token_is_fetched_anew(side: Side) -> None:
    await side.teams.install(DANA, DESK)
    await side.post()
    side.teams.faults.next("post", status=401, code="Unauthorized")
    with pytest.raises(SendFailed):
        await side.post()
    await side.post()
    assert [call.name for call in side.teams.requests].count("token") == 2


async def test_send_without_an_answer_is_uncertain_and_not_found(
    side: Side, monkeypatch: pytest.MonkeyPatch, time: Time
) -> None:
    await side.teams.install(DANA, DESK)
    monkeypatch.setattr(teams_connector, "TIMEOUT_SECONDS", 1.0)
    hasty = channel_for(side.teams, side.desk, side.book, time)
    await hasty.start()
    side.teams.faults.next("post", hang=True)
    with pytest.raises(SendFailed) as failed:
        await hasty.send(outbound(card=CASE))
    assert (failed.value.retry, await hasty.find(outbound(card=CASE))) == ("unknown", None)
    await hasty.close()


async def test_login_that_fails_sends_nothing_and_says_so(side: Side, time: Time) -> None:
    await side.teams.install(DANA, DESK)
    for status, code in ((401, "credentials"), (500, "login")):
        side.teams.faults.next("token", status=status)
        with pytest.raises(SendFailed) as failed:
            await side.post()
        assert (failed.value.retry, failed.value.code) == ("later", code)
    assert "post" not in [call.name for call in side.teams.requests]


async def test_check_names_the_setting(side: Side) -> None:
    assert "accepts" in await side.channel.check()
    side.teams.client_secret = "another"
    with pytest.raises(ConnectionError, match="TEAMS_CLIENT_SECRET"):
        await side.channel.check()


async def test_nothing_is_missed_or_fetched(side: Side, time: Time) -> None:
    missed: list[Inbound] = [each async for each in side.channel.missed(TENANT, time())]
    assert missed == []
    with pytest.raises(SendFailed):
        await side.channel.fetch("https://x.example")


async def test_late_dialog_is_told_so(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened(side)
    monkeypatch.setattr("bot.channels.teams.ANSWER_SECONDS", 0.05)
    never = asyncio.Event()

    async def slow(inbound: Inbound) -> None:
        await never.wait()

    monkeypatch.setattr(side.channel, "_take_turn", slow)
    await side.teams.submit(DANA, {"text": "x"})
    assert side.teams.notes[DANA] == ["That took too long. Please try again."]
