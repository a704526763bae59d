"""The Slack channel against a stand-in that speaks Slack's protocol, through Bolt and Slack's own client."""

import asyncio
import hashlib
import hmac
import json
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.channels import Unknown
from bot.channels.slack import LARGEST_BODY, SlackChannel
from bot.channels.slack_answers import LATE, NOT_STAFF
from bot.sandbox.slack import Slack
from bot.sandbox.wire import serve
from handlers.cards import Button, Buttons, Card, Form, Home, Input, Open, Refuse, Say, Text, say
from handlers.messages import Outbound, Receipt, SendFailed
from storage.database import Busy
from tests.channels.stage import APP_TOKEN, BOT_TOKEN, CODE, SIGNING, TEXT, Desk, Front, Time, listening

TEAM, ANA, BEN = "T0CITY", "U0ANA", "U0BEN"
DESK = "C0HOTLINE"
FORM = Form(
    "reply",
    "Reply to MAPLE-7",
    (
        Input("text", "Your text", "long_text"),
        Input("hold", "Wait", "choice", (("20", "20 s"), ("0", "none"))),
        Input("kinds", "Kinds", "checks", (("a", "A"), ("b", "B")), optional=True),
        Input("due", "Due", "date", optional=True),
        Input("who", "Who", "person", optional=True),
    ),
    submit="Preview",
    carry={"case": "case-1", "staff": ("x", "y")},
)
TYPED = {"text": {"reply": "Thank you."}, "hold": {"reply": "20"}}
CARD = Card(
    "MAPLE-7",
    (Text("New report"), Buttons((Button("Open", "open", {"case": "case-1", "ids": ("1", "2")}, "primary"),))),
    summary="MAPLE-7 <!channel>",
)


