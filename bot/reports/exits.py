"""The report on a city's exit interviews: a release that exposes nobody, or the sentence why there is none."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, replace
from functools import cache
from pathlib import Path
from typing import Any

from bot.cities import parse
from bot.reports import beside
from bot.reports.bench import Bench
from bot.reports.pages import Report, accounting, notes
from bot.reports.report import Files
from bot.reports.worker import Told
from handlers.cards import Card, Facts, Part, Text
from handlers.exits.interviews import PROGRAM, Comment
from handlers.jurisdiction import Jurisdiction
from handlers.messages import File
from handlers.release.benchmark import Benchmark, Line
from handlers.release.explain import HIDDEN, why_not
from handlers.release.plan import Plan, read_plan
from handlers.release.published import Release, as_json, data_hash
from handlers.release.quarterly import (
    Asked,
    Outcome,
    Person,
    followed,
    quarter_of,
    recounted,
    shown_tables,
)
from handlers.release.response import Dispositions, rates, shown
from handlers.release.rules import Refused, Rules, rolling
from handlers.reports import Order, Posting
from storage import comments, releases
from storage.database import Transaction
from storage.releases import Material, Stored

PLAN = Path(__file__).parents[1] / "releases" / "exit_interview.toml"
OPEN = Refused("open", "These interviews are still going on: a quarter is released when it is over and locked.")
NOT_THE_SAME = "Some answers behind these figures are not stored any more; the figures stay as they went out."
AGAIN = 3


class Overtaken(Exception):
    """Other releases went out again and again while this one was being made."""


async def make(bench: Bench, order: Order, told: Told) -> Posting:
    """Give out what is out already, else make it, attack it and note it first.

    What once went out is never made anew: asked for again, the same figures come, counted again from the answers.
    """
    city = bench.region.jurisdictions[order.city]
    for _ in range(AGAIN):
        material = await _gather(bench, order.period)
        made = next((one for one in material.released if (one.city, one.quarter) == (city.key, order.period)), None)
        if made is not None:
            return await _posting(bench, city, made, material, told)
        outcome = await _released(bench, city, order.period, material, told)
        if outcome.refused:
            return _refusal(city, order.period, outcome.refused)
        if await _note(bench, order, outcome, material):
            material = await _gather(bench, order.period)
            (made,) = [one for one in material.released if (one.city, one.quarter) == (city.key, order.period)]
            return await _posting(bench, city, made, material, told)
    raise Overtaken


@cache
def plan() -> Plan:
    """What a report on exit interviews shows."""
    return read_plan(parse(PLAN), PLAN.name)


async def _gather(bench: Bench, quarter: str) -> Material:
    async def work(tx: Transaction) -> Material:
        return await releases.gather(tx, bench.vault, bench.region, bench.now(), rolling(quarter))

    return await bench.database.transact(work)


async def _released(bench: Bench, city: Jurisdiction, quarter: str, material: Material, told: Told) -> Outcome:
    """Made beside this process, which takes from seconds to minutes."""
    window = rolling(quarter)
    if not material.all_locked(city.key, window):
        return Outcome(Release(quarter), refused=OPEN)
    others = frozenset(one.key for one in releases.employers(bench.region)) - {city.key}
    comparable = all(material.all_locked(one, window) for one in others)
    history = tuple(one.release for one in material.released)
    asked = Asked(city.key, quarter, history, others if comparable else frozenset())
    outcome: Outcome = await bench.run(told, beside.release, plan(), _lean(material.people), asked)
    return outcome


def _lean(people: Sequence[Person]) -> tuple[Person, ...]:
    """Without what no table counts, such as words."""
    keys = {measure.key for measure in plan().measures} | {plan().free.key}
    return tuple(
        replace(one, answers={key: value for key, value in one.answers.items() if key in keys}) for one in people
    )


async def _note(bench: Bench, order: Order, outcome: Outcome, material: Material) -> bool:
    """Keep all that goes out; the accounting with it, so that it is the same whenever it is asked for again."""
    window = rolling(order.period)
    answered = sum(one.employer == order.city and quarter_of(one.batch) in window for one in material.people)

    async def work(tx: Transaction) -> bool:
        counts = await releases.dispositions(tx, order.city, window)
        return await releases.store(
            tx,
            bench.vault,
            order.city,
            order.period,
            _body(outcome, counts, answered),
            digest=data_hash(outcome.release),
            known=len(material.released),
            actor=order.actor,
            now=bench.now(),
        )

    return await bench.database.transact(work)


def _body(outcome: Outcome, counts: Dispositions | None, answered: int) -> dict[str, Any]:
    rules = Rules()
    return {
        "release": as_json(outcome.release),
        "lines": [list(astuple(line)) for line in outcome.lines],
        "not_shown": [[what, why_not(why)] for what, why in outcome.not_shown],
        "accounting": shown(counts, rules, answered) if counts else {},
        "rates": rates(counts, rules, answered) if counts else {},
    }


def _refusal(city: Jurisdiction, quarter: str, why: Refused) -> Posting:
    """A sentence, and nothing that could be learnt from a number."""
    line = f"There is no report for {quarter}. {why_not(why)}"
    return Posting(Card(_title(city, quarter), (Text(line),), f"{city.name}: {line}"))


async def _posting(bench: Bench, city: Jurisdiction, made: Stored, material: Material, told: Told) -> Posting:
    own = [one for one in material.released if one.city == city.key and one.quarter <= made.quarter]
    report = replace(_report(city, made, own), comments=await _comments(bench, city, made.quarter))
    again = recounted(plan(), _lean(material.people), made.release, [one.release for one in material.released])
    drawn: Files = await bench.run(told, beside.draw, report)
    return Posting(_card(report, drawn, again), tuple(_attached(f"{city.key}-exits-{made.quarter}", drawn)))


async def _comments(bench: Bench, city: Jurisdiction, quarter: str) -> tuple[tuple[str, str], ...]:
    """Those that were read and let go by now; they are beside the figures and not in their hash."""
    form = bench.region.forms[PROGRAM]

    async def work(tx: Transaction) -> tuple[Comment, ...]:
        return await comments.released(tx, bench.vault, form, city.key, rolling(quarter))

    found = await bench.database.read(work)
    return tuple(sorted(((one.question, one.text) for one in found), key=lambda pair: pair[0]))


def _report(city: Jurisdiction, made: Stored, own: Sequence[Stored]) -> Report:
    lines = tuple(Line(*line) for line in made.body["lines"])
    measure = plan().measure(plan().trend)
    not_shown = dict(made.body["not_shown"])
    several = {plan().title_of(one.key) for one in plan().measures if one.part_of}
    return Report(
        _title(city, made.quarter),
        made.release,
        period=" to ".join((rolling(made.quarter)[0], made.quarter)),
        tables=shown_tables(plan(), made.release, not_shown),
        drawn=frozenset(one.part_of for one in plan().measures if one.part_of),
        scales=frozenset(one.title for one in plan().measures if one.scale),
        benchmark=Benchmark(lines, made.release.bands) if lines else None,
        compared=True,
        trend=followed(plan(), [(one.quarter, one.release) for one in own]),
        trend_of=f"{measure.part_of}: {measure.item}" if measure.part_of else measure.title,
        accounting=made.body["accounting"],
        rates=made.body["rates"],
        not_shown=tuple((what, why) for what, why in not_shown.items() if what not in several),
    )


def _title(city: Jurisdiction, quarter: str) -> str:
    return f"{plan().title} · {city.name}, {quarter}"


def _card(report: Report, drawn: Files, again: bool) -> Card:
    rates = tuple((f"{name} (AAPOR)", f"{rate} %") for name, rate in report.rates.items() if rate is not None)
    asked = tuple((label, value) for label, value in accounting(report) if value != HIDDEN and "AAPOR" not in label)
    counted = "The figures were counted again from the stored answers and are the same." if again else NOT_THE_SAME
    parts: tuple[Part, ...] = (
        Text(drawn.headline, "strong"),
        Facts((("Twelve months", report.period), *rates[:1], *asked[:2])),
        *(Text(note, "quiet") for note in notes(report)),
        Text(counted, "quiet" if again else "warning"),
    )
    return Card(report.title, parts, f"{report.title}: {drawn.headline}")


def _attached(name: str, drawn: Files) -> Iterator[File]:
    for part, picture in drawn.pictures.items():
        yield File(f"{name}-{part}", picture.png, picture.alt)
    yield File(f"{name}.xlsx", drawn.workbook)
    yield File(f"{name}.pdf", drawn.document)
