"""Processes that run beside the console and end with it: each watches its standard input and stops when it closes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ALONG = "--along"
"""Option of a long-running command: stop when standard input closes, so that no process outlives the one it serves."""


@contextmanager
def companion(arguments: Sequence[str], *, log: Path) -> Iterator[None]:
    """Run `quaydien ARGUMENTS --along` until the block is left, or until this process dies."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "console", *arguments, ALONG],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,  # Ctrl+C at the terminal is for the console alone
        )
    try:
        yield
    finally:
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def when_left_alone(stop: Callable[[], None]) -> None:
    """Call `stop` from a thread once standard input closes."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        stop()

    threading.Thread(target=wait, daemon=True, name="left alone").start()
