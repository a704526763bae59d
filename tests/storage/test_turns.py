"""Effects are written and facts read back, the same on both databases."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cities import read_cities, read_texts
from handlers import effects as e
from handlers.cards import Card, Text
from handlers.messages import Inbound, Owed, Place, Receipt
from handlers.state import Clock, Conversation, Facts, Figures, Sought, Wants
from handlers.training.values import Course, Session
from storage import effects, facts, staff
from storage.database import Database, Transaction
from storage.ledger import Ledger
from storage.scene import Region, Scene
from storage.vault import Vault

NOW = datetime(2026, 11, 30, 16, tzinfo=UTC)
CITIES = Path("bot/jurisdictions")
TEXT = Inbound("twilio_sms", "+18165550101", "+18162340001", "SM1", NOW, text="hello")
PLACE = Place("slack", "C1")
NOTHING = Wants()


@pytest.fixture
def region() -> Region:
    return Region.of(read_cities(CITIES), read_texts(), "https://city.example/desk")


@pytest.fixture
def ledger(database: Database, vault: Vault, region: Region) -> Ledger:
    return Ledger(database, vault, region)


class Doer:
    """Writes effects as a turn of one phone would, and reads facts as the next turn would."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    async def do(self, *wanted: e.Effect, at: datetime = NOW, stopped: bool = False, wants: Wants = NOTHING) -> None:
        async def work(tx: Transaction) -> None:
            scene = await self._scene(tx, wants, at)
            step = e.Step(wanted, Conversation(language="en", stopped=stopped))
            await effects.write(scene, step)

        await self.ledger.database.transact(work)

    async def open(self, word: str = "MAPLE-7", text: str = "the tip") -> str:
        case = f"case-{word}"
        opened = e.OpenCase(case, word, f"code-{word}", "en")
        await self.do(opened, e.AddEntry(case, "report", text))
        return case

    async def see(self, wants: Wants, at: datetime = NOW) -> Scene:
        return await self.ledger.database.transact(lambda tx: self._scene(tx, wants, at))

    async def _scene(self, tx: Transaction, wants: Wants, at: datetime) -> Scene:
        return await facts.read(tx, self.ledger.vault, self.ledger.region, replace(TEXT, received_at=at), wants)


@pytest.fixture
def doer(ledger: Ledger) -> Doer:
    return Doer(ledger)


def bodies(owed: list[Owed]) -> list[str]:
    return [one.outbound.text for one in owed]


async def hire(ledger: Ledger, city: str = "independence") -> str:
    """Put a recipient of a city on the list; their row's id."""

    async def work(tx: Transaction) -> str:
        who = {"jurisdiction": city, "channel": "slack", "team": "T1", "user": "U1"}
        return await staff.add(tx, ledger.vault, **who, roles=frozenset({"recipient"}), name="Dana Reyes")

    return await ledger.database.transact(work)


async def test_a_case_is_read_back_with_its_story_only_when_wanted(doer: Doer) -> None:
    await doer.open()
    plain = (await doer.see(Wants(word="MAPLE-7"))).facts.case
    whole = (await doer.see(Wants(word="MAPLE-7", entries=True))).facts.case
    assert plain is not None and whole is not None
    assert plain.entries == ()
    assert [entry.text for entry in whole.entries] == ["the tip"]
    assert (await doer.see(Wants())).facts.cases == (plain,)


