"""Ports: what the kernel asks of systems outside. An adapter implements one and raises only `kernel.api.errors`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from kernel.api.text import Text

Row = Mapping[str, str]
"""One CMIS record: UPPER_SNAKE columns, dates as dd/MM/yyyy, everything text, NFC."""


@dataclass(frozen=True, slots=True)
class CmisRequest:
    """A request as CMIS holds it. `rows` maps a record name (DV_TIEN_TNHAN, CD_DDO_DDIEN …) to its rows."""

    unit: str
    code: str
    rows: Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class CmisProgress:
    """One DV_TIEN_TRINH row: a step of a request, begun and ended. Times are aware; `obstacle` is MA_TNGAI."""

    unit: str
    request: str
    point: str
    step: str
    next_step: str
    giver: str
    taker: str
    content: str
    began: datetime
    ended: datetime | None
    due: datetime | None
    sequence: int
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class CmisFile:
    """A file CMIS already holds for a request (HSO_GTO)."""

    type: str
    name: str


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Who may sign one document type of one unit, from CMIS's D_PCAP_UQUYEN_DVI_MAHSO."""

    name: str
    title: str
    number: str
    signed_on: str
    granted_by: str
    address: str
    valid_from: str
    valid_to: str
    key_id: str


@dataclass(frozen=True, slots=True)
class CustomerQuery:
    """Which customers are looked for: all conditions must fit, None and empty ones are none."""

    book: str = ""
    """MA_SOGCS of the reading book."""
    ends_by: date | None = None
    """The contract ends on this day or earlier."""
    verified_by: date | None = None
    """The meter was verified on this day or earlier."""


class CmisPort(Protocol):
    """EVN's customer system. Every method raises AdapterError's children only."""

    def received_requests(self, unit: str) -> Sequence[CmisRequest]:
        """Return all requests of the unit that CMIS has received and not ended."""
        ...

    def request(self, unit: str, code: str) -> CmisRequest:
        """Return one request with all its tables. Raises AdapterRefused if CMIS does not know it."""
        ...

    def open_request(self, unit: str, rows: Mapping[str, Sequence[Row]], request_id: str) -> str:
        """Register a walk-in request and return the code CMIS gave it. The same `request_id` gives the same code."""
        ...

    def progress(self, unit: str, code: str) -> Sequence[Row]:
        """Return the progress rows of a request."""
        ...

    def add_progress(self, progress: CmisProgress) -> None:
        """Append one progress row. Repeating it adds nothing: the row of this step and sequence is looked for first."""
        ...

    def files(self, unit: str, code: str) -> Sequence[CmisFile]:
        """Return the files CMIS holds for a request."""
        ...

    def upload_file(self, unit: str, code: str, file_type: str, pdf: bytes) -> None:
        """Store a signed PDF with a request under MA_LOAI_HSO `file_type`.

        Repeating it sends nothing: the bytes CMIS already holds are compared first.
        """
        ...

    def file(self, unit: str, code: str, file_type: str) -> bytes | None:
        """Return the PDF that CMIS holds for a request under `file_type`, None if it holds none."""
        ...

    def new_contract_number(self, unit: str, code: str) -> str:
        """Return the contract number CMIS issues for a request. The same request gives the same number."""
        ...

    def authorisations(self, unit: str, file_type: str) -> Sequence[Authorisation]:
        """Return who may sign this document type of this unit."""
        ...

    def customer(self, unit: str, code: str) -> Mapping[str, Sequence[Row]]:
        """Return the master records of a customer (HDG_KHACH_HANG …), all versions of each row.

        Raises AdapterRefused if CMIS does not know the customer in this unit.
        """
        ...

    def find_customers(self, unit: str, query: CustomerQuery) -> Sequence[Row]:
        """Return MA_KHANG, TEN_KHANG and MA_HDONG of the unit's customers that fit, by code."""
        ...

    def meter(self, unit: str, number: str) -> Row | None:
        """Return the meter of this number that lies in the unit's store, or None."""
        ...


class Delivery(StrEnum):
    """What is known of a message. ACCEPTED means the gateway took it, never that the customer has it."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """An SMS. `id` is ours and is sent along; `phone` is E.164 (+84…)."""

    id: str
    phone: str
    text: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the gateway said of a message: its own id, the state, and its words."""

    gateway_id: str
    delivery: Delivery
    detail: str = ""


