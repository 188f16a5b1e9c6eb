"""Which authorities this branch trusts: every certificate added or taken away is a row of the audit trail.

TT 15/2025/TT-BKHCN, Điều 5 and 6: install, update, add and remove the certificates of NEAC and of public authorities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.errors import QuayDienError
from kernel.signing.trust_store import TrustEntry, drop, fresh_entries, keep, read_store
from kernel.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sqlalchemy import Engine

    from kernel.settings import Settings
    from kernel.signing.trust import TrustPurpose

__all__ = ["add_trusted", "remove_trusted"]


def add_trusted(
    settings: Settings,
    engine: Engine,
    source: Path,
    *,
    purposes: Iterable[TrustPurpose],
    by: str,
    fingerprint: str = "",
) -> tuple[TrustEntry, ...]:
    """Trust the authorities of a file, and return them. `by` is the administrator, `fingerprint` the SHA-256 expected.

    Raises TrustUnreadable, NotAnAuthority, TrustEntryKnown, FingerprintDiffers, TrustFolderUnwritable.
    """
    entries = fresh_entries(read_store(settings.trust), source, purposes, by, fingerprint)
    for entry in entries:
        # told before it is so: nothing is ever trusted that the trail does not know
        _record(settings, engine, by, "trust_added", entry)
        _done(settings, engine, by, entry, keep)
    return entries


def remove_trusted(settings: Settings, engine: Engine, fingerprint: str, *, by: str) -> TrustEntry:
    """Trust an authority no longer, named by the beginning of its SHA-256.

    Raises TrustEntryUnknown, TrustUnreadable, TrustFolderUnwritable.
    """
    entry = read_store(settings.trust).entry(fingerprint)
    _record(settings, engine, by, "trust_removed", entry)
    _done(settings, engine, by, entry, drop)
    return entry


def _done(settings: Settings, engine: Engine, by: str, entry: TrustEntry, change: Callable[[TrustEntry], None]) -> None:
    try:
        change(entry)
    except QuayDienError:
        _record(settings, engine, by, "trust_unchanged", entry)
        raise


def _record(settings: Settings, engine: Engine, by: str, action: str, entry: TrustEntry) -> None:
    with UnitOfWork(engine) as work:
        work.record(
            unit=settings.branch.code,
            actor=by,
            action=action,
            subject=entry.sha256,
            name=entry.info.name,
            purposes=", ".join(sorted(entry.purposes)),
        )
        work.commit()
