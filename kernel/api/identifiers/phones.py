"""Vietnamese phone numbers. Stored as E.164 (`+84…`), shown with the leading 0."""

from __future__ import annotations

import re

from kernel.api.findings import Checked, error, refused, warning

_MOBILE = re.compile(r"0(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-46-9])[0-9]{7}")
_FIXED = re.compile(r"02[0-9]{9}")
_OLD_MOBILE = re.compile(r"(01[0-9]{2})([0-9]{7})")
_HOTLINE = re.compile(r"1[89]00[0-9]{4}(?:[0-9]{2})?")

RENUMBERED = {
    **{f"016{digit}": f"03{digit}" for digit in range(2, 10)},
    **{"0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078"},
    **{"0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082"},
    **{"0186": "056", "0188": "058", "0199": "059"},
}
"""11-digit prefixes and what they became in 2018."""


def national(typed: str) -> str:
    """Return the digits with a leading 0, whatever of `+84`, `0084`, `84`, spaces, dots, hyphens was typed."""
    digits = re.sub(r"[\s.\-()\u00a0]", "", typed)
    international = re.fullmatch(r"(?:\+84|0084|84)0?([1-9][0-9]{8,9})", digits)
    return f"0{international[1]}" if international else digits


def read_mobile(typed: str) -> Checked[str]:
    """Read a number that can receive an SMS. An 11-digit number of before 2018 is renumbered with a warning."""
    number = national(typed)
    old = _OLD_MOBILE.fullmatch(number)
    if old and old[1] in RENUMBERED:
        now = RENUMBERED[old[1]] + old[2]
        return Checked(f"+84{now[1:]}", (warning("phone_renumbered", old=number, new=show_phone(f"+84{now[1:]}")),))
    if _MOBILE.fullmatch(number):
        return Checked(f"+84{number[1:]}")
    if _FIXED.fullmatch(number) or _HOTLINE.fullmatch(number):
        return Checked(None, (error("phone_fixed", number=number),))
    return refused("phone_unreadable", typed=typed.strip()[:20])


def read_phone(typed: str) -> Checked[str]:
    """Read a mobile, a fixed number or a hotline (1800, 1900; kept as it is)."""
    number = national(typed)
    if _FIXED.fullmatch(number):
        return Checked(f"+84{number[1:]}")
    return Checked(number) if _HOTLINE.fullmatch(number) else read_mobile(typed)


def to_e164(typed: str) -> str | None:
    """Return `+84…` for a mobile or fixed number, None for anything else."""
    value = read_phone(typed).value
    return value if value and value.startswith("+84") else None


def show_phone(stored: str) -> str:
    """Return `0900 000 012` for a mobile, `024 3936 1234` for a fixed number, a hotline as it is."""
    number = national(stored)
    if _MOBILE.fullmatch(number):
        return f"{number[:4]} {number[4:7]} {number[7:]}"
    if _FIXED.fullmatch(number):
        # 024 and 028 are the only areas of three digits; the others have four
        area = 3 if number[:3] in {"024", "028"} else 4
        return f"{number[:area]} {number[area:-4]} {number[-4:]}"
    return number


def mask_phone(stored: str) -> str:
    """Return `090***0012`."""
    number = national(stored)
    return f"{number[:3]}***{number[-4:]}" if len(number) >= 9 else "***"
