"""The texting channel against a stand-in that speaks Twilio's protocol, through Twilio's own client."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from yarl import URL

from bot.channels import Unknown
from bot.channels.twilio_client import may_text
from bot.channels.twilio_sms import LARGEST_BODY, TwilioSms
from bot.sandbox.twilio import Twilio
from bot.sandbox.wire import serve
from handlers.cards import Card
from handlers.messages import Inbound, Media, Outbound, Receipt, SendFailed
from storage.database import Busy
from tests.channels.stage import CODE, LINE, OTHER_LINE, PHONE, SECONDARY, TEXT, TOKEN, Desk, Front, Time, listening

ACCOUNT = "AC" + "5" * 32
SID = "SM" + "a" * 32
FORM = {
    "AccountSid": ACCOUNT,
    "MessageSid": SID,
    "From": PHONE,
    "To": LINE,
    "Body": TEXT,
    "NumMedia": "0",
    "FromCity": "",
    "ApiVersion": "2010-04-01",
}


@dataclass
class Town:
    """The channel at work, and everything around it."""

    sms: TwilioSms
    twilio: Twilio
    desk: Desk
    time: Time
    public: str
    api: str

    async def post(self, form: dict[str, str], path: str = "/twilio/messages", token: str = TOKEN) -> int:
        given = RequestValidator(token).compute_signature(f"{self.public}{path}", form)
        return await self.raw(urlencode(form).encode(), {"X-Twilio-Signature": given}, path)

    async def raw(self, body: bytes, headers: dict[str, str], path: str = "/twilio/messages") -> int:
        usual = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        target = URL(f"{self.public}{path}", encoded=True)
        async with aiohttp.ClientSession() as session, session.post(target, data=body, headers=usual | headers) as got:
            return got.status


@pytest.fixture
async def town(front: tuple[Front, str], desk: Desk, time: Time) -> AsyncIterator[Town]:
    app, public = front
    twilio = Twilio(ACCOUNT, TOKEN, [LINE, OTHER_LINE], f"{public}/twilio/messages", time)
    async with serve(twilio.app) as api:
        sms = TwilioSms(ACCOUNT, [TOKEN, SECONDARY], api, public, {LINE, OTHER_LINE}, desk.take_turn, desk.settle, time)
        async with listening(app, sms):
            yield Town(sms, twilio, desk, time, public, api)
            twilio.faults.release()
            await twilio.settled()


def outbound(text: str = TEXT, attempt: str = "attempt_1", to: str = PHONE, time: Time | None = None) -> Outbound:
    return Outbound(attempt, "twilio_sms", LINE, to, "text", (time or Time())(), text)


@contextmanager
def refused(retry: str, code: str) -> Iterator[pytest.ExceptionInfo[SendFailed]]:
    with pytest.raises(SendFailed) as failed:
        yield failed
    assert (failed.value.retry, failed.value.code) == (retry, code)


async def test_text_becomes_one_inbound_and_is_answered_with_empty_twiml(town: Town) -> None:
    sid = await town.twilio.receive(PHONE, LINE, TEXT)
    assert town.desk.came == [Inbound("twilio_sms", LINE, PHONE, sid, town.time(), text=TEXT)]
    answer = town.twilio.message(sid).answers[0]
    assert (answer.status, answer.content_type) == (200, "text/xml")
    assert answer.body.endswith("<Response/>")


async def test_picture_message_names_its_media(town: Town) -> None:
    sid = await town.twilio.receive(PHONE, LINE, "", [("image/jpeg", b"jpeg"), ("image/png", b"png")])
    said = town.desk.came[0]
    assert [media.content_type for media in said.media] == ["image/jpeg", "image/png"]
    assert all(f"/Messages/{sid}/Media/ME" in media.url for media in said.media)


async def test_secondary_token_is_accepted_while_tokens_rotate(town: Town) -> None:
    assert await town.post(FORM, token=SECONDARY) == 200
    assert await town.post(FORM, token="a third token") == 403
    assert len(town.desk.came) == 1


async def test_signature_covers_the_raw_path_and_query(town: Town) -> None:
    assert await town.post(FORM, path="/twilio/messages?city=Blue%20Springs&x=%2f") == 200
    assert await town.post(FORM, path="/twilio/%6Dessages") == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-Twilio-Signature": ""}, 403),
        ({"X-Twilio-Signature": "wrong"}, 403),
        ({"X-Twilio-Signature": "ü" * 28}, 403),
        ({"X-Twilio-Signature": "x", "Content-Type": "application/json"}, 415),
        ({"X-Twilio-Signature": "x", "Content-Type": "application/x-www-form-urlencoded; charset=latin-1"}, 415),
    ],
)
async def test_unsigned_or_foreign_request_is_refused(town: Town, headers: dict[str, str], status: int) -> None:
    assert await town.raw(urlencode(FORM).encode(), headers) == status
    assert town.desk.came == []


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe", b"a", b"Body=%ED%A0%80", b"Body=%FF", b"&&&==", b"a=b&" * 300, b"Body=\xed\xa0\x80", b"\x00"],
)
async def test_junk_is_refused_and_nothing_stored(town: Town, body: bytes) -> None:
    assert await town.raw(body, {"X-Twilio-Signature": "x" * 28}) in (400, 403)
    assert town.desk.came == []


async def test_body_over_the_limit_is_refused_with_and_without_its_length(town: Town) -> None:
    body = b"Body=" + b"x" * LARGEST_BODY
    assert await town.raw(body, {"X-Twilio-Signature": "x"}) == 413
    assert await _chunked(town, body) == 413
    assert town.desk.came == []


async def _chunked(town: Town, body: bytes) -> int:
    async def parts() -> AsyncIterator[bytes]:
        yield body[:1000]
        yield body[1000:]

    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "x"}
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{town.public}/twilio/messages", data=parts(), headers=headers) as got:
            return got.status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"AccountSid": "AC" + "6" * 32}, 403),
        ({"MessageSid": "SM123"}, 400),
        ({"MessageSid": "XX" + "a" * 32}, 400),
        ({"To": "+18165550999"}, 404),
        ({"From": "+"}, 400),
        ({"From": ""}, 400),
        ({"NumMedia": "x"}, 400),
        ({"NumMedia": "²"}, 400),
        ({"NumMedia": "11"}, 400),
        ({"NumMedia": "2", "MediaUrl0": "https://api.twilio.com/x", "MediaContentType0": "image/png"}, 400),
    ],
)
async def test_signed_form_of_another_shape_is_refused(town: Town, changes: dict[str, str], status: int) -> None:
    assert await town.post(FORM | changes) == status
    assert town.desk.came == []


async def test_no_altered_form_is_answered_5xx(town: Town) -> None:
    chance = random.Random(7)  # noqa: S311
    junk = ["", "x", "\x00", "+", "é" * 40, "😀", "-1", "9" * 400, "SM" + "a" * 32, "\u202e", LINE]
    for _ in range(300):
        form = {name: value for name, value in FORM.items() if chance.random() > 0.1}
        form |= {name: chance.choice(junk) for name in [*form, "MediaUrl0", "\n"] if chance.random() < 0.2}
        assert await town.post(form) < 500


async def test_fields_shifted_within_one_signature_are_refused(town: Town) -> None:
    signed = {**FORM, "Body": "hi"}
    given = RequestValidator(TOKEN).compute_signature(f"{town.public}/twilio/messages", signed)
    shifted = {**signed, "Body": f"hiFrom{PHONE}FromCity"}
    del shifted["From"], shifted["FromCity"]
    assert RequestValidator(TOKEN).validate(f"{town.public}/twilio/messages", shifted, given)
    assert await town.raw(urlencode(shifted).encode(), {"X-Twilio-Signature": given}) == 400
    assert town.desk.came == []


async def test_repeated_field_is_refused_although_it_is_signed(town: Town) -> None:
    pairs = [*FORM.items(), ("Body", "another")]
    given = RequestValidator(TOKEN).compute_signature(f"{town.public}/twilio/messages", _Many(pairs))
    assert await town.raw(urlencode(pairs).encode(), {"X-Twilio-Signature": given}) == 400


class _Many(dict[str, str]):
    """A form with repeated names, as the validator reads one."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def getlist(self, name: str) -> list[str]:
        return [value for known, value in self.pairs if known == name]


