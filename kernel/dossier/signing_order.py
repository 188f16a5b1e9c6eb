"""The order of signing: the slots of a document type are filled from the first to the last, never otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kernel.api.documents import Purpose
from kernel.dossier.dossier import Document, DocumentState, Filled
from kernel.dossier.errors import DocumentEnded, SlotNeedsSignature, SlotOutOfOrder, SlotUnknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel.api.documents import Document as DocumentType
    from kernel.api.documents import SignatureSlot


def next_slot(document_type: DocumentType, filled: Sequence[Filled]) -> SignatureSlot | None:
    """Return the slot that must be filled now, None when all are.

    Raises SlotOutOfOrder when what is filled already does not follow the order of the type.
    """
    for slot, done in zip(document_type.slots, filled, strict=False):
        if done.slot != slot.field:
            raise SlotOutOfOrder(slot=done.slot, next=slot.title.vi)
    if len(filled) > len(document_type.slots):
        raise SlotOutOfOrder(slot=filled[-1].slot, next="–")
    return document_type.slots[len(filled)] if len(filled) < len(document_type.slots) else None


def expect_next(document: Document, document_type: DocumentType, slot_field: str) -> SignatureSlot:
    """Return the slot of this name if it is its turn. Raises SlotUnknown, DocumentEnded, SlotOutOfOrder."""
    wanted = next((slot for slot in document_type.slots if slot.field == slot_field), None)
    if wanted is None:
        raise SlotUnknown(slot=slot_field, document=document_type.title.vi)
    following = next_slot(document_type, document.filled)
    if document.state in {DocumentState.COMPLETE, DocumentState.VOID} or following is None:
        raise DocumentEnded(document=document_type.title.vi)
    if following is not wanted:
        raise SlotOutOfOrder(slot=wanted.title.vi, next=following.title.vi)
    return wanted


def fill(document: Document, document_type: DocumentType, filled: Filled) -> Document:
    """Return the document with its next slot filled and its state moved on.

    Raises SlotUnknown, DocumentEnded, SlotOutOfOrder, and SlotNeedsSignature when an employee's field would be
    confirmed by a code.
    """
    slot = expect_next(document, document_type, filled.slot)
    if filled.by == "consent" and slot.purpose is not Purpose.CUSTOMER:
        raise SlotNeedsSignature(slot=slot.title.vi)
    done = (*document.filled, filled)
    return replace(document, filled=done, state=_state(done, document_type))


def _state(filled: Sequence[Filled], document_type: DocumentType) -> DocumentState:
    if len(filled) == len(document_type.slots):
        return DocumentState.COMPLETE
    if any(one.by == "signature" for one in filled):
        return DocumentState.SIGNED
    return DocumentState.CONSENTED if filled else DocumentState.DRAWN
