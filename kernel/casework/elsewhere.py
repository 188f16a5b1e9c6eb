"""What is known of a signature that is being made outside: the key, the state, what is handed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from kernel import clock
from kernel.api.text import Text
from kernel.casework.locks import LIGHT, OPEN
from kernel.casework.office import Office
from kernel.storage.people import name_of
from kernel.storage.tables import ElsewhereRow
from kernel.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from kernel.signing.deferred import Pending
    from kernel.signing.mechanism import Mechanism

State = Literal["prepared", "handed_out", "done", "refused", "expired", "cancelled"]


@dataclass(frozen=True, slots=True)
class OutsideKey:
    """A key somewhere else. Certificates are DER, the chain nearest first."""

    certificate: bytes
    chain: tuple[bytes, ...]
    mechanism: Mechanism
    service: str = ""
    """Id of the remote signing service; empty for a device in somebody's hands."""
    credential: str = ""
    """What the service calls the key."""
    secrets: tuple[str, ...] = ()
    """What its owner has to type here."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A signature that is being made outside, or was. Times are aware."""

    id: str
    document: str
    field: str
    service: str
    signer: str
    """Whose certificate."""
    staff: str | Text
    """Who asked for it."""
    state: State
    since: datetime
    until: datetime
    detail: str

    @property
    def open(self) -> bool:
        """Whether the signature is still awaited."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class HandOut:
    """What somebody needs who signs outside. `attributes` hashed is `hash`; `content` is what a CMS would be over."""

    id: str
    document: Text
    number: str
    signer: str
    mechanism: Mechanism
    hash: bytes
    attributes: bytes
    """DER of the signed attributes (RFC 5652, 5.4): the input of a raw signature."""
    content: bytes
    """The document without the hole: the input of a detached CMS."""
    until: datetime


def pending_of(row: ElsewhereRow) -> Pending:
    """Return what waits for its signature."""
    from kernel.signing.deferred import Pending
    from kernel.signing.mechanism import Mechanism
    from kernel.signing.prepared import Prepared

    mechanism = Mechanism(row.mechanism)
    return Pending(
        sha256_before=row.base_sha256,
        certificate=row.certificate_der,
        chain=tuple(bytes.fromhex(one) for one in row.chain),
        mechanism=mechanism,
        prepared=Prepared(row.update, (row.hole_begin, row.hole_end), bytes.fromhex(row.digest), mechanism.digest),
    )


def look(office: Office, request_id: str) -> Elsewhere:
    """Return where a signature elsewhere stands. Raises NotFound."""
    with office.work(reading=True) as work:
        return shown(work, work.row(ElsewhereRow, request_id))


def newest(office: Office, document_id: str) -> Elsewhere | None:
    """Return the signature of a document that was asked for last elsewhere, None where none was."""
    return _first(office, select(ElsewhereRow).where(ElsewhereRow.document == document_id))


def awaited(office: Office, document_id: str) -> Elsewhere | None:
    """Return the signature elsewhere that a document waits for now, None where it waits for none."""
    rows = select(ElsewhereRow).where(ElsewhereRow.document == document_id, col(ElsewhereRow.state).in_(OPEN))
    return _first(office, rows.where(ElsewhereRow.expires_at > clock.now()))


def _first(office: Office, rows: SelectOfScalar[ElsewhereRow]) -> Elsewhere | None:
    with office.work(reading=True) as work:
        found = work.session.exec(rows.options(LIGHT).order_by(col(ElsewhereRow.id).desc())).first()
        return shown(work, found) if found else None


def shown(work: UnitOfWork, row: ElsewhereRow) -> Elsewhere:
    """Return where a signature stands, of its row."""
    from kernel.signing.certificates import describe

    overdue = row.state in OPEN and clock.now() >= row.expires_at
    return Elsewhere(
        id=row.id,
        document=row.document,
        field=row.field,
        service=row.service,
        signer=describe(row.certificate_der).name,
        staff=name_of(work.session, row.staff),
        state="expired" if overdue else row.state,  # type: ignore[arg-type]  # only these states are written
        since=row.at,
        until=row.expires_at,
        detail=row.detail,
    )
