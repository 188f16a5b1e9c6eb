"""What the signer did: a log of every request, and the first result of each, in one SQLite database.

Signatures that wait together are kept together: `keep` writes into one transaction, and `commit` returns when all of it
is on the disk. Only then may an answer leave the process.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from kernel import clock
from kernel.tokens.errors import JournalUnwritable, RequestMismatch, RequestSettled
from kernel.tokens.files import lock_file
from kernel.tokens.shapes import result_from

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kernel.tokens.shapes import SignResult

_NAME = "journal.db"
_OLDER = "results"
"""Folder of results of the first version of this program: a file each."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS log (
    number INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    request TEXT NOT NULL,
    document TEXT NOT NULL,
    purpose TEXT NOT NULL,
    sha256_before TEXT NOT NULL,
    sha256_after TEXT NOT NULL,
    certificate_serial TEXT NOT NULL,
    result TEXT NOT NULL,
    told TEXT,
    made BLOB
);
CREATE UNIQUE INDEX IF NOT EXISTS results ON log (request) WHERE told IS NOT NULL;
"""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log. Never a PIN, never content. `result` is `signed` or the code of an error."""

    request: str
    document: str
    purpose: str
    sha256_before: str
    sha256_after: str
    certificate_serial: str
    result: str


_NAMES = tuple(field.name for field in fields(LogLine))
_COLUMNS = ", ".join(_NAMES)
_INSERT = f"INSERT INTO log (time, {_COLUMNS}, told, made) VALUES ({', '.join('?' * 10)})"  # noqa: S608  # names of this module


class Journal:
    """The log and the results in `folder`, which belongs to one signer process alone.

    Raises SignerElsewhere where another process has it, JournalUnwritable.
    """

    def __init__(self, folder: Path) -> None:
        self._older = folder / _OLDER
        self._owing = False
        self._lost: JournalUnwritable | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise JournalUnwritable(detail=str(error.strerror)) from error
        self._alone = lock_file(folder / "lock")
        with _writing():
            self._database = _opened(folder / _NAME)
        if self._older.is_dir():
            self._take_over()

    def keep(self, line: LogLine, result: SignResult | None = None, fingerprint: str = "") -> None:
        """Add a line to the log, with the present time, and the signature it tells of. Not on disk before `commit`."""
        told = None
        if result is not None:
            told = {**result.told(), "fingerprint": fingerprint, "update_size": len(result.update)}
            del told["repeated"]
        self._insert(clock.now().isoformat(), line, told, result.update if result is not None else None)

    def commit(self) -> None:
        """Wait until everything kept is on the disk. After JournalUnwritable none of it is."""
        lost, self._lost = self._lost, None
        if lost is None and not self._owing:
            return
        self._owing = False
        try:
            if lost is not None:
                raise lost
            self._to_disk()
        except JournalUnwritable:
            if self._database.in_transaction:
                self._database.rollback()
            raise

    def settle(self, request_id: str) -> None:
        """Forget the update of a result that has reached its archive. What was signed stays on record.

        It is on the disk with the next commit: a copy that stays a while does no harm.
        """
        self._change("UPDATE log SET made = NULL WHERE request = ? AND told IS NOT NULL", (request_id,))

    def find(self, request_id: str, fingerprint: str | None = None) -> SignResult | None:
        """Return the first result of `request_id`, None without one.

        Raises RequestMismatch when `fingerprint` is given and was another then, RequestSettled when the update was
        handed over for good, JournalUnwritable for a damaged record.
        """
        with _writing():
            found = self._database.execute(
                "SELECT told, made FROM log WHERE request = ? AND told IS NOT NULL", (request_id,)
            ).fetchone()
        if found is None:
            if _in_older(self._older, request_id):
                raise JournalUnwritable(detail=f"{_OLDER}: {request_id}")
            return None
        try:
            told, update = json.loads(found[0]), found[1]
            first, size = told.pop("fingerprint"), told.pop("update_size")
            result = result_from({**told, "repeated": True}, update or b"")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise JournalUnwritable(detail=f"{request_id}: {type(error).__name__}") from error
        if fingerprint not in {None, first}:
            raise RequestMismatch(request=request_id)
        if not update:
            raise RequestSettled(request=request_id, sha256=result.sha256_after)
        if len(update) != size:
            raise JournalUnwritable(detail=f"{request_id}: size")
        return result

    def close(self) -> None:
        """Write what is settled, and let go of the database."""
        self._owing = self._database.in_transaction
        self.commit()
        self._database.close()

    def _insert(self, time: str, line: LogLine, told: dict[str, Any] | None, update: bytes | None) -> None:
        head = None if told is None else json.dumps(told, ensure_ascii=False)
        self._change(_INSERT, (time, *(getattr(line, name) for name in _NAMES), head, update))
        self._owing = True

    def _to_disk(self) -> None:
        with _writing():
            self._database.execute("COMMIT")

    def _change(self, statement: str, values: tuple[object, ...]) -> None:
        try:
            with _writing():
                if not self._database.in_transaction:
                    self._database.execute("BEGIN IMMEDIATE")
                self._database.execute(statement, values)
        except JournalUnwritable as error:
            # SQLite may have dropped what the transaction held already: all of it is lost
            self._lost = error
            raise

    def _take_over(self) -> None:
        """Bring the results of the first version into the database. One that is damaged stays, and is refused."""
        taken = []
        for file in sorted(self._older.glob("*.signed")):
            try:
                head, _, update = file.read_bytes().partition(b"\n")
                told = json.loads(head)
                line = LogLine(
                    told["request_id"],
                    told["document_id"],
                    told["purpose"],
                    told["sha256_before"],
                    told["sha256_after"],
                    told["certificate_serial"],
                    "signed",
                )
                time = str(told["signed_at"])
            except (OSError, ValueError, TypeError, KeyError):
                continue
            if file == _older_file(self._older, line.request) and not _holds(self._database, line.request):
                self._insert(time, line, told, update)
            taken.append(file)
        self.commit()
        try:
            for file in taken:
                file.unlink()
            if not any(self._older.iterdir()):
                self._older.rmdir()
        except OSError as error:
            raise JournalUnwritable(detail=f"{_OLDER}: {error.strerror}") from error


