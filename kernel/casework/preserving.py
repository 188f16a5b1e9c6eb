"""The archive's duty: a complete document is brought to PAdES B-LTA and kept there for as long as it has to live.

Every document of the archive has one row with one date on which something is due: the next try at a level not
reached, or the renewal of its last time stamp (ETSI EN 319 142-1, 6.3). What stood in the way is written there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

from sqlmodel import col, select

from kernel import clock
from kernel.api.errors import QuayDienError
from kernel.casework.errors import NoTimeStampAuthority, NotInArchive
from kernel.casework.office import Office
from kernel.casework.posting import post
from kernel.dossier.records import DocumentState
from kernel.errors import DatabaseUnavailable, StorageFull
from kernel.storage import documents
from kernel.storage.tables import DocumentRow, PreservationRow

if TYPE_CHECKING:
    from kernel.dossier.records import DossierDocument
    from kernel.signing.extending import Extended
    from kernel.signing.ports import TimeStamper
    from kernel.storage.unit_of_work import UnitOfWork

FIRST_AGAIN = timedelta(hours=1)
LAST_AGAIN = timedelta(days=1)
"""Waiting times between tries at a level that was not reached: doubled from the first to the last."""

AT_ONCE = 1000
"""Documents one round of the calendar sets to work."""

SHORTEST_LIFE = timedelta(days=1)
"""No document is renewed more often, however short its authority's certificate lives."""

PreservationState = Literal["waiting", "reached"]


@dataclass(frozen=True, slots=True)
class Archived:
    """A complete document and how long it can be proved as it is."""

    document: str
    number: str
    level: str
    state: PreservationState
    due: datetime | None
    """When something has to be done about it: the next try, or the renewal."""
    time_stamp_expires: datetime | None
    detail: str
    """Why the level is not reached yet."""

    @property
    def overdue(self) -> bool:
        """Whether its last time stamp can no longer be verified by itself."""
        return self.time_stamp_expires is not None and self.time_stamp_expires <= clock.now()


@dataclass(frozen=True, slots=True)
class Preserved:
    """What one try came to; `obstacle` is what stood in the way of the level that was wanted."""

    archived: Archived
    obstacle: QuayDienError | None = None


def enlist(office: Office, work: UnitOfWork, document: DossierDocument, obstacle: QuayDienError | None = None) -> None:
    """Take a complete document into the archive and set the first try to work, in the transaction that completes it.

    `obstacle` is why its last signature got no time stamp.
    """
    now = clock.now()
    row = PreservationRow(document=document.id, state="waiting", level=document.level, renew_at=now, updated_at=now)
    row.detail = obstacle.diagnosis("vi").cause if obstacle else ""
    work.session.add(row)
    if _time_stamper(office) is not None:
        _set_to_work(office, work, row, document.dossier)


def set_due_to_work(office: Office) -> int:
    """Post a job for every document that something is due for; return how many. Run by the worker's calendar.

    Complete documents that no row tells of are taken into the archive first. Without a time-stamp authority in the
    settings nothing is posted: the documents stay waiting and say so.
    """
    now = clock.now()
    with office.work() as work:
        known = select(PreservationRow.document)
        complete = select(DocumentRow).where(
            DocumentRow.state == str(DocumentState.COMPLETE), col(DocumentRow.id).not_in(known)
        )
        for found in work.session.exec(complete):
            work.session.add(
                PreservationRow(document=found.id, state="waiting", level=found.level, renew_at=now, updated_at=now)
            )
        work.session.flush()
        due = select(PreservationRow).where(col(PreservationRow.renew_at) <= now)
        if _time_stamper(office) is None:
            for row in work.session.exec(due.where(PreservationRow.state == "waiting", PreservationRow.detail == "")):
                row.detail = NoTimeStampAuthority().diagnosis("vi").cause
            work.commit()
            return 0
        rows = list(work.session.exec(due.order_by(col(PreservationRow.renew_at)).limit(AT_ONCE)))
        for row in rows:
            _set_to_work(office, work, row, documents.get(work.session, row.document).dossier)
        work.commit()
    return len(rows)


def _set_to_work(office: Office, work: UnitOfWork, row: PreservationRow, dossier: str) -> None:
    # the next date is set before the try: a try that is lost with its worker is not the last one
    row.renew_at = clock.now() + min(FIRST_AGAIN * 2**row.tries, LAST_AGAIN)
    row.tries = min(row.tries + 1, 10)
    post(office, work, kind="preserve", dossier=dossier, subject=row.document)


def preserve(office: Office, document_id: str, *, early: bool = False) -> Preserved:
    """Bring a document to B-LTA, or renew its time stamp where that is due (or `early`); release it when it verifies.

    What was reached is kept even where an obstacle stood before the end. Raises NotInArchive, DatabaseUnavailable,
    StorageFull.
    """
    with office.work(reading=True) as work:
        row = work.session.get(PreservationRow, document_id)
        if row is None:
            raise NotInArchive(id=document_id)
        document = documents.get(work.session, document_id)
    reached = row.state == "reached"
    if reached and not early and not _due(row):
        return Preserved(_archived(row, document.number))
    if _time_stamper(office) is None:
        return _note_obstacle(office, document, NoTimeStampAuthority())
    try:
        extended = _extend(office, office.blobs.get(document.sha256), renewing=reached)
        life = _lifetime(office, extended.pdf)
    except (DatabaseUnavailable, StorageFull):
        raise
    except QuayDienError as error:
        return _note_obstacle(office, document, error)
    sha256 = office.blobs.put(extended.pdf)
    return _release(office, document, sha256, extended, life, renewing=reached)


