"""Attacks on a signed file: universal signature forgery, incremental saving, signature wrapping, games of byte ranges.

Mladenov, Mainka, Meyer zu Selhausen, Grothe, Schwenk: 1 Trillion Dollar Refund, 2019.
"""

from __future__ import annotations

import re
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.pki import BOXES, contract, draw, sign

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[IncrementalPdfFileWriter], None]

from kernel.signing.fields import with_signature_fields
from tests.pdf_updates import (
    ATTACKS,
    EVIL,
    attack,
    attacks,
    dictionary,
    drawing,
    in_catalog,
    in_page,
    in_widget,
    new_content,
    numbers,
    numbers_of,
    raw_update,
    signed,
    stream,
    title,
    updated,
    widget,
)

_RANGE = re.compile(rb"/ByteRange\s*\[[^\]]*\]")
_CONTENTS = re.compile(rb"/Contents\s*<[0-9a-fA-F]*>")

# universal signature forgery: the signature is there, and says nothing


def _forged(pattern: re.Pattern[bytes], put: bytes) -> bytes:
    """Return the document with other content, and its signature dictionary written again without what it proves."""
    changed = updated(signed(), new_content)
    head = signed().rfind(b" obj", 0, signed().rfind(b"/ByteRange"))
    start = signed().rfind(b"\n", 0, head) + 1
    number = int(signed()[start:head].split()[0])
    body = signed()[head + 4 : signed().find(b"endobj", head)]
    return raw_update(changed, {number: pattern.sub(put, body).strip()})


attacks(
    "forgery, Contents",
    partial(_forged, _CONTENTS),
    {
        "missing": b"",
        "null": b"/Contents null",
        "empty": b"/Contents<>",
        "zero": b"/Contents<00>",
        "zeros": b"/Contents<" + b"00" * 4000 + b">",
        "nonsense": b"/Contents<deadbeef>",
    },
)
attacks(
    "forgery, ByteRange",
    partial(_forged, _RANGE),
    {
        "missing": b"",
        "null": b"/ByteRange null",
        "empty": b"/ByteRange[]",
        "zeros": b"/ByteRange[0 0 0 0]",
        "negative": b"/ByteRange[0 -1 -1 0]",
        "infinite": b"/ByteRange[0 99999999999999999999 99999999999999999999 0]",
        "one pair": b"/ByteRange[0 100]",
        "text": b"/ByteRange(0 0 0 0)",
    },
)


# incremental saving: more than was signed


@attack
def saving_new_content() -> bytes:
    return updated(signed(), new_content)


@attack
def saving_without_cross_references() -> bytes:
    place = numbers(signed())
    return signed() + b"%d 0 obj\n%s\nendobj\n" % (place["content"], stream(EVIL))


@attack
def saving_with_a_trailer_alone() -> bytes:
    place = numbers(signed())
    body = b"%d 0 obj\n%s\nendobj\ntrailer\n<</Root %d 0 R/Size %d>>\n"
    return signed() + body % (place["content"], stream(EVIL), place["root"], place["size"])


@attack
def saving_with_a_copied_signature() -> bytes:
    """The update carries the signature object again, so that it seems to belong to the newest revision."""
    changed = updated(signed(), new_content)
    head = signed().rfind(b" obj", 0, signed().rfind(b"/ByteRange"))
    start = signed().rfind(b"\n", 0, head) + 1
    number = int(signed()[start:head].split()[0])
    return raw_update(changed, {number: signed()[head + 4 : signed().find(b"endobj", head)].strip()})


@attack
def saving_behind_a_false_end() -> bytes:
    at = signed().rfind(b"startxref")
    return updated(signed(), new_content) + signed()[at:]


@attack
def saving_a_page_more() -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]
        pages["/Kids"].append(pages["/Kids"].raw_get(0))
        pages[pdf_name("/Count")] = generic.NumberObject(int(pages["/Count"]) + 1)
        writer.update_container(pages)
        writer.update_container(pages["/Kids"])

    return updated(signed(), change)


