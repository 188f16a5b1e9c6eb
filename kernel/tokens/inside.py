"""What a process at the token does first, from the inside."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from typing import BinaryIO

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


def keep_secrets() -> None:
    """Keep the PIN out of core files and out of reach of other processes of the same user."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take stdin and stdout for the frames alone: what a module prints goes to stderr, the log."""
    frames_in, frames_out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return frames_in, frames_out


def follow_parent(stream: BinaryIO) -> None:
    """End this process when the other side closes `stream`, and on Linux when the thread that started it ends.

    The second works too while a module hangs and holds the interpreter.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

    def wait() -> None:
        while stream.read(1):
            continue
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
