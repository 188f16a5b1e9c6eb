"""The tables. They only hold: what a row means and what may happen to it is decided in `kernel.dossier`.

`SQLModel(table=True)` does not validate, so nothing outside `kernel.storage` makes a row.
Times are UTC; JSON columns hold plain objects of text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, DateTime, UniqueConstraint
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on databases that forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuse a naive moment and store the UTC one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive moment")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give back an aware moment."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.replace(tzinfo=UTC)


def _json() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def _moment(*, nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Moment, nullable=nullable, index=index))


class StaffRow(SQLModel, table=True):
    """A person of the branch who may sign in."""

    __tablename__: ClassVar[Any] = "staff"

    id: str = Field(primary_key=True)
    unit: str = Field(index=True)
    employee_code: str
    name: str
    title: str
    roles: str
    """Role abbreviations, comma separated."""
    identity: str
    """CCCD, compared with the UID of a signing certificate."""
    password_hash: str
    active: bool = True


class DossierRow(SQLModel, table=True):
    """A request on its way through the branch."""

    __tablename__: ClassVar[Any] = "dossier"
    __table_args__ = (UniqueConstraint("unit", "code"),)

    id: str = Field(primary_key=True)
    unit: str
    code: str
    service: str
    variant: str
    step: str
    state: str = Field(index=True)
    customer: str
    search: str
    """Folded words a clerk may search by."""
    saved: dict[str, Any] = _json()
    """Field id to stored value."""
    papers: dict[str, Any] = _json()
    history: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Steps done: step, began, ended, staff, obstacle."""
    waits: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Times spent waiting for the customer: since, until."""
    version: int = 1
    holder: str = ""
    held_since: datetime | None = _moment(nullable=True)
    received_at: datetime = _moment()
    step_began: datetime = _moment()
    due_at: datetime | None = _moment(nullable=True, index=True)
    updated_at: datetime = _moment()


class DraftRow(SQLModel, table=True):
    """What a clerk has typed and not saved yet."""

    __tablename__: ClassVar[Any] = "draft"

    dossier: str = Field(primary_key=True)
    staff: str = Field(primary_key=True)
    typed: dict[str, Any] = _json()
    at: datetime = _moment()


class DocumentRow(SQLModel, table=True):
    """A document of a dossier: the bytes the customer agrees to, and the newest signed revision."""

    __tablename__: ClassVar[Any] = "document"

    id: str = Field(primary_key=True)
    dossier: str = Field(index=True)
    type: str
    variant: str
    number: str
    edition: int
    state: str = Field(index=True)
    pages: int
    base_sha256: str
    base_length: int
    sha256: str
    level: str = ""
    placed: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    boxes: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    filled: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Slots filled, in order: field, purpose, means, signer, at, certificate."""
    drawn_at: datetime = _moment()
    updated_at: datetime = _moment()


class CounterRow(SQLModel, table=True):
    """How many numbers of a series a unit has given to documents."""

    __tablename__: ClassVar[Any] = "counter"

    unit: str = Field(primary_key=True)
    series: str = Field(primary_key=True)
    """As BBTT/2026: numbers begin anew each year."""
    given: int = 0


class ChallengeRow(SQLModel, table=True):
    """A one-time code sent to a customer. The code itself is never here."""

    __tablename__: ClassVar[Any] = "challenge"

    id: str = Field(primary_key=True)
    document: str = Field(index=True)
    sha256: str
    phone: str = Field(index=True)
    salt: str
    keyed_hash: str
    pages_viewed: int
    sent_at: datetime = _moment()
    expires_at: datetime = _moment()
    tries_left: int
    state: str
    """open, answered, exhausted, replaced, expired."""
    message: str
    staff: str


class EvidenceRow(SQLModel, table=True):
    """The record of a customer's confirmation, chained by hash."""

    __tablename__: ClassVar[Any] = "evidence"

    sequence: int | None = Field(default=None, primary_key=True)
    document: str = Field(index=True)
    challenge: str = Field(unique=True)
    record: dict[str, Any] = _json()
    sha256: str
    previous: str


class SigningRow(SQLModel, table=True):
    """A signature that was asked for: the same request is never signed twice."""

    __tablename__: ClassVar[Any] = "signing"

    id: str = Field(primary_key=True)
    document: str = Field(index=True)
    field: str
    base_sha256: str
    certificate: str
    """SHA-256 of its DER."""
    certificate_der: bytes
    staff: str
    state: str
    """asked, done, failed."""
    result_sha256: str = ""
    at: datetime = _moment()


