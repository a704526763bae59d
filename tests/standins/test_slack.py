"""The Slack stand-in, driven by Slack's own client and Bolt and held against Slack's own signature verifier."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from bot.sandbox.slack import Slack
from bot.sandbox.slack_fields import Incomplete
from bot.sandbox.slack_kit import BlockKit
from bot.sandbox.wire import serve

SECRET, TOKEN, APP_TOKEN, TEAM = "signing-secret", "xoxb-sandbox", "xapp-sandbox", "T0MARC"
SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "schemas"
ANN, BEN, DESK = "U0ANN", "U0BEN", "C0DESK"


class Clock:
    """Starts at the real time, since Bolt compares timestamps with it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Bot:
    """A bot in front of Bolt: it verifies every request itself and remembers the headers."""

    bolt: AsyncApp
    clock: Clock
    headers: list[dict[str, str]] = field(default_factory=list)
    forged: int = 0
    broken: int = 0
    stuck: asyncio.Event | None = None

    def app(self) -> Starlette:
        handler, verifier = AsyncSlackRequestHandler(self.bolt), SignatureVerifier(SECRET)

        async def events(request: Request) -> Response:
            self.headers.append(dict(request.headers))
            if not verifier.is_valid_request(await request.body(), dict(request.headers)):
                self.forged += 1
            if self.stuck:
                await self.stuck.wait()
            if self.broken:
                self.broken -= 1
                return Response(status_code=500)
            return await handler.handle(request)

        return Starlette(routes=[Route("/slack/events", events, methods=["POST"])])


@dataclass
class Stage:
    slack: Slack
    bot: Bot
    client: AsyncWebClient
    clock: Clock

    @property
    def bolt(self) -> AsyncApp:
        return self.bot.bolt

    async def error(self, method: str, **args: Any) -> str:
        with pytest.raises(SlackApiError) as caught:
            await self.client.api_call(method, json=args)
        return str(caught.value.response["error"])

    def seen(self, user: str, channel: str = DESK) -> list[str]:
        return [message.text for message in self.slack.channels[channel].visible(user)]


@asynccontextmanager
async def workspace(prefix: str = "") -> AsyncIterator[Stage]:
    clock = Clock()
    slack = Slack(SECRET, TOKEN, TEAM, "", clock, APP_TOKEN, SCHEMAS)
    slack.add_user(ANN, "Ann Archer")
    slack.add_user(BEN, "Ben Baker", guest=True)
    slack.add_channel(DESK, "hotline-desk", members=[ANN])
    app = Starlette(routes=[Mount(prefix, slack.app)]) if prefix else slack.app
    async with serve(app) as base:
        slack.base_url = base + prefix
        client = AsyncWebClient(TOKEN, base_url=f"{slack.base_url}/api/", timeout=5)
        bot = Bot(AsyncApp(client=client, signing_secret=SECRET, process_before_response=True), clock)
        async with serve(bot.app()) as url:
            slack.events_url = f"{url}/slack/events"
            yield Stage(slack, bot, client, clock)
            slack.faults.release()
            await slack.settled()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with workspace() as made:
        yield made


def section(text: str = "hello", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}} | more


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(action_id: str, value: str = "7", text: str = "Claim") -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain(text), "value": value}


def actions(*elements: dict[str, Any], block_id: str = "row") -> dict[str, Any]:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def options(*values: str) -> list[dict[str, Any]]:
    return [{"text": plain(value.title()), "value": value} for value in values]


def choice(action_id: str = "pick", *values: str) -> dict[str, Any]:
    return {"type": "static_select", "action_id": action_id, "options": options(*values or ("yes", "no"))}


def question(block_id: str = "note", optional: bool = False, **more: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "text"} | more
    return {"type": "input", "block_id": block_id, "label": plain("Note"), "optional": optional, "element": element}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    view = {"type": "modal", "callback_id": "form", "title": plain("Case"), "submit": plain("Save")}
    return view | {"blocks": list(blocks) or [question()]} | more


def opens(stage: Stage, view: dict[str, Any] | None = None) -> None:
    """The bot opens this modal on /open."""

    @stage.bolt.command("/open")
    async def open_form(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view or modal())


def answers(stage: Stage, **reply: Any) -> list[dict[str, Any]]:
    """The bot answers the modal with this; the payloads it saw."""
    seen: list[dict[str, Any]] = []

    @stage.bolt.view("form")
    async def submitted(ack: Any, body: dict[str, Any]) -> None:
        seen.append(body)
        await ack(**reply)

    return seen


