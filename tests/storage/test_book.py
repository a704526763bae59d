"""The address book keeps what it was told, sealed, until it is told otherwise."""

from storage.book import Book
from storage.database import Database, Row, Transaction
from storage.vault import Vault

PERSON = "d0d0d0d0-0000-0000-0000-000000000001"
REFERENCE = {"url": "https://smba.example/teams/", "conversation": "a:secret-chat"}


async def test_reference_is_kept_replaced_and_forgotten(database: Database, vault: Vault) -> None:
    book = Book(database, vault)
    assert await book.find("teams", PERSON) is None
    await book.remember("teams", PERSON, {"url": "", "conversation": ""})
    await book.remember("teams", PERSON, REFERENCE)
    assert await book.find("teams", PERSON) == REFERENCE
    assert await book.find("slack", PERSON) is None
    await book.forget("teams", PERSON)
    assert await book.find("teams", PERSON) is None


async def test_table_tells_nobody_who_is_reached_or_how(database: Database, vault: Vault) -> None:
    await Book(database, vault).remember("teams", PERSON, REFERENCE)

    async def rows(tx: Transaction) -> list[Row]:
        return await tx.fetch("SELECT * FROM addresses")

    (row,) = await database.read(rows)
    held = row["id"].encode() + bytes(row["reference"])
    assert PERSON.encode() not in held
    assert b"secret-chat" not in held
