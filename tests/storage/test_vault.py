"""What is sealed opens in its own place with its own key, and nowhere else."""

import base64
import json
import stat
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.vault import KeyFault, Keys, Unreadable, Vault, load_keys, new_keys, rotate_keys

KEYS = Keys(1, {1: bytes(range(32))})
VAULT = Vault(KEYS)
WHERE: dict[str, Any] = {"place": "entries.body", "row": "r1", "jurisdiction": "independence"}
PHONE = "+18162340001"


@given(st.binary(max_size=2000))
def test_what_was_sealed_opens_again(plain: bytes) -> None:
    assert VAULT.open(VAULT.seal(plain, **WHERE), **WHERE) == plain
    key = VAULT.new_case_key()
    assert VAULT.open(VAULT.seal(plain, **WHERE, key=key), **WHERE, key=key) == plain


@given(st.sampled_from(sorted(WHERE)), st.text(max_size=20))
def test_sealed_content_that_was_moved_is_unreadable(part: str, other: str) -> None:
    elsewhere = WHERE | {part: other}
    if elsewhere != WHERE:
        for key in (None, bytes(32)):
            with pytest.raises(Unreadable):
                VAULT.open(VAULT.seal(b"the tip", **WHERE, key=key), **elsewhere, key=key)


def test_parts_of_a_place_cannot_be_shifted_into_each_other() -> None:
    sealed = VAULT.seal(b"", place="a", row="b\x1fc", jurisdiction="d")
    with pytest.raises(Unreadable):
        VAULT.open(sealed, place="a", row="b", jurisdiction="c\x1fd")
    assert VAULT.fingerprint("p", "ab", "c") != VAULT.fingerprint("p", "a", "bc")


def test_any_changed_byte_makes_it_unreadable() -> None:
    sealed = VAULT.seal(b"the tip", **WHERE)
    for place, bit in product(range(len(sealed)), range(8)):
        changed = bytearray(sealed)
        changed[place] ^= 1 << bit
        with pytest.raises(Unreadable):
            VAULT.open(bytes(changed), **WHERE)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 12, b"\x02" + bytes(40)])
def test_what_was_never_sealed_is_unreadable(sealed: bytes) -> None:
    with pytest.raises(Unreadable):
        VAULT.open(sealed, **WHERE)


def test_sizes_tell_little() -> None:
    sizes = {length: len(VAULT.seal(bytes(length), **WHERE)) for length in range(1100)}
    assert len({sizes[length] for length in range(256)}) == 4
    assert {(size - 29) % 64 for size in sizes.values()} == {0}
    assert {(size - 29) % 256 for length, size in sizes.items() if length >= 256} == {0}


def test_the_same_content_is_never_sealed_the_same() -> None:
    assert len({VAULT.seal(b"the tip", **WHERE) for _ in range(100)}) == 100


def test_without_its_key_a_case_cannot_be_read() -> None:
    key = VAULT.new_case_key()
    sealed, wrapped = VAULT.seal(b"the tip", **WHERE, key=key), VAULT.wrap(key, row="c1", jurisdiction="independence")
    with pytest.raises(Unreadable):
        VAULT.open(sealed, **WHERE)
    with pytest.raises(Unreadable):
        VAULT.unwrap(wrapped, row="c2", jurisdiction="independence")
    assert VAULT.open(sealed, **WHERE, key=VAULT.unwrap(wrapped, row="c1", jurisdiction="independence")) == b"the tip"


def test_one_phone_has_another_alias_in_every_city_program_and_channel() -> None:
    cities, programs, channels = ("independence", "lees_summit"), ("hotline", "exit"), ("twilio_sms", "slack")
    aliases = [VAULT.alias(*where, PHONE) for where in product(cities, programs, channels)]
    assert len(set(aliases)) == 8
    assert VAULT.alias("independence", "hotline", "twilio_sms", PHONE) == aliases[0]
    assert {len(alias) for alias in aliases} == {40}


def test_without_the_key_no_alias_can_be_found_by_trying() -> None:
    other = Vault(Keys(1, {1: bytes(32)}))
    assert other.alias("a", "b", "c", PHONE) != VAULT.alias("a", "b", "c", PHONE)
    assert other.fingerprint("code", "x") != VAULT.fingerprint("code", "x")


def test_fingerprints_of_one_thing_differ_by_purpose_and_take_any_text() -> None:
    assert VAULT.fingerprint("code", "x") != VAULT.fingerprint("pass", "x")
    assert VAULT.fingerprint("delivery", "\ud800", "\x00") == VAULT.fingerprint("delivery", "\ud800", "\x00")


def test_after_rotation_old_content_opens_new_content_uses_the_new_key_and_aliases_stay(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    before = Vault(new_keys(path))
    sealed, alias, mark = before.seal(b"old", **WHERE), before.alias("a", "b", "c", PHONE), before.fingerprint("p", "x")
    after = Vault(rotate_keys(path))
    assert after.open(sealed, **WHERE) == b"old"
    assert (after.alias("a", "b", "c", PHONE), after.fingerprint("p", "x")) == (alias, mark)
    assert Vault(load_keys(path)).open(after.seal(b"new", **WHERE), **WHERE) == b"new"
    with pytest.raises(Unreadable):
        before.open(after.seal(b"new", **WHERE), **WHERE)


def test_a_key_file_is_for_its_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.json"
    new_keys(path)
    held = path.read_bytes()
    with pytest.raises(KeyFault, match="exists already"):
        new_keys(path)
    assert path.read_bytes() == held
    rotate_keys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [name.name for name in path.parent.iterdir()] == ["keys.json"]
    assert json.loads(path.read_text())["current"] == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"current": 1, "keys": []}',
        '{"current": 1, "keys": {"1": "no base64"}}',
        json.dumps({"current": 1, "keys": {"1": base64.b64encode(bytes(31)).decode()}}),
        json.dumps({"current": 2, "keys": {"1": base64.b64encode(bytes(32)).decode()}}),
    ],
)
def test_a_broken_key_file_is_refused_without_showing_what_it_holds(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    with pytest.raises(KeyFault, match="key file") as caught:
        load_keys(path)
    assert "AAAA" not in str(caught.value)


def test_a_missing_key_file_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(KeyFault, match="keys new"):
        load_keys(tmp_path / "keys.json")


def test_no_key_shows_in_what_is_printed() -> None:
    shown = f"{VAULT!r} {VAULT} {KEYS!r} {KEYS}"
    assert base64.b64encode(KEYS.roots[1]).decode() not in shown
    assert "\\x01" not in shown
