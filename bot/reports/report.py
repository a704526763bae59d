"""A report on exit interviews: what it holds, and its headline, pictures, workbook and document."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.reports import charts, pdf, workbook
from bot.reports.charts import Picture
from bot.reports.pages import Page, Report, pages
from handlers.release.explain import headline

__all__ = ["Files", "Page", "Report", "make"]


@dataclass(frozen=True, slots=True)
class Files:
    """Everything that is posted: words, pictures by file name, and two files; the same report gives the same bytes."""

    headline: str
    pictures: Mapping[str, Picture]
    workbook: bytes
    document: bytes
    data_hash: str


def make(report: Report) -> Files:
    """Make all files of a report; takes about a second, so run it in a thread."""
    pictures = _pictures(report)
    first = next((headline(table) for table in report.release.tables), "Nothing may be shown this time.")
    return Files(
        first,
        {f"{name}.png": picture for name, picture in pictures.items()},
        workbook.make(report),
        pdf.make(report, list(pictures.values())),
        report.data_hash,
    )


def _pictures(report: Report) -> dict[str, Picture]:
    found: dict[str, Picture] = {}
    for number, page in enumerate(pages(report), 1):
        table, draw = page.table, charts.scale if page.table.crossing.rows in report.scales else charts.bars
        if not table.crossing.columns:
            found[f"{number}-{_file_name(table.crossing.rows)}"] = draw(page.title, table)
    if report.trend:
        found["trend"] = charts.trend(f"{report.trend_of} over time", report.trend)
    if report.benchmark:
        found["own-and-others"] = charts.comparison("Own and the other employers", report.benchmark.lines)
    return found


def _file_name(words: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in words.lower())[:40]
