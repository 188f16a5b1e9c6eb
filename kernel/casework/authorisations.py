"""Who is authorised to sign for the branch, as CMIS says."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import select

from kernel.storage.tables import AuthorisationRow
from kernel.storage.unit_of_work import UnitOfWork


def authorised(work: UnitOfWork, unit: str, file_type: str, today: date) -> AuthorisationRow | None:
    """Return who may sign this document type of the unit on a day: the authorisation that began last, or None."""
    rows = work.session.exec(
        select(AuthorisationRow).where(AuthorisationRow.unit == unit, AuthorisationRow.file_type == file_type)
    )
    valid = [row for row in rows if _day(row.valid_from, date.min) <= today <= _day(row.valid_to, date.max)]
    return max(valid, key=lambda row: _day(row.valid_from, date.min), default=None)


def _day(text: str, otherwise: date) -> date:
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()
    except ValueError:
        return otherwise