class SmsPort(Protocol):
    """An SMS gateway. Every method raises AdapterError's children only."""

    def compose(self, template: str, facts: Mapping[str, str]) -> str:
        """Return the words of a registered template with `facts` filled in, as this gateway may carry them.

        Raises AdapterRefused for an unknown template, a missing fact, or a text longer than the gateway takes.
        """
        ...

    def send(self, message: ShortMessage) -> Receipt:
        """Hand the message over once. Never retried inside: a message may not be sent twice.

        AdapterUnavailable says the gateway certainly does not have it. Where the line broke after the message had
        left, the receipt is UNKNOWN: ask `find()`, and never send again on a mere UNKNOWN.
        """
        ...

    def find(self, message_id: str) -> Receipt | None:
        """Return what the gateway knows of our message id, None if it never had it.

        Raises AdapterRefused where the gateway can't be asked.
        """
        ...


@dataclass(frozen=True, slots=True)
class RemoteCredential:
    """A key that a remote signing service keeps for somebody. Certificates are DER."""

    id: str
    certificate: bytes
    chain: tuple[bytes, ...]
    """Certificates above it, nearest first, as far as the service tells."""
    mechanisms: tuple[str, ...]
    """What it can do, the preferred one first: `pss-sha256`, `rsa-sha256`, `ecdsa-sha384` …"""
    secrets: tuple[str, ...] = ()
    """What the owner types here for every signature, in the service's words: `PIN`, `OTP`. Empty: it asks by itself."""
    sent: tuple[str, ...] = ()
    """Those of `secrets` that the service sends to the owner when told to (`send_code`)."""


@dataclass(frozen=True, slots=True)
class RemoteRequest:
    """What somebody is asked to sign. `hashes` are over the CMS attributes, by the hash of `mechanism`."""

    id: str
    """Ours, sent along: where the service lets itself be asked, the same id begins nothing twice."""
    credential: str
    mechanism: str
    parameters: bytes
    """DER of the signature algorithm's parameters (RSASSA-PSS); empty where it has none."""
    hashes: tuple[bytes, ...]
    description: str
    """What the owner reads on the phone: the document and its number."""
    document: Callable[[], bytes]
    """Reads the prepared PDF, zeros where the CMS goes, for a service that wants the file beside its hash."""


@dataclass(frozen=True, slots=True)
class RemoteWaiting:
    """The owner has not decided yet. `handle` is what to ask with next: text of at most 4,000 characters, no secret."""

    handle: str


@dataclass(frozen=True, slots=True)
class RemoteSigned:
    """The signatures, in the order of the hashes: raw ones (ECDSA: DER of r and s), or a detached CMS each."""

    signatures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RemoteDeclined:
    """The owner said no, or let the time pass. `detail` is what the service says of it."""

    detail: str


RemoteAnswer = RemoteWaiting | RemoteSigned | RemoteDeclined


class RemoteSigningPort(Protocol):
    """A service that signs hashes with keys it keeps. Every method raises AdapterError's children only.

    Fits CSC API v1 and v2, VNPT SmartCA and Viettel MySign (polled by a transaction id), and an HSM service.
    """

    def about(self) -> str:
        """Return what the service calls itself, without signing in: it is there."""
        ...

    def credentials(self, people: Sequence[str]) -> Sequence[RemoteCredential]:
        """Return the usable keys of the people of these CCCD or MST; those of others may stand among them."""
        ...

    def send_code(self, credential: str, secret: str) -> None:
        """Have the service send its one-time code, one of `RemoteCredential.sent`, to the owner of a key."""
        ...

    def begin(self, request: RemoteRequest, secrets: Mapping[str, str]) -> RemoteAnswer:
        """Ask for signatures. `secrets` are what the owner typed, by the names of `RemoteCredential.secrets`.

        AdapterUnavailable says that asking again with the same id is right.
        """
        ...

    def collect(self, request: RemoteRequest, handle: str) -> RemoteAnswer:
        """Ask what became of a request that waits. Never waits itself for longer than one answer takes."""
        ...

    def cancel(self, request: RemoteRequest, handle: str) -> None:
        """Tell the service that nobody waits any more; nothing happens where it can't be told."""
        ...


@dataclass(frozen=True, slots=True)
class Adapter:
    """Declaration of an adapter. `settings` is its section of the settings file; `connect` builds the port."""

    id: str
    title: Text
    port: str
    settings: str
    connect: Callable[[Mapping[str, object]], object]
    api: int = 1
