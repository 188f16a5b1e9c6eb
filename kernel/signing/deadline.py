"""Bound the time of work that may never end: a broken or hostile file can lead a parser in circles."""

from __future__ import annotations

import ctypes
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Overdue", "within"]

T = TypeVar("T")
_GRACE = 0.05
_ATTEMPTS = 20


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

    def run(self) -> None:
        try:
            self.result.append(self.work())
        except _Stop:
            return
        except BaseException as problem:  # noqa: BLE001  # carried over to the caller's thread
            self.problem = problem

    def stop(self) -> None:
        """Raise `_Stop` in the thread at its next byte code, again where it was caught, a second in all."""
        for _ in range(_ATTEMPTS):
            if self.ident is None or not self.is_alive():
                return
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident), ctypes.py_object(_Stop))
            self.join(_GRACE)


def within(seconds: float, work: Callable[[], T]) -> T:
    """Return what `work` returns. Raises Overdue after `seconds`, and whatever `work` raises."""
    thread = _Work(work)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        thread.stop()
        raise Overdue
    if thread.problem is not None:
        raise thread.problem
    if not thread.result:
        raise Overdue
    return thread.result[0]
