"""Change the data of a dossier. What was drawn from other data is void: nobody signs what is no longer true."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kernel.dossier.dossier import Document, DocumentState, Dossier, title_of
from kernel.dossier.errors import DocumentIsComplete, DossierEnded, FieldUnknown, StaleVersion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.documents import Document as DocumentType
    from kernel.api.fields import Value
    from kernel.api.services import Service


@dataclass(frozen=True, slots=True)
class Change:
    """The dossier after a change, its documents by id, the fields that differ and the documents now void, by id."""

    dossier: Dossier
    documents: Mapping[str, Document]
    fields: tuple[str, ...]
    voided: tuple[str, ...]


def change(
    dossier: Dossier,
    service: Service,
    values: Mapping[str, Value | None],
    documents: Mapping[str, Document],
    *,
    types: Mapping[str, DocumentType],
    version: int,
) -> Change:
    """Return the dossier with `values` merged in (None takes a value away) and its documents voided where needed.

    A drawn or partly signed document that prints a changed field becomes void. A complete one can't be undone.
    Raises DossierEnded, StaleVersion, FieldUnknown, DocumentIsComplete.
    """
    if dossier.ended:
        raise DossierEnded(code=dossier.code)
    if version != dossier.version:
        raise StaleVersion(yours=version, current=dossier.version)
    labels = {field.id: field.label.vi for field in service.fields()}
    for name in values:
        if name not in labels:
            raise FieldUnknown(field=name)
    differing = tuple(name for name, value in values.items() if dossier.values.get(name) != value)
    if not differing:
        return Change(dossier, documents, (), ())
    after = dict(documents)
    voided = []
    for document in documents.values():
        printed = _printed(types, document.type, differing)
        if not printed or document.state is DocumentState.VOID:
            continue
        if document.state is DocumentState.COMPLETE:
            fields = ", ".join(labels[name] for name in printed)
            raise DocumentIsComplete(document=title_of(types, document.type), fields=fields)
        after[document.id] = replace(document, state=DocumentState.VOID)
        voided.append(document.id)
    merged = {**dossier.values, **values}
    kept = {name: value for name, value in merged.items() if value is not None}
    return Change(dossier.changed(values=kept), after, differing, tuple(voided))


def new_version(document_id: str, document_type: str, documents: Mapping[str, Document], sha256: str) -> Document:
    """Return a freshly drawn document, numbered after all earlier versions of its type."""
    earlier = [document.version for document in documents.values() if document.type == document_type]
    return Document(document_id, document_type, version=max(earlier, default=0) + 1, sha256=sha256)


def _printed(types: Mapping[str, DocumentType], document_type: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of the fields the document prints; all of them where its type is not known."""
    known = types.get(document_type)
    if known is None:
        return names
    printed = {field.id for field in known.fields}
    return tuple(name for name in names if name in printed)
