"""The commands, as a person types them."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.settings import PACKAGED_JURISDICTIONS, Settings, read_settings
from handlers.grammar import SLASH
from storage.ids import milliseconds
from tests.bot.conftest import Run

ROOT = Path(__file__).parents[2]
DANA = ("--city", "independence", "--slack", "T0TOWN/U0DANA")


@pytest.fixture
def run(command: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command among city files of its own."""
    shutil.copytree(PACKAGED_JURISDICTIONS, tmp_path / "cities")
    monkeypatch.setenv("JURISDICTIONS", str(tmp_path / "cities"))
    return command


@pytest.fixture
def ready(run: Run) -> Run:
    """The same, with keys and a migrated database."""
    assert run("keys", "new")[0] == 0
    assert run("migrate")[0] == 0
    return run


def test_wrong_setting_ends_with_one_sentence_and_2(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    for command in (("serve",), ("check",), ("migrate",), ("keys", "new")):
        code, out, err = run(*command)
        assert (code, out) == (2, "")
        assert err.startswith("PORT is wrong: ") and err.count("\n") == 1


def test_wrong_use_ends_with_2(run: Run) -> None:
    for command in (("fly",), ("keys",), ("city", "new"), ("staff", "add", "--city", "independence")):
        code, _, err = run(*command)
        assert code == 2 and "Traceback" not in err


def test_serve_without_keys_says_what_to_run(run: Run) -> None:
    code, _, err = run("serve")
    assert code == 1 and "python -m bot keys new" in err and err.count("\n") == 1


def test_serve_without_a_migrated_database_says_what_to_run(run: Run) -> None:
    run("keys", "new")
    code, out, err = _serve_in_a_process(PORT=str(_free_port()))
    assert code == 1 and "python -m bot migrate" in err.splitlines()[-1] and "Traceback" not in out + err


def test_keys_are_made_once_and_never_overwritten(run: Run, tmp_path: Path) -> None:
    assert run("keys", "new")[0] == 0
    file = tmp_path / "data" / "keys.json"
    before = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    code, _, err = run("keys", "new")
    assert code == 1 and "exists already" in err
    assert file.read_bytes() == before


def test_rotated_keys_are_used_from_then_on_and_old_ones_kept(ready: Run) -> None:
    ready("staff", "add", *DANA, "--role", "recipient", "--name", "Dana Reyes")
    assert ready("keys", "rotate")[0] == 0
    ready("staff", "add", "--city", "marc", "--slack", "T0TOWN/U0SAM", "--role", "recipient", "--name", "Sam Okafor")
    _, out, _ = ready("staff", "list")
    assert "Dana Reyes" in out and "Sam Okafor" in out


def test_migrate_does_nothing_the_second_time(run: Run) -> None:
    assert "done " in run("migrate")[1]
    code, out, _ = run("migrate")
    assert (code, out) == (0, "The database is up to date.\n")


def test_staff_are_added_changed_listed_and_removed(ready: Run) -> None:
    add = ("staff", "add", *DANA, "--role", "recipient", "--name", "Dana Reyes", "--office", "personnel")
    assert ready(*add)[0] == 0
    assert ready(*add, "--role", "investigator")[0] == 0
    code, out, _ = ready("staff", "list", "--city", "independence")
    assert code == 0
    assert out.split() == (
        ["independence", "slack", "T0TOWN/U0DANA", "investigator,recipient", "Dana", "Reyes", "personnel"]
    )
    assert ready("staff", "list", "--city", "marc")[1] == ""
    assert ready("staff", "remove", *DANA)[0] == 0
    assert ready("staff", "list")[1] == ""
    code, _, err = ready("staff", "remove", *DANA)
    assert code == 1 and "not on the list" in err


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--city", "atlantis", "--slack", "T0/U0", "--role", "recipient"), "--city"),
        ((*DANA, "--role", "king"), "--role"),
        ((*DANA, "--role", "recipient", "--office", "lobby"), "--office"),
        (("--city", "marc", "--role", "recipient"), "--slack"),
        ((*DANA, "--teams", "a/b", "--role", "recipient"), "--slack"),
        (("--city", "marc", "--slack", "U0DANA", "--role", "recipient"), "--slack"),
    ],
)
def test_wrong_staff_are_refused_by_name_of_the_option(ready: Run, words: tuple[str, ...], names: str) -> None:
    code, _, err = ready("staff", "add", *words)
    assert code == 2 and names in err and err.count("\n") == 1
    assert ready("staff", "list")[1] == ""


