"""Performs every effect of a turn in one transaction, on SQLite or PostgreSQL."""

from pathlib import Path

from storage.database import Database, Refused


async def open_database(url: str, *, readonly: bool = False) -> Database:
    """Open `sqlite:///relative`, `sqlite:////absolute` or `postgresql://…`; raises Refused if it cannot be used.

    A SQLite file is made if it is missing, and refused to a second process, unless that one only reads.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.strip("/"):
        from storage.sqlite import Sqlite

        return await Sqlite.open(Path(rest.removeprefix("/")), readonly=readonly)
    if scheme in ("postgresql", "postgres"):
        from storage.postgres import Postgres

        return await Postgres.open(url, readonly=readonly)
    raise Refused("DATABASE_URL must be sqlite:///PATH or postgresql://USER@HOST/DATABASE.")