@dataclass
class City:
    """The channel at work, and everything around it."""

    channel: SlackChannel
    slack: Slack
    desk: Desk
    time: Time
    public: str
    api: str

    async def signed(self, body: bytes, kind: str, at: str = "", secret: str = SIGNING) -> tuple[int, str]:
        at = at or str(int(self.time().timestamp()))
        signature = hmac.new(secret.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
        return await self.raw(
            body, {"Content-Type": kind, "X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signature}"}
        )

    async def raw(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session:
            async with session.post(f"{self.public}/slack/events", data=body, headers=headers) as got:
                return got.status, await got.text()

    def seen(self, user: str = ANA, channel: str = DESK) -> list[str]:
        return [json.dumps([post.text, post.blocks]) for post in self.slack.channel(channel).visible(user)]

    async def post(self, card: Card = CARD) -> str:
        receipt = await self.channel.send(outbound(card))
        return receipt.reference.partition(":")[2]


@pytest.fixture
async def city(front: tuple[Front, str], desk: Desk, time: Time) -> AsyncIterator[City]:
    app, public = front
    slack = Slack(SIGNING, BOT_TOKEN, TEAM, f"{public}/slack/events", time)
    slack.add_user(ANA, "Ana Ruiz")
    slack.add_user(BEN, "Ben Cole")
    slack.add_channel(DESK, "hotline", members=[ANA, BEN])
    async with serve(slack.app) as api:
        slack.base_url = api
        channel = SlackChannel(BOT_TOKEN, SIGNING, f"{api}/api/", "", desk.take_turn, time)
        async with listening(app, channel):
            yield City(channel, slack, desk, time, public, api)
            slack.faults.release()
            await slack.settled()


def outbound(card: Card | None = CARD, attempt: str = "attempt_1", to: str = DESK, reference: str = "") -> Outbound:
    return Outbound(attempt, "slack", TEAM, to, "card" if card else "text", Time()(), TEXT, card, reference)


# --- what people do


async def test_command_becomes_one_inbound_and_its_answer_is_seen_by_one_person(city: City) -> None:
    city.desk.answer = Say(CARD)
    answer = await city.slack.command(ANA, DESK, "/case", "view MAPLE-7 ")
    said = city.desk.came[0]
    assert (said.kind, said.name, said.text, said.sender, said.line, said.place) == (
        "command",
        "/case",
        "view MAPLE-7",
        f"{TEAM}/{ANA}",
        TEAM,
        DESK,
    )
    assert json.loads(answer.body)["response_type"] == "ephemeral"
    assert "MAPLE-7" in city.seen(ANA)[0]
    assert city.seen(BEN) == []


async def test_same_command_twice_is_two_deliveries_and_a_repeat_is_one(city: City) -> None:
    await city.slack.command(ANA, DESK, "/case", "list")
    await city.slack.command(ANA, DESK, "/case", "list")
    body = urlencode(city.slack.deliveries[0].payload).encode()
    assert (await city.signed(body, "application/x-www-form-urlencoded"))[0] == 200
    first, second, repeat = (inbound.delivery for inbound in city.desk.came)
    assert first != second
    assert first == repeat


async def test_command_opens_a_modal_and_its_submission_brings_inputs_and_carry(city: City) -> None:
    city.desk.answer = Open(FORM)
    answer = await city.slack.command(ANA, DESK, "/case", "reply MAPLE-7")
    assert (answer.status, answer.body) == (200, "")
    assert city.slack.modals[ANA][0]["title"]["text"] == "Reply to MAPLE-7"
    city.desk.answer = None
    await city.slack.submit(ANA, TYPED | {"kinds": {"reply": ["a", "b"]}, "who": {"reply": BEN}})
    said = city.desk.came[1]
    assert (said.kind, said.name, said.place) == ("submit", "reply", DESK)
    assert said.values == {
        "case": "case-1",
        "staff": ("x", "y"),
        "text": "Thank you.",
        "hold": "20",
        "kinds": ("a", "b"),
        "due": "",
        "who": f"{TEAM}/{BEN}",
    }
    assert city.slack.modals[ANA] == []


async def test_refused_form_stays_open_and_says_what_is_wrong(city: City) -> None:
    city.desk.answer = Open(FORM)
    await city.slack.command(ANA, DESK, "/case", "reply")
    city.desk.answer = Refuse({"text": "Too long for one text.", "elsewhere": "Not now."})
    answer = await city.slack.submit(ANA, TYPED)
    assert answer.ok
    assert next(iter(city.slack.view_errors.values())).keys() == {"text"}
    city.desk.answer = None
    await city.slack.submit(ANA, TYPED)
    assert city.desk.came[1].delivery != city.desk.came[2].delivery


async def test_submitted_form_is_replaced_by_the_next_one_or_by_a_card(city: City) -> None:
    city.desk.answer = Open(FORM)
    await city.slack.command(ANA, DESK, "/case", "reply")
    city.desk.answer = Open(Form("confirm", "As it will be sent", (Text("Thank you."),), "Send"))
    assert (await city.slack.submit(ANA, TYPED)).ok
    assert city.slack.modals[ANA][0]["callback_id"] == "confirm"
    city.desk.answer = say("On its way", "You can undo it for 20 seconds.")
    assert (await city.slack.submit(ANA)).ok
    assert "undo it" in json.dumps(city.slack.modals[ANA][0])


async def test_button_in_a_message_brings_its_values_and_answers_in_private(city: City) -> None:
    stamp = await city.post()
    city.desk.answer = say("Not now")
    assert (await city.slack.press(ANA, stamp, "0.open")).status == 200
    said = city.desk.came[0]
    assert (said.kind, said.name, said.place) == ("press", "open", DESK)
    assert said.values == {"case": "case-1", "ids": ("1", "2")}
    assert any("Not now" in post for post in city.seen(ANA))
    assert not any("Not now" in post for post in city.seen(BEN))


async def test_button_opens_a_modal_and_a_button_in_it_replaces_the_modal(city: City) -> None:
    stamp = await city.post()
    again = Buttons((Button("More", "more", {"page": "2"}),))
    city.desk.answer = Open(Form("case", "MAPLE-7", (again, Input("note", "Note"))))
    await city.slack.press(ANA, stamp, "0.open")
    view = city.slack.modals[ANA][0]["id"]
    city.desk.answer = Open(Form("case", "Page two", (again,)))
    await city.slack.press(ANA, view, "0.more", values={"note": {"case": "halfway"}})
    assert (city.desk.came[1].values, city.desk.came[1].place) == ({"page": "2", "note": "halfway"}, DESK)
    assert [view["title"]["text"] for view in city.slack.modals[ANA]] == ["Page two"]
    city.desk.answer = say("Done")
    await city.slack.press(ANA, view, "0.more")
    assert [view["title"]["text"] for view in city.slack.modals[ANA]] == ["Done"]


async def test_home_is_published_and_its_buttons_work(city: City) -> None:
    city.desk.answer = Home((Text("My cases", "strong"), Buttons((Button("List", "list"),))))
    assert (await city.slack.open_home(ANA)).status == 200
    assert (city.desk.came[0].kind, city.desk.came[0].sender) == ("home", f"{TEAM}/{ANA}")
    assert "My cases" in json.dumps(city.slack.homes[ANA])
    city.desk.answer = Open(FORM)
    await city.slack.press(ANA, "home", "0.list")
    assert city.slack.modals[ANA][0]["callback_id"] == "reply"
    city.desk.answer = Home((Text("Nothing open"),))
    await city.slack.command(ANA, DESK, "/line")
    assert "Nothing open" in json.dumps(city.slack.homes[ANA])


async def test_repeated_event_is_the_same_delivery(city: City) -> None:
    event = {"type": "app_home_opened", "user": ANA, "channel": "D0ANA", "tab": "home", "event_ts": "1.0"}
    await city.slack.event(event, event_id="Ev1")
    await city.slack.event(event, event_id="Ev1")
    assert [inbound.delivery for inbound in city.desk.came] == ["Ev1", "Ev1"]


async def test_chatter_is_ignored(city: City) -> None:
    assert (await city.slack.say(ANA, DESK, TEXT)).status == 200
    assert city.desk.came == []


async def test_address_is_verified_by_its_challenge(city: City) -> None:
    answer = await city.slack.verify_url()
    assert answer.status == 200
    assert "challenge" in answer.body


# --- who may speak


@pytest.mark.parametrize("kind", ["guest", "bot", "external", "deleted"])
async def test_guest_bot_stranger_and_gone_member_are_refused(city: City, kind: str) -> None:
    city.slack.add_user("U0EVE", "Eve", **{kind: True})
    city.slack.channel(DESK).members.add("U0EVE")
    answer = await city.slack.command("U0EVE", DESK, "/case", "list")
    assert NOT_STAFF in answer.body
    assert city.desk.came == []


async def test_person_of_another_workspace_is_refused_in_every_payload(city: City) -> None:
    person = {"id": ANA, "team_id": "T0OTHER"}
    press = {"type": "block_actions", "team": {"id": TEAM}, "user": person, "trigger_id": "1", "container": {}}
    body = urlencode({"payload": json.dumps({**press, "actions": [{"action_id": "0.open"}]})}).encode()
    await city.signed(body, "application/x-www-form-urlencoded")
    event = {"type": "app_home_opened", "user": ANA, "tab": "home"}
    wrapped = {"type": "event_callback", "team_id": "T0OTHER", "authorizations": [{"team_id": TEAM}]}
    await city.signed(json.dumps({**wrapped, "event": event, "event_id": "Ev2"}).encode(), "application/json")
    assert city.desk.came == []


async def test_look_up_is_kept_for_a_minute_and_no_longer(city: City) -> None:
    await city.slack.command(ANA, DESK, "/case")
    await city.slack.command(ANA, DESK, "/case")
    assert [call.method for call in city.slack.requests] == ["users.info"]
    city.slack.users[ANA].deleted = True
    city.time.go_on(seconds=61)
    assert NOT_STAFF in (await city.slack.command(ANA, DESK, "/case")).body
    assert len(city.desk.came) == 2


@pytest.mark.parametrize("fault", [{"status": 500}, {"error": "user_not_found"}, {"retry_after": 30}, {"hang": True}])
async def test_failing_look_up_refuses_and_is_not_kept(
    city: City, fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    city.slack.faults.next("users.info", **fault)
    with monkeypatch.context() as hasty:
        hasty.setattr("bot.channels.slack_people.LOOK_UP_SECONDS", 0.2)
        assert NOT_STAFF in (await city.slack.command(ANA, DESK, "/case")).body
    assert city.desk.came == []
    assert (await city.slack.command(ANA, DESK, "/case")).body == ""
    assert len(city.desk.came) == 1


async def test_turn_for_nobody_says_what_a_refusal_says(city: City) -> None:
    city.desk.fault = Unknown()
    unknown = await city.slack.command(ANA, DESK, "/case", "list")
    city.slack.add_user("U0EVE", "Eve", guest=True)
    city.slack.channel(DESK).members.add("U0EVE")
    assert unknown.body == (await city.slack.command("U0EVE", DESK, "/case", "list")).body


# --- when something fails


@pytest.mark.parametrize("fault", [Busy(), RuntimeError(TEXT), TimeoutError(), OSError(CODE)])
async def test_turn_that_is_not_stored_is_answered_503(city: City, fault: Exception) -> None:
    city.desk.fault = fault
    assert (await city.slack.command(ANA, DESK, "/case")).status == 503


@pytest.mark.parametrize("fault", [{"error": "expired_trigger_id"}, {"status": 500}, {"hang": True}])
async def test_modal_that_does_not_open_becomes_a_sentence(
    city: City, fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.slack.ANSWER_SECONDS", 0.3)
    stamp = await city.post()
    city.desk.answer = Open(FORM)
    city.slack.faults.next("views.open", **fault)
    assert LATE in (await city.slack.command(ANA, DESK, "/case", "reply")).body
    city.slack.faults.next("views.open", **fault)
    assert (await city.slack.press(ANA, stamp, "0.open")).status == 200
    assert any(LATE in post for post in city.seen(ANA))


# --- bad input


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Request-Timestamp": "²", "X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Request-Timestamp": "-1", "X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Request-Timestamp": "9" * 400, "X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "ü"},
        {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=" + "0" * 64},
    ],
)
async def test_request_without_a_good_signature_is_refused(city: City, headers: dict[str, str]) -> None:
    assert (await city.raw(b"command=/case", headers))[0] == 401
    assert (await city.raw(b"\xff\xfe", headers))[0] in (400, 401)
    assert city.desk.came == []


async def test_wrong_secret_and_old_or_early_timestamps_are_refused(city: City) -> None:
    body = urlencode({"command": "/case"}).encode()
    now = int(city.time().timestamp())
    kind = "application/x-www-form-urlencoded"
    assert (await city.signed(body, kind, secret="other"))[0] == 401
    assert (await city.signed(body, kind, at=str(now - 301)))[0] == 401
    assert (await city.signed(body, kind, at=str(now + 301)))[0] == 401


async def test_body_over_the_limit_is_refused(city: City) -> None:
    assert (await city.signed(b"x" * (LARGEST_BODY + 1), "application/json"))[0] == 413


PRESS: dict[str, Any] = {
    "type": "block_actions",
    "team": {"id": TEAM},
    "user": {"id": ANA, "team_id": TEAM},
    "trigger_id": "1",
    "container": {"type": "message", "channel_id": DESK},
    "actions": [{"type": "button", "action_id": "0.open", "value": "{}"}],
}


@pytest.mark.parametrize(
    "payload",
    [
        {**PRESS, "actions": []},
        {**PRESS, "actions": "x"},
        {**PRESS, "actions": [{"type": "button", "action_id": "0.open", "value": "not json"}]},
        {**PRESS, "actions": [{"type": "button", "action_id": "0.open", "value": "[]"}]},
        {**PRESS, "team": None},
        {**PRESS, "user": None},
        {**PRESS, "user": "\ud800"},
        {**PRESS, "view": {"type": "modal", "private_metadata": "["}},
        {"type": "view_submission", "view": {"callback_id": "x"}},
        {"type": "view_submission", "view": None},
        {"type": "view_submission"},
        {"type": "shortcut", "callback_id": "x"},
        [],
        "x",
        None,
    ],
)
async def test_signed_payload_of_another_shape_is_refused(city: City, payload: Any) -> None:
    body = urlencode({"payload": json.dumps(payload)}).encode()
    status, _ = await city.signed(body, "application/x-www-form-urlencoded")
    assert 400 <= status < 500
    assert city.desk.came == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"type":"event_callback","event":"x"}', "application/json"),
        (b'{"type":"event_callback","team_id":"T","event":{"type":"app_home_opened"}}', "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"", "application/json"),
        (b"command=%2Fcase", "application/x-www-form-urlencoded"),
        (b"payload=%ED%A0%80", "application/x-www-form-urlencoded"),
        (b"command=/case", "text/plain"),
        (b'{"type":"event_callback"}', "application/json"),
    ],
)
async def test_signed_junk_is_refused(city: City, body: bytes, kind: str) -> None:
    status, _ = await city.signed(body, kind)
    assert 400 <= status < 500
    assert city.desk.came == []


