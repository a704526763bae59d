"""The report on training as files: workbook, document, and a picture of how boards stand with their duties."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.reports import charts, pdf, workbook
from bot.reports.bench import Bench
from bot.reports.charts import Picture
from bot.reports.worker import Told
from handlers import calendar
from handlers.cards import Card, Text
from handlers.messages import File
from handlers.reports import OPERATOR, Order, Posting
from handlers.training.duties import Group
from handlers.training.report import NAME_HEAD, Figures, Row, figures

TITLE = "How boards stand with what they must have"
MOST = 40


@dataclass(frozen=True, slots=True)
class Files:
    """What is posted; `pictures` is empty where nobody has a duty. The same report gives the same bytes."""

    pictures: tuple[Picture, ...]
    workbook: bytes
    document: bytes


async def make(bench: Bench, order: Order, told: Told) -> Posting:
    """A quarter's figures. People are named for the operator of a city alone: chats are read by many."""
    city = bench.region.jurisdictions[order.city]

    known, today = await bench.training(city.key), calendar.local_day(city, bench.now())
    named = order.actor == OPERATOR
    found = figures(known, bench.region.jurisdictions, city.key, order.period, today, named)
    names = {key: one.name for key, one in bench.region.jurisdictions.items()}
    made: Files = await bench.run(told, _draw, found, names)
    return Posting(_card(found, made), tuple(_attached(f"{city.key}-training-{order.period}", made)))


def files(found: Figures, names: Mapping[str, str]) -> Files:
    """Make all files; `names` are those of the cities by key."""
    pictures = (board(found.groups, names),) if found.groups else ()
    tables = [(title, rows) for title, rows in _tables(found) if len(rows) > 1]
    about: tuple[Row, ...] = ((found.title,), (found.headline,), *((note,) for note in found.notes))
    return Files(
        pictures,
        workbook.of_tables([("About", about), *tables]),
        pdf.typeset(_values(found, tables), pictures),
    )


def board(groups: tuple[Group, ...], names: Mapping[str, str]) -> Picture:
    """Who must, who has: one bar for each course and board, those with most overdue first."""
    worst = sorted(groups, key=lambda one: (-one.counts["late"], one.course, one.city, one.board))[:MOST]
    one_city = len({one.city for one in groups}) == 1
    return charts.standings(TITLE, [(_label(one, names, one_city), _counts(one)) for one in worst])


def _draw(told: Told, found: Figures, names: Mapping[str, str]) -> Files:
    told("drawing", 0, 0)
    return files(found, names)


def _card(found: Figures, made: Files) -> Card:
    parts = (
        Text(found.headline, "strong"),
        *(Text(picture.alt, "quiet") for picture in made.pictures),
        *(Text(note, "quiet") for note in found.notes),
    )
    return Card(found.title, parts, f"{found.title}: {found.headline}")


def _attached(name: str, made: Files) -> Iterator[File]:
    for picture in made.pictures:
        yield File(f"{name}-boards.png", picture.png, picture.alt)
    yield File(f"{name}.xlsx", made.workbook)
    yield File(f"{name}.pdf", made.document)


def _counts(group: Group) -> dict[str, int]:
    counts = group.counts
    return {"done": counts["done"], "open": counts["open"], "overdue": counts["late"]}


def _label(group: Group, names: Mapping[str, str], one_city: bool) -> str:
    where = "" if one_city else f"{names[group.city]}, "
    return f"{group.course}: {where}{group.board}"


def _tables(found: Figures) -> list[tuple[str, tuple[Row, ...]]]:
    return [*found.tables, ("Not done yet", (NAME_HEAD, *found.names))]


def _values(found: Figures, tables: list[tuple[str, tuple[Row, ...]]]) -> dict[str, object]:
    pages = [
        {"title": title, "notes": [], "rows": [[str(cell) for cell in row] for row in rows]} for title, rows in tables
    ]
    return {
        "title": found.title,
        "release": found.headline,
        "pages": pages,
        "comparison": [],
        "accounting": [],
        "notes": list(found.notes),
    }
