"""A sealed file opens whole, with its own key, or not at all."""

import stat
from pathlib import Path

import pytest

from storage.archive import CHUNK, open_file, seal_file
from storage.database import Refused
from storage.vault import Keys, Vault, new_keys, rotate_keys

VAULT = Vault(Keys(1, {1: bytes(range(32))}))
HEADER = 54


def ignore(done: int, total: int) -> None:
    """Nobody watches."""


def seal(folder: Path, content: bytes, vault: Vault = VAULT) -> Path:
    (folder / "plain").write_bytes(content)
    seal_file(vault, b"S", folder / "plain", folder / "sealed", ignore)
    return folder / "sealed"


def opens(sealed: Path, vault: Vault = VAULT, kind: bytes = b"S") -> bytes:
    again = sealed.with_name("again")
    open_file(vault, kind, sealed, again, ignore)
    return again.read_bytes()


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_file_of_any_length_comes_back_as_it_was(tmp_path: Path, length: int) -> None:
    content = bytes(number % 251 for number in range(997)) * (length // 997 + 1)
    sealed = seal(tmp_path, content[:length])
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o600
    assert opens(sealed) == content[:length]


@pytest.mark.parametrize("at", [*range(HEADER), HEADER, 1000, -1])
def test_a_changed_byte_anywhere_is_refused(tmp_path: Path, at: int) -> None:
    sealed = seal(tmp_path, bytes(2000))
    damaged = bytearray(sealed.read_bytes())
    damaged[at] ^= 1
    sealed.write_bytes(damaged)
    with pytest.raises(Refused):
        opens(sealed)


@pytest.mark.parametrize("length", [0, 10, HEADER, HEADER + 10, HEADER + CHUNK + 16, HEADER + 2 * (CHUNK + 16), -1])
def test_a_file_that_was_cut_is_refused_even_between_chunks(tmp_path: Path, length: int) -> None:
    sealed = seal(tmp_path, bytes(2 * CHUNK + 100))
    sealed.write_bytes(sealed.read_bytes()[:length])
    with pytest.raises(Refused):
        opens(sealed)


def test_chunks_in_another_order_are_refused(tmp_path: Path) -> None:
    sealed = seal(tmp_path, bytes(3 * CHUNK))
    content, first, second = sealed.read_bytes(), HEADER, HEADER + CHUNK + 16
    swapped = content[:first] + content[second : second + CHUNK + 16] + content[first:second]
    sealed.write_bytes(swapped + content[second + CHUNK + 16 :])
    with pytest.raises(Refused, match="damaged"):
        opens(sealed)


@pytest.mark.parametrize(
    ("vault", "kind", "words"),
    [
        (Vault(Keys(1, {1: bytes(32)})), b"S", "another key"),
        (Vault(Keys(2, {2: bytes(32)})), b"S", "key version 1"),
        (VAULT, b"P", "other kind"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, vault: Vault, kind: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        opens(seal(tmp_path, b"content"), vault, kind)


def test_a_file_sealed_before_the_keys_were_rotated_still_opens(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    sealed = seal(tmp_path, b"content", Vault(new_keys(keys)))
    assert opens(sealed, Vault(rotate_keys(keys))) == b"content"


def test_the_count_goes_up_to_the_whole(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    (tmp_path / "plain").write_bytes(bytes(2 * CHUNK + 5))
    seal_file(VAULT, b"S", tmp_path / "plain", tmp_path / "sealed", lambda *so_far: heard.append(so_far))
    assert heard == [(CHUNK, 2 * CHUNK + 5), (2 * CHUNK, 2 * CHUNK + 5), (2 * CHUNK + 5, 2 * CHUNK + 5)]
