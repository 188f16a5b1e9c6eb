"""What a signature will look like before it is made: the stamp in its empty field, and a note that it is not signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import enumerate_sig_fields

from kernel.signing._pdf import entry, extend
from kernel.signing.appearance import add_stamp
from kernel.signing.errors import FieldMissing, NotPdf, SigningError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["with_stamps"]

_NOTE = (340.0, 16.0)
"""Width and height of the note in points."""
_EDGE = 3
"""Points between it and the upper edge of the page: above the number of the page."""


def with_stamps(pdf: bytes, stamps: Mapping[str, bytes], at: datetime, note: bytes) -> bytes:
    """Return `pdf` with stamps shown in its empty signature fields as signatures at `at` (aware) will show them.

    `note`, a one-page PDF, stands at the upper edge of every page that shows one, and a viewer opens the first of them.
    Nothing is signed, and nobody is to be given this. Raises FieldMissing, StampInvalid, NotPdf, DocumentEncrypted and
    DocumentHybrid.
    """
    writer = extend(pdf)
    try:
        fields = {str(name): reference for name, _, reference in enumerate_sig_fields(writer, filled_status=False)}
        pages: dict[Any, None] = {}
        if missing := sorted(set(stamps) - set(fields)):
            raise FieldMissing(field=missing[0])  # noqa: TRY301 - beside what the library raises
        for name, stamp in stamps.items():
            widget = fields[name].get_object()
            left, bottom, right, top = (float(value) for value in widget["/Rect"])
            shown = add_stamp(writer, stamp, (right - left, top - bottom), at)
            widget[generic.pdf_name("/AP")] = generic.DictionaryObject({generic.pdf_name("/N"): shown})
            writer.mark_update(fields[name])
            pages[widget.raw_get("/P").reference] = None
        for reference in pages:
            _annotate(writer, reference, note, at)
        if pages:
            first = generic.IndirectObject(next(iter(pages)).idnum, 0, writer)
            writer.root[generic.pdf_name("/OpenAction")] = generic.ArrayObject([first, generic.pdf_name("/Fit")])
            writer.catalog_changed()
        return writer.to_bytes()
    except SigningError:
        raise
    except Exception as problem:
        raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem


def _annotate(writer: Any, reference: Any, note: bytes, at: datetime) -> None:
    page = writer.get_object(reference)
    holder = page
    while "/MediaBox" not in holder:
        holder = holder["/Parent"]
    left, _, right, top = (float(value) for value in holder["/MediaBox"])
    wide, tall = _NOTE
    begin = (left + right - wide) / 2
    box = generic.ArrayObject(map(generic.FloatObject, (begin, top - tall - _EDGE, begin + wide, top - _EDGE)))
    annotation = writer.add_object(
        generic.DictionaryObject(
            {
                generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
                generic.pdf_name("/Subtype"): generic.pdf_name("/Stamp"),
                generic.pdf_name("/Rect"): box,
                generic.pdf_name("/F"): generic.NumberObject(132),
                generic.pdf_name("/AP"): generic.DictionaryObject(
                    {generic.pdf_name("/N"): add_stamp(writer, note, _NOTE, at)}
                ),
            }
        )
    )
    listed = entry(page, "/Annots", generic.ArrayObject())
    page[generic.pdf_name("/Annots")] = generic.ArrayObject([*listed, annotation])
    writer.mark_update(generic.IndirectObject(reference.idnum, reference.generation, writer))
