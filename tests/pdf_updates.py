"""Signed files to attack, and the pieces attacks on them are made of: updates by the library and by hand."""

from __future__ import annotations

from functools import cache, partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from kernel.signing.fields import with_signature_fields
from tests.pki import BOXES, contract, draw, library_signer, sign

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[IncrementalPdfFileWriter], None]

ATTACKS: dict[str, Callable[[], bytes]] = {}


def attack(made: Callable[[], bytes]) -> Callable[[], bytes]:
    ATTACKS[made.__name__] = made
    return made


def attacks(family: str, make: Callable[[Any], bytes], variants: dict[str, Any]) -> None:
    for name, variant in variants.items():
        ATTACKS[f"{family}: {name}"] = partial(make, variant)


# what is attacked


@cache
def signed() -> bytes:
    """Return a document without consent, signed once: fewer checks stand in the way of an attack."""
    return sign(with_signature_fields(draw(), BOXES), "ben_ban", contract().signatory)


@cache
def certified(level: MDPPerm) -> bytes:
    """Return a document certified by the signatory, with the changes `level` allows."""
    meta = PdfSignatureMetadata(field_name="ben_ban", certify=True, docmdp_permissions=level)
    return by_library(with_signature_fields(draw(), BOXES), meta)


def by_library(pdf: bytes, meta: PdfSignatureMetadata, **signer: Any) -> bytes:
    inner = signer.get("signer", library_signer(contract().signatory))
    made = PdfSigner(meta, inner).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf), strict=False))
    assert isinstance(made, BytesIO)
    return made.getvalue()


def updated(pdf: bytes, *changes: Change) -> bytes:
    """Return `pdf` with a well-formed update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    for change in changes:
        change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def prepared(*changes: Change) -> bytes:
    """Return a document an attacker prepared and an honest signatory signed."""
    return by_library(updated(with_signature_fields(draw(), BOXES), *changes), PdfSignatureMetadata("ben_ban"))


def raw_update(pdf: bytes, objects: dict[int, bytes], trailer: bytes = b"", *, generation: int = 0) -> bytes:
    """Return `pdf` with objects written by hand: what no library would write."""
    reader = PdfFileReader(BytesIO(pdf), strict=False)
    out = bytearray(pdf)
    table = b""
    for number in sorted(objects):
        table += b"%d 1\n%010d %05d n \n" % (number, len(out), generation)
        out += b"%d %d obj\n%s\nendobj\n" % (number, generation, objects[number])
    at = len(out)
    root = reader.trailer.raw_get("/Root").idnum
    size = max([int(reader.trailer["/Size"]), *(number + 1 for number in objects)])
    head = b"xref\n%strailer\n<</Size %d/Root %d 0 R/Prev %d%s>>\n" % (
        table,
        size,
        root,
        reader.last_startxref or 0,
        trailer,
    )
    return bytes(out) + head + b"startxref\n%d\n%%%%EOF\n" % at


def numbers(pdf: bytes) -> dict[str, int]:
    """Return the object numbers of the parts an attacker wants."""
    reader = PdfFileReader(BytesIO(pdf), strict=False)
    first = reader.root["/Pages"]["/Kids"].raw_get(0)
    while first.get_object()["/Type"] == "/Pages":
        first = first.get_object()["/Kids"].raw_get(0)
    content = first.get_object().raw_get("/Contents")
    content = content.raw_get(0) if isinstance(content, generic.ArrayObject) else content
    return {
        "root": reader.trailer.raw_get("/Root").idnum,
        "page": first.idnum,
        "content": content.idnum,
        "size": int(reader.trailer["/Size"]),
        "end": reader.last_startxref or 0,
    }


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(data), entries, data)


EVIL = b"BT /F1 40 Tf 60 500 Td (Gia ban: 0 dong) Tj ET"


def drawing() -> generic.StreamObject:
    return generic.StreamObject(stream_data=EVIL)


def page(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    found: generic.DictionaryObject = writer.find_page_for_modification(0)[0].get_object()
    return found


def dictionary(**entries: generic.PdfObject) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})


def numbers_of(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject(generic.FloatObject(value) for value in values)


def in_catalog(key: str, value: generic.PdfObject) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        writer.root[pdf_name(key)] = value
        writer.update_root()

    return change


def in_page(key: str, value: Callable[[IncrementalPdfFileWriter], generic.PdfObject]) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        target = page(writer)
        target[pdf_name(key)] = value(writer)
        writer.update_container(target)

    return change


def annotation(subtype: str, **entries: generic.PdfObject) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        look = writer.add_object(
            generic.StreamObject(
                {pdf_name("/Subtype"): pdf_name("/Form"), pdf_name("/BBox"): numbers_of(0, 0, 400, 60)},
                stream_data=EVIL,
            )
        )
        note = dictionary(
            Type=pdf_name("/Annot"),
            Subtype=pdf_name(subtype),
            Rect=numbers_of(60, 480, 460, 540),
            Contents=pdf_string("Giá bán: 0 đồng"),
            AP=dictionary(N=look),
            **entries,
        )
        writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(note))

    return change


def archive_data(*more: Callable[[IncrementalPdfFileWriter], generic.PdfObject]) -> Change:
    """Add a security store with a real certificate, and `more` among the certificates."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        own = writer.add_object(generic.StreamObject(stream_data=contract().pki.issuing.der))
        certificates = generic.ArrayObject([own, *(one(writer) for one in more)])
        store = dictionary(Type=pdf_name("/DSS"), Certs=certificates)
        in_catalog("/DSS", writer.add_object(store))(writer)

    return change


def widget(writer: IncrementalPdfFileWriter, field: str) -> generic.DictionaryObject:
    for one in writer.root["/AcroForm"]["/Fields"]:
        if one.get_object()["/T"] == field:
            found: generic.DictionaryObject = one.get_object()
            return found
    raise KeyError(field)


def in_widget(
    key: str, value: Callable[[IncrementalPdfFileWriter], generic.PdfObject], field: str = "ben_ban"
) -> Change:
    def change(writer: IncrementalPdfFileWriter) -> None:
        target = widget(writer, field)
        target[pdf_name(key)] = value(writer)
        writer.update_container(target)

    return change


def new_content(writer: IncrementalPdfFileWriter) -> None:
    in_page("/Contents", lambda one: one.add_object(drawing()))(writer)


def title(writer: IncrementalPdfFileWriter) -> None:
    info = writer.trailer_view["/Info"]
    info[pdf_name("/Title")] = pdf_string("Hợp đồng tặng điện")
    writer.update_container(info)
