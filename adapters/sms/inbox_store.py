"""The practice inbox in one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from datetime import datetime

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, gateway_id TEXT NOT NULL, phone TEXT NOT NULL,
    sender TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL, times INTEGER NOT NULL DEFAULT 1
)
"""
_COLUMNS = "id, gateway_id, phone, sender, text, at, times"


@dataclass(frozen=True, slots=True)
class Received:
    """A message on a customer's phone. `at` is ISO 8601 in UTC; `times` counts how often the same id came."""

    id: str
    gateway_id: str
    phone: str
    sender: str
    text: str
    at: str
    times: int


@dataclass(frozen=True, slots=True)
class InboxStore:
    """All writing happens in one transaction a call."""

    path: Path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=10)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            with connection:
                yield connection

    def prepare(self) -> None:
        """Make the table."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as connection:
            connection.execute(_SCHEMA)

    def receive(self, message_id: str, phone: str, sender: str, text: str, at: datetime) -> str:
        """Keep a message and return the gateway's id. The same `message_id` again is counted, not kept anew."""
        gateway_id = uuid4().hex
        with self._open() as connection:
            kept = connection.execute(
                "INSERT INTO message (id, gateway_id, phone, sender, text, at) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET times = times + 1 RETURNING gateway_id",
                (message_id or gateway_id, gateway_id, phone, sender, text, at.isoformat()),
            )
            return str(kept.fetchone()[0])

    def find(self, message_id: str) -> Received | None:
        """Return the message with our id."""
        with self._open() as connection:
            row = connection.execute(f"SELECT {_COLUMNS} FROM message WHERE id = ?", (message_id,)).fetchone()  # noqa: S608  constant columns
            return Received(*row) if row else None

    def messages(self) -> list[Received]:
        """Return all messages, oldest first."""
        with self._open() as connection:
            return [Received(*row) for row in connection.execute(f"SELECT {_COLUMNS} FROM message ORDER BY number")]  # noqa: S608  constant columns
