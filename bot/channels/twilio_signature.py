"""Twilio's signature over a form: the same answer as the library's, faster, and it never raises."""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

Pairs = Sequence[tuple[str, str]]


class Signature:
    """Checks forms against the configured public URL, with and without its port, for each auth token (rotation)."""

    def __init__(self, auth_tokens: Iterable[str], public_url: str) -> None:
        self._tokens = tuple(token.encode() for token in auth_tokens if token)
        self._origins = _origins(public_url)

    def matches(self, target: str, form: Pairs, given: str) -> bool:
        """Whether `given` signs this form at `target`, the raw path, and its raw query if it has one."""
        try:
            signed = (target + "".join(name + value for name, value in sorted(set(form)))).encode()
            header = given.encode("latin-1")
        except UnicodeEncodeError:
            return False
        return any(hmac.compare_digest(_sign(token, origin + signed), header) for token, origin in self._ways())

    def _ways(self) -> Iterable[tuple[bytes, bytes]]:
        return ((token, origin) for token in self._tokens for origin in self._origins)


def _sign(token: bytes, signed: bytes) -> bytes:
    return b64encode(hmac.digest(token, signed, "sha1"))


def _origins(public_url: str) -> tuple[bytes, ...]:
    # Twilio signs the URL sometimes with the port and sometimes without, whichever was configured.
    parts = urlsplit(public_url.rstrip("/"))
    default = 443 if parts.scheme == "https" else 80
    host = parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc
    with_port, without = f"{host}:{parts.port or default}", host
    return tuple(parts._replace(netloc=netloc).geturl().encode() for netloc in (without, with_port))