def _due(row: PreservationRow) -> bool:
    # tries are counted from the moment a row is set to work until it is done
    return row.tries > 0 or (row.renew_at is not None and row.renew_at <= clock.now())


def _extend(office: Office, pdf: bytes, *, renewing: bool) -> Extended:
    from kernel.signing.extending import extend, renew
    from kernel.signing.levels import Level

    verb = renew if renewing else partial(extend, wanted=Level.B_LTA)
    return verb(
        pdf,
        trust=office.trust,
        time_stamper=_time_stamper(office),
        revocation=office.trust_services.revocation if office.trust_services else None,
        now=clock.now(),
    )


def _time_stamper(office: Office) -> TimeStamper | None:
    return office.trust_services.time_stamper if office.trust_services else None


def _lifetime(office: Office, pdf: bytes) -> datetime | None:
    """Return until when the file's last time stamp proves it; None without one."""
    from kernel.signing.lifetime import lifetime

    found = lifetime(pdf, office.trust, clock.now())
    return found.until if found is not None and found.stamped else None


def _release(
    office: Office,
    before: DossierDocument,
    sha256: str,
    extended: Extended,
    expires: datetime | None,
    *,
    renewing: bool,
) -> Preserved:
    now = clock.now()
    level, obstacle = extended.level or before.level, extended.obstacle
    with office.work() as work:
        row = work.row(PreservationRow, before.id)
        document = documents.get(work.session, before.id)
        if document.sha256 != before.sha256:
            # another process was at it and has said so
            return Preserved(_archived(row, document.number))
        if sha256 != before.sha256:
            documents.put(work.session, replace(document, sha256=sha256, level=level))
            work.record(
                unit=office.unit,
                actor="system",
                action="renew" if renewing else "extend",
                subject=document.id,
                level=level,
                before=before.sha256,
                sha256=sha256,
                time_stamp_expires=expires.isoformat() if expires else "",
            )
        row.level, row.time_stamp_expires, row.updated_at = level, expires, now
        if obstacle is None and expires is not None:
            row.state, row.detail, row.tries = "reached", "", 0
            row.renew_at = next_renewal(now, expires, office.settings.archive.renew_days)
        else:
            row.detail = obstacle.diagnosis("vi").cause if obstacle else ""
        work.commit()
    return Preserved(_archived(row, document.number), obstacle)


def _note_obstacle(office: Office, document: DossierDocument, obstacle: QuayDienError) -> Preserved:
    with office.work() as work:
        row = work.row(PreservationRow, document.id)
        row.detail, row.updated_at = obstacle.diagnosis("vi").cause, clock.now()
        work.commit()
    return Preserved(_archived(row, document.number), obstacle)


def next_renewal(now: datetime, expires: datetime, renew_days: int) -> datetime:
    """Return when to renew a time stamp that expires then: `renew_days` before, or half way where less is left.

    Half way, because an authority may go on with the same certificate: each renewal then comes sooner, and still
    never before `SHORTEST_LIFE` is over.
    """
    return max(expires - timedelta(days=renew_days), now + max((expires - now) / 2, SHORTEST_LIFE))


def archive(office: Office, *, due_before: datetime | None = None) -> list[Archived]:
    """Return the documents of the archive by the date something is due, those that wait for a level first."""
    rows = select(PreservationRow, DocumentRow.number).where(PreservationRow.document == DocumentRow.id)
    if due_before is not None:
        rows = rows.where(col(PreservationRow.renew_at) <= due_before)
    order = (col(PreservationRow.state).desc(), col(PreservationRow.renew_at))
    with office.work(reading=True) as work:
        return [_archived(row, number) for row, number in work.session.exec(rows.order_by(*order))]


def find(office: Office, word: str) -> Archived:
    """Return the archived document of an id or number. Raises NotInArchive."""
    rows = select(PreservationRow, DocumentRow.number).where(
        PreservationRow.document == DocumentRow.id, (DocumentRow.id == word) | (DocumentRow.number == word)
    )
    with office.work(reading=True) as work:
        found = work.session.exec(rows).first()
    if found is None:
        raise NotInArchive(id=word)
    return _archived(*found)


def awaited(office: Office, document_id: str) -> str:
    """Return what stood in the way of a document's level or renewal, empty where nothing did."""
    with office.work(reading=True) as work:
        row = work.session.get(PreservationRow, document_id)
    return row.detail if row is not None else ""


def by_level(found: Iterable[Archived]) -> Mapping[str, int]:
    """Return how many documents stand at each level."""
    return dict(sorted(Counter(one.level for one in found).items()))


def _archived(row: PreservationRow, number: str) -> Archived:
    return Archived(
        document=row.document,
        number=number,
        level=row.level,
        state="reached" if row.state == "reached" else "waiting",
        due=row.renew_at,
        time_stamp_expires=row.time_stamp_expires,
        detail=row.detail,
    )
