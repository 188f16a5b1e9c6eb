"""A terminal for tests: starts a program on a pseudo-terminal, writes bytes to it, reads its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]


class Terminal:
    """A program on its own pseudo-terminal of `columns` by `rows`. Use it as a context manager."""

    def __init__(
        self,
        program: str,
        *arguments: str,
        columns: int = 100,
        rows: int = 30,
        env: Mapping[str, str] | None = None,
        script: bool = False,
    ) -> None:
        """Start `program`, the name of a module or, with `script`, the path of a file."""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = threading.Condition()
        self.output = bytearray()
        self._drawn = 0
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        settings = {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        self._started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-P", *([] if script else ["-m"]), program, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            cwd=ROOT,
            env=os.environ | settings,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                data = b""
            with self._changed:
                if data:
                    self.output += data
                self._changed.notify_all()
            if not data:
                return

    def write(self, data: bytes) -> None:
        """Write bytes as the keyboard would, in one write."""
        os.write(self._master, data)

    @property
    def text(self) -> str:
        """What the screen shows. What was written is drawn only when somebody looks: drawing is slow."""
        with self._changed:
            self._stream.feed(bytes(self.output[self._drawn :]))
            self._drawn = len(self.output)
            return "\n".join(self._screen.display)

    def wait(self, holds: Callable[[], bool], what: str, seconds: float = 20) -> None:
        """Wait until `holds()`; it is asked whenever the program has written something."""
        deadline = time.monotonic() + seconds
        while not holds():
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{what} did not come:\n{self.text}")
            with self._changed:
                self._changed.wait(min(left, 0.02))

    def seconds_until(self, words: bytes, seconds: float = 30) -> float:
        """Return how long after the start `words` were written; they must come as one run of bytes."""
        with self._changed:
            if not self._changed.wait_for(lambda: words in self.output, seconds):
                raise AssertionError(f"{words.decode()} did not come")
            return time.perf_counter() - self._started

    def write_and_wait(self, data: bytes, words: str, seconds: float = 20) -> None:
        """Write bytes and wait until the program has answered with `words`, as one run of bytes."""
        start = len(self.output)
        self.write(data)
        with self._changed:
            if not self._changed.wait_for(lambda: self.output.find(words.encode(), start) >= 0, seconds):
                raise AssertionError(f"{words!r} did not come")

    def wait_for(self, text: str, seconds: float = 20) -> None:
        """Wait until the screen shows `text`."""
        self.wait(lambda: text in self.text, repr(text), seconds)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the program is told as a window manager would."""
        with self._changed:
            self._screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._process.send_signal(signal.SIGWINCH)

    def kill(self) -> None:
        """End the program at once, as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def exit_code(self) -> int:
        """Wait for the end of the program and return its exit code."""
        return self._process.wait(20)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self.kill()
        self._reader.join(5)
        with suppress(OSError):
            os.close(self._master)
