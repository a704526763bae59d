"""What the bot calls: the Bot Framework's connector, its login and its keys, as strict as the real ones."""

import json
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import jwt
from jwt.algorithms import RSAAlgorithm
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.teams_kit import CARD
from bot.sandbox.teams_workspace import Call, Channel, Message, Refused, User
from bot.sandbox.wire import until_gone

if TYPE_CHECKING:
    from bot.sandbox.teams import Teams

Json = dict[str, Any]

ISSUER = "https://api.botframework.com"
TOKEN_SECONDS = 3600
LARGEST_MESSAGE = 28 * 1024


class Connector:
    """The calls, over what the stand-in keeps."""

    def __init__(self, teams: "Teams") -> None:
        self._teams = teams

    def routes(self) -> list[Route]:
        """Login, keys, and conversations."""
        base = "/teams/v3/conversations"
        return [
            Route("/v1/.well-known/openidconfiguration", self._metadata),
            Route("/v1/.well-known/keys", self._jwks),
            Route("/{tenant}/oauth2/v2.0/token", self._grant, methods=["POST"]),
            Route(base, self._create, methods=["POST"]),
            Route(base + "/{conversation}/activities", self._post, methods=["POST"]),
            Route(base + "/{conversation}/activities/{activity}", self._change, methods=["PUT", "DELETE"]),
            Route(base + "/{conversation}/members/{member}", self._member),
        ]

    # --- login and keys

    async def _metadata(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": ISSUER,
                "authorization_endpoint": "https://invalid.botframework.com",
                "jwks_uri": f"{self._teams.address}/v1/.well-known/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            }
        )

    async def _jwks(self, request: Request) -> Response:
        return await self._spoiled(request, "keys", {}, self._listed_keys)

    def _listed_keys(self) -> Response:
        keys = [
            {
                **json.loads(RSAAlgorithm.to_jwk(self._teams.keys[name].public_key())),
                "use": "sig",
                "kid": name,
                "endorsements": ["msteams"],
            }
            for name in self._teams.published
        ]
        return JSONResponse({"keys": keys})

    async def _grant(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        shown = {name: value for name, value in form.items() if name != "client_secret"}
        return await self._spoiled(request, "token", shown, lambda: self._granted(request, form))

    def _granted(self, request: Request, form: Json) -> Response:
        wrong = {"error": "invalid_request", "error_description": "AADSTS900144"}
        if form.get("grant_type") != "client_credentials" or form.get("scope") != f"{ISSUER}/.default":
            return JSONResponse(wrong, 400)
        if request.path_params["tenant"] != self._teams.tenant_id or form.get("client_id") != self._teams.client_id:
            return JSONResponse(wrong | {"error": "unauthorized_client"}, 400)
        if form.get("client_secret") != self._teams.client_secret:
            return JSONResponse(wrong | {"error": "invalid_client"}, 401)
        now = int(time.time())
        claims = {
            "iss": f"https://sts.windows.net/{self._teams.tenant_id}/",
            "aud": ISSUER,
            "appid": self._teams.client_id,
        }
        token = jwt.encode(
            claims | {"exp": now + TOKEN_SECONDS}, self._teams.keys["first"], "RS256", headers={"kid": "first"}
        )
        return JSONResponse({"token_type": "Bearer", "expires_in": TOKEN_SECONDS - 1, "access_token": token})

    # --- the connector

    async def _create(self, request: Request) -> Response:
        body = await _body(request)
        return await self._spoiled(request, "open", body, lambda: self._created(request, body))

    async def _post(self, request: Request) -> Response:
        body = await _body(request)
        name = "whisper" if _is_targeted(request) else "post"
        return await self._spoiled(request, name, body, lambda: self._posted(request, body))

    async def _change(self, request: Request) -> Response:
        body = await _body(request) if request.method == "PUT" else {}
        name = "update" if request.method == "PUT" else "delete"
        return await self._spoiled(request, name, body, lambda: self._changed(request, body))

    async def _member(self, request: Request) -> Response:
        return await self._spoiled(request, "member", {}, lambda: self._found(request))

    async def _spoiled(self, request: Request, name: str, body: Json, work: Callable[[], Response]) -> Response:
        """The answer to a call, unless a fault is due."""
        call = Call(name, body, self._teams.clock())
        self._teams.requests.append(call)
        fault = self._teams.faults.take(name)
        spoiled = fault.response()
        if spoiled and not (fault.performed or fault.hang):
            call.error = fault.code
            return spoiled
        try:
            answer = work()
        except Refused as refused:
            call.error = refused.code
            answer = refused.response()
        self._teams.changed()
        if fault.hang:
            await until_gone(request, self._teams.faults.released)
        return spoiled or answer

    def _authorized(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            key: Any = self._teams.keys["first"].public_key()
            jwt.decode(token, key, algorithms=["RS256"], audience=ISSUER)
        except jwt.PyJWTError:
            raise Refused(401, "Unauthorized", "Authorization has been denied for this request.") from None

    def _created(self, request: Request, body: Json) -> Response:
        self._authorized(request)
        members = body.get("members")
        if body.get("isGroup") or not isinstance(members, list) or len(members) != 1 or "bot" not in body:
            raise Refused(400, "BadSyntax", "Incorrect conversation creation parameters")
        if body.get("tenantId") != self._teams.tenant_id or body.get("channelData") != {
            "tenant": {"id": self._teams.tenant_id}
        }:
            raise Refused(400, "BadSyntax", "Tenant id is required")
        person = self._person(str(members[0].get("id")))
        if not person.installed:
            raise Refused(403, "BotNotInConversationRoster")
        chat = self._teams.chat(person.id)
        return JSONResponse({"id": chat.id}, 201)

    def _posted(self, request: Request, body: Json) -> Response:
        self._authorized(request)
        channel = self._conversation(request)
        message = Message(self._teams.stamp(), self._teams.bot)
        if _is_targeted(request):
            message.only_for = self._target(channel, body)
        self._write(message, body)
        self._teams.keep(channel, message)
        return JSONResponse({"id": message.id}, 201)

    def _changed(self, request: Request, body: Json) -> Response:
        self._authorized(request)
        channel, id = self._conversation(request), request.path_params["activity"]
        found = next((each for each in channel.messages if each.id == id and not each.deleted), None)
        if found is None or bool(found.only_for) != _is_targeted(request):
            raise Refused(404, "ActivityNotFound")
        if found.sender != self._teams.bot:
            raise Refused(403, "MessageWritesBlocked", "The bot did not send this message")
        if request.method == "DELETE":
            found.deleted = True
            return JSONResponse({}, 200)
        self._write(found, body)
        found.edited += 1
        return JSONResponse({"id": id})

    def _found(self, request: Request) -> Response:
        self._authorized(request)
        channel, person = self._conversation(request), self._person(request.path_params["member"])
        if person.id not in channel.members:
            raise Refused(404, "MemberNotFoundInConversation")
        return JSONResponse(
            {
                "id": person.account,
                "objectId": person.id,
                "name": person.name,
                "tenantId": person.tenant,
                "userRole": "guest" if person.guest else "user",
            }
        )

    def _conversation(self, request: Request) -> Channel:
        channel = self._teams.channels.get(request.path_params["conversation"].partition(";")[0])
        if channel is None:
            raise Refused(404, "ConversationNotFound")
        if not channel.installed:
            raise Refused(403, "BotNotInConversationRoster")
        return channel

    def _person(self, id: str) -> User:
        for user in self._teams.users.values():
            if id in (user.id, user.account):
                return user
        raise Refused(400, "BadArgument", "Unknown user")

    def _target(self, channel: Channel, body: Json) -> str:
        if not self._teams.targeted:
            raise Refused(400, "BadRequest", "Targeted messages are not supported in this tenant")
        if channel.personal:
            raise Refused(400, "BadRequest", "Targeted messages are for conversations of several people")
        recipient = body.get("recipient") or {}
        person = self._person(str(recipient.get("id")))
        if person.id not in channel.members:
            raise Refused(403, "MemberNotFoundInConversation")
        return person.id

    def _write(self, message: Message, body: Json) -> None:
        """Put what the bot said into a message; raises what the connector would."""
        if body.get("type") != "message":
            raise Refused(400, "BadSyntax", "Activity type is required")
        if len(json.dumps(body, ensure_ascii=False).encode()) > LARGEST_MESSAGE:
            raise Refused(413, "MessageSizeTooBig")
        attachments = body.get("attachments") or []
        if not body.get("text") and not attachments:
            raise Refused(400, "BadSyntax", "Activity must include non empty 'text' field or at least one attachment")
        if len(attachments) > 1 or any(each.get("contentType") != CARD for each in attachments):
            raise Refused(400, "BadSyntax", "Unknown attachment type")
        card = attachments[0].get("content") if attachments else None
        if faults := self._teams.cards.faults(card) if attachments else []:
            raise Refused(400, "BadSyntax", str(faults[:3]))
        message.text, message.card, message.summary = str(body.get("text") or ""), card, str(body.get("summary") or "")


def _is_targeted(request: Request) -> bool:
    return request.query_params.get("isTargetedActivity") == "true"


async def _body(request: Request) -> Json:
    if not re.match(r"application/json\b", request.headers.get("content-type", "")):
        return {}
    try:
        body = json.loads(await request.body())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
