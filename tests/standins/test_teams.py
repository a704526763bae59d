"""The Teams stand-in, driven by Microsoft's own library, and a bot that answers what it is told to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
from jwt import PyJWKClient, PyJWTError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.channels.teams_library import (
    PUBLIC,
    Client,
    ClientOptions,
    ConversationClient,
    CreateConversationParams,
    MessageActivityInput,
    TokenValidator,
    with_overrides,
)
from bot.sandbox.teams import Teams
from bot.sandbox.teams_kit import CARD, Cards, Incomplete, words
from bot.sandbox.wire import serve

pytestmark = pytest.mark.filterwarnings("ignore:.* in preview and may ")

SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "schemas"
with_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="../shared/schemas is absent: shapes go unchecked")
CLIENT, SECRET, TENANT = "11111111-2222-3333-4444-555555555555", "secret", "aaaaaaaa-0000-0000-0000-000000000001"
DANA, GUEST, AWAY = "d-1", "d-2", "d-3"
DESK = "19:desk@thread.tacv2"


def now() -> datetime:
    return datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def card(*actions: dict[str, Any], body: list[Any] | None = None) -> dict[str, Any]:
    return {"type": "AdaptiveCard", "version": "1.5", "body": body or [], "actions": list(actions)}


def button(title: str, data: dict[str, Any], kind: str = "Action.Submit") -> dict[str, Any]:
    return {"type": kind, "title": title, "data": data}


@dataclass
class Bot:
    """Keeps what it heard, and answers what it was told to."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    authorization: list[str] = field(default_factory=list)
    body: Any = None
    status: int = 200

    async def hear(self, request: Request) -> Response:
        self.heard.append(json.loads(await request.body()))
        self.authorization.append(request.headers.get("authorization", ""))
        return Response(status_code=self.status) if self.body is None else JSONResponse(self.body, self.status)


@dataclass
class Stage:
    """The stand-in, a bot, and Microsoft's client for the connector."""

    teams: Teams
    bot: Bot
    client: ConversationClient

    async def post(self, content: dict[str, Any], place: str = DESK) -> str:
        return (await self.client.create_activity(place, message(content))).id


def message(content: dict[str, Any] | None, **more: Any) -> MessageActivityInput:
    held = [{"contentType": CARD, "content": content}] if content is not None else []
    return MessageActivityInput.model_validate({"attachments": held, **more})


async def granted(teams: Teams, **changed: str) -> tuple[int, dict[str, Any]]:
    right = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
    form = {**right, "scope": "https://api.botframework.com/.default", **changed}
    tenant = form.pop("tenant", TENANT)
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{teams.address}/{tenant}/oauth2/v2.0/token", data=form) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    bot = Bot()
    async with serve(Starlette(routes=[Route("/api/messages", bot.hear, methods=["POST"])])) as address:
        teams = Teams(CLIENT, SECRET, TENANT, f"{address}/api/messages", now, SCHEMAS)
        async with serve(teams.app) as url:
            teams.address = url
            teams.add_user(DANA, "Dana")
            teams.add_user(GUEST, "Gus", guest=True)
            teams.add_user(AWAY, "Ann", installed=False)
            teams.add_channel(DESK, "Desk", [DANA, GUEST])
            teams.add_channel("19:other@thread.tacv2", "Other", [DANA], installed=False)
            async with connected(teams) as client:
                yield Stage(teams, bot, client)


@asynccontextmanager
async def connected(teams: Teams) -> AsyncIterator[ConversationClient]:
    _, grant = await granted(teams)
    http = Client(ClientOptions(timeout=5, token=grant["access_token"]))
    yield ConversationClient(teams.service_url, http)
    await http.http.aclose()


# --- tokens


