"""The Slack app's manifest, made of the commands that the bot answers."""

from collections.abc import Mapping
from typing import Any

NAME = "Commonline"
SCOPES = (
    "channels:history",  # finding an attempt whose answer was lost, like the next two
    "chat:write",
    "commands",
    "files:read",  # a list that staff upload in a form
    "files:write",  # the files of reports; and deleting a list afterwards, where Slack lets us
    "groups:history",
    "im:history",
    "im:write",
    "users:read",  # who is a guest, a bot or a stranger
)
EVENTS = ("app_home_opened",)
LONGEST_DESCRIPTION = 100


def manifest(public_url: str, commands: Mapping[str, str], socket_mode: bool = False) -> dict[str, Any]:
    """The manifest as Slack's app settings take it; `commands` are descriptions by command ("/case")."""
    address = {} if socket_mode else {"url": f"{public_url.rstrip('/')}/slack/events"}
    request = {} if socket_mode else {"request_url": address["url"]}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": NAME,
            "description": "Work the cases, training and referrals of the cities' shared line.",
            "background_color": "#1f3a4d",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "slash_commands": [_command(name, words, address) for name, words in commands.items()],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def _command(name: str, description: str, address: Mapping[str, str]) -> dict[str, Any]:
    return {
        "command": name,
        "description": description[:LONGEST_DESCRIPTION],
        "usage_hint": "help",
        "should_escape": False,
        **address,
    }