# --- the Web API


async def test_the_bot_learns_who_it_is(stage: Stage) -> None:
    about = await stage.client.auth_test()
    assert (about["team_id"], about["user_id"], about["bot_id"]) == (
        TEAM,
        stage.slack.bot_user,
        stage.slack.bot_id,
    )


async def test_the_api_is_strict_about_tokens_and_methods(stage: Stage) -> None:
    assert await stage.error("no.suchMethod") == "unknown_method"
    stage.client.token = "xoxb-wrong"
    assert await stage.error("auth.test") == "invalid_auth"
    stage.client.token = None
    assert await stage.error("auth.test") == "not_authed"
    assert (await stage.client.api_test())["ok"]


async def test_a_posted_message_stands_in_its_channel(stage: Stage) -> None:
    metadata = {"event_type": "attempt", "event_payload": {"id": "a1"}}
    posted = await stage.client.chat_postMessage(channel=DESK, text="New tip", blocks=[section()], metadata=metadata)
    [message] = stage.slack.channels[DESK].messages
    assert (message.ts, message.text, message.metadata) == (posted["ts"], "New tip", metadata)
    assert message.blocks[0]["block_id"]
    assert [call.method for call in stage.slack.requests] == ["chat.postMessage"]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"text": "x"}, "invalid_arguments"),
        ({"channel": "C0NONE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0SECRET", "text": "x"}, "channel_not_found"),
        ({"channel": "C0LOBBY", "text": "x"}, "not_in_channel"),
        ({"channel": "U0GONE", "text": "x"}, "user_disabled"),
        ({"channel": DESK}, "no_text"),
        ({"channel": DESK, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": DESK, "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": DESK, "text": "x", "blocks": [{"type": "poem"}]}, "invalid_blocks"),
        ({"channel": DESK, "text": "x", "metadata": {"id": 1}}, "invalid_metadata_format"),
    ],
)
async def test_what_slack_would_refuse_is_refused(stage: Stage, args: dict[str, Any], error: str) -> None:
    stage.slack.add_user("U0GONE", "Gone", deleted=True)
    for id, private in (("C0SECRET", True), ("C0LOBBY", False)):
        stage.slack.add_channel(id, id.lower(), private).members.discard(stage.slack.bot_user)
    assert await stage.error("chat.postMessage", **args) == error
    assert stage.slack.requests[-1].error == error
    assert stage.seen(ANN) == []


async def test_posting_to_a_person_opens_the_direct_messages(stage: Stage) -> None:
    posted = await stage.client.chat_postMessage(channel=ANN, text="psst")
    opened = await stage.client.conversations_open(users=ANN)
    assert posted["channel"] == opened["channel"]["id"] == stage.slack.channel("Ann Archer").id


async def test_an_ephemeral_message_is_for_one_person(stage: Stage) -> None:
    stage.slack.channels[DESK].members.add(BEN)
    await stage.client.chat_postEphemeral(channel=DESK, user=ANN, text="only you")
    assert (stage.seen(ANN), stage.seen(BEN)) == (["only you"], [])
    assert (await stage.client.conversations_history(channel=DESK))["messages"] == []


async def test_a_message_is_changed_and_deleted_by_its_author_only(stage: Stage) -> None:
    ts = (await stage.client.chat_postMessage(channel=DESK, text="old"))["ts"]
    await stage.client.chat_update(channel=DESK, ts=ts, text="new")
    assert stage.seen(ANN) == ["new"]
    await stage.client.chat_delete(channel=DESK, ts=ts)
    assert stage.seen(ANN) == []
    await stage.slack.say(ANN, DESK, "mine")
    mine = stage.slack.channels[DESK].messages[-1].ts
    assert await stage.error("chat.update", channel=DESK, ts=mine, text="x") == "cant_update_message"
    assert await stage.error("chat.delete", channel=DESK, ts=mine) == "cant_delete_message"
    assert await stage.error("chat.update", channel=DESK, ts="1.1", text="x") == "message_not_found"