@pytest.mark.parametrize("sender", ["72345", "MYBANK", "T-Mobile", LINE, OTHER_LINE])
async def test_machine_or_own_number_is_taken_and_ignored(town: Town, sender: str) -> None:
    assert await town.post(FORM | {"From": sender}) == 200
    assert town.desk.came == []


@pytest.mark.parametrize("fault", [Busy(), RuntimeError(TEXT), OSError(PHONE), TimeoutError()])
async def test_turn_that_is_not_stored_is_answered_503(town: Town, fault: Exception) -> None:
    town.desk.fault = fault
    sid = await town.twilio.receive(PHONE, LINE, TEXT)
    answer = town.twilio.message(sid).answers[0]
    assert answer.status == 503
    assert int({name.lower(): value for name, value in answer.headers.items()}["retry-after"]) > 0


async def test_message_for_nobody_is_answered_404(town: Town) -> None:
    town.desk.fault = Unknown()
    assert await town.post(FORM) == 404


@pytest.mark.parametrize(
    ("status", "receipt"),
    [
        ("queued", Receipt("accepted", SID)),
        ("sending", Receipt("accepted", SID)),
        ("accepted", Receipt("accepted", SID)),
        ("sent", Receipt("sent", SID)),
        ("delivered", Receipt("delivered", SID)),
        ("read", Receipt("delivered", SID)),
        ("undelivered", Receipt("failed", SID, "30005")),
        ("failed", Receipt("failed", SID, "30005")),
        ("canceled", Receipt("failed", SID, "30005")),
    ],
)
async def test_status_callback_settles_its_attempt(town: Town, status: str, receipt: Receipt) -> None:
    form = {"AccountSid": ACCOUNT, "MessageSid": SID, "MessageStatus": status, "ErrorCode": "30005"}
    assert await town.post(form, path="/twilio/status/attempt-7") == 204
    assert town.desk.receipts == [("attempt-7", receipt)]


