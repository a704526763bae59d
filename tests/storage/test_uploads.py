"""Files that staff send are kept sealed, each for its person alone, and not for long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from handlers.messages import Inbound, Upload
from storage import staff
from storage.database import Database, Transaction
from storage.ledger import Ledger
from storage.scene import Region
from storage.uploads import KEPT_FOR, Uploads
from storage.vault import Vault

NOW = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
ROWS = b"phone\n+18165550199\n"
SENT = Inbound("slack", "T1", "T1/U1", "delivery-1", NOW, "submit", name="many", file=Upload("https://x"))


async def test_a_file_is_found_by_who_sent_it_until_its_hour_is_over(database: Database, vault: Vault) -> None:
    uploads = Uploads(database, vault)
    id = await uploads.keep(SENT, ROWS)
    assert await uploads.find(SENT, id) == ROWS
    assert await uploads.find(replace(SENT, sender="T1/U2"), id) is None
    assert await uploads.find(replace(SENT, channel="teams"), id) is None
    assert await uploads.find(replace(SENT, received_at=NOW + KEPT_FOR), id) is None
    await uploads.drop(id)
    assert await uploads.find(SENT, id) is None


async def test_a_repeated_delivery_is_the_same_file_and_a_new_one_takes_its_place(
    database: Database, vault: Vault
) -> None:
    uploads = Uploads(database, vault)
    first = await uploads.keep(SENT, ROWS)
    assert await uploads.keep(SENT, ROWS) == first
    second = await uploads.keep(replace(SENT, delivery="delivery-2"), b"other")
    assert await uploads.find(SENT, first) is None
    assert await uploads.find(SENT, second) == b"other"


async def test_the_table_shows_nothing_of_a_file_or_its_person(database: Database, vault: Vault) -> None:
    await Uploads(database, vault).keep(SENT, ROWS)

    async def rows(tx: Transaction) -> str:
        return str([tuple(row) for row in await tx.fetch("SELECT * FROM uploads")])

    held = await database.read(rows)
    assert not [secret for secret in ("8165550199", "phone", "U1", "delivery") if secret in held]


async def test_what_nobody_came_back_to_goes(database: Database, vault: Vault) -> None:
    uploads = Uploads(database, vault)
    ledger = Ledger(database, vault, Region({}, None, "", {}))  # type: ignore[arg-type]
    id = await uploads.keep(SENT, ROWS)
    await ledger.forget_uploads(NOW + KEPT_FOR - timedelta(seconds=1))
    assert await uploads.find(SENT, id) == ROWS
    await ledger.forget_uploads(NOW + KEPT_FOR)
    assert await uploads.find(SENT, id) is None


async def test_only_people_on_a_list_are_known(database: Database, vault: Vault) -> None:
    uploads = Uploads(database, vault)
    assert not await uploads.knows(SENT)

    async def hire(tx: Transaction) -> None:
        who = {"jurisdiction": "marc", "channel": "slack", "team": "T1", "user": "U1"}
        await staff.add(tx, vault, **who, roles=frozenset({"coordinator"}))

    await database.transact(hire)
    assert await uploads.knows(SENT)
    assert not await uploads.knows(replace(SENT, sender="T1/U2"))
    assert not await uploads.knows(replace(SENT, channel="teams"))
