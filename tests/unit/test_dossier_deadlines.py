from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.dossier.deadlines import due, working_minutes_left
from kernel.dossier.records import Wait
from kernel.dossier.working_time import VIETNAM, branch_calendar
from plugins.services.cap_dien_ha_ap import SERVICE

CALENDAR = branch_calendar()
DAY_MINUTES = 8 * 60
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1), timezones=st.just(VIETNAM))


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 11, 24), False),
        (date(2026, 11, 28), False),
        (date(2026, 2, 17), False),
        (date(2026, 8, 22), True),
        (date(2026, 8, 31), False),
        (date(2027, 2, 11), False),
        (date(2027, 2, 12), True),
        (date(2030, 9, 2), False),
        (date(2030, 9, 3), True),
    ],
)
def test_working_days(day: date, works: bool) -> None:
    assert CALENDAR.is_working(day) is works


def test_the_table_is_sound() -> None:
    assert CALENDAR.years == {2025, 2026, 2027}
    assert all(day.weekday() < 5 for day in CALENDAR.off)
    assert all(day.weekday() >= 5 for day in CALENDAR.make_up)
    # Bộ luật Lao động 2019, Điều 112: eleven days, those on weekends are taken on working days
    for year in (2025, 2026, 2027):
        exchanged = sum(day.year == year for day in CALENDAR.make_up)
        assert 11 <= sum(day.year == year for day in CALENDAR.off) - exchanged <= 12


def test_minutes_of_a_day() -> None:
    assert CALENDAR.minutes_between(at("23/11/2026 00:00"), at("23/11/2026 23:59")) == DAY_MINUTES
    assert CALENDAR.minutes_between(at("23/11/2026 11:00"), at("23/11/2026 13:30")) == 60
    assert CALENDAR.minutes_between(at("27/11/2026 16:00"), at("30/11/2026 08:00")) == 90
    assert CALENDAR.minutes_between(at("24/11/2026 08:00"), at("24/11/2026 16:00")) == 0


def test_due_skips_the_day_of_receipt_weekends_and_holidays() -> None:
    # Monday; Tuesday is the Day of Vietnamese Culture, then Wed Thu Fri, Mon Tue
    assert due(SERVICE, {}, at("23/11/2026 09:00"), ()) == at("01/12/2026 17:00")
    assert due(SERVICE, {}, at("23/11/2026 23:30"), ()) == at("01/12/2026 17:00")
    assert due(SERVICE, {"them_luoi": True}, at("23/11/2026 09:00"), ()) == at("03/12/2026 17:00")
    assert due(SERVICE, {}, at("13/02/2026 09:00"), ()) == at("27/02/2026 17:00")


def test_the_day_of_receipt_is_the_vietnamese_one() -> None:
    # 18:00 UTC on the 22nd is 01:00 on the 23rd in Vietnam
    assert due(SERVICE, {}, datetime(2026, 11, 22, 18, 0, tzinfo=UTC), ()) == at("01/12/2026 17:00")


def test_waiting_for_the_customer_moves_the_due_time() -> None:
    waits = (Wait(at("25/11/2026 15:00"), at("26/11/2026 09:30")),)
    assert due(SERVICE, {}, at("23/11/2026 09:00"), waits) == at("02/12/2026 11:30")
    night = (Wait(at("25/11/2026 17:30"), at("26/11/2026 07:00")),)
    assert due(SERVICE, {}, at("23/11/2026 09:00"), night) == at("01/12/2026 17:00")


def test_no_target_no_due_time() -> None:
    assert due(SERVICE, {}, at("04/01/2016 09:00"), ()) is None


def test_minutes_left() -> None:
    end = at("01/12/2026 17:00")
    assert working_minutes_left(at("01/12/2026 15:00"), end) == 120
    assert working_minutes_left(at("02/12/2026 08:30"), end) == -60
    assert working_minutes_left(end, end) == 0
    waits = (Wait(at("30/11/2026 15:00")),)
    assert working_minutes_left(at("20/12/2026 15:00"), end, waits) == 120 + DAY_MINUTES


@given(moments, moments)
def test_minutes_are_the_same_in_both_directions(one: datetime, other: datetime) -> None:
    assert CALENDAR.minutes_between(one, other) == -CALENDAR.minutes_between(other, one)


@given(moments.map(lambda moment: moment.replace(second=0, microsecond=0)), st.integers(0, 20 * DAY_MINUTES))
def test_added_minutes_are_between(start: datetime, minutes: int) -> None:
    end = CALENDAR.add_minutes(start, minutes)
    assert CALENDAR.minutes_between(start, end) == minutes
    if minutes:
        assert CALENDAR.is_working((end - timedelta(seconds=1)).date())


@given(st.dates(date(2025, 1, 1), date(2027, 11, 1)), st.integers(1, 15))
def test_added_days_are_working_days(start: date, days: int) -> None:
    end = CALENDAR.add_days(start, days)
    between = [start + timedelta(days=offset) for offset in range(1, (end - start).days + 1)]
    assert sum(CALENDAR.is_working(day) for day in between) == days
    assert CALENDAR.is_working(end)
