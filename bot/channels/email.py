"""E-mail over SMTP, one way: what is owed to a mailbox leaves as plain text, under an id by which a double is known."""

import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from ipaddress import ip_address
from typing import Literal
from urllib.parse import unquote, urlsplit

import aiosmtplib
from starlette.routing import BaseRoute

from bot.channels import Now
from bot.channels.plain import clean
from handlers.cards import Buttons, Card, Facts, Picture, Text
from handlers.messages import Inbound, Outbound, Receipt, SendFailed

PORTS = {"smtp": 587, "smtps": 465}
PATIENCE = 20.0
LONGEST = 20_000
SUBJECT = 150
CREDENTIALS_WAIT = 60.0  # a person must mend the settings, and the mail must still be there then
SEVEN_BIT = WIRE.clone(cte_type="7bit")

Reached = Literal["asking", "sending"]


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as its address says: smtp:// goes over to TLS after the greeting, smtps:// begins with it."""

    host: str
    port: int
    user: str | None
    password: str | None
    encrypted: bool

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine, where mail needs no encryption."""
        with suppress(ValueError):
            return ip_address(self.host).is_loopback
        return self.host == "localhost"


def server(url: str) -> Server:
    """The server of smtp://USER:PASSWORD@HOST:PORT or smtps://…, as the settings have checked it."""
    parts = urlsplit(url)
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    return Server(parts.hostname or "", parts.port or PORTS[parts.scheme], user, password, parts.scheme == "smtps")


class EmailChannel:
    """The channel. `smtp_url` names the server, `mail_from` whom mail is from; `tls` trusts other than the usual."""

    name = "email"

    def __init__(self, smtp_url: str, mail_from: str, now: Now, tls: ssl.SSLContext | None = None) -> None:
        self._server = server(smtp_url)
        self._from = mail_from
        self._now = now
        self._tls = tls

    def routes(self) -> Sequence[BaseRoute]:
        """None: nobody is read here."""
        return []

    async def start(self) -> None:
        """Nothing is kept open: mail is rare."""

    async def close(self) -> None:
        """Nothing is kept open."""

    async def send(self, outbound: Outbound) -> Receipt:
        """Mail one card, once. What was mailed cannot be taken away; doing so does nothing."""
        if outbound.kind == "withdraw":
            return Receipt("delivered", outbound.reference)
        message = self._message(outbound)
        reached: Reached = "asking"
        client = self._client()
        try:
            await client.connect()
            await client.mail(self._from)
            await client.rcpt(outbound.to)
            reached = "sending"
            await client.data(message.as_bytes(policy=SEVEN_BIT))
        except (aiosmtplib.SMTPException, OSError, ValueError) as fault:
            raise failed(fault, reached) from None
        finally:
            await _leave(client)
        return Receipt("sent", str(message["Message-ID"]))

    async def find(self, outbound: Outbound) -> Receipt | None:
        """Nobody can be asked: None. A second mail has the same Message-ID, by which mailboxes know it as one."""
        return Receipt("delivered", outbound.reference) if outbound.kind == "withdraw" else None

    async def missed(self, line: str, since: datetime) -> AsyncIterator[Inbound]:
        """Nothing: nobody is read here."""
        nothing: tuple[Inbound, ...] = ()
        for inbound in nothing:
            yield inbound

    async def fetch(self, url: str) -> tuple[str, bytes]:
        """There is no media."""
        raise SendFailed("never", "media")

    async def discard(self, reference: str) -> str:
        """Nothing: staff send no files by mail."""
        return ""

    async def check(self) -> str:
        """Log in, and ask whether mail from our address would be taken; nothing is sent."""
        client = self._client()
        try:
            await client.connect()
            await client.mail(self._from)
        except (aiosmtplib.SMTPException, OSError, ValueError) as fault:
            raise ConnectionError(_trouble(fault)) from None
        finally:
            await _leave(client)
        return "email: the server takes mail from MAIL_FROM"

    def _client(self) -> aiosmtplib.SMTP:
        where = self._server
        return aiosmtplib.SMTP(
            hostname=where.host,
            port=where.port,
            username=where.user,
            password=where.password,
            use_tls=where.encrypted,
            start_tls=self._goes_over,
            tls_context=self._tls,
            timeout=PATIENCE,
        )

    @property
    def _goes_over(self) -> bool | None:
        """Whether to begin TLS after the greeting; None: only if it is offered."""
        if self._server.encrypted:
            return False
        return None if self._server.is_here and self._tls is None else True

    def _message(self, outbound: Outbound) -> EmailMessage:
        message = EmailMessage(policy=SEVEN_BIT)
        try:
            message["To"] = Address(addr_spec=outbound.to)
        except (ValueError, HeaderParseError, IndexError):
            raise SendFailed("never", "address") from None
        message["From"] = Address(addr_spec=self._from)
        message["Subject"] = subject(outbound)
        message["Date"] = self._now()
        message["Message-ID"] = f"<{_row(outbound)}@{self._from.rpartition('@')[2]}>"
        if outbound.reference:
            message["In-Reply-To"] = message["References"] = outbound.reference
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(words(outbound), cte="quoted-printable")
        return message


