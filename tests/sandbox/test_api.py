"""The sandbox behind its page: what it lets in, and what it keeps over a restart."""

from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from tests.sandbox.conftest import Open, running

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = "+18165550141"
LINE, LINE_C = "+18165550101", "+18165550103"


async def test_pages_of_other_sites_and_forms_are_refused(opened: Open) -> None:
    url = f"{opened.address}/sandbox"
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{url}/state", headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
        async with session.post(f"{url}/text", data={"from": PHONE, "to": LINE, "body": "x"}) as answer:
            assert answer.status == 415
        async with session.get(f"{url}/state") as answer:
            assert answer.status == 200
            assert "access-control-allow-origin" not in answer.headers
    assert opened.sandbox.twilio.messages == []


async def test_what_cannot_be_done_is_refused_in_words(opened: Open) -> None:
    asked = {
        "text": {"from": PHONE, "to": "+18165559999", "body": "x"},
        "slack/command": {"user": "U0PARKS", "channel": "C0INDHOTLINE", "command": "/case"},
        "slack/close": {"user": "U0PARKS"},
        "teams/say": {
            "user": "00000000-0000-4000-8000-000000000001",
            "place": "19:bsphotline@thread.tacv2",
            "text": "x",
        },
        "teams/press": {"user": "00000000-0000-4000-8000-000000000001", "where": "1", "button": "Open"},
        "clock": {"to": "next"},
    }
    async with aiohttp.ClientSession() as session:
        for path, body in asked.items():
            async with session.post(f"{opened.address}/sandbox/{path}", json=body) as answer:
                assert answer.status == 409
                assert (await answer.json())["error"]
        async with session.post(f"{opened.address}/sandbox/clock", json={"seconds": -1}) as answer:
            assert answer.status == 400


async def test_a_restart_keeps_threads_channels_pictures_and_time(tmp_path: Path) -> None:
    picture = bytes(range(256))
    async with running(tmp_path) as first:
        await first.sandbox.twilio.receive(PHONE, LINE, "Cash goes missing", [("application/x-thing", picture)])
        await first.sandbox.settle()
        first.sandbox.clock.advance(first.sandbox.clock() + timedelta(days=1500))
        await first.sandbox.settle()
        at = first.sandbox.clock()
        bodies = [message.body for message in first.sandbox.twilio.messages]
        posts = [message.ts for message in first.sandbox.slack.channel("C0INDHOTLINE").messages]
    async with running(tmp_path) as second:
        assert second.sandbox.clock() >= at
        assert [message.body for message in second.sandbox.twilio.messages][: len(bodies)] == bodies
        assert second.sandbox.twilio.messages[0].media[0].content == picture
        assert [message.ts for message in second.sandbox.slack.channel("C0INDHOTLINE").messages][: len(posts)] == posts
    assert bodies
    assert posts


async def test_a_restart_keeps_what_stands_in_teams_and_introduces_nobody_twice(tmp_path: Path) -> None:
    async with running(tmp_path) as first:
        await first.sandbox.twilio.receive(PHONE, LINE_C, "Cash goes missing")
        await first.sandbox.settle()
        kept = _in_teams(first)
    assert kept["19:bsphotline@thread.tacv2"]
    assert sum(len(posts) for posts in kept.values()) > len(kept) / 2
    async with running(tmp_path) as second:
        assert _in_teams(second) == kept
        await second.sandbox.twilio.receive(PHONE, LINE_C, "It was the treasurer")
        await second.sandbox.settle()
        assert _in_teams(second) == kept


def _in_teams(opened: Open) -> dict[str, list[str]]:
    return {id: [post.id for post in channel.messages] for id, channel in opened.sandbox.teams.channels.items()}