@pytest.mark.parametrize("scheme", ["postgresql"])
async def test_what_another_turn_does_to_a_case_meanwhile_is_seen(doer: Doer, database: Database) -> None:
    case, held, done = await doer.open(), asyncio.Event(), asyncio.Event()

    async def assign(tx: Transaction) -> None:
        await tx.lock(case)
        held.set()
        await done.wait()
        await tx.execute("UPDATE cases SET assignee = 'somebody' WHERE id = :id", id=case)

    async def waiting(tx: Transaction) -> bool:
        return bool(await tx.fetch("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))

    other = asyncio.create_task(database.transact(assign))
    await held.wait()
    seen = asyncio.create_task(doer.see(Wants()))
    while not await database.read(waiting):
        pass
    done.set()
    await other
    assert [known.assignee for known in (await seen).facts.cases] == ["somebody"]


async def test_a_case_word_that_is_taken_asks_for_another_turn(doer: Doer) -> None:
    await doer.open()
    with pytest.raises(effects.Again):
        await doer.do(e.OpenCase("another", "MAPLE-7", "other code", "en"))


async def test_a_sessions_word_that_is_taken_asks_for_another_turn_and_changes_nothing(doer: Doer) -> None:
    course = Course("course", "SUP", "Supervision", "course", "marc")
    first = Session("first", course.id, "SUP-1", TEXT.received_at, TEXT.received_at, "Hall", seats=2)
    await doer.do(e.KeepCourse(course), e.KeepSession(first))
    with pytest.raises(effects.Again):
        await doer.do(e.KeepSession(replace(first, id="second")))
    await doer.do(e.KeepSession(first.but(seats=5)))
    rows = await doer.ledger.database.read(lambda tx: tx.fetch("SELECT id, seats FROM sessions"))
    assert [(row["id"], row["seats"]) for row in rows] == [("first", 5)]


async def test_a_move_from_a_stage_the_case_has_left_asks_for_another_turn(doer: Doer) -> None:
    case = await doer.open()
    await doer.do(e.MoveCase(case, "received", "assessed"))
    with pytest.raises(effects.Again):
        await doer.do(e.MoveCase(case, "received", "assessed"))


async def test_messages_to_one_person_leave_one_by_one_in_order(doer: Doer, ledger: Ledger) -> None:
    await doer.do(e.Reply("first"), e.Reply("second"))
    (first,) = await ledger.claim(NOW)
    assert first.outbound.text == "first"
    assert await ledger.claim(NOW) == []
    await ledger.receive(first.outbound.attempt, Receipt("accepted", "SMx"), NOW)
    assert bodies(await ledger.claim(NOW)) == ["second"]


async def test_an_urgent_text_does_not_wait_behind_others(doer: Doer, ledger: Ledger) -> None:
    await doer.do(e.Reply("first"))
    await ledger.claim(NOW)
    await doer.do(e.Reply("call 911", urgent=True))
    assert bodies(await ledger.claim(NOW)) == ["call 911"]


async def test_a_held_relay_stands_in_nobodys_way_and_can_be_recalled_once(doer: Doer, ledger: Ledger) -> None:
    case = await doer.open()

    async def relay(tx: Transaction) -> None:
        scene = await doer._scene(tx, Wants(case=case), NOW)
        await effects.write(scene, e.Step((e.Relay(case, "m1", "from staff", timedelta(seconds=20)),)))

    await ledger.database.transact(relay)
    await doer.do(e.Reply("at once"))
    assert bodies(await ledger.claim(NOW)) == ["at once"]
    assert (await doer.see(Wants(message="m1"))).facts.recallable
    await doer.do(e.Recall("m1"))
    assert not (await doer.see(Wants(message="m1"))).facts.recallable
    with pytest.raises(effects.Again):
        await doer.do(e.Recall("m1"))


async def test_a_lease_that_ran_out_leaves_doubt_and_is_never_sent_blindly(doer: Doer, ledger: Ledger) -> None:
    await doer.do(e.Reply("once"))
    await ledger.claim(NOW)
    later = NOW + timedelta(minutes=2)
    assert await ledger.claim(later) == []
    (doubtful,) = await ledger.claim_uncertain(later)
    await ledger.receive(doubtful.outbound.attempt, Receipt("delivered", "SMx"), later)
    assert await ledger.claim_uncertain(later + timedelta(hours=1)) == []
    assert await ledger.claim(later + timedelta(hours=1)) == []


async def test_a_late_word_never_undoes_a_later_one(doer: Doer, ledger: Ledger) -> None:
    await doer.do(e.Reply("once"))
    (one,) = await ledger.claim(NOW)
    for state in ("delivered", "sent", "accepted"):
        await ledger.receive(one.outbound.attempt, Receipt(state, "SMx"), NOW)
    rows = await ledger.database.read(lambda tx: tx.fetch("SELECT state FROM outbox"))
    assert [row["state"] for row in rows] == ["delivered"]


async def test_a_newer_card_replaces_the_waiting_one_and_later_the_standing_one(doer: Doer, ledger: Ledger) -> None:
    for words in ("one", "two"):
        await doer.do(e.Post(PLACE, Card("MAPLE-7", (Text(words),)), subject="case"))
    (owed,) = await ledger.claim(NOW)
    assert owed.outbound.card == Card("MAPLE-7", (Text("two"),))
    assert owed.outbound.reference == ""
    await ledger.receive(owed.outbound.attempt, Receipt("accepted", "C1:17"), NOW)
    await doer.do(e.Post(PLACE, Card("MAPLE-7", (Text("three"),)), subject="case"))
    (owed,) = await ledger.claim(NOW)
    assert owed.outbound.reference == "C1:17"


async def test_a_card_that_waits_for_a_retry_gives_way_to_a_newer_one(doer: Doer, ledger: Ledger) -> None:
    await doer.do(e.Post(PLACE, Card("one"), subject="case"))
    (first,) = await ledger.claim(NOW)
    await doer.do(e.Post(PLACE, Card("two"), subject="case"))
    await ledger.retry(first, NOW, "429")
    (owed,) = await ledger.claim(NOW)
    assert owed.outbound.card == Card("two")


async def test_a_card_that_never_stood_needs_no_taking_away(doer: Doer, ledger: Ledger) -> None:
    await doer.do(e.Post(PLACE, Card("one"), subject="case"), e.Withdraw(PLACE, "case"))
    assert await ledger.claim(NOW) == []


async def test_stop_cancels_what_waits_and_the_reply_to_it_still_leaves(doer: Doer, ledger: Ledger) -> None:
    await doer.do(e.Reply("waiting"))
    await doer.do(e.Reply("You will get no more texts."), stopped=True)
    assert bodies(await ledger.claim(NOW)) == ["You will get no more texts."]


async def test_an_opt_out_error_marks_the_person_and_tells_the_desk(doer: Doer, ledger: Ledger) -> None:
    case = await doer.open()
    await doer.do(e.Reply("hello", case=case))
    (owed,) = await ledger.claim(NOW)
    await ledger.fail(owed, "21610", NOW)
    (followup,) = await ledger.due(NOW)
    assert (followup.name, followup.subject, followup.value("code")) == ("undelivered", case, "21610")
    seen = (await doer.see(Wants(case=case))).facts.case
    assert seen is not None and not seen.reachable


async def test_a_followup_waits_for_its_time_and_can_be_forgotten(doer: Doer, ledger: Ledger) -> None:
    await doer.do(e.Remind(NOW + timedelta(days=3), "clock", "case", {"kind": "acknowledge"}))
    assert await ledger.due(NOW + timedelta(days=2)) == []
    assert await ledger.next_due() == NOW + timedelta(days=3)
    (due,) = await ledger.due(NOW + timedelta(days=3))
    assert due.value("kind") == "acknowledge"
    await doer.do(e.Forget("clock", "case"))
    assert await ledger.due(NOW + timedelta(days=3)) == []


async def asked(ledger: Ledger, wants: Wants) -> Facts:
    """What a recipient's command is told."""
    command = Inbound("slack", "T1", "T1/U1", "d1", NOW, kind="command", name="/case", text="list")

    async def look(tx: Transaction) -> Facts:
        return (await facts.read(tx, ledger.vault, ledger.region, command, wants)).facts

    return await ledger.database.transact(look)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("open", ["OAK-3", "MAPLE-7", "FERN-9"]),
        ("mine", ["MAPLE-7"]),
        ("closed", ["ALDER-2"]),
        ("all", ["OAK-3", "MAPLE-7", "FERN-9", "ALDER-2"]),
    ],
)
async def test_a_list_holds_the_cases_that_were_asked_for(
    doer: Doer, ledger: Ledger, wanted: Sought, words: list[str]
) -> None:
    row = await hire(ledger)
    for word in ("ALDER-2", "FERN-9", "MAPLE-7", "OAK-3"):
        await doer.open(word)
    await doer.do(e.MoveCase("case-ALDER-2", "received", "concluded"))
    await doer.do(e.Assign("case-MAPLE-7", row), e.Assign("case-ALDER-2", row), e.Assign("case-OAK-3", "another"))
    assert [case.word for case in (await asked(ledger, Wants(cases=wanted))).cases] == words


