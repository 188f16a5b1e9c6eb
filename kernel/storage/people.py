"""Names of the staff, for messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.text import Text
from kernel.storage.tables import StaffRow

if TYPE_CHECKING:
    from sqlmodel import Session

SOMEONE = Text("Người khác", "Someone else")


def name_of(session: Session, staff: str) -> str | Text:
    """Return the name of a person of the staff; `SOMEONE` where nobody of this id is known."""
    row = session.get(StaffRow, staff)
    return row.name if row else SOMEONE
