"""What is remembered of the time-stamping authorities: time stamps used, failures, sizes seen. Survives a power cut.

A small SQLite file of its own: every process of this machine counts against the same quota, and a number is on the
disk before the request it counts leaves.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kernel.api.text import Text
from kernel.errors import DatabaseUnavailable, StorageFull

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

__all__ = ["Health", "Record", "Use"]

LONGEST_REST = timedelta(hours=1)
_WAIT_SECONDS = 10
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS used (authority TEXT, day TEXT, count INTEGER, PRIMARY KEY (authority, day))",
    """CREATE TABLE IF NOT EXISTS health (authority TEXT PRIMARY KEY, failures INTEGER DEFAULT 0, failed_at TEXT,
    failure_vi TEXT, failure_en TEXT, rests_until TEXT, answered_at TEXT, largest INTEGER DEFAULT 0)""",
)


@dataclass(frozen=True, slots=True)
class Use:
    """Time stamps asked for on a day and in its month."""

    day: int
    month: int


@dataclass(frozen=True, slots=True)
class Health:
    """`failures` in a row, the last of them, until when the authority is left alone, the largest token it gave."""

    failures: int = 0
    failure: Text | None = None
    failed_at: datetime | None = None
    rests_until: datetime | None = None
    answered_at: datetime | None = None
    largest: int = 0


class Record:
    """The file. Safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet: a broken file stops time stamps, not the counter."""
        self._path = path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one change, kept whole or not at all. Raises DatabaseUnavailable and StorageFull."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise StorageFull(path=self._path.parent, detail=problem.strerror) from problem
        try:
            with closing(sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None)) as database:
                database.execute("PRAGMA synchronous = FULL")
                for statement in _SCHEMA:
                    database.execute(statement)
                database.execute("BEGIN IMMEDIATE")
                yield database
                database.execute("COMMIT")
        except sqlite3.Error as problem:
            kind = getattr(problem, "sqlite_errorname", "")
            if kind in ("SQLITE_FULL", "SQLITE_READONLY"):
                raise StorageFull(path=self._path, detail=problem) from problem
            raise DatabaseUnavailable(url=self._path, detail=f"{self._path}: {problem}") from problem

    def used(self, authority: str, day: date) -> Use:
        """Return what was used on `day` and in its month."""
        with self._open() as database:
            return _used(database, authority, day)

    def take(self, authority: str, day: date, limits: tuple[int | None, int | None]) -> Use | None:
        """Count one time stamp and return None; return what was used where a limit (day, month) is reached."""
        with self._open() as database:
            use = _used(database, authority, day)
            if any(
                limit is not None and used >= limit for used, limit in zip((use.day, use.month), limits, strict=True)
            ):
                return use
            database.execute(
                "INSERT INTO used VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
                (authority, day.isoformat()),
            )
            return None

    def give_back(self, authority: str, day: date) -> None:
        """Take one off again: its request never left."""
        with self._open() as database:
            database.execute(
                "UPDATE used SET count = count - 1 WHERE authority = ? AND day = ?", (authority, day.isoformat())
            )

    def health(self, authority: str) -> Health:
        """Return what is remembered of an authority."""
        with self._open() as database:
            row = database.execute(
                "SELECT failures, failure_vi, failure_en, failed_at, rests_until, answered_at, largest"
                " FROM health WHERE authority = ?",
                (authority,),
            ).fetchone()
        if row is None:
            return Health()
        failures, vi, en, failed, until, answered, largest = row
        return Health(
            failures, Text(vi, en) if vi else None, _moment(failed), _moment(until), _moment(answered), largest
        )

    def failed(self, authority: str, at: datetime, failure: Text, rest: timedelta) -> None:
        """Note a failure: the authority rests for `rest`, doubled for each failure before it, up to an hour."""
        with self._open() as database:
            _row(database, authority)
            [before] = database.execute("SELECT failures FROM health WHERE authority = ?", (authority,)).fetchone()
            until = at + min(rest * 2 ** min(before, 12), LONGEST_REST)
            database.execute(
                "UPDATE health SET failures = failures + 1, failed_at = ?, failure_vi = ?, failure_en = ?,"
                " rests_until = ? WHERE authority = ?",
                (at.isoformat(), failure.vi, failure.en, until.isoformat(), authority),
            )

    def answered(self, authority: str, at: datetime, size: int) -> None:
        """Note a right answer of `size` bytes: the authority is well again; its last failure stays readable."""
        with self._open() as database:
            _row(database, authority)
            database.execute(
                "UPDATE health SET failures = 0, rests_until = NULL, answered_at = ?, largest = max(largest, ?)"
                " WHERE authority = ?",
                (at.isoformat(), size, authority),
            )


def _row(database: sqlite3.Connection, authority: str) -> None:
    database.execute("INSERT OR IGNORE INTO health (authority) VALUES (?)", (authority,))


def _used(database: sqlite3.Connection, authority: str, day: date) -> Use:
    found = database.execute(
        "SELECT coalesce(sum(count) FILTER (WHERE day = ?), 0), coalesce(sum(count), 0)"
        " FROM used WHERE authority = ? AND day LIKE ?",
        (day.isoformat(), authority, f"{day:%Y-%m}-%"),
    ).fetchone()
    return Use(*found)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
