from __future__ import annotations

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
