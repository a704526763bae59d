"""What is done in the process beside, which imports this file and so nothing that only the service needs."""

from collections.abc import Sequence

from bot.reports import report as files
from bot.reports.pages import Report
from bot.reports.worker import Told
from handlers.release import quarterly
from handlers.release.plan import Plan
from handlers.release.quarterly import Asked, Outcome, Person


def release(told: Told, plan: Plan, people: Sequence[Person], asked: Asked) -> Outcome:
    """A release of what these people answered, or why there is none."""
    return quarterly.release(plan, people, asked, told)


def draw(told: Told, report: Report) -> files.Files:
    """The files of a report."""
    told("drawing", 0, 0)
    return files.make(report)
