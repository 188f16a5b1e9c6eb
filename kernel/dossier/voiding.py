"""Data changed: what was drawn from other data is void, with all its confirmations and signatures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kernel.dossier.document_values import draw_of, printed_fields
from kernel.dossier.errors import DocumentIsComplete
from kernel.dossier.records import DocumentState, DossierDocument

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kernel.api.documents import Document
    from kernel.api.fields import Value
    from kernel.api.services import Service


def changed_fields(before: Mapping[str, Value], after: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the ids of the fields whose values differ, sorted."""
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))


def voided(
    documents: Iterable[DossierDocument], changed: Collection[str], service: Service, types: Mapping[str, Document]
) -> tuple[DossierDocument, ...]:
    """Return, now void, the documents that print a changed field; the next drawing is a new edition.

    `types` are the declarations by the ids of the dossier's documents.

    Raises DocumentIsComplete when one of them is complete: what all have signed changes by an annex only.
    """
    touched = []
    for document in documents:
        declared = types[document.id]
        touching = printed_fields(draw_of(service, document), declared) & frozenset(changed)
        names = [field.label.vi for field in service.fields() if field.id in touching]
        if not touching or document.state is DocumentState.VOID:
            continue
        if document.state is DocumentState.COMPLETE:
            raise DocumentIsComplete(document=declared.title.vi, fields=", ".join(names))
        touched.append(replace(document, state=DocumentState.VOID))
    return tuple(touched)
