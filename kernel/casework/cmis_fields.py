"""CMIS rows and form fields, both ways, by `Field.source` (`TABLE.COLUMN`). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from kernel.api.dates import read_date
from kernel.api.fields import Field, Kind, Scalar, Value
from kernel.api.tables import typed_columns

if TYPE_CHECKING:
    from kernel.api.ports import CmisRequest, Row

METER = "TREO"
"""The table that vocabulary fields name for the meter to hang; CMIS answers it as one row of layThongTinTbiTreo."""

COUNTER = "GD"
"""MA_HTHUC of a request taken at the counter."""

_REQUEST = "DV_TIEN_TNHAN"
_CONTACT = "CD_KHANG_LIENHE"
_SENT = frozenset({_REQUEST, "DV_YEU_CAU", "CD_DDO_DDIEN", _CONTACT, "CD_HO_DCHUNG"})
_DECIMAL = re.compile(r"-?\d+\.\d+")
_PHONES = frozenset({Kind.MOBILE, Kind.PHONE})


def sources(field: Field) -> list[tuple[str, str]]:
    """Return the tables and columns that may hold a field, the first to be asked first."""
    named = (one.strip().partition(".") for one in field.source.split(",") if one.strip())
    return [(table, column) for table, _, column in named]


def versions_in_force(records: Mapping[str, Sequence[Row]], day: date) -> dict[str, list[Row]]:
    """Return of each table the rows valid on a day (NGAY_HLUC to NGAY_HHLUC, an empty end is open), newest first.

    A row that names no beginning is valid; one that ended, or whose date can't be read, is not.
    """
    return {table: _in_force(rows, day) for table, rows in records.items()}


def _in_force(rows: Sequence[Row], day: date) -> list[Row]:
    dated = [(_day(row.get("NGAY_HLUC", ""), date.min), _day(row.get("NGAY_HHLUC", ""), date.max), row) for row in rows]
    valid = [(begins, row) for begins, ends, row in dated if begins and ends and begins <= day <= ends]
    return [row for _, row in sorted(valid, key=lambda one: one[0], reverse=True)]


def _day(text: str, otherwise: date) -> date | None:
    return read_date(text).value if text else otherwise


def field_values(request: CmisRequest, fields: Sequence[Field]) -> dict[str, str]:
    """Return what CMIS knows of each field, as a clerk would type it, by field id.

    Each table speaks through its first row, the contacts through the one of first priority; a field that is a table
    itself takes all rows, its columns by the column each names. Fields CMIS holds nothing for are left out, so that
    their defaults stand.
    """
    return _values(request.rows, fields)


def meter_values(meter: Row, fields: Sequence[Field]) -> dict[str, str]:
    """Return the same for a meter from the store."""
    return _values({METER: [meter]}, fields)


def request_rows(
    fields: Sequence[Field],
    values: Mapping[str, Value],
    *,
    unit: str,
    request_type: str,
    received: date,
    staff: str,
    household: bool,
) -> dict[str, list[dict[str, str]]]:
    """Return the records with which a walk-in request is registered (`CmisPort.open_request`).

    `request_type` is MA_LOAI_YCAU, `staff` the code of the clerk, `household` whether power is for living (SH).
    Fields without a source, and those of records that come later (contract, meter), are left out.
    """
    found: dict[str, dict[str, str]] = {_REQUEST: {}, "CD_DDO_DDIEN": {}, _CONTACT: {}}
    lists: dict[str, list[dict[str, str]]] = {}
    for field in fields:
        table, column = next((one for one in sources(field) if one[0] in _SENT), ("", ""))
        value = values.get(field.id)
        if not table or value is None:
            continue
        if isinstance(value, tuple):
            lists[table] = [_row_of(field, row) for row in value]
        else:
            found.setdefault(table, {})[column] = cmis_text(field, value)
    purpose = {"MDICH_SHOAT": "1" if household else "0"}
    name = found[_REQUEST].get("TEN_KHANG", "")
    head = {
        "TEN_NGUOIYCAU": name,
        "MA_DVIQLY": unit,
        "MA_DVI_TNHAN": unit,
        "MA_LOAI_YCAU": request_type,
        "MA_HTHUC": COUNTER,
        "MA_NVIEN": staff,
        "NGAY_YCAU": cmis_day(received),
        "NGAY_TNHAN": cmis_day(received),
        **purpose,
        **found[_REQUEST],
    }
    contact = {"TEN_KH_LHE": name, "STTU_UTIEN": "0", **found[_CONTACT]}
    point = {**purpose, **found["CD_DDO_DDIEN"]}
    others = {table: [row] for table, row in found.items()}
    return {
        **others,
        **lists,
        _REQUEST: [head],
        "DV_YEU_CAU": [{**head, **found.get("DV_YEU_CAU", {})}],
        "CD_DDO_DDIEN": [point],
        _CONTACT: [contact],
    }


def _row_of(field: Field, row: Mapping[str, Scalar]) -> dict[str, str]:
    columns = [column for column in field.columns if column.source and column.id in row]
    return {column.source: cmis_text(column, row[column.id]) for column in columns}


def cmis_text(field: Field, value: Scalar) -> str:
    """Return a value as CMIS writes it: dd/MM/yyyy, decimal point, 1 and 0, phones from 0."""
    match value:
        case bool():
            return "1" if value else "0"
        case date():
            return cmis_day(value)
        case Decimal():
            text = format(value, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case str() if field.kind in _PHONES and value.startswith("+84"):
            return f"0{value[3:]}"
        case _:
            return str(value)


def cmis_day(moment: date) -> str:
    """Return dd/MM/yyyy."""
    return f"{moment.day:02d}/{moment.month:02d}/{moment.year:04d}"


def _values(records: Mapping[str, Sequence[Row]], fields: Sequence[Field]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in fields:
        for table, column in sources(field):
            if typed := _told(field, table, column, records.get(table, ())):
                found[field.id] = typed
                break
    return found


def _told(field: Field, table: str, column: str, rows: Sequence[Row]) -> str:
    """Return what one table tells of a field, as a clerk would type it."""
    if field.kind is Kind.TABLE:
        return "\n".join(_line(field, row) for row in rows)
    return _typed(field, column, _speaking(table, rows))


def _line(field: Field, row: Row) -> str:
    """Return a row as a clerk would type it into the table."""
    return "\t".join(_typed(column, column.source, row) for column in typed_columns(field))


def _speaking(table: str, rows: Sequence[Row]) -> Row:
    if table == _CONTACT:
        rows = sorted(rows, key=_priority)
    return rows[0] if rows else {}


def _priority(contact: Row) -> int:
    text = contact.get("STTU_UTIEN", "")
    return int(text) if text.isascii() and text.isdigit() else 99


def _typed(field: Field, column: str, row: Row) -> str:
    text = row.get(column, "")
    if column == "DUONG_PHO" and (house := row.get("SO_NHA", "")) and not text.startswith(house):
        # CMIS keeps the house apart from the street; the form has one address line
        return f"{house} {text}".rstrip()
    if field.kind is Kind.DECIMAL and _DECIMAL.fullmatch(text):
        return text.replace(".", ",")
    return text