class ElsewhereRow(SQLModel, table=True):
    """A signature that is being made outside: the document is locked until it comes or its time is over."""

    __tablename__: ClassVar[Any] = "elsewhere"

    id: str = Field(primary_key=True)
    document: str = Field(index=True)
    field: str
    service: str
    """Id of the remote signing service; empty for a device in the hands of whoever takes the hash."""
    handle: str = ""
    """What the service calls this request."""
    base_sha256: str
    certificate_der: bytes
    chain: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """DER of the certificates above, in hex."""
    mechanism: str
    update: bytes
    """What is appended to the document, zeros where the CMS goes."""
    hole_begin: int
    hole_end: int
    digest: str
    staff: str
    state: str = Field(index=True)
    """prepared, handed_out, done, refused, expired, cancelled."""
    detail: str = ""
    result_sha256: str = ""
    at: datetime = _moment()
    expires_at: datetime = _moment(index=True)


class PreservationRow(SQLModel, table=True):
    """How long a finished document can be proved as it is, and what is being done about it."""

    __tablename__: ClassVar[Any] = "preservation"

    document: str = Field(primary_key=True)
    state: str = Field(index=True)
    """waiting, reached: whether the file has the level the archive wants."""
    level: str
    """PAdES level of the file in the archive."""
    time_stamp_expires: datetime | None = _moment(nullable=True)
    """When the certificate of the last document time stamp ends."""
    renew_at: datetime | None = _moment(nullable=True, index=True)
    """When something is due: the next try at the level, or the renewal."""
    tries: int = 0
    """Since it was set to work; 0 once that is done."""
    detail: str = ""
    """Why the wanted level is not reached yet."""
    updated_at: datetime = _moment()


class BatchRow(SQLModel, table=True):
    """Many signatures with one certificate, asked for at once."""

    __tablename__: ClassVar[Any] = "batch"

    id: str = Field(primary_key=True)
    unit: str = Field(index=True)
    staff: str
    certificate: str
    """SHA-256 of its DER: no other signs in this batch."""
    state: str
    """waiting, running, paused, stopped, done."""
    detail: str = ""
    """Why it stopped."""
    at: datetime = _moment()
    updated_at: datetime = _moment()


class BatchItemRow(SQLModel, table=True):
    """One document of a batch."""

    __tablename__: ClassVar[Any] = "batch_item"

    batch: str = Field(primary_key=True)
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    document: str
    field: str
    state: str
    """waiting, done, failed, dropped."""
    code: str = ""
    """Of the error."""
    detail: str = ""


class OutgoingRow(SQLModel, table=True):
    """Something that has to reach a system outside, and how far it came."""

    __tablename__: ClassVar[Any] = "outgoing"

    id: str = Field(primary_key=True)
    kind: str
    """cmis_open, cmis_upload, cmis_progress, sms, preserve, collect."""
    dossier: str = Field(index=True)
    subject: str
    """Document id, step id or message template."""
    body: dict[str, Any] = _json()
    state: str = Field(index=True)
    """waiting, sending, sent, delivered, failed, unknown, postponed."""
    tries: int = 0
    detail: str = ""
    gateway_id: str = ""
    at: datetime = _moment()
    updated_at: datetime = _moment()


class AuthorisationRow(SQLModel, table=True):
    """Who may sign a document type of the unit, as CMIS last said."""

    __tablename__: ClassVar[Any] = "authorisation"

    id: int | None = Field(default=None, primary_key=True)
    unit: str = Field(index=True)
    file_type: str
    name: str
    title: str
    number: str
    signed_on: str
    granted_by: str
    address: str
    valid_from: str
    valid_to: str


class StampImageRow(SQLModel, table=True):
    """The image of a person's handwritten signature, or of the unit's seal, for visible signatures."""

    __tablename__: ClassVar[Any] = "stamp_image"

    unit: str = Field(primary_key=True)
    staff: str = Field(primary_key=True)
    """Whose signature it is; empty for the seal."""
    sha256: str
    """Of the PNG among the files."""
    width: float
    """Real size in millimetres."""
    height: float
    added_by: str
    at: datetime = _moment()


class AuditTableRow(SQLModel, table=True):
    """The audit trail. Rows are only ever added."""

    __tablename__: ClassVar[Any] = "audit"

    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: str
    unit: str
    actor: str
    action: str
    subject: str = Field(index=True)
    facts: dict[str, Any] = _json()
    previous: str
    hash: str
