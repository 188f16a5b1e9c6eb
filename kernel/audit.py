"""The hash chain of the audit trail: each row carries the hash of the one before it.

The hash of a row is SHA-256 over the canonical JSON (sorted keys, UTF-8, no spaces) of all its columns but `hash`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GENESIS = "0" * 64
"""What the first row of a chain names as its predecessor."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that happened. `at` is UTC in ISO 8601; `facts` holds ids and states, never personal data."""

    sequence: int
    at: str
    unit: str
    actor: str
    action: str
    subject: str
    facts: Mapping[str, str]
    previous: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """A place where the chain does not hold: the row's number and what is wrong with it."""

    sequence: int
    problem: str


def row_hash(row: AuditRow) -> str:
    """Return the hash that belongs to a row."""
    columns = asdict(row)
    del columns["hash"]
    canonical = json.dumps(columns, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def sealed(row: AuditRow) -> AuditRow:
    """Return the row with its hash filled in."""
    return replace(row, hash=row_hash(row))


def breaks(rows: Iterable[AuditRow]) -> list[ChainBreak]:
    """Return every break of a chain given in order of its sequence: changed, removed, inserted or reordered rows."""
    found: list[ChainBreak] = []
    previous, expected = GENESIS, 1
    for row in rows:
        if row.sequence != expected:
            found.append(ChainBreak(row.sequence, f"expected row {expected}"))
        if row.previous != previous:
            found.append(ChainBreak(row.sequence, "does not follow the row before it"))
        if row.hash != row_hash(row):
            found.append(ChainBreak(row.sequence, "content was changed"))
        previous, expected = row.hash, row.sequence + 1
    return found
