"""The report as a PDF that a screen reader can read (PDF/UA-1), set by Typst with its own fonts and no network."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from bot.reports.charts import Picture
from bot.reports.pages import Report, accounting, comparison, notes, pages

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def make(report: Report, pictures: Sequence[Picture]) -> bytes:
    """The document."""
    return typeset(_values(report), pictures)


def typeset(values: Mapping[str, object], pictures: Sequence[Picture]) -> bytes:
    """The document of these values; all words go in as data, so that none of them is read as markup.

    `values` are title, release, pages (title, notes, rows), comparison, accounting and notes.
    """
    import typst

    drawn_as = [{"file": f"{number}.svg", "alt": picture.alt} for number, picture in enumerate(pictures)]

    template = files("bot.reports").joinpath("report.typ").read_bytes()
    drawn = {f"{number}.svg": picture.svg.encode() for number, picture in enumerate(pictures)}
    sources: Any = {"main.typ": template, **drawn}
    made: bytes = typst.compile(
        sources,
        sys_inputs={"report": json.dumps({**values, "pictures": drawn_as})},
        ignore_system_fonts=True,
        timestamp=LONG_AGO,
        pdf_standards=["ua-1"],
    )
    return made


def _values(report: Report) -> dict[str, object]:
    return {
        "title": report.title,
        "release": report.period or report.release.name,
        "pages": [
            {"title": page.title, "notes": page.notes, "rows": [[str(cell) for cell in row] for row in page.rows]}
            for page in pages(report)
        ],
        "comparison": comparison(report),
        "comments": report.comments,
        "accounting": accounting(report),
        "notes": list(notes(report)),
    }
