"""Every setting once, with its type, default and help, read from the environment and from `.env`."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from handlers.jurisdiction import MAILBOX

PACKAGED_JURISDICTIONS = Path(__file__).parent / "jurisdictions"

# What each channel cannot do without; of a group in a tuple, any one will do.
NEEDS: dict[str, tuple[str | tuple[str, ...], ...]] = {
    "twilio_sms": ("twilio_account_sid", "twilio_auth_token"),
    "slack": ("slack_bot_token", ("slack_signing_secret", "slack_app_token")),
    "teams": ("teams_client_id", "teams_client_secret", "teams_tenant_id"),
    "email": ("smtp_url", "mail_from"),
}


# A night's backup can be restored a day later, and what came since is fetched from Twilio.
LEAST_REDACT_HOURS = 48


class WrongSetting(Exception):
    """One sentence that names the key; it never holds the value, which may be a secret."""


def read_settings(**given: object) -> "Settings":
    """The settings of this process: those given here, else the environment, else `.env`. Raises WrongSetting."""
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise WrongSetting(_sentence(error)) from None


def _split(value: object) -> object:
    """A list is written with commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _database(url: str) -> str:
    if url.startswith("sqlite://") and not url.startswith("sqlite:///"):
        raise ValueError("a SQLite URL has three slashes before a relative path and four before an absolute one")
    if not url.startswith(("sqlite:///", "postgresql://")) or url == "sqlite:///":
        raise ValueError("it must be sqlite:///PATH or postgresql://USER@HOST/DATABASE")
    return url


