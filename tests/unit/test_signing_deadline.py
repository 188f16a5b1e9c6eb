from __future__ import annotations

import sys
import threading
import time

import pytest

from kernel.signing.deadline import Overdue, within


def test_what_ends_in_time_is_returned() -> None:
    assert within(30, lambda: "xong") == "xong"


def test_its_own_error_comes_back() -> None:
    def broken() -> None:
        raise KeyError("Ệ")

    with pytest.raises(KeyError):
        within(30, broken)


def test_work_without_end_is_stopped_even_if_it_swallows_errors() -> None:
    running = threading.Event()

    def endless() -> None:
        while True:
            try:
                running.set()
                time.perf_counter()
            except Exception:  # noqa: BLE001, S110  # as a parser might
                pass

    before = threading.active_count()
    with pytest.raises(Overdue):
        within(0.05, endless)
    assert running.is_set()
    assert threading.active_count() == before


def test_deep_recursion_is_allowed_inside_and_only_there() -> None:
    def depth(left: int) -> int:
        return 0 if left == 0 else 1 + depth(left - 1)

    before = sys.getrecursionlimit()
    assert within(30, lambda: depth(4000)) == 4000
    assert sys.getrecursionlimit() == before
    with pytest.raises(RecursionError):
        within(30, lambda: depth(100_000))
    assert sys.getrecursionlimit() == before
