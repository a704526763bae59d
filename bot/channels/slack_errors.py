"""What an error of Slack's Web API means for a message: try later, never, or find out first."""

import asyncio
from datetime import datetime

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.channels.guard import wait_asked
from handlers.messages import SendFailed

FAULTS = (SlackClientError, aiohttp.ClientError, asyncio.TimeoutError, OSError)

# Surely not posted, and a person can mend it: the message waits. (A private channel without the bot is "not found".)
_LATER = {
    "access_denied": 300.0,
    "account_inactive": 300.0,
    "app_missing_action_url": 300.0,
    "channel_not_found": 300.0,
    "invalid_auth": 60.0,
    "is_archived": 300.0,
    "message_limit_exceeded": 300.0,
    "missing_scope": 300.0,
    "not_authed": 60.0,
    "not_in_channel": 300.0,
    "org_login_required": 300.0,
    "rate_limited": 1.0,
    "ratelimited": 1.0,
    "team_access_not_granted": 300.0,
    "team_added_to_org": 60.0,
    "token_expired": 60.0,
    "token_revoked": 300.0,
}
_UNKNOWN = ("fatal_error", "internal_error", "request_timeout", "service_unavailable", "external_channel_migrating")
GONE = ("message_not_found", "cant_update_message", "edit_window_closed", "message_deleted")


def failure(fault: BaseException, now: datetime) -> SendFailed:
    """The fault of one call as SendFailed; its code is Slack's word for it."""
    if isinstance(fault, SlackApiError):
        return _declined(fault, now)
    unsent = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
    return SendFailed("later" if isinstance(fault, unsent) else "unknown", "connection", after=1)


def code(fault: BaseException) -> str:
    """Slack's word for what went wrong; empty for a fault that Slack did not name."""
    answer = getattr(fault, "response", None)
    data = getattr(answer, "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def _declined(fault: SlackApiError, now: datetime) -> SendFailed:
    # The library hands on its own answer, or aiohttp's where that was no JSON.
    status: int = getattr(fault.response, "status_code", 0) or getattr(fault.response, "status", 0)
    name = code(fault) or str(status)
    if status == 429 or name in _LATER:
        asked = fault.response.headers.get("Retry-After")
        return SendFailed("later", name, wait_asked(asked, now, _LATER.get(name, 1.0)))
    if name in _UNKNOWN or status >= 500 or not code(fault):
        return SendFailed("unknown", name)
    return SendFailed("never", name)
