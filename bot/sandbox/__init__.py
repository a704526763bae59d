"""The whole product on stand-ins for the providers, with a page to use it."""

from bot.sandbox.app import main, open_sandbox

__all__ = ["main", "open_sandbox"]
