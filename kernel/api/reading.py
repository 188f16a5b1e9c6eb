"""From what a clerk typed to a value, and back: reading, showing and storing one field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from kernel.api import identifiers as ids
from kernel.api.amounts import read_money, read_number, show_number
from kernel.api.dates import read_date
from kernel.api.errors import QuayDienError
from kernel.api.fields import Field, Kind, Scalar, Value
from kernel.api.findings import Checked, Finding, Severity, T, error, finding_text, refused
from kernel.api.tables import read_rows, rows_text
from kernel.api.text import fold, nfc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "Finding",
    "Reading",
    "Severity",
    "StoredValueInvalid",
    "finding_text",
    "read",
    "read_cell",
    "restore",
    "shown",
    "stored",
]

Stored = str | int | bool | list[dict[str, str | int | bool]]
_YES = {"co", "c", "x", "1", "y", "yes", "true", "dung"}
_NO = {"khong", "k", "0", "n", "no", "false", "sai"}


class StoredValueInvalid(QuayDienError):
    """A stored value is not of its field's kind. Facts: field, value."""

    code = "field.stored_invalid"

    def __init__(self, *, field: str, value: str) -> None:
        super().__init__(field=field, value=value)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of a typed text: the value (None if empty or wrong), how it is shown, and the findings."""

    value: Value | None
    shown: str
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing keeps the value out."""
        return all(finding.severity != "error" for finding in self.findings)


def read(field: Field, typed: str) -> Reading:
    """Read one field. An empty text has no value and no finding: `check` knows whether it may be empty.

    A computed field has no value of its own whatever is typed. A table's computed columns are filled in by
    `kernel.api.forms`, which knows what else stands in the form.
    """
    if field.formula:
        return Reading(None, "")
    text = nfc(typed).strip()
    if field.kind is Kind.TABLE:
        table = read_rows(field, nfc(typed), read_cell)
        shape = text if table.value is None else shown(field, table.value)
        return Reading(table.value, shape, tuple(replace(finding, field=field.id) for finding in table.findings))
    if not ids.tidy(text):
        return Reading(None, "")
    checked = _read_value(field, text)
    found = checked.findings
    value = checked.value
    if value is not None and (wrong := _bounds(field, value)):
        value, found = None, (*found, wrong)
    located = tuple(replace(finding, field=field.id) for finding in found)
    return Reading(value, text if value is None else shown(field, value), located)


def shown(field: Field, value: Value) -> str:
    """Return the value as a clerk reads and may type it again; the unit is not part of it."""
    if isinstance(value, tuple):
        return rows_text(field, value, shown)
    return _shown(field, value)


def _shown(field: Field, value: Scalar) -> str:
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, date):
        return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
    if isinstance(value, (Decimal, int)):
        # a year or a day of the month is a label: 2025, not 2.025
        return str(value) if field.kind is Kind.INTEGER else show_number(value)
    if field.kind in {Kind.MOBILE, Kind.PHONE}:
        return ids.show_phone(value)
    if field.kind is Kind.CHOICE:
        return next((choice.label.vi for choice in field.choices if choice.code == value), value)
    return value


def stored(value: Value) -> Stored:
    """Return the value as JSON can hold it: dates in ISO 8601, decimals as text, a table as a list of its rows."""
    if isinstance(value, tuple):
        return [{name: _stored(cell) for name, cell in row.items()} for row in value]
    return _stored(value)


def _stored(value: Scalar) -> str | int | bool:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def restore(field: Field, kept: object) -> Value:
    """Return the value `stored` gave. Raises StoredValueInvalid."""
    try:
        if field.kind is Kind.TABLE:
            return tuple(_restore_row(field, row) for row in _expect(kept, list))
        return _restore(field.kind, kept)
    except (ValueError, TypeError, InvalidOperation):
        raise StoredValueInvalid(field=field.id, value=repr(kept)[:40]) from None


def read_cell(column: Field, typed: str) -> tuple[Scalar | None, tuple[Finding, ...]]:
    """Return the value of a table's cell, None if it has none, and what was found."""
    reading = read(column, typed)
    return None if isinstance(reading.value, tuple) else reading.value, reading.findings


def _restore_row(field: Field, kept: object) -> Mapping[str, Scalar]:
    columns = {column.id: column for column in field.columns}
    cells = _expect(kept, dict).items()
    return {name: _restore(columns[name].kind, cell) for name, cell in cells if name in columns}


def _read_value(field: Field, text: str) -> Checked[Value]:
    reader = _READERS.get(field.kind)
    if reader is not None:
        return _limited(field, _widen(reader(text)))
    if field.kind is Kind.CHOICE:
        return _read_choice(field, text)
    if field.kind is Kind.YES_NO:
        return _read_yes_no(text)
    return _read_number(field, text)


