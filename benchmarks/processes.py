"""The processes that are measured, and those around them: each a real one of its own, on a free loopback port."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage import open_database, staff
from storage.database import Transaction
from storage.migrate import migrate
from storage.vault import Vault, load_keys, new_keys

HERE = Path(__file__).parents[1]
ACCOUNT = "AC" + "0" * 32
TOKEN = "twilio-token"
SECRET = "slack-secret"
TEAM = "T0TOWN"
LINE = "+18165550101"
"""Of the one city whose staff all work in Slack; what others are shown would wait for Teams."""
PUBLIC = "https://line.example.org"

# Who is on the list: Slack user, city, role, name, office.
PEOPLE = (
    ("U0INDFIRST", "independence", "recipient", "Dana Reyes", "personnel"),
    ("U0INDSECOND", "independence", "recipient", "Morgan Whitfield", "manager"),
    ("U0INDCUST", "independence", "custodian", "Ellis Tran", "attorney"),
    ("U0BSPFIRST", "blue_springs", "recipient", "Avery Lindqvist", "personnel"),
    ("U0MARCDUTY", "marc", "recipient", "Sam Okafor", ""),
)


@dataclass(frozen=True)
class Running:
    """A process that listens on a loopback port."""

    process: subprocess.Popen[bytes]
    port: int

    def megabytes(self) -> float:
        """Its resident memory now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024

    def cpu(self) -> float:
        """Seconds of processor time that it has used, its threads' included."""
        used = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")

    def ask(self, path: str) -> tuple[int, str]:
        """Status and body of a GET; 0 while nothing listens."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                with closing(connection.makefile("rb")) as answer:
                    head, _, body = answer.read().decode().partition("\r\n\r\n")
        except ConnectionError:
            return 0, ""
        return int(head.split()[1]), body


@dataclass(frozen=True)
class Town:
    """A folder with key, migrated database and staff, and what `serve` is started with."""

    folder: Path
    environment: dict[str, str]

    @property
    def url(self) -> str:
        """The database's."""
        return self.environment["DATABASE_URL"]

    @property
    def vault(self) -> Vault:
        """With the folder's key."""
        return Vault(load_keys(self.folder / "keys.json"))

    @contextmanager
    def serve(self, *flags: str) -> Iterator[Running]:
        """`python -m bot serve`, from its start; it may not be ready yet."""
        port = _free_port()
        environment = {**self.environment, "PORT": str(port), "PUBLIC_URL": PUBLIC}
        with _started([sys.executable, *flags, "-m", "bot", "serve"], port, environment, self.folder) as running:
            yield running


@contextmanager
def town() -> Iterator[Town]:
    """A town in a folder of its own, with stand-ins for the providers that take everything at once."""
    with tempfile.TemporaryDirectory() as folder, stand_in() as provider:
        address = f"http://127.0.0.1:{provider.port}"
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HERE),
            "DATABASE_URL": f"sqlite:///{folder}/bot.db",
            "KEY_FILE": f"{folder}/keys.json",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_BASE_URL": address,
            "SLACK_BOT_TOKEN": "xoxb-town",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_BASE_URL": f"{address}/api/",
        }
        new_keys(Path(folder) / "keys.json")
        yield Town(Path(folder), environment)


async def prepare(town: Town) -> None:
    """Migrate the database and put the staff on the list."""
    vault = town.vault

    async def list_people(tx: Transaction) -> None:
        for user, city, role, name, office in PEOPLE:
            who = {"jurisdiction": city, "channel": "slack", "team": TEAM, "user": user}
            await staff.add(tx, vault, **who, roles=frozenset({role}), name=name, office=office)

    database = await open_database(town.url)
    await migrate(database)
    await database.transact(list_people)
    await database.close()


@contextmanager
def stand_in() -> Iterator[Running]:
    """Plays Twilio's and Slack's API."""
    with _python("benchmarks.provider") as running:
        yield running


@contextmanager
def bare() -> Iterator[Running]:
    """The bare endpoints."""
    with _python("benchmarks.bare") as running:
        yield running


def until_ready(running: Running, path: str) -> None:
    """Wait for the first 200 of a path."""
    while running.ask(path)[0] != 200:
        if running.process.poll() is not None:
            raise RuntimeError("the process ended before it was ready")
        time.sleep(0.002)


def until_drained(bot: Running) -> float:
    """Seconds until nothing is owed any more, so that no round pays for the one before."""
    began = time.perf_counter()
    while "commonline_outbox_depth 0.0" not in bot.ask("/metrics")[1]:
        time.sleep(0.05)
    return time.perf_counter() - began


@contextmanager
def _python(module: str) -> Iterator[Running]:
    port = _free_port()
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE), "PORT": str(port)}
    with _started([sys.executable, "-m", module], port, environment, HERE) as running:
        until_ready(running, "/healthz")
        yield running


@contextmanager
def _started(command: list[str], port: int, environment: dict[str, str], folder: Path) -> Iterator[Running]:
    with ExitStack() as held:
        log = held.enter_context((folder / "log").open("ab")) if folder != HERE else subprocess.DEVNULL
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)  # noqa: S603 - ours
        try:
            yield Running(process, port)
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
    return port
