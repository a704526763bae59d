"""One person's interview on its way through a step: what is asked and said, and where they stand then."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from handlers.calendar import after_days, local_day, next_text_time, quarter_end
from handlers.effects import Forget, KeepInterview, Post, Remind, Withdraw
from handlers.exits import cards
from handlers.exits.interviews import PROGRAM, TOPIC, Interview
from handlers.questions import Choice, Option, Question, Text
from handlers.said import Said
from handlers.segments import count
from handlers.surveys.questionnaire import Questionnaire, to_questions
from handlers.talking import FRESH as FRESH
from handlers.talking import Talk

HOLD = timedelta(seconds=8)
REMINDERS = (3, 4)  # days after the last text of either side
TIMERS = ("exit_invite", "exit_remind", "exit_resume")
MOST_SEGMENTS = 2
SURE = 0.7
"""How sure a reading must be, lest it be a guess."""
REMEMBERED = 40
INVITE, CONSENT, THANKS = "invite", "consent", "thanks"


class Sitting(Talk):
    """Gathers effects in `said`."""

    program, topic = PROGRAM, TOPIC

    def __init__(self, said: Said, interview: Interview, form: Questionnaire, fresh: timedelta = FRESH) -> None:
        super().__init__(said, fresh)
        self.interview = interview
        self.form = form

    # --- what is known

    @property
    def open(self) -> bool:
        """Whether they have been asked, and neither finished nor declined."""
        return self.interview.stage in ("asked", "agreed")

    @property
    def closed(self) -> bool:
        """Whether what they say now comes late."""
        return self.interview.closed or any(wave.state == "closed" for wave in self.said.facts.waves)

    @property
    def in_chat(self) -> bool:
        """Whether they are to be asked in the chat where they were heard last."""
        account = self.said.facts.account
        return account is not None and self.interview.channel == account.channel and self.said.inbound.kind != "text"

    def questions(self) -> list[Question]:
        """Those on their path up to the first without an answer, that one included."""
        return list(self._until_open(self.interview.answers))

    def path(self) -> list[str]:
        """Ids of what they have answered, in order."""
        return [question.id for question in self.questions() if question.id in self.interview.answers]

    def question(self, id: str) -> Question | None:
        """A question on their path, or one of those before it, by id."""
        if id in (INVITE, CONSENT):
            return self.gate(id)
        return next((question for question in self.questions() if question.id == id), None)

    def unanswered(self) -> Question | None:
        """The first question on their path without an answer."""
        return self.following(self.interview.answers)

    def following(self, answers: Mapping[str, str]) -> Question | None:
        """The question to ask after some answers."""
        return next((one for one in self._until_open(answers) if one.id not in answers), None)

    def ahead(self, answers: Mapping[str, str]) -> Iterator[Question]:
        """All that would be asked if nothing more were answered."""
        return to_questions(self.form, answers, self.said.language, local_day(self.city, self.now))

    def gate(self, id: str) -> Choice:
        """The invitation, or the question whether they agree."""
        names = ("yes", "no", "later") if id == INVITE else ("yes", "no")
        options = tuple(Option(name, self.said.words(f"{PROGRAM}.{id}_{name}")) for name in names)
        return Choice(id, self.words(id), options)

    def words(self, key: str, **fields: object) -> str:
        """A text of this program, its usual fields filled in."""
        return super().words(key, **{"count": self.length, "date": self.until, **fields})

    @property
    def length(self) -> int:
        """How many questions there are at most."""
        return sum(item.kind != "note" for item in self.form.items)

    @property
    def until(self) -> str:
        """The last day on which answers can be changed."""
        return self.day(quarter_end(self.city, self.now) - timedelta(hours=1))

    # --- what is done

    def change(self, **changes: object) -> None:
        """Change where they stand."""
        self.interview = self.interview.but(**changes)

    def answer(self, id: str, value: str) -> None:
        """Take an answer; after the end it is marked as late."""
        late = self.interview.late or self.closed
        self.change(answers={**self.interview.answers, id: value}, again=0, late=late)

    def ask(self, question: Question, before: str = "", hold: timedelta = timedelta(0)) -> None:
        """Ask a question, after some words if both fit."""
        prompt = self.prompt(question)
        whole = f"{before} {prompt}".strip()
        if before and count(whole)[0] > MOST_SEGMENTS:
            whole = prompt
        self.change(asked=question.id, paused=False)
        if self.in_chat:
            self.nudge()
        else:
            self._prompt(question.id, whole, hold)

    def thank(self, text: str, hold: timedelta = timedelta(0)) -> None:
        """The last word; what comes before it was seen still belongs to the last answer."""
        self.change(asked="", edited=False, stage="finished", paused=False)
        self._prompt(THANKS, text, hold)

    def nudge(self) -> None:
        """Say in the chat that something is open, and nothing else; anew, because a card that is replaced is silent."""
        place, thread = self.said.facts.account, self.said.facts.thread
        if place:
            self.unsay()
            self.said.do(Post(place, cards.nudge(self.words), thread))

    def unsay(self) -> None:
        """Take that card away again."""
        place, thread = self.said.facts.account, self.said.facts.thread
        if place:
            self.said.do(Withdraw(place, thread))

    def prompt(self, question: Question) -> str:
        """The question with its number, by which it can be changed later."""
        if question.id in (INVITE, CONSENT):
            return question.prompt
        ids = [one.id for one in self.questions()]
        return f"{ids.index(question.id) + 1}. {question.prompt}" if question.id in ids else question.prompt

    def wait_until(self, at: datetime) -> None:
        """Write again at that time, and not before."""
        self.change(paused=True)
        self.forget("exit_remind", "exit_resume")
        self.said.do(Remind(at, "exit_resume", self.said.facts.thread))

    def remind_later(self) -> None:
        """Reminders count from the last text: three days, four more, and that is all."""
        was_paused = self.said.facts.interview and self.said.facts.interview.paused
        self.forget("exit_remind", *(("exit_resume",) if was_paused and not self.interview.paused else ()))
        if self.open and not (self.interview.paused or self.closed) and self.interview.reminded < len(REMINDERS):
            at = after_days(self.city, self.now, REMINDERS[self.interview.reminded])
            self.said.do(Remind(next_text_time(self.city, at), "exit_remind", self.said.facts.thread))

    def forget(self, *timers: str) -> None:
        """Drop follow-ups of this person; by default all but the closing."""
        self.said.do(*(Forget(timer, self.said.facts.thread) for timer in timers or TIMERS))

    def keep(self) -> None:
        """Note where they stand now."""
        self.said.do(KeepInterview(self.interview))

    def _until_open(self, answers: Mapping[str, str]) -> Iterator[Question]:
        for question in self.ahead(answers):
            yield question
            if question.id not in answers:
                return

    def _prompt(self, id: str, text: str, hold: timedelta) -> None:
        message = self.said.facts.fresh.message
        self.change(prompts=(*self.interview.prompts, (message, id))[-REMEMBERED:])
        self.say_text(text, message, hold)


def is_words(question: Question | None) -> bool:
    """Whether a question is answered in free words."""
    return isinstance(question, Text)
