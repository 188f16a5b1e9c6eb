"""What the signer did: an append-only log, and the first result of every request id."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kernel import clock
from kernel.api.documents import Purpose
from kernel.tokens.errors import JournalUnwritable, RequestMismatch, RequestSettled
from kernel.tokens.files import append_line, lock_file, replace_file
from kernel.tokens.shapes import SignResult

if TYPE_CHECKING:
    from pathlib import Path


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
        """Keep a result under its request id. The small file is written last and makes it valid."""
        name = _name(result.request_id)
        replace_file(self._results / f"{name}.pdf", result.pdf)
        fields: dict[str, Any] = {
            key: getattr(result, key) for key in SignResult.__slots__ if key not in {"pdf", "repeated"}
        }
        fields |= {"signed_at": result.signed_at.isoformat(), "fingerprint": fingerprint}
        replace_file(self._results / f"{name}.json", json.dumps(fields, ensure_ascii=False).encode())

    def settle(self, request_id: str) -> None:
        """Delete the PDF of a result that has reached its archive. What was signed stays on record."""
        try:
            (self._results / f"{_name(request_id)}.pdf").unlink(missing_ok=True)
        except OSError as error:
            raise JournalUnwritable(detail=str(error.strerror)) from error

    def find(self, request_id: str, fingerprint: str | None = None) -> SignResult | None:
        """Return the first result of `request_id`, None without one.

        Raises RequestMismatch when `fingerprint` is given and was another then, RequestSettled when the PDF was
        handed over for good, JournalUnwritable for a damaged file.
        """
        name = _name(request_id)
        kept = self._results / f"{name}.json"
        try:
            fields = json.loads(kept.read_bytes())
            first = fields.pop("fingerprint")
            pdf = _read(self._results / f"{name}.pdf")
            fields |= {"signed_at": datetime.fromisoformat(fields["signed_at"]), "purpose": Purpose(fields["purpose"])}
            result = SignResult(**fields, pdf=pdf, repeated=True)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise JournalUnwritable(detail=f"{kept.name}: {type(error).__name__}") from error
        if fingerprint not in {None, first}:
            raise RequestMismatch(request=request_id)
        if not pdf:
            raise RequestSettled(request=request_id, sha256=result.sha256_after)
        if hashlib.sha256(pdf).hexdigest() != result.sha256_after:
            raise JournalUnwritable(detail=f"{name}.pdf: sha256")
        return result


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _name(request_id: str) -> str:
    return hashlib.sha256(request_id.encode()).hexdigest()
