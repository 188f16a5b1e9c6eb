"""Answers kept on disk: one file each, named by what was asked, whole or not there."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from kernel.errors import StorageFull

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Cache", "Kept"]

_KEPT_DAYS = 60
_TIDY_EVERY = timedelta(days=1)
_TIDIED = ".tidied"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer and when its source last changed it, which is the file's own time."""

    data: bytes
    modified: datetime


class Cache:
    """A folder of answers. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, key: str, kind: str) -> Kept | None:
        """Return what is kept under `key`; None for nothing, or nothing that can be read."""
        path = self._path(key, kind)
        try:
            return Kept(path.read_bytes(), datetime.fromtimestamp(path.stat().st_mtime, UTC))
        except OSError:
            return None

    def write(self, key: str, kind: str, data: bytes, modified: datetime) -> None:
        """Keep `data` in place of what was there. Raises StorageFull."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._tidy()
            with NamedTemporaryFile(dir=self._folder, suffix=".new", delete=False) as fresh:
                fresh.write(data)
            os.utime(fresh.name, (modified.timestamp(), modified.timestamp()))
            os.replace(fresh.name, self._path(key, kind))  # noqa: PTH105  # the name is a text
        except OSError as problem:
            raise StorageFull(path=self._folder, detail=problem.strerror) from problem

    def _path(self, key: str, kind: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.{kind}"

    def _tidy(self) -> None:
        """Delete, once a day, what nobody can use any more."""
        mark, now = self._folder / _TIDIED, time.time()
        if mark.exists() and now - mark.stat().st_mtime < _TIDY_EVERY.total_seconds():
            return
        mark.touch()
        for entry in os.scandir(self._folder):
            if entry.name != _TIDIED and now - entry.stat().st_mtime > timedelta(days=_KEPT_DAYS).total_seconds():
                (self._folder / entry.name).unlink(missing_ok=True)
