"""Mail leaves over SMTP, once, in plain words; what the server says decides whether it is tried again."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.channels.email import EmailChannel, server
from bot.sandbox.mail import Mailbox, serve_mail
from handlers.cards import Button, Buttons, Card, Divider, Facts, Text
from handlers.messages import Outbound, SendFailed
from tests.channels.stage import TEXT, TOKEN, Time

FROM, TO = "training@line.example.org", "registrar@marc.example.org"
CARD = Card(
    "Seat given up: SUP-3",
    (
        Text("Dana Reyes will not come."),
        Facts((("Course", "Supervision"), ("Price", "$25.00"))),
        Divider(),
        Buttons((Button("Press me", "go"), Button("The line", "look", url="https://line.example.org/"))),
    ),
)


def owed(card: Card = CARD, attempt: str = "row7-1", to: str = TO) -> Outbound:
    return Outbound(attempt, "email", "", to, "card", datetime(2026, 11, 23, 15, tzinfo=UTC), card=card)


@asynccontextmanager
async def post_office(time: Time) -> AsyncIterator[tuple[Mailbox, EmailChannel]]:
    mailbox = Mailbox(time)
    async with serve_mail(mailbox) as port:
        yield mailbox, EmailChannel(f"smtp://127.0.0.1:{port}", FROM, time)


@asynccontextmanager
async def locked_office(time: Time, folder: Path, password: str) -> AsyncIterator[tuple[Mailbox, EmailChannel]]:
    """One that takes mail over TLS only, from clerk@line with that password."""
    mailbox, (theirs, ours) = Mailbox(time, ("clerk@line", password)), certificate(folder)
    async with serve_mail(mailbox, theirs) as port:
        yield mailbox, EmailChannel(f"smtp://clerk%40line:{TOKEN}@127.0.0.1:{port}", FROM, time, ours)


async def test_a_card_arrives_as_plain_words(time: Time) -> None:
    async with post_office(time) as (mailbox, channel):
        receipt = await channel.send(owed())
    assert receipt.state == "sent"
    (mail,) = mailbox.mails
    assert (mail.id, mail.sender, mail.to, mail.subject) == (receipt.reference, FROM, TO, "Seat given up: SUP-3")
    assert mail.text.split("\n\n") == [
        "Dana Reyes will not come.",
        "Course: Supervision\nPrice: $25.00",
        "The line: https://line.example.org/\n",
    ]


async def test_names_with_accents_and_long_lines_arrive_whole(time: Time) -> None:
    words = "José Muñoz " + "x" * 1500
    async with post_office(time) as (mailbox, channel):
        await channel.send(owed(Card("Baja: José Muñoz", (Text(words), Text(".\n.dot")))))
    assert mailbox.mails[0].subject == "Baja: José Muñoz"
    assert mailbox.mails[0].text == f"{words}\n\n.\n.dot\n"


async def test_a_title_cannot_add_a_header(time: Time) -> None:
    async with post_office(time) as (mailbox, channel):
        await channel.send(owed(Card("Hello\r\nBcc: other@example.org", (Text("x"),))))
    assert mailbox.mails[0].subject == "Hello Bcc: other@example.org"
    assert mailbox.mails[0].to == TO


async def test_a_second_try_has_the_same_id_so_that_a_double_is_known(time: Time) -> None:
    async with post_office(time) as (mailbox, channel):
        await channel.send(owed(attempt="row7-1"))
        await channel.send(owed(attempt="row7-2"))
        await channel.send(owed(attempt="row8-1"))
    assert len(mailbox.copies) == 3
    assert len(mailbox.mails) == 2


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "retry"),
    [
        ("450 Mailbox busy", "later"),
        ("451 Greylisted", "later"),
        ("550 No such mailbox", "never"),
        ("554 Refused", "never"),
    ],
)
async def test_a_refusal_says_whether_to_try_again(time: Time, command: str, answer: str, retry: str) -> None:
    async with post_office(time) as (mailbox, channel):
        mailbox.answers[command] = answer
        with pytest.raises(SendFailed) as refused:
            await channel.send(owed())
    assert (refused.value.retry, refused.value.code) == (retry, answer[:3])
    assert mailbox.mails == []


async def test_silence_after_the_mail_leaves_it_in_doubt(time: Time) -> None:
    async with post_office(time) as (mailbox, channel):
        mailbox.answers["DATA"] = ""
        with pytest.raises(SendFailed) as lost:
            await channel.send(owed())
    assert lost.value.retry == "unknown"
    assert len(mailbox.mails) == 1
    assert await channel.find(owed()) is None


async def test_a_server_that_is_not_there_surely_took_nothing(time: Time) -> None:
    async with post_office(time) as (_, channel):
        pass
    with pytest.raises(SendFailed) as unreached:
        await channel.send(owed())
    assert unreached.value.retry == "later"


@pytest.mark.parametrize("to", ["registrar", "a@b@c", "x@example.org\r\nBcc: y@example.org", ""])
async def test_what_is_no_address_is_never_sent(time: Time, to: str) -> None:
    async with post_office(time) as (mailbox, channel):
        with pytest.raises(SendFailed) as wrong:
            await channel.send(owed(to=to))
    assert wrong.value.retry == "never"
    assert mailbox.copies == []


async def test_it_logs_in_with_user_and_password(time: Time, tmp_path: Path) -> None:
    async with locked_office(time, tmp_path, TOKEN) as (mailbox, channel):
        assert await channel.check() == "email: the server takes mail from MAIL_FROM"
        await channel.send(owed(Card(TEXT[:20], (Text(TEXT),))))
    assert len(mailbox.mails) == 1


async def test_a_wrong_password_waits_for_somebody_to_mend_it(time: Time, tmp_path: Path) -> None:
    async with locked_office(time, tmp_path, "another") as (_, channel):
        with pytest.raises(SendFailed) as refused:
            await channel.send(owed())
        with pytest.raises(ConnectionError, match=r"user or the password"):
            await channel.check()
    assert (refused.value.retry, refused.value.code) == ("later", "535")


async def test_taking_a_mail_away_does_nothing(time: Time) -> None:
    async with post_office(time) as (mailbox, channel):
        away = Outbound("row7-1", "email", "", TO, "withdraw", time(), reference="<row6@x>")
        assert (await channel.send(away)).state == "delivered"
    assert mailbox.copies == []


async def test_mail_goes_over_to_encryption_and_never_without_where_it_was_asked_for(
    time: Time, tmp_path: Path
) -> None:
    theirs, ours = certificate(tmp_path)
    mailbox = Mailbox(time)
    async with serve_mail(mailbox, theirs) as port:
        await EmailChannel(f"smtp://127.0.0.1:{port}", FROM, time, ours).send(owed())
        with pytest.raises(SendFailed) as untrusted:
            await EmailChannel(f"smtp://127.0.0.1:{port}", FROM, time).send(owed())
    async with serve_mail(mailbox) as port:
        with pytest.raises(SendFailed) as plain:
            await EmailChannel(f"smtp://127.0.0.1:{port}", FROM, time, ours).send(owed())
    assert len(mailbox.copies) == 1
    assert (untrusted.value.retry, plain.value.retry) == ("later", "later")
    assert plain.value.code == "tls"


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side and a client's side of one self-made certificate for this machine."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    signed = made.add_extension(here, critical=False).sign(key, hashes.SHA256())
    file = folder / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(file)
    return theirs, ssl.create_default_context(cafile=file)


@pytest.mark.parametrize(
    ("url", "host", "port", "encrypted"),
    [
        ("smtp://mail.example.org", "mail.example.org", 587, False),
        ("smtps://mail.example.org", "mail.example.org", 465, True),
        ("smtp://me:p%40ss@mail.example.org:2525/", "mail.example.org", 2525, False),
    ],
)
def test_the_address_of_a_server(url: str, host: str, port: int, encrypted: bool) -> None:
    found = server(url)
    assert (found.host, found.port, found.encrypted) == (host, port, encrypted)
    assert found.password in (None, "p@ss")
