"""The password of an account at a service: the first line of a file that only its owner can read."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from kernel.trust_services.errors import PasswordUnreadable, because

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_password(service: str, path: Path) -> str:
    """Return the password in `path`. Raises PasswordUnreadable, also where others may read the file."""
    try:
        with path.open(encoding="utf-8") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & _OTHERS:
                raise PasswordUnreadable(service=service, file=path, detail=because("file_open"))
            password = file.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as problem:
        detail = getattr(problem, "strerror", None) or "UTF-8"
        raise PasswordUnreadable(service=service, file=path, detail=detail) from problem
    if not password:
        raise PasswordUnreadable(service=service, file=path, detail=because("file_empty"))
    return password