def test_every_change_of_the_list_is_in_the_audit_chain(ready: Run) -> None:
    ready("staff", "add", *DANA, "--role", "recipient", "--name", "Dana Reyes")
    ready("staff", "remove", *DANA)
    code, out, _ = ready("verify")
    assert code == 0 and out


def test_new_city_is_one_file_that_joins_the_others(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("city", "new", "grandview", "--name", 'Grandview "GV"', "--line", "+18165550104")
    assert code == 0 and "staff add --city grandview" in out
    written = tomllib.loads((tmp_path / "cities" / "grandview.toml").read_text("utf-8"))
    assert written["name"] == 'Grandview "GV"'
    listed = {city["key"]: city for city in json.loads(run("city", "list", "--json")[1])}
    assert listed["grandview"]["lines"] == [{"channel": "twilio_sms", "address": "+18165550104", "program": "hotline"}]
    (desk,) = listed["grandview"]["desks"]
    assert desk["program"] == "hotline" and desk["places"] == listed["marc"]["desks"][0]["places"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("Grand View", "--name", "Grandview", "--line", "+18165550104"), 2),
        (("marc", "--name", "Grandview", "--line", "+18165550104"), 2),
        (("grandview", "--name", "Grand\nview", "--line", "+18165550104"), 2),
        (("grandview", "--name", "Grandview", "--line", "+18165550104", "--neutral", "nobody"), 2),
        (("grandview", "--name", "Grandview", "--line", "+18165550101"), 1),
        (("grandview", "--name", "Grandview", "--line", "816-555-0104"), 1),
        (("grandview", "--name", "Grandview", "--line", "+18165550104", "--zone", "Mars/Olympus"), 1),
    ],
)
def test_city_that_does_not_fit_is_refused_and_not_written(run: Run, words: tuple[str, ...], code: int) -> None:
    before = run("city", "list")[1]
    got, _, err = run("city", "new", *words)
    assert got == code and err.count("\n") == 1
    assert run("city", "list")[1] == before


def test_broken_city_file_is_one_sentence_that_names_file_and_key(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "cities" / "marc.toml"
    file.write_text(file.read_text("utf-8").replace("zone =", "zones ="), "utf-8")
    code, _, err = run("city", "list")
    assert code == 1 and re.match(r"marc\.toml: zone", err) and err.count("\n") == 1


def test_check_says_a_line_per_setting_and_hides_secrets(ready: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hunter2@127.0.0.1:1/line")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC0")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "hunter2")
    code, out, err = ready("check")
    assert code == 1 and err.startswith("Something is wrong")
    for name in Settings.model_fields:
        assert re.search(rf"^ok +{name.upper()} ", out, re.MULTILINE)
    assert re.search(r"^FAULT +database ", out, re.MULTILINE)
    assert "hunter2" not in out + err and "me:***@" in out


