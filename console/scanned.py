"""What a scan fills in, by the ids of the fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.scanner import Scan


def typed_by(scan: Scan) -> dict[str, str]:
    """Return what the clerk would type for this scan, empty values left out."""
    if scan.kind == "customer":
        return {"ma_khach_hang": scan.text}
    number, _old, name, born, sex, address, issued = scan.text.split("|")
    typed = {
        "so_giay_to": number,
        "ten_khach_hang": name,
        "ngay_sinh": _date(born),
        "gioi_tinh": sex,
        "dia_chi_thuong_tru": address,
        "ngay_cap_giay_to": _date(issued),
    }
    return {field: " ".join(value.split()) for field, value in typed.items() if value.strip()}


def _date(digits: str) -> str:
    """Return ddMMyyyy as dd/MM/yyyy; what is no such date stays as it is, for the check to refuse."""
    digits = digits.strip()
    return f"{digits[:2]}/{digits[2:4]}/{digits[4:]}" if len(digits) == 8 and digits.isdecimal() else digits
