"""The Twilio stand-in, driven by Twilio's own client and held against Twilio's own validator and OpenAPI file."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import jsonschema
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]
from twilio.http.async_http_client import AsyncTwilioHttpClient  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from bot.sandbox.twilio import Twilio, segments
from bot.sandbox.wire import serve

# Twilio's client still uses aiohttp's deprecated `auth`.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ACCOUNT, TOKEN = "AC" + "a" * 32, "auth-token-of-the-sandbox"
LINE, OTHER_LINE, PHONE = "+18165550100", "+18165550101", "+18165550142"
OPENAPI = Path(__file__).resolve().parents[3] / "shared" / "schemas" / "twilio-messages-openapi.json"
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Bot:
    """A bot that checks signatures with Twilio's validator and remembers what it was told."""

    heard: list[dict[str, str]] = field(default_factory=list)
    forged: int = 0
    url: str = ""
    status: int = 200
    body: str = EMPTY_TWIML
    content_type: str = "text/xml"
    stuck: asyncio.Event | None = None

    async def hear(self, request: Request) -> Response:
        params = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        url = self.url + request.url.path
        if not RequestValidator(TOKEN).validate(url, params, request.headers["x-twilio-signature"]):
            self.forged += 1
        self.heard.append(params)
        if self.stuck:
            await self.stuck.wait()
        return Response(self.body, self.status, media_type=self.content_type)

    def app(self) -> Starlette:
        paths = ("/twilio/messages", "/twilio/status/{attempt}")
        return Starlette(routes=[Route(path, self.hear, methods=["POST"]) for path in paths])

    @property
    def statuses(self) -> list[str]:
        return [params["MessageStatus"] for params in self.heard if "MessageStatus" in params]


@dataclass
class Stage:
    twilio: Twilio
    bot: Bot
    client: Client
    clock: Clock

    async def send(self, body: str = "hello", to: str = PHONE, from_: str = LINE, **more: Any) -> Any:
        return await self.client.messages.create_async(to=to, from_=from_, body=body, **more)

    async def refused(self, **params: Any) -> TwilioRestException:
        with pytest.raises(TwilioRestException) as caught:
            await self.send(**params)
        return caught.value

    @property
    def callback(self) -> str:
        return f"{self.bot.url}/twilio/status/a1"


@asynccontextmanager
async def connected(twilio: Twilio) -> AsyncIterator[Client]:
    async with AsyncTwilioHttpClient() as http:
        client = Client(ACCOUNT, TOKEN, http_client=http)
        client.api.base_url = twilio.base_url
        yield client


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    bot, clock = Bot(), Clock()
    async with serve(bot.app()) as bot.url:
        twilio = Twilio(ACCOUNT, TOKEN, [LINE, OTHER_LINE], f"{bot.url}/twilio/messages", clock)
        async with serve(twilio.app) as twilio.base_url, connected(twilio) as client:
            yield Stage(twilio, bot, client, clock)
            twilio.faults.release()
            await twilio.settled()


def described(name: str) -> dict[str, Any]:
    if not OPENAPI.is_file():
        pytest.skip(f"NOT CHECKED against Twilio's OpenAPI: {OPENAPI} is missing")
    text = OPENAPI.read_text("utf-8").replace('"nullable": true', '"x": 0')
    schemas = json.loads(text)["components"]["schemas"]
    for schema in schemas.values():
        for part in schema.get("properties", {}).values():
            if part.pop("x", None) is not None:
                part["type"] = [part["type"], "null"]
        schema["additionalProperties"] = False
    return {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}


# --- sending


async def test_a_sent_message_reaches_the_phone(stage: Stage) -> None:
    sent = await stage.send("Report received.")
    assert (sent.status, sent.direction, sent.num_segments) == ("queued", "outbound-api", "1")
    await stage.twilio.settled()
    assert [text.body for text in stage.twilio.texts(PHONE, LINE)] == ["Report received."]
    assert (await stage.client.messages(sent.sid).fetch_async()).status == "delivered"


async def test_every_answer_has_the_shape_of_the_openapi_file(stage: Stage) -> None:
    schema = described("api.v2010.account.message")
    await stage.send()
    await stage.send(media_url=["https://files.example.org/flyer.png"])
    await stage.twilio.receive(PHONE, LINE, "a tip", [("image/png", b"png")])
    shown = [stage.twilio._shown(message) for message in stage.twilio.messages]
    for each in shown:
        jsonschema.validate(each, schema)
    assert {each["sid"][:2] for each in shown} == {"SM", "MM"}


