"""Shows staff the answer to what they asked, where they asked it: a private message, a modal or their own page."""

import asyncio
import json
from dataclasses import replace
from typing import Any

from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.guard import log
from bot.channels.plain import clean
from bot.channels.slack_blocks import LONGEST_TITLE, Json, home, message, modal
from bot.channels.slack_errors import FAULTS, code
from bot.channels.slack_payloads import Asked
from handlers.cards import Answer, Card, Form, Home, Open, Refuse, Say, Text, say

NOT_STAFF = "This is not available to you."
LATE = "That took too long. Please try again."
READING = Form("reading", "One moment", (Text("The file is being read …"),))
FAILED = "The file could not be read. Please try again."
APOLOGY_SECONDS = 1.0
LONGEST_FAULT = 300


class Answers:
    """Gives an answer by Slack's response to the request where that can carry it, else by the Web API."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def give(self, asked: Asked, answer: Answer) -> BoltResponse:
        """Answer; raises what the Web API client raises."""
        match answer:
            case None:
                return _body({"response_action": "clear"}) if asked.surface == "form" else _nothing()
            case Home(parts):
                await self._client.views_publish(user_id=asked.user, view=home(parts))
                return await self.give(asked, None)
            case Open(form):
                return await self._open(asked, form)
            case Refuse():
                return await self._refuse(asked, answer)
            case Say(card):
                return await self._say(asked, card)

    def wait(self, asked: Asked) -> BoltResponse:
        """Say that the answer comes later, in the place of the form."""
        return _replaced(asked, READING) if asked.surface == "form" else _nothing()

    async def give_later(self, asked: Asked, answer: Answer) -> None:
        """Answer after `wait`; None leaves what is shown. Raises what the Web API client raises."""
        if answer is not None:
            await self.give(_shown_meanwhile(asked), answer)

    async def apologize_later(self, asked: Asked) -> None:
        """Say that it failed, where that can still be said."""
        try:
            await self.give(_shown_meanwhile(asked), say(FAILED))
        except FAULTS as fault:
            log.warning("slack_apology_failed", code=code(fault))

    async def apologize(self, asked: Asked) -> BoltResponse:
        """Say that it took too long, where that can still be said."""
        if asked.surface == "command":
            return _private(say(LATE).card)
        if asked.surface == "form":
            return _replaced(asked, _shown(say(LATE).card))
        if asked.surface == "message":
            await self._whisper_soon(asked, say(LATE).card)
        return _nothing()

    async def _open(self, asked: Asked, form: Form) -> BoltResponse:
        if asked.surface == "form":
            return _replaced(asked, form)
        if asked.surface == "modal":
            await self._client.views_update(view_id=asked.view, view=modal(form, asked.place))
        else:
            await self._client.views_open(trigger_id=asked.trigger, view=modal(form, asked.place))
        return _nothing()

    async def _refuse(self, asked: Asked, refusal: Refuse) -> BoltResponse:
        if asked.surface == "form" and asked.fields:
            return _body({"response_action": "errors", "errors": _faults(refusal, asked.fields)})
        first, *rest = refusal.faults.values()
        return await self._say(asked, say(first, *rest).card)

    async def _say(self, asked: Asked, card: Card) -> BoltResponse:
        if asked.surface == "command":
            return _private(card)
        if asked.surface == "message":
            await self._whisper(asked, card)
            return _nothing()
        if asked.inbound.kind == "home":
            await self._client.views_publish(user_id=asked.user, view=home((Text(card.title, "strong"), *card.parts)))
            return _nothing()
        return await self._open(asked, _shown(card))

    async def _whisper_soon(self, asked: Asked, card: Card) -> None:
        try:
            async with asyncio.timeout(APOLOGY_SECONDS):
                await self._whisper(asked, card)
        except FAULTS as fault:
            log.warning("slack_apology_failed", code=code(fault))

    async def _whisper(self, asked: Asked, card: Card) -> None:
        await self._client.chat_postEphemeral(channel=asked.place, user=asked.user, **message(card))


def _shown_meanwhile(asked: Asked) -> Asked:
    # Once it was answered, a submitted form is an open modal like others.
    return replace(asked, surface="modal") if asked.surface == "form" else asked


def _faults(refusal: Refuse, fields: tuple[str, ...]) -> dict[str, str]:
    # Slack drops an error whose field it does not show.
    told = {name if name in fields else fields[0]: fault for name, fault in refusal.faults.items()}
    return {name: clean(fault, LONGEST_FAULT) for name, fault in told.items()}


def _shown(card: Card) -> Form:
    # What a modal's title cannot hold whole is the first line.
    fits = card.parts and len(card.title) <= LONGEST_TITLE
    return Form("shown", card.title, card.parts if fits else (Text(card.title, "strong"), *card.parts))


def _replaced(asked: Asked, form: Form) -> BoltResponse:
    return _body({"response_action": "update", "view": modal(form, asked.place)})


def _private(card: Card) -> BoltResponse:
    return _body({"response_type": "ephemeral", **message(card)})


def _body(content: Json) -> BoltResponse:
    headers: dict[str, Any] = {"Content-Type": "application/json; charset=utf-8"}
    return BoltResponse(status=200, body=json.dumps(content, ensure_ascii=False), headers=headers)


def _nothing() -> BoltResponse:
    return BoltResponse(status=200, body="")