class Results:
    """Which requests the journal in `folder` has results of: for others than its process, whether it runs or not.

    Thread-safe. Raises JournalUnwritable where it cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._older = folder / _OLDER
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def __contains__(self, request_id: str) -> bool:
        if _in_older(self._older, request_id):
            return True
        with self._lock, _writing():
            if self._database is None and self._path.exists():
                self._database = _opened(self._path, shared=True)
            return self._database is not None and _holds(self._database, request_id)

    def close(self) -> None:
        """Let go of the database."""
        with self._lock, _writing():
            database, self._database = self._database, None
            if database is not None:
                database.close()


def read_log(folder: Path) -> list[LogLine]:
    """Return the log in `folder`, oldest line first. Raises JournalUnwritable."""
    with _writing(), closing(_opened(folder / _NAME)) as database:
        lines = database.execute(f"SELECT {_COLUMNS} FROM log ORDER BY number")  # noqa: S608  # names of this module
        return [LogLine(*line) for line in lines]


def _opened(path: Path, *, shared: bool = False) -> sqlite3.Connection:
    # the files SQLite puts beside it are as private as this one
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=not shared)
    # some builds give every settled result's room back to the system at once, which takes longer than signing
    database.execute("PRAGMA auto_vacuum = NONE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")  # a commit returns when it is on the disk
    database.executescript(_SCHEMA)
    return database


def _holds(database: sqlite3.Connection, request_id: str) -> bool:
    found = database.execute("SELECT 1 FROM log WHERE request = ? AND told IS NOT NULL", (request_id,))
    return found.fetchone() is not None


def _in_older(folder: Path, request_id: str) -> bool:
    return folder.is_dir() and _older_file(folder, request_id).exists()


def _older_file(folder: Path, request_id: str) -> Path:
    return folder / f"{hashlib.sha256(request_id.encode()).hexdigest()}.signed"


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise JournalUnwritable(detail=str(error)) from error