async def test_media_have_the_shape_of_the_openapi_file(stage: Stage) -> None:
    sid = await stage.twilio.receive(PHONE, LINE, "", [("image/png", b"png")])
    [media] = await stage.client.messages(sid).media.list_async()
    message = stage.twilio.message(sid)
    jsonschema.validate(
        stage.twilio._shown_media(message, message.media[0]), described("api.v2010.account.message.media")
    )
    assert (media.content_type, media.parent_sid) == ("image/png", sid)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"to": "+1555"}, 21211),
        ({"to": "8165550142"}, 21211),
        ({"to": "+11165550142"}, 21211),
        ({"from_": "line"}, 21212),
        ({"from_": "+18165550199"}, 21659),
        ({"to": LINE}, 21266),
        ({"to": "+447700900123"}, 21408),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"body": "😀" * 801}, 21617),
        ({"status_callback": "not a url"}, 21609),
        ({"status_callback": "http://my_host/status"}, 21609),
        ({"media_url": ["ftp://x"]}, 21620),
        ({"media_url": ["https://x.org/a"] * 11}, 21623),
    ],
)
async def test_what_twilio_would_refuse_is_refused_with_its_code(
    stage: Stage, params: dict[str, Any], code: int
) -> None:
    refusal = await stage.refused(**params)
    assert (refusal.status, refusal.code) == (400, code)
    assert stage.twilio.messages == []
    assert [(post.status, post.code) for post in stage.twilio.posts] == [(400, code)]


async def test_an_error_names_its_code_message_page_and_status(stage: Stage) -> None:
    url = f"{stage.twilio.base_url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    async with aiohttp.ClientSession() as session, session.post(url, data={"To": PHONE}) as answer:
        assert answer.status == 401
        assert await answer.json() == {
            "code": 20003,
            "message": "Authenticate",
            "more_info": "https://www.twilio.com/docs/errors/20003",
            "status": 401,
        }


async def test_what_does_not_exist_is_not_found(stage: Stage) -> None:
    with pytest.raises(TwilioRestException) as caught:
        await stage.client.messages("SM" + "0" * 32).fetch_async()
    assert (caught.value.status, caught.value.code) == (404, 20404)


# --- what goes wrong


async def test_too_many_requests_say_how_long_to_wait(stage: Stage) -> None:
    stage.twilio.faults.next_send(status=429, retry_after=3)
    refusal = await stage.refused()
    assert (refusal.status, refusal.code) == (429, 20429)
    await stage.send()
    assert [post.status for post in stage.twilio.posts] == [429, 201]


async def test_a_message_may_be_accepted_although_the_answer_is_an_error(stage: Stage) -> None:
    stage.twilio.faults.next_send(accept_then_500=True)
    assert (await stage.refused()).status == 500
    await stage.twilio.settled()
    assert len(stage.twilio.texts(PHONE)) == 1


async def test_a_message_may_be_accepted_and_never_answered(stage: Stage) -> None:
    stage.twilio.faults.next_send(hang=True)
    taken = asyncio.Event()
    stage.twilio.changed = taken.set
    call = asyncio.create_task(stage.send())
    await taken.wait()
    await stage.twilio.settled()
    assert len(stage.twilio.texts(PHONE)) == 1
    assert not (await asyncio.wait({call}, timeout=0.05))[0]
    call.cancel()
    found = await stage.client.messages.list_async(to=PHONE, date_sent_after=stage.clock.now)
    assert [message.sid for message in found] == [stage.twilio.posts[0].sid]


async def test_a_hanging_request_is_answered_when_it_is_released(stage: Stage) -> None:
    stage.twilio.faults.next_send(hang=True)
    accepted = asyncio.Event()
    stage.twilio.changed = accepted.set
    sending = asyncio.create_task(stage.send())
    await accepted.wait()
    await stage.twilio.settled()
    stage.twilio.faults.release()
    assert (await sending).sid == stage.twilio.messages[0].sid


async def test_a_fault_of_the_carrier_is_told_by_the_callback(stage: Stage) -> None:
    stage.twilio.faults.next_send(final_status="undelivered", error_code=30005)
    sent = await stage.send(status_callback=stage.callback)
    await stage.twilio.settled()
    assert stage.bot.statuses == ["sent", "undelivered"]
    assert stage.bot.heard[-1]["ErrorCode"] == "30005"
    assert (await stage.client.messages(sent.sid).fetch_async()).error_code == 30005
    assert stage.twilio.texts(PHONE) == []


