"""Pictures of released tables, each with words for who cannot see it; hidden counts are named and never drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from handlers.release.benchmark import Line, Point
from handlers.release.explain import HIDDEN
from handlers.release.table import ALL, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart with every common colour blindness.
INK, BLUE, ORANGE, SKY, GREY = "#222222", "#0072B2", "#D55E00", "#56B4E9", "#BBBBBB"
# By what a part of a bar stands for: the first, middle or last answer, or two of them that are shown together.
PARTS = {
    (0,): (BLUE, "yes"),
    (0, 1): (SKY, "yes or middle"),
    (1,): (GREY, "middle, or no answer"),
    (1, 2): ("#F2C9A5", "middle or no"),
    (2,): (ORANGE, "no"),
    (0, 1, 2): ("#E6E6E6", "all together"),
}
ROOM = 6  # percent of a bar in which a share can be written
NEARLY_ALL = 99.9
# What became of a duty, its colour, and the colour of what is written on it.
STANDINGS = (("done", BLUE), ("open", GREY), ("overdue", ORANGE))
WIDTH = 8.0
DOTS = 120
STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "text.color": INK,
    "text.parse_math": False,
    "svg.hashsalt": "commonline",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """The same picture as PNG (for chat) and SVG (for the document); `alt` says in words all that it shows."""

    title: str
    alt: str
    png: bytes
    svg: str


def alt_text(title: str, values: Sequence[tuple[str, str]]) -> str:
    """The picture in words: its title and each value, hidden ones included."""
    return f"{title}. " + "; ".join(f"{label}: {value}" for label, value in values) + "."


def bars(title: str, table: Table) -> Picture:
    """How many people gave each answer, most often first, hidden ones last."""
    counts = sorted(((row, table.cells[row, ALL]) for row in table.rows), key=lambda one: -(one[1] or 0))
    with _figure(title, 1.2 + 0.42 * len(counts)) as (figure, axes):
        axes.barh(range(len(counts)), [count or 0 for _, count in counts], color=BLUE, height=0.65)
        for at, (_, count) in enumerate(counts):
            _beside(axes, count or 0, at, HIDDEN if count is None else str(count), count is None)
        _answers(axes, [label for label, _ in counts])
        axes.set_xlabel("people")
        axes.margins(x=0.08)
        return _picture(figure, title, [(label, _people(count)) for label, count in counts])


def scales(title: str, tables: Sequence[tuple[str, Table]]) -> Picture:
    """A bar for each question, from its first answer to its last; hidden answers share what is left of it."""
    from matplotlib.patches import Patch

    with _figure(title, 1.5 + 0.48 * len(tables)) as (figure, axes):
        drawn = {part for at, (_, table) in enumerate(tables) for part in _stack(axes, at, table)}
        axes.set_yticks(range(len(tables)), [textwrap.fill(name, 26) for name, _ in tables])
        axes.invert_yaxis()
        axes.set(xlim=(0, 100), xlabel="percent of people")
        handles = [Patch(color=color, label=label) for part, (color, label) in PARTS.items() if part in drawn]
        if () in drawn:
            handles.append(Patch(facecolor="white", edgecolor=INK, hatch="///", label=HIDDEN))
        figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
        return _picture(figure, title, [(name, _spoken(table)) for name, table in tables])


def trend(title: str, points: Sequence[Point]) -> Picture:
    """A share over time; the line is broken where it was hidden."""
    nothing = float("nan")
    with _figure(title, 3.2) as (figure, axes):
        shares = [nothing if point.share is None else point.share for point in points]
        axes.plot(range(len(points)), shares, color=BLUE, marker="o", linewidth=2)
        for at, point in enumerate(points):
            words = HIDDEN if point.share is None else f"{point.share} %"
            axes.annotate(words, (at, point.share or 0), (0, 8), textcoords="offset points", ha="center")
        axes.set(ylim=(0, 110), xlim=(-0.5, len(points) - 0.5), ylabel="percent of people")
        axes.set_xticks(range(len(points)), [point.name for point in points])
        values = [(point.name, HIDDEN if point.share is None else f"{point.share} %") for point in points]
        return _picture(figure, title, values)


def comparison(title: str, lines: Sequence[Line]) -> Picture:
    """Own share as a diamond on the band of the others' share."""
    with _figure(title, 1.7 + 0.5 * len(lines)) as (figure, axes):
        widths = [line.high - line.low for line in lines]
        axes.barh(range(len(lines)), widths, left=[line.low for line in lines], color=SKY, height=0.5, label="others")
        own = [(line.own, at) for at, line in enumerate(lines) if line.own is not None]
        axes.scatter(
            [share for share, _ in own], [at for _, at in own], color=ORANGE, marker="D", zorder=3, label="own"
        )
        for at, line in enumerate(lines):
            _beside(axes, line.high, at, "" if line.own is not None else f"own {HIDDEN}", True)
        _answers(axes, [line.label for line in lines])
        axes.set(xlim=(0, 100), xlabel="percent of people")
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        values = [(line.label, f"own {_percent(line.own)}, others {line.low} to {line.high} %") for line in lines]
        return _picture(figure, title, values)


