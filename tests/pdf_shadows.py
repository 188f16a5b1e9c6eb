"""Attacks on a file prepared before it was signed, on cross-references and archive data, and on certified documents.

Mainka, Mladenov, Rohlmann: Shadow Attacks, 2021. Rohlmann and others: Breaking the Specification, 2021.
"""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfSignatureMetadata

from kernel.signing.fields import with_signature_fields
from tests.pki import BOXES, contract, draw, library_signer, make_pki, sign, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[IncrementalPdfFileWriter], None]

from tests.pdf_updates import (
    EVIL,
    annotation,
    archive_data,
    attack,
    attacks,
    by_library,
    certified,
    dictionary,
    drawing,
    in_catalog,
    in_page,
    in_widget,
    new_content,
    numbers,
    numbers_of,
    page,
    prepared,
    raw_update,
    signed,
    stream,
    title,
    updated,
    widget,
)

# shadow attacks: prepared before signing, used after


def _overlay(writer: IncrementalPdfFileWriter) -> generic.IndirectObject:
    """An image over a part of the page: what it hides shows once the image is gone."""
    look = writer.add_object(
        generic.StreamObject(
            {
                pdf_name("/Type"): pdf_name("/XObject"),
                pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): numbers_of(0, 0, 400, 400),
            },
            stream_data=b"1 g 0 0 400 400 re f",
        )
    )
    target = page(writer)
    content = writer.add_object(generic.StreamObject(stream_data=EVIL + b" q /Che Do Q"))
    target[pdf_name("/Contents")] = content
    resources = target["/Resources"]
    resources[pdf_name("/XObject")] = dictionary(Che=look)
    writer.update_container(target)
    writer.update_container(resources)
    return look


@attack
def shadow_hide() -> bytes:
    looks: list[generic.IndirectObject] = []
    pdf = prepared(lambda writer: looks.append(_overlay(writer)))
    return raw_update(pdf, {looks[0].idnum: b"null"})


@attack
def shadow_hide_with_archive_data() -> bytes:
    """The overlay becomes a stream of the security store."""
    looks: list[generic.IndirectObject] = []
    pdf = prepared(lambda writer: looks.append(_overlay(writer)))
    number = looks[0].idnum
    root = numbers(pdf)["root"]
    reader = PdfFileReader(BytesIO(pdf))
    body = BytesIO()
    reader.root[pdf_name("/DSS")] = dictionary(Certs=generic.ArrayObject([generic.IndirectObject(number, 0, reader)]))
    reader.root.write_to_stream(body, None)
    return raw_update(pdf, {number: stream(b""), root: body.getvalue()})


@attack
def shadow_replace_a_form_value() -> bytes:
    def field(writer: IncrementalPdfFileWriter) -> None:
        form = writer.root["/AcroForm"]
        look = writer.add_object(generic.StreamObject(stream_data=b"BT (100) Tj ET"))
        one = dictionary(
            FT=pdf_name("/Tx"), T=pdf_string("gia"), V=pdf_string("100"), Type=pdf_name("/Annot"),
            Subtype=pdf_name("/Widget"), Rect=numbers_of(60, 480, 460, 540), AP=dictionary(N=look),
        )  # fmt: skip
        form["/Fields"].append(writer.add_object(one))
        writer.update_container(form["/Fields"])
        writer.update_container(form)

    def overlay(writer: IncrementalPdfFileWriter) -> None:
        one = widget(writer, "gia")
        one[pdf_name("/V")] = pdf_string("0")
        one[pdf_name("/AP")] = dictionary(N=writer.add_object(generic.StreamObject(stream_data=b"BT (0) Tj ET")))
        writer.update_container(one)

    return updated(prepared(field), overlay)


