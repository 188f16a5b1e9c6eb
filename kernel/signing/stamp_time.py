"""The time on a visible stamp: date, time and zone by ISO 8601, as 2026-11-24 14:05:31 +07:00.

NĐ 30/2020/NĐ-CP, Phụ lục I wants them in this order, in Vietnamese time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.clock import local

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["MODEL_DAY", "MODEL_HOUR", "stamp_time"]

MODEL_DAY = "0123-45-67"
MODEL_HOUR = "89:01:23 +07:00"
"""Drawn in place of a time: every letter a time can have is among them."""


def stamp_time(at: datetime) -> tuple[str, str]:
    """Return the day and the hour of an aware moment in Vietnamese time, letter for letter as long as the model."""
    day, _, hour = local(at).isoformat(timespec="seconds").partition("T")
    return day, f"{hour[:8]} {hour[8:]}"
