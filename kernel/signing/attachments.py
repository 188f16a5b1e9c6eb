"""Files embedded in a PDF, by name (ISO 32000-1, 7.11.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError

from kernel.signing._pdf import entry

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["attachment_bytes", "attachment_names"]

_DEPTH = 16


def attachment_names(root: generic.DictionaryObject) -> Iterator[tuple[str, generic.PdfObject]]:
    """Yield each name of the EmbeddedFiles tree with its file specification, in the tree's order.

    Raises PdfReadError for a tree that is broken or too deep; KeyError and TypeError where objects are missing.
    """
    if "/Names" in root and "/EmbeddedFiles" in root["/Names"]:
        yield from _leaves(root["/Names"]["/EmbeddedFiles"], _DEPTH)


def attachment_bytes(specification: generic.PdfObject) -> bytes:
    """Return the embedded bytes of a file specification. Raises PdfReadError, KeyError."""
    target: Any = specification.get_object()
    stream = target["/EF"]["/F"]
    if not isinstance(stream, generic.StreamObject):
        raise PdfReadError("embedded file is no stream")
    return bytes(stream.data)


def _leaves(node: generic.DictionaryObject, depth: int) -> Iterator[tuple[str, generic.PdfObject]]:
    if not depth:
        raise PdfReadError("name tree too deep")
    for kid in entry(node, "/Kids", ()):
        yield from _leaves(kid, depth - 1)
    names = entry(node, "/Names", generic.ArrayObject())
    for index in range(0, len(names) - 1, 2):
        yield str(names[index]), names.raw_get(index + 1)
