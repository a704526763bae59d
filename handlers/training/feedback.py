"""How a course was: a few questions by text afterwards, kept without the person."""

from datetime import timedelta

from handlers import calendar
from handlers.effects import KeepResponse
from handlers.exits.interviews import by_metric
from handlers.questions import GIVEN, Question
from handlers.surveys.questionnaire import Questionnaire, to_questions
from handlers.training.learning import Learning
from handlers.training.values import Enrolment

ASKED = "feedback"
OPEN = timedelta(days=14)
SURE = 0.7
REASKS = 2
BEGUN = {"begun": "yes"}


def is_open(learning: Learning, one: Enrolment) -> bool:
    """Whether they have been asked how it was, and may still say it."""
    return bool(one.feedback) and not one.rated and learning.now < learning.session(one).ends + OPEN


def begin(learning: Learning, one: Enrolment) -> None:
    """Ask the first question of somebody who was there and can be texted; once."""
    form = learning.said.facts.form
    if form is None or not learning.phone or one.state != "attended" or one.feedback or one.rated:
        return
    count = sum(item.kind != "note" for item in form.items)
    ask(learning, learning.keep(one.but(feedback=BEGUN)), form, learning.words("feedback.first", count=count))


def ask(learning: Learning, one: Enrolment, form: Questionnaire, before: str = "") -> None:
    """The first question without an answer; when there is none left, the answers are kept and let go of."""
    question = _open(learning, one, form)
    session = learning.session(one)
    if question is None:
        quarter = calendar.quarter(learning.city, learning.now)
        kept = {"course": learning.course(session).code, **by_metric(form, one.feedback)}
        learning.said.do(KeepResponse(form.id, quarter, kept))
        learning.keep(one.but(feedback={}, rated=True))
        learning.said.change(asked="", interview="", asked_again=0)
        learning.say_text(learning.about("feedback.thanks", session))
        return
    learning.said.change(asked=ASKED, interview=session.id, asked_again=0)
    learning.say_text(f"[{session.word}] {before} {question.prompt}".replace("  ", " "))


def hear(learning: Learning, one: Enrolment) -> None:
    """An answer. What can not be read is asked again twice, then passing over it is offered."""
    form = learning.said.facts.form
    question = _open(learning, one, form) if form else None
    if form is None or question is None:
        return
    reading = question.read(learning.said.text)
    again = learning.said.conversation.asked_again + 1
    if reading and reading.confidence >= SURE:
        value = learning.said.text if reading.code == GIVEN else reading.code
        ask(learning, learning.keep(one.but(feedback={**one.feedback, question.id: value})), form)
    elif again <= REASKS:
        learning.said.change(asked_again=again)
        learning.say_text(f"{learning.words('again')} {question.prompt}")
    else:
        learning.say("feedback.skip")


def _open(learning: Learning, one: Enrolment, form: Questionnaire) -> Question | None:
    today = calendar.local_day(learning.city, learning.now)
    questions = to_questions(form, one.feedback, learning.said.language, today)
    return next((question for question in questions if question.id not in one.feedback), None)