async def test_a_read_may_fail_too(stage: Stage) -> None:
    stage.twilio.faults.next_read(status=503)
    with pytest.raises(TwilioException):
        await stage.client.messages.list_async()
    assert await stage.client.messages.list_async() == []


# --- status callbacks


@pytest.mark.parametrize(
    ("plan", "statuses"),
    [
        ("once", ["sent", "delivered"]),
        ("twice", ["sent", "sent", "delivered", "delivered"]),
        ("reversed", ["delivered", "sent"]),
        ("early", ["sent", "delivered"]),
        ("none", []),
    ],
)
async def test_callbacks_come_as_planned_and_are_signed(stage: Stage, plan: Any, statuses: list[str]) -> None:
    stage.twilio.faults.next_send(callbacks=plan)
    await stage.send(status_callback=stage.callback)
    await stage.twilio.settled()
    assert (stage.bot.statuses, stage.bot.forged) == (statuses, 0)


async def test_an_early_callback_comes_before_the_answer(stage: Stage) -> None:
    stage.twilio.faults.next_send(callbacks="early")
    sent = await stage.send(status_callback=stage.callback)
    assert [params["MessageSid"] for params in stage.bot.heard] == [sent.sid, sent.sid]


async def test_late_callbacks_wait_until_they_are_released(stage: Stage) -> None:
    stage.twilio.faults.next_send(callbacks="late")
    await stage.send(status_callback=stage.callback)
    await stage.twilio.settled()
    assert stage.bot.statuses == []
    stage.twilio.faults.release()
    await stage.twilio.settled()
    assert stage.bot.statuses == ["sent", "delivered"]


# --- a phone texts


async def test_a_text_comes_signed_with_all_that_twilio_tells(stage: Stage) -> None:
    sid = await stage.twilio.receive(PHONE, LINE, "Tip: trucks & +fuel=gone 🚚")
    [params] = stage.bot.heard
    assert stage.bot.forged == 0
    assert params["Body"] == "Tip: trucks & +fuel=gone 🚚"
    assert {params[name] for name in ("MessageSid", "SmsSid", "SmsMessageSid")} == {sid}
    assert (params["From"], params["To"], params["AccountSid"]) == (PHONE, LINE, ACCOUNT)
    assert (params["NumMedia"], params["NumSegments"], params["SmsStatus"]) == ("0", "1", "received")
    assert stage.twilio.message(sid).answers[0].status == 200


async def test_the_public_url_is_signed_although_the_way_to_it_is_another(stage: Stage) -> None:
    here, stage.bot.url = stage.bot.url, "https://line.example.org"
    stage.twilio.webhook = "https://line.example.org/twilio/messages"
    stage.twilio.reach = lambda url: url.replace("https://line.example.org", here)
    await stage.twilio.receive(PHONE, LINE, "hello")
    assert (len(stage.bot.heard), stage.bot.forged) == (1, 0)


async def test_a_text_sent_while_the_bot_is_down_is_found_in_the_list(stage: Stage) -> None:
    stage.twilio.webhook_down = True
    sid = await stage.twilio.receive(PHONE, LINE, "nobody hears this")
    assert stage.bot.heard == []
    found = await stage.client.messages.list_async(to=LINE)
    assert [(message.sid, message.direction, message.body) for message in found] == [
        (sid, "inbound", "nobody hears this")
    ]


async def test_a_failed_connection_is_tried_once_more(stage: Stage) -> None:
    stage.twilio.webhook = "http://127.0.0.1:9/twilio/messages"
    sid = await stage.twilio.receive(PHONE, LINE, "hello")
    assert [answer.error for answer in stage.twilio.message(sid).answers] == ["connection_failed"] * 2


@pytest.mark.parametrize("status", [403, 500])
async def test_an_answer_in_error_is_not_tried_again(stage: Stage, status: int) -> None:
    stage.bot.status = status
    sid = await stage.twilio.receive(PHONE, LINE, "hello")
    assert [answer.status for answer in stage.twilio.message(sid).answers] == [status]


async def test_an_answer_that_does_not_come_is_given_up(stage: Stage) -> None:
    stage.bot.stuck, stage.twilio.webhook_seconds = asyncio.Event(), 0.1
    sid = await stage.twilio.receive(PHONE, LINE, "hello")
    assert [answer.error for answer in stage.twilio.message(sid).answers] == ["timeout"]
    stage.bot.stuck.set()


