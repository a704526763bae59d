"""A report on exit interviews: what it holds, and its headline, pictures, workbook and document."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.reports import charts, pdf, workbook
from bot.reports.charts import Picture
from bot.reports.pages import Page, Report, pages
from handlers.release.explain import headline

SCALES = "How people rated their work"

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
    first = next((headline(page.table) for page in pages(report)), "Nothing may be shown this time.")
    return Files(
        first,
        {f"{name}.png": picture for name, picture in pictures.items()},
        workbook.make(report),
        pdf.make(report, list(pictures.values())),
        report.data_hash,
    )


def _pictures(report: Report) -> dict[str, Picture]:
    found: dict[str, Picture] = {}
    one_way = [page for page in pages(report) if not page.table.crossing.columns]
    for page in [one for one in one_way if one.table.crossing.rows in report.drawn]:
        found[_file_name(page.title)] = charts.bars(page.title, page.table)
    marked = [(one.title, one.table) for one in one_way if one.table.crossing.rows in report.scales]
    if marked:
        found["scales"] = charts.scales(SCALES, marked)
    if report.trend:
        found["trend"] = charts.trend(f"{report.trend_of}, over time", report.trend)
    if report.benchmark:
        found["own-and-others"] = charts.comparison("Own and the other employers", report.benchmark.lines)
    return found


def _file_name(words: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in words.lower())[:40]
