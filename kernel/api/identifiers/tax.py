"""Mã số thuế: 10 digits with a check digit, 13 for a dependent unit, 12 for persons since 01/07/2025."""

from __future__ import annotations

import re

from kernel.api.findings import Checked, refused, warning
from kernel.api.identifiers.citizen import citizen_facts

_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


def check_digit(nine: str) -> int | None:
    """Return the tenth digit that belongs to nine, None where no such number is issued."""
    digit = 10 - sum(weight * int(figure) for weight, figure in zip(_WEIGHTS, nine, strict=True)) % 11
    return None if digit == 10 else digit


def read_tax_code(typed: str) -> Checked[str]:
    """Read a tax code; the 13-digit form is written `NNNNNNNNNN-NNN` whether or not the hyphen was typed."""
    number = re.sub(r"[\s.\-–]", "", typed)
    if not re.fullmatch(r"[0-9]+", number) or len(number) not in {10, 12, 13}:
        return refused("tax_length", typed=typed.strip()[:20])
    if len(number) == 12:
        facts = citizen_facts(number)
        known = facts is not None and facts.province
        return Checked(number, () if known else (warning("citizen_province_unknown", code=number[:3]),))
    if check_digit(number[:9]) != int(number[9]):
        return refused("tax_check_digit", number=number[:10])
    if len(number) == 10:
        return Checked(number)
    if number.endswith("000"):
        return refused("tax_branch_zero", number=f"{number[:10]}-000")
    return Checked(f"{number[:10]}-{number[10:]}")
