"""What is known of a dossier and of its documents at one moment. Frozen: a rule answers with a new record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kernel.api.documents import Purpose
from kernel.api.fields import Value


class DossierState(StrEnum):
    """Where a dossier stands as a whole."""

    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_CMIS = "waiting_cmis"
    """Opened at the counter, its code not yet given by CMIS."""
    CLOSED = "closed"
    CANCELLED = "cancelled"


class DocumentState(StrEnum):
    """How far a document came. Only COMPLETE ones leave the branch; VOID ones are kept as evidence."""

    DRAWN = "drawn"
    CONSENTED = "consented"
    SIGNED = "signed"
    COMPLETE = "complete"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step that was taken: who ended it and when (UTC). `obstacle` is MA_TNGAI when it ended with one."""

    step: str
    began: datetime
    ended: datetime
    staff: str
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """A time spent waiting for the customer, which EVN's own time does not count. Open while `until` is None."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """One request on its way through the branch."""

    id: str
    code: str
    """MA_YCAU_KNAI."""
    unit: str
    service: str
    variant: str
    step: str
    state: DossierState
    values: Mapping[str, Value]
    papers: Mapping[str, str]
    """Paper id to `received` or `later`."""
    history: tuple[StepDone, ...]
    waits: tuple[Wait, ...]
    version: int
    """Raised by one at every save, to notice two clerks at one dossier."""
    received_at: datetime
    """When the complete file was received: the start of the service's clock."""
    step_began: datetime
    due_at: datetime | None
    holder: str = ""
    held_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot of a document that is done: confirmed by code (`consent`) or signed (`signature`)."""

    field: str
    purpose: Purpose
    means: str
    signer: str
    at: datetime
    certificate: str = ""
    """SHA-256 of the certificate's DER, hex; empty for a consent."""


@dataclass(frozen=True, slots=True)
class DossierDocument:
    """One edition of a document of a dossier."""

    id: str
    dossier: str
    type: str
    variant: str
    number: str
    edition: int
    state: DocumentState
    pages: int
    base_sha256: str
    """Of the first revision: what the customer is shown and agrees to."""
    base_length: int
    sha256: str
    """Of the newest revision."""
    level: str
    """PAdES level reached; empty while unsigned."""
    filled: tuple[Filled, ...]
    drawn_at: datetime
    placed: tuple[Mapping[str, object], ...] = field(default=())
    """Where the dossier's values stand in the document, for the preview."""
    boxes: tuple[Mapping[str, object], ...] = field(default=())
    """Where its signature fields stand, in signing order."""
