"""Writes that survive a kill and a power cut."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from kernel.tokens.errors import JournalUnwritable, SignerElsewhere

if TYPE_CHECKING:
    from pathlib import Path

_PRIVATE = 0o600


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader sees all of it or none. Raises JournalUnwritable."""
    temporary = path.with_name(path.name + ".new")
    try:
        _write(temporary, data)
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise JournalUnwritable(detail=f"{path.name}: {error.strerror}") from error


def lock_file(path: Path) -> int:
    """Take `path` for this process until it ends; return the descriptor that holds it.

    Raises SignerElsewhere where another process has it, JournalUnwritable.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE)
    except OSError as error:
        raise JournalUnwritable(detail=f"{path.name}: {error.strerror}") from error
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise SignerElsewhere(folder=path.parent) from error
    return descriptor


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), _PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there; NTFS journals the rename
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
