"""Shows staff the answer to what they asked, where they asked it: a private message, a dialog, or the card itself."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import JSONResponse, Response

from bot.channels import teams_cards
from bot.channels.guard import log
from bot.channels.plain import clean
from bot.channels.teams_activities import Asked
from bot.channels.teams_cards import Json
from bot.channels.teams_connector import CARD, Connector
from handlers.cards import Answer, Card, Form, Home, Input, Open, Refuse, Say, say
from handlers.messages import Inbound, SendFailed, Value

NOT_STAFF = "This is not available to you."
LATE = "That took too long. Please try again."
DONE = "Done."
HOME = "Your page"
WELCOME = (
    "Commonline",
    "This is where you work the cases of your city's line.",
    "Write: list (your open cases), help (all there is), home (your own page).",
)
LONGEST_NOTE = 300


class Answers:
    """Gives an answer by the response to the request where that can carry it, else by the connector.

    `dialogs`: whether the buttons of messages open dialogs, or are answered in the chat.
    """

    def __init__(self, connector: Connector, tenant: str, dialogs: bool) -> None:
        self._connector = connector
        self._tenant = tenant
        self._dialogs = dialogs

    async def give(self, asked: Asked, answer: Answer) -> Response:
        """Answer; raises SendFailed where the connector is needed and fails."""
        if asked.surface == "dialog":
            return _in_dialog(asked, answer)
        if asked.surface == "refresh":
            return _in_card(asked, answer, self._dialogs)
        if answer is not None:
            await self._show(asked, answer)
        return Response(status_code=200)

    async def welcome(self, asked: Asked) -> None:
        """Greet somebody who installed the app for themselves."""
        card = teams_cards.welcome(*WELCOME, button=HOME)
        await self._connector.post(asked.spot, card, WELCOME[0])

    async def _show(self, asked: Asked, answer: Answer) -> None:
        card, summary = _rendered(asked, answer, self._dialogs)
        stands = asked.inbound is not None and asked.inbound.kind == "submit" and asked.message
        if not (stands and await self._replaced(asked, card, summary)):
            await self._told(asked, card, summary)

    async def _replaced(self, asked: Asked, card: Json, summary: str) -> bool:
        """Whether the submitted form made room for what came of it."""
        try:
            await self._connector.replace(asked.spot, asked.message, card, summary, whispered=not asked.personal)
        except SendFailed as failed:
            log.warning("teams_form_stays", code=failed.code)
            return False
        return True

    async def _told(self, asked: Asked, card: Json, summary: str) -> None:
        if asked.personal:
            await self._connector.post(asked.spot, card, summary)
            return
        try:
            await self._connector.whisper(asked.spot, card, summary, asked.account)
        except SendFailed as failed:
            if failed.retry != "never":
                raise
            # A tenant without private messages in channels: never answer before everybody's eyes.
            spot = await self._connector.open(asked.spot.service_url, asked.person, self._tenant)
            await self._connector.post(spot, card, summary)


def _in_dialog(asked: Asked, answer: Answer) -> Response:
    if answer is None:
        return note(DONE) if asked.opens else JSONResponse({})
    card, title = _rendered(asked, answer, opens=False)
    shown = {"contentType": CARD, "content": card}
    value = {"title": title, "height": "large", "width": "medium", "card": shown}
    return JSONResponse({"task": {"type": "continue", "value": value}})


def _in_card(asked: Asked, answer: Answer, dialogs: bool) -> Response:
    if answer is None:
        return _refreshed("application/vnd.microsoft.activity.message", DONE)
    return _refreshed(CARD, _rendered(asked, answer, dialogs)[0])


def _refreshed(kind: str, value: Any) -> Response:
    return JSONResponse({"statusCode": 200, "type": kind, "value": value})


def note(words: str) -> Response:
    """A dialog with a few words only."""
    return JSONResponse({"task": {"type": "message", "value": clean(words, LONGEST_NOTE)}})


def _rendered(asked: Asked, answer: Answer, opens: bool) -> tuple[Json, str]:
    """The card of an answer, and its title or one line."""
    match answer:
        case Say(card):
            return _card(asked, card, opens)
        case Open(form):
            return _form(asked, form, opens)
        case Refuse(faults) if asked.form is not None and asked.inbound is not None:
            again = replace(asked.form, name=asked.inbound.name, carry=_carried(asked.form, asked.inbound))
            return _form(asked, again, opens, faults)
        case Refuse(faults):
            first, *rest = faults.values() or ("That could not be done.",)
            return _card(asked, say(first, *rest).card, opens)
        case Home(parts):
            return teams_cards.home(parts, opens), HOME
        case None:
            return _card(asked, say(DONE).card, opens)


def _card(asked: Asked, card: Card, opens: bool) -> tuple[Json, str]:
    return teams_cards.message(card, _where(asked), opens), teams_cards.summary(card)


def _form(asked: Asked, form: Form, opens: bool, faults: Mapping[str, str] | None = None) -> tuple[Json, str]:
    return teams_cards.form(form, _where(asked), opens, faults), clean(form.title, LONGEST_NOTE)


def _where(asked: Asked) -> str:
    return asked.inbound.place if asked.inbound else asked.place


def _carried(form: Form, said: Inbound) -> dict[str, Value]:
    """What the form took along: all that no field of it holds."""
    fields = {part.name for part in form.parts if isinstance(part, Input)}
    return {name: value for name, value in said.values.items() if name not in fields}
