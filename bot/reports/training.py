"""The report on training as files: workbook, document, and a picture of how boards stand with their duties."""

from dataclasses import dataclass

from bot.reports import charts, pdf, workbook
from bot.reports.charts import Picture
from handlers.training.duties import Group
from handlers.training.report import NAME_HEAD, Cities, Figures, Row

TITLE = "How boards stand with what they must have"
MOST = 40


@dataclass(frozen=True, slots=True)
class Files:
    """What is posted; `pictures` is empty where nobody has a duty. The same report gives the same bytes."""

    headline: str
    pictures: tuple[Picture, ...]
    workbook: bytes
    document: bytes


def make(figures: Figures, cities: Cities) -> Files:
    """Make all files; takes about a second, so run it in a thread."""
    pictures = (board(figures.groups, cities),) if figures.groups else ()
    tables = [(title, rows) for title, rows in _tables(figures) if len(rows) > 1]
    about: tuple[Row, ...] = ((figures.title,), (figures.headline,), *((note,) for note in figures.notes))
    return Files(
        figures.headline,
        pictures,
        workbook.of_tables([("About", about), *tables]),
        pdf.typeset(_values(figures, tables), pictures),
    )


def board(groups: tuple[Group, ...], cities: Cities) -> Picture:
    """Who must, who has: one bar for each course and board, those with most overdue first."""
    worst = sorted(groups, key=lambda one: (-one.counts["late"], one.course, one.city, one.board))[:MOST]
    one_city = len({one.city for one in groups}) == 1
    return charts.standings(TITLE, [(_label(one, cities, one_city), _counts(one)) for one in worst])


def _counts(group: Group) -> dict[str, int]:
    counts = group.counts
    return {"done": counts["done"], "open": counts["open"], "overdue": counts["late"]}


def _label(group: Group, cities: Cities, one_city: bool) -> str:
    where = "" if one_city else f"{cities[group.city].name}, "
    return f"{where}{group.board} ({group.course})"


def _tables(figures: Figures) -> list[tuple[str, tuple[Row, ...]]]:
    return [*figures.tables, ("Not done yet", (NAME_HEAD, *figures.names))]


def _values(figures: Figures, tables: list[tuple[str, tuple[Row, ...]]]) -> dict[str, object]:
    pages = [
        {"title": title, "notes": [], "rows": [[str(cell) for cell in row] for row in rows]} for title, rows in tables
    ]
    return {
        "title": figures.title,
        "release": figures.headline,
        "pages": pages,
        "comparison": [],
        "accounting": [],
        "notes": list(figures.notes),
    }
