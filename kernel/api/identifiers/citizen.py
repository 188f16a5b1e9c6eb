"""Identity papers: số định danh cá nhân (12 digits), the card's QR text, CMND, passports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kernel.api.findings import Checked, Finding, refused, warning
from kernel.api.identifiers.provinces import PROVINCES
from kernel.api.text import fold, nfc

Sex = Literal["nam", "nu"]

_SEPARATORS = re.compile(r"[\s.\-]")
_PASSPORT = re.compile(r"[A-Z][0-9]{7}")
_FOREIGN_PASSPORT = re.compile(r"(?=.*[A-Z])[0-9A-Z]{5,15}")


@dataclass(frozen=True, slots=True)
class CitizenFacts:
    """What a 12-digit number says of its holder: place of first birth registration, sex, year of birth.

    `province` is empty for a code that names none of the 63 (births registered abroad).
    """

    province: str
    sex: Sex
    birth_year: int


@dataclass(frozen=True, slots=True)
class CitizenCard:
    """The text behind the QR code of an identity card."""

    number: str
    old_number: str
    name: str
    born: date
    sex: Sex
    address: str
    issued: date

    def typed(self) -> dict[str, str]:
        """Return what the scan types into a form, by field id."""
        return {
            "so_giay_to": self.number,
            "ten_khach_hang": self.name,
            "ngay_sinh": f"{self.born:%d/%m/%Y}",
            "gioi_tinh": "Nam" if self.sex == "nam" else "Nữ",
            "dia_chi_thuong_tru": self.address,
            "ngay_cap_giay_to": f"{self.issued:%d/%m/%Y}",
        }


def citizen_facts(number: str) -> CitizenFacts | None:
    """Return what the digits say, None for anything but 12 digits."""
    if not re.fullmatch(r"[0-9]{12}", number):
        return None
    century, woman = divmod(int(number[3]), 2)
    return CitizenFacts(
        PROVINCES.get(number[:3], ""), "nu" if woman else "nam", 1900 + 100 * century + int(number[4:6])
    )


def read_citizen_id(typed: str) -> Checked[str]:
    """Read 12 digits, or a passport number. CMND (9 digits) is refused: no longer valid since 01/01/2025."""
    number = _SEPARATORS.sub("", nfc(typed)).upper()
    if facts := citizen_facts(number):
        return Checked(number, () if facts.province else (warning("citizen_province_unknown", code=number[:3]),))
    if re.fullmatch(r"[0-9]{9}", number):
        return refused("citizen_old_card", number=mask_citizen_id(number))
    if re.fullmatch(r"[0-9]+", number):
        return refused("citizen_length", count=str(len(number)))
    if _PASSPORT.fullmatch(number):
        return Checked(number)
    if _FOREIGN_PASSPORT.fullmatch(number):
        return Checked(number, (warning("passport_foreign", number=number),))
    return refused("citizen_unreadable")


def cross_check(number: str, born: date | None, sex: str | None) -> tuple[Finding, ...]:
    """Compare a 12-digit number with date of birth and sex (`nam`, `nu`); no finding for other papers."""
    facts = citizen_facts(number)
    if facts is None:
        return ()
    found: list[Finding] = []
    if born is not None and born.year != facts.birth_year:
        found.append(
            Finding(
                "citizen_birth_year", "error", {"card": str(facts.birth_year), "typed": str(born.year)}, "ngay_sinh"
            )
        )
    if sex and sex != facts.sex:
        shown = {"nam": "Nam", "nu": "Nữ"}
        found.append(
            Finding("citizen_sex", "error", {"card": shown[facts.sex], "typed": shown.get(sex, sex)}, "gioi_tinh")
        )
    return tuple(found)


def mask_citizen_id(number: str) -> str:
    """Return `001*******89`: enough to compare, not enough to use."""
    if len(number) < 6:
        return "*" * len(number)
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}"


def read_citizen_qr(scanned: str) -> Checked[CitizenCard]:
    """Read `number|old number|name|ddMMyyyy|Nam/Nữ|address|ddMMyyyy`; newer cards add fields, which are ignored."""
    parts = [" ".join(part.split()) for part in nfc(scanned).strip("\r\n\t \ufeff").split("|")]
    if len(parts) < 7:
        return refused("qr_fields", count=str(len(parts)))
    number, old_number, name, born_text, sex_text, address, issued_text = parts[:7]
    if not re.fullmatch(r"[0-9]{12}", number):
        return refused("qr_number")
    sexes: dict[str, Sex] = {"nam": "nam", "nu": "nu"}
    sex = sexes.get(fold(sex_text))
    born, issued = _compact_date(born_text), _compact_date(issued_text)
    if born is None or issued is None:
        return refused("qr_date", typed=(born_text if born is None else issued_text)[:20])
    if sex is None:
        return refused("qr_sex", typed=sex_text[:20])
    if not name:
        return refused("qr_name")
    return Checked(CitizenCard(number, old_number, name, born, sex, address, issued), cross_check(number, born, sex))


def _compact_date(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{8}", text):
        return None
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None
