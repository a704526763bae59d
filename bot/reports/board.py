"""The compliance board as a picture: how the boards of a city, or of all that it runs, stand today."""

from collections.abc import Mapping

from bot.reports import training
from bot.reports.bench import Bench
from bot.reports.charts import Picture
from bot.reports.worker import Told
from handlers import calendar
from handlers.cards import Card, Text
from handlers.messages import File
from handlers.reports import Order, Posting
from handlers.training.duties import Group, duties, groups


async def make(bench: Bench, order: Order, told: Told) -> Posting:
    """How boards stand today, as a picture: counts, no names."""
    city = bench.region.jurisdictions[order.city]

    known, today = await bench.training(city.key), calendar.local_day(city, bench.now())
    found = groups(duties(known.courses.values(), known.learners.values(), known.certificates, today))
    title = f"Compliance in {city.name}, {today:%B} {today.day}, {today.year}"
    if not found:
        return Posting(Card(title, (Text("Nobody must take a course."),), title))
    names = {key: one.name for key, one in bench.region.jurisdictions.items()}
    drawn: Picture = await bench.run(told, _drawn, tuple(found), names)
    card = Card(title, (Text(drawn.alt, "quiet"),), title)
    return Posting(card, (File(f"{city.key}-board-{today}.png", drawn.png, drawn.alt),))


def _drawn(told: Told, found: tuple[Group, ...], names: Mapping[str, str]) -> Picture:
    told("drawing", 0, 0)
    return training.board(found, names)
