"""Who may sign which slot: the certificate's identity against the branch's staff, CMIS's authorisations and the MST."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kernel.api.documents import Purpose, SignatureSlot
from kernel.api.identifiers import same_name
from kernel.casework import staff
from kernel.casework.authorisations import authorised
from kernel.casework.office import Actor, Office
from kernel.dossier.document_values import draw_of, values_of
from kernel.dossier.records import Dossier, DossierDocument
from kernel.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.api.fields import Value

NAMED_IN = {
    Purpose.METER_STAFF: ("nhan_vien_treo_thao", "nhan_vien_treo_thao_2", "nhan_vien_treo_thao_3"),
    Purpose.SEALING_STAFF: ("nhan_vien_niem_phong",),
    Purpose.SURVEYOR: ("nhan_vien_khao_sat",),
}
"""Fields that name who did the work, as CODE-NAME: only they may sign for it."""


KNOWN_BY_TAX_CODE = ("to_chuc", "ho_kinh_doanh")
"""Kinds of customer (`loai_khach_hang`) whose party to a contract is the registered business, not a person."""


def customer_identity(values: Mapping[str, Value]) -> str:
    """Return the number the customer is known by: the MST of a business, else that of the identity paper.

    Where a dossier does not ask what the customer is, a business is one that gave its registration.
    """
    kind = values.get("loai_khach_hang", "to_chuc" if "dang_ky_kinh_doanh" in values else "")
    if kind in KNOWN_BY_TAX_CODE:
        return str(values.get("ma_so_thue", ""))
    return str(values.get("so_giay_to", ""))


@dataclass(frozen=True, slots=True)
class Entitled:
    """Someone who may sign a slot: a person by CCCD, or the organisation by MST."""

    name: str
    identity: str
    title: str


def entitled(
    office: Office, work: UnitOfWork, dossier: Dossier, document: DossierDocument, slot: SignatureSlot, today: date
) -> tuple[Entitled, ...]:
    """Return all who may sign `slot` today; empty where nobody may."""
    if slot.purpose is Purpose.SEAL:
        party = office.settings.branch.party
        return (Entitled(office.settings.branch.name, party.get("ma_so_thue", ""), party.get("ten_cong_ty", "")),)
    values = values_of(draw_of(office.service(dossier), document), dossier.values)
    if slot.role is None:
        return (Entitled(str(values.get("ten_khach_hang", "")), customer_identity(values), ""),)
    people = staff.with_role(work.session, dossier.unit, slot.role)
    if slot.purpose is Purpose.SIGNATORY:
        found = authorised(work, dossier.unit, office.declared(document).cmis_type, today)
        people = tuple(person for person in people if found and same_name(person.name, found.name))
    named = [str(values[field]) for field in NAMED_IN.get(slot.purpose, ()) if field in values]
    if named:
        people = tuple(person for person in people if any(_names(text, person) for text in named))
    return tuple(Entitled(person.name, person.identity, person.title) for person in people)


def _names(text: str, person: Actor) -> bool:
    """Return whether an entry of the minutes, a name or CMIS's CODE-NAME, is this employee's."""
    code, _, name = text.rpartition("-")
    return code.strip().casefold() == person.employee_code.casefold() or same_name(name, person.name)
