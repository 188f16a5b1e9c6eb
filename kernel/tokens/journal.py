"""What the signer did: an append-only log, and the first result of every request id."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel import clock
from kernel.tokens.errors import JournalUnwritable, RequestMismatch, RequestSettled
from kernel.tokens.files import append_line, lock_file, replace_file
from kernel.tokens.shapes import result_from

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.tokens.shapes import SignResult


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log (`signer.jsonl`). Never a PIN, never content."""

    request: str
    document: str
    purpose: str
    sha256_before: str
    sha256_after: str
    certificate_serial: str
    result: str


class Journal:
    """The log and the results in `folder`, which belongs to one signer process alone.

    Raises SignerElsewhere where another process has it, JournalUnwritable.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder / "signer.jsonl"
        self._results = folder / "results"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._results.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise JournalUnwritable(detail=str(error.strerror)) from error
        self._alone = lock_file(folder / "lock")

    def log(self, line: LogLine) -> None:
        """Add `line`, with the present time, and wait until it is on disk."""
        fields = {name: getattr(line, name) for name in LogLine.__slots__}
        append_line(self._log, json.dumps({"time": clock.now().isoformat(), **fields}, ensure_ascii=False))

    def store(self, result: SignResult, fingerprint: str) -> None:
        """Keep a result under its request id, in one file: a line of JSON, then the update."""
        told = {**result.told(), "fingerprint": fingerprint, "update_size": len(result.update)}
        del told["repeated"]
        head = json.dumps(told, ensure_ascii=False).encode() + b"\n"
        replace_file(self._file(result.request_id), head + result.update)

    def settle(self, request_id: str) -> None:
        """Delete the update of a result that has reached its archive. What was signed stays on record."""
        kept = self._file(request_id)
        try:
            with kept.open("r+b") as file:
                file.readline()
                file.truncate()
        except FileNotFoundError:
            return
        except OSError as error:
            raise JournalUnwritable(detail=str(error.strerror)) from error

    def find(self, request_id: str, fingerprint: str | None = None) -> SignResult | None:
        """Return the first result of `request_id`, None without one.

        Raises RequestMismatch when `fingerprint` is given and was another then, RequestSettled when the update was
        handed over for good, JournalUnwritable for a damaged file.
        """
        kept = self._file(request_id)
        try:
            head, _, update = kept.read_bytes().partition(b"\n")
            told = json.loads(head)
            first, size = told.pop("fingerprint"), told["update_size"]
            del told["update_size"]
            result = result_from({**told, "repeated": True}, update)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise JournalUnwritable(detail=f"{kept.name}: {type(error).__name__}") from error
        if fingerprint not in {None, first}:
            raise RequestMismatch(request=request_id)
        if not update:
            raise RequestSettled(request=request_id, sha256=result.sha256_after)
        if len(update) != size:
            raise JournalUnwritable(detail=f"{kept.name}: size")
        return result

    def _file(self, request_id: str) -> Path:
        return result_file(self._folder, request_id)


def result_file(folder: Path, request_id: str) -> Path:
    """Return where the journal in `folder` keeps the result of a request."""
    return folder / "results" / f"{hashlib.sha256(request_id.encode()).hexdigest()}.signed"
