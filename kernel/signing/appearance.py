"""A visible stamp: one page of a PDF, drawn elsewhere, scaled into the signature field."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from pyhanko.pdf_utils import generic, layout
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp import StaticStampStyle

from kernel.signing.errors import StampInvalid

__all__ = ["stamp_objects", "stamp_style"]

_FILL = layout.SimpleBoxLayoutRule(
    x_align=layout.AxisAlignment.ALIGN_MID, y_align=layout.AxisAlignment.ALIGN_MID, margins=layout.Margins.uniform(0)
)


class _FirstPage(PdfContent):
    """The first page of a PDF held in memory, as a form XObject."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self.pdf = pdf

    def render(self) -> bytes:
        try:
            page = self._ensure_writer.import_page_as_xobject(PdfFileReader(BytesIO(self.pdf)), page_ix=0)
            left, bottom, right, top = (float(value) for value in page.get_object()["/BBox"])
        except Exception as problem:
            raise StampInvalid(detail=f"{type(problem).__name__}: {problem}") from problem
        self.resources.xobject["/Stamp"] = page
        self.box = layout.BoxConstraints(width=abs(right - left), height=abs(top - bottom))
        return b"/Stamp Do"


def stamp_style(pdf: bytes) -> StaticStampStyle:
    """Return the style that fills a field with the first page of `pdf`, keeping its proportions."""
    return StaticStampStyle(border_width=0, background=_FirstPage(pdf), background_opacity=1.0, background_layout=_FILL)


@lru_cache(maxsize=32)
def stamp_objects(pdf: bytes, size: tuple[float, float], first: int) -> tuple[bytes, ...]:
    """Return the objects of a stamp in a field of `size` points, as written, numbered from `first` on.

    The last one is the form XObject to show. Raises StampInvalid.
    """
    writer = BasePdfFileWriter(
        generic.IndirectObject(0, 0, None), None, generic.ArrayObject(), obj_id_start=first - 1, stream_xrefs=False
    )
    box = layout.BoxConstraints(width=size[0], height=size[1])
    stamp_style(pdf).create_stamp(writer, box, {}).register()
    written = []
    for generation, number in sorted(writer.objects, key=lambda key: key[1]):
        out = BytesIO()
        writer.objects[generation, number].write_to_stream(out, None, generic.Reference(number, generation, writer))
        written.append(out.getvalue())
    return tuple(written)
