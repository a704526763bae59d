"""What a report says, as plain values that each kind of file lays out in its own way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from handlers.release.benchmark import WHY_NOT, Benchmark, Point
from handlers.release.explain import HIDDEN, WHY_HIDDEN, coverage, headline, merged
from handlers.release.published import Release, data_hash
from handlers.release.table import ALL, Table

TOTAL = "All"


@dataclass(frozen=True, slots=True)
class Report:
    """A release with what is shown beside it.

    `tables` are those of the release as people read them (empty: as they are), `period` the quarters they cover.
    `drawn` names the axes that get a picture of their own, `scales` those that share one. `accounting` and `rates` come
    from handlers.release.response; `not_shown` pairs what was asked for with why it is not there, `comments` each
    question with words that somebody read and let go out.
    """

    title: str
    release: Release
    period: str = ""
    tables: tuple[Table, ...] = ()
    drawn: frozenset[str] = frozenset()
    scales: frozenset[str] = frozenset()
    benchmark: Benchmark | None = None
    compared: bool = False
    trend: tuple[Point, ...] = ()
    trend_of: str = ""
    accounting: Mapping[str, int | None] = field(default_factory=dict)
    rates: Mapping[str, int | None] = field(default_factory=dict)
    not_shown: tuple[tuple[str, str], ...] = ()
    comments: tuple[tuple[str, str], ...] = ()

    @property
    def data_hash(self) -> str:
        """SHA-256 of the released figures."""
        return data_hash(self.release)


@dataclass(frozen=True, slots=True)
class Page:
    """One table in words and rows of text; the first row and the first column are labels."""

    title: str
    table: Table
    rows: tuple[tuple[str | int, ...], ...]
    notes: tuple[str, ...]


def pages(report: Report) -> list[Page]:
    """A page for each table of the release."""
    return [_page(table) for table in report.tables or report.release.tables]


def notes(report: Report) -> Iterator[str]:
    """What a reader must know about the whole report."""
    if any(table.hidden for table in report.release.tables):
        yield WHY_HIDDEN
    if report.compared and report.benchmark is None:
        yield WHY_NOT
    for why in dict.fromkeys(why for _, why in report.not_shown):
        yield f"Not shown: {'; '.join(what for what, other in report.not_shown if other == why)}. {why}"
    yield f"Data hash (SHA-256): {report.data_hash}"


def accounting(report: Report) -> list[tuple[str, str]]:
    """Who was asked and what became of it: counts first, then rates."""
    counts = [(name.replace("_", " ").capitalize(), shown(count)) for name, count in report.accounting.items()]
    return counts + [
        (f"{name} (AAPOR)", HIDDEN if rate is None else f"{rate} %") for name, rate in report.rates.items()
    ]


def comparison(report: Report) -> list[tuple[str, str, str]]:
    """Own share and the others' band, by answer."""
    lines = report.benchmark.lines if report.benchmark else ()
    return [
        (line.label, HIDDEN if line.own is None else f"{line.own} %", f"{line.low} to {line.high} %") for line in lines
    ]


def shown(count: int | None) -> str:
    """A count, or the word for a hidden one."""
    return HIDDEN if count is None else str(count)


def _page(table: Table) -> Page:
    crossing = table.crossing
    title = _capital(" by ".join(crossing.axes))
    columns = (*table.columns, ALL) if crossing.columns else (ALL,)
    head = (_capital(crossing.rows), *(column or (TOTAL if crossing.columns else "People") for column in columns))
    body = ((row or TOTAL, *(_value(table.cells[row, column]) for column in columns)) for row in (*table.rows, ALL))
    together = (f"Shown together: {line}." for line in merged(table))
    said = (headline(table),) if not crossing.columns else ()
    return Page(title, table, (head, *body), (*said, coverage(table), *together))


def _value(count: int | None) -> str | int:
    return HIDDEN if count is None else count


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
