"""Nothing sent is lost, everything kept is sealed, and a pass opens the pictures once, for one who may see the case."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cities import read_cities, read_texts
from handlers import effects as e
from handlers.messages import Inbound, Media
from handlers.state import Conversation, Wants
from storage import audit, effects, facts, staff
from storage.database import Database, Row, Transaction
from storage.ids import milliseconds
from storage.media import BATCH, LEASE, MediaShelf, Shown
from storage.scene import Region
from storage.vault import Vault

NOW = datetime(2026, 11, 30, 16, tzinfo=UTC)
CASE = "case-of-maple"
TOKEN = "a-token-that-nobody-can-guess-0123456789ab"
TEXT = Inbound("twilio_sms", "+18165550101", "+18162340001", "SM1", NOW, text="hello")
ORIGINAL, PICTURE = b"\xff\xd8\xff whisper of the original", b"\x89PNG\r\n\x1a\n whisper of the copy"


@pytest.fixture
def shelf(database: Database, vault: Vault) -> MediaShelf:
    return MediaShelf(database, vault)


@pytest.fixture
async def me(database: Database, vault: Vault) -> str:
    return await enlist(database, vault)


async def enlist(
    database: Database, vault: Vault, user: str = "U1", roles: frozenset[str] = frozenset({"recipient"})
) -> str:
    who = {"jurisdiction": "independence", "channel": "slack", "team": "T1", "user": user, "name": "Dana Reyes"}
    return await database.transact(lambda tx: staff.add(tx, vault, roles=roles, **who))


async def do(shelf: MediaShelf, *wanted: e.Effect) -> None:
    """Write effects as a turn of the reporter's would."""
    region = Region.of(read_cities(Path("bot/jurisdictions")), read_texts(), "https://city.example/desk")

    async def work(tx: Transaction) -> None:
        scene = await facts.read(tx, shelf.vault, region, TEXT, Wants(case=CASE))
        await effects.write(scene, e.Step(wanted, Conversation(language="en")))

    await shelf.database.transact(work)


async def report(shelf: MediaShelf, pictures: int = 1) -> None:
    media = tuple(Media(f"https://api.twilio.com/Media/ME{at}", "image/jpeg") for at in range(pictures))
    await do(shelf, e.OpenCase(CASE, "MAPLE-7", "code", "en"), e.AddEntry(CASE, "report", "the tip", media=media))


async def admit(shelf: MediaShelf, me: str, until: datetime = NOW + timedelta(minutes=5)) -> None:
    await do(shelf, e.Admit(CASE, me, TOKEN, until))


async def keep_all(shelf: MediaShelf, shown: bytes | None = PICTURE) -> None:
    while pieces := await shelf.claim(NOW):
        for piece in pieces:
            await shelf.keep(piece, "image/jpeg", ORIGINAL, shown, NOW)


async def rows(database: Database, sql: str) -> list[Row]:
    return await database.read(lambda tx: tx.fetch(sql))


async def actions(database: Database) -> list[tuple[str, str]]:
    found = await rows(database, "SELECT action, actor FROM audit ORDER BY jurisdiction, sequence")
    return [(row["action"], row["actor"]) for row in found]


async def test_a_piece_is_claimed_once_and_comes_up_again_when_its_worker_died(shelf: MediaShelf) -> None:
    await report(shelf)
    (piece,) = await shelf.claim(NOW)
    assert (piece.case, piece.channel, piece.url) == (CASE, "twilio_sms", "https://api.twilio.com/Media/ME0")
    assert await shelf.claim(NOW) == []
    assert await shelf.claim(NOW + LEASE) == [replace(piece, tries=2)]


async def test_pieces_are_claimed_a_few_at_a_time_until_none_is_left(shelf: MediaShelf) -> None:
    await report(shelf, pictures=5)
    batches = [await shelf.claim(NOW) for _ in range(4)]
    assert [len(batch) for batch in batches] == [BATCH, BATCH, 1, 0]
    assert len({piece.id for batch in batches for piece in batch}) == 5


