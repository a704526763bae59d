"""Turns the rows of another employer's file into our answers by a crosswalk, and names every cell that does not fit."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from handlers.surveys.answers import Answered, Comparable
from handlers.surveys.cells import Cell, Odd, excel_day, has_odd_spaces, is_collapsed, key, number, quarter, shape
from handlers.surveys.meanings import Column, Meaning, meaning, nearest

MOST_PEOPLE = 1_000_000
MOST_SPANS = 500
REPAIRS = ("ranges", "day_numbers", "headers", "ids")
DUPLICATES = ("refuse", "drop", "keep")
ALL = "*"
IMPORT_ID = '"ImportId"'  # Qualtrics puts a line of them under the header


@dataclass(frozen=True, slots=True)
class When:
    """The column of the date or quarter, and how to read it; or one quarter for the whole file (`fixed`)."""

    column: str = ""
    fixed: str = ""
    order: str = ""
    begins: int = 1
    year_only: int = 0
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """A column of a table of counts, and what is known of all the people in it.

    That is a quarter, the `answer` (in their words) to the row's question, or the `code` of a metric of ours.
    """

    column: str
    quarter: str = ""
    answer: str = ""
    metric: str = ""
    code: str = ""
    comparable: Comparable = "same"


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """How a kind of file becomes our answers.

    `long` names the columns of question and answer where a row holds one question (no answer column: each count has
    its `answer`); a column's name is then the question. `id` is looked at only to find a row that is there twice.
    `suppressed` are marks of a count that was hidden at the source; `ignored` are columns that are not read, or "*".
    """

    questionnaire: str
    when: When
    columns: tuple[Column, ...]
    counts: tuple[Count, ...] = ()
    long: tuple[str, str] | None = None
    id: str = ""
    duplicates: str = "refuse"
    suppressed: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    repairs: frozenset[str] = frozenset()
    encoding: str = "auto"
    sheet: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the columns that are read, but for counts and id."""
        read = self.long or tuple(column.name for column in self.columns)
        return tuple(name for name in (*read, self.when.column) if name)

    @property
    def wanted(self) -> tuple[str, ...]:
        """Names of the columns that the file must have."""
        return (*self.groups, *(count.column for count in self.counts), *filter(None, (self.id,)))

    @property
    def words(self) -> frozenset[str]:
        """Every name and word of theirs that it knows, as they are looked up."""
        names = (*self.wanted, *(column.name for column in self.columns))
        inside = (chain(column.values, column.ticked, column.left_out) for column in self.columns)
        return frozenset(map(key, names)).union(*inside) - {""}

    @property
    def comparable(self) -> Mapping[str, Comparable]:
        """Metrics that are not the same everywhere."""
        flags = {one.metric: one.comparable for one in self.columns}
        flags |= {one.metric.partition("/")[0]: one.comparable for one in self.counts if one.metric}
        return {metric: flag for metric, flag in flags.items() if flag != "same"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as it was read: the row of the header, its names, and the rows under it with their numbers.

    `remarks` are what the reader noticed, and what it did about it.
    """

    header_row: int
    header: Sequence[str]
    rows: Iterable[tuple[int, Sequence[Cell]]]
    remarks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Places that do not fit alike: what was found, without repeating anything private, and what would fit.

    `rows` is empty for a whole column, `column` for whole rows.
    """

    column: str
    found: str
    fits: str
    rows: tuple[int, ...] = ()

    def __str__(self) -> str:
        column = f'column "{self.column}"' if self.column else ""
        rows = f"row{'s' if len(self.rows) > 1 else ''} {_spans(self.rows)}" if self.rows else ""
        return ": ".join(filter(None, (", ".join(filter(None, (rows, column))), self.found)))


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a file. `notes` are faults that the crosswalk says how to mend: `fits` is then what was done."""

    responses: tuple[Answered, ...]
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]
    rows: int

    @property
    def tallies(self) -> Mapping[str, Mapping[str, int]]:
        """How many people gave each code, by metric or metric/item."""
        counted: dict[str, Counter[str]] = {}
        for response in self.responses:
            for name, code in response.answers.items():
                counted.setdefault(name, Counter())[code] += response.weight
        return counted


def apply(crosswalk: Crosswalk, sheet: Sheet, latest: str = "") -> Result:
    """Read every row. Whatever does not fit is a fault; a file with faults should not be taken in.

    `latest` is the quarter that it is now; a later one is a fault.
    """
    reader = _Reader(crosswalk, sheet, latest)
    if reader.complete:
        for row, cells in sheet.rows:
            reader.read(row, cells)
    return Result(tuple(reader.responses), _faults(reader.faults), _faults(reader.notes), reader.rows)


class _Excluded(Exception):
    """This row is left out; a note or a fault says why."""


_Places = dict[tuple[str, str, str], list[int]]


class _Reader:
    """Goes through one file. Each column remembers what its cells mean, for most of them come again and again."""

    def __init__(self, crosswalk: Crosswalk, sheet: Sheet, latest: str) -> None:
        self.crosswalk = crosswalk
        self.latest = latest
        self.header = tuple(sheet.header)
        self.at = {key(name): place for place, name in enumerate(self.header)}
        self.faults: _Places = {one: [] for one in _faults_of_header(crosswalk, sheet)}
        self.notes: _Places = {("", found, done): [] for found, done in sheet.remarks}
        self.notes |= {one: [sheet.header_row] for one in _notes_of_header(crosswalk, sheet)}
        self.responses: list[Answered] = []
        self.rows = 0
        self._sound = True
        self._columns = {key(column.name): column for column in crosswalk.columns}
        self._places = {name: self.at[key(name)] for name in crosswalk.wanted if key(name) in self.at}
        self._meanings: dict[str, dict[Cell, Meaning]] = {column.name: {} for column in crosswalk.columns}
        self._quarters: dict[Cell, str | Odd] = {}
        self._seen: dict[int, int] = {}
        self._comparable = crosswalk.comparable

    @property
    def complete(self) -> bool:
        """Whether every column that is read is there."""
        return all(name in self._places for name in self.crosswalk.wanted)

    def read(self, row: int, cells: Sequence[Cell]) -> None:
        """Take one row in, or say what is wrong with it."""
        if all(cell is None or cell == "" for cell in cells):
            return
        self.rows += 1
        self._sound = True
        try:
            self._read(row, self._whole_row(row, cells))
        except _Excluded:
            return

    def _read(self, row: int, cells: Sequence[Cell]) -> None:
        self._check_twice(row, cells)
        when = self._quarter(row, cells)
        asked = self._asked(row, cells)
        answers = self._answers(row, cells, asked)
        found = list(self._people(row, cells, asked, when, answers))
        if self._sound:
            self.responses += found

    def _whole_row(self, row: int, cells: Sequence[Cell]) -> Sequence[Cell]:
        """The row, as long as the header; one that is the header again, or longer, is left out."""
        width = len(self.header)
        if any(cell not in (None, "") for cell in cells[width:]):
            self._fault(row, "", "more cells than the header has", f"{width} cells")
            raise _Excluded
        if self._is_header(cells):
            self._mend("headers", row, "", "the header, or a second line of it, once more", "left out")
            raise _Excluded
        if len(cells) < width:
            self._note(row, "", "fewer cells than the header has", "the rest is read as empty")
            return (*cells, *[""] * (width - len(cells)))
        return cells

    def _is_header(self, cells: Sequence[Cell]) -> bool:
        same = sum(cell == name != "" for cell, name in zip(cells, self.header, strict=False))
        return 2 * same > len(self.at) or any(isinstance(cell, str) and IMPORT_ID in cell for cell in cells)

    def _check_twice(self, row: int, cells: Sequence[Cell]) -> None:
        duplicates = self.crosswalk.duplicates
        if duplicates == "keep" or (mark := self._mark(row, cells)) is None:
            return
        first = self._seen.setdefault(hash(mark), row)
        if first == row:
            return
        if duplicates == "drop":
            self._note(row, "", f"the same as row {first}", "left out")
        else:
            self._fault(row, "", f"the same as row {first}", 'each row once; or duplicates = "drop" or "keep"')
        raise _Excluded

    def _mark(self, row: int, cells: Sequence[Cell]) -> object:
        """What makes a row the same as another: its id, else all of it; in a table of counts, all but the counts."""
        if name := self.crosswalk.id:
            cell = self._cell(cells, name)
            if not is_collapsed(cell):
                return key(cell) or None
            self._mend("ids", row, name, shape(cell), "the whole row is compared instead")
        if not self.crosswalk.counts:
            return tuple(cells)
        return tuple(key(self._cell(cells, name)) for name in self.crosswalk.groups)

    def _quarter(self, row: int, cells: Sequence[Cell]) -> str:
        when = self.crosswalk.when
        if not when.column:
            return when.fixed
        cell = self._cell(cells, when.column)
        if cell not in self._quarters:
            self._quarters[cell] = self._read_quarter(cell)
        found = self._quarters[cell]
        if isinstance(found, Odd) and when.lenient:
            self._note(row, when.column, found.found, "the row is left out")
            raise _Excluded
        if isinstance(found, Odd):
            self._fault(row, when.column, found.found, found.fits)
            return ""
        if excel_day(cell):
            self._note(row, when.column, "a number that a spreadsheet keeps for a day", "read as that day")
        return found

    def _read_quarter(self, cell: Cell) -> str | Odd:
        when = self.crosswalk.when
        if isinstance(cell, Odd):
            return cell
        day = excel_day(cell)
        if day and "day_numbers" not in self.crosswalk.repairs:
            return Odd("a number that a spreadsheet keeps for a day", 'a date; or repairs = ["day_numbers"]')
        found = quarter(day or cell, when.order, when.begins, when.year_only)
        if isinstance(found, str) and self.latest and found > self.latest:
            return Odd("a date that is still to come", f"a quarter until {self.latest}")
        return found

    def _asked(self, row: int, cells: Sequence[Cell]) -> Column | None:
        """The question of a row, where each row has its own; a row with a question that is not read is left out."""
        if self.crosswalk.long is None:
            return None
        question = self._cell(cells, self.crosswalk.long[0])
        column = self._columns.get(key(question))
        if column is None:
            if {key(question), ALL} & self.crosswalk.ignored:
                self._note(row, self.crosswalk.long[0], "a question that is ignored", "the row is left out")
            else:
                self._fault(row, self.crosswalk.long[0], shape(question), nearest(key(question), self._columns))
            raise _Excluded
        return column

    def _answers(self, row: int, cells: Sequence[Cell], asked: Column | None) -> dict[str, str]:
        answers: dict[str, str] = {}
        if asked is None or self.crosswalk.long is None:
            for column in self.crosswalk.columns:
                answers.update(self._answer(row, column, self._cell(cells, column.name)))
        elif self.crosswalk.long[1]:
            answers.update(self._answer(row, asked, self._cell(cells, self.crosswalk.long[1])))
        return answers

    def _answer(self, row: int, column: Column, cell: Cell) -> Iterable[tuple[str, str]]:
        known = self._meanings[column.name]
        read = known.get(cell)
        if read is None:
            read = known[cell] = meaning(column, cell, self.crosswalk.repairs)
        if read.note:
            self._note(row, column.name, read.found, read.note)
        elif read.found:
            self._fault(row, column.name, read.found, read.fits)
        if read.excluded:
            raise _Excluded
        return read.answers

    def _people(
        self, row: int, cells: Sequence[Cell], asked: Column | None, when: str, answers: Mapping[str, str]
    ) -> Iterator[Answered]:
        """One response of a row, or one for each of its counts."""
        if not self.crosswalk.counts and answers:
            yield Answered(when, answers, 1, self._comparable)
        for count in self.crosswalk.counts:
            given = {**answers, **({count.metric: count.code} if count.metric else {})}
            if count.answer and asked:
                given.update(self._answer(row, asked, count.answer))
            people = self._count(row, count.column, self._cell(cells, count.column))
            if given and people:
                yield Answered(count.quarter or when, given, people, self._comparable)

    def _count(self, row: int, column: str, cell: Cell) -> int:
        if key(cell) in self.crosswalk.suppressed and not isinstance(cell, Odd):
            self._note(row, column, "a count that was hidden", "left out")
            return 0
        found = None if isinstance(cell, Odd) else number(cell)
        if found is not None and found == int(found) and 0 <= found <= MOST_PEOPLE:
            return int(found)
        usual = "a whole number of people; marks of hidden ones go into `suppressed`"
        self._fault(row, column, shape(cell), cell.fits if isinstance(cell, Odd) else usual)
        return 0

    def _cell(self, cells: Sequence[Cell], name: str) -> Cell:
        return cells[self._places[name]]

    def _mend(self, repair: str, row: int, column: str, found: str, done: str) -> None:
        if repair in self.crosswalk.repairs:
            self._note(row, column, found, done)
        else:
            self._fault(row, column, found, f'nothing of the kind; or repairs = ["{repair}"]: {done}')

    def _note(self, row: int, column: str, found: str, done: str) -> None:
        self.notes.setdefault((column, found, done), []).append(row)

    def _fault(self, row: int, column: str, found: str, fits: str) -> None:
        self._sound = False
        self.faults.setdefault((column, found, fits), []).append(row)


def _faults_of_header(crosswalk: Crosswalk, sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    header = [key(name) for name in sheet.header]
    wanted = {key(name): name for name in crosswalk.wanted}
    for name, theirs in wanted.items():
        if name not in header:
            yield theirs, "no such column", f"one of that name in row {sheet.header_row}, the header"
        elif header.count(name) > 1:
            yield theirs, "the column is there more than once", "each name once"
    for place, name in enumerate(header, 1):
        if name and name not in wanted and not {name, ALL} & crosswalk.ignored:
            yield _letters(place), "a column that the crosswalk does not know", "to be mapped, or to be `ignored`"


def _notes_of_header(crosswalk: Crosswalk, sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    wanted = {key(name): name for name in crosswalk.wanted}
    if sheet.header_row > 1:
        yield "", "the header, below other rows", "what stands above it is left out"
    for name in sheet.header:
        if key(name) in wanted and has_odd_spaces(name):
            yield wanted[key(name)], "hard spaces or dashes in its name", "read as plain ones"


def _letters(place: int) -> str:
    """What a spreadsheet calls its n-th column: A, B … Z, AA."""
    name = ""
    while place:
        place, letter = divmod(place - 1, 26)
        name = chr(65 + letter) + name
    return name


def _faults(places: _Places) -> tuple[Fault, ...]:
    """In the order of their first rows; those of whole columns come first."""
    found = (Fault(*alike, tuple(rows)) for alike, rows in places.items())
    return tuple(sorted(found, key=lambda fault: fault.rows[:1]))


def _spans(rows: Sequence[int]) -> str:
    """Numbers in words: 3, 7-9; hundreds of gaps are cut short, with how many rows there are in all."""
    spans: list[list[int]] = []
    for row in sorted(set(rows)):
        if spans and spans[-1][1] == row - 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    words = ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in spans[:MOST_SPANS])
    return words if len(spans) <= MOST_SPANS else f"{words} … ({len(rows)} rows in all)"
