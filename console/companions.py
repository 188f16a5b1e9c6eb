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

END_SECONDS = 10
LONGEST_PAUSE = 30


@contextmanager
def companion(arguments: Sequence[str], *, log: Path) -> Iterator[None]:
    """Run `quaydien ARGUMENTS --along` until the block is left, or until this process dies; again when it crashes."""
    log.parent.mkdir(parents=True, exist_ok=True)
    leaving = threading.Event()
    started = [_start(arguments, log)]
    lock = threading.Lock()

    def watch() -> None:
        pause = 1
        while started[-1].wait() != 0 and not leaving.wait(pause):
            pause = min(pause * 2, LONGEST_PAUSE)
            with lock:
                if not leaving.is_set():
                    started.append(_start(arguments, log))

    threading.Thread(target=watch, daemon=True, name=f"watch {arguments[0]}").start()
    try:
        yield
    finally:
        with lock:
            leaving.set()
        _end(started[-1])


def _start(arguments: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as errors:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "console", *arguments, ALONG],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,  # Ctrl+C at the terminal is for the console alone
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(END_SECONDS)
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