def _limited(field: Field, checked: Checked[Value]) -> Checked[Value]:
    if isinstance(checked.value, str) and len(checked.value) > field.max_length:
        return refused("too_long", limit=str(field.max_length), count=str(len(checked.value)))
    return checked


def _read_number(field: Field, text: str) -> Checked[Value]:
    if field.unit and text.casefold().endswith(field.unit.casefold()):
        text = text[: -len(field.unit)].rstrip()
    if field.kind is Kind.MONEY:
        return _widen(read_money(text))
    number = read_number(text)
    if number.value is None or field.kind is not Kind.INTEGER:
        return _widen(number)
    if number.value != number.value.to_integral_value():
        return refused("number_not_whole", typed=text[:40])
    return Checked(int(number.value), number.findings)


def _read_choice(field: Field, text: str) -> Checked[Value]:
    """Code, words of the label without accents, a beginning or initials that fit one label, number in the list."""
    wanted = _letters(text)
    by_code = [choice.code for choice in field.choices if _letters(choice.code) == wanted]
    names = [(choice.code, [_letters(choice.label.vi), _letters(choice.label.en)]) for choice in field.choices]
    by_label = [code for code, labels in names if wanted in labels]
    by_start = [code for code, labels in names if wanted and any(label.startswith(wanted) for label in labels)]
    by_initials = [
        choice.code
        for choice in field.choices
        if len(wanted) > 1 and "".join(word[0] for word in fold(choice.label.vi).split()).startswith(wanted)
    ]
    for fits in (by_code, by_label, by_start, by_initials):
        if len(fits) == 1:
            return Checked(fits[0])
    # "2" must never pick the second choice where choices themselves are numbers (1 pha, 3 pha, 220 V)
    numbered = not any(_letters(choice.code)[:1].isdigit() for choice in field.choices)
    if numbered and wanted.isascii() and wanted.isdigit() and 0 < int(wanted) <= len(field.choices):
        return Checked(field.choices[int(wanted) - 1].code)
    return refused("choice_unknown", choices=", ".join(choice.label.vi for choice in field.choices))


def _read_yes_no(text: str) -> Checked[Value]:
    word = fold(text)
    if word in _YES or word in _NO:
        return Checked(word in _YES)
    return refused("yes_no_unknown")


def _letters(text: str) -> str:
    return "".join(letter for letter in fold(text) if letter.isalnum())


def _bounds(field: Field, value: Value) -> Finding | None:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    if field.kind is Kind.DECIMAL and len(show_number(value).partition(",")[2]) > field.places:
        return error("number_places", places=str(field.places), typed=show_number(value))
    low, high = field.minimum, field.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        if low is not None and high is not None:
            return error("number_between", low=_bound(field, low), high=_bound(field, high))
        if low is not None:
            return error("number_at_least", low=_bound(field, low))
        return error("number_at_most", high=_bound(field, high or 0))
    return None


def _bound(field: Field, number: Decimal | int) -> str:
    return shown(field, int(number) if field.kind is Kind.INTEGER else number)


def _restore(kind: Kind, kept: object) -> Scalar:
    if kind is Kind.DATE:
        return date.fromisoformat(_expect(kept, str))
    if kind is Kind.DECIMAL:
        number = Decimal(_expect(kept, str))
        if not number.is_finite():
            raise ValueError(kept)
        return number
    if kind in {Kind.INTEGER, Kind.MONEY}:
        if isinstance(kept, bool):
            raise TypeError(kept)
        return _expect(kept, int)
    if kind is Kind.YES_NO:
        return _expect(kept, bool)
    return _expect(kept, str)


def _expect(kept: object, kind: type[T]) -> T:
    if not isinstance(kept, kind):
        raise TypeError(kept)
    return kept


def _widen(checked: Checked[Decimal] | Checked[int] | Checked[str] | Checked[date]) -> Checked[Value]:
    return Checked(checked.value, checked.findings)


_READERS: Mapping[Kind, Callable[[str], Checked[str] | Checked[date]]] = {
    Kind.TEXT: ids.read_text,
    Kind.NAME: ids.read_name,
    Kind.ADDRESS: ids.read_text,
    Kind.DATE: read_date,
    Kind.MOBILE: ids.read_mobile,
    Kind.PHONE: ids.read_phone,
    Kind.EMAIL: ids.read_email,
    Kind.CITIZEN_ID: ids.read_citizen_id,
    Kind.TAX_CODE: ids.read_tax_code,
    Kind.CUSTOMER_CODE: ids.read_customer_code,
    Kind.METERING_POINT: ids.read_metering_point,
    Kind.BANK_ACCOUNT: ids.read_bank_account,
    Kind.METER_NUMBER: ids.read_meter_number,
    Kind.CODE: ids.read_code,
}