async def test_microsofts_validator_takes_its_tokens_and_no_others(stage: Stage) -> None:
    await stage.teams.say(DANA, "personal", "hello")
    token = stage.bot.authorization[0].removeprefix("Bearer ")
    validator = TokenValidator.for_service(CLIENT, cloud=with_overrides(PUBLIC, **stage.teams.cloud))
    keys: PyJWKClient = validator._jwks_client
    await asyncio.to_thread(keys.get_jwk_set)
    service_url = stage.bot.heard[0]["serviceUrl"]
    claims = await validator.validate_token(token, service_url)
    assert claims["aud"] == CLIENT
    stage.teams.add_key("stranger", published=False)
    for wrong in (stage.teams.token("stranger"), stage.teams.token(aud="other"), stage.teams.token(algorithm="none")):
        with pytest.raises(PyJWTError):
            await asyncio.to_thread(asyncio.run, validator.validate_token(wrong, service_url))


async def test_metadata_names_the_keys(stage: Stage) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(stage.teams.cloud["openid_metadata_url"]) as answer:
            metadata = await answer.json()
        async with session.get(metadata["jwks_uri"]) as answer:
            keys = (await answer.json())["keys"]
    assert metadata["issuer"] == PUBLIC.token_issuer
    assert keys[0]["endorsements"] == ["msteams"]


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 400, "unauthorized_client"),
        ({"tenant": "wrong"}, 400, "unauthorized_client"),
        ({"scope": "https://graph.microsoft.com/.default"}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "invalid_request"),
    ],
)
async def test_login_refuses_all_but_the_right_secret(
    stage: Stage, changed: dict[str, str], status: int, error: str
) -> None:
    answered, body = await granted(stage.teams, **changed)
    assert (answered, body["error"]) == (status, error)
    assert SECRET not in str([call.body for call in stage.teams.requests])


# --- the connector


async def test_card_is_posted_changed_and_deleted(stage: Stage) -> None:
    id = await stage.post(card(button("Open", {})))
    await stage.client.update_activity(DESK, id, message(card(button("Close", {}))))
    shown = stage.teams.shown(DANA, DESK)
    assert [(each.id, words(each.card), each.edited) for each in shown] == [(id, "Close", 1)]
    await stage.client.delete_activity(DESK, id)
    assert stage.teams.shown(DANA, DESK) == []


async def test_private_message_is_seen_by_one_person_and_changed_as_such(stage: Stage) -> None:
    said = message(card(), recipient={"id": stage.teams.users[DANA].account, "isTargeted": True})
    id = (await stage.client.create_targeted_activity(DESK, said)).id
    assert stage.teams.shown(GUEST, DESK) == []
    await stage.client.update_targeted_activity(DESK, id, message(card(button("New", {}))))
    assert words(stage.teams.shown(DANA, DESK)[0].card) == "New"
    with pytest.raises(httpx.HTTPStatusError):
        await stage.client.update_activity(DESK, id, message(card()))


@pytest.mark.parametrize(
    ("place", "content", "status", "code"),
    [
        ("19:nowhere@thread.tacv2", card(), 404, "ConversationNotFound"),
        ("19:other@thread.tacv2", card(), 403, "BotNotInConversationRoster"),
        (DESK, None, 400, "BadSyntax"),
        (DESK, {"type": "AdaptiveCard", "version": "9"}, 400, "BadSyntax"),
        pytest.param(DESK, card(body=[{"type": "TextBlok", "text": "x"}]), 400, "BadSyntax", marks=with_schemas),
        (DESK, card(body=[{"type": "Input.Text", "id": "a"}, {"type": "Input.Text", "id": "a"}]), 400, "BadSyntax"),
        (DESK, card(*[button(str(at), {}) for at in range(7)]), 400, "BadSyntax"),
        (DESK, card(body=[{"type": "TextBlock", "text": "x" * 30_000}]), 413, "MessageSizeTooBig"),
    ],
)
async def test_connector_refuses_as_the_real_one_does(
    stage: Stage, place: str, content: dict[str, Any] | None, status: int, code: str
) -> None:
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await stage.client.create_activity(place, message(content))
    response = refused.value.response
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert stage.teams.requests[-1].error == code


