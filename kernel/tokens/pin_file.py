"""The PIN of an HSM key that nobody sits at: a file that only its owner can read."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from kernel.tokens.errors import PinFileOpen, PinFileUnreadable

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_pin(path: Path) -> str:
    """Return the first line of a PIN file. Raises PinFileUnreadable, PinFileOpen where others may read it."""
    try:
        with path.open(encoding="utf-8") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & _OTHERS:
                raise PinFileOpen(file=path)
            pin = file.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PinFileUnreadable(file=path, detail=getattr(error, "strerror", None) or "UTF-8") from error
    if not pin:
        raise PinFileUnreadable(file=path, detail="–")
    return pin
