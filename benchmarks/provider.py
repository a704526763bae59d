"""Stands in for Twilio's and Slack's API and takes everything at once, so that it is never what is waited for."""

import json
from itertools import count
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from benchmarks.processes import TEAM
from benchmarks.serving import serve

JSON = [(b"content-type", b"application/json")]
numbers = count(1)


async def provider(scope: Scope, receive: Receive, send: Send) -> None:
    """No framework: it must cost less than whoever asks it."""
    path, body = scope["path"], b""
    while (event := await receive())["type"] == "http.request":
        body += event.get("body", b"")
        if not event.get("more_body"):
            break
    status, answer = _answer(scope["method"], path, body)
    content = json.dumps(answer).encode()
    length = [(b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": JSON + length})
    await send({"type": "http.response.body", "body": content})


def _answer(method: str, path: str, body: bytes) -> tuple[int, dict[str, object]]:
    if not path.startswith("/api/"):
        return (201, _message(body)) if method == "POST" else (200, {"messages": [], "next_page_uri": None})
    stamp = f"1790000000.{next(numbers):06d}"
    user = {"id": "U0INDFIRST", "team_id": TEAM, "deleted": False, "is_bot": False}
    return 200, {"ok": True, "channel": "C0INDHOTLINE", "ts": stamp, "message": {}, "user": user, "messages": []}


def _message(body: bytes) -> dict[str, object]:
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    sid = f"SM{next(numbers):032x}"
    return {
        "sid": sid,
        "status": "queued",
        "error_code": None,
        "to": form["To"],
        "from": form["From"],
        "num_media": "0",
    }


if __name__ == "__main__":
    serve(provider)
