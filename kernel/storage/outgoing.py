"""What has to reach a system outside, as an administrator asks about it."""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from kernel.storage.tables import OutgoingRow

PENDING = ("waiting", "sending")
LOST = ("failed", "unknown")


def waiting(session: Session) -> int:
    """Return how many deliveries are not done yet."""
    pending = select(func.count()).select_from(OutgoingRow).where(col(OutgoingRow.state).in_(PENDING))
    # a signature that is awaited is nobody's fault
    return session.exec(pending.where(OutgoingRow.kind != "collect")).one()


def failed(session: Session) -> list[str]:
    """Return what was refused or got lost, newest first: kind, subject, and what the other side said."""
    rows = session.exec(
        select(OutgoingRow).where(col(OutgoingRow.state).in_(LOST)).order_by(col(OutgoingRow.updated_at).desc())
    )
    return [f"{row.kind} {row.subject}: {row.detail}" for row in rows]