async def test_texts_in_the_answer_reach_the_phone(stage: Stage) -> None:
    stage.bot.body = "<Response><Message>One &amp; two</Message><Message><Body>three</Body></Message></Response>"
    await stage.twilio.receive(PHONE, LINE, "hello")
    await stage.twilio.settled()
    assert [text.body for text in stage.twilio.texts(PHONE)] == ["hello", "One & two", "three"]


async def test_a_plain_text_answer_is_sent_to_the_phone_as_it_stands(stage: Stage) -> None:
    stage.bot.body, stage.bot.content_type = "OK", "text/plain"
    await stage.twilio.receive(PHONE, LINE, "hello")
    await stage.twilio.settled()
    assert stage.twilio.texts(PHONE)[-1].body == "OK"


# --- opt-out


@pytest.mark.parametrize("word", ["STOP", "stopall", " Unsubscribe ", "cancel", "END", "quit", "revoke", "OptOut"])
async def test_an_opt_out_word_silences_this_line_only(stage: Stage, word: str) -> None:
    await stage.twilio.receive(PHONE, LINE, word)
    await stage.twilio.settled()
    assert (await stage.refused()).code == 21610
    await stage.send(from_=OTHER_LINE)
    reply = stage.twilio.texts(PHONE, LINE)[-1]
    assert (reply.direction, "unsubscribed" in reply.body) == ("outbound-reply", True)
    assert stage.bot.heard[0]["Body"] == word


@pytest.mark.parametrize("text", ["please stop", "STOP!", "the end", "Yes", "start"])
async def test_other_texts_leave_the_carrier_alone(stage: Stage, text: str) -> None:
    await stage.twilio.receive(PHONE, LINE, text)
    await stage.send()
    await stage.twilio.settled()
    assert [message.direction for message in stage.twilio.messages] == ["inbound", "outbound-api"]


@pytest.mark.parametrize("word", ["START", "yes", "Unstop"])
async def test_an_opt_in_word_lets_texts_through_again(stage: Stage, word: str) -> None:
    await stage.twilio.receive(PHONE, LINE, "STOP")
    await stage.twilio.receive(PHONE, LINE, word)
    await stage.twilio.settled()
    assert "re-subscribed" in stage.twilio.texts(PHONE)[-1].body
    await stage.send()
    assert len(stage.bot.heard) == 2


async def test_help_is_answered_by_the_carrier_and_told_to_the_bot(stage: Stage) -> None:
    await stage.twilio.receive(PHONE, LINE, "help")
    await stage.twilio.settled()
    assert "Reply STOP" in stage.twilio.texts(PHONE)[-1].body
    assert "OptOutType" not in stage.bot.heard[0]


async def test_advanced_opt_out_names_the_kind(stage: Stage) -> None:
    stage.twilio.advanced_opt_out = True
    await stage.twilio.receive(PHONE, LINE, "QUIT")
    assert (stage.bot.heard[0]["OptOutType"], stage.bot.forged) == ("STOP", 0)


# --- lists, deletion, media


async def test_a_list_goes_through_all_pages_newest_first(stage: Stage) -> None:
    sids = [await stage.twilio.receive(PHONE, LINE, str(number)) for number in range(7)]
    found = await stage.client.messages.list_async(to=LINE, page_size=3)
    assert [message.sid for message in found] == sids[::-1]


async def test_pages_hold_while_messages_come_and_go(stage: Stage) -> None:
    sids = [await stage.twilio.receive(PHONE, LINE, str(number)) for number in range(4)]
    first = await stage.client.messages.page_async(page_size=2)
    await stage.twilio.receive(PHONE, LINE, "new")
    for message in first:
        await stage.client.messages(message.sid).delete_async()
    second = await first.next_page_async()
    assert second is not None
    assert [message.sid for message in second] == sids[1::-1]


