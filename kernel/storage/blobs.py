"""Content-addressed files: a PDF is kept under the SHA-256 of its bytes and checked each time it is read."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from kernel.errors import BlobCorrupt, BlobMissing, StorageFull


class Blobs:
    """Files of one folder, never changed once written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Return where a file of this hash lies or would lie."""
        return self.folder / sha256[:2] / sha256[2:]

    def put(self, content: bytes) -> str:
        """Write `content` durably and return its SHA-256 in hex. Raises StorageFull."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        try:
            if path.is_file() and path.read_bytes() == content:
                return sha256
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, content)
            _sync_folder(path.parent)
        except OSError as error:
            raise StorageFull(path=self.folder, detail=error.strerror or error) from error
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the content kept under a hash. Raises BlobMissing and BlobCorrupt."""
        try:
            content = self.path(sha256).read_bytes()
        except OSError as error:
            raise BlobMissing(sha256=sha256) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BlobCorrupt(sha256=sha256)
        return content


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        fresh = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            fresh.replace(path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the system lets a folder be synced."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
