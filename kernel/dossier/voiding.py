"""Data changed: what was drawn from other data is void, with all its confirmations and signatures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kernel.dossier.errors import DocumentIsComplete
from kernel.dossier.records import DocumentState, DossierDocument

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kernel.api.documents import Document
    from kernel.api.fields import Value


def changed_fields(before: Mapping[str, Value], after: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the ids of the fields whose values differ, sorted."""
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))


def printed(document_type: Document, changed: Collection[str]) -> tuple[str, ...]:
    """Return which of the changed fields a document of this type prints, by their labels."""
    return tuple(field.label.vi for field in document_type.fields if field.id in changed)


def voided(
    documents: Iterable[DossierDocument], changed: Collection[str], types: Mapping[str, Document]
) -> tuple[DossierDocument, ...]:
    """Return, now void, the documents that print a changed field; the next drawing is a new edition.

    Raises DocumentIsComplete when one of them is complete: what all have signed changes by an annex only.
    """
    touched = []
    for document in documents:
        names = printed(types[document.type], changed)
        if not names or document.state is DocumentState.VOID:
            continue
        if document.state is DocumentState.COMPLETE:
            raise DocumentIsComplete(document=types[document.type].title.vi, fields=", ".join(names))
        touched.append(replace(document, state=DocumentState.VOID))
    return tuple(touched)
