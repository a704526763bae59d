"""Training on real protocols: decent hours, seats by text and by button, offers over a night, the room's code."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from bot.sandbox.twilio import segments
from handlers import effects as e
from handlers.messages import Inbound, Place
from handlers.state import Facts
from handlers.training import moves
from handlers.training.chat import NOT_YOURS
from handlers.training.known import Known
from handlers.training.values import Course, Enrolment, Learner, Session
from storage import training as stored
from storage.database import Row, Transaction
from tests import schooled
from tests.schooled import BEGINS, COURSE, SESSION, learner, phone
from tests.town import PRIYA, TEAM, TRAINING, Town, open_town

MONDAY = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
SATURDAY_NIGHT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Chicago")
LINES = dict(zip(("independence", "lees_summit", "blue_springs"), TRAINING, strict=True))
ANA, BEN, CID = learner(1), learner(2, name="Ben Ortiz"), learner(3, "lees_summit")
DESK = "C0MARCTRAINING"


class School:
    """The town, with a course and people."""

    def __init__(self, town: Town) -> None:
        self.town = town

    async def keep(self, *effects: e.Effect, city: str = "marc") -> None:
        service = self.town.service
        await schooled.keep(service.database, service.vault, service.region, self.town.clock(), effects, city)
        await self.town.settled()

    async def open(self, *people: Learner, session: Session = SESSION, course: Course = COURSE) -> None:
        await self.keep(*schooled.catalogue(session, course=course), *map(e.KeepLearner, people))

    async def ask(self, *people: Learner, session: Session = SESSION) -> None:
        """Prompt them, as the desk does."""
        region = self.town.service.region
        known = Known(sessions={session.id: session})
        facts = Facts(region.jurisdictions["marc"], region.texts, self.town.clock(), training=known)
        facts = Facts(
            facts.jurisdiction, facts.texts, facts.now, jurisdictions=region.jurisdictions, training=facts.training
        )
        await self.keep(*moves.ask(facts, session, people))

    async def say(self, who: Learner, *texts: str) -> list[str]:
        """Text the line of their city; what came back."""
        before = len(self.heard(who))
        for text in texts:
            await self.town.text(text, phone(who), LINES[who.jurisdiction])
            await self.town.later(seconds=30)
        return self.heard(who)[before:]

    def heard(self, who: Learner) -> list[str]:
        return self.town.heard(phone(who))

    async def state(self, who: Learner, session: Session = SESSION) -> str:
        one = await self.standing(who, session)
        return one.state if one else ""

    async def standing(self, who: Learner, session: Session = SESSION) -> Enrolment | None:
        service = self.town.service
        found = await schooled.enrolments(service.database, service.vault)
        return next((one for one in found if (one.learner, one.session) == (who.id, session.id)), None)

    async def rows(self, sql: str) -> list[Row]:
        async def work(tx: Transaction) -> list[Row]:
            return await tx.fetch(sql)

        return await self.town.service.database.read(work)

    def code(self, session: Session = SESSION) -> str:
        """What stands on the board of the room now."""
        window = int(self.town.clock().timestamp()) // stored.WINDOW
        return stored.room_code(self.town.service.vault, session.id, window)


@pytest.fixture
async def school(tmp_path: Path) -> AsyncIterator[School]:
    async with open_town(tmp_path, at=MONDAY) as town:
        yield School(town)


async def test_a_prompt_waits_for_a_decent_hour_on_a_decent_day(tmp_path: Path) -> None:
    async with open_town(tmp_path, at=SATURDAY_NIGHT) as town:
        school = School(town)
        await school.open(ANA)
        await school.ask(ANA)
        await town.later(hours=30)
        assert school.heard(ANA) == []  # Saturday night, and all of Sunday
        await town.later(hours=12)
        (prompt,) = school.heard(ANA)
        assert "[SUP-1] Supervision" in prompt
        assert "Reply 1 to enrol" in prompt
        sent = next(text for text in town.twilio.messages if text.to == phone(ANA)).created.astimezone(ZONE)
        assert (sent.weekday(), sent.hour) == (0, 9)


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("1", "enrolled"),
        ("yes please", "enrolled"),
        ("ENROLL", "enrolled"),
        ("enrol sup-1", "enrolled"),
        ("SUP-1: 1", "enrolled"),
        ("inscribirme a SUP", "enrolled"),
        ("2", "later"),
        ("LATER TOMORROW MORNING", "later"),
        ("3", "declined"),
        ("no thanks", "declined"),
        ("sign me up", "enrolled"),
        ("I can't make it", "declined"),
        ("who is this?", "prompted"),
        ("perhaps we shall see", "prompted"),
    ],
)
async def test_a_prompt_is_answered_in_many_words(school: School, words: str, state: str) -> None:
    await school.open(ANA)
    await school.ask(ANA)
    await school.town.later(minutes=1)
    (answer,) = await school.say(ANA, words)
    assert await school.state(ANA) == state
    assert segments(answer) <= 2


async def test_who_waits_is_offered_a_freed_seat_and_the_night_does_not_count(school: School) -> None:
    one_seat = SESSION.but(seats=1)
    await school.open(ANA, BEN, CID, session=one_seat)
    await school.say(ANA, "ENROL SUP-1")
    assert "number 1" in (await school.say(BEN, "ENROL SUP-1"))[-1]
    assert "number 2" in (await school.say(CID, "ENROL SUP-1"))[-1]
    await school.town.later(hours=9)  # one in the morning
    asked = (await school.say(ANA, "DROP"))[-1]
    assert "costs nothing until" in asked
    assert "gave up" in (await school.say(ANA, "yes"))[-1]
    assert await school.state(BEN) == "offered"
    night = len(school.heard(BEN))
    await school.town.later(hours=7)
    assert len(school.heard(BEN)) == night  # nobody is woken
    await school.town.later(hours=2)
    assert "Reply YES by" in school.heard(BEN)[-1]
    await school.town.later(hours=12)
    assert await school.state(BEN) == "offered"
    await school.town.later(hours=13)
    assert await school.state(BEN) == "cancelled"
    assert "Time is up" in school.heard(BEN)[-1]
    assert "Reply YES by" in school.heard(CID)[-1]
    assert "You have a seat" in (await school.say(CID, "YES"))[-1]
    assert await school.state(CID) == "enrolled"


async def test_dropping_tells_the_price_once_the_refund_line_has_passed(school: School) -> None:
    await school.open(ANA)
    await school.say(ANA, "ENROL SUP-1")
    await school.town.later(days=10)
    reminders = [text for text in school.heard(ANA) if "You can DROP your seat for free" in text]
    assert len(reminders) == 1
    assert "$125.00" in reminders[0]
    asked = (await school.say(ANA, "DROP"))[-1]
    assert "$125.00 is still charged" in asked
    assert "keep your seat" in (await school.say(ANA, "no"))[-1]
    assert await school.state(ANA) == "enrolled"
    await school.say(ANA, "DROP", "yes")
    assert await school.state(ANA) == "cancelled"
    desk = " ".join(str(card.blocks) for card in school.town.cards(DESK))
    assert "$125.00 is charged" in desk
    (mail,) = school.town.mail.mails
    assert (mail.to, mail.subject) == ("training@marc.example", "Seat given up: SUP-1, Supervision")
    assert "Person 1 (Independence) gave up their seat. That is after the refund line: $125.00 is charged." in mail.text
    assert "When: Wed, Dec 16, 2026, 10:00 am to 4:00 pm\nWhere: MARC, 600 Broadway" in mail.text


async def test_a_substitute_is_matched_refused_or_noted(school: School) -> None:
    maria = learner(4, name="Maria Lopez")
    await school.open(ANA, BEN, maria)
    await school.say(ANA, "ENROL SUP-1")
    await school.say(BEN, "ENROL SUP-1")
    assert "has a seat there now" in (await school.say(ANA, "SUB Ben"))[-1]
    assert "do not find Zoe Quill" in (await school.say(ANA, "SUB Zoe Quill"))[-1]
    assert await school.state(ANA) == "enrolled"
    assert "Maria Lopez has your seat" in (await school.say(ANA, "sub maria lopez"))[-1]
    assert (await school.state(ANA), await school.state(maria)) == ("cancelled", "enrolled")
    assert "gives you a seat" in school.heard(maria)[-1]


async def test_several_open_questions_are_told_apart_and_never_guessed(school: School) -> None:
    other = SESSION.but(id="session-2", word="CUS-2", course="course-cus", begins=BEGINS + timedelta(days=2))
    customers = Course("course-cus", "CUS", "Customer service", "course", "marc")
    await school.open(ANA)
    await school.open(session=other, course=customers)
    await school.ask(ANA)
    await school.ask(ANA, session=other)
    await school.town.later(minutes=1)
    which = (await school.say(ANA, "1"))[-1]
    assert "Which one" in which
    assert await school.state(ANA) == "prompted"
    number = next(line[0] for line in which.splitlines() if "CUS-2" in line)
    await school.say(ANA, number)
    assert (await school.state(ANA), await school.state(ANA, other)) == ("prompted", "enrolled")
    await school.say(ANA, "SUP-1 no")
    assert await school.state(ANA) == "declined"


async def test_bad_wishes_get_a_clear_answer_and_change_nothing(school: School) -> None:
    later = SESSION.but(
        id="session-2", word="SUP-2", begins=BEGINS + timedelta(days=9), ends=BEGINS + timedelta(days=10)
    )
    past = SESSION.but(id="session-0", word="SUP-9", begins=MONDAY - timedelta(days=3), ends=MONDAY - timedelta(days=2))
    hard = Course("course-lead", "LEAD", "Leadership", "course", "marc", requires=frozenset({"SUP"}))
    lead = SESSION.but(id="session-3", word="LEAD-1", course=hard.id)
    await school.open(ANA)
    await school.keep(*schooled.catalogue(later), *schooled.catalogue(past), *schooled.catalogue(lead, course=hard))
    await school.say(ANA, "ENROL SUP-1")
    before = [tuple(row) for row in await school.rows("SELECT id, state FROM enrolments ORDER BY id")]
    for wish, told in {
        "ENROL SUP-1": "already",
        "ENROL SUP-2": "another day",
        "ENROL SUP-9": "has begun or is over",
        "ENROL LEAD-1": "after you take: Supervision",
        "ENROL ZZZ-4": "no course by that name",
        "DROP LEAD-1": "no seat like that",
        "banana": "do not know what that is for",
        "thanks!": "You are welcome",
        "who is this": "Training texts of Independence",
        "sorry I can not come": "Give up your seat in",
        "123456": "begins December 16",
    }.items():
        (answer,) = await school.say(ANA, wish)
        assert told in answer, wish
    assert [tuple(row) for row in await school.rows("SELECT id, state FROM enrolments ORDER BY id")] == before


async def test_who_is_on_no_list_is_told_how_to_be_and_leaves_no_trace(school: School) -> None:
    await school.open()
    (answer,) = await school.say(ANA, "ENROL SUP-1")
    assert "not on its list" in answer
    assert await school.rows("SELECT alias FROM conversations") == []
    await school.say(ANA, "STOP")
    await school.keep(e.KeepLearner(ANA))
    await school.ask(ANA)
    await school.town.later(hours=2)
    assert not any("Reply 1" in text for text in school.heard(ANA))  # who said stop before is not texted
    assert len(school.heard(ANA)) == 2  # and the carrier's own confirmation


async def test_stop_ends_the_texts_of_this_line_only_and_start_says_how_a_seat_is_dropped(school: School) -> None:
    await school.open(ANA)
    await school.say(ANA, "ENROL SUP-1", "please stop texting me")
    assert "Your seats stay yours" in school.heard(ANA)[-1]
    silent = len(school.heard(ANA))
    await school.town.later(days=11)
    assert len(school.heard(ANA)) == silent
    assert await school.state(ANA) == "enrolled"
    assert "text DROP" in (await school.say(ANA, "START"))[-1]


async def test_the_code_of_the_room_marks_who_is_there_and_their_certificate_follows(school: School) -> None:
    await school.open(ANA, BEN)
    await school.say(ANA, "ENROL SUP-1")
    await school.say(BEN, "ENROL SUP-1")
    await school.town.later(days=16, minutes=5)  # five past ten of the day
    assert any("code on the board" in text for text in school.heard(ANA))
    assert "six digits on the board" in (await school.say(ANA, "I'm here"))[-1]
    wrong = f"{(int(school.code()) + 1) % 10**6:06}"
    assert "not the code" in (await school.say(BEN, wrong))[-1]
    assert "as here" in (await school.say(ANA, f"code {school.code()}"))[-1]
    for _ in range(4):
        await school.say(BEN, wrong)
    assert "too many" in (await school.say(BEN, school.code()))[-1]
    await school.town.later(hours=7)
    assert (await school.state(ANA), await school.state(BEN)) == ("attended", "missed")
    assert "We missed you" in school.heard(BEN)[-1]
    (certificate,) = await schooled.certificates(school.town.service.database)
    assert str(certificate.expires) == "2028-12-16"
    link = re.compile(r"\S+/desk/certificate/\S+")
    (first,) = [found[0] for text in school.heard(ANA) if (found := link.search(text))]
    (second,) = link.findall((await school.say(ANA, "CERTIFICATE"))[-1])
    status, paper = await fetch(first)
    assert (status, paper[:5]) == (200, b"%PDF-")
    assert await fetch(second) == (status, paper)
    assert (await fetch(first), await fetch(f"{first[:-1]}x")) == ((404, b""), (404, b""))
    assert "no certificate for you" in (await school.say(BEN, "certificate please"))[-1]
    await school.town.later(days=1)
    assert "How was it?" in school.heard(ANA)[-1]
    await school.say(ANA, "5", "just right", "9", "More time for questions")
    assert "Thank you for telling us" in school.heard(ANA)[-1]
    (response,) = await school.rows("SELECT questionnaire, source FROM responses")
    assert response["questionnaire"] == "course_feedback"


async def test_who_comes_an_hour_early_hears_when_it_begins(school: School) -> None:
    await school.open(ANA, BEN)
    assert "Nothing that you have a seat in" in (await school.say(ANA, "123456"))[-1]
    await school.say(ANA, "ENROL SUP-1")
    await school.town.later(days=15, hours=22, minutes=30)
    for early in ("123456", "I'm here"):
        assert (
            "begins December 16 10:00 am. The code on the board counts from half" in (await school.say(ANA, early))[-1]
        )
    assert (await school.rows("SELECT * FROM guesses WHERE topic = 'room'")) == []


async def fetch(link: str) -> tuple[int, bytes]:
    """Press the button behind a link; the paper, if there is one."""
    async with aiohttp.ClientSession() as http, http.post(link) as answer:
        return answer.status, await answer.read() if answer.status == 200 else b""


async def test_a_manager_who_says_nothing_lets_the_seat_go_to_the_next(school: School) -> None:
    approved = Course("course-sup", "SUP", "Supervision", "course", "marc", approval=True)
    ana = learner(1, manager=Place("slack", "U0INDFIRST"))
    await school.open(ana, BEN, session=SESSION.but(seats=1), course=approved)
    assert "Your manager is asked" in (await school.say(ana, "ENROL SUP-1"))[-1]
    await school.say(BEN, "ENROL SUP-1")
    assert any("asks for a seat" in str(card.blocks) for card in school.town.cards("U0INDFIRST"))
    await school.town.later(days=4)
    assert await school.state(ana) == "declined"
    assert "in time" in school.heard(ana)[-1]
    assert await school.state(BEN) == "offered"


async def test_a_manager_approves_by_button(school: School) -> None:
    approved = Course("course-sup", "SUP", "Supervision", "course", "marc", approval=True)
    ana = learner(1, manager=Place("slack", "U0INDFIRST"))
    await school.open(ana, course=approved)
    await school.say(ana, "ENROL SUP-1")
    (card,) = school.town.cards("U0INDFIRST")
    await school.town.press("Approve", card.ts, "U0INDFIRST")
    assert await school.state(ana) == "enrolled"
    assert "It is a yes" in school.heard(ana)[-1]


async def test_an_answer_in_chat_is_not_asked_by_text_any_more(school: School) -> None:
    both = learner(1, places=(Place("twilio_sms", "+18162340001"), Place("slack", "U0INDSECOND")))
    await school.open(both)
    await school.ask(both)
    await school.town.later(minutes=1)
    (card,) = school.town.cards("U0INDSECOND")
    await school.town.press("Enrol", card.ts, "U0INDSECOND")
    assert await school.state(both) == "enrolled"
    (card,) = school.town.cards("U0INDSECOND")
    assert "You have a seat" in str(card.blocks)
    await school.town.later(hours=30)
    assert school.heard(both) == []


async def test_a_card_tells_nobody_to_text(school: School) -> None:
    one_seat = SESSION.but(seats=1)
    chat = [learner(number, places=(Place("slack", user),)) for number, user in ((1, "U0INDFIRST"), (2, "U0INDSECOND"))]
    await school.open(*chat, session=one_seat)
    await school.ask(*chat, session=one_seat)
    shown = []
    for label, user in (("Enrol", "U0INDFIRST"), ("Enrol", "U0INDSECOND"), ("Give up my seat", "U0INDFIRST")):
        await school.town.later(minutes=1)
        shown += [str(card.blocks) for card in school.town.cards(user)]
        await school.town.press(label, school.town.cards(user)[-1].ts, user)
    await school.town.later(days=10)
    shown += [
        str(card.blocks) for _, user in (("", "U0INDFIRST"), ("", "U0INDSECOND")) for card in school.town.cards(user)
    ]
    assert "Do you want a seat in" in shown[0]
    for words in ("Reply", "text ", "Text ", "SUB ", "DROP", "STOP"):
        assert [card for card in shown if words in card] == [], words


async def test_a_card_that_stays_silent_is_followed_by_a_text_and_shows_what_was_texted(school: School) -> None:
    both = learner(1, places=(Place("twilio_sms", "+18162340001"), Place("slack", "U0INDSECOND")))
    await school.open(both)
    await school.ask(both)
    await school.town.later(hours=3)
    assert school.heard(both) == []
    await school.town.later(hours=2)
    assert "Reply 1 to enrol" in school.heard(both)[-1]
    await school.say(both, "3")
    (card,) = school.town.cards("U0INDSECOND")
    assert "not ask about this one again" in str(card.blocks)
    assert "Enrol" not in re.findall(r"'text': '(\w+)'", str(card.blocks))


async def test_nobody_else_may_press_the_card(school: School) -> None:
    both = learner(1, places=(Place("slack", "U0INDSECOND"),))
    await school.open(both)
    await school.ask(both)
    await school.town.later(minutes=1)
    for name, reply in (("enrolment_reply", "yes"), ("enrolment_sub", "")):
        values = {"enrolment": f"{SESSION.id}.{both.id}", "reply": reply, "name": "Ben"}
        for user in ("U0INDFIRST", "U0STRANGER", "U0MARCTRAINING"):
            press = Inbound("slack", TEAM, f"{TEAM}/{user}", f"{name}{user}", school.town.clock(), "press", name=name)
            answer = await school.town.service.take_turn(replace(press, values=values))
            assert answer == NOT_YOURS
    assert await school.state(both) == "prompted"


async def test_no_more_than_two_prompts_a_month_reach_anybody(school: School) -> None:
    await school.open(ANA)
    for number in (2, 3, 4):
        course = Course(f"course-{number}", f"C{'ABCDE'[number]}", f"Course {number}", "course", "marc")
        day = SESSION.but(
            id=f"s{number}", course=course.id, word=f"{course.code}-1", begins=BEGINS + timedelta(days=60)
        )
        await school.keep(*schooled.catalogue(day.but(ends=day.begins + timedelta(hours=2)), course=course))
        await school.ask(ANA, session=day)
    await school.town.later(days=20)
    assert sum("Reply 1 to enrol" in text for text in school.heard(ANA)) == 2
    await school.town.later(days=12)
    assert sum("Reply 1 to enrol" in text for text in school.heard(ANA)) == 3


async def test_unused_shares_are_given_to_whoever_waits_when_their_time_is_over(school: School) -> None:
    until = MONDAY + timedelta(days=2)
    shared = SESSION.but(seats=2, shares={"independence": 1, "lees_summit": 1}, shared_until=until)
    await school.open(ANA, BEN, CID, session=shared)
    await school.say(ANA, "ENROL SUP-1")
    assert "waitlist" in (await school.say(BEN, "ENROL SUP-1"))[-1]
    assert await school.state(BEN) == "waitlisted"
    await school.town.later(days=2, minutes=5)
    assert await school.state(BEN) == "offered"
    assert "waitlist" in (await school.say(CID, "ENROL SUP-1"))[-1]


async def test_a_session_called_off_is_told_to_everybody_in_it(school: School) -> None:
    await school.open(ANA, BEN, CID)
    for one in (ANA, BEN, CID):
        await school.say(one, "ENROL SUP-1")
    region = school.town.service.region
    facts = Facts(region.jurisdictions["marc"], region.texts, school.town.clock())
    await school.keep(*moves.call_off(facts, SESSION))
    await school.town.later(minutes=1)
    for one in (ANA, BEN, CID):
        assert "does not take place" in school.heard(one)[-1]
    (row,) = await school.rows("SELECT taken FROM sessions")
    assert row["taken"] == 0
    assert "does not take place" in (await school.say(ANA, "ENROL SUP-1"))[-1]


async def test_an_exchange_stands_when_both_sides_say_yes_and_falls_when_one_does_not(school: School) -> None:
    exchange = Course("course-exc", "EXC", "City exchange", "exchange", "marc")
    day = SESSION.but(id="s-exc", course=exchange.id, word="EXC-1", seats=4, price=0, host="lees_summit")
    await school.open(ANA, BEN, CID, session=day, course=exchange)
    region = school.town.service.region
    facts = Facts(region.jurisdictions["marc"], region.texts, school.town.clock(), jurisdictions=region.jurisdictions)
    await school.keep(*moves.pair(facts, day, CID, ANA))
    await school.town.later(minutes=1)
    assert "You would host somebody from Independence. Reply 1" in school.heard(CID)[-1]
    assert "You would be the guest of somebody from Lee's Summit. Reply 1" in school.heard(ANA)[-1]
    assert "wait for the other side" in (await school.say(CID, "1"))[-1]
    assert "You have a seat" in (await school.say(ANA, "1"))[-1]
    assert "It is a yes" in school.heard(CID)[-1]
    await school.say(ANA, "DROP", "yes")
    assert await school.state(CID, day) == "cancelled"
    assert "other side" in school.heard(CID)[-1]


async def test_a_seat_freed_on_the_day_before_is_offered_by_a_person_only(school: School) -> None:
    await school.open(ANA, BEN, session=SESSION.but(seats=1))
    await school.say(ANA, "ENROL SUP-1")
    await school.say(BEN, "ENROL SUP-1")
    await school.town.later(days=15, hours=4)  # twenty hours are left
    silent = len(school.heard(BEN))
    await school.say(ANA, "DROP", "yes")
    await school.town.later(hours=3)
    assert await school.state(BEN) == "waitlisted"
    assert len(school.heard(BEN)) == silent
    assert any("offer it by hand" in str(card.blocks) for card in school.town.cards(DESK))
    assert "number 2" in (await school.say(learner(1), "ENROL SUP-1"))[-1]  # nobody passes the one who waits


async def test_an_expiring_certificate_is_told_four_times_before(school: School) -> None:
    await school.open(ANA)
    await school.say(ANA, "ENROL SUP-1")
    await school.town.later(days=16, minutes=5)
    await school.say(ANA, school.code())
    await school.town.later(hours=7)
    due = await school.rows("SELECT due_at FROM followups WHERE name = 'training_expiry' ORDER BY due_at")
    end = datetime(2028, 12, 16, tzinfo=ZONE)
    days = [(end.date() - datetime.fromtimestamp(row["due_at"] / 1000, ZONE).date()).days for row in due]
    assert days == [91, 60, 30, 7]  # 90 days before is a Sunday


async def test_a_person_in_spanish_is_asked_and_answers_in_spanish(school: School) -> None:
    eva = learner(5, language="es", name="Eva Luna")
    await school.open(eva)
    await school.ask(eva)
    await school.town.later(minutes=1)
    assert "Mande 1 para entrar" in school.heard(eva)[-1]
    assert "Tiene lugar" in (await school.say(eva, "si por favor"))[-1]
    assert "no cuesta nada" in (await school.say(eva, "DROP"))[-1].lower()
    assert "sigue siendo suyo" in (await school.say(eva, "no"))[-1]
    assert "tiene lugar" in (await school.say(eva, "ESTADO"))[-1]
    assert all(segments(text) <= 2 for text in school.heard(eva))


async def test_a_change_of_date_is_told_and_the_reminders_follow_it(school: School) -> None:
    await school.open(ANA)
    await school.say(ANA, "ENROL SUP-1")
    moved = SESSION.but(begins=BEGINS + timedelta(days=7), ends=BEGINS + timedelta(days=7, hours=6))
    region = school.town.service.region
    facts = Facts(region.jurisdictions["marc"], region.texts, school.town.clock(), jurisdictions=region.jurisdictions)
    before = await school.rows("SELECT due_at FROM followups WHERE name = 'training_remind' ORDER BY due_at")
    await school.keep(*moves.change_session(facts, SESSION, moved))
    assert "is now December 23" in school.heard(ANA)[-1]
    after = await school.rows("SELECT due_at FROM followups WHERE name = 'training_remind' ORDER BY due_at")
    assert [row["due_at"] for row in before] < [row["due_at"] for row in after]


async def test_nothing_in_the_database_tells_who_takes_what(school: School) -> None:
    maria = learner(4, name="Maria Lopez", places=(Place("twilio_sms", "+18162340004"), Place("slack", "U0INDFIRST")))
    await school.open(ANA, maria)
    await school.ask(maria)
    await school.say(ANA, "ENROL SUP-1", "SUB Zoe Quill", "SUB maria lopez")
    assert "Person 1 gives you a seat" in school.heard(maria)[-1]
    tables = [row["name"] for row in await school.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for row in await school.rows(f"SELECT * FROM {table}"):  # noqa: S608 -- the names of our own tables
            held = str([row[name] for name in row.keys()])
            for secret in ("Maria", "Quill", "quill", "Person 1", "2340004", "2340001", "U0INDFIRST"):
                assert secret not in held or table in ("staff", "addresses"), (table, secret)


async def test_a_press_in_teams_counts_as_the_reply(tmp_path: Path) -> None:
    async with open_town(tmp_path, at=MONDAY, teams=True) as town:
        school = School(town)
        priya = learner(6, "lees_summit", places=(Place("teams", PRIYA),), name="Priya Natarajan")
        await school.open(priya)
        await school.ask(priya)
        await town.later(minutes=1)
        (card,) = town.posts("personal", PRIYA)
        assert (await town.teams.press(PRIYA, card.id, "Enrol")).ok
        await town.settled()
        assert await school.state(priya) == "enrolled"
        assert "You have a seat" in str(town.posts("personal", PRIYA)[-1])
        await town.later(days=17)  # reminders come as cards; nothing is owed to a phone that is not there
        assert await school.state(priya) in ("enrolled", "missed")
        assert not [row for row in await school.rows("SELECT kind FROM outbox WHERE alias = '' AND channel = ''")]


async def test_who_said_later_is_asked_again_at_the_time_they_named(school: School) -> None:
    await school.open(ANA)
    await school.ask(ANA)
    await school.town.later(minutes=1)
    assert "December 1" in (await school.say(ANA, "LATER TOMORROW 2PM"))[-1]
    quiet = len(school.heard(ANA))
    await school.town.later(hours=27)
    assert len(school.heard(ANA)) == quiet
    await school.town.later(hours=2)
    assert "Reply 1 to enrol" in school.heard(ANA)[-1]
    await school.say(ANA, "1")
    assert await school.state(ANA) == "enrolled"
