"""Dates as they are typed in Vietnam: day, month, year."""

from __future__ import annotations

import re
from datetime import date

from kernel.api.findings import Checked, refused, warning

_TYPED = re.compile(r"([0-9]{1,2})\s*([/.\-])\s*([0-9]{1,2})\s*\2\s*([0-9]{4}|[0-9]{2})")
_FAST = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4}|[0-9]{2})")
_OLDEST, _NEWEST = 1900, 2199


def read_date(typed: str) -> Checked[date]:
    """Read `dd/MM/yyyy`, `d/M/yyyy`, `ddMMyyyy`, `ddMMyy`; dots and hyphens too.

    Two digits of a year mean 1950-2049 and give a warning that names the year.
    """
    text = typed.strip()
    if found := _TYPED.fullmatch(text):
        day, month, years = int(found[1]), int(found[3]), found[4]
    elif found := _FAST.fullmatch(text):
        day, month, years = int(found[1]), int(found[2]), found[3]
    else:
        return refused("date_unreadable", typed=text[:20])
    year, short = int(years), len(years) == 2
    if short:
        year += 1900 if year >= 50 else 2000
    if not _OLDEST <= year <= _NEWEST:
        return refused("date_year", year=str(year))
    try:
        value = date(year, month, day)
    except ValueError:
        return refused("date_impossible", typed=text[:20])
    return Checked(value, (warning("date_short_year", date=f"{value:%d/%m/%Y}"),) if short else ())
