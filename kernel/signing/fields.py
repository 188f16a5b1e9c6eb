"""Put empty, named signature fields into a freshly drawn document: the bytes the customer will read and agree to."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field, ensure_sig_flags, enumerate_sig_fields

from kernel.signing._pdf import Extension, extend, open_pdf
from kernel.signing.errors import FieldPlacement, NotPdf, SigningError
from kernel.signing.one_revision import one_revision
from kernel.signing.parties import attach_parties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyhanko.pdf_utils.reader import PdfFileReader

    from kernel.signing.boxes import SignatureBox
    from kernel.signing.parties import Party

__all__ = ["signature_fields", "with_signature_fields"]


def with_signature_fields(pdf: bytes, boxes: Sequence[SignatureBox], parties: Sequence[Party] = ()) -> bytes:
    """Return `pdf` as one revision with an empty signature field for each of `boxes`, and who is to sign which.

    The same input gives the same bytes. Each field is a widget on its page with `/P`, the print and lock flags
    and an empty appearance (ISO 19005-3, 6.3); Info, XMP and every other object are copied byte for byte.
    Boxes are in points from the top-left corner of the page, pages from 1. Raises FieldPlacement, NotPdf,
    DocumentEncrypted, DocumentHybrid, DocumentNotFirstRevision.
    """
    writer = extend(pdf)
    try:
        _refuse_names(boxes, int(writer.root["/Pages"]["/Count"]))
        for box in boxes:
            rectangle: Any = _rectangle(writer, box)  # points may be fractions; pyHanko declares whole numbers
            append_signature_field(writer, SigFieldSpec(box.field, on_page=box.page - 1, box=rectangle))
        ensure_sig_flags(writer, lock_sig_flags=True)
        if parties:
            attach_parties(writer, parties)
        return one_revision(pdf, writer, _identity(writer.prev, pdf, (*boxes, *parties)))
    except SigningError:
        raise
    except Exception as problem:
        raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem


def signature_fields(pdf: bytes) -> dict[str, bool]:
    """Return the names of the signature fields in order, True for a signed one. Raises as `with_signature_fields`."""
    reader = open_pdf(pdf)
    try:
        return {str(name): value is not None for name, value, _ in enumerate_sig_fields(reader)}
    except Exception as problem:
        raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem


def _refuse_names(boxes: Sequence[SignatureBox], pages: int) -> None:
    taken: set[str] = set()
    for box in boxes:
        # a full stop would make a field inside another (ISO 32000-1, 12.7.3.2)
        if not box.field or "." in box.field or box.field in taken or not 1 <= box.page <= pages:
            raise FieldPlacement(field=box.field, page=box.page)
        taken.add(box.field)


def _rectangle(writer: Extension, box: SignatureBox) -> tuple[float, float, float, float]:
    page = IncrementalPdfFileWriter.find_page_for_modification(writer, box.page - 1)[0].get_object()
    left, bottom, right, top = _media_box(page)
    rectangle = (left + box.x, top - box.y - box.height, left + box.x + box.width, top - box.y)
    inside = left <= rectangle[0] < rectangle[2] <= right and bottom <= rectangle[1] < rectangle[3] <= top
    if not inside:
        raise FieldPlacement(field=box.field, page=box.page)
    return rectangle


def _media_box(page: generic.DictionaryObject) -> tuple[float, float, float, float]:
    while "/MediaBox" not in page:
        page = page["/Parent"]
    x0, y0, x1, y1 = (float(value) for value in page["/MediaBox"])
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _identity(reader: PdfFileReader, pdf: bytes, added: tuple[object, ...]) -> generic.ArrayObject:
    """Return a file identifier (ISO 32000-1, 14.4) made of the input alone."""
    changed = hashlib.sha256(pdf + repr(added).encode()).digest()[:16]
    try:
        first = reader.document_id[0]
    except (KeyError, ValueError, TypeError):
        first = hashlib.sha256(pdf).digest()[:16]
    return generic.ArrayObject([generic.ByteStringObject(first), generic.ByteStringObject(changed)])
