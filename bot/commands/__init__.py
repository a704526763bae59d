"""What `python -m bot …` can do, one file per group of commands."""

from collections.abc import Collection
from pathlib import Path


class Stop(Exception):
    """Ends a command with one sentence; `code` is 1 for a fault that was found, 2 for a wrong use."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def require_city(city: str, known: Collection[str], none: str = "") -> None:
    """Stops unless the city is one of the known; `none` says what is wrong where none is."""
    if city not in known:
        raise Stop(f"--city is wrong: it must be one of {', '.join(known) or none}.", 2)


def write_new(file: Path, content: bytes, other: str = "name another") -> None:
    """Write a file that must not be there yet; `other` says how to name another one."""
    try:
        with file.open("xb") as new_file:
            new_file.write(content)
    except FileExistsError:
        raise Stop(f"{file} exists already; {other}.", 2) from None
    except OSError as error:
        raise Stop(f"{file} cannot be written: {error.strerror}.", 2) from None
