"""Write a changed document again as one revision, copying every unchanged object byte for byte."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.xref import write_xref_table

from kernel.signing.errors import DocumentNotFirstRevision, NotPdf

if TYPE_CHECKING:
    from kernel.signing._pdf import Extension

__all__ = ["one_revision"]


def one_revision(pdf: bytes, writer: Extension, identity: generic.ArrayObject) -> bytes:
    """Return `pdf` with the objects of `writer` in place of its own, one cross-reference table, one `%%EOF`.

    `identity` becomes `/ID`. The document must be one revision with an ordinary table (ISO 32000-1, 7.5.4), as Typst
    writes it. Raises DocumentNotFirstRevision, NotPdf.
    """
    reader = writer.prev
    if reader.total_revisions != 1:
        raise DocumentNotFirstRevision(revisions=reader.total_revisions)
    table = reader.xrefs.get_xref_data(0)
    if reader.has_xref_stream or table.xrefs_in_objstm:
        raise NotPdf(detail="cross-reference stream")
    starts = sorted((offset, number, generation) for number, (generation, offset) in table.standard_xrefs.items())
    ends = [offset for offset, _, _ in starts[1:]] + [reader.last_startxref]
    out = BytesIO()
    out.write(pdf[: starts[0][0]])
    places: dict[tuple[int, int], int] = {}
    for (offset, number, generation), end in zip(starts, ends, strict=True):
        body = pdf[offset:end]
        if not body.startswith(b"%d %d obj" % (number, generation)):
            raise NotPdf(detail=f"object {number}")
        if (generation, number) not in writer.objects:
            places[generation, number] = out.tell()
            out.write(body)
    for generation, number in sorted(writer.objects):
        places[generation, number] = out.tell()
        out.write(b"%d %d obj\n" % (number, generation))
        reference = generic.Reference(number, generation, writer)
        writer.objects[generation, number].write_to_stream(out, None, reference)
        out.write(b"\nendobj\n")
    at = write_xref_table(out, places)
    trailer = generic.DictionaryObject(
        {key: reader.trailer.raw_get(key) for key in ("/Root", "/Info") if key in reader.trailer}
    )
    trailer[generic.pdf_name("/ID")] = identity
    trailer[generic.pdf_name("/Size")] = generic.NumberObject(max(number for _, number in places) + 1)
    out.write(b"trailer\n")
    trailer.write_to_stream(out, None)
    out.write(b"\nstartxref\n%d\n%%%%EOF\n" % at)
    return out.getvalue()
