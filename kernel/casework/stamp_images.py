"""Images of handwritten signatures and of the seal: administrators' data, every change in the audit trail.

The image itself lies among the files, under its hash; what signatures made before have shown stays in their documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import col, select

from kernel import clock
from kernel.api.text import Text
from kernel.errors import NotFound
from kernel.storage.tables import StaffRow, StampImageRow
from kernel.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

    from kernel.storage.blobs import Blobs

__all__ = ["SEAL", "KeptImage", "add_image", "image_of", "images", "remove_image"]

SEAL = ""
"""In place of a person: the seal is the unit's."""
_IMAGE = Text("hình chữ ký", "stamp image")
_PERSON = Text("nhân viên", "employee")


@dataclass(frozen=True, slots=True)
class KeptImage:
    """An image that signatures show. `name` is whose it is, empty for the seal; sizes are millimetres."""

    staff: str
    name: str
    sha256: str
    width: float
    height: float
    added_by: str
    at: datetime


def add_image(
    engine: Engine, blobs: Blobs, *, unit: str, staff: str, content: bytes, millimetres: float | None, by: str
) -> KeptImage:
    """Take in the image of a person's signature, or of the unit's seal (`SEAL`), in place of the one before.

    `millimetres` is how wide its ink really is, None for what is usual; `by` is the administrator.
    Raises NotFound, StorageFull and what `kernel.documents.stamp_image.take_in` raises.
    """
    # imported late: Pillow and Typst are needed here alone
    from kernel.documents.stamp_image import take_in

    with UnitOfWork(engine, reading=True) as work:
        name = _name(work.session, unit, staff)
    image = take_in(content, "signature" if staff else "seal", millimetres)
    sha256 = blobs.put(image.png)
    row = StampImageRow(
        unit=unit,
        staff=staff,
        sha256=sha256,
        width=round(image.width, 3),
        height=round(image.height, 3),
        added_by=by,
        at=clock.now(),
    )
    kept = _kept(row, name)
    with UnitOfWork(engine) as work:
        work.session.merge(row)
        work.record(unit=unit, actor=by, action="stamp_image_added", subject=staff or unit, sha256=sha256)
        work.commit()
    return kept


def remove_image(engine: Engine, *, unit: str, staff: str, by: str) -> KeptImage:
    """Show an image no more, and return it. Raises NotFound."""
    with UnitOfWork(engine) as work:
        row = work.session.get(StampImageRow, (unit, staff))
        if row is None:
            raise NotFound(what=_IMAGE, id=staff or unit)
        kept = _kept(row, _known_name(work.session, staff))
        work.session.delete(row)
        work.record(unit=unit, actor=by, action="stamp_image_removed", subject=staff or unit, sha256=kept.sha256)
        work.commit()
    return kept


def images(engine: Engine, unit: str) -> tuple[KeptImage, ...]:
    """Return all images of a unit, the seal first."""
    with UnitOfWork(engine, reading=True) as work:
        rows = work.session.exec(
            select(StampImageRow).where(StampImageRow.unit == unit).order_by(col(StampImageRow.staff))
        )
        return tuple(_kept(row, _known_name(work.session, row.staff)) for row in rows)


def image_of(session: Session, unit: str, staff: str) -> KeptImage | None:
    """Return the image of a person's signature or of the unit's seal, None where there is none."""
    row = session.get(StampImageRow, (unit, staff))
    return _kept(row, _known_name(session, staff)) if row is not None else None


def _name(session: Session, unit: str, staff: str) -> str:
    if staff == SEAL:
        return ""
    row = session.get(StaffRow, staff)
    if row is None or row.unit != unit or not row.active:
        raise NotFound(what=_PERSON, id=staff)
    return row.name


def _known_name(session: Session, staff: str) -> str:
    row = session.get(StaffRow, staff) if staff else None
    return row.name if row is not None else staff


def _kept(row: StampImageRow, name: str) -> KeptImage:
    return KeptImage(row.staff, name, row.sha256, row.width, row.height, row.added_by, row.at)
