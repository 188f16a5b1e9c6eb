"""Documents of dossiers, between frozen records and rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from kernel import clock
from kernel.api.documents import Purpose
from kernel.api.text import Text
from kernel.dossier.records import DocumentState, DossierDocument, Filled
from kernel.errors import NotFound
from kernel.storage.tables import CounterRow, DocumentRow


def _record(row: DocumentRow) -> DossierDocument:
    return DossierDocument(
        id=row.id,
        dossier=row.dossier,
        type=row.type,
        variant=row.variant,
        number=row.number,
        edition=row.edition,
        state=DocumentState(row.state),
        pages=row.pages,
        base_sha256=row.base_sha256,
        base_length=row.base_length,
        sha256=row.sha256,
        level=row.level,
        filled=tuple(
            Filled(
                field=one["field"],
                purpose=Purpose(one["purpose"]),
                means=one["means"],
                signer=one["signer"],
                at=datetime.fromisoformat(one["at"]),
                certificate=one["certificate"],
            )
            for one in row.filled
        ),
        drawn_at=row.drawn_at,
        placed=tuple(row.placed),
        boxes=tuple(row.boxes),
    )


def _columns(document: DossierDocument) -> dict[str, Any]:
    return {
        "dossier": document.dossier,
        "type": document.type,
        "variant": document.variant,
        "number": document.number,
        "edition": document.edition,
        "state": str(document.state),
        "pages": document.pages,
        "base_sha256": document.base_sha256,
        "base_length": document.base_length,
        "sha256": document.sha256,
        "level": document.level,
        "filled": [
            {
                "field": one.field,
                "purpose": str(one.purpose),
                "means": one.means,
                "signer": one.signer,
                "at": one.at.isoformat(),
                "certificate": one.certificate,
            }
            for one in document.filled
        ],
        "drawn_at": document.drawn_at,
        "placed": [dict(one) for one in document.placed],
        "boxes": [dict(one) for one in document.boxes],
    }


def get(session: Session, document_id: str) -> DossierDocument:
    """Return a document. Raises NotFound."""
    row = session.get(DocumentRow, document_id)
    if row is None:
        raise NotFound(what=Text("văn bản", "document"), id=document_id)
    return _record(row)


def put(session: Session, document: DossierDocument) -> None:
    """Insert or update a document."""
    session.merge(DocumentRow(id=document.id, updated_at=clock.now(), **_columns(document)))
    session.flush()


def of_dossier(session: Session, dossier_id: str) -> tuple[DossierDocument, ...]:
    """Return all editions of all documents of a dossier, oldest first."""
    rows = session.exec(
        select(DocumentRow).where(DocumentRow.dossier == dossier_id).order_by(col(DocumentRow.drawn_at))
    )
    return tuple(_record(row) for row in rows)


def next_number(session: Session, unit: str, series: str) -> int:
    """Return the next number of a series (as BBTT/2026) of a unit, from 1. Undone with the transaction."""
    row = session.get(CounterRow, (unit, series), with_for_update=True) or CounterRow(unit=unit, series=series)
    row.given += 1
    session.add(row)
    session.flush()
    return row.given
