"""Files by their hash: whole or not at all, and never taken for what they are not."""

from __future__ import annotations

import hashlib
import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from kernel.errors import BlobCorrupt, BlobMissing, StorageFull
from kernel.storage.blobs import Blobs
from tests.said import said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTENT = "Hợp đồng mua bán điện".encode() * 1000


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "kho")


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes, as on a disk that runs full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def files(blobs: Blobs) -> list[Path]:
    return [path for path in blobs.folder.rglob("*") if path.is_file()]


def test_what_is_put_is_got(blobs: Blobs) -> None:
    sha256 = blobs.put(CONTENT)
    assert sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert blobs.get(sha256) == CONTENT
    assert blobs.put(CONTENT) == sha256
    assert blobs.get(blobs.put(b"")) == b""
    assert len(files(blobs)) == 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in files(blobs))


def test_a_file_that_is_gone(blobs: Blobs) -> None:
    sha256 = blobs.put(CONTENT)
    blobs.path(sha256).unlink()
    with pytest.raises(BlobMissing) as gone:
        blobs.get(sha256)
    assert sha256 in said(gone.value)


@pytest.mark.parametrize("damaged", [b"", CONTENT[:-1], CONTENT + b"\n", bytes([CONTENT[0] ^ 1]) + CONTENT[1:]])
def test_a_file_that_changed_is_not_handed_out_and_heals(blobs: Blobs, damaged: bytes) -> None:
    sha256 = blobs.put(CONTENT)
    blobs.path(sha256).write_bytes(damaged)
    with pytest.raises(BlobCorrupt) as corrupt:
        blobs.get(sha256)
    assert sha256 in said(corrupt.value)
    assert blobs.put(CONTENT) == sha256
    assert blobs.get(sha256) == CONTENT


def test_a_full_disk_leaves_nothing_half_written(blobs: Blobs) -> None:
    kept = blobs.put(b"cu")
    with small_disk(1000), pytest.raises(StorageFull) as full:
        blobs.put(CONTENT)
    said(full.value)
    assert files(blobs) == [blobs.path(kept)]
    assert blobs.get(blobs.put(CONTENT)) == CONTENT


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "kho").write_bytes(b"")
    with pytest.raises(StorageFull) as refused:
        Blobs(tmp_path / "kho").put(CONTENT)
    said(refused.value)