async def test_no_altered_payload_is_answered_5xx(city: City) -> None:
    chance = random.Random(7)  # noqa: S311
    city.desk.answer = Refuse({"text": "No."})
    for _ in range(300):
        payload = _spoiled({**PRESS, "view": {"id": "V1", "type": "modal", "state": {"values": {}}}}, chance)
        body = urlencode({"payload": json.dumps(payload)}).encode()
        status, _ = await city.signed(body, "application/x-www-form-urlencoded")
        assert status < 500


def _spoiled(node: Any, chance: random.Random) -> Any:
    if chance.random() < 0.15:
        return chance.choice([None, "", "x", 7, [], {}, "\ud800", [None], {"id": None}, True])
    if isinstance(node, dict):
        return {name: _spoiled(value, chance) for name, value in node.items()}
    return [_spoiled(value, chance) for value in node] if isinstance(node, list) else node


# --- what we send


async def test_card_is_posted_without_previews_and_with_its_attempt(city: City) -> None:
    receipt = await city.channel.send(outbound())
    assert receipt.state == "delivered"
    call = city.slack.requests[-1].args
    assert (call["unfurl_links"], call["unfurl_media"]) == (False, False)
    assert call["metadata"] == {"event_type": "commonline", "event_payload": {"attempt": "attempt_1"}}
    post = city.slack.channel(DESK).messages[0]
    assert post.text == "MAPLE-7 &lt;!channel&gt;"
    assert receipt.reference == f"{DESK}:{post.ts}"


