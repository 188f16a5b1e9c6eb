"""Reads and judges what CMIS answered. Pure: bytes in, tables out, or an adapter error."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.cmis.endpoints import NO
from adapters.masking import excerpt, words
from kernel.api.errors import AdapterAnswerInvalid, AdapterRefused
from kernel.api.text import nfc

if TYPE_CHECKING:
    from adapters.cmis.endpoints import Endpoint
    from kernel.api.ports import Row

SYSTEM = "CMIS"
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T].*)?")
_DIGITS_SHOWN = 40


def invalid(endpoint: Endpoint, detail: str) -> AdapterAnswerInvalid:
    """Return the error for an answer that is not of the agreed shape."""
    return AdapterAnswerInvalid(system=SYSTEM, endpoint=endpoint.name, detail=detail)


def refused(endpoint: Endpoint, detail: str) -> AdapterRefused:
    """Return the error for a no in CMIS's own words."""
    return AdapterRefused(system=SYSTEM, endpoint=endpoint.name, detail=words(detail).rstrip(".") or "TYPE")


def parsed(endpoint: Endpoint, content: bytes) -> Mapping[str, object]:
    """Return the JSON object of an answer, numbers as written. Raises AdapterAnswerInvalid for anything else."""
    try:
        text = content.decode("utf-8-sig")
        answer = json.loads(text, parse_int=str, parse_float=Decimal, parse_constant=str)
    except (ValueError, ArithmeticError, RecursionError) as error:
        seen = excerpt(content[:4000].decode("utf-8", "replace"))
        raise invalid(endpoint, f"not JSON: «{seen}»") from error
    if not isinstance(answer, dict):
        raise invalid(endpoint, f"JSON {type(answer).__name__}, not an object")
    return answer


def judge(endpoint: Endpoint, answer: Mapping[str, object]) -> None:
    """Return only if CMIS did what it was asked. Raises AdapterRefused or AdapterAnswerInvalid."""
    kind = _word(answer.get("TYPE"))
    said = _word(answer.get("MESSAGE"))
    if kind in NO:
        raise refused(endpoint, str(answer.get("MESSAGE") or kind))
    if kind and kind not in endpoint.types:
        raise invalid(endpoint, f"TYPE {excerpt(kind, 30)}")
    if not kind and endpoint.enveloped:
        raise invalid(endpoint, f"no TYPE among {_names(answer)}")
    if endpoint.messages and said not in endpoint.messages:
        raise refused(endpoint, str(answer.get("MESSAGE") or ""))
    for table in endpoint.tables:
        if table not in answer:
            raise invalid(endpoint, f"no {table} among {_names(answer)}")


def rows(endpoint: Endpoint, answer: Mapping[str, object], table: str) -> list[Row]:
    """Return a table as text rows. null is an empty table; one object is a table of one row."""
    found = answer[table]
    listed = [] if found is None else [found] if isinstance(found, Mapping) else found
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not all(isinstance(r, Mapping) for r in listed):
        raise invalid(endpoint, f"{table} is not a table")
    return [_row(endpoint, table, row) for row in listed]


def cell(value: object) -> str | None:
    """Return a JSON scalar as NFC text without outer blanks, null as "", 3.50 as 3.5; None for what is no scalar."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case str():
            return nfc(value.strip())
        case Decimal():
            return _plain(value)
        case _:
            return None


def _row(endpoint: Endpoint, table: str, raw: Mapping[str, object]) -> Row:
    row: dict[str, str] = {}
    for name, value in raw.items():
        text = cell(value)
        if text is None:
            raise invalid(endpoint, f"{table}.{excerpt(name, 30)} is not a text or number")
        column = name.strip().upper()
        row[column] = _date(text) if column.startswith("NGAY_") else text
    return row


def _date(text: str) -> str:
    """Return a date without its time of day, two digits each. What is no date stays, for the form to show."""
    match = _DATE.fullmatch(text)
    return f"{match[1]:0>2}/{match[2]:0>2}/{match[3]}" if match else text


def _plain(number: Decimal) -> str:
    if not number.is_finite() or abs(number.adjusted()) > _DIGITS_SHOWN:
        return str(number)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _word(value: object) -> str:
    return words(value, 60).upper() if isinstance(value, str) else ""


def _names(answer: Mapping[str, object]) -> str:
    return excerpt(", ".join(list(answer)[:12]), 120) or "nothing"
