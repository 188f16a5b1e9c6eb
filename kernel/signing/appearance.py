"""A visible stamp: a PDF drawn elsewhere, scaled into the signature field, the time of the signature set into it.

The first page of the PDF stays the same for every signature that looks alike; a second one, where there is one, holds
a model time and nothing else. What is imported of them is kept, so that a signature costs the time's few letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic, layout
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp import StaticStampStyle

from kernel.signing.errors import StampInvalid
from kernel.signing.stamp_time import MODEL_DAY, MODEL_HOUR, stamp_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = ["add_stamp", "stamp_objects", "stamp_style"]

_FILL = layout.SimpleBoxLayoutRule(
    x_align=layout.AxisAlignment.ALIGN_MID, y_align=layout.AxisAlignment.ALIGN_MID, margins=layout.Margins.uniform(0)
)
_STRING = re.compile(rb"[(<]")
"""Where a string of a content stream begins (ISO 32000-1, 7.3.4): what is shown of a font."""
_REFERENCE = re.compile(rb"(?<=[\s\[<>])(\d+) 0 R\b")
_CODE = 2
"""Bytes of a letter in a font of Identity-H."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """The time's content stream with its letters cut out, and the code of each letter in its font."""

    pieces: tuple[bytes, ...]
    lengths: tuple[int, ...]
    """Letters between two pieces."""
    codes: dict[str, bytes]

    def at(self, moment: datetime) -> bytes:
        """Return the content stream that shows this time."""
        letters = iter("".join(stamp_time(moment)))
        out = [self.pieces[0]]
        for length, piece in zip(self.lengths, self.pieces[1:], strict=True):
            out += [b"<", b"".join([self.codes[next(letters)] for _ in range(length)]).hex().encode(), b">", piece]
        return b"".join(out)


_NO_CLOCK = _Clock((b"",), (), {})


@dataclass(frozen=True, slots=True)
class _Imported:
    """A stamp in a writer: a form XObject named /Stamp among `resources`, those of the time beside it."""

    resources: generic.DictionaryObject
    clock: _Clock
    size: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Kept:
    """The objects of a stamp as written, cut at their references, which count from the first of them."""

    objects: tuple[tuple[bytes | int, ...], ...]
    """The last is the dictionary of resources."""
    clock: _Clock
    size: tuple[float, float]


def stamp_objects(pdf: bytes, size: tuple[float, float], first: int, at: datetime) -> tuple[bytes, ...]:
    """Return the objects of a stamp in a field of `size` points, as written, numbered from `first` on.

    The last one is the form XObject to show, with the time `at` (aware). Raises StampInvalid.
    """
    kept = _kept(pdf)
    written = _numbered(pdf, first)
    content = _scaled(kept.clock, kept.size, size, at)
    form = (
        b"<<\n/Type /XObject\n/Subtype /Form\n/BBox [0 0 %.3f %.3f]\n/Resources %d 0 R\n/Length %d\n>>\n"
        b"stream\n%b\nendstream" % (*size, first + len(written) - 1, len(content), content)
    )
    return (*written, form)


def add_stamp(writer: BasePdfFileWriter, pdf: bytes, size: tuple[float, float], at: datetime) -> Any:
    """Add the same form XObject to a writer and return the reference to it. Raises StampInvalid."""
    found = _bring(writer, pdf)
    form = generic.StreamObject(stream_data=_scaled(found.clock, found.size, size, at))
    box = generic.ArrayObject(generic.FloatObject(f"{edge:.3f}") for edge in (0, 0, *size))
    _describe(form, box, writer.add_object(found.resources))
    return writer.add_object(form)


def stamp_style(pdf: bytes, at: datetime) -> StaticStampStyle:
    """Return the style that fills a field with the stamp `pdf`, keeping its proportions. `at` (aware) is its time."""
    return StaticStampStyle(
        border_width=0, background=_Content(pdf, at), background_opacity=1.0, background_layout=_FILL
    )


class _Content(PdfContent):
    """A stamp for pyHanko's own writing of a signature."""

    def __init__(self, pdf: bytes, at: datetime) -> None:
        super().__init__()
        self._pdf = pdf
        self._at = at

    def render(self) -> bytes:
        found = _bring(self._ensure_writer, self._pdf)
        for name, kind in (("/XObject", self.resources.xobject), ("/Font", self.resources.font),
                           ("/ColorSpace", self.resources.color_space)):  # fmt: skip
            kind.update(found.resources.get(name, {}))
        self.box = layout.BoxConstraints(width=found.size[0], height=found.size[1])
        return _content(found.clock, self._at)


