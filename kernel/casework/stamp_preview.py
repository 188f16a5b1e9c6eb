"""What a signature will look like, shown before it is made: in a document that waits for it, or in a sample."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kernel import clock
from kernel.api.documents import Purpose
from kernel.api.messages import message
from kernel.api.text import Text
from kernel.casework import staff
from kernel.casework.certificates import choose, everything_at_hand
from kernel.casework.errors import NothingToSign
from kernel.casework.stamp_images import SEAL, images
from kernel.casework.stamping import boxes_of, look, look_of
from kernel.dossier.signing_order import next_slot
from kernel.errors import NotFound
from kernel.storage import documents

if TYPE_CHECKING:
    from kernel.api.documents import SignatureSlot
    from kernel.casework.office import Actor, Office
    from kernel.documents.stamp import Stamp
    from kernel.signing.boxes import SignatureBox
    from kernel.signing.certificates import CertificateInfo

__all__ = ["StampPreview", "preview_stamp", "preview_stamp_pdf", "sample_sheet"]


@dataclass(frozen=True, slots=True)
class StampPreview:
    """The stamp the next signature of a document will show, and where. `page` counts from 1."""

    slot: SignatureSlot
    stamp: Stamp
    box: SignatureBox
    others: tuple[SignatureBox, ...]
    """The other boxes on the same page."""
    pages: int
    page_size: tuple[float, float]
    """Width and height in points."""
    at: datetime
    """The time it shows: now."""


def preview_stamp(office: Office, document_id: str, certificate: str) -> StampPreview:
    """Return what the next signature of a document will show if this certificate (SHA-256 of its DER) makes it.

    Raises NothingToSign, NoToken, CertificateNotFound, BlobMissing, BlobCorrupt.
    """
    from kernel.documents.preview import page_size
    from kernel.signing.certificates import describe

    with office.work(reading=True) as work:
        document = documents.get(work.session, document_id)
    slot = next_slot(office.declared(document), document.filled)
    if slot is None:
        raise NothingToSign
    info = describe(choose(everything_at_hand(office), certificate).certificate.der)
    boxes = boxes_of(document)
    box = boxes[slot.field]
    others = tuple(one for field, one in boxes.items() if field != slot.field and one.page == box.page)
    return StampPreview(
        slot=slot,
        stamp=look_of(office, document, slot, info),
        box=box,
        others=others,
        pages=document.pages,
        page_size=page_size(office.blobs.get(document.base_sha256), box.page),
        at=clock.now(),
    )


def preview_stamp_pdf(office: Office, document_id: str, certificate: str, at: datetime | None = None) -> bytes:
    """Return the newest revision with that stamp drawn and nothing signed, marked as such. `at` is now if not given.

    Raises as `preview_stamp`, and MissingGlyph.
    """
    from kernel.documents.stamp import draw_note, draw_stamp
    from kernel.signing.stamp_preview import with_stamps

    shown = preview_stamp(office, document_id, certificate)
    with office.work(reading=True) as work:
        pdf = office.blobs.get(documents.get(work.session, document_id).sha256)
    note = draw_note(message("stamp.note.preview", office.settings.language))
    return with_stamps(pdf, {shown.slot.field: draw_stamp(shown.stamp)}, at or shown.at, note)


def sample_sheet(office: Office, user: str = "") -> bytes:
    """Return a sample document with the stamps a person (by default the first with an image) and the seal will show.

    Nothing of it is signed, nobody's data is in it. Raises NotFound, PluginUnusable, BlobMissing, BlobCorrupt.
    """
    from kernel.documents.drawing import draw
    from kernel.documents.sample import sample
    from kernel.documents.stamp import draw_note, draw_stamp
    from kernel.signing.fields import with_signature_fields
    from kernel.signing.stamp_preview import with_stamps

    person = _person(office, user)
    declared = next(
        (
            one
            for one in office.document_forms()
            if {Purpose.SIGNATORY, Purpose.SEAL} <= {slot.purpose for slot in one.slots}
        ),
        None,
    )
    if declared is None:
        raise NotFound(what=Text("loại văn bản có ký và đóng dấu", "document type with signature and seal"), id="–")
    case = sample(declared, declared.variants[0].id)
    drawn = draw(declared, case.variant, case.values, case.setting)
    boxes = {box.field: box for box in drawn.boxes}
    branch = office.settings.branch
    stamps = {}
    for slot in declared.slots:
        if slot.purpose is Purpose.SIGNATORY:
            info = _described(person.name, f"CCCD:{person.identity}", person.title)
        elif slot.purpose is Purpose.SEAL:
            info = _described(branch.name, f"MST:{branch.party.get('ma_so_thue', '')}", "")
        else:
            continue
        stamps[slot.field] = draw_stamp(look(office, declared, boxes, case.setting.number, slot, info))
    note = draw_note(message("stamp.note.preview", office.settings.language))
    return with_stamps(with_signature_fields(drawn.pdf, drawn.boxes), stamps, clock.now(), note)


def _person(office: Office, user: str) -> Actor:
    with office.work(reading=True) as work:
        people = staff.everyone(work.session, office.unit)
    first = next((one.staff for one in images(office.engine, office.unit) if one.staff != SEAL), "")
    found = next((one for one in people if one.id == (user or first)), None)
    if found is None and not user and people:
        return people[0]
    if found is None:
        raise NotFound(what=Text("nhân viên", "employee"), id=user)
    return found


def _described(name: str, uid: str, title: str) -> CertificateInfo:
    from kernel.signing.certificates import CertificateInfo

    moment = clock.now()
    return CertificateInfo(
        name=name, uid=uid, organisation="", title=title, issuer="", serial="", since=moment, until=moment, key=""
    )