async def test_history_is_paged_bounded_and_shows_metadata_on_demand(stage: Stage) -> None:
    metadata = {"event_type": "attempt", "event_payload": {"id": "a1"}}
    stamps = [
        (await stage.client.chat_postMessage(channel=DESK, text=str(number), metadata=metadata))["ts"]
        for number in range(5)
    ]
    first = await stage.client.conversations_history(channel=DESK, limit=2, include_all_metadata=True)
    assert [message["ts"] for message in first["messages"]] == stamps[:2:-1]
    assert first["messages"][0]["metadata"] == metadata
    cursor = first["response_metadata"]["next_cursor"]
    second = await stage.client.conversations_history(channel=DESK, limit=2, cursor=cursor)
    assert [message["ts"] for message in second["messages"]] == [stamps[2], stamps[1]]
    assert "metadata" not in second["messages"][0]
    since = await stage.client.conversations_history(channel=DESK, oldest=stamps[3])
    assert [message["ts"] for message in since["messages"]] == [stamps[4]]
    until = await stage.client.conversations_history(channel=DESK, latest=stamps[1], inclusive=True)
    assert [message["ts"] for message in until["messages"]] == [stamps[1], stamps[0]]


async def test_a_thread_is_apart_from_the_channel(stage: Stage) -> None:
    root = (await stage.client.chat_postMessage(channel=DESK, text="case"))["ts"]
    await stage.client.chat_postMessage(channel=DESK, text="entry", thread_ts=root)
    history = await stage.client.conversations_history(channel=DESK)
    replies = await stage.client.conversations_replies(channel=DESK, ts=root)
    assert [message["text"] for message in history["messages"]] == ["case"]
    assert [message["text"] for message in replies["messages"]] == ["case", "entry"]


async def test_people_are_shown_for_what_they_are(stage: Stage) -> None:
    stage.slack.add_user("U0EXT", "Eve", external=True)
    guest = (await stage.client.users_info(user=BEN))["user"]
    stranger = (await stage.client.users_info(user="U0EXT"))["user"]
    assert (guest["is_restricted"], guest["is_bot"], guest["deleted"]) == (True, False, False)
    assert stranger["is_stranger"] and stranger["team_id"] != TEAM
    assert await stage.error("users.info", user="U0NONE") == "user_not_found"
    assert len((await stage.client.users_list())["members"]) == 4
    members = await stage.client.conversations_members(channel=DESK)
    assert set(members["members"]) == {ANN, stage.slack.bot_user}


async def test_a_file_is_uploaded_in_three_steps(stage: Stage) -> None:
    await stage.client.files_upload_v2(channel=DESK, filename="note.txt", content="evidence", initial_comment="look")
    [file] = stage.slack.files.values()
    assert (file.content, file.shared) == (b"evidence", True)
    assert stage.slack.channels[DESK].messages[-1].files[0]["id"] == file.id


# --- what goes wrong


async def test_a_fault_spoils_one_call(stage: Stage) -> None:
    stage.slack.faults.next("chat.postMessage", retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await stage.client.chat_postMessage(channel=DESK, text="x")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "7")
    stage.slack.faults.next("chat.postMessage", error="fatal_error")
    assert await stage.error("chat.postMessage", channel=DESK, text="x") == "fatal_error"
    await stage.client.chat_postMessage(channel=DESK, text="x")
    assert stage.seen(ANN) == ["x"]


async def test_a_call_may_take_effect_and_never_be_answered(stage: Stage) -> None:
    stage.slack.faults.next("chat.postMessage", hang=True)
    taken = asyncio.Event()
    stage.slack.changed = taken.set
    call = asyncio.create_task(stage.client.chat_postMessage(channel=DESK, text="x"))
    await taken.wait()
    assert stage.seen(ANN) == ["x"]
    assert not (await asyncio.wait({call}, timeout=0.05))[0]
    call.cancel()


# --- commands and response_url


async def test_a_command_is_signed_and_its_answer_is_for_who_asked(stage: Stage) -> None:
    stage.slack.channels[DESK].members.add(BEN)

    @stage.bolt.command("/case")
    async def case(ack: Any, body: dict[str, Any]) -> None:
        await ack(f"{body['user_name']} wants {body['text']}")

    answer = await stage.slack.command(ANN, "hotline-desk", "/case", "list")
    assert (answer.status, stage.bot.forged) == (200, 0)
    assert (stage.seen(ANN), stage.seen(BEN)) == (["ann.archer wants list"], [])


async def test_a_command_may_be_answered_for_all_with_blocks(stage: Stage) -> None:
    stage.slack.channels[DESK].members.add(BEN)

    @stage.bolt.command("/case")
    async def case(ack: Any) -> None:
        await ack(response_type="in_channel", text="for all", blocks=[section()])

    await stage.slack.command(ANN, DESK, "/case")
    assert stage.seen(BEN) == ["for all"]


