"""Exit interviews on real protocols: at decent hours, at one's own pace, in counts only, and split for good."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox.twilio import segments
from bot.sandbox.wire import Answer
from storage import responses
from storage.database import Transaction
from tests.opened import everything
from tests.town import PHONE, Town, open_town

LINE = "+18165550121"
HERE = "C0MARCEXITS"
COORDINATOR = "U0MARCEXITS"
SATURDAY_NIGHT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Chicago")
LEAVER = {
    "city": "independence",
    "phone": "(816) 234-0001",
    "language": "en",
    "last_day": "2026-12-01",
    "voluntary": "yes",
    "department": "Parks",
    "consent": "signed exit form",
}
AGREE = ("1", "1")
MOST_TEXTS = 40


class Exits:
    """The town, its coordinator and people who leave."""

    def __init__(self, town: Town) -> None:
        self.town = town

    async def command(self, text: str, user: str = COORDINATOR) -> Answer:
        answer = await self.town.slack.command(user, HERE, "/exit", text)
        await self.town.settled()
        return answer

    async def submit(self, form: str, fields: dict[str, str], user: str = COORDINATOR) -> Answer:
        answer = await self.town.slack.submit(user, {name: {form: value} for name, value in fields.items()})
        await self.town.settled()
        return answer

    async def invite(self, **changes: str) -> Answer:
        await self.command("invite")
        return await self.submit("exit_invite", {**LEAVER, **changes})

    async def say(self, *texts: str, phone: str = PHONE, line: str = LINE) -> list[str]:
        """Text, one after the other, half a minute apart; what came back since the first."""
        before = len(self.town.heard(phone))
        for text in texts:
            await self.town.text(text, phone, line)
            await self.town.later(seconds=30)
        return self.town.heard(phone)[before:]

    async def finish(self, phone: str, comment: str, line: str = LINE) -> None:
        """Answer whatever is asked until the thanks; the last question gets the comment."""
        for _ in range(MOST_TEXTS):
            if self.town.heard(phone)[-1].startswith("Thank you"):
                return
            await self.town.text(_answer(self.town.heard(phone)[-1], comment), phone, line)
            self.town.clock.move(seconds=9)  # what was held for more words may leave
            await self.town.settled()
        raise AssertionError("the interview has no end")

    async def rows(self, sql: str, **values: object) -> list[dict[str, object]]:
        async def work(tx: Transaction) -> list[dict[str, object]]:
            return [{name: row[name] for name in row.keys()} for row in await tx.fetch(sql, **values)]

        return await self.town.service.database.read(work)

    async def responses(self, city: str = "independence") -> list[responses.Response]:
        vault = self.town.service.vault
        return await self.town.service.database.read(lambda tx: responses.read(tx, vault, city, "2026Q1", "2027Q4"))


def _answer(question: str, comment: str) -> str:
    """The first option, a high mark, or words."""
    if "0-10" in question or "1-5" in question:
        return "4"
    if "1 " in question:
        return "1"
    return comment if "Last one" in question else "skip"


@pytest.fixture
async def exits(tmp_path: Path) -> AsyncIterator[Exits]:
    async with open_town(tmp_path, at=NOVEMBER) as town:
        yield Exits(town)


async def test_an_invitation_waits_for_a_decent_hour_on_a_decent_day(tmp_path: Path) -> None:
    async with open_town(tmp_path, at=SATURDAY_NIGHT) as town:
        exits = Exits(town)
        await exits.invite()
        await town.later(hours=30)
        assert town.heard() == []  # Saturday night, and all of Sunday
        await town.later(hours=12)
        (invitation,) = town.heard()
        sent = next(text for text in town.twilio.messages if text.to == PHONE).created.astimezone(ZONE)
        assert (sent.weekday(), sent.hour) == (0, 9)
        assert all(part in invitation for part in ("MARC", "Independence", "STOP"))


async def test_somebody_who_was_let_go_is_asked_three_days_after_the_last_day(exits: Exits) -> None:
    await exits.invite(voluntary="no", last_day="2026-12-01")
    await exits.town.later(days=3)
    assert exits.town.heard() == []
    await exits.town.later(days=1)
    assert len(exits.town.heard()) == 1


async def test_an_interview_goes_on_through_fragments_typos_spanish_a_pause_and_a_change(exits: Exits) -> None:
    await exits.invite()
    town = exits.town
    consent = (await exits.say("1"))[-1]
    assert "phone companies" in consent.lower()
    assert "Why are you leaving" in (await exits.say("yes I agree"))[-1]
    assert "other reason" in (await exits.say("pay, sallary and other"))[-1]
    await town.text("The drive took an hour each way", PHONE, LINE)
    await town.later(seconds=4)
    await town.text("and the bus was never on time", PHONE, LINE)
    await town.later(seconds=30)
    assert town.heard()[-1].startswith("3. What comes next")
    assert "trabajar" in (await exits.say("2", "LANG ES", "tres", "cuatro"))[-1] or "beneficios" in town.heard()[-1]
    paused = (await exits.say("PAUSA"))[-1]
    assert "diciembre 1" in paused or "1 de diciembre" in paused
    quiet = len(town.heard())
    await town.later(hours=20)
    assert len(town.heard()) == quiet
    await town.later(hours=5)
    assert town.heard()[-1].startswith("Seguimos.")
    assert "Puede cambiar esto" in (await exits.say("EDITAR 5"))[-1]
    assert town.heard()[-1] != (await exits.say("5"))[-1]
    await exits.say("4", "5", "3", "4", "4", "5", "2", "5", "8", "quizas", "saltar", "Gracias a todos")
    await exits.say(*["3"] * 4)
    assert all(segments(text) <= 2 for text in town.heard())


async def test_the_coordinator_sees_counts_only_and_small_ones_not_at_all(exits: Exits) -> None:
    await exits.invite()
    await exits.finish(PHONE, "Nobody may know that I said this")
    card = (await exits.command("progress")).body
    assert "hidden" in card
    seen = json.dumps([call.args for call in exits.town.slack.requests], default=str) + card
    for secret in ("Nobody may know", "2340001", "Parks"):
        assert secret not in seen


async def test_of_a_single_leaver_the_counts_never_tell_what_they_do(exits: Exits) -> None:
    """Who invited one person would read in any count, a zero too, whether that one agreed, finished or said stop."""
    await exits.invite()
    seen = [(await exits.command("progress")).body]
    await exits.town.later(days=2)
    for text in ("go on", "yes", "please stop texting me"):
        await exits.say(text)
        seen.append((await exits.command("progress")).body)
    assert set(seen) == {seen[0]}


async def test_others_may_not_run_interviews(exits: Exits) -> None:
    for user in ("U0INDFIRST", "U0MARCDUTY", "U0STRANGER"):
        assert "coordinator" in (await exits.command("invite", user)).body or user == "U0STRANGER"
    await exits.command("invite", "U0LSMEXITS")
    with pytest.raises(LookupError):  # the form offers no other city
        await exits.submit("exit_invite", LEAVER, "U0LSMEXITS")
    assert await exits.rows("SELECT * FROM respondents") == []


async def test_somebody_who_was_never_invited_is_told_kindly_and_nothing_of_them_is_kept(exits: Exits) -> None:
    (kind,) = await exits.say("Hello, is this the survey?")
    assert "816-555-0101" in kind
    held = await everything(exits.town.service)
    for table in ("conversations", "respondents", "consents", "outbox"):
        assert await exits.rows(f"SELECT * FROM {table}") == []  # noqa: S608 -- our own names
    assert PHONE.encode() not in held


async def test_stop_ends_it_with_one_confirmation_and_start_goes_on(exits: Exits) -> None:
    await exits.invite()
    await exits.say(*AGREE)
    (confirmed,) = await exits.say("please stop texting me")
    assert "START" in confirmed
    quiet = len(exits.town.heard())
    await exits.town.later(days=25)
    await exits.say("1")
    assert len(exits.town.heard()) == quiet
    assert "1. Why" in (await exits.say("START"))[-1]
    kinds = [row["kind"] for row in await exits.rows("SELECT kind FROM consents ORDER BY id")]
    assert kinds == ["invited", "agreed", "revoked", "resumed"]


async def test_i_quit_because_is_an_answer(exits: Exits) -> None:
    await exits.invite()
    await exits.say(*AGREE, "other")
    assert "What comes next" in (await exits.say("I quit because they would not stop the night shifts"))[-1]


async def test_two_reminders_at_decent_hours_then_silence_and_late_answers_are_marked(exits: Exits) -> None:
    await exits.invite()
    await exits.say(*AGREE)
    before = len(exits.town.heard())
    await exits.town.later(days=22)
    assert len(exits.town.heard()) == before + 2
    for text in exits.town.twilio.messages:
        local = text.created.astimezone(ZONE)
        assert text.direction == "inbound" or (9 <= local.hour < 20 and local.weekday() != 6)
    assert "closed" in (await exits.say("1"))[-1]
    await exits.town.later(days=10)
    (kept,) = await exits.responses()
    assert kept.late


async def test_erase_deletes_answers_number_and_person_at_once(exits: Exits) -> None:
    await exits.invite()
    await exits.say(*AGREE, "1", "2")
    (erased,) = await exits.say("ERASE")
    assert "deleted" in erased
    for table in ("conversations", "respondents", "outbox"):
        assert await exits.rows(f"SELECT * FROM {table} WHERE 1 = 1") == []  # noqa: S608 -- our own names
    assert "asked for no more texts" in (await exits.invite()).body
    await exits.town.later(days=40)
    assert await exits.responses() == []


async def test_a_withdrawal_that_came_another_way_is_done_at_once_or_has_ten_business_days(exits: Exits) -> None:
    await exits.invite()
    await exits.say(*AGREE)
    await exits.command("revoke")
    waiting = await exits.submit(
        "exit_revoke", {"city": "independence", "phone": "", "how": "email", "received": "2026-11-30"}
    )
    assert "2026-12-14" in waiting.body
    await exits.town.later(days=9)
    cards = json.dumps([card.blocks for card in exits.town.cards(HERE)])
    assert "2026-12-14" in cards
    (card,) = exits.town.cards(HERE)
    await exits.town.press("Independence: find the number by 2026-12-14", card.ts, COORDINATOR)
    quiet = len(exits.town.heard())
    assert "Done" in (await exits.submit("exit_revoke", {"phone": PHONE})).body
    await exits.town.later(days=30)
    assert len(exits.town.heard()) == quiet


async def test_a_list_with_faults_names_each_by_row_and_invites_nobody(exits: Exits) -> None:
    await exits.command("invite many")
    rows = (
        "phone,language,last_day,voluntary,department,consent\n"
        "816-234-0001,en,2026-12-01,yes,Parks,form\n"
        "12,en,2026-12-01,yes,Parks,form\n"
        "816-234-0003,en,soon,yes,Parks,form\n"
        "816-234-0001,en,2026-12-01,yes,Parks,form\n"
        "816-234-0004,fr,2026-12-01,yes,Parks,form\n"
        "816-234-0005,en,2026-12-01,yes,Parks,\n"
    )
    refused = (await exits.submit("exit_many", {"city": "independence", "rows": rows})).body
    for fault in (
        "row 3: phone",
        "row 4: last_day",
        "row 5: phone is there twice",
        "row 6: language",
        "row 7: consent",
    ):
        assert fault in refused
    assert await exits.rows("SELECT * FROM respondents") == []


async def test_a_paused_wave_sends_nothing_and_a_closed_one_asks_nothing_more(exits: Exits) -> None:
    await exits.invite(last_day="2026-12-10")
    await exits.command("pause independence")
    await exits.town.later(days=8)
    assert exits.town.heard() == []
    await exits.command("resume independence")
    await exits.town.later(days=2)
    assert len(exits.town.heard()) == 1
    await exits.command("close independence")
    await exits.town.later(days=15)
    assert len(exits.town.heard()) == 1


async def test_lees_summit_runs_its_own(exits: Exits) -> None:
    await exits.command("invite", "U0LSMEXITS")
    await exits.submit("exit_invite", {**LEAVER, "city": "lees_summit"}, "U0LSMEXITS")
    await exits.town.settled()
    assert "Lee's Summit asks" in exits.town.heard()[-1]
    assert "Lee's" not in (await exits.command("progress")).body


async def test_a_number_that_cannot_be_texted_is_refused_in_a_sentence(exits: Exits) -> None:
    await exits.town.slack.command(COORDINATOR, "C0MARCEXITS", "/exit", "invite")
    assert '"Phone must be a number' in (await exits.submit("exit_invite", {**LEAVER, "phone": "123"})).body
