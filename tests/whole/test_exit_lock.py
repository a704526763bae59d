"""After the lock nobody can join people and answers: tried here with the keys, every table, the log and the files."""

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from handlers.exits.interviews import PROGRAM
from handlers.release.response import Dispositions
from storage import audit, exit_lock
from storage.database import Row, Transaction
from storage.vault import Unreadable, Vault
from tests.databases import SCHEMES, new_url
from tests.town import Town, open_town
from tests.whole.test_exits import COORDINATOR, NOVEMBER, Exits

PHONES = [f"+1816234{number:04}" for number in range(1, 7)]
COMMENTS = [f"Comment of number {word}" for word in ("one", "two", "three", "four", "five", "six")]
SEALED = ("respondents.body", "conversations.address", "conversations.state", "consents.body", "outbox.body")
OF_PERSONS = ("conversations", "respondents", "consents", "followups", "outbox")


@pytest.fixture
async def exits(tmp_path: Path) -> AsyncIterator[Exits]:
    async with open_town(tmp_path, at=NOVEMBER) as town:
        yield Exits(town)


@pytest.fixture(params=SCHEMES)
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Exits]:
    async with new_url(request.param, tmp_path) as url, open_town(tmp_path, url, at=NOVEMBER) as town:
        yield Exits(town)


async def interviewed(exits: Exits) -> None:
    """Six people, one after the other, each with words by which they could be known again."""
    for phone, comment in zip(PHONES, COMMENTS, strict=True):
        await exits.invite(phone=phone)
        await exits.finish(phone, comment)


async def locked(exits: Exits) -> None:
    await exits.town.later(days=40)


async def test_after_the_lock_the_keys_open_nothing_that_joins_a_person_and_an_answer(either: Exits) -> None:
    exits = either
    await interviewed(exits)
    town = exits.town
    aliases = [town.service.vault.alias("independence", PROGRAM, "twilio_sms", phone) for phone in PHONES]
    assert all([await rows_with(town, alias) for alias in aliases])
    await locked(exits)
    assert not [text for one in await exits.responses() for text in one.answers.values() if text in COMMENTS]
    for alias, phone in zip(aliases, PHONES, strict=True):
        assert await rows_with(town, alias) == []
        assert await rows_with(town, phone) == []
    opened = [json.dumps(text) for text in await all_opened(town)]
    assert not any(phone[2:] in text for phone in PHONES for text in opened)
    assert sum(comment in text for comment in COMMENTS for text in opened) == len(COMMENTS)  # apart, once each


async def test_nothing_of_a_response_tells_when_or_in_which_order_it_was_given(
    exits: Exits, monkeypatch: pytest.MonkeyPatch
) -> None:
    shuffled: list[int] = []
    monkeypatch.setattr(exit_lock, "SHUFFLE", lambda given: shuffled.append(len(given)))
    await interviewed(exits)
    await locked(exits)
    assert shuffled == [len(PHONES), len(COMMENTS)]
    rows = await exits.rows("SELECT * FROM responses")
    assert rows[0].keys() == {
        "id",
        "jurisdiction",
        "questionnaire",
        "quarter",
        "source",
        "late",
        "weight",
        "batch",
        "body",
    }
    assert {(row["jurisdiction"], row["quarter"], row["source"], row["late"]) for row in rows} == {
        ("independence", "2026Q4", "interview", 0)
    }
    prefixes = {str(row["id"])[:4] for row in rows}
    assert len(prefixes) > 1  # chance, not a time


async def test_what_the_lock_deleted_is_gone_from_the_files_too(exits: Exits, tmp_path: Path) -> None:
    await interviewed(exits)
    town = exits.town
    before = [bytes(value) for value in await sealed_values(town)]
    assert len(before) > 100
    await locked(exits)
    await town.service.tick()
    after = {bytes(value) for value in await sealed_values(town)}
    gone = [value for value in before if value not in after]
    assert len(gone) > 100
    for name, content in files(tmp_path):
        assert not any(value in content for value in gone), name


