"""Working days and working hours of the branch, from `holidays.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import count
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off, days made up, and the periods of a working day, in Vietnamese time.

    `years` have a table of their own; in other years only `every_year` (month, day) counts as a holiday.
    """

    off: frozenset[date]
    make_up: frozenset[date]
    every_year: frozenset[tuple[int, int]]
    periods: tuple[tuple[time, time], ...]
    years: frozenset[int]

    def covers(self, day: date) -> bool:
        """Whether the year of `day` has its own table."""
        return day.year in self.years

    def is_working(self, day: date) -> bool:
        """Whether the branch works on `day`."""
        if day in self.make_up:
            return True
        if day in self.off or day.weekday() >= 5:
            return False
        return self.covers(day) or (day.month, day.day) not in self.every_year

    def day_end(self, day: date) -> datetime:
        """Return the close of business on `day`, aware."""
        return datetime.combine(day, self.periods[-1][1], VIETNAM)

    def add_days(self, start: date, days: int) -> date:
        """Return the working day that is `days` working days after `start`, which itself does not count."""
        day = start
        for _ in range(days):
            day = next(later for step in count(1) if self.is_working(later := day + step * _DAY))
        return day

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Return the working minutes from `start` to `end`, both aware; negative when `end` is the earlier."""
        if end < start:
            return -self.minutes_between(end, start)
        first, last = start.astimezone(VIETNAM), end.astimezone(VIETNAM)
        seconds = 0.0
        for offset in range((last.date() - first.date()).days + 1):
            day = first.date() + offset * _DAY
            if not self.is_working(day):
                continue
            for opens, closes in self.periods:
                begin = max(first, datetime.combine(day, opens, VIETNAM))
                finish = min(last, datetime.combine(day, closes, VIETNAM))
                seconds += max(0.0, (finish - begin).total_seconds())
        return int(seconds // 60)

    def add_minutes(self, start: datetime, minutes: int) -> datetime:
        """Return the moment `minutes` working minutes after `start` (aware, Vietnamese time)."""
        moment, left = start.astimezone(VIETNAM), timedelta(minutes=minutes)
        if not left:
            return moment
        for offset in count():
            day = moment.date() + offset * _DAY
            if not self.is_working(day):
                continue
            for opens, closes in self.periods:
                begin = max(moment, datetime.combine(day, opens, VIETNAM))
                room = datetime.combine(day, closes, VIETNAM) - begin
                if room >= left:
                    return begin + left
                left -= max(room, timedelta())
        raise AssertionError  # count() never ends


@cache
def branch_calendar() -> Calendar:
    """Return the calendar that comes with the program."""
    return calendar_from(files(__package__).joinpath("holidays.toml").read_text("utf-8"))


def calendar_from(text: str) -> Calendar:
    """Return the calendar a table in TOML describes; a branch may bring its own."""
    data = tomllib.loads(text)
    years = data["years"]
    month_days = (day.split("-") for day in data["every_year"]["off"])
    return Calendar(
        off=frozenset(day for table in years.values() for day in table["off"]),
        make_up=frozenset(day for table in years.values() for day in table["make_up"]),
        every_year=frozenset((int(month), int(day)) for month, day in month_days),
        periods=tuple(
            (time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in data["hours"]["periods"]
        ),
        years=frozenset(int(year) for year in years),
    )
