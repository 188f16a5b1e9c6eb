"""EVN's own codes: customer, unit, metering point, meter, contract."""

from __future__ import annotations

import re

from kernel.api.findings import Checked, Finding, refused, warning
from kernel.api.text import nfc

_CUSTOMER = re.compile(r"P[ABCDEHKMNPQ][0-9A-Z]{4}[0-9]{7}")
_CUSTOMER_OTHER = re.compile(r"P[0-9A-Z]{7,15}")
_UNIT = re.compile(r"[A-Z]{2}(?:[0-9A-Z]{2}(?:[0-9A-Z]{2})?)?")
_METER = re.compile(r"[0-9A-Z][0-9A-Z\-/]{0,19}")
_CODE = re.compile(r"[\w][\w/.,\-+() ]*")
_DASHES = str.maketrans("–—−", "---")

CORPORATIONS = {
    "PA": "EVNNPC", "PH": "EVNNPC", "PM": "EVNNPC", "PN": "EVNNPC",
    "PC": "EVNCPC", "PP": "EVNCPC", "PQ": "EVNCPC",
    "PB": "EVNSPC", "PK": "EVNSPC",
    "PD": "EVNHANOI",
    "PE": "EVNHCMC",
}  # fmt: skip
"""The power corporation by the first two letters of a customer or unit code."""


def compact(typed: str) -> str:
    """Return a code in capitals without spaces, NFC."""
    return "".join(nfc(typed).upper().split())


def read_customer_code(typed: str) -> Checked[str]:
    """Read a mã khách hàng: 13 characters as a rule; other lengths of old codes pass with a warning."""
    code = compact(typed)
    if _CUSTOMER.fullmatch(code):
        return Checked(code)
    if _CUSTOMER_OTHER.fullmatch(code):
        return Checked(code, (warning("customer_code_unusual", code=code),))
    return refused("customer_code_unreadable", typed=code[:20])


def read_unit_code(typed: str) -> Checked[str]:
    """Read a mã đơn vị quản lý: two letters for a corporation, four or six characters below."""
    code = compact(typed)
    return Checked(code) if _UNIT.fullmatch(code) else refused("unit_code_unreadable", typed=code[:20])


def unit_link(customer_code: str, unit_code: str) -> tuple[Finding, ...]:
    """Warn when a customer's code begins with another unit: usual after units merged, else a slip."""
    if not unit_code or customer_code.startswith(unit_code[:4]):
        return ()
    return (Finding("unit_link", "warning", {"code": customer_code, "unit": unit_code}, "ma_khach_hang"),)


def read_metering_point(typed: str) -> Checked[str]:
    """Read a mã điểm đo: the customer code and three digits."""
    code = compact(typed)
    if len(code) < 4 or not re.fullmatch(r"[0-9]{3}", code[-3:]):
        return refused("metering_point_unreadable", typed=code[:24])
    customer = read_customer_code(code[:-3])
    if customer.value is None:
        return refused("metering_point_unreadable", typed=code[:24])
    return Checked(code, customer.findings)


def point_link(metering_point: str, customer_code: str) -> tuple[Finding, ...]:
    """Warn when a metering point does not begin with the customer's code."""
    if metering_point[:-3] == customer_code:
        return ()
    return (Finding("point_link", "warning", {"point": metering_point, "code": customer_code}, "ma_diem_do"),)


def read_meter_number(typed: str) -> Checked[str]:
    """Read the number on a meter as text: leading zeros count. 6-12 characters are usual."""
    number = compact(typed)
    if not _METER.fullmatch(number):
        return refused("meter_number_unreadable", typed=number[:24])
    return Checked(number, () if 6 <= len(number) <= 12 else (warning("meter_number_unusual", number=number),))


def read_code(typed: str, pattern: str = "") -> Checked[str]:
    """Read a code or number of a contract, book, pole …: letters, digits and `/ . , - + ( )`, as it was typed.

    `pattern` is the regular expression a branch set for its own numbers, empty for any.
    """
    code = " ".join(nfc(typed).translate(_DASHES).split())
    if not _CODE.fullmatch(code):
        return refused("code_unreadable", typed=code[:40])
    if pattern and not re.fullmatch(pattern, code):
        return refused("code_pattern", typed=code[:40])
    return Checked(code)