async def test_the_audit_tells_of_no_person_and_still_holds(exits: Exits) -> None:
    await interviewed(exits)
    await locked(exits)
    rows = await exits.rows("SELECT * FROM audit WHERE jurisdiction = 'independence'")
    assert {row["action"] for row in rows} == {"exit_invited", "wave_locked"}
    assert {str(row["detail"]) for row in rows} == {"1", "2026Q4"}
    assert await audit.verify(exits.town.service.database, exits.town.service.vault) == []


async def test_of_those_who_withdrew_only_that_is_kept_and_without_a_time(exits: Exits) -> None:
    await interviewed(exits)
    await exits.say("STOP", phone=PHONES[0])
    await exits.invite(phone="+18162340099")
    await exits.say("1", "1", "1", "2", phone="+18162340099")
    await exits.say("STOP", phone="+18162340099")
    await locked(exits)
    ledger = await exits.rows("SELECT kind, at FROM consents")
    assert ledger == [{"kind": "revoked", "at": 0}] * 2
    assert len(await exits.responses()) == len(PHONES)  # what was not finished before the stop is not used
    assert "no more texts" in (await exits.invite(phone=PHONES[0])).body
    counts = await exits.town.service.database.read(lambda tx: exit_lock.dispositions(tx, "independence", "2026Q4"))
    assert counts == Dispositions(complete=len(PHONES), partial=0, refusal=1, non_contact=0)


async def test_after_the_lock_the_phone_is_a_stranger_and_may_be_invited_anew(exits: Exits) -> None:
    await interviewed(exits)
    await locked(exits)
    (kind,) = await exits.say("EDIT 3", phone=PHONES[1])
    assert "nothing open" in kind
    answer = await exits.invite(phone=PHONES[1], last_day="2027-01-11")
    assert "leaves on" in answer.body


async def test_closing_early_with_few_answers_waits_for_the_end_of_the_quarter(exits: Exits) -> None:
    await exits.invite(phone=PHONES[0])
    await exits.finish(PHONES[0], COMMENTS[0])
    await exits.command("close independence", COORDINATOR)
    await exits.town.later(days=20)
    assert await exits.responses() == []
    await exits.town.later(days=20)
    assert len(await exits.responses()) == 1


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The database's own files: itself and its log. (PostgreSQL's are not ours to read.)"""
    for file in folder.glob("bot.db*"):
        yield file.name, file.read_bytes()


async def rows_with(town: Town, words: str) -> list[str]:
    """Tables in which some value holds these words."""
    return [table for table, row in await every_row(town) if any(words in str(row[name]) for name in row.keys())]


async def every_row(town: Town) -> list[tuple[str, Row]]:
    async def work(tx: Transaction) -> list[tuple[str, Row]]:
        tables = sorted(await tx.tables())
        return [(table, row) for table in tables for row in await tx.fetch(f"SELECT * FROM {table}")]  # noqa: S608

    return await town.service.database.read(work)


async def sealed_values(town: Town) -> list[bytes]:
    rows = await every_row(town)
    of_persons = ((row, name) for table, row in rows if table in OF_PERSONS for name in row.keys())
    return [row[name] for row, name in of_persons if isinstance(row[name], bytes)]


async def all_opened(town: Town) -> list[str]:
    """All that the keys open, wherever it stands."""
    return [text for table, row in await every_row(town) for text in opened(town.service.vault, table, row)]


def opened(vault: Vault, table: str, row: Row) -> Iterator[str]:
    values = {name: row[name] for name in row.keys()}
    ids = [value for value in values.values() if isinstance(value, str)]
    for name, value in values.items():
        if not isinstance(value, bytes):
            continue
        for id, city in itertools.product(ids, ("independence", "marc", "")):
            try:
                yield vault.open(value, place=f"{table}.{name}", row=id, jurisdiction=city).decode()
            except Unreadable:
                continue