async def test_a_list_holds_the_newest_and_counts_the_others_but_for_the_hidden(doer: Doer, ledger: Ledger) -> None:
    row = await hire(ledger)
    for word in ("ALDER-2", "FERN-9", "MAPLE-7", "OAK-3", "ROSE-5"):
        await doer.open(word)
    clock = Clock("feedback", NOW, NOW + timedelta(days=90))
    await doer.do(*(e.StartClock(f"case-{word}", clock) for word in ("FERN-9", "MAPLE-7", "ROSE-5")))
    await doer.do(*(e.Exclude(f"case-{word}", frozenset({row})) for word in ("ALDER-2", "OAK-3")))
    told = await asked(ledger, Wants(cases="open", most=2))
    assert ([(case.word, case.clocks) for case in told.cases], told.more) == (
        [("ROSE-5", (clock,)), ("MAPLE-7", (clock,))],
        1,
    )


async def test_the_newest_of_each_city_are_listed_for_who_serves_two(doer: Doer, ledger: Ledger) -> None:
    await hire(ledger)
    await hire(ledger, "marc")
    for word in ("ALDER-2", "FERN-9", "MAPLE-7"):
        await doer.open(word)
    await doer.do(e.Handover("case-ALDER-2", "marc"))
    for most, words in ((9, ["MAPLE-7", "FERN-9", "ALDER-2"]), (2, ["MAPLE-7", "FERN-9"]), (1, ["MAPLE-7"])):
        told = await asked(ledger, Wants(cases="open", most=most))
        assert ([case.word for case in told.cases], told.more) == (words, 3 - len(words))


