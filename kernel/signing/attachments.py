"""Files embedded in a PDF, by name (ISO 32000-1, 7.11.4; as associated files: ISO 19005-3, 6.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, EmbeddedFileParams, FileSpec
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.misc import PdfReadError

from kernel.signing._pdf import entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from kernel.signing._pdf import Extension

__all__ = ["attach_json", "attachment_bytes", "attachment_names"]

_DEPTH = 16


def attach_json(
    writer: Extension,
    name: str,
    data: bytes,
    *,
    description: str,
    modified: datetime | None = None,
    relationship: str = "/Supplement",
) -> None:
    """Put `data` into the document as an associated file. The PDF version, Info and XMP stay."""
    root = writer.root
    names = dict(attachment_names(root))
    stream = EmbeddedFileObject.from_file_data(
        writer,
        data,
        params=EmbeddedFileParams(embed_checksum=False, modification_date=modified),
        mime_type="application/json",
    )
    specification = writer.add_object(
        FileSpec(
            file_spec_string=name,
            file_name=name,
            embedded_data=stream,
            description=description,
            af_relationship=pdf_name(relationship),
        ).as_pdf_object()
    )
    names[name] = specification
    # a name tree is sorted (ISO 32000-1, 7.9.6); pyHanko's embed_file appends, and lifts the version to 2.0
    flat = generic.ArrayObject()
    for one in sorted(names, key=lambda one: one.encode("utf-16-be")):
        flat += [pdf_string(one), names[one]]
    tree = generic.DictionaryObject(root["/Names"]) if "/Names" in root else generic.DictionaryObject()
    tree[pdf_name("/EmbeddedFiles")] = generic.DictionaryObject({pdf_name("/Names"): flat})
    root[pdf_name("/Names")] = tree
    associated = generic.ArrayObject(root["/AF"]) if "/AF" in root else generic.ArrayObject()
    associated.append(specification)
    root[pdf_name("/AF")] = associated
    writer.catalog_changed()


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