@attack
def saving_another_catalog() -> bytes:
    place = numbers(signed())
    fresh = place["size"]
    objects = {
        fresh: b"<</Type/Catalog/Pages %d 0 R>>" % (fresh + 1),
        fresh + 1: b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (fresh + 2),
        fresh + 2: b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Contents %d 0 R>>" % (fresh + 1, fresh + 3),
        fresh + 3: stream(EVIL),
    }
    made = raw_update(signed(), objects)
    return made.replace(b"/Root %d 0 R/Prev" % place["root"], b"/Root %d 0 R/Prev" % fresh)


@attack
def saving_a_higher_generation() -> bytes:
    return raw_update(signed(), {numbers(signed())["content"]: stream(EVIL)}, generation=1)


@attack
def saving_freed_content() -> bytes:
    place = numbers(signed())
    made = raw_update(signed(), {place["content"]: b"null"})
    at = made.rfind(b"%d 1\n" % place["content"])
    line = made.find(b"\n", at) + 1
    return made[:line] + b"0000000000 00001 f " + made[line + 19 :]


attacks(
    "saving, catalog",
    lambda change: updated(signed(), change),
    {
        "open action": in_catalog("/OpenAction", dictionary(S=pdf_name("/JavaScript"), JS=pdf_string("app.alert(1)"))),
        "additional actions": in_catalog("/AA", dictionary()),
        "optional content": in_catalog("/OCProperties", dictionary(OCGs=generic.ArrayObject(), D=dictionary())),
        "page labels": in_catalog("/PageLabels", dictionary(Nums=generic.ArrayObject())),
        "names": in_catalog("/Names", dictionary()),
        "permissions": in_catalog("/Perms", dictionary()),
        "viewer preferences": in_catalog("/ViewerPreferences", dictionary(HideToolbar=generic.BooleanObject(True))),
    },
)
attacks(
    "saving, page",
    lambda change: updated(signed(), change),
    {
        "rotated": in_page("/Rotate", lambda _: generic.NumberObject(180)),
        "cropped": in_page("/CropBox", lambda _: numbers_of(0, 0, 10, 10)),
        "resources": in_page("/Resources", lambda _: dictionary()),
        "no annotations": in_page("/Annots", lambda _: generic.ArrayObject()),
        "user unit": in_page("/UserUnit", lambda _: generic.FloatObject(5)),
    },
)
attacks(
    "saving, widget",
    lambda change: updated(signed(), change),
    {
        "another look": in_widget("/AP", lambda one: dictionary(N=one.add_object(drawing()))),
        "moved": in_widget("/Rect", lambda _: numbers_of(0, 0, 600, 800)),
        "hidden": in_widget("/F", lambda _: generic.NumberObject(2)),
        "renamed": in_widget("/T", lambda _: pdf_string("ben_mua")),
        "action": in_widget("/A", lambda _: dictionary(S=pdf_name("/JavaScript"), JS=pdf_string("1"))),
        "value of another": in_widget("/V", lambda one: widget(one, "ben_ban").raw_get("/V"), "ben_mua"),
        "no value": in_widget("/V", lambda _: generic.NullObject()),
        "empty one drawn": in_widget("/AP", lambda one: dictionary(N=one.add_object(drawing())), "ben_mua"),
        "empty one moved": in_widget("/Rect", lambda _: numbers_of(0, 0, 600, 800), "ben_mua"),
    },
)


# what a reader shows beside the pages