async def test_connector_wants_a_token_of_its_own(stage: Stage) -> None:
    for token in (None, "a.b.c", stage.teams.token()):
        http = Client(ClientOptions(timeout=5, token=token))
        with pytest.raises(httpx.HTTPStatusError) as refused:
            await ConversationClient(stage.teams.service_url, http).create_activity(DESK, message(card()))
        assert refused.value.response.status_code == 401
        await http.http.aclose()


async def test_roster_says_who_is_a_guest(stage: Stage) -> None:
    guest = await stage.client.get_member_by_id(DESK, stage.teams.users[GUEST].account)
    assert (guest.user_role, guest.aad_object_id, guest.tenant_id) == ("guest", GUEST, TENANT)
    with pytest.raises(httpx.HTTPStatusError):
        await stage.client.get_member_by_id(DESK, stage.teams.users[AWAY].account)


@pytest.mark.parametrize(("person", "status"), [(DANA, 0), (AWAY, 403), ("nobody", 400)])
async def test_chat_is_begun_only_with_who_has_the_app(stage: Stage, person: str, status: int) -> None:
    asked = {"bot": {"id": stage.teams.bot}, "isGroup": False, "members": [{"id": person}], "tenantId": TENANT}
    params = CreateConversationParams.model_validate({**asked, "channelData": {"tenant": {"id": TENANT}}})
    if not status:
        assert (await stage.client.create(params)).id == stage.teams.chat(person).id
        return
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await stage.client.create(params)
    assert refused.value.response.status_code == status


async def test_faults_come_once_and_in_order(stage: Stage) -> None:
    stage.teams.faults.next("post", status=429, code="Throttled", retry_after=3)
    stage.teams.faults.next("post", status=502, performed=True)
    for status in (429, 502):
        with pytest.raises(httpx.HTTPStatusError) as refused:
            await stage.post(card())
        assert refused.value.response.status_code == status
    await stage.post(card())
    assert len(stage.teams.shown(DANA, DESK)) == 2


async def test_hanging_call_takes_effect_and_is_let_go(stage: Stage) -> None:
    stage.teams.faults.next("post", hang=True)
    changed = asyncio.Event()
    stage.teams.changed = changed.set
    posting = asyncio.create_task(stage.post(card()))
    await changed.wait()
    assert not posting.done()
    stage.teams.faults.release()
    assert await posting == stage.teams.shown(DANA, DESK)[0].id


# --- what people do


async def test_mention_and_slash_command_arrive_as_teams_sends_them(stage: Stage) -> None:
    await stage.teams.say(DANA, DESK, "case list")
    await stage.teams.say(DANA, DESK, "/case list", slash=True)
    mention, slash = stage.bot.heard
    assert mention["text"] == "<at>Commonline</at> case list\n"
    assert mention["conversation"]["id"].startswith(f"{DESK};messageid=")
    assert mention["entities"][-1]["mentioned"]["id"] == stage.teams.bot
    assert slash["recipient"]["isTargeted"]
    assert [each.text for each in stage.teams.shown(GUEST, DESK)] == ["case list"]
    with pytest.raises(LookupError):
        await stage.teams.say(AWAY, DESK, "list")


async def test_button_sends_its_data_with_the_fields(stage: Stage) -> None:
    fields = [{"type": "Input.Text", "id": "text.note", "value": "draft", "isRequired": True, "maxLength": 10}]
    id = await stage.post(card(button("Save", {"a": 1}), body=fields))
    await stage.teams.press(DANA, id, "Save")
    heard = stage.bot.heard[-1]
    assert (heard["type"], heard["value"], heard["replyToId"]) == ("message", {"a": 1, "text.note": "draft"}, id)
    for wrong in ("", "much too long"):
        with pytest.raises(Incomplete):
            await stage.teams.press(DANA, id, {"a": 1}, {"note": wrong})
    with pytest.raises(LookupError):
        await stage.teams.press(DANA, id, "Another")


