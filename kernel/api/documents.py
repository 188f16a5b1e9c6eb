"""Declaration of a document: its data, its template, and who signs it in which order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from kernel.api.fields import Field
from kernel.api.text import Text


class Purpose(StrEnum):
    """What a signature or a confirmation stands for. The signer refuses a purpose it was not asked for."""

    CUSTOMER = "khach_hang"
    """The customer (Bên mua) agrees: an OTP confirmation, or a signature with an own certificate."""
    SIGNATORY = "nguoi_ky"
    """The branch's authorised person (Bên bán) signs."""
    SEAL = "dong_dau"
    """The organisation's seal, always last."""
    METER_STAFF = "treo_thao"
    """The employee who hangs or removes the meter."""
    SEALING_STAFF = "niem_phong"
    """The employee who puts the lead seals."""
    SURVEYOR = "khao_sat"
    """The employee who surveyed the place and drew up the plan."""
    HEAD = "truong_phong"
    """The head of the technical or the business department, who answers for the employee's work."""


class Role(StrEnum):
    """Roles of the branch, by the abbreviations the staff use."""

    GDV = "GDV"
    NVKS = "NVKS"
    NVTT = "NVTT"
    NVNP = "NVNP"
    TPKD = "TPKD"
    GD = "GD"
    VT = "VT"
    ADMIN = "QTHT"
    AUDITOR = "KTV"

    @property
    def short(self) -> str:
        """The abbreviation as the staff write it."""
        return "GĐ" if self is Role.GD else self.value


@dataclass(frozen=True, slots=True)
class SignatureSlot:
    """A signature field of a document. Slots stand in the order of signing, which is law.

    `field` is the name of the AcroForm field and of the template's `sig("…")` block.
    `role` is who may sign; None for the customer.
    """

    field: str
    purpose: Purpose
    title: Text
    role: Role | None


@dataclass(frozen=True, slots=True)
class DocumentVariant:
    """A form a document comes in. What is empty here stands as in the document."""

    id: str = ""
    title: Text | None = None
    fields: tuple[Field, ...] = ()
    slots: tuple[SignatureSlot, ...] = ()
    cmis_type: str = ""
    template: str = ""
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document type.

    `package` is the importable package that holds `template.typ`, `wording.<language>.toml` or other data files.
    `fields` is what the template prints. `slots` are in signing order, the customer's confirmation included.
    `cmis_type` is CMIS's MA_LOAI_HSO.
    """

    id: str
    title: Text
    package: str
    fields: tuple[Field, ...]
    slots: tuple[SignatureSlot, ...]
    cmis_type: str
    variants: tuple[DocumentVariant, ...] = (DocumentVariant(),)
    template: str = "template.typ"
    data: tuple[str, ...] = ()
    """Dated data files, each a TOML file given to the template under its stem: of the package (wording), or as
    `quaydien:NAME` one that all documents share (prices.toml, vat.toml, hours.toml)."""
    number_field: str = ""
    """The field that holds the document's number. A contract number is CMIS's to give, any other the branch counts."""
    number_suffix: str = ""
    """Behind a number the branch counts: 07/2026/BBTT."""
    api: int = 1

    def of(self, variant: str) -> Document:
        """Return the document as it stands in one of its variants. Raises KeyError."""
        chosen = next((one for one in self.variants if one.id == variant), None)
        if chosen is None:
            raise KeyError(variant)
        return replace(
            self,
            variants=(chosen,),
            title=chosen.title or self.title,
            fields=chosen.fields or self.fields,
            slots=chosen.slots or self.slots,
            cmis_type=chosen.cmis_type or self.cmis_type,
            template=chosen.template or self.template,
            data=chosen.data or self.data,
        )

    def forms(self) -> tuple[Document, ...]:
        """Return the document in each of its variants."""
        return tuple(self.of(one.id) for one in self.variants)
