"""A certificate as a PDF that a screen reader can read (PDF/UA-1): words as data, the same bytes each time."""

import json
from dataclasses import asdict
from importlib.resources import files
from typing import Any, Literal

from bot.reports.pdf import LONG_AGO
from handlers.training.certificates import Paper


def make(paper: Paper) -> bytes:
    """The document; takes a fraction of a second, so run it in a thread."""
    import typst

    try:
        return _compiled(paper, "ua-1")
    except typst.TypstError:  # a name in a script that the fonts lack: a sign for it is better than no certificate
        return _compiled(paper, None)


def _compiled(paper: Paper, standard: Literal["ua-1"] | None) -> bytes:
    import typst

    sources: Any = {"main.typ": files("bot.reports").joinpath("certificate.typ").read_bytes()}
    made: bytes = typst.compile(
        sources,
        sys_inputs={"paper": json.dumps(asdict(paper))},
        ignore_system_fonts=standard is not None,
        timestamp=LONG_AGO,
        pdf_standards=standard,
    )
    return made