@attack
def shadow_replace_a_font() -> bytes:
    """A font that stands in the file already is written again with other shapes."""
    reader = PdfFileReader(BytesIO(signed()))
    fonts = page(IncrementalPdfFileWriter(BytesIO(signed())))["/Resources"]["/Font"]
    number = next(fonts.raw_get(name).idnum for name in fonts)
    del reader
    return raw_update(signed(), {number: b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>"})


def _unused(writer: IncrementalPdfFileWriter) -> None:
    """A second page tree that nothing shows, kept in a corner of the catalog."""
    content = writer.add_object(drawing())
    other = dictionary(Type=pdf_name("/Page"), MediaBox=numbers_of(0, 0, 595, 842), Contents=content)
    tree = dictionary(Type=pdf_name("/Pages"), Count=generic.NumberObject(1))
    reference = writer.add_object(tree)
    other[pdf_name("/Parent")] = reference
    tree[pdf_name("/Kids")] = generic.ArrayObject([writer.add_object(other)])
    in_catalog("/Kho", reference)(writer)


@attack
def shadow_hide_and_replace() -> bytes:
    pdf = prepared(_unused)

    def swap(writer: IncrementalPdfFileWriter) -> None:
        writer.root[pdf_name("/Pages")] = writer.root.raw_get("/Kho")
        writer.update_root()

    return updated(pdf, swap)


@attack
def shadow_hide_and_replace_by_table() -> bytes:
    """The table alone is new: it lets the number of the content point at bytes that were signed as something else."""
    pdf = prepared(_unused)
    place = numbers(pdf)
    fake = b"%d 0 obj\n%s\nendobj" % (place["content"], stream(EVIL))
    pdf = prepared(_unused, in_catalog("/Ghi", generic.ByteStringObject(fake)))
    at = pdf.find(fake)
    if at < 0:  # written as hexadecimal: hidden in a stream instead
        pdf = prepared(
            _unused, lambda one: in_catalog("/Ghi", one.add_object(generic.StreamObject(stream_data=fake)))(one)
        )
        at = pdf.find(fake)
    assert at > 0
    place = numbers(pdf)
    begin = len(pdf)
    return pdf + b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        place["content"], at, place["size"], place["root"], place["end"], begin,
    )  # fmt: skip


def _dangling(after: int) -> tuple[bytes, int]:
    """Return a signed document whose page refers to an object that is not there, and that object's number."""
    plain = with_signature_fields(draw(), BOXES)
    number = numbers(plain)["size"] + after

    def change(writer: IncrementalPdfFileWriter) -> None:
        target = page(writer)
        old = target.raw_get("/Contents")
        missing = generic.IndirectObject(number, 0, writer)
        target[pdf_name("/Contents")] = generic.ArrayObject([old, missing])
        writer.update_container(target)

    return prepared(change), number


@attack
def shadow_missing_object_as_archive_data() -> bytes:
    pdf, number = _dangling(200)
    reader = PdfFileReader(BytesIO(pdf), strict=False)
    body = BytesIO()
    reader.root[pdf_name("/DSS")] = dictionary(Certs=generic.ArrayObject([generic.IndirectObject(number, 0, reader)]))
    reader.root.write_to_stream(body, None)
    return raw_update(pdf, {number: stream(EVIL), numbers(pdf)["root"]: body.getvalue()})


@attack
def shadow_missing_object_as_a_field() -> bytes:
    """The object that was missing is written as part of a further, honest signature."""
    pdf, number = _dangling(200)
    made = updated(pdf, lambda writer: append_signature_field(writer, SigFieldSpec("them")))
    return raw_update(made, {number: stream(EVIL)})


@attack
def shadow_missing_object_as_cross_references() -> bytes:
    pdf, number = _dangling(200)
    return _with_xref_stream(pdf, number, {})


def _with_xref_stream(pdf: bytes, number: int, objects: dict[int, bytes], *, free: tuple[int, ...] = ()) -> bytes:
    """Return `pdf` with an update whose cross-reference stream has that number; what it holds is drawn as content."""
    reader = PdfFileReader(BytesIO(pdf), strict=False)
    out = bytearray(pdf)
    rows: dict[int, tuple[int, int, int]] = dict.fromkeys(free, (0, 0, 1))
    for one, body in objects.items():
        rows[one] = (1, len(out), 0)
        out += b"%d 0 obj\n%s\nendobj\n" % (one, body)
    at = len(out)
    rows[number] = (1, at, 0)
    index = b" ".join(b"%d 1" % one for one in sorted(rows))
    data = b"".join(
        bytes([kind]) + where.to_bytes(4, "big") + bytes([more]) for _, (kind, where, more) in sorted(rows.items())
    )
    packed = zlib.compress(data)
    root = reader.trailer.raw_get("/Root").idnum
    head = b"/Type/XRef/W[1 4 1]/Index[%s]/Size %d/Root %d 0 R/Prev %d/Filter/FlateDecode" % (
        index, max(number + 1, int(reader.trailer["/Size"])), root, reader.last_startxref or 0,
    )  # fmt: skip
    out += b"%d 0 obj\n%s\nendobj\n" % (number, stream(packed, head))
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % at


# cross-reference streams


@attack
def xref_stream_replaces_content() -> bytes:
    place = numbers(signed())
    return _with_xref_stream(signed(), place["size"], {place["content"]: stream(EVIL)})


@attack
def xref_stream_is_the_content() -> bytes:
    return _with_xref_stream(signed(), numbers(signed())["content"], {})


@attack
def xref_stream_frees_the_signature() -> bytes:
    place = numbers(signed())
    return _with_xref_stream(signed(), place["size"], {}, free=(place["page"],))


@attack
def object_stream_replaces_the_catalog() -> bytes:
    place = numbers(signed())
    inner = b"<</Type/Catalog/Pages %d 0 R>>" % place["page"]
    head = b"%d 0 " % place["root"]
    packed = stream(head + inner, b"/Type/ObjStm/N 1/First %d" % len(head))
    return _with_xref_stream(signed(), place["size"] + 1, {place["size"]: packed, place["root"]: b"null"})


@attack
def hybrid_cross_references() -> bytes:
    place = numbers(signed())
    made = _with_xref_stream(signed(), place["size"], {place["content"]: stream(EVIL)})
    hidden = made.rfind(b"%d 0 obj" % place["size"])
    return raw_update(made, {place["size"] + 1: b"null"}, b"/XRefStm %d" % hidden)


@attack
def a_loop_of_revisions() -> bytes:
    made = raw_update(signed(), {numbers(signed())["size"]: b"null"})
    at = int(made[made.rfind(b"startxref") + 10 :].split()[0])
    return re.sub(rb"/Prev \d+>>(?=\nstartxref\n\d+\n%%EOF\n$)", b"/Prev %d>>" % at, made)


# archive data as a cloak


def content_of(writer: IncrementalPdfFileWriter) -> generic.PdfObject:
    return generic.IndirectObject(numbers(signed())["content"], 0, writer)


def page_of(writer: IncrementalPdfFileWriter) -> generic.PdfObject:
    return generic.IndirectObject(numbers(signed())["page"], 0, writer)


attacks(
    "archive data",
    lambda make: make(),
    {
        "new content among certificates": lambda: updated(signed(), archive_data(content_of), new_content),
        "content written again": lambda: raw_update(
            updated(signed(), archive_data(content_of)), {numbers(signed())["content"]: stream(EVIL)}
        ),
        "content and store written again": lambda: raw_update(
            updated(signed(), archive_data(content_of)),
            {
                numbers(signed())["content"]: stream(EVIL),
                numbers(signed())["size"] + 1: b"<</Type/DSS/Certs[%d 0 R]>>" % numbers(signed())["content"],
            },
        ),
        "page among certificates": lambda: updated(
            signed(), archive_data(page_of), in_page("/Rotate", lambda _: generic.NumberObject(180))
        ),
        "an annotation beside them": lambda: updated(signed(), archive_data(), annotation("/FreeText")),
        "a title beside them": lambda: updated(signed(), archive_data(), title),
        "an action beside them": lambda: updated(signed(), archive_data(), in_catalog("/AA", dictionary())),
        "another look beside them": lambda: updated(
            signed(), archive_data(), in_widget("/AP", lambda one: dictionary(N=one.add_object(drawing())))
        ),
    },
)


def _archived_by_xref_stream(number: int, objects: dict[int, bytes] | None = None) -> Callable[[bytes], bytes]:
    """Return a road to an update with archive data whose cross-reference stream has that number."""

    def make(pdf: bytes) -> bytes:
        reader = PdfFileReader(BytesIO(pdf), strict=False)
        place = numbers(pdf)
        certificate, body = place["size"] + 50, BytesIO()
        certificates = generic.ArrayObject([generic.IndirectObject(certificate, 0, reader)])
        reader.root[pdf_name("/DSS")] = dictionary(Certs=certificates)
        reader.root.write_to_stream(body, None)
        mine = {certificate: stream(contract().pki.issuing.der), place["root"]: body.getvalue()}
        return _with_xref_stream(pdf, number, {**mine, **(objects or {})})

    return make


@attack
def shadow_missing_object_as_cross_references_of_archive_data() -> bytes:
    pdf, number = _dangling(200)
    return _archived_by_xref_stream(number)(pdf)


@attack
def shadow_missing_object_as_an_object_stream_of_archive_data() -> bytes:
    pdf, number = _dangling(200)
    head = b"%d 0 " % (number + 7)
    return _archived_by_xref_stream(
        number + 1, {number: stream(head + b"null" + EVIL, b"/Type/ObjStm/N 1/First %d" % len(head))}
    )(pdf)


@attack
def shadow_missing_object_as_a_field_beside_archive_data() -> bytes:
    pdf, number = _dangling(12)

    def change(writer: IncrementalPdfFileWriter) -> None:
        archive_data()(writer)
        while writer.add_object(drawing()).idnum < number:
            pass

    return updated(pdf, change)


# certified documents


def _evil(variant: tuple[MDPPerm, str]) -> bytes:
    level, subtype = variant
    return updated(certified(level), annotation(subtype))


attacks(
    "certified, evil annotation",
    _evil,
    {
        f"{level.name} {subtype}": (level, subtype)
        for level in (MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE)
        for subtype in ("/FreeText", "/Stamp", "/Redact", "/Square")
    },
)
attacks(
    "annotation",
    lambda subtype: updated(signed(), annotation(subtype)),
    {subtype: subtype for subtype in ("/FreeText", "/Text", "/Stamp", "/Widget", "/Link", "/Popup", "/FileAttachment")},
)


def _sneaky(level: MDPPerm) -> bytes:
    """A signature nobody knows, whose appearance writes over the contract."""
    stranger = library_signer(make_pki("lạ").issuing.person("Người lạ"))
    field = SigFieldSpec("them", on_page=0, box=(0, 0, 595, 842))
    made = updated(certified(level), lambda writer: append_signature_field(writer, field))
    return by_library(made, PdfSignatureMetadata("them"), signer=stranger)


attacks("certified, sneaky signature", _sneaky, {level.name: level for level in (MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE)})
attacks(
    "certified, drawn empty field",
    lambda level: updated(
        certified(level),
        lambda writer: append_signature_field(
            writer, SigFieldSpec("them", on_page=0, box=(0, 0, 595, 842), empty_field_appearance=True)
        ),
    ),
    {level.name: level for level in MDPPerm},
)


@attack
def certified_and_signed_against_its_rules() -> bytes:
    """No changes were allowed; an honest seal, made by a program that does not ask, came nevertheless."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kernel.signing.intake._certified_level", lambda _root: None)
        return sign(certified(MDPPerm.NO_CHANGES), "dong_dau", contract().seal)


@attack
def a_stamp_instead_of_a_signature() -> bytes:
    """The empty field shows what a signature shows, and holds none."""
    look = stamp("Ký bởi: Trần Văn Ữ")
    return updated(
        with_signature_fields(draw(), BOXES),
        in_widget("/AP", lambda one: dictionary(N=one.add_object(generic.StreamObject(stream_data=look)))),
    )
