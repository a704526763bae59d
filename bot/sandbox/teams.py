"""A stand-in for Microsoft Teams: what people do there, and how it reaches the bot."""

import copy
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.teams_api import ISSUER, Connector
from bot.sandbox.teams_kit import CARD, Cards, action_of, filled
from bot.sandbox.teams_workspace import PERSONAL, Channel, Delivery, Dialog, File, Message, Tenant
from bot.sandbox.wire import Answer, Reach, post, same

Json = dict[str, Any]

PATIENCE = 15.0
LARGEST_NOTE = 1024
FILE = "application/vnd.microsoft.teams.file.download.info"
FILE_AGE = timedelta(minutes=5)
BOT_NAME = "Commonline"


class Teams(Tenant):
    """One tenant with our app in it, and the people who use it. Whoever serves `app` sets `address` to its base URL."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        tenant_id: str,
        messages_url: str,
        clock: Callable[[], datetime],
        schemas: Path | None = None,
    ) -> None:
        super().__init__(tenant_id, clock)
        self.client_id = client_id
        self.client_secret = client_secret
        self.messages_url = messages_url
        self.reach: Reach = same
        self.address = "https://smba.trafficmanager.net"
        self.bot = f"28:{client_id}"
        self.patience = PATIENCE
        self.targeted = True
        self.cards = Cards(schemas)
        self.keys = {"first": _key("first")}
        self.published = ["first"]
        downloads = Route("/personal/{owner}/download.aspx", self._download)
        self.app = Starlette(routes=[*Connector(self).routes(), downloads])

    @property
    def service_url(self) -> str:
        """Where the bot reaches the connector."""
        return f"{self.address}/teams/"

    @property
    def cloud(self) -> dict[str, str]:
        """Where login and keys are: overrides for the library's PUBLIC cloud."""
        metadata = f"{self.address}/v1/.well-known/openidconfiguration"
        return {"login_endpoint": self.address, "openid_metadata_url": metadata}

    # --- what people do

    async def install(self, user: str, place: str = PERSONAL) -> Answer:
        """Somebody adds the app to a team, or for themselves; Teams tells so twice."""
        channel = self.place(user, place)
        channel.installed = True
        added = {"membersAdded": [{"id": self.bot}]}
        await self._deliver(self._activity(user, channel, "conversationUpdate") | added)
        return await self._deliver(self._activity(user, channel, "installationUpdate") | {"action": "add"})

    async def uninstall(self, user: str, place: str = PERSONAL) -> Answer:
        """Somebody takes the app away."""
        channel = self.place(user, place)
        channel.installed = False
        return await self._deliver(self._activity(user, channel, "installationUpdate") | {"action": "remove"})

    async def say(self, user: str, place: str, text: str, slash: bool = False) -> Answer:
        """A person writes to the bot: in a channel by a mention, or by a slash command that nobody else sees."""
        channel = self.place(user, place)
        activity = self._activity(user, channel, "message") | {"text": text, "textFormat": "plain"}
        if slash:
            activity["recipient"]["isTargeted"] = True
        elif not channel.personal:
            mention = f"<at>{BOT_NAME}</at>"
            named = {"id": self.bot, "name": BOT_NAME}
            activity["text"] = f"{mention} {text}\n"
            activity["entities"].append({"type": "mention", "text": mention, "mentioned": named})
        self.keep(channel, Message(activity["id"], user, text, only_for=user if slash else ""))
        return await self._deliver(activity)

    async def send_file(
        self, user: str, *files: tuple[str, bytes], place: str = PERSONAL, content_type: str = "text/csv"
    ) -> Answer:
        """A person sends files (name, content) to the bot; of those in a channel it is told nothing but words."""
        channel = self.place(user, place)
        activity = self._activity(user, channel, "message") | {"text": "", "attachments": []}
        for name, content in files if channel.personal else ():
            activity["attachments"].append(self._attached(user, File(name, content, content_type, self.clock())))
        # Teams adds what was written as HTML, too.
        activity["attachments"].append({"contentType": "text/html", "content": "<p></p>"})
        self.keep(channel, Message(activity["id"], user, ", ".join(name for name, _ in files)))
        return await self._deliver(activity)

    def _attached(self, user: str, file: File) -> Json:
        token = secrets.token_urlsafe(24)
        self.files[token] = file
        place = f"{self.address}/personal/{user}"
        return {
            "contentType": FILE,
            "contentUrl": f"{place}/Documents/{quote(file.name)}",
            "name": file.name,
            "content": {
                "downloadUrl": f"{place}/download.aspx?UniqueId={secrets.token_hex(16)}&tempauth={token}",
                "uniqueId": secrets.token_hex(16).upper(),
                "fileType": file.name.rpartition(".")[2],
            },
        }

    async def _download(self, request: Request) -> Response:
        file = self.files.get(request.query_params.get("tempauth", ""))
        spoiled = self.faults.take("download").response()
        if spoiled or file is None or self.clock() - file.made > FILE_AGE:
            return spoiled or JSONResponse({"error": "invalid_request"}, 401)
        if "authorization" in request.headers:
            return JSONResponse({"error": "two ways to sign in"}, 400)
        return Response(file.content, media_type=file.content_type)

    def write(self, user: str, place: str, text: str) -> None:
        """A person writes to the others in a channel; without a mention the bot is not told."""
        self.keep(self.place(user, place), Message(self.stamp(), user, text))

    async def compose(self, user: str, place: str, command: str) -> Answer:
        """A person picks a command of the bot beside the message box; a dialog opens."""
        channel = self.place(user, place)
        value = {"commandId": command, "commandContext": "compose", "context": {"theme": "default"}}
        answer = await self._invoke(user, channel, "composeExtension/fetchTask", value)
        return self._show(user, channel, answer, command)

    async def press(self, user: str, where: str, button: str | Json, values: Mapping[str, str] | None = None) -> Answer:
        """A person presses a button (its title, or its data) of a message (its id) or of the open "dialog"."""
        if where == "dialog":
            return await self._press_in_dialog(user, button, values or {})
        channel, message = self.readable(user, where)
        card = message.card or {}
        action = action_of(card, button)
        if action["type"] == "Action.OpenUrl":
            return Answer(None, action["url"], error="opened_outside")
        data = _data(action) | filled(card, values or {}, action)
        if action["type"] == "Action.Execute":
            return await self._execute(user, channel, message, action, data)
        if (data.get("msteams") or {}).get("type") == "task/fetch":
            value = {"data": data, "context": {"theme": "default"}}
            return self._show(user, channel, await self._invoke(user, channel, "task/fetch", value, message.id))
        sent = self._activity(user, channel, "message") | {"value": data, "replyToId": message.id}
        return await self._deliver(sent)

    async def submit(
        self, user: str, values: Mapping[str, str] | None = None, where: str = "dialog", button: str = ""
    ) -> Answer:
        """A person fills in a form and submits it; raises Incomplete where the Teams client would not let them."""
        card = self.dialogs[user].card if where == "dialog" else self.readable(user, where)[1].card or {}
        return await self.press(user, where, button or card["actions"][0]["title"], values)

    def close(self, user: str) -> None:
        """A person closes the dialog; the bot is not told."""
        del self.dialogs[user]
        self.changed()

    async def again(self, delivery: Delivery) -> Answer:
        """Send an activity once more, as Teams does when it did not hear us."""
        return await self._deliver(copy.deepcopy(delivery.activity))

    async def _press_in_dialog(self, user: str, button: str | Json, values: Mapping[str, str]) -> Answer:
        dialog = self.dialogs[user]
        action = action_of(dialog.card, button)
        if action["type"] == "Action.OpenUrl":
            return Answer(None, action["url"], error="opened_outside")
        value: Json = {"data": _data(action) | filled(dialog.card, values, action), "context": {"theme": "default"}}
        if dialog.command:
            value |= {"commandId": dialog.command, "commandContext": "compose"}
        name = "composeExtension/submitAction" if dialog.command else "task/submit"
        return self._show(user, dialog.place, await self._invoke(user, dialog.place, name, value), dialog.command)

    async def _execute(self, user: str, channel: Channel, message: Message, action: Json, data: Json) -> Answer:
        done = {"type": "Action.Execute", "verb": action.get("verb", ""), "data": data}
        value = {"action": done, "trigger": "manual"}
        answer = await self._invoke(user, channel, "adaptiveCard/action", value, message.id)
        body = _json(answer)
        if not answer.ok or body.get("statusCode") != 200 or not str(body.get("type", "")).startswith("application/"):
            return replace(answer, error=answer.error or "invalid_response")
        if body["type"] == CARD:
            message.card = body["value"]
        return answer

    async def _invoke(self, user: str, channel: Channel, name: str, value: Json, message: str = "") -> Answer:
        replied = {"replyToId": message} if message else {}
        return await self._deliver(self._activity(user, channel, "invoke") | {"name": name, "value": value} | replied)

    def _show(self, user: str, channel: Channel, answer: Answer, command: str = "") -> Answer:
        """What the client makes of a dialog's answer."""
        self.dialogs.pop(user, None)
        task = _json(answer).get("task")
        if not answer.ok or (task is None and answer.body.strip() not in ("", "{}")):
            return replace(answer, error=answer.error or "invalid_response")
        if task is None:
            return answer
        fault = self._shown_task(user, channel, task, command)
        self.changed()
        return replace(answer, error=fault) if fault else answer

    def _shown_task(self, user: str, channel: Channel, task: Json, command: str) -> str | None:
        value = task.get("value")
        if task.get("type") == "message" and isinstance(value, str) and 0 < len(value) <= LARGEST_NOTE:
            self.notes.setdefault(user, []).append(value)
            return None
        if task.get("type") != "continue" or not isinstance(value, dict):
            return "invalid_task"
        held = value.get("card") or {}
        faults = self.cards.faults(held.get("content"))
        if faults or held.get("contentType") != CARD or not value.get("title"):
            return f"invalid_card: {faults[:3]}"
        self.dialogs[user] = Dialog(value["title"], held["content"], channel, command)
        return None

    # --- how it reaches the bot

    def _activity(self, user: str, channel: Channel, kind: str) -> Json:
        person = self.users[user]
        id = self.stamp() if kind == "message" else f"f:{secrets.token_hex(16)}"
        data: Json = {"tenant": {"id": person.tenant}}
        if not channel.personal:
            data |= {"team": {"id": channel.id}, "channel": {"id": channel.id}, "teamsChannelId": channel.id}
        threaded = "" if channel.personal else f";messageid={id}"
        return {
            "type": kind,
            "id": id,
            "timestamp": self.clock().isoformat(),
            "serviceUrl": self.service_url,
            "channelId": "msteams",
            "from": {"id": person.account, "name": person.name, "aadObjectId": person.id},
            "conversation": {
                "conversationType": "personal" if channel.personal else "channel",
                "id": channel.id + threaded,
                "tenantId": person.tenant,
                **({} if channel.personal else {"isGroup": True}),
            },
            "recipient": {"id": self.bot, "name": BOT_NAME},
            "entities": [{"type": "clientInfo", "locale": "en-US", "country": "US", "platform": "Web"}],
            "channelData": data,
            "locale": "en-US",
        }

    def token(self, key: str = "first", algorithm: str = "RS256", **claims: Any) -> str:
        """A token as the connector sends it; `claims` in place of the right ones (None: without it)."""
        now = int(time.time())
        right = {"iss": ISSUER, "aud": self.client_id, "serviceurl": self.service_url, "nbf": now, "exp": now + 600}
        kept = {name: value for name, value in {**right, **claims}.items() if value is not None}
        secret: Any = self.keys[key] if algorithm == "RS256" else None
        return jwt.encode(kept, secret, algorithm, headers={"kid": key})

    def add_key(self, key: str, published: bool = True) -> None:
        """Make another key that `token` can sign with; one that is not published is nobody's."""
        self.keys[key] = _key(key)
        if published:
            self.published.append(key)

    async def send(self, body: bytes, token: str | None, content_type: str = "application/json") -> Answer:
        """Send the bot any bytes, with any token or none."""
        headers = {"Content-Type": content_type} | ({"Authorization": f"Bearer {token}"} if token is not None else {})
        return await post(self.reach(self.messages_url), body, headers, self.patience)

    async def _deliver(self, activity: Json) -> Answer:
        body = json.dumps(activity).encode()
        answer = await self.send(body, self.token(), "application/json; charset=utf-8")
        kind = str(activity.get("name") or activity["type"])
        self.deliveries.append(Delivery(kind, activity, answer))
        self.changed()
        return answer


@cache
def _key(name: str) -> RSAPrivateKey:
    # Made once a process: it takes a good part of a second.
    return generate_private_key(public_exponent=65537, key_size=2048)


def _data(action: Json) -> Json:
    return copy.deepcopy(action.get("data") or {})


def _json(answer: Answer) -> Json:
    try:
        body = json.loads(answer.body or "{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