async def test_what_is_kept_is_sealed_under_the_key_of_its_case_and_the_original_stays_as_it_was(
    shelf: MediaShelf, vault: Vault
) -> None:
    await report(shelf)
    await keep_all(shelf)
    (row,) = await rows(shelf.database, "SELECT m.*, c.data_key FROM media m JOIN cases c ON c.id = m.case_id")
    assert (row["state"], row["digest"]) == ("kept", hashlib.sha256(ORIGINAL).hexdigest())
    assert b"whisper" not in bytes(row["original"]) + bytes(row["shown"])
    key = vault.unwrap(row["data_key"], row=CASE, jurisdiction="independence")
    for column, content in (("original", ORIGINAL), ("shown", PICTURE)):
        where = {"place": f"media.{column}", "row": row["id"], "jurisdiction": "independence"}
        assert vault.open(row[column], **where, key=key) == content
    assert ("picture_kept", "") in await actions(shelf.database)


async def test_a_late_worker_changes_nothing(shelf: MediaShelf) -> None:
    await report(shelf)
    (late,) = await shelf.claim(NOW)
    (newer,) = await shelf.claim(NOW + LEASE)
    await shelf.keep(newer, "image/jpeg", ORIGINAL, PICTURE, NOW)
    await shelf.keep(late, "text/plain", b"something else", None, NOW)
    await shelf.lost(late, NOW)
    await shelf.retry(late, NOW)
    (row,) = await rows(shelf.database, "SELECT state, kind FROM media")
    assert tuple(row[name] for name in ("state", "kind")) == ("kept", "image/jpeg")
    assert [action for action, _ in await actions(shelf.database)].count("picture_kept") == 1


async def test_a_piece_that_could_not_be_fetched_waits_for_its_next_try(shelf: MediaShelf) -> None:
    await report(shelf)
    (piece,) = await shelf.claim(NOW)
    later = NOW + timedelta(hours=1)
    await shelf.retry(piece, later)
    assert await shelf.claim(later - timedelta(milliseconds=1)) == []
    assert len(await shelf.claim(later)) == 1


async def test_the_room_says_of_each_piece_what_became_of_it_in_the_order_it_came(shelf: MediaShelf, me: str) -> None:
    await report(shelf, pictures=4)
    first, second = await shelf.claim(NOW)
    await shelf.keep(first, "image/jpeg", ORIGINAL, PICTURE, NOW)
    await shelf.lost(second, NOW)
    third, _ = await shelf.claim(NOW)
    await shelf.keep(third, "application/pdf", b"%PDF", None, NOW)
    await admit(shelf, me)
    shown = await shelf.open_pass(TOKEN, NOW)
    assert shown is not None
    assert shown[0] == Shown("kept", "image/jpeg", hashlib.sha256(ORIGINAL).hexdigest(), PICTURE)
    assert [(one.state, one.kind, one.picture) for one in shown[1:]] == [
        ("lost", "image/jpeg", None),
        ("kept", "application/pdf", None),
        ("waiting", "image/jpeg", None),
    ]


async def test_a_pass_opens_once_and_every_look_is_recorded(shelf: MediaShelf, vault: Vault, me: str) -> None:
    await report(shelf)
    await keep_all(shelf)
    await admit(shelf, me)
    assert await shelf.open_pass("a-token-of-somebody-elses-making-0123456789", NOW) is None
    assert len(await shelf.open_pass(TOKEN, NOW) or ()) == 1
    assert await shelf.open_pass(TOKEN, NOW) is None
    assert (await actions(shelf.database)).count(("pictures_viewed", me)) == 1
    assert await audit.verify(shelf.database, vault) == []


async def test_a_pass_that_is_too_old_opens_nothing_and_goes_away(shelf: MediaShelf, me: str) -> None:
    await report(shelf)
    await admit(shelf, me, until=NOW + timedelta(minutes=5))
    assert await shelf.open_pass(TOKEN, NOW + timedelta(minutes=5, milliseconds=1)) is None
    assert await rows(shelf.database, "SELECT * FROM passes") == []


