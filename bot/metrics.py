"""Technical figures for Prometheus: by channel and outcome, never by city or case, for small counts expose people."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Depth = Callable[[], Awaitable[tuple[int, object]]]
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The figures of one running service, in a registry of its own."""

    def __init__(self, depth: Depth) -> None:
        self._depth = depth
        self.registry = CollectorRegistry()
        self.turns = Counter("commonline_turns", "Turns.", ["channel", "kind"], registry=self.registry)
        self.turn_seconds = Histogram(
            "commonline_turn_seconds", "From a turn's begin to its commit.", buckets=SECONDS, registry=self.registry
        )
        self.sends = Counter("commonline_sends", "Attempts to send.", ["channel", "outcome"], registry=self.registry)
        self.redactions = Counter(
            "commonline_redactions", "Texts to blank at their provider.", ["channel", "outcome"], registry=self.registry
        )
        self.owed = Gauge("commonline_outbox_depth", "Messages owed.", registry=self.registry)

    def sent(self, channel: str, outcome: str) -> None:
        """Count an attempt to send."""
        self.sends.labels(channel, outcome).inc()

    def redacted(self, channel: str, outcome: str) -> None:
        """Count an attempt to have a text blanked at its provider."""
        self.redactions.labels(channel, outcome).inc()

    def routes(self) -> list[Route]:
        """GET /metrics, for this machine only: to everybody else there is no such page."""
        return [Route("/metrics", self._show)]

    async def _show(self, request: Request) -> Response:
        if not _is_local(request):
            return Response(status_code=404)
        self.owed.set((await self._depth())[0])
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_local(request: Request) -> bool:
    """A proxy on this machine speaks for the outside, and says so."""
    if request.client is None or not {"forwarded", "x-forwarded-for", "via"}.isdisjoint(request.headers):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
