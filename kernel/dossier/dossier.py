"""What a dossier and its documents are. Every change returns a new object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from kernel.api.documents import Document as DocumentType
from kernel.api.fields import Value
from kernel.api.services import Service, Step
from kernel.dossier.errors import DossierEnded, DossierWaits, StepUnknown

PaperState = Literal["received", "later"]


class State(StrEnum):
    """Where the dossier stands as a whole."""

    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_CMIS = "waiting_cmis"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class DocumentState(StrEnum):
    """How far a document is signed. VOID: its data changed, a new version must be drawn."""

    DRAWN = "drawn"
    CONSENTED = "consented"
    SIGNED = "signed"
    COMPLETE = "complete"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A time the dossier stood still. Moments are aware; `until` is None while it lasts. `reason` is an obstacle."""

    since: datetime
    reason: str
    until: datetime | None = None
    customer: bool = True


@dataclass(frozen=True, slots=True)
class Filled:
    """A signature field that was filled: by a confirmation (consent) or a digital signature."""

    slot: str
    by: Literal["consent", "signature"]
    signer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a dossier. `type` is the document type's id, `version` counts redraws from 1."""

    id: str
    type: str
    version: int = 1
    state: DocumentState = DocumentState.DRAWN
    filled: tuple[Filled, ...] = ()
    sha256: str = ""
    """Of the bytes drawn, lower-case hex: what the customer agrees to."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A customer's request on its way. `received_at` is the moment the complete file came, aware.

    `values` are read values by field id, `papers` the papers that came or may follow, `done` the steps passed in order.
    `version` grows with every change, so that a second writer is noticed.
    """

    id: str
    code: str
    unit: str
    service: str
    variant: str
    step: str
    received_at: datetime
    values: Mapping[str, Value] = field(default_factory=dict)
    papers: Mapping[str, PaperState] = field(default_factory=dict)
    state: State = State.OPEN
    due: datetime | None = None
    waitings: tuple[Waiting, ...] = ()
    done: tuple[str, ...] = ()
    version: int = 1

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return self.state in {State.CLOSED, State.CANCELLED}

    @property
    def waiting(self) -> Waiting | None:
        """The time of standing still that lasts now, None if work goes on."""
        return self.waitings[-1] if self.waitings and self.waitings[-1].until is None else None

    def changed(self, **changes: object) -> Dossier:
        """Return the dossier with some attributes changed and the next version number."""
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]  # replace() checks names


def present_step(dossier: Dossier, service: Service) -> Step:
    """Return the step the dossier is in. Raises StepUnknown."""
    try:
        return service.step(dossier.step)
    except KeyError:
        raise StepUnknown(step=dossier.step, service=service.id) from None


def expect_open(dossier: Dossier) -> None:
    """Raise DossierEnded or DossierWaits unless work goes on."""
    if dossier.ended:
        raise DossierEnded(code=dossier.code)
    if dossier.waiting is not None:
        raise DossierWaits(reason=dossier.waiting.reason)


def in_force(documents: Mapping[str, Document], document_type: str) -> Document | None:
    """Return the newest version of a type that is not void, from documents by id."""
    fitting = [doc for doc in documents.values() if doc.type == document_type and doc.state is not DocumentState.VOID]
    return max(fitting, key=lambda doc: doc.version, default=None)


def title_of(types: Mapping[str, DocumentType], document_type: str) -> str:
    """Return what a clerk calls a document type: its title where the type is known, else its id."""
    known = types.get(document_type)
    return known.title.vi if known else document_type