def form_default(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form[pdf_name("/NeedAppearances")] = generic.BooleanObject(True)
    writer.update_container(form)


def xfa(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form[pdf_name("/XFA")] = pdf_string("<xdp/>")
    writer.update_container(form)


def xmp(pdf: bytes) -> bytes:
    reader = PdfFileReader(BytesIO(pdf))
    old = reader.root["/Metadata"].data
    other = old.replace("Hợp đồng".encode(), "Quà tặng".encode())
    assert other != old
    reference = reader.root.raw_get("/Metadata")
    return raw_update(pdf, {reference.idnum: stream(other, b"/Type/Metadata/Subtype/XML")})


attacks("saving, title", lambda change: updated(signed(), change), {"Info": title})
attacks("saving, title", lambda make: make(signed()), {"XMP": xmp})
attacks("saving, form", lambda change: updated(signed(), change), {"appearances": form_default, "XFA": xfa})
ATTACKS["saving: an update of nothing"] = lambda: raw_update(signed(), {numbers(signed())["size"]: b"null"})


# signature wrapping: what was signed moves aside


def _wrapped(where: str) -> bytes:
    """Move what stands behind the signature to the end of the file, and put objects and a table of mine between."""
    pdf = signed()
    place = numbers(pdf)
    found = _RANGE.search(pdf, pdf.rfind(b"/ByteRange"))
    assert found is not None
    _, first, start, second = (int(one) for one in re.findall(rb"\d+", found[0]))
    tail = pdf[start:]
    mine = b"\n%d 0 obj\n%s\nendobj\n" % (place["content"], stream(EVIL))
    at = start + len(mine)
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        place["content"], start + 1, place["size"], place["root"], place["end"], at,
    )  # fmt: skip
    moved = start + len(mine) + len(table)
    new = b"/ByteRange [0 %d %d %d]" % (first, moved, second)
    body = pdf[:first] + pdf[first:start] + mine + table + tail
    if where == "range changed":
        return body[: found.start()] + new.ljust(len(found[0])) + body[found.end() :]
    # the changed range stands in a copy of the dictionary, outside of what was signed
    head = pdf.rfind(b" obj", 0, found.start())
    number = int(pdf[pdf.rfind(b"\n", 0, head) + 1 : head].split()[0])
    copied = pdf[head + 4 : pdf.find(b"endobj", head)].replace(found[0], new)
    return pdf[:start] + mine + table + tail + b"\n%d 0 obj\n%s\nendobj\n" % (number, copied.strip())


attacks("wrapping", _wrapped, {"range changed": "range changed", "dictionary copied": "dictionary copied"})


def _ranged(change: Callable[[list[int], int], list[int]]) -> bytes:
    pdf = updated(signed(), new_content)
    found = _RANGE.search(pdf, pdf.rfind(b"/ByteRange"))
    assert found is not None
    numbers_ = change([int(one) for one in re.findall(rb"\d+", found[0])], len(pdf))
    new = b"/ByteRange [" + b" ".join(b"%d" % one for one in numbers_) + b"]"
    return pdf[: found.start()] + new.ljust(len(found[0])) + pdf[found.end() :]


attacks(
    "byte range",
    _ranged,
    {
        "whole file": lambda old, size: [0, old[1], old[2], size - old[2]],
        "overlap": lambda old, _: [0, old[2], old[1], old[3] + old[2] - old[1]],
        "wide gap": lambda old, _: [0, old[1] - 100, old[2] + 100, old[3] - 100],
        "late start": lambda old, _: [10, old[1] - 10, old[2], old[3]],
        "three pairs": lambda old, _: [*old[:2], old[2], 10, old[2] + 10, old[3] - 10],
        "beyond the end": lambda old, _: [0, old[1], old[2], old[3] + 10_000_000],
    },
)


@attack
def a_byte_range_twice() -> bytes:
    """Two entries of the same name: readers differ on which one counts."""
    pdf = updated(signed(), new_content)
    found = _RANGE.search(pdf, pdf.rfind(b"/ByteRange"))
    assert found is not None
    return pdf[: found.start()] + found[0].replace(b" ", b"", 1) + pdf[found.start() :]


@attack
def bytes_before_the_header() -> bytes:
    return b"%PDF-1.7\n% Gia ban: 0 dong\n" + signed()


@attack
def a_signature_of_another_document() -> bytes:
    """The signature of one document is put into another."""
    other = sign(with_signature_fields(draw("Hợp đồng khác"), BOXES), "ben_ban", contract().signatory)
    theirs, mine = (_CONTENTS.search(one, one.rfind(b"/ByteRange")) for one in (other, signed()))
    assert theirs is not None
    assert mine is not None
    return signed()[: mine.start()] + theirs[0][: len(mine[0])].ljust(len(mine[0])) + signed()[mine.end() :]
