"""Imports the Teams library without what it does by the way: reading a .env file, warnings, lines with texts."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH = "PYTHON_DOTENV_DISABLED"


@contextmanager
def _quietly() -> Iterator[None]:
    # The library loads the nearest .env into the environment of the whole process, and warns of its own previews.
    before = os.environ.get(_SWITCH)
    os.environ[_SWITCH] = "1"
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        if before is None:
            del os.environ[_SWITCH]
        else:
            os.environ[_SWITCH] = before


with _quietly():
    from microsoft_teams.api.activities.message import MessageActivityInput
    from microsoft_teams.api.auth.cloud_environment import PUBLIC, CloudEnvironment, with_overrides
    from microsoft_teams.api.clients.conversation import ConversationClient, CreateConversationParams
    from microsoft_teams.api.models.account import Account
    from microsoft_teams.apps.auth import TokenValidator
    from microsoft_teams.common import Client, ClientOptions
    from microsoft_teams.common.experimental import ExperimentalWarning

warnings.filterwarnings("ignore", category=ExperimentalWarning)
logging.getLogger("microsoft_teams").setLevel(logging.CRITICAL + 1)

__all__ = [
    "PUBLIC",
    "Account",
    "Client",
    "ClientOptions",
    "CloudEnvironment",
    "ConversationClient",
    "CreateConversationParams",
    "MessageActivityInput",
    "TokenValidator",
    "with_overrides",
]
