"""A document with room for a signature: the update to append, its digest, and the hole the CMS goes into.

What is appended is written in one of two ways. A plain file, as this program draws it, takes a few dictionaries and a
cross-reference table. Any other goes through pyHanko, which reads it from end to end and has the last word on whether
it may be signed.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigAppearanceSetup, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from kernel.signing._pdf import extend
from kernel.signing.appearance import stamp_objects, stamp_style
from kernel.signing.classic import plain_field
from kernel.signing.errors import NotPdf, SignatureTooLarge, SigningError
from kernel.signing.intake import refuse_unsignable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kernel.signing.classic import PlainField
    from kernel.signing.source import Source

__all__ = ["Appearing", "Prepared", "prepare"]

_CHUNK = 1 << 20
_RANGE_WIDTH = 48
"""Room for a ByteRange and its four numbers."""
_CONTENTS = b"\n/Contents "
_ENTRY = b"%010d 00000 n \n"


@dataclass(frozen=True, slots=True)
class Appearing:
    """What a reader shows of a signature: `at` (aware) becomes `/M` and the time in `stamp`, a PDF or None."""

    at: datetime
    name: str
    reason: str
    location: str
    stamp: bytes | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An update that waits for its CMS."""

    update: bytes
    """What is appended to the document, zeros where the CMS goes."""
    hole: tuple[int, int]
    """Where in the update the hex digits of the CMS begin and end."""
    digest: bytes
    """Over the ByteRange: all but the hole and its angle brackets."""
    algorithm: str

    def filled(self, cms: bytes) -> bytes:
        """Return the update with the CMS (DER) in it. Raises SignatureTooLarge."""
        begin, end = self.hole
        digits = cms.hex().encode()
        if len(digits) > end - begin:
            raise SignatureTooLarge(size=len(digits), reserved=end - begin)
        return b"".join((self.update[:begin], digits, self.update[begin + len(digits) :]))


def prepare(source: Source, field: str, *, reserved: int, algorithm: str, appearing: Appearing) -> Prepared:
    """Return the update that puts a signature of at most `reserved` bytes into the empty field `field`.

    Raises NotPdf, DocumentEncrypted, DocumentHybrid, DocumentXfa, DocumentCertified, FieldMissing, FieldFilled,
    StampInvalid, DocumentUnreadable.
    """
    plain = plain_field(source, field)
    if plain is None:
        return _by_library(source, field, reserved, algorithm, appearing)
    return _by_hand(source, plain, reserved, algorithm, appearing)


def _by_hand(source: Source, plain: PlainField, reserved: int, algorithm: str, appearing: Appearing) -> Prepared:
    number = plain.first_free
    entries = {**plain.dictionary, b"/V": b"%d 0 R" % number}
    objects: tuple[bytes, ...] = ()
    if appearing.stamp is not None and all(plain.size):
        objects = stamp_objects(appearing.stamp, plain.size, number + 1, appearing.at)
        entries[b"/AP"] = b"<</N %d 0 R>>" % (number + len(objects))
    field, signature = _dictionary(entries), _signature_dictionary(appearing)
    written = [b"" if plain.ends_with_line else b"\n"]
    place = source.size + len(written[0])
    places = {}
    for which, body in (*enumerate(objects, number + 1), (plain.number, field)):
        places[which] = place
        written.append(b"%d 0 obj\n%b\nendobj\n" % (which, body))
        place += len(written[-1])
    places[number] = place
    head = b"%d 0 obj\n%b" % (number, signature)
    before = place + len(head) + _RANGE_WIDTH + len(_CONTENTS)
    after = before + 2 * reserved + len(b"<>")
    behind = b"\n>>\nendobj\n"
    trailer = {key: plain.trailer[key] for key in (b"/Root", b"/Info") if key in plain.trailer}
    trailer[b"/Size"] = b"%d" % (number + 1 + len(objects))
    trailer[b"/Prev"] = b"%d" % plain.last_table
    if plain.first_id:
        changed = hashlib.sha256(source.hashed("sha256").digest() + field + signature).hexdigest()[:32]
        trailer[b"/ID"] = b"[%b <%b>]" % (plain.first_id, changed.encode())
    behind += _table(plain.number, number, places) + b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (
        _dictionary(trailer),
        after + len(behind),
    )
    byte_range = b"/ByteRange [0 %d %d %d]" % (before, after, len(behind))
    ahead = b"".join((*written, head, byte_range.ljust(_RANGE_WIDTH), _CONTENTS))
    running = source.hashed(algorithm)
    running.update(ahead)
    running.update(behind)
    update = b"%b<%b>%b" % (ahead, b"0" * (2 * reserved), behind)
    return Prepared(update, (len(ahead) + 1, len(ahead) + 1 + 2 * reserved), running.digest(), algorithm)


def _table(field: int, first: int, places: Mapping[int, int]) -> bytes:
    """Return the cross-reference table of the field and of the objects that are new, from `first` on."""
    new = b"".join([_ENTRY % places[which] for which in range(first, first + len(places) - 1)])
    known = _ENTRY % places[field]
    return b"xref\n0 1\n0000000000 65535 f \n%d 1\n%b%d %d\n%b" % (field, known, first, len(places) - 1, new)


def _signature_dictionary(appearing: Appearing) -> bytes:
    """Return the signature dictionary (ISO 32000-1, table 252) up to its ByteRange."""
    entries = {
        b"/Type": b"/Sig",
        b"/Filter": b"/Adobe.PPKLite",
        b"/SubFilter": str(SigSeedSubFilter.PADES.value).encode(),
        b"/M": b"(%b)" % generic.pdf_date(appearing.at).encode(),
    }
    for key, text in ((b"/Name", appearing.name), (b"/Location", appearing.location), (b"/Reason", appearing.reason)):
        if text:
            entries[key] = _string(text)
    return _dictionary(entries).removesuffix(b"\n>>") + b"\n"


def _dictionary(entries: Mapping[bytes, bytes]) -> bytes:
    return b"<<\n" + b"\n".join([b"%b %b" % entry for entry in entries.items()]) + b"\n>>"


@lru_cache(maxsize=256)
def _string(text: str) -> bytes:
    return _written(generic.pdf_string(text))


def _written(value: Any) -> bytes:
    out = io.BytesIO()
    value.write_to_stream(out, None)
    return out.getvalue()


def _by_library(source: Source, field: str, reserved: int, algorithm: str, appearing: Appearing) -> Prepared:
    stream = source.overlay()
    writer = extend(stream)
    refuse_unsignable(writer.prev, field)
    placeholder = SignatureObject(
        timestamp=appearing.at,
        name=appearing.name or None,
        location=appearing.location or None,
        reason=appearing.reason or None,
        bytes_reserved=2 * reserved,
        subfilter=SigSeedSubFilter.PADES,
    )
    shown = None
    if appearing.stamp is not None:
        shown = SigAppearanceSetup(stamp_style(appearing.stamp, appearing.at), appearing.at, appearing.name)
    steps = PdfCMSEmbedder().write_cms(field_name=field, writer=writer, existing_fields_only=True)
    try:
        next(steps)
        steps.send(SigObjSetup(sig_placeholder=placeholder, appearance_setup=shown))
        found, _ = steps.send(SigIOSetup(md_algorithm=algorithm, in_place=True, chunk_size=_CHUNK))
        update = stream.appended()
    except SigningError:
        raise
    except Exception as problem:
        raise NotPdf(detail=f"{type(problem).__name__}: {problem}") from problem
    hole = (found.reserved_region_start - source.size + 1, found.reserved_region_end - source.size - 1)
    return Prepared(update, hole, found.document_digest, algorithm)
