"""Files for exit interviews in both chats: a dry run that names every fault, then done once, and undone."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot import sheets
from bot.sandbox.teams_kit import words
from storage import responses
from storage.database import Transaction
from storage.responses import Response
from tests.bot.test_sheets import workbook
from tests.databases import SCHEMES, new_url
from tests.interviews_file import CROSSWALK, interviews
from tests.opened import counts, everything
from tests.town import HANNAH, NOBODY, PHONE, PRIYA, Town, open_town

COORDINATOR, OTHERS = "U0MARCEXITS", "U0LSMEXITS"
HERE = "C0MARCEXITS"
HEADER = "phone,language,last_day,voluntary,department,consent\n"
LEAVERS = HEADER + "+18162340001,en,2026-12-01,yes,Parks,signed form\n+18162340002,es,2026-12-02,yes,Pool,signed form\n"


@pytest.fixture(params=SCHEMES)
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    async with new_url(request.param, tmp_path) as url, open_town(tmp_path, url, teams=True) as made:
        yield made


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    """The same on SQLite alone, where the database makes no difference."""
    async with open_town(tmp_path, teams=True) as made:
        yield made


async def sent(town: Town, command: str, content: bytes, user: str = COORDINATOR, **fields: str) -> str:
    """In Slack: the form, a file in it, and what is shown then."""
    assert (await town.slack.command(user, HERE, "/exit", command)).ok
    form = str(town.modal(user)["callback_id"])
    file = town.slack.upload(user, "list.csv", content)
    typed: dict[str, Any] = {name: {form: value} for name, value in {"city": "independence", **fields}.items()}
    assert (await town.slack.submit(user, {**typed, "file": {form: [file]}})).ok
    await town.settled()
    return shown(town, user)


async def press(town: Town, label: str, user: str = COORDINATOR) -> str:
    answer = await town.press(label, str(town.modal(user)["id"]), user)
    assert answer.ok
    return shown(town, user)


def shown(town: Town, user: str = COORDINATOR) -> str:
    view = town.modal(user)
    return json.dumps([view["title"], view["blocks"]], ensure_ascii=False)


async def kept(town: Town, city: str = "independence") -> list[Response]:
    async def work(tx: Transaction) -> list[Response]:
        return await responses.read(tx, town.service.vault, city, "2000Q1", "2099Q4")

    return await town.service.database.read(work)


async def files(town: Town) -> int:
    return (await counts(town.service))["uploads"]


# --- many leavers


async def test_a_file_of_leavers_is_checked_and_then_invites_once(town: Town) -> None:
    dry = await sent(town, "invite many", LEAVERS.encode())
    assert "2 people of Independence, no faults" in dry and "delete it there" in dry
    assert (await counts(town.service))["respondents"] == 0
    view = town.modal(COORDINATOR)
    action = next(
        part["action_id"] for block in view["blocks"] for part in block.get("elements", ()) if "action_id" in part
    )
    presses = [town.slack.press(COORDINATOR, view["id"], action) for _ in range(2)]
    assert all(answer.ok for answer in await asyncio.gather(*presses))
    await town.settled()
    assert (await counts(town.service))["respondents"] == 2
    assert await files(town) == 0
    await town.later(hours=30)
    assert len(town.heard(PHONE)) == 1


async def test_every_fault_of_a_file_is_named_by_its_row_and_nobody_is_invited(here: Town) -> None:
    rows = HEADER + "".join(f"nonsense{row},en,2026-12-01,yes,,form\n" for row in range(20)) + LEAVERS[len(HEADER) :]
    told = await sent(here, "invite many", rows.encode())
    assert "row 2: phone must be a number" in told and "row 13:" in told and "row 14:" not in told
    assert "and 8 more" in told and "Nobody was invited" in told and "nonsense" not in told
    assert "exit_all" not in told
    assert (await counts(here.service))["respondents"] == 0 and await files(here) == 0


async def test_who_withdrew_after_the_dry_run_is_not_invited_by_its_button(here: Town) -> None:
    await sent(here, "invite many", LEAVERS.encode())
    invite = here.modal(COORDINATOR)
    await here.slack.command(COORDINATOR, HERE, "/exit", "revoke")
    asked = {"city": "independence", "phone": PHONE, "how": "call", "received": "2026-11-30"}
    await here.slack.submit(COORDINATOR, {name: {"exit_revoke": value} for name, value in asked.items()})
    await here.settled()
    here.slack.modals[COORDINATOR] = [invite]
    assert "row 2: This number has asked for no more texts" in await press(here, "Invite 2")
    assert (await counts(here.service))["respondents"] == 0


async def test_a_checked_file_outlives_a_restart_and_not_its_hour(tmp_path: Path) -> None:
    async with open_town(tmp_path) as town:
        await sent(town, "invite many", LEAVERS.encode())
        modal = town.modal(COORDINATOR)
    async with open_town(tmp_path) as town:
        town.slack.modals[COORDINATOR] = [modal]
        assert "Invited" in await press(town, "Invite 2")
        await sent(town, "invite many", LEAVERS.replace("234", "235").encode())
        await town.later(minutes=61)
        assert "not here any more" in await press(town, "Invite 2")
        assert (await counts(town.service))["respondents"] == 2 and await files(town) == 0


async def test_a_workbook_of_leavers_is_read_like_a_csv_file(here: Town) -> None:
    day = datetime(2026, 12, 1)
    content = workbook(
        ["Phone", "Last day", "Voluntary", "Consent"], [8162340001, day, "yes", "=A1"], [8162340002, day, 1, "x"]
    )
    assert "row 2: consent is a formula; it must be its value" in await sent(here, "invite many", content)
    content = workbook(["Phone", "Last day", "Voluntary", "Consent"], [8162340001, day, "yes", "signed"])
    assert "1 person of Independence, no faults" in await sent(here, "invite many", content)


HOSTILE = {
    "wrong type": (b"%PDF-1.7 x", sheets.NO_TABLE),
    "nothing in it": (b"", "there are no rows"),
    "lone quote": (HEADER.encode() + b'+18162340001,en,2026-12-01,yes,"Parks,form\n', "broken at row"),
    "other header": (b"name,address\nx,y\n", "the first line lacks phone"),
    "five megabytes": (b"x" * (5 << 20), "too large"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_file_that_is_none_gets_a_sentence_and_changes_nothing(here: Town, name: str) -> None:
    content, says = HOSTILE[name]
    before = dict(await counts(here.service))
    assert says in await sent(here, "invite many", content)
    changed = {table for table, rows in (await counts(here.service)).items() if rows != before[table]}
    assert changed <= {"inbox", "marks"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
async def test_a_list_in_another_encoding_is_read(here: Town, encoding: str) -> None:
    content = LEAVERS.replace("Parks", "Jardinería").encode(encoding)
    assert "2 people of Independence, no faults" in await sent(here, "invite many", content)


# --- interviews held elsewhere


async def test_interviews_held_elsewhere_are_taken_in_once_and_undone_again(town: Town) -> None:
    dry = await sent(town, "import", interviews(), map=CROSSWALK)
    assert "No faults" in dry and "I was paid fairly for my work → exit.pay: 1 × 2" in dry and "2026Q3" in dry  # noqa: RUF001
    assert await kept(town) == []
    modal = town.modal(COORDINATOR)
    assert "2 responses of Independence" in await press(town, "Take it in")
    assert len(await kept(town)) == 2 and await files(town) == 0
    town.slack.modals[COORDINATOR] = [modal]
    assert "not here any more" in await press(town, "Take it in")
    assert "in already" in await sent(town, "import", interviews(), map=CROSSWALK)
    assert len(await kept(town)) == 2
    await town.slack.command(COORDINATOR, HERE, "/exit", "imports")
    post = [post for post in town.cards(HERE) if post.ephemeral_for == COORDINATOR][-1]
    for told in ("All answers of that file", "not there any more"):
        await town.press("Undo", post.ts, COORDINATOR)
        assert told in json.dumps([post.blocks for post in town.cards(HERE)][-1])
    assert await kept(town) == []


async def test_two_presses_at_once_take_a_file_in_once(town: Town) -> None:
    await sent(town, "import", interviews(), map=CROSSWALK)
    view = town.modal(COORDINATOR)
    action = next(
        part["action_id"] for block in view["blocks"] for part in block.get("elements", ()) if "action_id" in part
    )
    presses = [town.slack.press(COORDINATOR, view["id"], action) for _ in range(3)]
    assert all(answer.ok for answer in await asyncio.gather(*presses))
    await town.settled()
    assert len(await kept(town)) == 2
    assert (await counts(town.service))["imports"] == 1


async def test_faults_of_a_file_are_named_by_row_and_column_and_nothing_is_taken_in(here: Town) -> None:
    content = interviews(service="since the flood", paid="Very much")
    told = await sent(here, "import", content, map=CROSSWALK)
    for place in ("Length of service", "I was paid fairly for my work"):
        assert f'row 2, column \\"{place}\\"' in told
    assert "since the flood" not in told and "Nothing was taken in" in told and "Take it in" not in told
    assert await kept(here) == [] and await files(here) == 0


async def test_more_interviews_than_a_chat_should_wait_for_are_left_to_the_command_line(here: Town) -> None:
    told = await sent(here, "import", interviews(people=sheets.MOST_INTERVIEWS + 1), map=CROSSWALK)
    assert sheets.TOO_MANY in told and await files(here) == 0


async def test_only_a_city_whose_interviews_one_runs_is_offered_and_taken(here: Town) -> None:
    await here.slack.command(OTHERS, HERE, "/exit", "import")
    offered = json.dumps(here.modal(OTHERS)["blocks"])
    assert "lees_summit" in offered and "independence" not in offered
    await sent(here, "import", interviews(), OTHERS, city="lees_summit", map=CROSSWALK)
    await press(here, "Take it in", OTHERS)
    assert len(await kept(here, "lees_summit")) == 2
    # A button of Lee's Summit's in the hands of others does nothing.
    await here.slack.command(COORDINATOR, HERE, "/exit", "imports")
    assert "No file was taken in" in json.dumps([post.blocks for post in here.cards(HERE)][-1])


async def test_nobody_else_can_go_on_with_a_file(here: Town) -> None:
    await sent(here, "import", interviews(), map=CROSSWALK)
    modal = here.modal(COORDINATOR)
    for who, says in (("U0MARCDUTY", "Only coordinators"), ("U0LSMEXITS", "not here any more")):
        here.slack.modals = {who: [modal]}
        assert says in await press(here, "Take it in", who)
    assert await kept(here) == []


async def test_nothing_of_a_file_stands_in_the_database_in_the_clear(here: Town) -> None:
    await sent(here, "invite many", LEAVERS.encode())
    assert await files(here) == 1
    held = await everything(here.service)
    assert b"8162340001" not in held and b"signed form" not in held


# --- in Teams the file comes first


async def test_in_teams_a_file_is_asked_what_it_is_for_and_goes_the_same_way(town: Town) -> None:
    assert (await town.teams.send_file(HANNAH, ("list.csv", interviews()))).ok
    card = town.posts("personal")[-1]
    assert "What is this file for?" in words(card.card) and "OneDrive" in words(card.card)
    await town.teams.press(HANNAH, card.id, "Take interviews in that were held elsewhere")
    await town.teams.submit(HANNAH, {"city": "independence", "map": CROSSWALK})
    assert "No faults" in words(town.teams.dialogs[HANNAH].card)
    await town.teams.press(HANNAH, "dialog", "Take it in")
    await town.settled()
    assert "2 responses of Independence" in words(town.teams.dialogs[HANNAH].card)
    assert len(await kept(town)) == 2 and await files(town) == 0
    await town.teams.press(HANNAH, "dialog", "Undo")
    await town.settled()
    assert await kept(town) == []
    # The file is gone, so its card leads nowhere any more.
    await town.teams.press(HANNAH, card.id, "Invite everybody in it")
    assert "not here any more" in words(town.teams.dialogs[HANNAH].card)


async def test_in_teams_a_form_without_a_file_says_what_to_do(here: Town) -> None:
    await here.teams.say(HANNAH, "personal", "/exit import")
    await here.teams.press(HANNAH, here.posts("personal")[-1].id, "Open")
    assert "send it to me as a message" in words(here.teams.dialogs[HANNAH].card)
    await here.teams.submit(HANNAH, {"city": "independence", "map": CROSSWALK})
    assert "There is no file yet" in words(here.teams.dialogs[HANNAH].card)


async def test_a_file_of_who_has_no_business_with_files_is_not_kept(here: Town) -> None:
    for who in (PRIYA, NOBODY):
        here.teams.chat(who)
        before = len(here.teams.files)
        await here.teams.send_file(who, ("list.csv", LEAVERS.encode()))
        assert len(here.teams.files) == before + 1
        told = words(here.posts("personal", who)[-1].card)
        assert "nothing to do here that takes a file" in told
    assert await files(here) == 0
