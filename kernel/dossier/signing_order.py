"""The order of signing: the slots of a document type are filled from the first to the last, never otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kernel.api.documents import Purpose
from kernel.dossier.errors import DocumentEnded, SlotNeedsSignature, SlotOutOfOrder, SlotUnknown
from kernel.dossier.records import DocumentState, DossierDocument, Filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel.api.documents import Document, SignatureSlot


def next_slot(document_type: Document, filled: Sequence[Filled]) -> SignatureSlot | None:
    """Return the slot that must be filled now, None when all are.

    Raises SlotOutOfOrder when what is filled already does not follow the order of the type.
    """
    slots = document_type.slots
    for place, done in enumerate(filled):
        if place >= len(slots) or done.field != slots[place].field:
            raise SlotOutOfOrder(slot=done.field, next=slots[place].title.vi if place < len(slots) else "–")
    return slots[len(filled)] if len(filled) < len(slots) else None


def expect_next(document: DossierDocument, document_type: Document, slot_field: str) -> SignatureSlot:
    """Return the slot of this name if it is its turn. Raises SlotUnknown, DocumentEnded, SlotOutOfOrder."""
    wanted = next((slot for slot in document_type.slots if slot.field == slot_field), None)
    if wanted is None:
        raise SlotUnknown(slot=slot_field, document=document_type.title.vi)
    following = next_slot(document_type, document.filled)
    if following is None or document.state in {DocumentState.COMPLETE, DocumentState.VOID}:
        raise DocumentEnded(document=document_type.title.vi)
    if following is not wanted:
        raise SlotOutOfOrder(slot=wanted.title.vi, next=following.title.vi)
    return wanted


def fill(document: DossierDocument, document_type: Document, filled: Filled) -> DossierDocument:
    """Return the document with its next slot filled and its state moved on.

    Raises SlotUnknown, DocumentEnded, SlotOutOfOrder, and SlotNeedsSignature when an employee's field would be
    confirmed by a code.
    """
    slot = expect_next(document, document_type, filled.field)
    if filled.means == "consent" and slot.purpose is not Purpose.CUSTOMER:
        raise SlotNeedsSignature(slot=slot.title.vi)
    done = (*document.filled, filled)
    return replace(document, filled=done, state=state_of(document_type, done))


def state_of(document_type: Document, filled: Sequence[Filled]) -> DocumentState:
    """Return how far a document with these slots filled came."""
    if len(filled) == len(document_type.slots):
        return DocumentState.COMPLETE
    if any(one.means == "signature" for one in filled):
        return DocumentState.SIGNED
    return DocumentState.CONSENTED if filled else DocumentState.DRAWN
