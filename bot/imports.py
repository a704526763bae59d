"""Opens what other employers send, CSV or XLSX of any make, and the crosswalks by which it is read."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, islice
from pathlib import Path

from bot import imports_csv, imports_xlsx
from bot.cities import parse
from handlers.surveys.cells import Cell, Odd, key
from handlers.surveys.crosswalk import Crosswalk, Sheet
from handlers.surveys.crosswalk_file import check_targets, read_crosswalk, targets
from handlers.surveys.questionnaire import Questionnaire, read_toml
from handlers.tables import Faulty

CROSSWALKS = Path(__file__).parent / "crosswalks"  # named in the chats, too: bot/cities.py
QUESTIONNAIRES = Path(__file__).parent / "questionnaires"

LARGEST = 25 << 20
MOST_ROWS = 250_000
MOST_COLUMNS = 500
LONGEST = 5_000
DEEPEST = 30
STEP = 500

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
LONG = Odd(f"a text of more than {LONGEST} characters", "a shorter one")

Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """A Progress that nobody watches."""


def crosswalk_names() -> list[str]:
    """The crosswalks that are shipped."""
    return sorted(file.stem for file in CROSSWALKS.glob("*.toml"))


def load_crosswalk(name: str) -> Crosswalk:
    """A crosswalk by its path, or a shipped one by its name; raises Faulty with line or key and what would be right."""
    file = Path(name)
    if not file.is_file() and name in crosswalk_names():
        file = CROSSWALKS / f"{name}.toml"
    crosswalk = read_crosswalk(file.name, parse(file))
    check_targets(file.name, crosswalk, targets(_questionnaire(file.name, crosswalk.questionnaire)))
    return crosswalk


def open_file(file: Path) -> bytes:
    """The content of a file; raises Faulty if it cannot be read or is too large."""
    try:
        if file.stat().st_size > LARGEST:
            raise Faulty(f"{file.name} is too large: more than {LARGEST >> 20} MB.")
        return file.read_bytes()
    except OSError as error:
        raise Faulty(f"{file.name} cannot be read: {error.strerror}.") from None


def quarter(now: datetime) -> str:
    """The quarter that it is, such as 2026Q4: later ones are a fault."""
    return f"{now.year}Q{(now.month + 2) // 3}"


def digest(content: bytes) -> str:
    """By which the same file is known again."""
    return hashlib.sha256(content).hexdigest()


def read_sheet(content: bytes, crosswalk: Crosswalk, progress: Progress = silent) -> Sheet:
    """The header and the rows under it; raises Faulty if the file as a whole cannot be read.

    Rows are read while they are asked for, so a file that is broken further down raises Faulty there.
    """
    if len(content) > LARGEST:
        raise Faulty(f"The file is too large: more than {LARGEST >> 20} MB.")
    if content.startswith(OLE):
        raise Faulty("The file is an old Excel workbook, or has a password; save it as .xlsx without one.")
    source = _workbook(content, crosswalk) if content.startswith(ZIP) else _text(content, crosswalk)
    return _under_header(source, crosswalk, progress)


def _questionnaire(crosswalk: str, name: str) -> Questionnaire:
    known = {file.stem: file for file in sorted(QUESTIONNAIRES.glob("*.toml"))}
    if name not in known:
        raise Faulty(f"{crosswalk}: questionnaire: must be one of {', '.join(known)}")
    return read_toml(known[name].read_text("utf-8"), known[name].name)


@dataclass(frozen=True, slots=True)
class _Source:
    """Every row of a file; how many there are, if that is known; whether empty cells at the end of a row are left away
    as a rule; what was noticed, and done about it."""

    rows: Iterable[Sequence[Cell]]
    total: int
    sparse: bool
    remarks: tuple[tuple[str, str], ...] = ()


def _workbook(content: bytes, crosswalk: Crosswalk) -> _Source:
    hidden = imports_xlsx.has_hidden_rows(content)
    remarks = (("hidden rows in the workbook", "read like the others"),) if hidden else ()
    return _Source(imports_xlsx.rows(content, crosswalk.sheet), 0, True, remarks)


def _text(content: bytes, crosswalk: Crosswalk) -> _Source:
    words = crosswalk.words
    text, guess = imports_csv.decode(content, crosswalk.encoding, lambda cell: key(cell) in words)
    mark = imports_csv.delimiter(text, lambda rows: _header(list(islice(rows, DEEPEST)), crosswalk)[0])
    remarks = ((f"an encoding that the file does not name: {guess} by its bytes", "read as that"),) if guess else ()
    return _Source(imports_csv.rows(text, mark), text.count("\n"), False, remarks)


def _under_header(source: _Source, crosswalk: Crosswalk, progress: Progress) -> Sheet:
    reading = iter(source.rows)
    first = list(islice(reading, DEEPEST))
    fit, place = _header(first, crosswalk)
    if not fit:
        names = ", ".join(f'"{name}"' for name in crosswalk.wanted)
        raise Faulty(f"None of the first {DEEPEST} rows holds the name of a column that the crosswalk reads: {names}.")
    header = _trimmed(first[place])
    if len(header) > MOST_COLUMNS:
        raise Faulty(f"The file has {len(header)} columns; {MOST_COLUMNS} are the most.")
    below = map(partial(_usable, len(header) if source.sparse else 0), chain(first[place + 1 :], reading))
    return Sheet(place + 1, header, _numbered(below, place + 2, source.total, progress), source.remarks)


def _header(rows: Sequence[Sequence[Cell]], crosswalk: Crosswalk) -> tuple[int, int]:
    """How many of the columns' names the row that holds most of them has, and its place."""
    wanted = {key(name) for name in crosswalk.wanted}
    fits = [(len(wanted & {key(cell) for cell in row}), -place) for place, row in enumerate(rows)]
    fit, place = max(fits, default=(0, 0))
    return fit, -place


def _trimmed(row: Sequence[Cell]) -> list[str]:
    """The names of a header without the empty ones at its end."""
    names = ["" if cell is None or isinstance(cell, Odd) else str(cell) for cell in row]
    while names and not names[-1].strip():
        names.pop()
    return names


def _numbered(
    rows: Iterable[Sequence[Cell]], first: int, total: int, progress: Progress
) -> Iterator[tuple[int, Sequence[Cell]]]:
    number = first
    for number, row in enumerate(rows, first):
        if number > MOST_ROWS:
            raise Faulty(f"The file has more than {MOST_ROWS} rows; cut it in parts.")
        if number % STEP == 0:
            progress("reading", min(number, total), total)
        yield number, row
    progress("reading", number, number)


def _usable(width: int, row: Sequence[Cell]) -> Sequence[Cell]:
    """With nothing endless in it, and at least as wide as that."""
    cells = [LONG if isinstance(cell, str) and len(cell) > LONGEST else cell for cell in row]
    return cells + [""] * (width - len(cells))