def _web(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
        raise ValueError("it must be http:// or https:// and a host, without a query")
    return url.rstrip("/")


def _slack_api(url: str) -> str:
    base = _web(url)
    if not base.endswith("/api"):
        raise ValueError("it must end in /api/")
    return base + "/"


def _account(sid: str) -> str:
    if sid and not (sid.startswith("AC") and sid.isalnum()):
        raise ValueError("it must begin with AC and hold letters and digits only")
    return sid


def _redact_after(hours: int) -> int:
    if 0 < hours < LEAST_REDACT_HOURS:
        raise ValueError(f"it must be 0, or {LEAST_REDACT_HOURS} at least, for what a restored backup may need")
    return hours


def _one_line(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if not value.isascii() or any(letter.isspace() for letter in value):
        raise ValueError("it must be plain letters, digits and signs, without spaces")
    return secret


def _mail_server(secret: SecretStr) -> SecretStr:
    if secret.get_secret_value() and not _is_mail_server(secret.get_secret_value()):
        raise ValueError("it must be smtp://USER:PASSWORD@HOST:PORT, or smtps:// where TLS begins at once")
    return secret


def _is_mail_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        bare = not (parts.path.strip("/") or parts.query or parts.fragment)
        return parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0 and bare
    except ValueError:  # its words repeat what may be a password
        return False


def _mail_address(address: str) -> str:
    if address and not MAILBOX.fullmatch(address):
        raise ValueError("it must be an e-mail address, such as training@line.example.org")
    return address


Web = Annotated[str, AfterValidator(_web)]
Secret = Annotated[SecretStr, AfterValidator(_one_line)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
MailServer = Annotated[Secret, AfterValidator(_mail_server)]
NOTHING = SecretStr("")


def _own_address(known: dict[str, Any]) -> str:
    return f"http://{known.get('host')}:{known.get('port')}"


def _with_credentials(known: dict[str, Any]) -> tuple[str, ...]:
    return tuple(channel for channel in NEEDS if not _missing(channel, known))


def _begun(known: dict[str, Any]) -> tuple[str, ...]:
    """Channels with at least one credential: half of them is a mistake, not a wish to go without."""
    return tuple(channel for channel, needs in NEEDS.items() if len(_missing(channel, known)) < len(needs))


def _missing(channel: str, known: dict[str, Any]) -> list[str]:
    groups = [need if isinstance(need, tuple) else (need,) for need in NEEDS[channel]]
    return [group[0] for group in groups if not any(_is_set(known.get(name)) for name in group)]


def _is_set(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


class Settings(BaseSettings):
    """What the environment decides. Field names in capitals are the keys; an empty value counts as not set."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="forbid", frozen=True)

    database_url: Annotated[str, AfterValidator(_database)] = Field(
        "sqlite:///data/bot.db",
        repr=False,
        description="Where everything is kept: sqlite:///relative, sqlite:////absolute, or postgresql://user@host/name.",
    )
    key_file: Path = Field(
        Path("data/keys.json"),
        description="The root keys, made by `keys new`. Keep it, and its copy, apart from the database.",
    )
    jurisdictions: Path = Field(
        PACKAGED_JURISDICTIONS, description="The folder with one TOML file per city; by default the packaged one."
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8080, ge=1, le=65535, description="The port to listen on.")
    public_url: Web = Field(
        default_factory=_own_address,
        description="The address providers reach us at; signatures are checked against it. By default http://HOST:PORT.",
    )
    twilio_account_sid: Annotated[str, AfterValidator(_account)] = Field("", description="Twilio's account, AC….")
    twilio_auth_token: Secret = Field(NOTHING, description="Twilio's auth token: signs what comes in, lets us send.")
    twilio_auth_token_secondary: Secret = Field(
        NOTHING, description="The second auth token while tokens are being changed; signatures by either are taken."
    )
    twilio_base_url: Web = Field("https://api.twilio.com", description="Twilio's API, or a stand-in that speaks it.")
    twilio_redact_after_hours: Annotated[int, AfterValidator(_redact_after)] = Field(
        LEAST_REDACT_HOURS,
        ge=0,
        le=9000,
        description="Hours after which texts and pictures are blanked at Twilio: 48 at least; 0 leaves them there.",
    )
    slack_bot_token: Secret = Field(NOTHING, description="Slack's bot token, xoxb-….")
    slack_signing_secret: Secret = Field(NOTHING, description="Slack's signing secret, for events over HTTP.")
    slack_app_token: Secret = Field(NOTHING, description="Slack's app token, xapp-…: turns on Socket Mode.")
    slack_base_url: Annotated[str, AfterValidator(_slack_api)] = Field(
        "https://slack.com/api/", description="Slack's Web API, or a stand-in that speaks it; ends in /api/."
    )
    teams_client_id: str = Field("", description="The Teams bot's application id.")
    teams_client_secret: Secret = Field(NOTHING, description="The Teams bot's client secret.")
    teams_tenant_id: str = Field("", description="The Microsoft 365 tenant that the Teams bot serves.")
    teams_service_urls: Words = Field(
        ("https://smba.trafficmanager.net/",),
        description="Addresses that Teams may ask us to answer to, apart by commas.",
    )
    smtp_url: MailServer = Field(
        NOTHING, description="The mail server: smtp://USER:PASSWORD@HOST:587 (STARTTLS), or smtps:// (TLS at once)."
    )
    mail_from: Annotated[str, AfterValidator(_mail_address)] = Field(
        "", description="The address that our mail comes from; the server must accept it."
    )
    channels: Words = Field(
        default_factory=_with_credentials,
        description="Channels to run, by commas: twilio_sms, slack, teams, email. By default those with credentials.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least that is logged.")
    log_format: Literal["json", "console"] = Field(
        "json", description="json for machines, console for eyes; no log holds a text, a number or a secret."
    )

    @model_validator(mode="after")
    def _check_channels(self) -> Self:
        for channel in self.channels:
            if channel not in NEEDS:
                raise ValueError(f"CHANNELS is wrong: no channel is called that; there are {', '.join(NEEDS)}.")
        meant = self.channels if "channels" in self.model_fields_set else _begun(self.__dict__)
        for channel in meant:
            if missing := _missing(channel, self.__dict__):
                raise ValueError(f"{missing[0].upper()} is missing: the channel {channel} needs it.")
        return self


def _sentence(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    key = "_".join(str(part) for part in fault["loc"][:1]).upper()
    if fault["type"] == "extra_forbidden":
        return f"{key} in .env is not a setting; .env.example lists them all."
    message = str(fault.get("ctx", {}).get("error") or fault["msg"]).rstrip(".")
    return f"{key} is wrong: {message[0].lower()}{message[1:]}." if key else f"{message}."
