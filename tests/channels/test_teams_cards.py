"""Cards, forms and pages as Adaptive Cards, held against the published schema; and the app package."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.channels import teams_cards
from bot.channels.teams_manifest import manifest, package
from bot.sandbox.teams_kit import Cards, parts, words
from handlers.cards import Button, Buttons, Card, Divider, Facts, Form, Input, Part, Picture, Text
from tests.channels.stage import SCHEMAS

CLIENT = "11111111-2222-3333-4444-555555555555"
COMMANDS = {"/case": "Work the cases", "/training": "Courses " * 40}
HOSTILE = "<at>everyone</at> [click](https://evil.example/x) **b** `c` <b>\u202e\u200b evil.example 10.0.0.1"
ALL: tuple[Part, ...] = (
    Text("plain"),
    Text("quiet", "quiet"),
    Text("strong", "strong"),
    Text("quote", "quote"),
    Text("warning", "warning"),
    Text("481 726", "large"),
    Facts((("Stage", "Received"), ("Assigned to", ""))),
    Buttons(
        (
            Button("Open", "open", {"word": "A", "several": ("1", "2")}, "primary"),
            Button("Gone", "gone", url="https://a.example"),
        )
    ),
    Buttons((Button("Close", "close", style="danger", confirm="Really?"),)),
    Divider(),
    Picture("https://a.example/chart.png", "A chart"),
)
FIELDS: tuple[Part, ...] = (
    Input("text", "Text", "text", initial="a", hint="Say it", optional=True, longest=5),
    Input("long", "Long", "long_text"),
    Input("one", "One", "choice", (("a", "A"), ("b", "B")), "a"),
    Input("many", "Many", "choice", tuple((f"v{at}", f"V{at}") for at in range(200))),
    Input("checks", "Checks", "checks", (("a,b", "A"), ("c", "C")), ("a,b",)),
    Input("day", "Day", "date", initial="2026-12-01"),
    Input("who", "Who", "person", initial="tenant/person"),
)

schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="../shared/schemas is absent: cards are not held against it")


def faults(card: Any) -> list[str]:
    return Cards(SCHEMAS).faults(card)


@schemas
@pytest.mark.parametrize("opens", [False, True])
@pytest.mark.parametrize("part", [*ALL, *FIELDS])
def test_every_part_is_a_valid_card(part: Part, opens: bool) -> None:
    assert faults(teams_cards.message(Card("Title", (part,)), opens=opens)) == []
    assert faults(teams_cards.form(Form("f", "Title", (part,), "Go"), opens=opens, faults={"text": "Bad"})) == []
    assert faults(teams_cards.home((part,))) == []


@schemas
@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(max_size=60), min_size=9, max_size=9))
def test_any_words_make_a_valid_card(said: list[str]) -> None:
    some: tuple[Part, ...] = (
        Text(said[0]),
        Text(said[1], "quote"),
        Facts(((said[2], said[3]),)),
        Buttons((Button(said[4], "do", confirm=said[5]),)),
        Input("a", said[6], "choice", ((said[7] or "x", said[8]),)),
    )
    for shown in (teams_cards.message(Card(said[0], some)), teams_cards.form(Form("f", said[1], some, said[2]))):
        assert faults(shown) == []
        json.dumps(shown, ensure_ascii=False).encode()


def texts(card: Any) -> Iterator[tuple[str, str]]:
    """Every word shown, and the kind of the element that shows it."""
    for part in parts(card):
        for key in ("text", "title", "label"):
            if key in part:
                yield str(part.get("type")), part[key]
        for choice in part.get("choices", ()):
            yield "choice", choice["title"]


def test_hostile_words_stand_only_where_teams_reads_no_markup() -> None:
    some: tuple[Part, ...] = (
        Text(HOSTILE),
        Text(HOSTILE, "quote"),
        Facts(((HOSTILE, HOSTILE),)),
        Input("a", HOSTILE, "choice", (("x", HOSTILE),), hint=HOSTILE),
    )
    shown = list(texts(teams_cards.form(Form("f", HOSTILE, some, "Go"), faults={"a": HOSTILE})))
    told = {kind for kind, words in shown if "evil" in words}
    assert told <= {"TextRun", "Input.ChoiceSet", "choice"}
    assert not any("\u202e" in words or "\u200b" in words for _, words in shown)


def test_foreign_quotes_and_labels_of_choices_hold_no_live_address_or_markup() -> None:
    some = (Text(HOSTILE, "quote"), Input("a", "A", "choice", (("x", HOSTILE),)))
    shown = teams_cards.form(Form("f", "F", some, "Go"))
    body = [words for kind, words in texts(shown) if kind in ("TextRun", "choice") and "evil" in words]
    assert all("evil[.]example" in words or "evil\uff3b.\uff3dexample" in words for words in body)
    choice = next(words for kind, words in texts(shown) if kind == "choice")
    assert not set("[]()<>*_`~") & set(choice)


def test_buttons_of_messages_open_dialogs_and_those_of_dialogs_go_on() -> None:
    card = Card("T", (Buttons((Button("Open", "open"),)),))
    in_message, in_dialog = teams_cards.message(card), teams_cards.message(card, opens=False)
    assert in_message["body"][1]["actions"][0]["data"]["msteams"] == {"type": "task/fetch"}
    assert "msteams" not in in_dialog["body"][1]["actions"][0]["data"]


def test_seven_buttons_stand_in_two_rows() -> None:
    shown = teams_cards.message(Card("T", (Buttons(tuple(Button(str(at), "x") for at in range(7))),)))
    assert [len(part["actions"]) for part in shown["body"][1:]] == [6, 1]


def test_long_story_keeps_its_front_and_its_end() -> None:
    story = tuple(Text(f"{at} " + "é" * 2000, "quote") for at in range(40))
    shown = teams_cards.form(Form("f", "MAPLE-7", (Text("front"), *story)))
    assert len(json.dumps(shown, ensure_ascii=False).encode()) < teams_cards.LARGEST + 500
    assert "front" in words(shown)
    assert "\n39 é" in words(shown)
    assert "\n10 é" not in words(shown)
    assert "…" in words(shown)


def test_form_without_fields_or_submit_can_only_be_closed() -> None:
    assert "actions" not in teams_cards.form(Form("f", "F", (Text("a"),)))


@pytest.mark.parametrize("data", [None, "", "text", {}, {"other": 1}, []])
def test_what_no_card_of_ours_sent_is_nothing(data: Any) -> None:
    assert teams_cards.received(data, "tenant") is None


@schemas
def test_manifest_is_valid_and_lists_every_command_by_slash() -> None:
    made = manifest(CLIENT, "https://line.example.gov", COMMANDS)
    schema = json.loads((SCHEMAS / "teams-manifest-1.29.json").read_text())
    jsonschema.validators.validator_for(schema)(schema).validate(made)
    bot = made["bots"][0]
    assert bot["supportsTargetedMessages"]
    for listed in bot["commandLists"]:
        assert "slash" in listed["triggers"]
        assert [each["title"] for each in listed["commands"]] == ["case", "training", "home"]
    assert [each["id"] for each in made["composeExtensions"][0]["commands"]] == ["case", "training"]


def test_package_holds_manifest_and_icons_of_the_sizes_teams_demands() -> None:
    made = package(CLIENT, "http://127.0.0.1:8080", COMMANDS)
    assert made == package(CLIENT, "http://127.0.0.1:8080", COMMANDS)
    with zipfile.ZipFile(io.BytesIO(made)) as folder:
        assert folder.namelist() == ["manifest.json", "color.png", "outline.png"]
        assert json.loads(folder.read("manifest.json"))["id"] != CLIENT
        color, outline = (Image.open(io.BytesIO(folder.read(name))) for name in ("color.png", "outline.png"))
    assert (color.size, outline.size) == ((192, 192), (32, 32))
    assert color.convert("RGBA").getchannel("A").getextrema() == (255, 255)
    colors: Any = outline.convert("RGBA").getcolors(1024)
    assert {pixel[:3] for _, pixel in colors if pixel[3]} == {(255, 255, 255)}
