"""A deadline for one piece of work after the other, kept by one thread for all of them."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_LOOK_SECONDS = 60.0


class Watchdog:
    """Calls `bite` once when work takes too long. Starting a timer's thread for each call takes longer than a call."""

    def __init__(self, bite: Callable[[], None]) -> None:
        self.bitten = False
        self._bite = bite
        self._changed = threading.Condition()
        self._until: float | None = None
        self._wakes = 0.0
        """When the thread looks again by itself; before it starts, at once."""
        self._ended = False
        self._thread: threading.Thread | None = None

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Give the work inside so many seconds."""
        until = time.monotonic() + seconds
        with self._changed:
            self._until = until
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True, name="watchdog")
                self._thread.start()
            elif until < self._wakes:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._until = None

    def end(self) -> None:
        """Let the thread go."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._ended:
                now = time.monotonic()
                if self._until is not None and self._until <= now:
                    self.bitten, self._ended = True, True
                    break
                # it sleeps on past the end of the work: waking it each time would cost what it saves
                self._wakes = now + _LOOK_SECONDS if self._until is None else self._until
                self._changed.wait(self._wakes - now)
        if self.bitten:
            self._bite()