def subject(outbound: Outbound) -> str:
    """One line: of a card, its title."""
    line = outbound.card.title if outbound.card else outbound.text
    return " ".join(clean(line, SUBJECT).split())


def words(outbound: Outbound) -> str:
    """The whole mail as plain text."""
    lines = _lines(outbound.card) if outbound.card else (outbound.text,)
    return clean("\n\n".join(line for line in lines if line), LONGEST) + "\n"


def failed(fault: Exception, reached: Reached) -> SendFailed:
    """What a fault means for the mail: a server's 4xx is "later" and its 5xx "never"; silence is "unknown" only once
    the mail itself was on its way."""
    if isinstance(fault, aiosmtplib.SMTPAuthenticationError):
        return SendFailed("later", str(fault.code), CREDENTIALS_WAIT)
    if isinstance(fault, aiosmtplib.SMTPResponseException) and fault.code > 0:
        return SendFailed("never" if 500 <= fault.code < 600 else "later", str(fault.code), 60)
    if isinstance(fault, UnicodeError):
        return SendFailed("never", "address")
    # The library says "no STARTTLS here" with its plainest error, and with no other.
    if type(fault) is aiosmtplib.SMTPException or isinstance(fault, ssl.SSLError):
        return SendFailed("later", "tls", CREDENTIALS_WAIT)
    return SendFailed("unknown" if reached == "sending" else "later", "connection", 1)


def _row(outbound: Outbound) -> str:
    """The message's id, which is the same for every attempt at it."""
    return outbound.attempt.rpartition("-")[0] or outbound.attempt


def _lines(card: Card) -> Iterator[str]:
    for part in card.parts:
        if isinstance(part, Text):
            yield part.text
        elif isinstance(part, Facts):
            yield "\n".join(f"{label}: {value}" for label, value in part.pairs)
        elif isinstance(part, Picture):
            yield part.alt
        elif isinstance(part, Buttons):
            yield "\n".join(f"{button.label}: {button.url}" for button in part.buttons if button.url)
    if not card.parts:
        yield card.summary or card.title


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Whatever the server says to a goodbye, what it said before counts."""
    if client.is_connected:
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=1)
    client.close()


def _trouble(fault: Exception) -> str:
    problem = failed(fault, "asking")
    if problem.code in ("530", "534", "535"):
        return "The mail server refused the user or the password (SMTP_URL)."
    if problem.code == "tls":
        return "The mail server offers no encryption that can be trusted (SMTP_URL)."
    if problem.code == "connection":
        return "The mail server cannot be reached (SMTP_URL, network)."
    return f"The mail server refused MAIL_FROM with {problem.code}."
