"""The key that codes are hashed with, and the codes themselves."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from kernel.casework.codes import CodeKey, code_key, new_code, new_salt
from kernel.errors import SettingsInvalid, StorageFull
from tests.said import said

if TYPE_CHECKING:
    from pathlib import Path


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    key = code_key(tmp_path / "keys")
    assert code_key(tmp_path / "keys") == key
    assert len(key.secret) == 32
    (file,) = (tmp_path / "keys").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    assert code_key(tmp_path / "khác") != key


def test_of_those_who_make_it_at_once_all_have_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: code_key(tmp_path / "keys").secret, range(40)))
    assert len(keys) == 1
    assert len(list((tmp_path / "keys").iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_damaged_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "code.key").write_bytes(content)
    with pytest.raises(SettingsInvalid) as damaged:
        code_key(tmp_path)
    assert "code.key" in said(damaged.value)


def test_no_place_for_the_key(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"")
    with pytest.raises(StorageFull) as full:
        code_key(tmp_path / "keys")
    said(full.value)


def test_the_hash_depends_on_key_salt_document_and_code() -> None:
    key = CodeKey(b"k" * 32)
    first = key.hashed("012345", salt="s", document_sha256="a")
    assert key.matches("012345", salt="s", document_sha256="a", expected=first)
    assert not key.matches("012346", salt="s", document_sha256="a", expected=first)
    assert not key.matches("012345", salt="t", document_sha256="a", expected=first)
    assert not key.matches("012345", salt="s", document_sha256="b", expected=first)
    assert not CodeKey(b"l" * 32).matches("012345", salt="s", document_sha256="a", expected=first)
    assert not key.matches("mã Ữ", salt="s", document_sha256="a", expected=first)
    assert key.id not in first
    assert len(key.id) == 16


def test_codes_are_six_digits_of_every_kind() -> None:
    codes = [new_code() for _ in range(3000)]
    assert all(re.fullmatch("[0-9]{6}", code) for code in codes)
    assert len(set(codes)) > 2900
    assert set(Counter(code[0] for code in codes)) == set("0123456789")
    assert len({new_salt() for _ in range(100)}) == 100
