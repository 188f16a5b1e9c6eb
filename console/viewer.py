"""Opening a PDF in the system's viewer, and removing the file afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from kernel.api.errors import QuayDienError

if TYPE_CHECKING:
    from pathlib import Path


class NoViewer(QuayDienError):
    """No program of this machine shows PDF files. Facts: path."""

    code = "console.no_viewer"


def show_pdf(path: Path) -> None:
    """Open `path` in the system's PDF viewer without waiting for it. Raises NoViewer."""
    if sys.platform == "win32":
        try:
            os.startfile(path)  # noqa: S606 - the path is ours, no shell is involved
        except OSError:
            raise NoViewer(path=path) from None
        return
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    no_screen = sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if opener is None or no_screen:
        raise NoViewer(path=path)
    try:
        subprocess.Popen(
            [opener, str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError:
        raise NoViewer(path=path) from None


def wipe(path: Path) -> None:
    """Overwrite and remove a file that was shown; a viewer that still holds it open is left alone."""
    with suppress(OSError):
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(b"\0" * size)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
