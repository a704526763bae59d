"""The only place that holds keys: seals what is stored, and makes aliases that cannot be turned back or linked."""

import base64
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SCHEMA = "1"
NONCE = 12
SMALL, LARGE = 64, 256
KEPT = 512


class Unreadable(Exception):
    """Sealed with another key, for another row, or changed since."""


class KeyFault(Exception):
    """The key file cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Root keys by version; new content is sealed under `current`."""

    current: int
    roots: Mapping[int, bytes] = field(repr=False)


def new_keys(path: Path) -> Keys:
    """Write a key file with one new root key, readable by its owner only; refuses to overwrite one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = Keys(1, {1: secrets.token_bytes(32)})
    try:
        _write(path, keys, os.O_EXCL)
    except FileExistsError:
        raise KeyFault(f"{path} exists already; what is sealed with it would be lost.") from None
    return keys


def rotate_keys(path: Path) -> Keys:
    """Add a root key that new content is sealed under; the former ones stay, for what they sealed."""
    old = load_keys(path)
    keys = Keys(old.current + 1, {**old.roots, old.current + 1: secrets.token_bytes(32)})
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    _write(beside, keys, os.O_EXCL)
    beside.replace(path)
    _sync(path.parent)
    return keys


def load_keys(path: Path) -> Keys:
    """The keys of a file; raises KeyFault with a sentence."""
    try:
        held = json.loads(path.read_text())
        roots = {int(version): base64.b64decode(key, validate=True) for version, key in held["keys"].items()}
        keys = Keys(int(held["current"]), roots)
    except FileNotFoundError:
        raise KeyFault(f"There is no key file at {path}; `python -m bot keys new` makes one.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeyFault(f"{path} is not a key file.") from None
    if keys.current not in roots or any(len(root) != 32 for root in roots.values()):
        raise KeyFault(f"{path} is not a whole key file.")
    return keys


def _write(path: Path, keys: Keys, flag: int) -> None:
    held = {str(version): base64.b64encode(root).decode() for version, root in keys.roots.items()}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | flag, 0o600), "w") as file:
        json.dump({"current": keys.current, "keys": held}, file)
        file.flush()
        os.fsync(file.fileno())
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """A new name is on disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


class Vault:
    """Seals with AES-256-GCM under keys made by HKDF per jurisdiction and purpose, or under a case's own key.

    The associated data binds table, column, row, jurisdiction and key version, so that nothing sealed can be moved.
    Index keys (aliases, fingerprints) come from the oldest root key: they must stay the same when keys are rotated.
    """

    def __init__(self, keys: Keys) -> None:
        self.current = keys.current
        self._roots = dict(keys.roots)
        self._oldest = min(keys.roots)
        self._key = lru_cache(KEPT)(self._derive)
        self._cipher = lru_cache(KEPT)(AESGCM)

    def __repr__(self) -> str:
        return f"Vault(current={self.current})"

    def alias(self, jurisdiction: str, program: str, channel: str, address: str) -> str:
        """A person's name in one program of one city (160 bits); different in every other."""
        return self._mac(f"alias/{jurisdiction}/{program}", (channel, address))[:40]

    def fingerprint(self, purpose: str, *parts: str) -> str:
        """A keyed hash (256 bits, hex) by which something can be found again but not read."""
        return self._mac(f"fingerprint/{purpose}", parts)

    def seal(self, plain: bytes, *, place: str, row: str, jurisdiction: str, key: bytes | None = None) -> bytes:
        """Key version, nonce and ciphertext of padded content, bound to its place (table.column) and row."""
        version, nonce = self.current, os.urandom(NONCE)
        cipher = self._cipher(key or self._key(version, jurisdiction, place))
        bound = _bound(version, place, row, jurisdiction)
        return bytes((version,)) + nonce + cipher.encrypt(nonce, _pad(plain), bound)

    def open(self, sealed: bytes, *, place: str, row: str, jurisdiction: str, key: bytes | None = None) -> bytes:
        """What was sealed; raises Unreadable when anything differs."""
        sealed = bytes(sealed)
        version = sealed[0] if sealed else 0
        if version not in self._roots:
            raise Unreadable(f"{place}: no key of version {version}")
        cipher = self._cipher(key or self._key(version, jurisdiction, place))
        bound = _bound(version, place, row, jurisdiction)
        try:
            padded = cipher.decrypt(sealed[1 : NONCE + 1], sealed[NONCE + 1 :], bound)
        except (InvalidTag, ValueError):
            raise Unreadable(f"{place}: sealed with another key, or changed") from None
        return padded[: padded.rindex(b"\x80")]

    def new_case_key(self) -> bytes:
        """A key for one case alone; when it is gone, so is what it sealed."""
        return secrets.token_bytes(32)

    def wrap(self, case_key: bytes, *, row: str, jurisdiction: str) -> bytes:
        """A case's key, sealed under the city's."""
        return self.seal(case_key, place="cases.data_key", row=row, jurisdiction=jurisdiction)

    def unwrap(self, wrapped: bytes, *, row: str, jurisdiction: str) -> bytes:
        """A case's key as it was wrapped."""
        return self.open(wrapped, place="cases.data_key", row=row, jurisdiction=jurisdiction)

    def key(self, purpose: str, version: int | None = None) -> bytes:
        """A key (256 bits) for a purpose of its own, such as backups."""
        return self._key(version or self.current, "", purpose)

    def _derive(self, version: int, jurisdiction: str, purpose: str) -> bytes:
        info = _joined("commonline", SCHEMA, jurisdiction, purpose)
        return HKDF(SHA256(), 32, None, info).derive(self._roots[version])

    def _mac(self, purpose: str, parts: tuple[str, ...]) -> str:
        return hmac.digest(self._key(self._oldest, "", purpose), _joined(*parts), "sha256").hex()


def _bound(version: int, place: str, row: str, jurisdiction: str) -> bytes:
    return _joined(SCHEMA, str(version), place, row, jurisdiction)


def _joined(*parts: str) -> bytes:
    """Each part behind its length, so that no two lists of parts are alike; what is no UTF-8 counts as well."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(b"%d:%b" % (len(part), part) for part in encoded)


def _pad(plain: bytes) -> bytes:
    """To the next step, so that a size tells little (ISO/IEC 7816-4: one byte 80, then zeros)."""
    step = SMALL if len(plain) < LARGE else LARGE
    return plain + b"\x80" + bytes(-(len(plain) + 1) % step)
