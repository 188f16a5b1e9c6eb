"""Documents whose next slot is somebody's to sign, page by page out of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session, col

from kernel.dossier.records import DocumentState
from kernel.storage.dossiers import live, with_words
from kernel.storage.tables import DocumentRow, DossierRow

__all__ = ["Place", "Waiting", "all_waiting", "count_waiting", "waiting"]

_OPEN = [str(state) for state in DocumentState if state not in (DocumentState.COMPLETE, DocumentState.VOID)]


@dataclass(frozen=True, slots=True)
class Place:
    """A slot that comes next: document type and variant, slots filled before it, and who is named for it.

    Where one of `fields` of the dossier names somebody, it must be `name`, or `code` with a name behind a hyphen.
    """

    type: str
    variant: str
    filled: int
    fields: tuple[str, ...] = ()
    code: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that waits: `filled` of its slots are filled."""

    document: str
    type: str
    variant: str
    filled: int
    number: str
    dossier: str
    code: str
    customer: str
    drawn_at: datetime


def waiting(
    session: Session, unit: str, places: Sequence[Place], words: str, offset: int, limit: int
) -> tuple[Waiting, ...]:
    """Return a page of the documents that wait at one of these places, oldest first."""
    columns: Any = select(
        col(DocumentRow.id),
        col(DocumentRow.type),
        col(DocumentRow.variant),
        func.json_array_length(DocumentRow.filled),
        col(DocumentRow.number),
        col(DossierRow.id),
        col(DossierRow.code),
        col(DossierRow.customer),
        col(DocumentRow.drawn_at),
    )
    rows = session.exec(_at(columns, unit, places, words).offset(offset).limit(limit))
    return tuple(Waiting(*row) for row in rows)


def count_waiting(session: Session, unit: str, places: Sequence[Place], words: str) -> int:
    """Return how many documents wait there."""
    return int(session.exec(_at(select(func.count()), unit, places, words, ordered=False)).scalar_one())


def all_waiting(
    session: Session, unit: str, places: Sequence[Place], words: str, since: datetime
) -> list[tuple[str, str, str, int]]:
    """Return (document, type, variant, slots filled) of all that wait since `since` or longer, oldest first."""
    filled = func.json_array_length(DocumentRow.filled)
    columns: Any = select(col(DocumentRow.id), col(DocumentRow.type), col(DocumentRow.variant), filled)
    found = _at(columns, unit, places, words).where(col(DocumentRow.updated_at) <= since)
    return [(row[0], row[1], row[2], row[3]) for row in session.exec(found)]


def _at(columns: Any, unit: str, places: Sequence[Place], words: str, *, ordered: bool = True) -> Any:
    """Return the query for these columns. SQLModel knows the types of at most four of them."""
    found = (
        columns.select_from(DocumentRow)
        .join(DossierRow, col(DossierRow.id) == col(DocumentRow.dossier))
        .where(
            *live(unit),
            col(DocumentRow.state).in_(_OPEN),
            or_(*map(_place, places), col(DocumentRow.id).is_(None)),
            *with_words(words),
        )
    )
    return found.order_by(col(DocumentRow.drawn_at), col(DocumentRow.id)) if ordered else found


def _place(place: Place) -> ColumnElement[bool]:
    form = and_(col(DocumentRow.type) == place.type, col(DocumentRow.variant) == place.variant)
    here = and_(form, func.json_array_length(DocumentRow.filled) == place.filled)
    if not place.fields:
        return here
    named = [col(DossierRow.saved)[field].as_string() for field in place.fields]
    nobody = and_(*(or_(value.is_(None), value == "") for value in named))
    mine = or_(
        *(
            or_(
                value == place.name,
                value.endswith(f"-{place.name}", autoescape=True),
                value.istartswith(f"{place.code}-", autoescape=True),
            )
            for value in named
        )
    )
    return and_(here, or_(nobody, mine))
