"""How a value stands on paper: dates, decimals and money as Vietnamese documents write them."""
from __future__ import annotations

from datetime import date
from decimal import Decimal

from kernel.api.fields import Field, Kind, Value
from kernel.api.text import nfc


def printed(field: Field, value: Value | None) -> str:
    """Return `value` as it is printed, with the field's unit; empty for no value.

    A choice prints its Vietnamese label, and its bare code where the declaration no longer knows it.
    """
    if value is None or value == "":
        return ""
    words = _words(field, value)
    if not field.unit or field.kind is Kind.MONEY:
        return words
    return f"{words}{field.unit}" if field.unit.startswith("%") else f"{words} {field.unit}"


def code(value: Value | None) -> str:
    """Return the language-neutral form of `value` a template may branch on: `true`, `false`, ISO dates, choice codes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def date_in_words(day: date) -> str:
    """Return `ngày 05 tháng 02 năm 2026`: two digits for days below 10 and for January and February (NĐ 30/2020)."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year:04}"


def _words(field: Field, value: Value) -> str:
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, date):
        return f"{value:%d/%m/}{value.year:04}"
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, int):
        return f"{value:,} đ".replace(",", ".") if field.kind is Kind.MONEY else str(value)
    text = nfc(value)
    if field.kind is Kind.CHOICE:
        return next((nfc(choice.label.vi) for choice in field.choices if choice.code == text), text)
    if field.kind in {Kind.MOBILE, Kind.PHONE} and text.startswith("+84"):
        return "0" + text.removeprefix("+84")
    return " ".join(text.split())
