"""A certificate is checked by its code and fetched once by its holder; strangers learn no name and no difference."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest
from starlette.applications import Starlette

from bot.certificates import EACH, Limit, routes
from bot.cities import load_region
from bot.reports import certificate as document
from bot.sandbox.wire import serve
from bot.settings import read_settings
from handlers import effects as e
from handlers.messages import Inbound
from handlers.training import certificates
from handlers.training.certificates import Paper
from handlers.training.values import PROGRAM, Certificate, Course, Learner, Session
from storage import effects
from storage.certificates import Registry
from storage.database import Database, Transaction
from storage.scene import Scene
from storage.vault import Vault, new_keys
from tests.databases import SCHEMES, new_url, open_migrated
from tests.handlers.talk import TEXTS

NOW = datetime(2026, 11, 30, 16, tzinfo=UTC)
CODE, OLD, ORPHAN = "7KQ2M-XW94T", "3HJ8P-0ZZ1A", "AAAAA-11111"
TOKEN, ORPHANS_TOKEN = "a-token-that-nobody-can-guess_0123456789abc", "another-token-that-nobody-can-guess_98765"
COURSE = Course("c1", "SUP", "Supervision <for> all", "course", "marc", credits=Decimal("6.50"), valid_months=24)
SESSION = Session("s1", "c1", "SUP-1", NOW, NOW + timedelta(hours=3), "Room 1", 20)
DANA = Learner("l1", "independence", "Dana María Reyes", "en")
PAPER = certificates.paper(
    TEXTS, DANA, COURSE, Certificate(CODE, "l1", "c1", "s1", date(2026, 11, 18)), "MARC", f"https://x.org/{CODE}"
)


@dataclass
class Office:
    """The pages at their address, with what is behind them."""

    address: str
    database: Database
    vault: Vault
    registry: Registry
    http: aiohttp.ClientSession
    at: datetime = NOW

    async def perform(self, *wanted: e.Effect) -> None:
        async def work(tx: Transaction) -> None:
            inbound = Inbound("timer", "marc", "", "", NOW, kind="timer", name="test")
            scene = Scene(tx, self.vault, load_region(read_settings()), inbound, "marc", PROGRAM)
            for effect in wanted:
                await effects.PERFORM[type(effect)](scene, effect)

        await self.database.transact(work)

    async def get(self, path: str) -> tuple[int, str]:
        async with self.http.get(f"{self.address}/desk/{path}") as answer:
            return answer.status, await answer.text()

    async def post(self, path: str) -> tuple[int, bytes, str]:
        async with self.http.post(f"{self.address}/desk/{path}") as answer:
            return answer.status, await answer.read(), answer.headers["Content-Type"]


@asynccontextmanager
async def open_office(url: str, folder: Path) -> AsyncIterator[Office]:
    vault, front = Vault(new_keys(folder / "keys.json")), Starlette()
    database = await open_migrated(url)
    async with serve(front) as address, aiohttp.ClientSession() as http:
        registry = Registry(database, vault, load_region(read_settings(public_url="https://line.example.org")))
        office = Office(address, database, vault, registry, http)
        front.router.routes.extend(routes(registry, lambda: office.at))
        yield office
    await database.close()


@pytest.fixture(params=SCHEMES)
async def office(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Office]:
    async with new_url(request.param, tmp_path) as url, open_office(url, tmp_path) as opened:
        await opened.perform(
            e.KeepCourse(COURSE),
            e.KeepSession(SESSION),
            e.KeepSession(SESSION.but(id="s2", word="SUP-2")),
            e.KeepLearner(DANA),
            e.KeepCertificate(Certificate(CODE, "l1", "c1", "s1", date(2026, 11, 18), date(2028, 11, 18))),
            e.KeepCertificate(Certificate(OLD, "l1", "c1", "s2", date(2024, 11, 18), date(2026, 11, 18))),
            e.KeepCertificate(Certificate(ORPHAN, "gone", "c1", "s1", date(2026, 11, 18))),
        )
        yield opened


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S)).strip()


async def test_a_code_tells_standing_course_days_and_initials_but_no_name(office: Office) -> None:
    status, page = await office.get(f"certificates/{CODE}")
    assert status == 200
    assert "This certificate is valid. Course: Supervision &lt;for&gt; all" in words(page)
    assert "Completed on: November 18, 2026 Valid through: November 17, 2028 Holder: D. R." in words(page)
    assert not re.search("Dana|Reyes|Mar[ií]a|independence", page)


async def test_an_old_certificate_has_expired_and_one_of_nobody_still_counts(office: Office) -> None:
    assert "This certificate has expired." in (await office.get(f"certificates/{OLD}"))[1]
    orphan = words((await office.get(f"certificates/{ORPHAN}"))[1])
    assert "This certificate is valid." in orphan
    assert "Valid through: no end date Holder: on no list here any more" in orphan


async def test_a_code_is_known_however_it_is_typed(office: Office) -> None:
    right = await office.get(f"certificates/{CODE}")
    assert await office.get("certificates/7kq2mxw94t") == right
    assert await office.get("certificates/7KQ2M%20XW94T") == right
    assert await office.get("certificates/3hj8p-ozzia") == await office.get(f"certificates/{OLD}")


@pytest.mark.parametrize("code", ["7KQ2M-XW94U", "7KQ2M-XW94V", "x", "%3Cscript%3E", "0" * 500, "7KQ2M-XW94T'--"])
async def test_whatever_is_no_code_gets_one_and_the_same_page(office: Office, code: str) -> None:
    assert await office.get(f"certificates/{code}") == await office.get("certificates/00000-00000")


async def test_codes_cannot_be_found_by_trying(office: Office) -> None:
    tried = [(await office.get(f"certificates/00000-0000{at % 10}"))[0] for at in range(EACH + 2)]
    assert tried == [200] * EACH + [429] * 2
    office.at += timedelta(seconds=61)
    assert (await office.get(f"certificates/{CODE}"))[0] == 200


def test_all_together_are_limited_too() -> None:
    limit = Limit(each=2, all=3)
    assert [limit.allows(who, NOW) for who in "aaabbb"] == [True, True, False, True, False, False]
    assert limit.allows("c", NOW + timedelta(seconds=60))


async def test_the_holder_fetches_the_paper_once_and_a_preview_uses_nothing_up(office: Office) -> None:
    await office.perform(e.LendCertificate(CODE, TOKEN, NOW + timedelta(days=3)))
    status, door = await office.get(f"certificate/{TOKEN}")
    assert (status, "Get the certificate" in door) == (200, True)
    assert await office.get(f"certificate/{TOKEN[::-1]}") == (200, door)
    status, content, kind = await office.post(f"certificate/{TOKEN}")
    assert (status, kind, content[:5]) == (200, "application/pdf", b"%PDF-")
    assert (await office.post(f"certificate/{TOKEN}"))[0] == 404


async def test_a_link_is_of_no_use_when_it_is_old_unknown_or_its_holder_is_gone(office: Office) -> None:
    await office.perform(
        e.LendCertificate(CODE, TOKEN, NOW + timedelta(days=3)),
        e.LendCertificate(ORPHAN, ORPHANS_TOKEN, NOW + timedelta(days=9)),
    )
    office.at += timedelta(days=3, seconds=1)
    gone = await office.post("certificate/no-such-token-0123456789")
    assert gone[0] == 404
    assert await office.post(f"certificate/{TOKEN}") == gone
    assert await office.post(f"certificate/{ORPHANS_TOKEN}") == gone
    assert await office.post("certificate/x") == gone


async def test_a_pass_to_the_reading_room_opens_no_certificate(office: Office) -> None:
    await office.perform(e.Admit(CODE, "staff", TOKEN, NOW + timedelta(days=1)))
    assert (await office.post(f"certificate/{TOKEN}"))[0] == 404


def test_the_document_says_what_is_on_it_and_is_the_same_each_time() -> None:
    made = document.make(PAPER)
    assert made == document.make(PAPER)
    assert pages(made) == 1
    for mark in (b"/StructTreeRoot", b"/Lang(en)", b"/Title(Certificate of completion)", b"pdfuaid:part>1"):
        assert mark in made


@pytest.mark.parametrize(
    "name", ["#let x = $a$ *b* \\ @c <d>", "José Ángel Ñúñez-Ibáñez", "李小龍 \U0001f600", "x" * 300, "Нина Ω"]
)
def test_any_name_gets_a_document_of_one_page(name: str) -> None:
    assert pages(document.make(replace(PAPER, name=name))) == 1


def pages(made: bytes) -> int:
    return len(re.findall(rb"/Type ?/Page\b", made))


def test_a_paper_is_in_the_language_of_its_holder() -> None:
    spanish = replace(DANA, language="es")
    earned = Certificate(CODE, "l1", "c1", "s1", date(2026, 11, 18), date(2028, 3, 1))
    paper: Paper = certificates.paper(TEXTS, spanish, COURSE, earned, "MARC", "https://x.org")
    assert paper.lines == (
        ("Completado el", "18 de noviembre de 2026"),
        ("Horas de crédito", "6.5"),
        ("Válido hasta el", "29 de febrero de 2028"),
    )


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Dana Reyes", "D. R."), ("Ana de la Cruz", "A. C."), ("Cher", "C."), ("", ""), (" ñ ", "Ñ.")],
)
def test_initials_are_those_of_the_first_name_and_the_last(name: str, initials: str) -> None:
    assert certificates.initials(name) == initials
