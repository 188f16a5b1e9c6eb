"""One unit of work: what is not committed is rolled back, and every commit carries its audit rows."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlmodel import Session, SQLModel, col, func, select

from kernel import audit, clock
from kernel.errors import DatabaseUnavailable, NotFound, StorageFull
from kernel.storage.tables import AuditTableRow

R = TypeVar("R", bound=SQLModel)


class UnitOfWork(AbstractContextManager["UnitOfWork"]):
    """A transaction. Leaving it without `commit()` undoes everything.

    `reading` units never take the write lock of SQLite. Raises DatabaseUnavailable and StorageFull.
    """

    def __init__(self, engine: Engine, *, reading: bool = False) -> None:
        self._engine = engine.execution_options(reading=True) if reading else engine

    def __enter__(self) -> UnitOfWork:
        self.session = Session(self._engine, expire_on_commit=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()  # rolls back what was not committed
        if isinstance(error, SQLAlchemyError):
            raise _explained(error) from error

    def row(self, table: type[R], key: str) -> R:
        """Return the row of this key. Raises NotFound."""
        found = self.session.get(table, key)
        if found is None:
            raise NotFound(what=table.__tablename__, id=key)
        return found

    def commit(self) -> None:
        """Make everything of this unit durable at once."""
        self.session.commit()

    def record(self, *, unit: str, actor: str, action: str, subject: str, **facts: object) -> None:
        """Append one row to the audit chain, in this transaction."""
        self.session.flush()
        last = self.session.exec(select(AuditTableRow).order_by(col(AuditTableRow.sequence).desc()).limit(1)).first()
        row = audit.sealed(
            audit.AuditRow(
                sequence=last.sequence + 1 if last else 1,
                at=clock.now().isoformat(timespec="milliseconds"),
                unit=unit,
                actor=actor,
                action=action,
                subject=subject,
                facts={key: str(value) for key, value in facts.items()},
                previous=last.hash if last else audit.GENESIS,
            )
        )
        self.session.add(
            AuditTableRow(
                sequence=row.sequence,
                at=row.at,
                unit=row.unit,
                actor=row.actor,
                action=row.action,
                subject=row.subject,
                facts=dict(row.facts),
                previous=row.previous,
                hash=row.hash,
            )
        )
        self.session.flush()


def _explained(error: SQLAlchemyError) -> DatabaseUnavailable | StorageFull:
    detail = str(error.__cause__ or error)
    if isinstance(error, OperationalError) and any(word in detail for word in ("disk is full", "readonly", "disk I/O")):
        return StorageFull(path="database", detail=detail)
    return DatabaseUnavailable(url="", detail=detail)


def audit_chain(work: UnitOfWork) -> list[audit.AuditRow]:
    """Return the whole audit trail in order."""
    rows = work.session.exec(select(AuditTableRow).order_by(col(AuditTableRow.sequence)))
    return [
        audit.AuditRow(
            row.sequence, row.at, row.unit, row.actor, row.action, row.subject, row.facts, row.previous, row.hash
        )
        for row in rows
    ]


def audit_length(work: UnitOfWork) -> int:
    """Return how many rows the audit trail has."""
    return work.session.exec(select(func.count()).select_from(AuditTableRow)).one()
