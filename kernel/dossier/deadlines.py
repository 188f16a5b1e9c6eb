"""When a dossier is due, by the service target in force on the day its complete file came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.dossier.working_time import VIETNAM, Calendar, branch_calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from kernel.api.fields import Value
    from kernel.api.services import Deadline, Service
    from kernel.dossier.records import Wait


def target(service: Service, received: date, values: Mapping[str, Value]) -> Deadline | None:
    """Return the row that counts: of the newest generation in force, the first whose condition holds.

    `values` are what conditions look at (`progress.answers`).
    """
    in_force = [row for row in service.deadlines if row.valid_from <= received]
    newest = max((row.valid_from for row in in_force), default=None)
    return next(
        (row for row in in_force if row.valid_from == newest and (row.when is None or row.when.holds(values))), None
    )


def due(
    service: Service,
    values: Mapping[str, Value],
    received_at: datetime,
    waits: Iterable[Wait],
    calendar: Calendar | None = None,
) -> datetime | None:
    """Return when the dossier is due (aware, +07:00), None where the service has no target.

    The close of business of the last working day, the day of receipt not counted (Bộ luật Dân sự 2015, Điều 147),
    moved on by the working time the customer kept it waiting. `received_at` is aware.
    """
    used = calendar or branch_calendar()
    received = received_at.astimezone(VIETNAM).date()
    row = target(service, received, values)
    if row is None:
        return None
    plain = used.day_end(used.add_days(received, row.working_days))
    return used.add_minutes(plain, waited_minutes(waits, used))


def waited_minutes(waits: Iterable[Wait], calendar: Calendar) -> int:
    """Return the working minutes of the waits that are over."""
    return sum(calendar.minutes_between(wait.since, wait.until) for wait in waits if wait.until is not None)


def working_minutes_left(
    now: datetime, due_at: datetime, waits: Iterable[Wait] = (), calendar: Calendar | None = None
) -> int:
    """Return the working minutes until `due_at`, negative when overdue; the clock stands during an open wait."""
    moment = min((now, *(wait.since for wait in waits if wait.until is None)))
    return (calendar or branch_calendar()).minutes_between(moment, due_at)
