"""A document that is being signed elsewhere is locked: nobody else signs, redraws or voids it meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import defer
from sqlmodel import col, select

from kernel import clock
from kernel.api.text import Text
from kernel.casework.errors import AnswerTooLate, DocumentLocked
from kernel.storage import documents
from kernel.storage.people import name_of
from kernel.storage.tables import DocumentRow, ElsewhereRow, SigningRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kernel.casework.office import Office
    from kernel.storage.unit_of_work import UnitOfWork

OPEN = ("prepared", "handed_out")
"""States of a signature that is still awaited."""

LIGHT = defer(ElsewhereRow.update)  # type: ignore[arg-type]  # a column, to SQLAlchemy
"""Reads a row without what is appended to the document, which is large."""

SIGNING = timedelta(minutes=2)
"""How long a token may be at a signature that was asked of it."""


def lock_of(work: UnitOfWork, document_id: str) -> ElsewhereRow | None:
    """Return the awaited signature that locks a document, overdue or not, None where there is none."""
    rows = select(ElsewhereRow).where(ElsewhereRow.document == document_id, col(ElsewhereRow.state).in_(OPEN))
    return work.session.exec(rows.options(LIGHT)).first()


def refuse_locked(office: Office, work: UnitOfWork, document_id: str) -> None:
    """Raise DocumentLocked while a signature is awaited. One whose time is over is ended here, in this transaction."""
    # PostgreSQL lets one transaction at a time past here for a document; SQLite has one writer anyway
    work.session.exec(select(DocumentRow.id).where(DocumentRow.id == document_id).with_for_update())
    row = lock_of(work, document_id)
    if row is None:
        return
    if clock.now() >= row.expires_at:
        expire(office, work, row)
        return
    raise _locked(office, work, document_id, row.staff, row.at, row.expires_at)


def refuse_signing(office: Office, work: UnitOfWork, document_id: str) -> None:
    """Raise DocumentLocked while a token is signing the document, or may be: it answers or is dead after a while."""
    rows = select(SigningRow).where(SigningRow.document == document_id, SigningRow.state == "asked")
    row = work.session.exec(rows.where(SigningRow.at > clock.now() - SIGNING)).first()
    if row is not None:
        raise _locked(office, work, document_id, row.staff, row.at, row.at + SIGNING)


def _locked(
    office: Office, work: UnitOfWork, document_id: str, staff: str, since: datetime, until: datetime
) -> DocumentLocked:
    return DocumentLocked(
        document=office.declared(documents.get(work.session, document_id)).title,
        by=name_of(work.session, staff),
        since=f"{clock.local(since):%H:%M %d/%m}",
        until=f"{clock.local(until):%H:%M %d/%m}",
    )


def expire(office: Office, work: UnitOfWork, row: ElsewhereRow) -> None:
    """End an awaited signature whose time is over."""
    close(office, work, row, "expired", actor="system")


def close(
    office: Office, work: UnitOfWork, row: ElsewhereRow, state: str, *, actor: str, why: str = "", detail: str = ""
) -> None:
    """End an awaited signature without one: the document is free again."""
    row.state, row.detail = state, detail
    work.session.add(row)
    work.record(
        unit=office.unit,
        actor=actor,
        action="elsewhere_ended",
        subject=row.document,
        request=row.id,
        state=state,
        why=why,
    )


def expect_open(row: ElsewhereRow) -> None:
    """Raise AnswerTooLate unless the signature is still awaited."""
    if row.state in OPEN and clock.now() < row.expires_at:
        return
    state = "expired" if row.state in OPEN else row.state
    since = f"{clock.local(row.expires_at):%H:%M:%S %d/%m/%Y}"
    raise AnswerTooLate(since=since, why=ENDINGS[state])


ENDINGS: Mapping[str, Text] = {
    "done": Text("văn bản đã có chữ ký này", "the document has this signature already"),
    "expired": Text("đã quá giờ chờ", "its time was over"),
    "refused": Text("câu trả lời trước đã bị từ chối", "an earlier answer was refused"),
    "cancelled": Text("lần ký đã bị hủy", "it was cancelled"),
}
"""Why nobody waits any more, by state."""
