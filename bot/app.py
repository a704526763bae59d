"""The wiring: the only file that knows every part."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot import certificates, handing_out, public_pages, reading_room
from bot.channels import Channel
from bot.cities import load_region
from bot.service import Now, Service, utc_now
from bot.settings import Settings
from handlers.grammar import SLASH
from scheduler.work import Redaction
from storage.book import Book
from storage.vault import Vault, load_keys


def build(settings: Settings, now: Now = utc_now, teams_cloud: Mapping[str, str] | None = None) -> Starlette:
    """The web application of a service; it opens and closes with the application's lifespan.

    `teams_cloud` says where a stand-in for Microsoft has its login and keys, in place of the public cloud's.
    """
    service = Service(settings.database_url, Vault(load_keys(settings.key_file)), load_region(settings), now)
    opens = OPEN | {"teams": partial(_teams, cloud=teams_cloud or {})}
    service.channels = {name: opens[name](settings, service) for name in settings.channels}

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await service.start()
        try:
            yield
        finally:
            await service.close()

    app = Starlette(routes=_routes(service), lifespan=lifespan)
    app.state.service = service
    return app


def _routes(service: Service) -> list[BaseRoute]:
    channels = [route for channel in service.channels.values() for route in channel.routes()]
    return [
        *channels,
        *certificates.routes(service, service.now),
        *reading_room.routes(service, service.now),
        *public_pages.routes(),
        *handing_out.routes(lambda: service.reports, service.now),
        *service.health().routes(),
        *service.metrics.routes(),
    ]


def _twilio_sms(settings: Settings, service: Service) -> Channel:
    from bot.channels.twilio_sms import TwilioSms

    tokens = (settings.twilio_auth_token, settings.twilio_auth_token_secondary)
    channel = TwilioSms(
        account_sid=settings.twilio_account_sid,
        auth_tokens=[token.get_secret_value() for token in tokens if token.get_secret_value()],
        base_url=settings.twilio_base_url,
        public_url=settings.public_url,
        lines=frozenset(address for channel, address in service.region.lines if channel == "twilio_sms"),
        take_turn=service.take_turn,
        settle=service.settle,
        now=service.now,
    )
    if hours := settings.twilio_redact_after_hours:
        service.redactions = (Redaction(channel.name, channel, timedelta(hours=hours)),)
    return channel


def _slack(settings: Settings, service: Service) -> Channel:
    from bot.channels.slack import SlackChannel

    return SlackChannel(
        bot_token=settings.slack_bot_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        app_token=settings.slack_app_token.get_secret_value(),
        base_url=settings.slack_base_url,
        take_turn=service.take_turn,
        now=service.now,
    )


def _teams(settings: Settings, service: Service, cloud: Mapping[str, str]) -> Channel:
    from bot.channels.teams import TeamsChannel
    from bot.channels.teams_library import PUBLIC, with_overrides

    return TeamsChannel(
        client_id=settings.teams_client_id,
        client_secret=settings.teams_client_secret.get_secret_value(),
        tenant_id=settings.teams_tenant_id,
        service_urls=settings.teams_service_urls,
        commands=tuple(SLASH),
        book=lambda: Book(service.database, service.vault),
        take_turn=service.take_turn,
        now=service.now,
        cloud=with_overrides(PUBLIC, **cloud),
    )


def _email(settings: Settings, service: Service) -> Channel:
    from bot.channels.email import EmailChannel

    return EmailChannel(settings.smtp_url.get_secret_value(), settings.mail_from, service.now)


# A channel is imported only where it is used: the Teams library alone costs more than all the rest.
OPEN: dict[str, Callable[[Settings, Service], Channel]] = {"twilio_sms": _twilio_sms, "slack": _slack, "email": _email}
