"""What a process at the token does first, from the inside."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

_PR_SET_DUMPABLE = 4


def keep_secrets() -> None:
    """Keep the PIN out of core files and out of reach of other processes of the same user."""
    if sys.platform == "linux":
        import ctypes
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