async def test_options_that_are_not_offered_cannot_be_chosen(stage: Stage) -> None:
    choices = [{"title": "A", "value": "a"}, {"title": "B", "value": "b"}]
    fields = [{"type": "Input.ChoiceSet", "id": "c", "choices": choices, "isMultiSelect": True}]
    id = await stage.post(card(button("Save", {}), body=fields))
    await stage.teams.submit(DANA, {"c": "a,b"}, id)
    with pytest.raises(LookupError):
        await stage.teams.submit(DANA, {"c": "a,z"}, id)


def dialog(content: dict[str, Any]) -> dict[str, Any]:
    shown = {"title": "T", "card": {"contentType": CARD, "content": content}}
    return {"task": {"type": "continue", "value": shown}}


async def test_dialog_opens_goes_on_and_closes(stage: Stage) -> None:
    id = await stage.post(card(button("Open", {"msteams": {"type": "task/fetch"}})))
    stage.bot.body = dialog(card(button("Next", {"n": 1})))
    assert (await stage.teams.press(DANA, id, "Open")).ok
    assert stage.bot.heard[-1]["name"] == "task/fetch"
    stage.bot.body = {"task": {"type": "message", "value": "Done."}}
    await stage.teams.press(DANA, "dialog", "Next")
    assert (stage.bot.heard[-1]["name"], stage.bot.heard[-1]["value"]["data"]) == ("task/submit", {"n": 1})
    assert (stage.teams.notes[DANA], stage.teams.dialogs) == (["Done."], {})


async def test_compose_command_stays_one_through_its_dialogs(stage: Stage) -> None:
    stage.bot.body = dialog(card(button("Next", {})))
    await stage.teams.compose(DANA, DESK, "case")
    stage.bot.body = None
    await stage.teams.press(DANA, "dialog", "Next")
    names = [heard["name"] for heard in stage.bot.heard]
    assert names == ["composeExtension/fetchTask", "composeExtension/submitAction"]


@pytest.mark.parametrize(
    "body",
    [
        {"task": {"type": "continue", "value": {"title": "T", "card": card()}}},
        {"task": {"type": "continue", "value": {"card": {"contentType": CARD, "content": card()}}}},
        {"task": {"type": "message", "value": ""}},
        {"task": {"type": "open"}},
        {"something": "else"},
    ],
)
async def test_answer_that_no_client_shows_is_a_fault(stage: Stage, body: Any) -> None:
    id = await stage.post(card(button("Open", {"msteams": {"type": "task/fetch"}})))
    stage.bot.body = body
    answer = await stage.teams.press(DANA, id, "Open")
    assert answer.error and not stage.teams.dialogs


async def test_executed_action_changes_its_card(stage: Stage) -> None:
    id = await stage.post(card(button("Claim", {"x": 1}, "Action.Execute")))
    stage.bot.body = {"statusCode": 200, "type": CARD, "value": card(button("Claimed", {}))}
    assert (await stage.teams.press(DANA, id, "Claim")).ok
    assert stage.bot.heard[-1]["value"]["action"]["data"] == {"x": 1}
    assert words(stage.teams.shown(DANA, DESK)[0].card) == "Claimed"
    stage.bot.body = {"nothing": 1}
    assert (await stage.teams.press(DANA, id, "Claimed")).status == 200


async def test_bot_that_fails_is_seen_in_the_answer(stage: Stage) -> None:
    stage.bot.status = 503
    assert not (await stage.teams.say(DANA, "personal", "x")).ok
    await stage.teams.again(stage.teams.deliveries[-1])
    assert stage.bot.heard[0] == stage.bot.heard[1]


def test_people_picker_is_an_addition_of_teams_to_the_format() -> None:
    picker = {"type": "Input.ChoiceSet", "id": "who", "choices": [], "choices.data": {"type": "Data.Query"}}
    assert Cards(SCHEMAS).faults(card(body=[picker])) == []
    assert Cards(None).faults("text") == ["not an Adaptive Card"]
