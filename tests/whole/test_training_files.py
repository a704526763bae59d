"""Files of training in chat: a dry run that names every fault, then taken in once; the report comes back as files."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from handlers.effects import KeepLearner
from storage import staff
from storage.database import Transaction
from tests import schooled
from tests.opened import counts
from tests.town import TEAM, Town, open_town

COORDINATOR, DESK = "U0MARCEXITS", "C0MARCTRAINING"
CATALOGUE = b"code,title,date,from,to,place,seats,price\nSUP,Supervision,12/16/2026,9 am,1 pm,Room 5,20,$25\n"
PEOPLE = b"name,role,board,phone,consent\nPat Lee,board,Parks Board,816-234-0101,signed form\n"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as made:
        yield made


async def shown(town: Town, user: str = COORDINATOR) -> str:
    view = town.modal(user)
    return json.dumps([view["title"], view["blocks"]], ensure_ascii=False)


async def send(town: Town, what: str, content: bytes) -> str:
    assert (await town.slack.command(COORDINATOR, DESK, "/training", "import")).ok
    file = town.slack.upload(COORDINATOR, "list.csv", content)
    typed: dict[str, Any] = {"for": {"training_import": what}, "file": {"training_import": [file]}}
    assert (await town.slack.submit(COORDINATOR, typed)).ok
    await town.settled()
    return await shown(town)


async def press(town: Town, label: str) -> str:
    assert (await town.press(label, str(town.modal(COORDINATOR)["id"]), COORDINATOR)).ok
    return await shown(town)


async def test_courses_come_in_by_a_button_after_a_dry_run_and_once(town: Town) -> None:
    told = await send(town, "courses marc", CATALOGUE)
    assert "New sessions: 1." in told
    assert (await counts(town.service))["sessions"] == 0
    assert "Taken in" in await press(town, "Take it in")
    kept = await counts(town.service)
    assert (kept["courses"], kept["sessions"], kept["uploads"]) == (1, 1, 0)
    assert "New sessions: 0. Sessions changed: 0." in await send(town, "courses marc", CATALOGUE)


async def test_faults_are_named_by_row_and_column_and_nothing_is_taken_in(town: Town) -> None:
    told = await send(town, "courses marc", CATALOGUE.replace(b"9 am", b"2:30"))
    assert "row 2, from: Say am or pm." in told
    assert "Take it in" not in told
    told = await send(town, "people independence", PEOPLE.replace(b"816-234-0101", b"12"))
    assert "row 2, phone: Give a number" in told
    assert "Pat" not in told
    kept = await counts(town.service)
    assert (kept["sessions"], kept["learners"], kept["uploads"]) == (0, 0, 0)


async def test_people_come_in_with_their_consent(town: Town) -> None:
    assert "new or changed: 1." in await send(town, "people independence", PEOPLE)
    await press(town, "Take it in")
    kept = await counts(town.service)
    assert (kept["learners"], kept["consents"]) == (1, 1)


async def test_nobody_takes_in_for_another_city(town: Town) -> None:
    async def list_clerk(tx: Transaction) -> None:
        await staff.add(
            tx, town.service.vault, jurisdiction="independence", channel="slack", team=TEAM, user="U0INDSECOND",
            roles=frozenset({"clerk"}), name="Kim Clerk", office="",
        )  # fmt: skip

    await town.service.database.transact(list_clerk)
    assert (await town.slack.command("U0INDSECOND", DESK, "/training", "import")).ok
    told = await shown(town, "U0INDSECOND")
    assert "People of Independence" in told
    assert "MARC" not in told
    assert "Lee" not in told


async def test_a_report_is_posted_at_the_desk_in_counts(town: Town) -> None:
    service, people = town.service, [schooled.learner(1), schooled.learner(2, "lees_summit")]
    keep = (*schooled.catalogue(), *map(KeepLearner, people))
    await schooled.keep(service.database, service.vault, service.region, town.clock(), keep)
    assert (await town.slack.command(COORDINATOR, DESK, "/training", "report marc 2026Q4")).ok
    for _ in range(30):
        await town.later(seconds=5)
        if len(town.cards(DESK)) > 0:
            break
    told = json.dumps([card.blocks for card in town.cards(DESK)], ensure_ascii=False)
    assert "Training, MARC, 2026Q4" in told
    assert "Person 1" not in told
