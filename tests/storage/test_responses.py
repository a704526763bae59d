"""Responses hold no person and no time, are sealed, and come and go by the file."""

import asyncio
import re

import pytest

from handlers.surveys.answers import Answered, ticks
from storage import audit, responses
from storage.database import Database, Refused, Row, Transaction
from storage.vault import Keys, Unreadable, Vault

CITY, OTHER = "lees_summit", "independence"
NOW = 1_790_000_000_000


async def take_in(database: Database, vault: Vault, given: list[Answered], digest: str = "d", city: str = CITY) -> str:
    async def work(tx: Transaction) -> str:
        return await responses.add_import(
            tx, vault, city, "exit_interview", given, digest=digest, actor="operator", at_ms=NOW
        )

    return await database.transact(work)


async def undo(database: Database, vault: Vault, row: str, city: str = CITY) -> int:
    async def work(tx: Transaction) -> int:
        return await responses.undo_import(tx, vault, city, row, actor="operator", at_ms=NOW + 1)

    return await database.transact(work)


async def kept(
    database: Database, vault: Vault, since: str = "2000Q1", until: str = "2099Q4"
) -> list[responses.Response]:
    return await database.read(lambda tx: responses.read(tx, vault, CITY, since, until))


async def rows(database: Database, sql: str) -> list[Row]:
    return await database.read(lambda tx: tx.fetch(sql))


def people(count: int, quarter: str = "2026Q3") -> list[Answered]:
    return [Answered(quarter, {"overall": str(number)}) for number in range(count)]


async def test_a_response_is_read_as_it_was_given(database: Database, vault: Vault) -> None:
    answers = {"overall": "4", **ticks("reasons", {"pay"}, ("pay", "commute"))}

    async def work(tx: Transaction) -> None:
        await responses.add(tx, vault, CITY, "exit_interview", "2026Q3", answers, late=True, weight=3)

    await database.transact(work)
    (one,) = await kept(database, vault)
    assert one.answers == {"overall": "4", "reasons/pay": "1", "reasons/commute": "-"}
    assert (one.questionnaire, one.quarter, one.source) == ("exit_interview", "2026Q3", "interview")
    assert (one.late, one.weight, one.comparable) == (True, 3, {})


async def test_only_the_quarters_that_were_asked_for_are_read(database: Database, vault: Vault) -> None:
    quarters = ("2025Q4", "2026Q1", "2026Q2", "2026Q3")
    await take_in(database, vault, [Answered(quarter, {"overall": "1"}) for quarter in quarters])
    found = await kept(database, vault, "2026Q1", "2026Q2")
    assert sorted(one.quarter for one in found) == ["2026Q1", "2026Q2"]
    assert await database.read(lambda tx: responses.read(tx, vault, OTHER, "2000Q1", "2099Q4")) == []


async def test_no_column_holds_a_person_or_a_time_and_no_order_tells_the_files(
    database: Database, vault: Vault
) -> None:
    await take_in(database, vault, people(300))
    found = await rows(database, "SELECT * FROM responses")
    assert set(found[0].keys()) == {
        "id", "jurisdiction", "questionnaire", "quarter", "source", "late", "weight", "batch", "body",
    }  # fmt: skip
    assert len({row["id"] for row in found}) == 300 and all(re.fullmatch("[0-9a-f]{32}", row["id"]) for row in found)
    assert not any(b"overall" in bytes(row["body"]) for row in found)
    written = [int(response.answers["overall"]) for row in found for response in [responses._as_response(row, vault)]]
    assert sorted(written) == list(range(300)) and written != list(range(300))
    assert [one.answers for one in await kept(database, vault)] == [one.answers for one in await kept(database, vault)]


async def test_a_sealed_answer_cannot_be_moved_to_another_row_or_read_with_another_key(
    database: Database, vault: Vault
) -> None:
    await take_in(database, vault, people(2))
    with pytest.raises(Unreadable):
        await kept(database, Vault(Keys(1, {1: bytes(32)})))

    async def swap(tx: Transaction) -> None:
        await tx.execute("UPDATE responses SET body = (SELECT max(body) FROM responses)")

    await database.transact(swap)
    with pytest.raises(Unreadable):
        await kept(database, vault)


async def test_an_import_is_listed_and_undone_and_only_it(database: Database, vault: Vault) -> None:
    first = await take_in(database, vault, people(7), "one")
    second = await take_in(database, vault, people(2), "two")
    assert await undo(database, vault, first) == 7
    assert {one.source for one in await kept(database, vault)} == {f"import:{second}"}
    listed = {one.id: one for one in await database.read(lambda tx: responses.listing(tx, CITY))}
    assert (listed[first].rows, listed[first].at, listed[first].undone_at) == (7, NOW, NOW + 1)
    assert listed[second].undone_at is None
    assert await database.read(lambda tx: responses.listing(tx, OTHER)) == ()


async def test_an_import_is_undone_once_and_by_its_own_city(database: Database, vault: Vault) -> None:
    row = await take_in(database, vault, people(3))
    with pytest.raises(Refused, match="independence has no import"):
        await undo(database, vault, row, OTHER)
    assert await undo(database, vault, row) == 3
    with pytest.raises(Refused, match="that could be undone"):
        await undo(database, vault, row)


async def test_the_same_file_is_refused_twice_in_one_city_until_it_is_undone(database: Database, vault: Vault) -> None:
    row = await take_in(database, vault, people(3))
    with pytest.raises(Refused, match=f"in already, as import {row}"):
        await take_in(database, vault, people(3))
    assert len(await kept(database, vault)) == 3
    assert await take_in(database, vault, people(3), city=OTHER)
    await undo(database, vault, row)
    assert await take_in(database, vault, people(3)) != row


async def test_of_the_same_file_at_one_instant_one_is_taken_in(database: Database, vault: Vault) -> None:
    outcomes = await asyncio.gather(*[take_in(database, vault, people(3)) for _ in range(4)], return_exceptions=True)
    assert sum(isinstance(one, str) for one in outcomes) == 1
    assert sum(isinstance(one, Refused) for one in outcomes) == 3
    assert len(await kept(database, vault)) == 3


async def test_a_digest_is_kept_by_key_only(database: Database, vault: Vault) -> None:
    await take_in(database, vault, people(1), "of the file")
    (row,) = await rows(database, "SELECT digest FROM imports")
    assert row["digest"] != "of the file" and len(row["digest"]) == 64


async def test_imports_and_their_undoing_are_in_the_citys_chain(database: Database, vault: Vault) -> None:
    row = await take_in(database, vault, people(3))
    await undo(database, vault, row)
    lines = await rows(database, "SELECT * FROM audit ORDER BY sequence")
    told = [(line["jurisdiction"], line["action"], line["subject"], line["detail"]) for line in lines]
    assert told == [
        (CITY, "responses_imported", row, "3 responses"),
        (CITY, "import_undone", row, "3 responses"),
    ]
    assert await audit.verify(database, vault) == []


async def test_progress_is_told_until_the_last_response(database: Database, vault: Vault) -> None:
    told: list[tuple[int, int]] = []

    async def work(tx: Transaction) -> None:
        await responses.add_import(
            tx, vault, CITY, "exit_interview", people(600), digest="d", actor="operator", at_ms=NOW,
            count=lambda done, total: told.append((done, total)),
        )  # fmt: skip

    await database.transact(work)
    assert told[-1] == (600, 600) and len(told) > 1
