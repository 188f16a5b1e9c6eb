"""Numbers and money as they are written in Vietnam: dot between thousands, comma before decimals."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from kernel.api.findings import Checked, error, refused

_PLAIN = re.compile(r"([+-]?)([0-9]{1,30})(?:,([0-9]{1,15}))?")
# a first group that starts with 0 is a decimal written the English way, never 125 for "0.125"
_GROUPED = re.compile(r"([+-]?)([1-9][0-9]{0,2}(?:([. ])[0-9]{3})(?:\3[0-9]{3}){0,9})(?:,([0-9]{1,15}))?")
_ENGLISH = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3}){2,}(?:\.[0-9]+)?|[+-]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+")
_DOT_DECIMAL = re.compile(r"([+-]?[0-9]+)\.([0-9]+)")
_SPACES = str.maketrans({"\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2212": "-"})

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
SCALES = ("", " nghìn", " triệu")


def read_number(typed: str) -> Checked[Decimal]:
    """Read `1.250.000`, `1 250 000` or `12,5`. `1.250` is 1250; `12.5` and `1,250,000` are refused with advice."""
    text = typed.translate(_SPACES).strip()
    if found := _PLAIN.fullmatch(text):
        sign, whole, decimals = found.groups()
    elif found := _GROUPED.fullmatch(text):
        sign, grouped, _, decimals = found.groups()
        whole = re.sub(r"[. ]", "", grouped)
    elif _ENGLISH.fullmatch(text):
        return refused("number_english_grouping", typed=text)
    elif found := _DOT_DECIMAL.fullmatch(text):
        return refused("number_dot_decimal", typed=text, advice=f"{found[1]},{found[2]}")
    else:
        return refused("number_unreadable", typed=text[:40])
    return Checked(Decimal(f"{sign}{whole}" + (f".{decimals}" if decimals else "")))


def read_money(typed: str) -> Checked[int]:
    """Read an amount in whole đồng; a unit behind it (đ, đồng, VND) is allowed."""
    bare = re.sub(r"\s*(đ|₫|đồng|vnđ|vnd)\s*$", "", typed, flags=re.IGNORECASE)
    number = read_number(bare)
    if number.value is None:
        return Checked(None, number.findings)
    if number.value != number.value.to_integral_value():
        return Checked(None, (error("money_not_whole", typed=typed.strip()[:40]),))
    return Checked(int(number.value))


def show_number(value: Decimal | int) -> str:
    """Return `1.250.000` or `12,5`: grouped, without zeros at the end of the decimals."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,d}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,")) if text not in {"-0", ""} else "0"


def show_money(amount: int) -> str:
    """Return `1.250.000 đ`."""
    return f"{show_number(amount)} đ"


def money_in_words(amount: int, odd: Literal["linh", "lẻ"] = "linh") -> str:
    """Return số tiền bằng chữ: `Một triệu hai trăm năm mươi nghìn đồng`. `odd` is the word before lone units."""
    words = f"{'âm ' if amount < 0 else ''}{_words(abs(amount), odd)} đồng"
    return words[0].upper() + words[1:]


def _words(number: int, odd: str) -> str:
    if number == 0:
        return DIGITS[0]
    billions, rest = divmod(number, 10**9)
    parts = [f"{_words(billions, odd)} tỷ"] if billions else []
    for power in (2, 1, 0):
        group = rest // 1000**power % 1000
        if group:
            parts.append(_group(group, odd, full=bool(parts)) + SCALES[power])
    return " ".join(parts)


def _group(group: int, odd: str, *, full: bool) -> str:
    """Words of 1-999; `full` names the hundreds even when they are none, as behind a larger group."""
    hundreds, tens, units = group // 100, group // 10 % 10, group % 10
    words = [f"{DIGITS[hundreds]} trăm"] if hundreds or full else []
    if tens == 1:
        words.append("mười")
    elif tens > 1:
        words.append(f"{DIGITS[tens]} mươi")
    elif units and words:
        words.append(odd)
    if units:
        words.append(_units(units, tens))
    return " ".join(words)


def _units(units: int, tens: int) -> str:
    if units == 1 and tens > 1:
        return "mốt"
    if units == 4 and tens > 1:
        return "tư"
    if units == 5 and tens > 0:
        return "lăm"
    return DIGITS[units]
