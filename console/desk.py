"""What a clerk can do, as one port between the screens and the kernel.

Screens know only these shapes. Every method may block (database, token, network): screens call them in a worker
thread. Every method raises `kernel.api.errors.QuayDienError` and nothing else for what a person can act on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from console.desk_batches import BatchesDesk
from console.desk_elsewhere import ElsewhereDesk, ElsewhereView
from kernel.api.documents import Role, SignatureSlot
from kernel.api.fields import Field
from kernel.api.services import Obstacle, Paper, Service, Step, Variant
from kernel.api.text import Text

TokenPresence = Literal["absent", "present", "locked", "unlocked", "final_try", "module_missing"]
QueueTab = Literal["mine", "unit", "overdue", "to_sign", "waiting"]
DocumentState = Literal["drawn", "consented", "signed", "complete", "void"]


@dataclass(frozen=True, slots=True)
class Branch:
    code: str
    name: str
    practice: bool
    idle_minutes: float | None = None
    """The console locks after so long without a key; None leaves its own default."""


@dataclass(frozen=True, slots=True)
class Staff:
    id: str
    name: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class QueueRow:
    id: str
    code: str
    service: Text
    variant: Text
    customer: str
    step: Text
    holder: str
    due: datetime | None
    minutes_left: int | None
    """Working minutes until due; negative when overdue."""
    waiting: bool
    registering: bool = False
    """CMIS has not given the request its code yet."""


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: tuple[QueueRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class IntakeReport:
    added: int
    known: int


@dataclass(frozen=True, slots=True)
class SlotView:
    slot: SignatureSlot
    state: Literal["empty", "next", "consent", "signature"]
    signer: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class DocumentView:
    id: str
    type: str
    title: Text
    state: DocumentState
    pages: int
    sha256: str
    level: str
    """PAdES level reached, `B-B`; empty while unsigned."""
    slots: tuple[SlotView, ...]
    awaited: ElsewhereView | None = None
    """The signature that is being made outside and locks the document."""
    level_awaited: str = ""
    """Why a complete document is not at the archive's level yet, as a person reads it."""


@dataclass(frozen=True, slots=True)
class DossierView:
    id: str
    code: str
    service: Service
    variant: Variant
    step: Step
    next: tuple[Step, ...]
    """The steps that may follow, the usual one first."""
    steps: tuple[Step, ...]
    """The steps that this dossier goes through, as far as can be told."""
    draws: tuple[str, ...]
    """Ids of the documents that this step has drawn."""
    asked: tuple[Paper, ...]
    """The papers that the customer brings."""
    done: tuple[str, ...]
    """Ids of the steps already done, in order."""
    closed: bool
    version: int
    typed: Mapping[str, str]
    """What stands in each field, as the clerk reads it; the draft where one is newer than what was saved."""
    draft_at: datetime | None
    papers: Mapping[str, str]
    """Paper id to `received` or `later`."""
    documents: tuple[DocumentView, ...]
    holder: str
    due: datetime | None
    waiting: bool = False
    """The dossier waits for the customer after an obstacle; it must be resumed before it goes on."""
    obstacle: Text | None = None
    """Why it waits."""