async def test_text_is_posted_to_a_person(city: City) -> None:
    receipt = await city.channel.send(outbound(None, to=ANA))
    assert receipt.reference.startswith("D0ANA:")
    found = await city.channel.find(outbound(None, to=ANA))
    assert found == receipt


async def test_card_is_replaced_and_taken_away(city: City) -> None:
    first = await city.channel.send(outbound())
    second = await city.channel.send(outbound(Card("MAPLE-7 closed"), "attempt_2", reference=first.reference))
    assert second == first
    assert len(city.slack.channel(DESK).messages) == 1
    gone = Outbound("attempt_3", "slack", TEAM, DESK, "withdraw", city.time(), reference=first.reference)
    assert await city.channel.find(gone) is None
    assert await city.channel.send(gone) == Receipt("delivered", first.reference)
    assert await city.channel.send(gone) == Receipt("delivered", first.reference)
    assert await city.channel.find(gone) == Receipt("delivered", first.reference)
    assert city.seen() == []


async def test_replaced_card_that_is_gone_is_posted_anew(city: City) -> None:
    first = await city.channel.send(outbound())
    city.slack.channel(DESK).messages[0].deleted = True
    second = await city.channel.send(outbound(attempt="attempt_2", reference=first.reference))
    assert second.reference != first.reference
    assert len(city.seen()) == 1


