"""The list of staff: who they are in Slack or Teams, their roles per city, and the names reports may mean them by."""

from functools import lru_cache
from typing import cast

from handlers.state import Role, Staff
from storage.database import Row, Transaction
from storage.scene import Region
from storage.vault import Vault


async def add(
    tx: Transaction,
    vault: Vault,
    *,
    jurisdiction: str,
    channel: str,
    team: str,
    user: str,
    roles: frozenset[str],
    name: str = "",
    office: str = "",
) -> str:
    """Put a person on a city's list, or change their row; returns the row's id, which never tells who it is."""
    row = vault.fingerprint("staff", jurisdiction, channel, team, user)[:24]
    await tx.execute(
        """INSERT INTO staff (id, jurisdiction, channel, team, person, roles, name, office)
        VALUES (:id, :jurisdiction, :channel, :team, :person, :roles, :name, :office)
        ON CONFLICT (id) DO UPDATE SET roles = excluded.roles, name = excluded.name, office = excluded.office""",
        id=row,
        jurisdiction=jurisdiction,
        channel=channel,
        team=team,
        person=user,
        roles=" ".join(sorted(roles)),
        name=vault.seal(name.encode(), place="staff.name", row=row, jurisdiction=jurisdiction),
        office=office,
    )
    return row


async def remove(tx: Transaction, *, jurisdiction: str, channel: str, team: str, user: str) -> bool:
    """Take a person off a city's list; False if they were not on it."""
    gone = await tx.execute(
        """DELETE FROM staff
        WHERE jurisdiction = :jurisdiction AND channel = :channel AND team = :team AND person = :person""",
        jurisdiction=jurisdiction,
        channel=channel,
        team=team,
        person=user,
    )
    return gone > 0


async def everyone(tx: Transaction, vault: Vault) -> tuple[Staff, ...]:
    """All staff of all cities."""
    return tuple(_as_staff(row, vault) for row in await tx.fetch("SELECT * FROM staff ORDER BY id"))


async def of(tx: Transaction, vault: Vault, region: Region, jurisdiction: str) -> tuple[Staff, ...]:
    """The staff of a city and of the neutral jurisdiction behind it."""
    rows = await tx.fetch(
        "SELECT * FROM staff WHERE jurisdiction IN (:city, :neutral) ORDER BY id",
        city=jurisdiction,
        neutral=region.jurisdictions[jurisdiction].neutral,
    )
    return tuple(_as_staff(row, vault) for row in rows)


def _as_staff(row: Row, vault: Vault) -> Staff:
    roles = cast("frozenset[Role]", _roles(row["roles"]))
    name = _name(vault, bytes(row["name"]), row["id"], row["jurisdiction"])
    return Staff(row["id"], row["jurisdiction"], row["channel"], row["team"], row["person"], roles, name, row["office"])


# Every turn reads the list. What is sealed says by itself whether it is still the same, in every replica.
@lru_cache(maxsize=1024)
def _name(vault: Vault, sealed: bytes, row: str, jurisdiction: str) -> str:
    return vault.open(sealed, place="staff.name", row=row, jurisdiction=jurisdiction).decode()


@lru_cache(maxsize=256)
def _roles(names: str) -> frozenset[str]:
    return frozenset(names.split())
