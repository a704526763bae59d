"""Released tables in words: the headline, why a cell is hidden, how much is shown; every sentence says nothing more."""

from handlers.release.rollup import published
from handlers.release.rules import Refused
from handlers.release.table import ALL, Table

HIDDEN = "hidden"
WHY_HIDDEN = (
    "Hidden cells have at least one person and protect people who could be recognised: either few people are in the "
    "cell, or the cell would let somebody work out another one by subtraction. Which of the two is not told, as that "
    "would be a hint. No cell is hidden for what people answered."
)


def why_hidden(table: Table, row: str, column: str = ALL) -> str:
    """The answer to "why is this hidden?", the same for every hidden cell. KeyError: there is no such cell."""
    if table.cells[row, column] is not None:
        return "This cell is not hidden."
    return WHY_HIDDEN


def why_not(refused: Refused) -> str:
    """Why a table was not released, and what can be done."""
    advice = {
        "open": "Ask again after the lock.",
        "few": "Ask again after the next quarter, when more people have answered.",
        "small": "Ask again when more people have left.",
        "large": "Ask for fewer tables at once.",
        "subtraction": "Ask again after the next quarter, when more people have left.",
    }
    return " ".join(part for part in (refused.reason, advice.get(refused.code, "")) if part)


def merged(table: Table) -> list[str]:
    """What is shown together, a line for each group."""
    return [
        f"{label}: {', '.join(categories)}"
        for axis in table.crossing.axes
        for label, categories in table.crossing.groups.get(axis, ())
        if len(categories) > 1
    ]


def coverage(table: Table) -> str:
    """How much of a table is shown; without a share of people unless all cells are shown."""
    cells = [count for count in table.inner.values() if count != 0]
    shown = sum(count is not None for count in cells)
    if shown == len(cells):
        return "Every cell is shown."
    whole = table.cells[ALL, ALL]
    if whole is not None and published(table) > whole:  # several could be named
        return f"{shown} of {len(cells)} cells with people in them are shown. One person may stand in several."
    return f"{shown} of {len(cells)} cells with people in them are shown, and {published(table)} people in them."


def headline(table: Table) -> str:
    """One sentence on who answered and what they said most often, from shown counts only."""
    total = table.cells[ALL, ALL]
    best = max(table.rows, key=lambda row: table.cells[row, ALL] or 0)
    count = table.cells[best, ALL]
    if total is None or not total or not count:
        return "Too little may be shown for a headline."
    return f"{total} people answered; most often “{best}” ({count} people, {round(100 * count / total)} %)."
