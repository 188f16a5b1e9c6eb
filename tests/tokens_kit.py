"""What the tests of `kernel.tokens` share: a small PDF with empty signature fields, requests, quick settings."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from kernel.api.documents import Purpose
from kernel.tokens.shapes import Errand, SignRequest

if TYPE_CHECKING:
    from asn1crypto import x509

FIELDS = ("ben_ban", "dong_dau")


@cache
def pdf() -> bytes:
    """Return a one-page PDF with the empty signature fields `FIELDS`."""
    untyped: Any = PdfFileWriter  # pyHanko publishes its writer so
    writer = untyped()
    contents = writer.add_object(generic.StreamObject(stream_data=b""))
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842)))
    page: Any = PageObject
    writer.insert_page(page(contents=contents, media_box=box))
    for field in FIELDS:
        append_signature_field(writer, SigFieldSpec(field, on_page=0, box=(50, 50, 200, 100)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def request(
    der: bytes,
    request_id: str = "yc-1",
    *,
    document_id: str = "hd-1",
    purpose: Purpose = Purpose.SIGNATORY,
    field: str = "ben_ban",
    reason: str = "Ký hợp đồng mua bán điện",
) -> SignRequest:
    return SignRequest(
        request_id=request_id,
        document_id=document_id,
        purpose=purpose,
        field=field,
        certificate=sha256(der),
        at=datetime.now(UTC),
        name="Nguyễn Thị Lấp Lánh Ánh",
        reason=reason,
        location="Điện Biên",
    )


def errand(asked: SignRequest) -> Errand:
    return Errand(asked.document_id, asked.purpose)


def issuers_inside(signed: bytes) -> list[bytes]:
    """Return the DER of the certificates beside the signer's in the last signature."""
    last = PdfFileReader(io.BytesIO(signed)).embedded_signatures[-1]
    return [other.dump() for other in last.other_embedded_certs]


def signer_inside(signed: bytes) -> bytes:
    """Return the DER of the signer's certificate in the last signature."""
    der: bytes = PdfFileReader(io.BytesIO(signed)).embedded_signatures[-1].signer_cert.dump()
    return der


def sound(signed: bytes, root: bytes) -> list[str]:
    """Return the fields whose signatures are intact, cover the file as they should, and lead to `root`."""
    from asn1crypto import x509 as asn1_x509

    trusted: x509.Certificate = asn1_x509.Certificate.load(root)
    found = []
    for signature in PdfFileReader(io.BytesIO(signed)).embedded_signatures:
        status = validate_pdf_signature(signature, ValidationContext(trust_roots=[trusted], allow_fetching=False))
        if status.bottom_line:
            found.append(str(signature.field_name))
    return found
