"""How moments and times are written for the clerk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.clock import local

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Protocol

    from console.desk import QueueRow

    class Say(Protocol):
        def __call__(self, key: str, **facts: object) -> str: ...


HOURS_A_DAY = 8
"""Working hours of a day: `minutes_left` counts working minutes."""


def moment_text(moment: datetime) -> str:
    """Return `moment` as dd/MM/yyyy HH:MM, Vietnamese time."""
    return f"{local(moment):%d/%m/%Y %H:%M}"


def clock_text(moment: datetime) -> str:
    """Return `moment` as HH:MM:SS, Vietnamese time."""
    return f"{local(moment):%H:%M:%S}"


def time_left(row: QueueRow, words: Say) -> str:
    """Return the working time left in words, with a sign for what is late or waits for the customer or for CMIS."""
    minutes = row.minutes_left
    if row.waiting or row.registering:
        return f"… {words('time.waiting' if row.waiting else 'time.registering')}"
    if minutes is None:
        return "-"
    sign = "!-" if minutes < 0 else " "
    size = abs(minutes)
    if size >= HOURS_A_DAY * 60:
        return f"{sign}{words('time.days', count=size // (HOURS_A_DAY * 60))}"
    if size >= 60:
        return f"{sign}{words('time.hours', count=size // 60)}"
    return f"{sign}{words('time.minutes', count=size)}"


def countdown(seconds: float) -> str:
    """Return `seconds` as M:SS, never below 0:00."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"
