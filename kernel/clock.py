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


def shown(moment: datetime) -> str:
    """Return an aware `moment` as `dd/MM/yyyy HH:mm:ss +07:00`."""
    return f"{local(moment):%d/%m/%Y %H:%M:%S} +07:00"


def day(moment: datetime) -> str:
    """Return the day of an aware `moment` as `dd/MM/yyyy`."""
    return f"{local(moment):%d/%m/%Y}"