async def test_figures_count_what_may_be_seen_and_take_the_median_wait(doer: Doer, ledger: Ledger) -> None:
    row = await hire(ledger)
    assert (await asked(ledger, Wants(figures=True))).figures == Figures()
    for days, word in enumerate(("ALDER-2", "FERN-9", "MAPLE-7", "OAK-3"), 1):
        await doer.open(word)
        await doer.do(e.StartClock(f"case-{word}", Clock("acknowledge", NOW, NOW + timedelta(days=7))))
        await doer.do(e.StopClock(f"case-{word}", "acknowledge"), at=NOW + timedelta(days=days))
    await doer.open("ROSE-5")
    await doer.do(e.MoveCase("case-FERN-9", "received", "concluded"), e.Exclude("case-OAK-3", frozenset({row})))
    assert (await asked(ledger, Wants(figures=True))).figures == Figures(3, 1, timedelta(days=2))


async def test_a_hidden_case_is_as_absent_as_one_that_does_not_exist(doer: Doer, ledger: Ledger) -> None:
    case = await doer.open()
    row = await hire(ledger)
    wants = Wants(word="MAPLE-7", cases="all", figures=True)
    assert (await asked(ledger, wants)).case is not None
    await doer.do(e.Exclude(case, frozenset({row})))
    told = await asked(ledger, wants)
    assert (told.case, told.cases, told.more, told.figures) == (None, (), 0, Figures())


async def relay(doer: Doer, case: str, at: datetime, *texts: str) -> None:
    """What staff write to a reporter."""
    region = doer.ledger.region

    async def write(tx: Transaction) -> None:
        press = replace(TEXT, kind="press", received_at=at)
        scene = Scene(tx, doer.ledger.vault, region, press, "independence", "")
        scene.facts = Facts(region.jurisdictions["independence"], region.texts)
        await facts._case(scene, Wants(case=case), everyone=True)
        await effects.write(scene, e.Step(tuple(e.Relay(case, f"m-{text}", text) for text in texts)))

    await doer.ledger.database.transact(write)


