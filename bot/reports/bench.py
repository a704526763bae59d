"""What the makers of reports work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Database
from storage.scene import Region
from storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Bench:
    """`run(told, function, *arguments)` does long work in another process; see worker.py."""

    database: Database
    vault: Vault
    region: Region
    now: Callable[[], datetime]
    run: Callable[..., Awaitable[Any]]
