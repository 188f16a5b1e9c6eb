"""Which stamp a signature shows: its look, its words and where the seal will lie (NĐ 30/2020/NĐ-CP, Phụ lục I)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.documents import Purpose
from kernel.casework import staff
from kernel.casework.stamp_images import SEAL, image_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlmodel import Session

    from kernel.api.documents import Document, SignatureSlot
    from kernel.casework.office import Office
    from kernel.casework.stamp_images import KeptImage
    from kernel.documents.stamp import Picture, Stamp
    from kernel.dossier.records import DossierDocument
    from kernel.signing.boxes import SignatureBox
    from kernel.signing.certificates import CertificateInfo

_FLAT = 2
"""A box that is so many times wider than high is a place for words, as on an annex in a file of its own."""


def stamp_of(office: Office, document: DossierDocument, slot: SignatureSlot, info: CertificateInfo) -> bytes:
    """Return the stamp of a slot signed with a certificate, drawn once for all that look alike.

    Raises MissingGlyph, BlobMissing, BlobCorrupt.
    """
    # imported late: Typst is loaded when the first stamp is drawn
    from kernel.documents.stamp import draw_stamp

    return draw_stamp(look_of(office, document, slot, info))


def look_of(office: Office, document: DossierDocument, slot: SignatureSlot, info: CertificateInfo) -> Stamp:
    """Return what makes the stamp of a slot signed with a certificate. Raises BlobMissing and BlobCorrupt."""
    return look(office, office.declared(document), boxes_of(document), document.number, slot, info)


def look(
    office: Office,
    declared: Document,
    boxes: Mapping[str, SignatureBox],
    number: str,
    slot: SignatureSlot,
    info: CertificateInfo,
) -> Stamp:
    """Return the same for a document that lies in no dossier."""
    from kernel.documents.stamp import Stamp, covered_left

    box = boxes[slot.field]
    with office.work(reading=True) as work:
        seal = image_of(work.session, office.unit, SEAL)
        # a customer's own certificate shows no image, were the customer an employee
        hand = _hand(office, work.session, info) if slot.role and slot.purpose is not Purpose.SEAL else None
    if slot.purpose is Purpose.SEAL:
        # a seal is the organisation's own image or words: this program invents none
        shown = seal is not None and box.width < _FLAT * box.height
        return Stamp(
            "seal" if shown else "text",
            box.width,
            box.height,
            info.name,
            organisation=info.name,
            number="" if shown else number,
            picture=_picture(office, seal) if shown and seal else None,
        )
    seals = {one.field for one in declared.slots if one.purpose is Purpose.SEAL}
    clear = covered_left(box, [other for field, other in boxes.items() if field != slot.field])
    by_seal = covered_left(box, [other for field, other in boxes.items() if field in seals - {slot.field}])
    return Stamp(
        "person",
        box.width,
        box.height,
        info.name,
        title=info.title,
        # nor does a customer's signature carry the branch's name
        organisation=info.organisation or (office.settings.branch.name if slot.role else ""),
        picture=_picture(office, hand) if hand else None,
        clear=clear,
        covered=seal is not None and by_seal > 0,
    )


def boxes_of(document: DossierDocument) -> dict[str, SignatureBox]:
    """Return where each slot of a document has its box, by field."""
    return {str(box["field"]): _box(box) for box in document.boxes}


def _hand(office: Office, session: Session, info: CertificateInfo) -> KeptImage | None:
    """Return the handwritten signature of the employee a certificate belongs to."""
    from kernel.signing.certificates import belongs_to

    owner = next((one for one in staff.everyone(session, office.unit) if belongs_to(info, one.identity)), None)
    return image_of(session, office.unit, owner.id) if owner else None


def _picture(office: Office, image: KeptImage) -> Picture:
    from kernel.documents.stamp import MILLIMETRE, Picture

    return Picture(office.blobs.get(image.sha256), image.width * MILLIMETRE, image.height * MILLIMETRE)


def _box(box: Mapping[str, object]) -> SignatureBox:
    from kernel.signing.boxes import SignatureBox

    return SignatureBox(**box)  # type: ignore[arg-type]  # written from a SignatureBox, read back from JSON