async def test_who_was_named_or_removed_since_the_pass_was_given_sees_nothing(
    shelf: MediaShelf, vault: Vault, me: str
) -> None:
    await report(shelf)
    await keep_all(shelf)
    await admit(shelf, me)
    await do(shelf, e.Exclude(CASE, frozenset({me})))
    assert await shelf.open_pass(TOKEN, NOW) is None
    other = await enlist(shelf.database, vault, "U2")
    await admit(shelf, other)
    gone = {"jurisdiction": "independence", "channel": "slack", "team": "T1", "user": "U2"}
    await shelf.database.transact(lambda tx: staff.remove(tx, **gone))
    assert await shelf.open_pass(TOKEN, NOW) is None
    custodian = await enlist(shelf.database, vault, "U3", frozenset({"custodian"}))
    await admit(shelf, custodian)
    assert await shelf.open_pass(TOKEN, NOW) is None
    refused = [actor for action, actor in await actions(shelf.database) if action == "pictures_refused"]
    assert refused == [me, other, custodian]


async def test_a_pass_follows_the_case_to_the_staff_who_handle_it_now(shelf: MediaShelf, me: str) -> None:
    await report(shelf)
    await admit(shelf, me)
    await do(shelf, e.Handover(CASE, "marc"))
    assert await shelf.open_pass(TOKEN, NOW) is None


async def test_a_pass_to_a_case_that_is_gone_opens_nothing(shelf: MediaShelf) -> None:
    await shelf.database.transact(
        lambda tx: tx.execute(
            "INSERT INTO passes (token, case_id, staff, until) VALUES (:token, 'gone', 'me', :until)",
            token=shelf.vault.fingerprint("pass", TOKEN),
            until=milliseconds(NOW),
        )
    )
    assert await shelf.open_pass(TOKEN, NOW) is None


async def test_a_changed_copy_is_said_to_be_damaged_and_hides_no_other(shelf: MediaShelf, me: str) -> None:
    await report(shelf, pictures=2)
    await keep_all(shelf)
    (_, second) = await rows(shelf.database, "SELECT id, shown FROM media ORDER BY id")
    flipped = bytearray(second["shown"])
    flipped[40] ^= 1
    await shelf.database.transact(
        lambda tx: tx.execute("UPDATE media SET shown = :shown WHERE id = :id", shown=bytes(flipped), id=second["id"])
    )
    await admit(shelf, me)
    shown = await shelf.open_pass(TOKEN, NOW)
    assert shown is not None
    assert [(one.state, one.picture) for one in shown] == [("kept", PICTURE), ("damaged", None)]


async def test_a_source_that_cannot_be_read_holds_up_no_other(shelf: MediaShelf) -> None:
    await report(shelf, pictures=2)
    (first, _) = await rows(shelf.database, "SELECT id FROM media ORDER BY id")
    await shelf.database.transact(
        lambda tx: tx.execute("UPDATE media SET source = :junk WHERE id = :id", junk=bytes(60), id=first["id"])
    )
    assert [piece.url[-3:] for piece in await shelf.claim(NOW)] == ["ME1"]


async def test_what_only_the_provider_has_is_known_until_it_is_kept(shelf: MediaShelf) -> None:
    await report(shelf, pictures=2)
    first, second = await shelf.claim(NOW)
    assert await shelf.unkept("twilio_sms") == frozenset({first.url, second.url})
    await shelf.keep(first, "image/jpeg", ORIGINAL, None, NOW)
    await shelf.lost(second, NOW)
    assert await shelf.unkept("twilio_sms") == frozenset({second.url})
    assert await shelf.unkept("slack") == frozenset()


async def test_where_a_source_cannot_be_read_it_is_unknown_what_only_the_provider_has(shelf: MediaShelf) -> None:
    await report(shelf)
    await shelf.database.transact(lambda tx: tx.execute("UPDATE media SET source = :blob", blob=b"broken"))
    assert await shelf.unkept("twilio_sms") is None