def test_check_reaches_every_channel(ready: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC0")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "hunter2")
    monkeypatch.setenv("TWILIO_BASE_URL", f"http://127.0.0.1:{_free_port()}")
    code, out, _ = ready("check")
    assert code == 1
    assert re.search(r"^ok +database ", out, re.MULTILINE)
    assert re.search(r"^FAULT +twilio_sms ", out, re.MULTILINE)


def test_check_says_when_texts_are_not_blanked_at_twilio(ready: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC0")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "hunter2")
    monkeypatch.setenv("TWILIO_BASE_URL", f"http://127.0.0.1:{_free_port()}")
    assert "redaction " not in ready("check")[1]
    mark = datetime.now(UTC) - timedelta(days=5, hours=1)
    with closing(sqlite3.connect(read_settings().database_url.removeprefix("sqlite:///"))) as database, database:
        database.execute("INSERT INTO marks VALUES ('redacted twilio_sms', ?)", (milliseconds(mark),))
    assert re.search(r"^note +redaction +Texts .* for 3 days", ready("check")[1], re.MULTILINE)


def test_manifest_names_our_address_and_commands(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://line.example.org")
    manifest = json.loads(run("slack-manifest")[1])
    commands = {each["command"]: each["url"] for each in manifest["features"]["slash_commands"]}
    assert commands == dict.fromkeys(SLASH, "https://line.example.org/slack/events")


def test_teams_package_holds_a_manifest_of_our_commands(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert run("teams-package", "app.zip")[0] == 2
    monkeypatch.setenv("TEAMS_CLIENT_ID", "11111111-2222-3333-4444-555555555555")
    monkeypatch.setenv("CHANNELS", "twilio_sms")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC0")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    code, out, _ = run("teams-package", "app.zip")
    assert code == 0 and "app.zip" in out
    with zipfile.ZipFile(tmp_path / "app.zip") as package:
        manifest = json.loads(package.read("manifest.json"))
    titles = [command["title"] for command in manifest["bots"][0]["commandLists"][0]["commands"]]
    assert titles == [*(name.removeprefix("/") for name in SLASH), "home"]
    assert run("teams-package", "missing/app.zip")[0] == 2


def test_check_names_the_desks_that_a_channel_which_does_not_run_leaves_waiting(
    ready: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-x")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "x")
    monkeypatch.setenv("SLACK_BASE_URL", f"http://127.0.0.1:{_free_port()}/api/")
    _, out, _ = ready("check")
    waiting = re.findall(r"^note +desks +(\w+), hotline: (.*) does not run", out, re.MULTILINE)
    assert ("lees_summit", "teams, twilio_sms") in waiting
    assert "marc" not in {city for city, _ in waiting}


def test_new_city_can_have_its_desk_in_teams(run: Run) -> None:
    place, person = "19:gv@thread.tacv2", "00000000-0000-4000-8000-000000000401"
    words = ("grandview", "--name", "Grandview", "--line", "+18165550104", "--teams", place, "--contact", person)
    assert run("city", "new", *words)[0] == 0
    listed = {city["key"]: city for city in json.loads(run("city", "list", "--json")[1])}
    desk = listed["grandview"]["desks"][0]
    assert desk["places"] == [{"channel": "teams", "address": place}]
    assert desk["contacts"] == [{"channel": "teams", "address": person}]


def test_backup_restores_what_was_there(ready: Run, tmp_path: Path) -> None:
    ready("staff", "add", *DANA, "--role", "recipient", "--name", "Dana Reyes")
    before = ready("staff", "list")[1]
    assert ready("backup", str(tmp_path / "copy"))[0] == 0
    ready("staff", "remove", *DANA)
    (tmp_path / "data" / "bot.db").unlink()
    assert ready("restore", str(tmp_path / "copy"))[0] == 0
    assert ready("staff", "list")[1] == before
    assert ready("verify")[0] == 0


def test_service_answers_until_it_is_told_to_stop_and_says_nothing_of_itself(ready: Run) -> None:
    with _serving() as (process, address):
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:  # noqa: S310
            assert answer.status == 200
            assert {"server", "date"}.isdisjoint(name.lower() for name in answer.headers)
        with pytest.raises(urllib.error.HTTPError) as nothing:
            urllib.request.urlopen(f"{address}/nothing", timeout=5)  # noqa: S310
        nothing.value.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert not Path("data/bot.db-wal").exists()


def test_second_service_on_one_port_says_so(ready: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _, err = _serve_in_a_process(PORT=str(taken.getsockname()[1]))
    assert code == 1 and err.splitlines()[-1].startswith("HOST and PORT are wrong: ")


@contextmanager
def _serving() -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The service in a process of its own, once it says that it is serving."""
    port = _free_port()
    environment = {**os.environ, "PORT": str(port), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bot", "serve"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stderr
            line = next(line for line in process.stderr if '"serving"' in line or not line.startswith("{"))
            assert json.loads(line)["port"] == port
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _serve_in_a_process(**environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "serve"],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
