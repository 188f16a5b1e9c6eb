"""A child process that answers frames, with a deadline for every answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from kernel.api.errors import QuayDienError
from kernel.tokens.errors import SignerCrashed, SignerTimeout, from_wire
from kernel.tokens.framing import Frame, FrameError, read_frame, write_frame
from kernel.tokens.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_END_SECONDS = 5.0
_PIPE_SIZE = 1 << 20
AHEAD = 32
"""Requests that are with the child: those it may answer after one wait for the disk, and as many to go on with."""

Asked = tuple[Mapping[str, Any], Sequence[bytes]]
"""Fields and parts of a request."""


class Child:
    """`python -P -m module arguments…`, asked one frame at a time by one thread at a time."""

    def __init__(self, module: str, arguments: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=descriptor,
                env={**os.environ, **env},
                start_new_session=True,  # Ctrl+C at the terminal is for the console alone
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise SignerCrashed(status=error.strerror or "start") from error
        finally:
            os.close(descriptor)
        self._widen()
        self._watchdog = Watchdog(self._process.kill)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def greet(self, seconds: float) -> None:
        """Wait for the first frame. Raises what the child says, SignerCrashed, SignerTimeout."""
        header, _ = self._within("start", seconds, lambda: None)
        if "error" in header:
            raise from_wire(header["error"])

    def ask(self, verb: str, fields: Mapping[str, Any], parts: Sequence[bytes], seconds: float) -> Frame:
        """Send one request and return its answer. Raises what the child says, SignerCrashed, SignerTimeout."""
        [answer] = self.ask_all(verb, [(fields, parts)], seconds)
        if isinstance(answer, QuayDienError):
            raise answer
        return answer

    def ask_all(
        self, verb: str, asked: Iterable[Asked], seconds: float, ahead: int = AHEAD
    ) -> Iterator[Frame | QuayDienError]:
        """Send requests ahead of their answers, and yield each answer, or what the child says is wrong, in order.

        At most `ahead` are with the child; the others are taken from `asked` as answers come. `seconds` is what an
        answer may take after the one before it. Raises SignerCrashed and SignerTimeout.
        """
        stream = self._process.stdin
        assert stream is not None  # noqa: S101  # Popen was given a pipe
        waiting = iter(asked)
        unanswered = 0

        def send(some: Iterable[Asked]) -> None:
            nonlocal unanswered
            for fields, parts in some:
                write_frame(stream, {**fields, "verb": verb}, parts)
                unanswered += 1

        while True:
            following = list(islice(waiting, 1))
            if not unanswered and not following:
                return
            more = islice(waiting, max(ahead - unanswered - 1, 0)) if following else ()
            header, parts = self._within(verb, seconds, partial(send, chain(following, more)))
            unanswered -= 1
            yield from_wire(header["error"]) if "error" in header else (header, parts)

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._reap()

    def close(self) -> None:
        """Let the process end by itself, and make it end when it does not."""
        try:
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process.wait(_END_SECONDS)
        except (subprocess.TimeoutExpired, OSError):
            self._process.kill()
        self._reap()

    def _within(self, verb: str, seconds: float, send: Callable[[], None]) -> Frame:
        stream = self._process.stdout
        assert stream is not None  # noqa: S101  # Popen was given a pipe
        try:
            with self._watchdog.within(seconds):
                send()
                answer = read_frame(stream)
        except (FrameError, OSError, ValueError):
            answer = None
        if answer is None:
            self.kill()
            if self._watchdog.bitten:
                raise SignerTimeout(verb=verb, seconds=round(seconds))
            raise SignerCrashed(status=_status(self._process.returncode))
        return answer

    def _widen(self) -> None:
        """Let a whole document into a pipe at once, as far as the system allows."""
        if sys.platform == "linux":
            import fcntl

            for stream in filter(None, (self._process.stdin, self._process.stdout)):
                with suppress(OSError):
                    fcntl.fcntl(stream, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)

    def _reap(self) -> None:
        self._watchdog.end()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue


def _status(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return str(code)
    return str(code)