@dataclass(frozen=True, slots=True)
class FieldFinding:
    field: str
    severity: Literal["error", "warning"]
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A run of preview text; `value` is True where the words came from the dossier."""

    text: str
    value: bool


@dataclass(frozen=True, slots=True)
class Preview:
    title: Text
    sha256: str
    pages: tuple[tuple[tuple[Span, ...], ...], ...]
    """Pages of lines of spans, read from the very PDF bytes."""


@dataclass(frozen=True, slots=True)
class Challenge:
    document: str
    phone: str
    """Masked: 090***0012."""
    sent_at: datetime
    expires_at: datetime
    tries_left: int
    delivery: Text


@dataclass(frozen=True, slots=True)
class Certificate:
    id: str
    """SHA-256 of the DER, hex: the only way a certificate is chosen."""
    subject: str
    identity: str
    """UID of the subject: CCCD:… or MST:…"""
    issuer: str
    valid_from: datetime
    valid_to: datetime
    token: str
    problem: Text | None
    """Why it can't sign this document, None when it can."""
    needs_pin: bool = True
    """False for a key of an HSM, which stands ready."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a page, in shares of its width and height from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class StampView:
    """What the next signature will show, and where."""

    words: tuple[str, ...]
    """Line for line, with the present time."""
    picture: Text | None
    """The image it shows and its size, None for words alone."""
    page: int
    pages: int
    area: Area
    others: tuple[Area, ...]
    """The other signature boxes of the page."""
    millimetres: tuple[float, float]
    """Width and height of the box."""


@dataclass(frozen=True, slots=True)
class TokenState:
    """A token as the device watch last saw it. `tries_left` is None where the token does not tell."""

    serial: str
    label: str
    presence: TokenPresence
    tries_left: int | None
    owner: str


@dataclass(frozen=True, slots=True)
class SignatureDone:
    document: DocumentView
    signer: str
    seconds: float


class Desk(ElsewhereDesk, BatchesDesk, Protocol):
    """Called from several worker threads at a time; one dossier's writes come one after the other."""

    def branch(self) -> Branch: ...
    def facts(self) -> Sequence[tuple[str, str]]:
        """Return (name, value) lines about this machine and branch, to be read out to support. No personal data."""
        ...

    def sign_in(self, user: str, password: str) -> Staff: ...
    def sign_out(self) -> None: ...

    def services(self) -> Sequence[Service]: ...
    def counts(self) -> Mapping[QueueTab, int]: ...
    def queue(self, tab: QueueTab, words: str, offset: int, limit: int) -> QueuePage: ...
    def intake(self) -> IntakeReport: ...
    def open_walk_in(self, service: str, variant: str, typed: Mapping[str, str]) -> str:
        """Register a request at the counter with CMIS and return the dossier's id."""
        ...

    def open(self, dossier: str) -> DossierView:
        """Claim and read a dossier. Raises when someone else holds it."""
        ...

    def peek(self, dossier: str) -> DossierView:
        """Read a dossier without claiming it, for the queue's side pane."""
        ...

    def leave(self, dossier: str) -> None: ...
    def step_fields(self, dossier: str) -> Sequence[Field]: ...
    def save_draft(self, dossier: str, typed: Mapping[str, str]) -> datetime: ...
    def discard_draft(self, dossier: str) -> DossierView: ...
    def check(self, dossier: str, typed: Mapping[str, str]) -> Sequence[FieldFinding]: ...
    def save(self, dossier: str, version: int, typed: Mapping[str, str]) -> DossierView: ...
    def receive_paper(
        self, dossier: str, paper: str, state: Literal["received", "later", "missing"]
    ) -> DossierView: ...
    def advance(self, dossier: str, next_step: str) -> DossierView: ...
    def report_obstacle(self, dossier: str, obstacle: Obstacle, note: str) -> DossierView: ...
    def resume(self, dossier: str) -> DossierView:
        """Go on with a dossier that waited for the customer."""
        ...

    def draw(self, dossier: str, document_type: str) -> DocumentView: ...
    def preview(self, document: str) -> Preview: ...
    def pdf(self, document: str) -> Path:
        """Write the exact bytes to a private temporary file for the system viewer and return its path."""
        ...

    def challenge(self, document: str) -> Challenge | None: ...
    def send_code(self, document: str, pages_viewed: int) -> Challenge: ...
    def answer_code(self, document: str, code: str, given: Literal["spoken", "keypad"]) -> DocumentView: ...

    def tokens(self) -> Sequence[TokenState]:
        """Return the latest snapshot of the device watch; never blocks on a device."""
        ...

    def certificates(self, document: str) -> Sequence[Certificate]: ...
    def stamp(self, document: str, certificate: str) -> StampView:
        """Return what the next signature of a document will show if this certificate makes it."""
        ...

    def stamp_pdf(self, document: str, certificate: str) -> Path:
        """Write the document with that stamp drawn and nothing signed to a private temporary file; return its path."""
        ...

    def sign(self, document: str, slot: str, certificate: str, pin: str) -> SignatureDone:
        """Sign one slot. `pin` is used for this one try and kept nowhere. Raises with the tries left."""
        ...

    def practice_inbox(self) -> Sequence[tuple[datetime, str, str]]:
        """In a practice branch: what the customers' phones received (time, phone, text). Else raises."""
        ...
