"""Endpoints that only check the signature and store nothing: what the bot is measured against."""

from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from benchmarks.processes import PUBLIC, SECRET, TOKEN
from benchmarks.serving import serve

validator = RequestValidator(TOKEN)
verifier = SignatureVerifier(SECRET)
TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


async def twilio(request: Request) -> Response:
    """Twilio's own validator over the form as Starlette reads it."""
    form = await request.form()
    signed = validator.validate(PUBLIC + request.url.path, form, request.headers["x-twilio-signature"])
    return Response(TWIML, media_type="text/xml") if signed else Response(status_code=403)


async def slack(request: Request) -> Response:
    """Slack's own verifier over the raw body."""
    signed = verifier.is_valid_request(await request.body(), dict(request.headers))
    return Response(status_code=200 if signed else 401)


async def alive(request: Request) -> Response:
    """Says that it listens."""
    return Response()


if __name__ == "__main__":
    routes = [
        Route("/twilio/messages", twilio, methods=["POST"]),
        Route("/slack/events", slack, methods=["POST"]),
        Route("/healthz", alive),
    ]
    serve(Starlette(routes=routes))
