"""What a document takes from its dossier: the values of its fields, and which fields of the service those are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.services import Draw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.documents import Document
    from kernel.api.fields import Value
    from kernel.api.services import Service
    from kernel.dossier.records import DossierDocument


def draw_of(service: Service, document: DossierDocument) -> Draw:
    """Return how the service draws a document; field by field alike where it does not draw it any more."""
    try:
        return service.draw(document.type, document.variant)
    except KeyError:
        return Draw(document.type, document.variant)


def values_of(draw: Draw, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return a dossier's values by the names the document has for them."""
    others = {name: value for name, value in values.items() if name not in draw.fill}
    return others | {name: values[source] for name, source in draw.fill.items() if source in values}


def printed_fields(draw: Draw, document: Document) -> frozenset[str]:
    """Return the service's fields that a document prints."""
    return frozenset(draw.source(field.id) for field in document.fields)
