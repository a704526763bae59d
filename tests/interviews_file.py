"""A file of interviews as Lee's Summit exports it, small and sound, for the tests that take one in."""

from bot import imports

CROSSWALK = "lees_summit"


def interviews(number: int = 0, people: int = 2, **changed: str) -> bytes:
    """A CSV file; another one for each number. `changed` are cells of its first row by the names of `ALSO`."""
    names = imports.load_crosswalk(CROSSWALK).wanted
    rows = [_row(names, number * 1000 + person) for person in range(1, people + 1)]
    rows[0] = rows[0] | {ALSO[name]: value for name, value in changed.items()}
    lines = [names, *([row[name] for name in names] for row in rows)]
    return "\r\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode()


ALSO = {"service": "Length of service", "paid": "I was paid fairly for my work"}


def _row(names: tuple[str, ...], id: int) -> dict[str, str]:
    answered = {"Response ID": str(id), "Separation date": "9/30/2026", "Length of service": "1-2 years"}
    return {name: "" for name in names} | answered | {"Reason: pay": "X", "I was paid fairly for my work": "SD"}