def standings(title: str, boards: Sequence[tuple[str, Mapping[str, int]]]) -> Picture:
    """A bar for each board: people whose duty is done, open or overdue, each number on its part of the bar."""
    from matplotlib.patches import Patch
    from matplotlib.ticker import MaxNLocator

    with _figure(title, 1.5 + 0.48 * len(boards)) as (figure, axes):
        for at, (_, counts) in enumerate(boards):
            left = 0
            for name, color in STANDINGS:
                axes.barh(at, counts[name], left=left, color=color, height=0.65)
                if counts[name]:
                    middle, ink = (left + counts[name] / 2, at), _ink(color)
                    axes.annotate(str(counts[name]), middle, ha="center", va="center", color=ink)
                left += counts[name]
        axes.set_yticks(range(len(boards)), [textwrap.fill(label, 36) for label, _ in boards])
        axes.invert_yaxis()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("people")
        figure.legend(
            handles=[Patch(color=color, label=name) for name, color in STANDINGS],
            loc="outside lower center", ncols=3, frameon=False,
        )  # fmt: skip
        values = [(label, ", ".join(f"{counts[name]} {name}" for name, _ in STANDINGS)) for label, counts in boards]
        return _picture(figure, title, values)


@contextmanager
def _figure(title: str, height: float) -> Iterator[tuple[Figure, Axes]]:
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.set_title(textwrap.fill(title, 70), loc="left", fontweight="bold")
        yield figure, axes


def _stack(axes: Axes, at: int, table: Table) -> Iterator[tuple[int, ...]]:
    """Shares of one question; gives what was drawn, () for what is hidden."""
    total, left = table.cells[ALL, ALL] or 0, 0.0
    groups = table.crossing.groups.get(table.crossing.rows, ())
    every = [one for _, merged in groups for one in merged]
    for row, merged in groups:
        count = table.cells[row, ALL]
        if not count or not total:
            continue
        share, part = 100 * count / total, tuple(every.index(one) for one in merged)
        color = PARTS[part][0]
        axes.barh(at, share, left=left, color=color, height=0.62)
        if share >= ROOM:
            axes.annotate(f"{round(share)} %", (left + share / 2, at), ha="center", va="center", color=_ink(color))
        left += share
        yield part
    if left < NEARLY_ALL:
        axes.barh(at, 100 - left, left=left, color="white", edgecolor=INK, hatch="///", height=0.62)
        yield ()


def _ink(color: str) -> str:
    """The colour of words on a colour."""
    return "white" if color == BLUE else INK


def _spoken(table: Table) -> str:
    return ", ".join(f"{row}: {_people(table.cells[row, ALL])}" for row in table.rows)


def _answers(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(
        range(len(labels)), [textwrap.fill(textwrap.shorten(label, 70, placeholder=" …"), 36) for label in labels]
    )
    axes.invert_yaxis()


def _beside(axes: Axes, x: float, y: float, words: str, quiet: bool) -> None:
    style = "italic" if quiet else "normal"
    axes.annotate(words, (x, y), (4, 0), textcoords="offset points", va="center", fontstyle=style)


def _picture(figure: Figure, title: str, values: Sequence[tuple[str, str]]) -> Picture:
    png, svg = BytesIO(), BytesIO()
    figure.savefig(png, format="png", dpi=DOTS, metadata={"Software": None})
    figure.set_layout_engine("none")  # all is in its place by now, and finding places takes as long as drawing
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    return Picture(title, alt_text(title, values), png.getvalue(), svg.getvalue().decode())


def _people(count: int | None) -> str:
    return HIDDEN if count is None else f"{count} people"


def _percent(share: int | None) -> str:
    return HIDDEN if share is None else f"{share} %"
