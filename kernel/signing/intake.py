"""Whether a document may be signed at all, asked before a key is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyhanko.sign.fields import enumerate_sig_fields

from kernel.signing._pdf import entry
from kernel.signing.errors import DocumentCertified, DocumentXfa, FieldFilled, FieldMissing, NotPdf

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

__all__ = ["refuse_unsignable"]

_NO_CHANGES = 1
"""DocMDP permission 1 (ISO 32000-1, table 254): no changes at all."""


def refuse_unsignable(reader: PdfFileReader, field: str) -> None:
    """Raise DocumentXfa, DocumentCertified, FieldMissing, FieldFilled or NotPdf; return if `field` may be signed."""
    try:
        root = reader.root
        xfa = "/XFA" in entry(root, "/AcroForm", {})
        level = _certified_level(root)
        found = {str(name): value for name, value, _ in enumerate_sig_fields(reader)}
    except Exception as problem:
        raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem
    if xfa:
        raise DocumentXfa
    if level == _NO_CHANGES:
        raise DocumentCertified
    if field not in found:
        raise FieldMissing(field=field)
    if found[field] is not None:
        raise FieldFilled(field=field)


def _certified_level(root: Any) -> int | None:
    signature = entry(entry(root, "/Perms", {}), "/DocMDP")
    if signature is None:
        return None
    for reference in entry(signature, "/Reference", ()):
        if entry(reference, "/TransformMethod") == "/DocMDP":
            return int(entry(entry(reference, "/TransformParams", {}), "/P", 2))
    return 2
