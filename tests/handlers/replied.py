"""The labelled replies: questions of every kind, and what people answered to them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from handlers.questions import Choice, Date, Number, Option, Question, Reading, Scale

FOLDER = Path(__file__).parent / "replies"
TODAY = date(2026, 3, 18)  # a Wednesday

OPTIONS = (
    Option("pay", "Better pay", ("Mejor sueldo", "pay", "salary", "money", "sueldo", "dinero", "pago")),
    Option("manager", "My manager", ("Mi supervisor", "manager", "boss", "supervisor", "jefe", "jefa")),
    Option("growth", "No room to grow", ("Sin lugar para crecer", "growth", "promotion", "crecer", "ascenso")),
    Option("hours", "Work hours", ("Horario", "hours", "schedule", "horas")),
    Option("family", "Family or moving", ("Familia o mudanza", "family", "moving", "familia", "mudanza")),
    Option("none", "None of these", ("Ninguna de estas",)),
)
RETURN = (
    Option("yes", "I would", ("volvería",)),
    Option("no", "I would not", ("no volvería",)),
    Option("unsure", "Not sure", ("No lo sé",)),
)
QUESTIONS: dict[str, Question] = {
    "pick": Choice("pick", "Why?", OPTIONS, generous=True),
    "many": Choice("many", "Why?", OPTIONS, many=True, generous=True),
    "yesno": Choice("yesno", "Would you come back?", RETURN, generous=True),
    "scale": Scale("scale", "How was it?", 1, 5, ("very bad", "very good"), (("muy malo",), ("muy bueno",))),
    "nps": Scale("nps", "Would you recommend us?", 0, 10),
    "number": Number("number", "How many?"),
    "date": Date("date", "When?", TODAY),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One reply: the question it answers, the language, what was said, the code it means ("-": it must not be read)."""

    question: str
    language: str
    said: str
    code: str


def cases(name: str) -> tuple[Case, ...]:
    """The replies of `tuning` or of `held_out`."""
    lines = (FOLDER / f"{name}.tsv").read_text("utf-8").splitlines()[1:]
    return tuple(Case(*line.split("\t")) for line in lines)


def read(case: Case) -> str:
    """What our questions make of a reply: a code, or "-"."""
    return shown(QUESTIONS[case.question].read(case.said))


def shown(reading: Reading | None) -> str:
    """A reading as the case files write it."""
    return reading.code if reading else "-"
