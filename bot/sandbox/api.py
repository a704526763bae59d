"""What the page can ask for and do, as JSON; for browsers on this machine only."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox import teams, teams_kit
from bot.sandbox.slack_fields import Incomplete
from bot.sandbox.wire import Answer

if TYPE_CHECKING:
    from bot.sandbox.app import Sandbox

PAGE = Path(__file__).parent / "page"
HERE = frozenset({"127.0.0.1", "localhost", "::1"})
UNREACHABLE_HANDSET = 30003
LONGEST_MOVE = timedelta(days=366)
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}

Json = dict[str, Any]


class Given(BaseModel):
    """The body of a request; what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class Picture(Given):
    type: str
    base64: str


class Text(Given):
    from_: str = Field(alias="from", pattern=r"^\+[0-9]{7,15}$")
    to: str
    body: str = Field("", max_length=1600)
    media: list[Picture] = Field(default=[], max_length=10)


class Person(Given):
    user: str


class Command(Person):
    channel: str
    command: str
    text: str = ""


class Press(Person):
    where: str
    action_id: str
    block_id: str
    value: Any = None
    values: dict[str, Json] = {}


class Submission(Person):
    view_id: str
    values: dict[str, Json] = {}


class Remark(Person):
    place: str
    text: str = Field(min_length=1, max_length=4000)


class Compose(Person):
    place: str
    command: str


class TeamsPress(Person):
    """`where` is a message's id or "dialog"; `button` what its action holds, or its title."""

    where: str
    button: str | Json
    values: dict[str, str] = {}


class Words(Person):
    channel: str
    text: str = Field(min_length=1, max_length=4000)


class Chosen(Person):
    """A file that somebody chose, in a form or for their chat."""

    name: str = Field(min_length=1, max_length=200)
    base64: str


class Move(Given):
    """By so many seconds, to what is due next, or no further."""

    seconds: float = Field(0, ge=0, le=LONGEST_MOVE.total_seconds())
    to: Literal["", "next", "here"] = ""


class TextFault(Given):
    """`webhooks`: whether Twilio reaches us. `next`: the next text that we send is lost on its way."""

    webhooks: Literal["", "up", "down"] = ""
    next: Literal["", "lost"] = ""


class Outage(Given):
    down: bool


class Busy(Exception):
    """It cannot be done now; the message says why."""


G = TypeVar("G", bound=Given)
Act = Callable[[G], Awaitable[Json]]