async def test_a_lost_attempt_is_found_however_much_was_posted_since(city: City) -> None:
    city.slack.faults.next("chat.postMessage", performed=True, status=500)
    with pytest.raises(SendFailed, match="unknown"):
        await city.channel.send(outbound())
    desk = city.slack.channel(DESK)
    for number in range(450):
        city.slack.keep(desk, city.slack.by_bot(f"Case {number}"))
    assert await city.channel.find(outbound(attempt="attempt_7")) is None
    assert await city.channel.find(outbound()) == Receipt("delivered", f"{DESK}:{desk.messages[0].ts}")


async def test_lost_attempt_is_found_by_its_id(city: City) -> None:
    await city.channel.send(outbound(attempt="attempt_0"))
    city.slack.faults.next("chat.postMessage", status=500, performed=True)
    with pytest.raises(SendFailed) as failed:
        await city.channel.send(outbound())
    assert failed.value.retry == "unknown"
    found = await city.channel.find(outbound())
    assert found is not None
    assert found.reference == f"{DESK}:{city.slack.channel(DESK).messages[1].ts}"
    assert await city.channel.find(outbound(attempt="attempt_7")) is None
    changed = outbound(attempt="attempt_8", reference=found.reference)
    assert await city.channel.find(changed) is None
    await city.channel.send(changed)
    assert await city.channel.find(changed) == found