async def test_a_command_that_fails_shows_it(stage: Stage) -> None:
    answer = await stage.slack.command(ANN, DESK, "/nobody")
    assert answer.status == 404
    assert stage.seen(ANN) == ['/nobody failed with the error "dispatch_failed"']


async def test_a_command_that_takes_too_long_shows_it(stage: Stage) -> None:
    stage.bot.stuck, stage.slack.patience = asyncio.Event(), 0.1
    answer = await stage.slack.command(ANN, DESK, "/case")
    assert answer.error == "timeout"
    assert stage.seen(ANN) == ['/case failed with the error "operation_timeout"']
    stage.bot.stuck.set()


async def test_nobody_commands_from_a_channel_they_are_not_in(stage: Stage) -> None:
    with pytest.raises(LookupError):
        await stage.slack.command(BEN, DESK, "/case")


async def test_a_response_url_works_five_times(stage: Stage) -> None:
    hook = AsyncWebhookClient(stage.slack._response_url(stage.slack.channels[DESK], ANN))
    for number in range(5):
        assert (await hook.send(text=str(number))).body == "ok"
    sixth = await hook.send(text="x")
    assert (sixth.status_code, json.loads(sixth.body)["error"]) == (404, "used_url")
    assert stage.seen(ANN) == ["0", "1", "2", "3", "4"]


async def test_a_response_url_works_for_half_an_hour(stage: Stage) -> None:
    hook = AsyncWebhookClient(stage.slack._response_url(stage.slack.channels[DESK], ANN))
    stage.clock.now += timedelta(minutes=31)
    assert json.loads((await hook.send(text="late")).body)["error"] == "expired_url"


# --- buttons and selects