async def test_a_list_is_filtered_by_number_and_day(stage: Stage) -> None:
    old = await stage.twilio.receive(PHONE, LINE, "old")
    stage.clock.now += timedelta(days=2)
    new = await stage.twilio.receive(PHONE, LINE, "new")
    await stage.twilio.receive(PHONE, OTHER_LINE, "elsewhere")

    async def sids(**filters: Any) -> list[str]:
        return [message.sid for message in await stage.client.messages.list_async(to=LINE, **filters)]

    day = stage.clock.now.date()
    assert await sids() == [new, old]
    assert await sids(date_sent=day) == [new]
    assert await sids(date_sent_after=day) == [new]
    assert await sids(date_sent_before=day - timedelta(days=1)) == [old]
    assert await sids(date_sent_after=stage.clock.now - timedelta(seconds=1)) == [new]
    assert await sids(from_="+18165550177") == []


async def test_a_message_can_be_blanked_when_it_is_finished_and_only_with_an_empty_body(stage: Stage) -> None:
    stage.twilio.faults.next_send(final_status="sent")
    message = await stage.send("secret")
    await stage.twilio.settled()
    with pytest.raises(TwilioRestException) as waits:
        await stage.client.messages(message.sid).update_async(body="")
    assert (waits.value.status, waits.value.code) == (409, 20009)
    stage.clock.now += timedelta(hours=1)
    for wrong in ({"body": "other words"}, {"body": "", "status": "canceled"}):
        with pytest.raises(TwilioRestException) as refused:
            await stage.client.messages(message.sid).update_async(**wrong)
        assert (refused.value.status, refused.value.code) == (400, 30400)
    for _ in range(2):
        assert (await stage.client.messages(message.sid).update_async(body="")).body == ""
    (listed,) = await stage.client.messages.list_async()
    assert (listed.sid, listed.body, listed.status) == (message.sid, "", "sent")
    assert stage.twilio.message(message.sid).body == "secret"


async def test_a_deleted_message_is_gone_at_twilio_but_not_from_the_record(stage: Stage) -> None:
    sid = await stage.twilio.receive(PHONE, LINE, "secret")
    assert await stage.client.messages(sid).delete_async()
    assert await stage.client.messages.list_async() == []
    assert (stage.twilio.message(sid).body, stage.twilio.message(sid).deleted) == ("secret", True)


async def test_media_need_the_password_and_the_download_must_not_get_it(stage: Stage) -> None:
    sid = await stage.twilio.receive(PHONE, LINE, "", [("image/png", b"\x89PNG")])
    url, auth = stage.bot.heard[0]["MediaUrl0"], aiohttp.encode_basic_auth(ACCOUNT, TOKEN)
    async with aiohttp.ClientSession() as session:
        async with session.get(url, allow_redirects=False) as refused:
            assert refused.status == 401
        async with session.get(url, headers={"Authorization": auth}, allow_redirects=False) as answer:
            assert answer.status == 307
        async with session.get(answer.headers["Location"]) as content:
            assert (await content.read(), content.content_type) == (b"\x89PNG", "image/png")
        assert stage.twilio.leaks == []
        async with session.get(answer.headers["Location"], headers={"Authorization": auth}):
            assert stage.twilio.leaks == [auth]
    [media] = await stage.client.messages(sid).media.list_async()
    assert await stage.client.messages(sid).media(media.sid).delete_async()
    assert await stage.client.messages(sid).media.list_async() == []


async def test_all_of_it_may_be_mounted_under_a_prefix(stage: Stage) -> None:
    app = Starlette(routes=[Mount("/sandbox/twilio", stage.twilio.app)])
    async with serve(app) as base:
        stage.twilio.base_url = f"{base}/sandbox/twilio"
        async with connected(stage.twilio) as client:
            for _ in range(3):
                sid = await stage.twilio.receive(PHONE, LINE, "", [("image/png", b"png")])
            assert len(await client.messages.list_async(page_size=2)) == 3
        [media] = stage.twilio.message(sid).media
        auth = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT, TOKEN)}
        path = f"{stage.twilio.base_url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/{media.sid}"
        async with aiohttp.ClientSession() as session:
            async with session.get(path, headers=auth, allow_redirects=False) as answer:
                location = answer.headers["Location"]
            async with session.get(location) as content:
                assert await content.read() == b"png"


async def test_the_page_hears_of_every_change(stage: Stage) -> None:
    seen: list[int] = []
    stage.twilio.changed = lambda: seen.append(len(stage.twilio.messages))
    await stage.send()
    await stage.twilio.settled()
    assert seen == [1, 1, 1]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("é" * 160, 1),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("á" * 134, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("á" * 66 + "😀" + "á" * 66, 3),
    ],
)
def test_segments_are_counted_as_carriers_bill_them(text: str, count: int) -> None:
    assert segments(text) == count
