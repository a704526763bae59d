"""Settings are read strictly, and said once."""

import re
from pathlib import Path

import pytest

from bot.settings import Settings, WrongSetting, read_settings

ROOT = Path(__file__).parents[2]
SECRET = "hunter2"


def test_defaults_run_on_this_machine_with_one_file() -> None:
    settings = read_settings()
    assert settings.database_url == "sqlite:///data/bot.db"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.channels == ()
    assert (settings.jurisdictions / "independence.toml").exists()


def test_channels_are_those_whose_credentials_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC0")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", SECRET)
    assert read_settings().channels == ("twilio_sms",)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    assert read_settings().channels == ("twilio_sms", "slack")
    monkeypatch.setenv("CHANNELS", "slack")
    assert read_settings().channels == ("slack",)


@pytest.mark.parametrize(("given", "taken"), [("0", 0), ("48", 48), ("72", 72)])
def test_texts_are_blanked_at_twilio_after_two_days_or_more_or_never(
    monkeypatch: pytest.MonkeyPatch, given: str, taken: int
) -> None:
    assert read_settings().twilio_redact_after_hours == 48
    monkeypatch.setenv("TWILIO_REDACT_AFTER_HOURS", given)
    assert read_settings().twilio_redact_after_hours == taken
    for wrong in ("1", "47", "-1", "soon"):
        monkeypatch.setenv("TWILIO_REDACT_AFTER_HOURS", wrong)
        with pytest.raises(WrongSetting, match="TWILIO_REDACT_AFTER_HOURS is wrong"):
            read_settings()


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "")
    assert read_settings().port == 8080


def test_addresses_are_brought_to_one_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://line.example.org/")
    monkeypatch.setenv("SLACK_BASE_URL", "http://127.0.0.1:9000/api")
    assert read_settings().public_url == "https://line.example.org"
    assert read_settings().slack_base_url == "http://127.0.0.1:9000/api/"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PORT", "99999"),
        ("PORT", SECRET),
        ("DATABASE_URL", f"mysql://me:{SECRET}@db/line"),
        ("DATABASE_URL", "sqlite://data/bot.db"),
        ("PUBLIC_URL", "line.example.org"),
        ("PUBLIC_URL", f"https://line.example.org/?{SECRET}"),
        ("SLACK_BASE_URL", "https://slack.com/"),
        ("CHANNELS", "fax"),
        ("SMTP_URL", f"http://me:{SECRET}@mail.example.org"),
        ("SMTP_URL", f"smtp://me:{SECRET}@"),
        ("SMTP_URL", f"smtp://me:{SECRET}@mail.example.org/box"),
        ("SMTP_URL", f"smtp://me:{SECRET}@mail.example.org:99999"),
        ("SMTP_URL", f"smtp://mail.example.org:{SECRET}"),
        ("MAIL_FROM", "training"),
        ("LOG_LEVEL", SECRET),
        ("LOG_FORMAT", "xml"),
        ("TWILIO_ACCOUNT_SID", SECRET),
        ("TWILIO_AUTH_TOKEN", f"{SECRET} {SECRET}"),
        ("TWILIO_AUTH_TOKEN", f"{SECRET}ö"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_key_and_not_the_value(
    monkeypatch: pytest.MonkeyPatch, key: str, value: str
) -> None:
    monkeypatch.setenv(key, value)
    with pytest.raises(WrongSetting) as wrong:
        read_settings()
    words = str(wrong.value)
    assert words.startswith(key) and words.endswith(".") and "\n" not in words
    assert SECRET not in words


@pytest.mark.parametrize("only", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"])
def test_half_of_the_credentials_is_a_mistake_not_a_wish(monkeypatch: pytest.MonkeyPatch, only: str) -> None:
    monkeypatch.setenv(only, "AC1")
    with pytest.raises(WrongSetting, match=r"^(TWILIO|SLACK)_\w+ is missing"):
        read_settings()


def test_a_channel_asked_for_by_name_needs_its_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHANNELS", "twilio_sms,slack")
    with pytest.raises(WrongSetting, match=r"^TWILIO_ACCOUNT_SID is missing"):
        read_settings()


def test_a_misspelt_key_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PROT=9000\n")
    with pytest.raises(WrongSetting, match=r"^PROT in \.env is not a setting"):
        read_settings(_env_file=tmp_path / ".env")


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC0")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", SECRET)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://me:{SECRET}@db/line")
    assert SECRET not in repr(read_settings())
    assert SECRET not in str(read_settings())


def test_every_setting_has_help() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_example_lists_every_setting_once_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    listed = re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", example, re.MULTILINE)
    assert [key for key, _ in listed] == [name.upper() for name in Settings.model_fields]
    for field in Settings.model_fields.values():
        assert field.description and field.description in example.replace("\n# ", " ")


def test_example_can_be_taken_as_it_is(tmp_path: Path) -> None:
    uncommented = re.sub(r"^#([A-Z_]+=)", r"\1", (ROOT / ".env.example").read_text("utf-8"), flags=re.MULTILINE)
    (tmp_path / ".env").write_text(uncommented, "utf-8")
    assert read_settings(_env_file=tmp_path / ".env").model_dump() == read_settings().model_dump()
