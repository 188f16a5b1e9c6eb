"""How a value stands on paper: as the clerk reads it, with its unit, and dates in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from kernel.api.amounts import money_in_words
from kernel.api.fields import Kind
from kernel.api.reading import shown
from kernel.api.text import nfc

if TYPE_CHECKING:
    from kernel.api.fields import Field, Value


def printed(field: Field, value: Value | None) -> str:
    """Return `value` as it is printed, on one line and with the field's unit; empty for no value.

    A choice prints its Vietnamese label, and its bare code where the declaration does not know it. A table prints how
    many rows it has; its cells are printed by `printed_rows`.
    """
    if value is None or value in ("", ()):
        return ""
    if isinstance(value, tuple):
        return str(len(value))
    words = " ".join(nfc(shown(field, value)).split())
    unit = "đ" if field.kind is Kind.MONEY else field.unit
    return f"{words}{unit}" if not unit or unit.startswith("%") else f"{words} {unit}"


def printed_rows(field: Field, value: Value | None) -> list[dict[str, str]]:
    """Return the rows of a table by column, each cell as it is printed without its unit: that stands in the heading."""
    rows = value if isinstance(value, tuple) else ()
    return [{column.id: _cell(column, row.get(column.id)) for column in field.columns} for row in rows]


def _cell(column: Field, value: Value | None) -> str:
    return "" if value is None else " ".join(nfc(shown(column, value)).split())


def in_words(field: Field, value: Value | None) -> str:
    """Return an amount of money in words, empty for anything else: số tiền bằng chữ."""
    if field.kind is not Kind.MONEY or not isinstance(value, int):
        return ""
    return money_in_words(value)


def code(value: Value | None) -> str:
    """Return what a template may branch on, in no language: `true`, `false`, an ISO date, a choice's code."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return str(len(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def row_codes(field: Field, value: Value | None) -> list[dict[str, str]]:
    """Return the rows of a table by column, each cell as `code` gives it: for a template that looks up by them."""
    rows = value if isinstance(value, tuple) else ()
    return [{column.id: code(row.get(column.id)) for column in field.columns} for row in rows]


def date_in_words(day: date) -> str:
    """Return `ngày 05 tháng 02 năm 2026`: two digits for days below 10 and for January and February (NĐ 30/2020)."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year:04}"
