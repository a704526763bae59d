"""From locked interviews to charts and files in chat, for those who may have them; a city with too few learns why."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from random import Random

import aiohttp
import openpyxl
import pytest

from bot.reports.exits import plan
from bot.sandbox.slack_workspace import Message
from handlers.messages import Inbound
from handlers.release.audit import disagree, exposed
from handlers.release.published import facts
from handlers.release.quarterly import population
from handlers.release.rules import Rules
from handlers.release.targets import targets
from handlers.surveys.answers import Answered
from storage import comments, releases, responses
from storage.database import Refused, Transaction
from storage.scene import Scene
from tests.databases import SCHEMES, new_url
from tests.town import HANNAH, Town, open_town
from tests.whole.test_exits import COORDINATOR, HERE, Exits

JANUARY = datetime(2027, 1, 11, 16, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
QUARTER = "2026Q4"
CITIES = ("independence", "blue_springs", "lees_summit")


@pytest.fixture
async def exits(tmp_path: Path) -> AsyncIterator[Exits]:
    async with open_town(tmp_path, at=JANUARY, teams=True) as town:
        yield Exits(town)


async def answered(town: Town, city: str, people: int, quarter: str = QUARTER, seed: int = 1) -> None:
    """Responses as a lock leaves them."""
    random = Random(seed)  # noqa: S311 -- the same each time

    async def work(tx: Transaction) -> None:
        for _ in range(people):
            await responses.add(tx, town.service.vault, city, "exit_interview", quarter, answers(random))

    await town.service.database.transact(work)


def answers(random: Random) -> dict[str, str]:
    found = {"department": random.choices(("Police", "Parks", "Water"), (5, 3, 1))[0]}
    for measure in plan().measures:
        if measure.part_of:
            found[measure.key] = random.choices(("1", "-"), (1, 3))[0]
        else:
            found[measure.key] = random.choice([*measure.codes, "-"])
    return found


async def reported(
    exits: Exits, text: str = f"report independence {QUARTER}", user: str = COORDINATOR
) -> list[Message]:
    """What was posted where it was asked for."""
    before = len(exits.town.cards(HERE))
    await exits.command(text, user)
    await exits.town.later(seconds=5)
    return [post for post in exits.town.cards(HERE)[before:] if post.ephemeral_for is None]


def words(post: Message) -> str:
    return str(post.blocks) + post.text


async def test_a_report_is_promised_at_once_and_posted_with_charts_and_files(exits: Exits) -> None:
    for city in CITIES:
        await answered(exits.town, city, 60)
    answer = await exits.town.slack.command(COORDINATOR, HERE, "/exit", f"report independence {QUARTER}")
    assert "It is being made" in answer.body
    await exits.town.later(seconds=5)
    (post,) = [post for post in exits.town.cards(HERE) if post.files]
    names = [file["name"] for file in post.files]
    assert names == [
        "independence-exits-2026Q4-reasons-for-leaving.png",
        "independence-exits-2026Q4-scales.png",
        "independence-exits-2026Q4-trend.png",
        "independence-exits-2026Q4-own-and-others.png",
        "independence-exits-2026Q4.xlsx",
        "independence-exits-2026Q4.pdf",
    ]
    assert all(file["alt_txt"] for file in post.files if file["name"].endswith(".png"))
    assert "60 people answered" in words(post)
    assert "Data hash" in words(post)


async def test_a_report_comes_again_with_the_same_hash_and_late_answers_stay_out_of_it(exits: Exits) -> None:
    await answered(exits.town, "independence", 40)
    (first,) = await reported(exits)
    await answered(exits.town, "independence", 9, seed=2)
    (second,) = await reported(exits)
    assert words(first).split("Data hash")[1][:90] == words(second).split("Data hash")[1][:90]
    assert "counted again" in words(second)
    assert "are the same" in words(second)
    assert len(await stored(exits.town)) == 1


async def test_a_table_of_counts_makes_nobody_a_person_in_a_release(exits: Exits) -> None:
    """Its rows of one look like people, and are not."""
    town = exits.town
    await answered(town, "independence", 4)

    async def table(tx: Transaction) -> None:
        for people in (7, 1, 1, 1, 1, 1, 1):
            await responses.add(
                tx,
                town.service.vault,
                "independence",
                "exit_interview",
                QUARTER,
                answers(Random(people)),  # noqa: S311 -- the same each time
                source="import:table",
                weight=people,
            )

    await town.service.database.transact(table)
    (post,) = await reported(exits)
    assert "Too few people answered so far." in words(post)


async def test_a_city_with_too_few_gets_a_sentence_and_nothing_else(exits: Exits) -> None:
    await answered(exits.town, "independence", 4)
    (post,) = await reported(exits)
    assert "Too few people answered so far." in words(post)
    assert post.files == []
    assert not any(digit in words(post).replace(QUARTER, "").replace("2026", "") for digit in ("4 people", "hidden"))
    assert await stored(exits.town) == ()


async def test_nobody_and_nobody_at_all_read_the_same(exits: Exits) -> None:
    (nobody,) = await reported(exits)
    await answered(exits.town, "independence", 3)
    (few,) = await reported(exits)
    assert [block.get("text", {}).get("text") for block in few.blocks] == [
        block.get("text", {}).get("text") for block in nobody.blocks
    ]


async def test_one_quarter_minus_the_other_finds_nobody(exits: Exits) -> None:
    town = exits.town
    for city in CITIES:
        await answered(town, city, 40, "2026Q3")
        await answered(town, city, 9, QUARTER, seed=3)
    for quarter in ("2026Q3", QUARTER):
        assert await reported(exits, f"report independence {quarter}")
    out = await stored(town)
    assert len(out) == 2
    vault, region = town.service.vault, town.service.region

    async def work(tx: Transaction) -> releases.Material:
        return await releases.gather(tx, vault, region, town.clock(), [QUARTER])

    material = await town.service.database.transact(work)
    history = [one.release for one in out]
    people = population(plan(), material.people, history)
    assert people is not None
    tables = [table for one in history for table in one.tables]
    bands = [band.region for one in history for band in one.bands]
    told = facts(people, history)
    assert not disagree(people, told)
    assert exposed(people, told, targets(people, tables, bands), Rules()) == ()


async def test_a_quarter_that_is_not_over_has_no_report(exits: Exits) -> None:
    assert await reported(exits, "report independence 2027Q1") == []


async def test_only_the_runners_and_the_city_itself_may_have_a_report(exits: Exits) -> None:
    await answered(exits.town, "independence", 40)
    for stranger in ("U0INDFIRST", "U0LSMEXITS", "U0STRANGER"):
        assert await reported(exits, user=stranger) == []
    assert await stored(exits.town) == ()


async def test_elsewhere_than_at_the_desk_a_report_goes_to_who_asked_alone(exits: Exits) -> None:
    await answered(exits.town, "independence", 40)
    await exits.town.slack.command(COORDINATOR, "C0INDHOTLINE", "/exit", f"report independence {QUARTER}")
    await exits.town.later(seconds=5)
    assert not [post for post in exits.town.cards("C0INDHOTLINE") if post.files]
    assert [post for post in exits.town.cards(COORDINATOR) if post.files]


async def test_in_teams_pictures_stand_in_the_card_and_each_file_is_taken_once(exits: Exits) -> None:
    town = exits.town
    await answered(town, "independence", 40)
    await town.teams.say(HANNAH, "personal", f"exit report independence {QUARTER}")
    await town.later(seconds=5)
    card = town.posts("personal")[-1]
    assert card.card
    pictures = [part for part in card.card["body"] if part["type"] == "Image"]
    assert len(pictures) >= 3
    assert all(picture["altText"] for picture in pictures)
    async with aiohttp.ClientSession() as session:
        for picture in pictures:
            async with session.get(picture["url"]) as answer:
                assert (answer.status, answer.content_type) == (200, "image/png")
        await town.teams.press(HANNAH, card.id, "independence-exits-2026Q4.xlsx")
        await town.settled()
        link = town.teams.dialogs[HANNAH].card["body"][-1]["actions"][0]["url"]
        async with session.get(link) as door:
            assert "handed out once" in await door.text()
        async with session.post(link) as answer:
            assert 'filename="independence-exits-2026Q4.xlsx"' in answer.headers["content-disposition"]
            assert openpyxl.load_workbook(BytesIO(await answer.read())).sheetnames[0] == "About"
        async with session.post(link) as again:
            assert again.status == 404


async def test_a_released_import_cannot_be_undone(exits: Exits) -> None:
    town = exits.town
    given = [Answered(QUARTER, answers(Random(seed))) for seed in range(30)]  # noqa: S311

    async def take_in(tx: Transaction) -> str:
        vault = town.service.vault
        who = {"digest": "d", "actor": "operator", "at_ms": 1}
        return await responses.add_import(tx, vault, "lees_summit", "exit_interview", given, **who)  # type: ignore[arg-type]

    row = await town.service.database.transact(take_in)
    await town.slack.command("U0LSMEXITS", "C0LSMEXITS", "/exit", f"report lees_summit {QUARTER}")
    await town.later(seconds=5)
    assert len(await stored(town)) == 1

    async def undo(tx: Transaction) -> int:
        return await responses.undo_import(tx, town.service.vault, "lees_summit", row, actor="operator", at_ms=2)

    with pytest.raises(Refused, match="report that is out"):
        await town.service.database.transact(undo)


async def test_a_maker_that_dies_is_tried_again(exits: Exits) -> None:
    town = exits.town
    await answered(town, "independence", 40)
    seconds, town.service.maker.worker.seconds = town.service.maker.worker.seconds, 0.0
    assert await reported(exits) == []
    town.service.maker.worker.seconds = seconds
    await town.later(minutes=2)
    assert [post for post in town.cards(HERE) if post.files]


async def stored(town: Town) -> tuple[releases.Stored, ...]:
    vault = town.service.vault
    return await town.service.database.read(lambda tx: releases.read(tx, vault))


async def test_no_comment_goes_out_unread_nor_of_a_small_quarter(exits: Exits) -> None:
    town = exits.town
    await answered(town, "independence", 7)
    await commented(town, ["Maria at 816-555-0142 was rude", "Pay more", "Nothing"])
    assert "No comment waits" in (await exits.command("comments")).body
    await answered(town, "independence", 30, seed=2)
    assert "Maria" not in str(town.slack.modals) + (await exits.command("comments")).body
    form = town.modal(COORDINATOR)
    assert "[name] at [number] was rude" in str(form["blocks"])
    texts = {block["block_id"]: block for block in form["blocks"] if block["type"] == "input"}
    order = [texts[f"text_{at}"]["element"]["initial_value"] for at in range(3)]
    chosen = {"Pay more": "release", "Nothing": "withhold", "[name] at [number] was rude": "release"}
    fields = {f"what_{at}": chosen[words_] for at, words_ in enumerate(order)}
    fields[f"text_{order.index('[name] at [number] was rude')}"] = "Somebody was rude"
    await exits.submit("exit_comments", fields)
    await reported(exits)
    book = openpyxl.load_workbook(
        BytesIO(next(f.content for f in town.slack.files.values() if "xlsx" in f.name) or b"")
    )
    assert sorted(str(row[1].value) for row in book["In their own words"].iter_rows(min_row=2)) == [
        "Pay more",
        "Somebody was rude",
    ]


async def commented(town: Town, texts: list[str]) -> None:
    """Comments as a lock leaves them."""

    async def work(tx: Transaction) -> None:
        inbound = Inbound("timer", "independence", "", "", JANUARY, "timer")
        scene = Scene(tx, town.service.vault, town.service.region, inbound, "independence", "exit_interview")
        await comments.add(scene, "independence", QUARTER, [("more", text) for text in texts])

    await town.service.database.transact(work)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_interviews_by_text_end_in_a_report(scheme: str, tmp_path: Path) -> None:
    phones = [f"+1816234{number:04}" for number in range(1, 7)]
    async with new_url(scheme, tmp_path) as url, open_town(tmp_path, url, at=NOVEMBER) as town:
        exits = Exits(town)
        for phone in phones:
            await exits.invite(phone=phone)
            await exits.finish(phone, "Nothing more")
        assert await reported(exits) == []  # it is not over
        await town.later(days=40)
        (post,) = await reported(exits)
        assert "6 people answered" in words(post)
        assert "Nothing more" not in words(post)