def _describe(form: generic.StreamObject, box: generic.ArrayObject, resources: Any) -> None:
    for key, value in (
        ("/Type", generic.pdf_name("/XObject")),
        ("/Subtype", generic.pdf_name("/Form")),
        ("/BBox", box),
        ("/Resources", resources),
    ):
        form[generic.pdf_name(key)] = value


def _scaled(clock: _Clock, drawn: tuple[float, float], size: tuple[float, float], at: datetime) -> bytes:
    """Return the content that shows a stamp in the middle of a field, as large as its proportions allow."""
    scale = min(size[0] / drawn[0], size[1] / drawn[1])
    left, bottom = ((room - scale * length) / 2 for room, length in zip(size, drawn, strict=True))
    return b"q %.5f 0 0 %.5f %.3f %.3f cm\n%b\nQ" % (scale, scale, left, bottom, _content(clock, at))


def _content(clock: _Clock, at: datetime) -> bytes:
    return b"/Stamp Do\n" + clock.at(at)


@lru_cache(maxsize=64)
def _kept(pdf: bytes) -> _Kept:
    writer = BasePdfFileWriter(
        generic.IndirectObject(0, 0, None), None, generic.ArrayObject(), obj_id_start=0, stream_xrefs=False
    )
    found = _bring(writer, pdf)
    writer.add_object(found.resources)
    written = []
    for generation, number in sorted(writer.objects, key=lambda key: key[1]):
        out = BytesIO()
        writer.objects[generation, number].write_to_stream(out, None, generic.Reference(number, generation, writer))
        written.append(tuple(_cut(out.getvalue())))
    return _Kept(tuple(written), found.clock, found.size)


@lru_cache(maxsize=64)
def _numbered(pdf: bytes, first: int) -> tuple[bytes, ...]:
    """Return the objects of a stamp that are the same at every time, numbered from `first` on."""
    return tuple(
        b"".join(part if isinstance(part, bytes) else b"%d" % (first + part) for part in parts)
        for parts in _kept(pdf).objects
    )


def _cut(body: bytes) -> Iterator[bytes | int]:
    """Yield an object in pieces: bytes, and the place of each object it refers to."""
    head, stream, data = body.partition(b"stream\n")
    place = 0
    for found in _REFERENCE.finditer(head):
        yield head[place : found.start()]
        yield int(found[1]) - 1
        place = found.end() - len(b" 0 R")
    yield head[place:] + stream + data


def _bring(writer: BasePdfFileWriter, pdf: bytes) -> _Imported:
    """Import a stamp into a writer. Raises StampInvalid."""
    try:
        pages = PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Kids"]
        both = [page.get_object() for page in pages][:2]
        # one call imports what the pages share once
        shared = generic.DictionaryObject()
        for name, page in zip(("/Still", "/Time"), both, strict=False):
            shared[generic.pdf_name(name)] = page.get("/Resources", generic.DictionaryObject())
        shared.container_ref = both[0].get_container_ref()
        brought: Any = writer.import_object(shared)
        left, bottom, right, top = (float(value) for value in both[0]["/MediaBox"])
        form = generic.StreamObject(stream_data=both[0]["/Contents"].data)
        _describe(form, generic.ArrayObject(map(generic.FloatObject, (left, bottom, right, top))), brought["/Still"])
        form.compress()
        named = generic.DictionaryObject({generic.pdf_name("/Stamp"): writer.add_object(form)})
        resources = generic.DictionaryObject(brought["/Time"] if len(both) > 1 else {})
        resources[generic.pdf_name("/XObject")] = named
        clock = _clock(both[1]["/Contents"].data) if len(both) > 1 else _NO_CLOCK
    except Exception as problem:
        raise StampInvalid(detail=f"{type(problem).__name__}: {problem}") from problem
    return _Imported(resources, clock, (right - left, top - bottom))


def _clock(stream: bytes) -> _Clock:
    """Take the model time apart. Raises ValueError where the page shows anything else."""
    source = BytesIO(stream)
    pieces, lengths, codes = [], [], b""
    place = 0
    while (found := _STRING.search(stream, place)) is not None:
        source.seek(found.start())
        shown: Any = generic.read_object(source, generic.Reference(0, 0, None))
        pieces.append(stream[place : found.start()])
        lengths.append(len(shown.original_bytes) // _CODE)
        codes += shown.original_bytes
        place = source.tell()
    model = MODEL_DAY + MODEL_HOUR
    if len(codes) != _CODE * len(model):
        raise ValueError("the second page does not show the model time alone")
    letters = {letter: codes[_CODE * at : _CODE * at + _CODE] for at, letter in enumerate(model)}
    return _Clock((*pieces, stream[place:]), tuple(lengths), letters)
