"""People who take an exit interview in the simulator: they answer what they saw, at their own pace."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from handlers.segments import count
from handlers.surveys.questionnaire import Item, Questionnaire

WORDS = {
    "en": ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    "es": ("uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"),
}
LANGUAGES = {"en": ("LANG ES", "es"), "es": ("LANG EN", "en")}
STOPS = ("STOP", "please stop texting me", "ya no me escriban")
LATER = {"en": "LATER 6PM", "es": "LUEGO 6PM"}
EDITED = "pay"
GATES = ("no thanks", "no, gracias", "later", "luego")
PAUSE = timedelta(seconds=6)
"""The least time in which somebody reads and answers; parts of one answer follow each other faster."""


@dataclass(frozen=True)
class Utterance:
    """A text, when it is written (after the one before it), and the answer that it is, or is part of."""

    after: timedelta
    text: str
    item: str = ""
    value: str = ""


@dataclass
class Person:
    """Who they are, what befalls them at which step, and what they have said that must be kept.

    `plan` counts what they read and want to answer: who reads a new question forgets the one before.
    """

    phone: str
    language: str
    chance: Random
    befalls: dict[int, str] = field(default_factory=dict)
    step: int = 0
    plan: int = 0
    said: dict[str, set[str]] = field(default_factory=dict)
    number: str = ""
    editing: bool = False
    stopped_at: datetime | None = None
    erased: bool = False
    chose: bool = False

    def hear(self, form: Questionnaire, text: str) -> list[Utterance]:
        """What they want to text; nothing where nothing is asked of them."""
        item = asked(form, text)
        if item is None and not text.endswith(GATES):
            return []
        self.step += 1
        self.plan += 1
        pause = timedelta(seconds=self.chance.choice((6, 9, 25, 70, 600, 7200, 40_000)))
        if what := self.befalls.pop(self.step, ""):
            return self._steer(what, pause)
        first, *rest = self._answers(item, text)
        return [replace(first, after=pause), *rest]

    def says(self, one: Utterance) -> None:
        """They write it now: from here on it must be kept."""
        if one.item and one.after >= PAUSE:
            self.said[one.item] = {one.value}
        elif one.item:
            self.said[one.item].add(one.value)

    def _steer(self, what: str, pause: timedelta) -> list[Utterance]:
        words = {"stop": self.chance.choice(STOPS), "erase": "ERASE", "pause": "PAUSE", "back": "BACK"}
        if what == "later":
            self.chose = True
            words["later"] = LATER[self.language]
        if what == "language":
            words["language"], self.language = LANGUAGES[self.language]
        return [Utterance(pause, words[what])] if what in words else []

    def _answers(self, item: Item | None, text: str) -> list[Utterance]:
        if item is None:
            return [Utterance(PAUSE, "1")]
        self.number = text.split(".")[0].split()[-1] if item.id == EDITED else self.number
        if self.number.isdigit() and self.chance.random() < 0.03 and not self.editing:
            self.editing = True
            return [Utterance(PAUSE, f"EDIT {self.number}")]
        self.editing = False
        if item.kind == "text":
            return self._words(item)
        if self.chance.random() < 0.04:
            return [Utterance(PAUSE, "Blah blah.")]  # it is asked again
        code, said = self._chosen(item)
        return [Utterance(PAUSE, said, item.id, code)]

    def _chosen(self, item: Item) -> tuple[str, str]:
        """A code, and one of the ways in which people say it."""
        if item.kind in ("scale", "nps"):
            least, most = (0, 10) if item.kind == "nps" else (int(item.least or 0), int(item.most or 0))
            mark = self.chance.randint(max(least, 1), most)
            return str(mark), self.chance.choice((str(mark), f"{mark}.", f" {mark} ", WORDS[self.language][mark - 1]))
        place = self.chance.randrange(len(item.options))
        option, number = item.options[place], place + 1
        label = option.labels[self.language]
        ways = (str(number), f"{number}.", f"#{number}", label, label.upper(), f"{label}.")
        return option.code, self.chance.choice(ways)

    def _words(self, item: Item) -> list[Utterance]:
        """One text, or fragments seconds apart, or a long one that was split on its way."""
        parts = [f"Mark {item.id} {self.phone[-4:]} {part}" for part in range(self.chance.choice((1, 1, 2, 3)))]
        gaps = [PAUSE, *(timedelta(seconds=self.chance.uniform(1.5, 5)) for _ in parts[1:])]
        return [Utterance(gap, part, item.id, part) for gap, part in zip(gaps, parts, strict=True)]


def asked(form: Questionnaire, text: str) -> Item | None:
    """The item that a text asks."""
    items = (item for item in form.items if any(words in text for words in item.text.values()))
    return next(items, None)


def fits(text: str) -> bool:
    """At most two segments."""
    return count(text)[0] <= 2