async def test_unknown_or_foreign_status_settles_nothing(town: Town) -> None:
    form = {"AccountSid": ACCOUNT, "MessageSid": SID, "MessageStatus": "receiving"}
    assert await town.post(form, path="/twilio/status/attempt-7") == 204
    assert await town.post(form, path="/twilio/status/" + "a" * 65) == 404
    assert await town.post(form, path="/twilio/status/attempt-7", token="wrong") == 403
    town.desk.fault = Busy()
    assert await town.post(form | {"MessageStatus": "sent"}, path="/twilio/status/attempt-7") == 503
    assert town.desk.receipts == []


async def test_sent_text_is_accepted_then_reported_as_delivered(town: Town) -> None:
    receipt = await town.sms.send(outbound())
    await town.twilio.settled()
    assert receipt.state == "accepted"
    assert [message.body for message in town.twilio.texts(PHONE)] == [TEXT]
    assert [(attempt, said.state) for attempt, said in town.desk.receipts] == [
        ("attempt_1", "sent"),
        ("attempt_1", "delivered"),
    ]


async def test_card_goes_to_a_phone_as_its_summary(town: Town) -> None:
    card = Card("Urgent case", summary="Urgent case MAPLE-7: open Slack.")
    paged = Outbound("attempt_2", "twilio_sms", LINE, PHONE, "card", town.time(), card=card)
    await town.sms.send(paged)
    await town.twilio.settled()
    assert town.twilio.texts(PHONE)[0].body == "Urgent case MAPLE-7: open Slack."
    away = Outbound("attempt_3", "twilio_sms", LINE, PHONE, "withdraw", town.time(), reference="SM1")
    assert await town.sms.send(away) == Receipt("delivered", "SM1")
    assert len(town.twilio.posts) == 1


