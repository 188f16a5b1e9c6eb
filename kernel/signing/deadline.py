"""Bound the time of work that may never end: a broken or hostile file can lead a parser in circles."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Overdue", "within"]

T = TypeVar("T")
_GRACE = 0.05
_ATTEMPTS = 20
_DEPTH = 6_000
"""Calls inside calls; what C code needs for each fits an ordinary stack too, for other threads run meanwhile."""
_STACK = 64 * 1024 * 1024


_lock = threading.Lock()
_usual_depths: list[int] = []


@contextmanager
def _deep() -> Iterator[None]:
    """Allow deep recursion until the last of those inside has left."""
    with _lock:
        _usual_depths.append(_usual_depths[0] if _usual_depths else sys.getrecursionlimit())
        sys.setrecursionlimit(max(_usual_depths[0], _DEPTH))
    try:
        yield
    finally:
        with _lock:
            usual = _usual_depths.pop()
            if not _usual_depths:
                sys.setrecursionlimit(usual)


class Overdue(Exception):
    """The work did not end in time."""


class _Stop(BaseException):
    """Raised inside the work; no `except Exception` on its way swallows it."""


class _Work(threading.Thread, Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        super().__init__(name="deadline", daemon=True)
        self.work = work
        self.result: list[T] = []
        self.problem: BaseException | None = None
        self.clock: int | None = None

    def run(self) -> None:
        if hasattr(time, "pthread_getcpuclockid"):
            # asked here, where the thread surely lives: for one that has ended the C library may crash
            self.clock = time.pthread_getcpuclockid(threading.get_ident())
        try:
            self.result.append(self.work())
        except _Stop:
            return
        except BaseException as problem:  # noqa: BLE001  # carried over to the caller's thread
            self.problem = problem

    def used(self) -> float | None:
        """Return the processor seconds used so far, None where the system does not say."""
        try:
            return None if self.clock is None else time.clock_gettime(self.clock)
        except OSError:
            return None

    def wait(self, seconds: float, patience: float) -> None:
        """Wait for the end, at most `seconds` of processor time and `patience` times as much by the clock."""
        started = time.monotonic()
        while self.is_alive():
            passed = time.monotonic() - started
            used = self.used()
            left = seconds - (passed if used is None or passed > seconds * patience else used)
            if left <= 0:
                return
            self.join(max(left, _GRACE / 5))

    def stop(self) -> None:
        """Raise `_Stop` in the thread at its next byte code, again where it was caught, a second in all."""
        for _ in range(_ATTEMPTS):
            if self.ident is None or not self.is_alive():
                return
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident), ctypes.py_object(_Stop))
            self.join(_GRACE)


def within(seconds: float, work: Callable[[], T], *, patience: float = 5.0) -> T:
    """Return what `work` returns. Raises Overdue after `seconds`, and whatever `work` raises.

    On a busy machine the work may take `patience` times longer by the clock, if it had no more of the processor.

    The work runs in a thread of its own with a stack for deep recursion: pyHanko follows a list of bookmarks by
    calling itself, once for each.
    """
    thread = _Work(work)
    with _deep():
        usual = threading.stack_size(_STACK)
        try:
            thread.start()
        finally:
            threading.stack_size(usual)
        thread.wait(seconds, patience)
        if thread.is_alive():
            thread.stop()
            raise Overdue
    if thread.problem is not None:
        raise thread.problem
    if not thread.result:
        raise Overdue
    return thread.result[0]