async def test_a_button_tells_who_pressed_it_and_where(stage: Stage) -> None:
    seen: list[dict[str, Any]] = []

    @stage.bolt.action("claim")
    async def claim(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        seen.append(body)
        await respond(text="claimed", replace_original=True)

    blocks = [actions(button("claim"), choice())]
    ts = (await stage.client.chat_postMessage(channel=DESK, text="tip", blocks=blocks))["ts"]
    assert (await stage.slack.press(ANN, ts, "claim")).ok
    [body] = seen
    assert body["container"] == {"type": "message", "message_ts": ts, "channel_id": DESK, "is_ephemeral": False}
    assert body["actions"][0]["value"] == "7"
    assert (body["message"]["ts"], body["user"]["id"], body["team"]["id"]) == (ts, ANN, TEAM)
    assert body["state"]["values"]["row"]["pick"]["selected_option"] is None
    assert stage.seen(ANN) == ["claimed"]


async def test_a_select_tells_the_chosen_option(stage: Stage) -> None:
    seen: list[dict[str, Any]] = []

    @stage.bolt.action("pick")
    async def pick(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        seen.append(body)

    ts = (await stage.client.chat_postMessage(channel=DESK, text="?", blocks=[actions(choice())]))["ts"]
    await stage.slack.press(ANN, ts, "pick", "no")
    assert seen[0]["actions"][0]["selected_option"]["value"] == "no"
    assert seen[0]["state"]["values"]["row"]["pick"]["selected_option"]["value"] == "no"
    with pytest.raises(LookupError):
        await stage.slack.press(ANN, ts, "pick", "perhaps")


async def test_an_ephemeral_message_is_not_shown_to_the_app(stage: Stage) -> None:
    await stage.client.chat_postEphemeral(channel=DESK, user=ANN, text="?", blocks=[actions(button("claim"))])
    await stage.slack.press(ANN, stage.slack.channels[DESK].messages[0].ts, "claim")
    payload = stage.slack.deliveries[-1].payload
    assert ("message" in payload, payload["container"]["is_ephemeral"]) == (False, True)


async def test_nobody_presses_what_they_cannot_see(stage: Stage) -> None:
    ts = (await stage.client.chat_postMessage(channel=DESK, text="tip", blocks=[actions(button("claim"))]))["ts"]
    with pytest.raises(LookupError):
        await stage.slack.press(BEN, ts, "claim")
    with pytest.raises(LookupError):
        await stage.slack.press(ANN, ts, "other")


# --- modals


async def test_a_modal_is_opened_submitted_and_closed(stage: Stage) -> None:
    opens(stage)
    seen = answers(stage)
    assert (await stage.slack.command(ANN, DESK, "/open")).ok
    await stage.slack.submit(ANN, {"note": {"text": "called back"}})
    assert seen[0]["view"]["state"]["values"]["note"]["text"] == {"type": "plain_text_input", "value": "called back"}
    assert stage.slack.modals[ANN] == []


async def test_an_input_keeps_its_first_value_unless_it_is_changed(stage: Stage) -> None:
    opens(stage, modal(question(initial_value="draft"), question("more", optional=True)))
    seen = answers(stage)
    await stage.slack.command(ANN, DESK, "/open")
    await stage.slack.submit(ANN)
    values = seen[0]["view"]["state"]["values"]
    assert (values["note"]["text"]["value"], values["more"]["text"]["value"]) == ("draft", None)


async def test_slack_itself_refuses_an_incomplete_form(stage: Stage) -> None:
    opens(stage, modal(question(min_length=3)))
    await stage.slack.command(ANN, DESK, "/open")
    for values in ({}, {"note": {"text": "ab"}}):
        with pytest.raises(Incomplete):
            await stage.slack.submit(ANN, values)
    with pytest.raises(LookupError):
        await stage.slack.submit(ANN, {"nothing": {"text": "x"}})


async def test_errors_keep_the_modal_open(stage: Stage) -> None:
    opens(stage)
    answers(stage, response_action="errors", errors={"note": "Too vague."})
    await stage.slack.command(ANN, DESK, "/open")
    assert (await stage.slack.submit(ANN, {"note": {"text": "x"}})).ok
    [view] = stage.slack.modals[ANN]
    assert stage.slack.view_errors[view["id"]] == {"note": "Too vague."}


async def test_errors_must_name_inputs(stage: Stage) -> None:
    opens(stage)
    answers(stage, response_action="errors", errors={"elsewhere": "no"})
    await stage.slack.command(ANN, DESK, "/open")
    assert (await stage.slack.submit(ANN, {"note": {"text": "x"}})).error == "invalid_errors"


@pytest.mark.parametrize(("action", "depth"), [("update", 1), ("push", 2), ("clear", 0)])
async def test_an_answer_updates_pushes_or_clears(stage: Stage, action: str, depth: int) -> None:
    opens(stage)
    view = {} if action == "clear" else {"view": modal(title=plain("Second"))}
    answers(stage, response_action=action, **view)
    await stage.slack.command(ANN, DESK, "/open")
    await stage.slack.submit(ANN, {"note": {"text": "x"}})
    stack = stage.slack.modals[ANN]
    assert len(stack) == depth
    if stack:
        assert stack[-1]["title"]["text"] == "Second"


async def test_what_was_typed_outlives_an_update(stage: Stage) -> None:
    opens(stage, modal(actions(choice("kind")), question()))
    await stage.slack.command(ANN, DESK, "/open")
    [view] = stage.slack.modals[ANN]
    await stage.slack.press(ANN, view["id"], "kind", "yes", values={"note": {"text": "typed"}})
    await stage.client.views_update(
        view_id=view["id"], hash=view["hash"], view=modal(actions(choice("kind", "yes", "maybe")), question())
    )
    values = stage.slack.modals[ANN][0]["state"]["values"]
    assert values["note"]["text"]["value"] == "typed"
    assert values["row"]["kind"]["selected_option"]["value"] == "yes"
    assert await stage.error("views.update", view_id=view["id"], hash=view["hash"], view=modal()) == "hash_conflict"
    assert await stage.error("views.update", view_id="V0", view=modal()) == "not_found"


async def test_closing_is_told_where_it_was_asked_for(stage: Stage) -> None:
    opens(stage, modal(notify_on_close=True))
    closed: list[dict[str, Any]] = []

    @stage.bolt.view_closed("form")
    async def on_close(ack: Any, body: dict[str, Any]) -> None:
        closed.append(body)
        await ack()

    await stage.slack.command(ANN, DESK, "/open")
    await stage.slack.close(ANN)
    assert (len(closed), stage.slack.modals[ANN]) == (1, [])


async def test_a_trigger_works_once_and_for_three_seconds(stage: Stage) -> None:
    assert await stage.error("views.open", trigger_id="1.2.3", view=modal()) == "invalid_trigger_id"
    trigger = stage.slack._trigger(ANN)
    await stage.client.views_open(trigger_id=trigger, view=modal())
    assert await stage.error("views.open", trigger_id=trigger, view=modal()) == "exchanged_trigger_id"
    late = stage.slack._trigger(ANN)
    stage.slack.triggers[late].made -= 3.1
    assert await stage.error("views.open", trigger_id=late, view=modal()) == "expired_trigger_id"


async def test_modals_stack_three_high(stage: Stage) -> None:
    for method in ("views.open", "views.push", "views.push"):
        await stage.client.api_call(method, json={"trigger_id": stage.slack._trigger(ANN), "view": modal()})
    trigger = stage.slack._trigger(ANN)
    assert await stage.error("views.push", trigger_id=trigger, view=modal()) == "push_limit_reached"


async def test_a_home_tab_is_opened_and_published(stage: Stage) -> None:
    @stage.bolt.event("app_home_opened")
    async def home(event: dict[str, Any], client: AsyncWebClient) -> None:
        view = {"type": "home", "blocks": [section("Your cases"), actions(button("claim"))]}
        await client.views_publish(user_id=event["user"], view=view)

    assert (await stage.slack.open_home(ANN)).ok
    await stage.slack.press(ANN, "home", "claim")
    assert stage.slack.deliveries[-1].payload["container"]["view_id"] == stage.slack.homes[ANN]["id"]


# --- events


async def test_what_people_say_is_told_in_an_envelope(stage: Stage) -> None:
    heard: list[dict[str, Any]] = []

    @stage.bolt.event("message")
    async def message(body: dict[str, Any]) -> None:
        heard.append(body)

    await stage.slack.say(ANN, DESK, "status?")
    await stage.slack.say(ANN, ANN, "just me")
    assert [body["event"]["text"] for body in heard] == ["status?", "just me"]
    assert [body["event"]["channel_type"] for body in heard] == ["group", "im"]
    assert heard[0]["authorizations"][0]["team_id"] == TEAM


async def test_an_event_is_told_again_until_it_is_answered(stage: Stage) -> None:
    @stage.bolt.event("app_home_opened")
    async def home(event: dict[str, Any]) -> None:
        assert event["user"] == ANN

    stage.bot.broken = 2
    answer = await stage.slack.event({"type": "app_home_opened", "user": ANN, "tab": "home"})
    retries = [headers.get("x-slack-retry-num") for headers in stage.bot.headers]
    assert retries == [None, "1", "2"]
    assert stage.bot.headers[1]["x-slack-retry-reason"] == "http_error"
    assert len({delivery.payload["event_id"] for delivery in stage.slack.deliveries}) == 1
    assert answer.ok


async def test_an_event_nobody_takes_is_given_up_after_three_retries(stage: Stage) -> None:
    stage.slack.events_url = "http://127.0.0.1:9/slack/events"
    answer = await stage.slack.say(ANN, DESK, "anyone?")
    assert (answer.error, len(stage.slack.deliveries)) == ("connection_failed", 4)


async def test_the_bot_hears_itself_where_it_is_subscribed_to_that(stage: Stage) -> None:
    stage.slack.echo = True
    await stage.client.chat_postMessage(channel=DESK, text="me")
    await stage.slack.settled()
    assert stage.slack.deliveries[0].payload["event"]["bot_id"] == stage.slack.bot_id


async def test_the_address_is_verified_by_a_challenge(stage: Stage) -> None:
    assert (await stage.slack.verify_url()).ok


async def test_a_stranger_comes_from_another_team(stage: Stage) -> None:
    stage.slack.add_user("U0EXT", "Eve", external=True)
    stage.slack.channels[DESK].members.add("U0EXT")
    await stage.slack.command("U0EXT", DESK, "/case")
    await stage.slack.say("U0EXT", DESK, "hi")
    command, event = stage.slack.deliveries[0].payload, stage.slack.deliveries[1].payload
    assert command["team_id"] != TEAM
    assert (event["is_ext_shared_channel"], event["event"]["team"]) == (True, command["team_id"])


# --- Socket Mode


async def test_a_socket_takes_the_place_of_http(stage: Stage) -> None:
    said: list[str] = []

    @stage.bolt.command("/case")
    async def case(ack: Any) -> None:
        await ack("by socket")

    @stage.bolt.event("message")
    async def message(event: dict[str, Any]) -> None:
        said.append(event["text"])

    handler = AsyncSocketModeHandler(stage.bolt, APP_TOKEN)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await stage.slack.linked()
    answer = await stage.slack.command(ANN, DESK, "/case")
    await stage.slack.say(ANN, DESK, "status?")
    assert (answer.ok, stage.seen(ANN), said) == (True, ["by socket", "status?"], ["status?"])
    assert stage.bot.headers == []
    await stage.slack.disconnect()
    await stage.slack.linked()
    assert (await stage.slack.command(ANN, DESK, "/case")).ok
    await handler.close_async()  # type: ignore[no-untyped-call]


async def test_a_socket_needs_the_app_token_and_a_ticket(stage: Stage) -> None:
    assert await stage.error("apps.connections.open") == "not_allowed_token_type"
    stage.client.token = "xapp-wrong"
    assert await stage.error("apps.connections.open") == "invalid_auth"
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{stage.slack.base_url}/link?ticket=guess")


async def test_all_of_it_may_be_mounted_under_a_prefix() -> None:
    async with workspace("/sandbox/slack") as stage:
        await stage.client.files_upload_v2(channel=DESK, filename="a.txt", content="a")
        stage.client.token = APP_TOKEN
        opened = await stage.client.apps_connections_open(app_token=APP_TOKEN)
        assert "/sandbox/slack/link?" in opened["url"]


# --- Block Kit


@pytest.mark.parametrize("schemas", [None, SCHEMAS])
@pytest.mark.parametrize(
    ("block", "fault"),
    [
        (section("x" * 3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0]"),
        (
            {"type": "section", "fields": [plain("x")] * 11},
            "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        ({"type": "section", "fields": [plain("x" * 2001)]}, "must be less than 2001 characters"),
        ({"type": "header", "text": plain("x" * 151)}, "must be less than 151 characters"),
        ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "must be of type plain_text"),
        (actions(button("a", text="x" * 76)), "must be less than 76 characters"),
        (actions(button("a" * 256)), "must be less than 256 characters"),
        (actions(button("a", value="x" * 2001)), "must be less than 2001 characters"),
        (actions(button("a"), button("a")), 'action_id "a" already exists'),
        (actions(*(button(f"a{number}") for number in range(26))), "no more than 25 items allowed"),
        (actions(), "missing required field: elements"),
        (actions(choice("p", *(str(number) for number in range(101)))), "no more than 100 items allowed"),
        (actions(choice("p", "x" * 76)), "must be less than 76 characters"),
        (actions(choice("p") | {"placeholder": plain("x" * 151)}), "must be less than 151 characters"),
        (actions(choice("p") | {"initial_option": options("perhaps")[0]}), "must match one of the options"),
        ({"type": "context", "elements": [plain("x")] * 11}, "no more than 10 items allowed"),
        (question() | {"label": plain("x" * 2001)}, "must be less than 2001 characters"),
        ({"type": "poem"}, "unsupported type: poem"),
    ],
)
def test_blocks_are_checked_as_slack_does(schemas: Path | None, block: dict[str, Any], fault: str) -> None:
    assert fault in " | ".join(BlockKit(schemas).message([block]))


@pytest.mark.parametrize(
    ("view", "fault"),
    [
        (modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (modal(submit=plain("x" * 25)), "/view/submit/text"),
        (modal(private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(*([section()] * 101)), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal(submit=None), "missing required field: submit"),
        (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown"),
        (modal(question("a"), question("a")), 'block_id "a" already exists'),
    ],
)
def test_views_are_checked_as_slack_does(view: dict[str, Any], fault: str) -> None:
    assert fault in " | ".join(BlockKit(None).view(view))


def test_fifty_blocks_are_the_most_for_a_message() -> None:
    assert BlockKit(None).message([section()] * 50) == []
    assert len(BlockKit(None).message([section()] * 51)) == 1


def test_the_schema_refuses_what_lengths_do_not_see() -> None:
    if not SCHEMAS.is_dir():
        pytest.skip(f"NOT CHECKED against Slack's types: {SCHEMAS} is missing")
    kit = BlockKit(SCHEMAS)
    assert kit.message([section(), actions(button("a"), choice()), question()]) == []
    assert kit.view(modal(section(), question())) == []
    assert kit.message([section() | {"colour": "red"}])
    assert kit.message([actions(button("a") | {"style": "loud"})])
    assert kit.message([section(accessory=question())])
    assert kit.view(modal() | {"colour": "red"})