async def test_person_who_opted_out_is_never_tried_again(town: Town) -> None:
    await town.twilio.receive(PHONE, LINE, "STOP")
    with refused("never", "21610"):
        await town.sms.send(outbound())


async def test_wait_that_twilio_asks_for_is_passed_on(town: Town) -> None:
    town.twilio.faults.next_send(status=429, retry_after=17)
    with refused("later", "20429") as failed:
        await town.sms.send(outbound())
    assert failed.value.after == 17


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 503}, {"accept_then_500": True}])
async def test_server_error_is_unknown_and_sent_only_once(town: Town, fault: dict[str, int]) -> None:
    town.twilio.faults.next_send(**fault)  # type: ignore[arg-type]
    with pytest.raises(SendFailed) as failed:
        await town.sms.send(outbound())
    assert failed.value.retry == "unknown"
    assert len(town.twilio.posts) == 1


async def test_send_that_hangs_is_unknown(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.twilio_client.TIMEOUT", aiohttp.ClientTimeout(total=1))
    town.twilio.faults.next_send(hang=True)
    with refused("unknown", "connection"):
        await town.sms.send(outbound())
    town.twilio.faults.release()
    await town.twilio.settled()
    assert await town.sms.find(outbound()) is not None


async def test_refused_connection_is_tried_later(town: Town) -> None:
    away = TwilioSms(ACCOUNT, [TOKEN], "http://127.0.0.1:1", town.public, set(), _nothing, town.desk.settle, town.time)
    await away.start()
    with refused("later", "connection"):
        await away.send(outbound())
    with pytest.raises(ConnectionError, match="cannot be reached"):
        await away.check()
    await away.close()


async def _nothing(inbound: Inbound) -> None:
    """A turn that does nothing."""


async def test_wrong_token_waits_for_a_person_and_check_names_the_setting(town: Town) -> None:
    town.twilio.auth_token = "rotated"
    with refused("later", "20003"):
        await town.sms.send(outbound())
    with pytest.raises(ConnectionError, match="TWILIO_AUTH_TOKEN"):
        await town.sms.check()


async def test_check_says_that_the_credentials_work(town: Town) -> None:
    assert "accepts" in await town.sms.check()


@pytest.mark.parametrize("to", ["+447700900123", "+18765551234", "+19005551234", "+18169765555", "+1816", "911", ""])
async def test_number_abroad_premium_or_impossible_is_never_sent_to(town: Town, to: str) -> None:
    with refused("never", "region"):
        await town.sms.send(outbound(to=to))
    assert town.twilio.posts == []


def test_numbers_of_both_countries_and_new_area_codes_may_be_texted() -> None:
    assert all(may_text(number, {"US", "CA"}) for number in ("+18165550199", "+14165550100", "+15551230001"))
    assert not may_text("+14165550100", {"US"})


async def test_lost_attempt_is_found_by_its_words(town: Town) -> None:
    await town.sms.send(outbound("another text", attempt="attempt_0"))
    town.twilio.faults.next_send(accept_then_500=True)
    with pytest.raises(SendFailed):
        await town.sms.send(outbound())
    await town.twilio.settled()
    found = await town.sms.find(outbound())
    assert found is not None
    assert found.reference == town.twilio.texts(PHONE)[1].sid


async def test_attempt_that_twilio_never_had_is_not_found(town: Town) -> None:
    assert await town.sms.find(outbound()) is None


async def test_same_words_of_another_attempt_are_not_taken_for_this_one(town: Town) -> None:
    await town.sms.send(outbound(attempt="attempt_0"))
    assert await town.sms.find(outbound(attempt="attempt_1")) is None
    town.time.go_on(minutes=10)
    late = outbound(attempt="attempt_2", time=town.time)
    town.twilio.faults.next_send(accept_then_500=True)
    with pytest.raises(SendFailed):
        await town.sms.send(late)
    found = await town.sms.find(late)
    assert found is not None
    assert found.reference == town.twilio.messages[-1].sid


async def test_text_before_the_attempt_is_not_taken_for_it(town: Town) -> None:
    town.twilio.faults.next_send(accept_then_500=True)
    with pytest.raises(SendFailed):
        await town.sms.send(outbound())
    town.time.go_on(hours=1)
    assert await town.sms.find(outbound(attempt="attempt_9", time=town.time)) is None


async def test_missed_texts_come_oldest_first_with_the_same_ids_and_media(town: Town) -> None:
    town.twilio.webhook_down = True
    sids = []
    for number in range(5):
        sids.append(await town.twilio.receive(PHONE, LINE, f"{TEXT} {number}", [("image/png", b"png")]))
        town.time.go_on(seconds=2)
    await town.twilio.receive(PHONE, OTHER_LINE, "for another line")
    came = [inbound async for inbound in town.sms.missed(LINE, town.time() - timedelta(hours=1))]
    assert [inbound.delivery for inbound in came] == sids
    assert [inbound.text for inbound in came] == [f"{TEXT} {number}" for number in range(5)]
    assert [inbound.received_at for inbound in came] == sorted(inbound.received_at for inbound in came)
    town.twilio.webhook_down = False
    await town.twilio.receive(PHONE, LINE, "", [("image/png", b"png")])
    assert _form(town.desk.came[0].media[0]) == _form(came[0].media[0])
    await town.twilio.settled()


def _form(media: Media) -> list[str]:
    return [part[:2] for part in media.url.split("/")]


async def test_text_older_than_asked_is_not_missed(town: Town) -> None:
    await town.twilio.receive(PHONE, LINE, TEXT)
    town.time.go_on(hours=2)
    assert [inbound async for inbound in town.sms.missed(LINE, town.time() - timedelta(hours=1))] == []


async def test_more_missed_texts_than_a_page_holds_all_come(town: Town) -> None:
    town.twilio.webhook_down = True
    sids = [await town.twilio.receive(PHONE, LINE, str(number)) for number in range(450)]
    came = [inbound.delivery async for inbound in town.sms.missed(LINE, town.time() - timedelta(hours=1))]
    assert came == sids


async def test_failing_list_is_not_taken_for_an_empty_one(town: Town) -> None:
    town.twilio.faults.next_read(status=500)
    with pytest.raises(SendFailed):
        await town.sms.find(outbound())
    town.twilio.faults.next_read(status=429, retry_after=5)
    with refused("later", "20429"):
        _ = [inbound async for inbound in town.sms.missed(LINE, town.time())]


async def test_what_remains_is_what_our_lines_sent_and_took_in_that_time(town: Town) -> None:
    sid = await town.twilio.receive(PHONE, LINE, TEXT, [("image/png", b"png")])
    await town.twilio.receive("24273", LINE, "from a machine")
    await town.twilio.receive(OTHER_LINE, LINE, "from ourselves")
    town.twilio.faults.next_send(final_status="failed", error_code=30005)
    failed = await town.sms.send(outbound())
    await town.twilio.settled()
    begun = town.time()
    town.time.go_on(hours=1)
    await town.twilio.receive(PHONE, LINE, "later")
    remains = await town.sms.remains(begun, town.time())
    assert {(one.reference, one.inbound, one.final, one.pictures) for one in remains if one.inbound} == {
        (sid, True, True, True)
    }
    assert failed.reference in {one.reference for one in remains}
    assert await town.sms.remains(town.time() + timedelta(hours=1), town.time() + timedelta(hours=2)) == []


async def test_what_is_redacted_is_blank_at_twilio_keeps_its_record_and_is_not_missed(town: Town) -> None:
    sid = await town.twilio.receive(PHONE, LINE, TEXT, [("image/png", b"png"), ("image/png", b"png")])
    since, before = town.time() - timedelta(hours=1), town.time() + timedelta(hours=1)
    await town.sms.redact(sid, pictures=False)
    (left,) = await town.sms.remains(since, before)
    assert (left.reference, left.pictures) == (sid, True)
    assert len([inbound async for inbound in town.sms.missed(LINE, since)]) == 1
    for _ in range(2):
        await town.sms.redact(sid, pictures=True)
    assert await town.sms.remains(since, before) == []
    assert [inbound async for inbound in town.sms.missed(LINE, since)] == []
    message = town.twilio.message(sid)
    assert (message.redacted, message.deleted, [media.deleted for media in message.media]) == (True, False, [True] * 2)


async def test_a_record_that_is_gone_is_as_good_as_blank(town: Town) -> None:
    for pictures in (False, True):
        await town.sms.redact("SM" + "0" * 32, pictures)


async def test_a_text_that_is_under_way_is_not_redacted_yet(town: Town) -> None:
    town.twilio.faults.next_send(final_status="sent")
    sent = await town.sms.send(outbound())
    await town.twilio.settled()
    with refused("never", "20009"):
        await town.sms.redact(sent.reference, pictures=False)
    town.time.go_on(hours=1)
    await town.sms.redact(sent.reference, pictures=False)
    assert town.twilio.message(sent.reference).redacted


@pytest.mark.parametrize(
    ("fault", "retry", "code"),
    [
        ({"status": 429, "retry_after": 5}, "later", "20429"),
        ({"status": 503}, "unknown", "20503"),
        ({"status": 401}, "later", "20003"),
        ({"hang": True}, "unknown", "connection"),
    ],
)
async def test_a_redaction_that_is_not_answered_says_whether_to_try_again(
    town: Town, monkeypatch: pytest.MonkeyPatch, fault: dict[str, Any], retry: str, code: str
) -> None:
    sid = await town.twilio.receive(PHONE, LINE, TEXT)
    monkeypatch.setattr("bot.channels.twilio_client.TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    town.twilio.faults.next_read(**fault)
    with refused(retry, code):
        await town.sms.redact(sid, pictures=False)
    await town.sms.redact(sid, pictures=False)
    assert town.twilio.message(sid).redacted


async def test_picture_is_fetched_and_the_redirect_sees_no_credentials(town: Town) -> None:
    await town.twilio.receive(PHONE, LINE, "", [("image/png", b"picture")])
    assert await town.sms.fetch(town.desk.came[0].media[0].url) == ("image/png", b"picture")
    assert town.twilio.leaks == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/2010-04-01/Accounts/{account}/Messages/SM1/Media/ME1",
        "https://api.twilio.com.evil.example/2010-04-01/Accounts/{account}/x",
        "https://api.twilio.com@evil.example/2010-04-01/Accounts/{account}/x",
        "https://api.twilio.com/2010-04-01/Accounts/AC66666666666666666666666666666666/x",
        "https://api.twilio.com/2010-04-01/Accounts/{account}/../../../x",
        "https://api.twilio.com/2010-04-01/Accounts/{account}/%2e%2e/%2e%2e/x",
        "file:///etc/passwd",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "",
    ],
)
async def test_address_outside_our_account_is_not_fetched(town: Town, url: str) -> None:
    with refused("never", "media"):
        await town.sms.fetch(url.format(account=ACCOUNT))


async def test_deleted_picture_is_never_there_again(town: Town) -> None:
    sid = await town.twilio.receive(PHONE, LINE, "", [("image/png", b"picture")])
    town.twilio.message(sid).media[0].deleted = True
    with refused("never", "404"):
        await town.sms.fetch(town.desk.came[0].media[0].url)


async def test_picture_over_the_limit_is_not_taken(town: Town) -> None:
    await town.twilio.receive(PHONE, LINE, "", [("image/png", b"x" * (6 * 1024 * 1024 + 1))])
    with refused("never", "size"):
        await town.sms.fetch(town.desk.came[0].media[0].url)


async def test_thousand_senders_are_all_taken(town: Town) -> None:
    numbers = [f"+1816555{number:04d}" for number in range(1000, 1064)]
    await asyncio.gather(*(town.twilio.receive(number, LINE, TEXT) for number in numbers))
    assert sorted(inbound.sender for inbound in town.desk.came) == numbers


async def test_return_code_in_a_text_reaches_the_turn_only(town: Town) -> None:
    await town.twilio.receive(PHONE, LINE, CODE)
    assert town.desk.came[0].text == CODE