@pytest.mark.parametrize(
    ("fault", "retry", "code"),
    [
        ({"retry_after": 30}, "later", "ratelimited"),
        ({"error": "invalid_auth"}, "later", "invalid_auth"),
        ({"error": "not_in_channel"}, "later", "not_in_channel"),
        ({"error": "channel_not_found"}, "later", "channel_not_found"),
        ({"error": "is_archived"}, "later", "is_archived"),
        ({"error": "fatal_error"}, "unknown", "fatal_error"),
        ({"status": 503}, "unknown", "503"),
        ({"hang": True}, "unknown", "connection"),
    ],
)
async def test_error_says_what_to_do(city: City, fault: dict[str, Any], retry: str, code: str) -> None:
    if "hang" in fault:
        city.channel._session._timeout = aiohttp.ClientTimeout(total=1)  # type: ignore[union-attr]
    city.slack.faults.next("chat.postMessage", **fault)
    with pytest.raises(SendFailed) as failed:
        await city.channel.send(outbound())
    assert (failed.value.retry, failed.value.code) == (retry, code)
    assert failed.value.after == (30 if "retry_after" in fault else failed.value.after)
    assert len([call for call in city.slack.requests if call.method == "chat.postMessage"]) == 1


async def test_blocks_that_slack_refuses_are_left_out(city: City) -> None:
    city.slack.faults.next("chat.postMessage", error="invalid_blocks")
    await city.channel.send(outbound())
    assert city.slack.channel(DESK).messages[0].blocks == []


async def test_refused_connection_is_tried_later(city: City) -> None:
    away = SlackChannel(BOT_TOKEN, SIGNING, "http://127.0.0.1:1/api/", "", city.desk.take_turn, city.time)
    await away.start()
    with pytest.raises(SendFailed) as failed:
        await away.send(outbound())
    assert failed.value.retry == "later"
    with pytest.raises(ConnectionError, match="cannot be reached"):
        await away.check()
    await away.close()


async def test_check_names_the_setting_that_is_wrong(city: City) -> None:
    assert "accepts" in await city.channel.check()
    city.slack.bot_token = "rotated"
    with pytest.raises(ConnectionError, match="SLACK_BOT_TOKEN"):
        await city.channel.check()


async def test_nothing_is_missed_or_fetched(city: City) -> None:
    assert [inbound async for inbound in city.channel.missed(TEAM, city.time())] == []
    with pytest.raises(SendFailed):
        await city.channel.fetch("https://files.slack.com/x")


# --- Socket Mode


@pytest.fixture
async def socket(desk: Desk, time: Time) -> AsyncIterator[tuple[SlackChannel, Slack]]:
    slack = Slack(SIGNING, BOT_TOKEN, TEAM, "", time, app_token=APP_TOKEN)
    slack.add_user(ANA, "Ana Ruiz")
    slack.add_channel(DESK, "hotline", members=[ANA])
    async with serve(slack.app) as api:
        channel = SlackChannel(BOT_TOKEN, SIGNING, f"{api}/api/", APP_TOKEN, desk.take_turn, time)
        await channel.start()
        yield channel, slack
        await channel.close()


async def test_socket_mode_takes_the_same_commands_and_has_no_route(
    socket: tuple[SlackChannel, Slack], desk: Desk
) -> None:
    channel, slack = socket
    assert channel.routes() == []
    async with asyncio.timeout(5):
        await slack.linked()
        desk.answer = say("Two cases")
        answer = await slack.command(ANA, DESK, "/case", "list")
    assert "Two cases" in answer.body
    assert desk.came[0].name == "/case"
    assert "accepts" in await channel.check()
    slack.app_token = "rotated"
    with pytest.raises(ConnectionError, match="SLACK_APP_TOKEN"):
        await channel.check()


async def test_socket_mode_starts_although_slack_is_away(desk: Desk, time: Time) -> None:
    channel = SlackChannel(BOT_TOKEN, "", "http://127.0.0.1:1/api/", APP_TOKEN, desk.take_turn, time)
    await channel.start()
    await channel.close()
