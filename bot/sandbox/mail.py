"""A mail server that keeps what it is given, and refuses or falls silent where it is told to."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"
KEPT = 500
TAKEN = "250 Message accepted"

logging.getLogger("mail.log").disabled = True  # it would print every line, passwords included


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as its reader sees it; a second one with an id that is there already is not shown again."""

    id: str
    at: datetime
    sender: str
    to: str
    subject: str
    text: str


class Mailbox:
    """The server's memory, and its moods: `answers` by command ("MAIL", "RCPT", "DATA") replace the usual ones.

    An answer of "" after DATA is no answer: the mail was taken, and nobody says so.
    """

    def __init__(self, now: Callable[[], datetime], login: tuple[str, str] | None = None) -> None:
        self.now = now
        self.login = login
        self.mails: list[Mail] = []
        self.copies: list[str] = []
        self.answers: dict[str, str] = {}
        self.changed: Callable[[], None] = lambda: None

    def server(self, tls: ssl.SSLContext | None = None) -> SMTP:
        """One connection's side of the protocol."""
        return SMTP(
            self,
            hostname="mail.example",
            ident="stand-in",
            enable_SMTPUTF8=False,
            tls_context=tls,
            require_starttls=tls is not None,
            auth_required=self.login is not None,
            authenticator=self._authenticate,
        )

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.get("DATA", TAKEN)
        if answer in ("", TAKEN):
            self._keep(envelope)
        if not answer and server.transport is not None:
            server.transport.close()
        return answer or TAKEN

    def _keep(self, envelope: Envelope) -> None:
        message = message_from_bytes(envelope.original_content or b"", policy=default)
        id = str(message["Message-ID"])
        self.copies.append(id)
        if all(mail.id != id for mail in self.mails):
            body = message.get_body(("plain",))
            text = str(body.get_content()).replace("\r\n", "\n") if body else ""
            to = ", ".join(envelope.rcpt_tos)
            self.mails.append(Mail(id, self.now(), str(message["From"]), to, str(message["Subject"]), text))
            del self.mails[:-KEPT]
        self.changed()

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        given = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.login, handled=False)


@asynccontextmanager
async def serve_mail(mailbox: Mailbox, tls: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[int]:
    """The server on a loopback port inside the running loop; gives the port."""
    server = await asyncio.get_running_loop().create_server(lambda: mailbox.server(tls), HOST, port)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()
