"""What went wrong, in one sentence and an exit code."""

import traceback
from pathlib import Path

from bot.commands import Stop
from bot.settings import WrongSetting
from handlers.jurisdiction import Faulty
from storage.database import Refused
from storage.vault import KeyFault

FOUND, USED_WRONGLY = 1, 2
DEPTH = 4


def sentence(fault: Exception) -> tuple[str, int]:
    """The words and exit code of a fault; one nobody foresaw is told without its message, which may hold secrets."""
    if isinstance(fault, Stop):
        return str(fault), fault.code
    if isinstance(fault, WrongSetting):
        return str(fault), USED_WRONGLY
    if isinstance(fault, Faulty | KeyFault | Refused):
        return str(fault), FOUND
    return f"An unexpected {type(fault).__qualname__} at {_where(fault)}.", FOUND


def _where(fault: Exception) -> str:
    steps = list(traceback.walk_tb(fault.__traceback__))[-DEPTH:]
    return ", from ".join(f"{Path(frame.f_code.co_filename).name}:{line}" for frame, line in reversed(steps))
