"""The room opens for a press and not for a preview, shows pictures and nothing else, and leaves nothing behind."""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser

import aiohttp
import pytest
from starlette.applications import Starlette

from bot.reading_room import routes
from bot.sandbox.wire import serve
from storage.database import Busy
from storage.media import Shown

NOW = datetime(2026, 11, 30, 16, tzinfo=UTC)
TOKEN = "a-token-that-nobody-can-guess_0123456789abc"
PNG, JPEG = b"\x89PNG\r\n\x1a\n picture", b"\xff\xd8\xff picture"
USED = "This link has been used or is too old. Open the case in chat and press Pictures again."


class Shelf:
    """Opens one token, once."""

    def __init__(self) -> None:
        self.pieces: list[Shown] = []
        self.asked: list[tuple[str, datetime]] = []
        self.fault: Exception | None = None

    async def open_pass(self, token: str, now: datetime) -> Sequence[Shown] | None:
        self.asked.append((token, now))
        if self.fault:
            raise self.fault
        return self.pieces if token == TOKEN and len(self.asked) == 1 else None


class Page(HTMLParser):
    """What a page asks the browser to do."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


class Browser:
    """A visitor of the room."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self.address = address
        self.session = session

    async def visit(self, method: str, token: str = TOKEN) -> tuple[aiohttp.ClientResponse, str]:
        async with self.session.request(method, f"{self.address}/desk/{token}") as answer:
            return answer, await answer.text()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def browser(shelf: Shelf) -> AsyncIterator[Browser]:
    app = Starlette(routes=routes(shelf, lambda: NOW))
    async with serve(app) as address, aiohttp.ClientSession() as session:
        yield Browser(address, session)


def kept(picture: bytes | None, kind: str = "image/jpeg") -> Shown:
    return Shown("kept", kind, "ab" * 32, picture)


async def test_previews_and_scanners_do_not_use_a_link_up(shelf: Shelf, browser: Browser) -> None:
    for _ in range(3):
        for method in ("GET", "HEAD"):
            answer, text = await browser.visit(method)
            assert answer.status == 200
    assert shelf.asked == []
    _, text = await browser.visit("GET")
    assert Page(text).all("form") == [{"method": "post"}]
    assert "img" not in dict(Page(text).tags)


async def test_the_door_is_the_same_for_every_token(browser: Browser) -> None:
    assert (await browser.visit("GET"))[1] == (await browser.visit("GET", TOKEN[::-1]))[1]


async def test_a_press_shows_the_pictures_in_order_once(shelf: Shelf, browser: Browser) -> None:
    shelf.pieces = [kept(PNG), kept(JPEG)]
    answer, text = await browser.visit("POST")
    assert answer.status == 200
    assert shelf.asked == [(TOKEN, NOW)]
    first, second = Page(text).all("img")
    assert first == {
        "src": f"data:image/png;base64,{b64encode(PNG).decode()}",
        "alt": "Picture 1 of 2, sent by the reporter",
    }
    assert second["alt"] == "Picture 2 of 2, sent by the reporter"
    assert b64decode(str(second["src"]).removeprefix("data:image/jpeg;base64,")) == JPEG
    assert text.count("ab" * 32) == 2
    again, text = await browser.visit("POST")
    assert (again.status, USED in text, "<img" in text) == (404, True, False)


@pytest.mark.parametrize("token", ["x", "a" * 101, "../../etc/passwd", "%00%0a" * 8, "<script>alert(1)</script>aaaaa"])
async def test_what_is_no_token_is_answered_like_a_used_one_and_looked_up_nowhere(
    shelf: Shelf, browser: Browser, token: str
) -> None:
    for method in ("GET", "POST"):
        answer, text = await browser.visit(method, token)
        assert answer.status == 404
        assert "script" not in text
    assert shelf.asked == []


async def test_unknown_and_used_links_get_the_same_page(shelf: Shelf, browser: Browser) -> None:
    await browser.visit("POST")
    used = await browser.visit("POST")
    unknown = await browser.visit("POST", TOKEN[::-1])
    malformed = await browser.visit("GET", "x")
    assert {page[1] for page in (used, unknown, malformed)} == {used[1]}
    assert {page[0].status for page in (used, unknown, malformed)} == {404}


async def test_a_piece_that_is_not_shown_says_why(shelf: Shelf, browser: Browser) -> None:
    shelf.pieces = [
        kept(None, "audio/<b>amr</b>"),
        Shown("lost", "image/png", "", None),
        Shown("waiting", "image/png", "", None),
        Shown("damaged", "image/png", "cd" * 32, None),
    ]
    _, text = await browser.visit("POST")
    words = re.sub(r"<[^>]*>", "", text)
    for reason in ("is kept sealed and is not shown", "could not be fetched", "still on its way", "cannot be read"):
        assert reason in words
    assert "audio/&lt;b&gt;amr" in text
    assert Page(text).all("img") == []


async def test_a_case_without_pictures_says_so(browser: Browser) -> None:
    answer, text = await browser.visit("POST")
    assert answer.status == 200
    assert "sent no pictures" in text


@pytest.mark.parametrize("fault", [Busy("many wait"), RuntimeError("+18162340001")])
async def test_trouble_of_ours_is_said_in_words_without_its_own(
    shelf: Shelf, browser: Browser, fault: Exception
) -> None:
    shelf.fault = fault
    answer, text = await browser.visit("POST")
    assert answer.status == 503
    assert "in a minute" in text
    assert str(fault) not in text


async def test_no_page_is_kept_framed_indexed_or_let_out(shelf: Shelf, browser: Browser) -> None:
    shelf.pieces = [kept(PNG)]
    for method, token in (("GET", TOKEN), ("HEAD", TOKEN), ("POST", TOKEN), ("POST", TOKEN), ("GET", "x")):
        answer, _ = await browser.visit(method, token)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "Set-Cookie" not in answer.headers


async def test_the_policy_lets_in_our_style_and_inline_pictures_only(shelf: Shelf, browser: Browser) -> None:
    shelf.pieces = [kept(PNG)]
    answer, text = await browser.visit("POST")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(style) == 1
    digest = b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": f"'sha256-{digest}'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert not [attrs for _, attrs in Page(text).tags if "style" in attrs or any(name[:2] == "on" for name in attrs)]
    assert {tag for tag, _ in Page(text).tags}.isdisjoint({"script", "link", "iframe", "a"})
    assert Page(text).all("html") == [{"lang": "en"}]
