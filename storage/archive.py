"""A file sealed in chunks under a key of its own; cut, changed, reordered or foreign, it is refused."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.database import Refused
from storage.vault import Vault

MAGIC = b"COMMONLINE BACKUP 1\n"
SALT = 32
HEADER = len(MAGIC) + 2 + SALT
CHUNK = 1 << 20
TAG = 16

Count = Callable[[int, int], None]


def seal_file(vault: Vault, kind: bytes, source: Path, target: Path, count: Count) -> None:
    """Seal `source` as a new file. `kind` is one byte that is bound to it; `count` hears bytes done and in all.

    Header: magic, kind, key version, salt. Then chunks of a mebibyte, each AES-256-GCM under a key from the root key,
    the nonce being the chunk's number and the associated data whether it is the last.
    """
    header = MAGIC + kind + bytes((vault.current,)) + os.urandom(SALT)
    cipher = _cipher(vault, header)
    with source.open("rb") as plain, _new_file(target) as sealed:
        sealed.write(header)
        for number, chunk, last in _chunks(plain, CHUNK, source.stat().st_size, count):
            sealed.write(cipher.encrypt(number, chunk, last))
        _sync(sealed)


def open_file(vault: Vault, kind: bytes, source: Path, target: Path, count: Count) -> None:
    """Open what `seal_file` made as a new file. Raises Refused with a sentence."""
    with source.open("rb") as sealed, _new_file(target) as plain:
        header = sealed.read(HEADER)
        if len(header) < HEADER or not header.startswith(MAGIC):
            raise Refused(f"{source} is not a backup.")
        if header[len(MAGIC) : len(MAGIC) + 1] != kind:
            raise Refused(f"{source} is a backup of the other kind of database than DATABASE_URL names.")
        cipher = _cipher(vault, header)
        try:
            for number, chunk, last in _chunks(sealed, CHUNK + TAG, source.stat().st_size - HEADER, count):
                plain.write(cipher.decrypt(number, chunk, last))
        except InvalidTag:
            raise Refused(f"{source} was sealed with another key, or is damaged.") from None
        _sync(plain)


def _cipher(vault: Vault, header: bytes) -> AESGCM:
    version, salt = header[len(MAGIC) + 1], header[-SALT:]
    try:
        root = vault.key("backup", version)
    except KeyError:
        raise Refused(f"The backup needs key version {version}, which KEY_FILE does not hold.") from None
    return AESGCM(HKDF(SHA256(), 32, salt, header).derive(root))


def _chunks(file: BinaryIO, size: int, total: int, count: Count) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Nonce, chunk, and a byte that says whether it is the last; always at least one."""
    done, number, chunk = 0, 0, file.read(size)
    while True:
        following = file.read(size)
        yield number.to_bytes(12, "big"), chunk, b"\x00" if following else b"\x01"
        done, number = done + len(chunk), number + 1
        count(done, total)
        if not following:
            return
        chunk = following


def _new_file(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