async def withheld(doer: Doer, ledger: Ledger) -> tuple[str, datetime]:
    """A case, two of whose texts wait for the code after a month of silence; its id, and when."""
    case, late = await doer.open(), NOW + timedelta(days=31)
    await relay(doer, case, late, "first", "second")
    owed = [one for _ in range(3) for one in await ledger.claim(late)]
    assert [one.kind for one in owed] == ["hint"]
    await ledger.receive(owed[0].outbound.attempt, Receipt("delivered", "SM9"), late)
    return case, late


async def test_after_long_silence_texts_wait_for_the_code_and_leave_in_order_by_it(doer: Doer, ledger: Ledger) -> None:
    case, late = await withheld(doer, ledger)
    told = [(due.name, due.subject) for due in await ledger.due(late)]
    assert told == [("withheld", case)] * 2
    scene = await doer.see(Wants(case=case), at=late)
    assert scene.facts.silent and scene.facts.cases == ()
    assert scene.facts.case is not None
    assert (scene.facts.case.silent, scene.facts.case.waits_since) == (True, late)
    await doer.do(e.AwaitCodes(), e.MoveDialogue(case), at=late, wants=Wants(case=case))
    (first,) = await ledger.claim(late)
    assert first.outbound.text == "first"
    await ledger.receive(first.outbound.attempt, Receipt("sent", "SM2"), late)
    assert bodies(await ledger.claim(late)) == ["second"]
    seen = (await doer.see(Wants(), at=late)).facts.cases
    assert [(one.id, one.silent, one.waits_since) for one in seen] == [(case, False, None)]


async def test_what_waited_for_the_code_is_not_given_up_for_its_age(doer: Doer, ledger: Ledger) -> None:
    case, late = await withheld(doer, ledger)
    much_later = late + timedelta(days=20)
    await doer.do(e.MoveDialogue(case), at=much_later, wants=Wants(case=case))
    (first,) = await ledger.claim(much_later)
    assert first.outbound.created_at == much_later


async def test_a_text_of_a_stranger_leaves_the_case_before_waiting(doer: Doer, ledger: Ledger) -> None:
    case, late = await withheld(doer, ledger)
    await doer.do(e.AwaitCodes(), e.OpenCase("case-2", "CEDAR-12", "code-2", "en"), e.Reply("new", "case-2"), at=late)
    assert bodies(await ledger.claim(late)) == ["new"]
    await relay(doer, case, late, "third")
    assert await ledger.claim(late) == []
    seen = (await doer.see(Wants(case=case), at=late)).facts
    assert [one.id for one in seen.cases] == ["case-2"]
    assert seen.case is not None and seen.case.silent


async def test_a_text_that_has_not_left_follows_the_dialogue_to_another_phone(doer: Doer, ledger: Ledger) -> None:
    case = await doer.open()

    async def write(tx: Transaction) -> None:
        other = replace(TEXT, sender="+18162340002", delivery="SM2")
        wants = Wants(case=case)
        scene = await facts.read(tx, ledger.vault, ledger.region, other, wants)
        held = e.Relay(case, "m", "for whoever has the code", timedelta(seconds=20))
        await effects.write(scene, e.Step((held, e.MoveDialogue(case)), Conversation(language="en")))

    await ledger.database.transact(write)
    (owed,) = await ledger.claim(NOW + timedelta(seconds=21))
    assert (owed.outbound.to, owed.outbound.text) == ("+18162340002", "for whoever has the code")


@pytest.mark.parametrize("scheme", ["postgresql"])
async def test_a_code_that_comes_while_a_text_is_withheld_releases_it(doer: Doer, ledger: Ledger) -> None:
    case, at = await doer.open(), NOW
    for number in range(10):
        at += timedelta(days=31)
        await relay(doer, case, at, f"text {number}")
        code = doer.do(e.MoveDialogue(case), at=at, wants=Wants(case=case))
        await asyncio.gather(ledger.claim(at), code, ledger.claim(at))
        assert (await doer.see(Wants(), at=at)).facts.cases[0].waits_since is None
