"""Which stamp a signature shows: its look, its words and where the seal will lie (NĐ 30/2020/NĐ-CP, Phụ lục I)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.documents import Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.documents import SignatureSlot
    from kernel.casework.office import Office
    from kernel.dossier.records import DossierDocument
    from kernel.signing.boxes import SignatureBox
    from kernel.signing.certificates import CertificateInfo


def stamp_of(office: Office, document: DossierDocument, slot: SignatureSlot, info: CertificateInfo) -> bytes:
    """Return the stamp of a slot signed with a certificate, drawn once for all that look alike. Raises MissingGlyph."""
    # imported late: Typst is loaded when the first stamp is drawn
    from kernel.documents.stamp import Stamp, covered_left, draw_stamp

    boxes = boxes_of(document)
    box = boxes[slot.field]
    # a customer's signature does not carry the branch's name
    organisation = info.organisation or (office.settings.branch.name if slot.role else "")
    if slot.purpose is Purpose.SEAL:
        # a seal is an image or it is not shown: this program invents none
        return draw_stamp(
            Stamp("text", box.width, box.height, info.name, organisation=info.name, number=document.number)
        )
    others = [other for field, other in boxes.items() if field != slot.field]
    return draw_stamp(
        Stamp(
            "person",
            box.width,
            box.height,
            info.name,
            title=info.title,
            organisation=organisation,
            clear=covered_left(box, others),
        )
    )


def boxes_of(document: DossierDocument) -> dict[str, SignatureBox]:
    """Return where each slot of a document has its box, by field."""
    return {str(box["field"]): _box(box) for box in document.boxes}


def _box(box: Mapping[str, object]) -> SignatureBox:
    from kernel.signing.boxes import SignatureBox

    return SignatureBox(**box)  # type: ignore[arg-type]  # written from a SignatureBox, read back from JSON
