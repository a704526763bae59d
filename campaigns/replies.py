"""Scores how replies are read, on labelled cases, beside recognizers-text where that is installed.

    python -m campaigns.replies

recognizers-text is a yardstick, not a dependency: install recognizers-text-number, -choice and -date-time and emoji
below 2 into an environment of their own and run this with its Python. With num2words and babel there too, numbers,
ordinals and dates are also drawn by chance (the seed is printed) and written out by those: cases nobody here has seen.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from random import Random
from typing import Any

from tests.handlers.replied import OPTIONS, QUESTIONS, TODAY, Case, cases, read

Reader = Callable[[Case], str]
DRAWN = 400
CULTURES = {"en": "en-us", "es": "es-es"}


def main() -> None:
    """Print right answers by kind of question, and misreadings: a wrong answer taken for one."""
    readers: dict[str, Reader] = {"ours": read}
    if find_spec("recognizers_date_time"):
        readers["recognizers-text"] = yardstick
    else:
        print("recognizers-text is not installed here; only our own score follows.")
    sets: dict[str, tuple[Case, ...]] = {name: cases(name) for name in ("tuning", "held_out", "outside")}
    if find_spec("num2words") and find_spec("babel"):
        seed = int(sys.argv[1]) if len(sys.argv) > 1 else Random().randrange(10**6)  # noqa: S311
        print("seed", seed)
        sets["drawn"] = tuple(drawn(Random(seed)))  # noqa: S311
    for name, some in sets.items():
        for who, reader in readers.items():
            _print(name, who, reader, some)


def drawn(random: Random) -> Iterator[Case]:
    """Numbers, places and days by chance, written out in both languages by num2words and babel."""
    format_date = import_module("babel.dates").format_date
    num2words = import_module("num2words").num2words

    for language in CULTURES:
        for _ in range(DRAWN):
            number = random.choice((random.randrange(100), random.randrange(1000), random.randrange(100_000)))
            yield Case("number", language, num2words(number, lang=language), str(number))
            place = random.randrange(1, len(OPTIONS))
            ordinal = num2words(place, to=random.choice(("ordinal", "ordinal_num", "cardinal")), lang=language)
            yield Case("pick", language, str(ordinal), OPTIONS[place - 1].code)
            day = TODAY - timedelta(random.randrange(-2000, 8000))
            style = random.choice(("long", "full", "medium"))
            yield Case("date", language, format_date(day, style, locale=language), day.isoformat())


def yardstick(case: Case) -> str:
    """The code that recognizers-text gives, read as kindly as can be; "-" where it finds nothing or several things."""
    if case.question == "yesno":
        return _only(["yes" if value else "no" for value in _values("choice", "boolean", case)])
    if case.question == "date":
        return _nearest(case)
    numbers = [str(value) for value in _values("number", "number", case)]
    if case.question == "number":
        return _plain(_only(numbers))
    if case.question in ("scale", "nps"):
        return _on_scale(_plain(_only(numbers)), case)
    places = [_place(value) for value in (_values("number", "ordinal", case) or numbers)]
    if case.question == "pick":
        return _only(places)
    return " ".join(sorted(places)) if places and "-" not in places else "-"


def _print(name: str, who: str, reader: Reader, some: Iterable[Case]) -> None:
    total, right, misread = Counter[str](), Counter[str](), Counter[str]()
    for case in some:
        code = reader(case)
        for group in (case.question, f"({case.language})", "all"):
            total[group] += 1
            right[group] += code == case.code
            misread[group] += code not in (case.code, "-")
    rows = (f"{group} {right[group]}/{total[group]} ({misread[group]} misread)" for group in total)
    print(f"{name:9} {who:17}", "; ".join(rows))


def _values(package: str, kind: str, case: Case) -> list[Any]:
    found = _recognise(package, kind)(case.said, CULTURES[case.language])
    return [one.resolution["value"] for one in found if one.resolution and one.resolution.get("value") is not None]


def _recognise(package: str, kind: str) -> Callable[..., Any]:
    module = import_module(f"recognizers_{package}")
    return getattr(module, f"recognize_{kind}")  # type: ignore[no-any-return]


def _nearest(case: Case) -> str:
    """Of the days it offers (one without a year has two) the one nearest to today."""
    reference = datetime(TODAY.year, TODAY.month, TODAY.day)
    found = _recognise("date_time", "datetime")(case.said, CULTURES[case.language], reference=reference)
    values = [value for one in found for value in (one.resolution or {}).get("values", ()) if value["type"] == "date"]
    days = [datetime.fromisoformat(value["value"]) for value in values if value.get("value", "")[:1].isdigit()]
    return min(days, key=lambda one: abs(one - reference)).date().isoformat() if days else "-"


def _only(found: list[str]) -> str:
    return found[0] if len(set(found)) == 1 else "-"


def _plain(value: str) -> str:
    try:
        return f"{float(value):.10f}".rstrip("0").rstrip(".")
    except ValueError:
        return "-"


def _on_scale(value: str, case: Case) -> str:
    return value if any(option.code == value for option in QUESTIONS[case.question].options) else "-"


def _place(value: object) -> str:
    plain = _plain(str(value))
    return OPTIONS[int(plain) - 1].code if plain.isdigit() and 1 <= int(plain) <= len(OPTIONS) else "-"


if __name__ == "__main__":
    main()
