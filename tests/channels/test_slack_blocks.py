"""What Slack is shown: within its limits, of its shapes, and harmless whatever people wrote."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.slack_blocks import entered, escape, home, message, modal, pressed, words
from bot.channels.slack_manifest import SCOPES, manifest
from handlers.cards import Button, Buttons, Card, Divider, Facts, Form, Input, Part, Picture, Text, Tone
from tests.channels.stage import SCHEMAS

TONES: tuple[Tone, ...] = ("plain", "quiet", "strong", "quote", "warning", "large")
HOSTILE = (
    "<!channel> <@U123|Boss> <https://evil.example|click> &lt; *bold* _it_ `code` :smile:",
    "https://evil.example/track?id=1 www.evil.example http://10.0.0.1",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200bzero\u200d \ufeff\x00\x1b[31m",
    "Z" + "\u0336" * 300,
    "\ud800 lone",
    '"]]>{{=1+1}} =HYPERLINK("x") @here #general',
    "x" * 1_000_000,
    "👩‍👩‍👧" * 5000,
    "",
    " \n\t ",
)
SURFACES = {"message": "#/definitions/Message", "modal": "#/definitions/ModalView", "home": "#/definitions/HomeView"}
EVERYTHING: tuple[Part, ...] = (
    Text("plain"),
    Text("quiet", "quiet"),
    Text("strong", "strong"),
    Text("quote", "quote"),
    Text("warning", "warning"),
    Text("481 726", "large"),
    Facts((("City", "Independence"), ("Due", "2 December"))),
    Buttons(
        (
            Button("Open", "open", {"case": "1"}, "primary"),
            Button("Close", "close", {}, "danger", confirm="Close it?"),
            Button("Room", "", url="https://line.example.org/desk"),
        )
    ),
    Divider(),
    Picture("https://line.example.org/chart.png", "Cases by month"),
    Input("text", "Text", "text", initial="so far", hint="As one text", longest=160),
    Input("long", "Long", "long_text", optional=True),
    Input("few", "Few", "choice", (("1", "One"), ("2", "Two")), initial="2"),
    Input("many", "Many", "choice", tuple((str(n), f"Choice {n}") for n in range(120)), initial="7"),
    Input("maybe", "Maybe", "choice", (("1", "One"),), optional=True),
    Input("checks", "Checks", "checks", (("1", "One"), ("2", "Two")), initial=("1", "2")),
    Input("lots", "Lots", "checks", tuple((str(n), f"Check {n}") for n in range(30)), initial=("3",)),
    Input("date", "Date", "date", initial="2026-12-02"),
    Input("who", "Who", "person", initial="T0CITY/U0ANA"),
)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    path = SCHEMAS / "slack-block-kit.json"
    if not path.exists():
        pytest.skip(f"NOT CHECKED against Slack's own types: {path.name} is not here")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def checked(schema: dict[str, Any], shown: dict[str, Any], kind: str) -> None:
    if kind == "message":
        shown = {"blocks": shown["blocks"]}
    jsonschema.validate(json.loads(json.dumps(shown)), {**schema, "$ref": SURFACES[kind]})


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from strings(each)
    if isinstance(node, str):
        yield node


def marked_up(node: Any) -> Iterator[str]:
    """All texts in which Slack would read markup."""
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            yield node["text"]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from marked_up(each)


def test_every_part_has_slacks_shape_on_every_surface(schema: dict[str, Any]) -> None:
    checked(schema, message(Card("Title", EVERYTHING, "Summary")), "message")
    checked(schema, modal(Form("form", "Title", EVERYTHING, "Send", {"case": "1"})), "modal")
    checked(schema, modal(Form("form", "Title", (Text("only"),))), "modal")
    checked(schema, modal(Form("form", "Title")), "modal")
    checked(schema, home(EVERYTHING), "home")
    checked(schema, home(()), "home")
    checked(schema, words("Hello"), "message")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_stay_words(schema: dict[str, Any], text: str) -> None:
    some: tuple[Part, ...] = (
        *(Text(text, tone) for tone in TONES),
        Facts(((text, text),)),
        Buttons((Button(text, "open", confirm=text),)),
        Picture("https://line.example.org/x.png", text),
        Input("text", text, hint=text),
        Input("few", text, "choice", (("1", text),)),
    )
    shown = [
        (message(Card(text, some, text)), "message"),
        (modal(Form("form", text, some)), "modal"),
        (home(some), "home"),
        (words(text), "message"),
    ]
    for surface, kind in shown:
        checked(schema, surface, kind)
        harmless(surface)


def harmless(surface: dict[str, Any]) -> None:
    whole = "".join(strings(surface))
    assert not set(whole) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200d\ufeff\x00\x1b")
    assert all(not "\ud800" <= letter <= "\udfff" for letter in whole)
    for text in [*marked_up(surface), surface.get("text", "")]:
        assert "<" not in text.replace("&lt;", "")
        assert ">" not in text.replace("&gt;", "")


def test_quoted_link_is_defanged() -> None:
    quoted = json.dumps(message(Card("MAPLE-7", (Text("see https://evil.example/x", "quote"),), "x")))
    assert "evil.example" not in quoted
    assert "hxxps[:]//evil[.]example/x" in quoted


texts = st.text(max_size=4000) | st.sampled_from(HOSTILE)
tones = st.sampled_from(TONES)
parts = st.one_of(
    st.builds(Text, texts, tones),
    st.builds(Facts, st.lists(st.tuples(texts, texts), max_size=14).map(tuple)),
    st.builds(lambda words: Buttons(tuple(Button(word, "open") for word in words)), st.lists(texts, max_size=30)),
)


@settings(max_examples=60, deadline=None)
@given(texts, st.lists(parts, max_size=8))
def test_whatever_is_written_fits_slacks_limits(title: str, some: list[Part]) -> None:
    for surface in (message(Card(title, tuple(some), title)), home(some), modal(Form("form", title, tuple(some)))):
        harmless(surface)
        assert len(surface["blocks"]) <= (50 if "text" in surface else 100)
        assert all(len(block["elements"]) <= 25 for block in surface["blocks"] if block["type"] == "actions")


def test_long_tip_is_shown_in_several_blocks() -> None:
    blocks = modal(Form("case", "Case", (Text("word " * 1500),)))["blocks"]
    assert "".join(block["text"]["text"] for block in blocks) == "word " * 1500


def test_too_many_parts_end_in_an_ellipsis() -> None:
    blocks = message(Card("Title", tuple(Text(str(number)) for number in range(80)), "x"))["blocks"]
    assert len(blocks) == 50
    assert blocks[-1]["text"]["text"] == "…"


def test_optional_choice_can_be_unset_and_a_required_one_is_seen_at_once() -> None:
    kinds = {block["block_id"]: block["element"]["type"] for block in home(EVERYTHING)["blocks"] if "element" in block}
    assert (kinds["few"], kinds["maybe"], kinds["many"]) == ("radio_buttons", "static_select", "static_select")
    assert (kinds["checks"], kinds["lots"]) == ("checkboxes", "multi_static_select")


def test_button_gives_back_its_name_and_values() -> None:
    block = message(Card("T", (Buttons((Button("Open", "case.open", {"a": "1", "b": ("x", "y")}),)),), "s"))["blocks"][
        1
    ]
    assert pressed(block["elements"][0]) == ("case.open", {"a": "1", "b": ("x", "y")})


def test_what_is_left_empty_comes_back_empty() -> None:
    state = {
        "values": {
            "text": {"f": {"type": "plain_text_input", "value": None}},
            "few": {"f": {"type": "radio_buttons", "selected_option": None}},
            "checks": {"f": {"type": "checkboxes", "selected_options": []}},
            "date": {"f": {"type": "datepicker", "selected_date": None}},
            "who": {"f": {"type": "users_select", "selected_user": None}},
        }
    }
    assert entered(state, "T0") == {"text": "", "few": "", "checks": (), "date": "", "who": ""}


def test_escaped_words_hold_no_markup() -> None:
    assert escape("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"


COMMANDS = {"/case": "Work the cases", "/line": "This city's line", "/long": "x" * 300}


@pytest.mark.parametrize("socket_mode", [True, False])
def test_manifest_is_one_that_slack_takes(socket_mode: bool) -> None:
    path = SCHEMAS / "slack-manifest-2.json"
    if not path.exists():
        pytest.skip(f"NOT CHECKED against Slack's own schema: {path.name} is not here")
    made = manifest("https://line.example.org/", COMMANDS, socket_mode)
    jsonschema.validate(made, json.loads(path.read_text()))


def test_manifest_follows_the_commands_and_the_address() -> None:
    made = manifest("https://line.example.org/", COMMANDS, socket_mode=False)
    commands = made["features"]["slash_commands"]
    assert [command["command"] for command in commands] == list(COMMANDS)
    assert {command["url"] for command in commands} == {"https://line.example.org/slack/events"}
    assert made["settings"]["event_subscriptions"]["bot_events"] == ["app_home_opened"]
    assert made["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    sockets = manifest("https://line.example.org/", COMMANDS, socket_mode=True)
    assert "https://line" not in json.dumps(sockets)