class Api:
    """The page's routes over one sandbox."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self.sandbox = sandbox

    def routes(self) -> list[BaseRoute]:
        """Below /sandbox."""
        return [
            Route("/", lambda request: FileResponse(PAGE / "index.html", headers=HEADERS)),
            Mount("/page", StaticFiles(directory=PAGE)),
            Route("/state", self._state),
            Route("/events", self._events),
            Route("/media/{sid}/{number:int}", self._media),
            _post("/text", Text, self._text),
            _post("/twilio/fault", TextFault, self._text_fault),
            _post("/slack/outage", Outage, self._outage),
            _post("/slack/command", Command, self._command),
            _post("/slack/press", Press, self._press),
            _post("/slack/upload", Chosen, self._upload),
            _post("/slack/submit", Submission, self._submit),
            _post("/slack/close", Person, self._close),
            _post("/slack/home", Person, self._home),
            _post("/slack/say", Words, self._say),
            _post("/teams/outage", Outage, self._teams_outage),
            _post("/teams/say", Remark, self._remark),
            _post("/teams/file", Chosen, self._send_file),
            _post("/teams/compose", Compose, self._compose),
            _post("/teams/press", TeamsPress, self._teams_press),
            _post("/teams/close", Person, self._teams_close),
            _post("/clock", Move, self._move),
        ]

    async def _state(self, request: Request) -> Response:
        asked = request.query_params
        state = await self.sandbox.state(asked.get("user", ""), asked.get("colleague", ""))
        return JSONResponse(state, headers=HEADERS)

    async def _events(self, request: Request) -> Response:
        return StreamingResponse(self.sandbox.watch.follow(), media_type="text/event-stream", headers=HEADERS)

    async def _media(self, request: Request) -> Response:
        for message in self.sandbox.twilio.messages:
            if message.sid == request.path_params["sid"]:
                for media in message.media[request.path_params["number"] :][:1]:
                    return Response(media.content, media_type=media.content_type, headers=HEADERS)
        return Response(status_code=404)

    # --- phones

    async def _text(self, given: Text) -> Json:
        self._still()
        pictures = [(picture.type, _decoded(picture.base64)) for picture in given.media]
        if not given.body.strip() and not pictures:
            raise Busy("There is nothing to send.")
        return {"sid": await self.sandbox.twilio.receive(given.from_, given.to, given.body, pictures)}

    async def _text_fault(self, given: TextFault) -> Json:
        twilio = self.sandbox.twilio
        if given.webhooks:
            twilio.webhook_down = given.webhooks == "down"
        if given.next == "lost":
            twilio.faults.next_send(final_status="undelivered", error_code=UNREACHABLE_HANDSET)
        self.sandbox.watch.changed()
        return {}

    # --- Slack

    async def _outage(self, given: Outage) -> Json:
        self.sandbox.slack_down = given.down
        self.sandbox.watch.changed()
        return {}

    async def _command(self, given: Command) -> Json:
        self._slack_is_up()
        return _told(await self.sandbox.slack.command(given.user, given.channel, given.command, given.text))

    async def _press(self, given: Press) -> Json:
        self._slack_is_up()
        return _told(
            await self.sandbox.slack.press(
                given.user,
                given.where,
                given.action_id,
                given.value,
                values=given.values,
                block_id=given.block_id,
            )
        )

    async def _upload(self, given: Chosen) -> Json:
        self._slack_is_up()
        return {"id": self.sandbox.slack.upload(given.user, given.name, _decoded(given.base64))}

    async def _submit(self, given: Submission) -> Json:
        self._slack_is_up()
        return _told(await self.sandbox.slack.submit(given.user, given.values, given.view_id))

    async def _close(self, given: Person) -> Json:
        await self.sandbox.slack.close(given.user)
        return {}

    async def _home(self, given: Person) -> Json:
        self._slack_is_up()
        return _told(await self.sandbox.slack.open_home(given.user))

    async def _say(self, given: Words) -> Json:
        self._slack_is_up()
        await self.sandbox.slack.say(given.user, given.channel, given.text)
        return {}

    # --- Teams

    async def _teams_outage(self, given: Outage) -> Json:
        self.sandbox.teams_down = given.down
        self.sandbox.watch.changed()
        return {}

    async def _remark(self, given: Remark) -> Json:
        """What is written: a command by "/" is between that person and us; in a channel we hear else what names us."""
        self._teams_is_up()
        tenant, place = self.sandbox.teams, self.sandbox.teams.place(given.user, given.place)
        named = given.text.removeprefix(f"@{teams.BOT_NAME}")
        if place.personal:
            return _told(await tenant.say(given.user, place.id, given.text))
        if given.text.startswith("/"):
            return _told(await tenant.say(given.user, place.id, given.text, slash=True))
        if named != given.text:
            return _told(await tenant.say(given.user, place.id, named.strip()))
        tenant.write(given.user, place.id, given.text)
        return {}

    async def _send_file(self, given: Chosen) -> Json:
        self._teams_is_up()
        return _told(await self.sandbox.teams.send_file(given.user, (given.name, _decoded(given.base64))))

    async def _compose(self, given: Compose) -> Json:
        self._teams_is_up()
        return _told(await self.sandbox.teams.compose(given.user, given.place, given.command))

    async def _teams_press(self, given: TeamsPress) -> Json:
        self._teams_is_up()
        tenant = self.sandbox.teams
        noted = len(tenant.notes.get(given.user, ()))
        answer = await tenant.press(given.user, given.where, given.button, given.values)
        notes = tenant.notes.get(given.user, [])[noted:]
        return {"note": notes[-1]} if notes else _told(answer)

    async def _teams_close(self, given: Person) -> Json:
        if given.user in self.sandbox.teams.dialogs:
            self.sandbox.teams.close(given.user)
        return {}

    # --- time

    async def _move(self, given: Move) -> Json:
        travel = self.sandbox.travel
        if given.to == "here":
            travel.stop()
            return {}
        target = self.sandbox.clock() + timedelta(seconds=given.seconds)
        if given.to == "next":
            due = await self.sandbox.service.next_due()
            if due is None:
                raise Busy("Nothing is due.")
            target = max(target, due)
        if not travel.start(target):
            raise Busy("The clock is already moving.")
        self.sandbox.watch.changed()
        return {}

    def _still(self) -> None:
        if self.sandbox.travel.journey:
            raise Busy("The clock is moving; wait until it stands.")

    def _slack_is_up(self) -> None:
        self._still()
        if self.sandbox.slack_down:
            raise Busy("Slack is down.")

    def _teams_is_up(self) -> None:
        self._still()
        if self.sandbox.teams_down:
            raise Busy("Teams is down.")


class LocalOnly:
    """Lets in who is on this machine and called it by its own name; a web page elsewhere is neither."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_local(Request(scope)):
            await self.app(scope, receive, send)
        else:
            await Response(status_code=403)(scope, receive, send)


def _post(path: str, model: type[G], act: Act[G]) -> Route:
    async def endpoint(request: Request) -> Response:
        # A form on another site cannot send JSON without asking first, and nobody answers that question.
        if request.headers.get("content-type") != "application/json":
            return _refused("Send JSON.", 415)
        try:
            return JSONResponse(await act(model.model_validate_json(await request.body())))
        except ValidationError as wrong:
            return _refused(str(wrong.errors(include_url=False, include_input=False)[0]["msg"]), 400)
        except (Incomplete, teams_kit.Incomplete) as incomplete:
            return JSONResponse({"errors": incomplete.complaints})
        except (Busy, LookupError) as refusal:
            return _refused(str(refusal), 409)

    return Route(path, endpoint, methods=["POST"])


def _refused(words: str, status: int) -> Response:
    return JSONResponse({"error": words}, status)


def _told(answer: Answer) -> Json:
    """What a chat would show of an answer that is none."""
    return {} if answer.ok else {"error": "The chat got no proper answer from Commonline."}


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error:
        raise Busy("The file is not readable.") from None


def _is_local(request: Request) -> bool:
    if request.client is None or urlsplit(f"//{request.headers.get('host', '')}").hostname not in HERE:
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
