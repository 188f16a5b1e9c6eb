"""The only source of the present moment, so that tests and replays can set it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """Return an aware `moment` in Vietnamese time (+07:00)."""
    return moment.astimezone(VIETNAM)
