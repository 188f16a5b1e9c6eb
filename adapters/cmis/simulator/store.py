"""The simulator's state in one SQLite file: it outlives restarts and SIGKILL."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from adapters.cmis.simulator.customers import Record
    from adapters.cmis.simulator.seed import Seed

_SCHEMA = """
CREATE TABLE IF NOT EXISTS request (
    code TEXT PRIMARY KEY, unit TEXT NOT NULL, tech_id TEXT UNIQUE, records TEXT NOT NULL,
    contract TEXT UNIQUE, ended INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS progress (id INTEGER PRIMARY KEY, code TEXT NOT NULL, row TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS upload (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL, type TEXT NOT NULL, sha256 TEXT NOT NULL, content BLOB NOT NULL,
    times INTEGER NOT NULL DEFAULT 1, UNIQUE (code, type, sha256)
);
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
_FIRST = {"request": 3957600, "customer": 131264, "contract": 122}


class Refusal(Exception):
    """CMIS's no, in its words."""


@dataclass(frozen=True, slots=True)
class Store:
    """All writing happens in one transaction a call."""

    path: Path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=10, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def prepare(self, seed: Seed) -> None:
        """Make the tables, and the first requests if there are none yet."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(_SCHEMA)
        with self._open() as connection:
            if connection.execute("SELECT count(*) FROM counter").fetchone()[0]:
                return
            connection.executemany("INSERT INTO counter VALUES (?, ?)", _FIRST.items())
            for records in seed.requests:
                self._insert(connection, seed.unit["MA_DVIQLY"], records, None)

    def register(self, unit: str, records: dict[str, list[Record]], tech_id: str) -> str:
        """Store a new request under a new code; the code it already has where `tech_id` came before."""
        with self._open() as connection:
            known = connection.execute("SELECT code FROM request WHERE tech_id = ?", (tech_id,)).fetchone()
            return known[0] if known else self._insert(connection, unit, records, tech_id)

    def _insert(
        self, connection: sqlite3.Connection, unit: str, records: dict[str, list[Record]], tech_id: str | None
    ) -> str:
        code = f"GC{_next(connection, 'request')}"
        customer = f"{unit}{_next(connection, 'customer'):07d}"
        progress = records.get("DV_TIEN_TRINH", [])
        kept = {
            name: [{**row, "MA_DVIQLY": unit, "MA_YCAU_KNAI": code} for row in rows]
            for name, rows in records.items()
            if name != "DV_TIEN_TRINH"
        }
        for row in kept.get("DV_YEU_CAU", []) + kept.get("DV_TIEN_TNHAN", []):
            row.update(MA_KHANG=customer, TECH_ID=tech_id)
        for number, row in enumerate(kept.get("CD_DDO_DDIEN", []), 1):
            row["MA_DDO_DDIEN"] = f"{customer}{number:03d}"
        connection.execute(
            "INSERT INTO request (code, unit, tech_id, records) VALUES (?, ?, ?, ?)",
            (code, unit, tech_id, _json(kept)),
        )
        for row in progress:
            connection.execute("INSERT INTO progress (code, row) VALUES (?, ?)", (code, _json(row)))
        return code

    def requests(self, unit: str, code: str | None) -> list[dict[str, list[Record]]]:
        """Return the records of one request of the unit, or of all it has received and not ended."""
        query = "SELECT code, records FROM request WHERE unit = ? AND "
        with self._open() as connection:
            if code is None:
                found = connection.execute(query + "ended = 0 ORDER BY rowid", (unit,)).fetchall()
            else:
                found = connection.execute(query + "code = ?", (unit, code)).fetchall()
            return [{**json.loads(records), "DV_TIEN_TRINH": _progress(connection, own)} for own, records in found]

    def add_progress(self, unit: str, code: str, row: Record) -> None:
        """Append a progress row; the row without a following step ends the request."""
        with self._open() as connection:
            _must_know(connection, unit, code)
            connection.execute("INSERT INTO progress (code, row) VALUES (?, ?)", (code, _json(row)))
            if row.get("NGAY_KTHUC") and not row.get("MA_CVIECTIEP") and not row.get("MA_TNGAI"):
                connection.execute("UPDATE request SET ended = 1 WHERE code = ?", (code,))

    def progress(self, unit: str, code: str) -> list[Record]:
        """Return the progress rows of a request, oldest first."""
        with self._open() as connection:
            _must_know(connection, unit, code)
            return _progress(connection, code)

    def upload(self, unit: str, code: str, file_type: str, content: bytes) -> None:
        """Store a file and count how often these very bytes came."""
        digest = hashlib.sha256(content).hexdigest()
        with self._open() as connection:
            _must_know(connection, unit, code)
            connection.execute(
                "INSERT INTO upload (code, type, sha256, content) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (code, type, sha256) DO UPDATE SET times = times + 1",
                (code, file_type, digest, content),
            )

    def file_types(self, unit: str, code: str) -> list[str]:
        """Return the types of the files a request holds."""
        with self._open() as connection:
            _must_know(connection, unit, code)
            found = connection.execute("SELECT DISTINCT type FROM upload WHERE code = ? ORDER BY type", (code,))
            return [row[0] for row in found]

    def file(self, unit: str, code: str, file_type: str) -> bytes | None:
        """Return the newest file of a type."""
        with self._open() as connection:
            _must_know(connection, unit, code)
            found = connection.execute(
                "SELECT content FROM upload WHERE code = ? AND type = ? ORDER BY id DESC LIMIT 1", (code, file_type)
            ).fetchone()
            return found[0] if found else None

    def contract(self, unit: str, code: str, today: date) -> str:
        """Return the contract number of a request, issued at the first asking."""
        with self._open() as connection:
            _must_know(connection, unit, code)
            known, records = connection.execute(
                "SELECT contract, records FROM request WHERE code = ?", (code,)
            ).fetchone()
            if known:
                return str(known)
            number = f"{today:%y}/{_next(connection, 'contract'):06d}"
            held = json.loads(records)
            for row in held.get("CD_KHANG_LIENHE", []):
                row["MA_HDONG"] = number
            connection.execute(
                "UPDATE request SET contract = ?, records = ? WHERE code = ?", (number, _json(held), code)
            )
            return number

    def contract_of(self, number: str) -> str | None:
        """Return the code of the request a contract number was issued to."""
        with self._open() as connection:
            found = connection.execute("SELECT code FROM request WHERE contract = ?", (number,)).fetchone()
            return found[0] if found else None

    def state(self) -> dict[str, Any]:
        """Return everything tests want to see: requests, uploads with counts, progress rows."""
        with self._open() as connection:
            connection.row_factory = sqlite3.Row
            requests = connection.execute("SELECT code, unit, tech_id, contract, ended FROM request ORDER BY rowid")
            uploads = connection.execute(
                "SELECT code AS request, type, sha256, length(content) AS bytes, times FROM upload ORDER BY id"
            )
            progress = connection.execute("SELECT code, row FROM progress ORDER BY id")
            return {
                "requests": [dict(row) for row in requests],
                "uploads": [dict(row) for row in uploads],
                "progress": [{**json.loads(row["row"]), "request": row["code"]} for row in progress],
            }


def _next(connection: sqlite3.Connection, name: str) -> int:
    found = connection.execute("UPDATE counter SET value = value + 1 WHERE name = ? RETURNING value", (name,))
    return int(found.fetchone()[0])


def _must_know(connection: sqlite3.Connection, unit: str, code: str) -> None:
    if not connection.execute("SELECT 1 FROM request WHERE unit = ? AND code = ?", (unit, code)).fetchone():
        raise Refusal(f"Không tìm thấy yêu cầu {code} của đơn vị {unit}")


def _progress(connection: sqlite3.Connection, code: str) -> list[Record]:
    found = connection.execute("SELECT row FROM progress WHERE code = ? ORDER BY id", (code,))
    return [json.loads(row[0]) for row in found]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
