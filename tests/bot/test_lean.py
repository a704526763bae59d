"""What the service leaves out of its start changes nothing that it does."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

CODE = """
import sys
from bot import lean
lean.leave_out()
from bot import logs
from bot.channels import twilio_client
from bot.cities import read_cities
from bot.settings import PACKAGED_JURISDICTIONS
logs.configure("info", "console")
for key, city in read_cities(PACKAGED_JURISDICTIONS).items():
    print(key, *sorted(city.holidays))
print(twilio_client.connect("AC0", "token", None)._uri)
print(*sys.modules, file=sys.stderr)
"""


def test_holidays_and_twilios_messages_are_the_same_without_all_countries_and_products() -> None:
    lean, whole = _run(CODE), _run(CODE.replace("lean.leave_out()", ""))
    assert lean.stdout == whole.stdout != ""


def test_what_is_left_out_is_not_loaded() -> None:
    loaded = _run(CODE).stderr.split()
    assert not {"rich.console", "holidays.countries.france", "twilio.rest.api.v2010.account.call"} & {*loaded}
    assert {"holidays.countries.united_states", "twilio.rest.api.v2010.account.message"} <= {*loaded}


def _run(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
