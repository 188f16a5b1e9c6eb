"""CMIS records and the port's shapes, both ways. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from adapters.cmis.answers import cell
from adapters.cmis.endpoints import SINGLE_RECORDS
from kernel.api.ports import Authorisation, CmisRequest
from kernel.api.text import nfc

if TYPE_CHECKING:
    from kernel.api.ports import CmisProgress, Row

_VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_REQUEST_CODE = "MA_YCAU_KNAI"
_AUTHORISATION = {
    "name": "TENUQUYEN",
    "title": "CVUUQUYEN",
    "number": "SOUQUYEN",
    "signed_on": "NGAYUQUYEN",
    "granted_by": "TNGUOIUQUYEN",
    "address": "DCHIDVIUQ",
    "valid_from": "NGAYHLUC",
    "valid_to": "NGAYHHLUC",
    "key_id": "IDKEY",
}


def by_request(unit: str, tables: Mapping[str, Sequence[Row]]) -> list[CmisRequest]:
    """Split tables of many requests into one CmisRequest each, in the order of DV_YEU_CAU.

    Raises KeyError with the record's name for a row that does not say which request it belongs to.
    """
    split: dict[str, dict[str, list[Row]]] = {}
    units: dict[str, str] = {}
    for record, rows in tables.items():
        for row in rows:
            code = row.get(_REQUEST_CODE, "")
            if not code:
                raise KeyError(record)
            mine = split.setdefault(code, {name: [] for name in tables})
            mine[record].append(row)
            if row.get("MA_DVIQLY"):
                units.setdefault(code, row["MA_DVIQLY"])
    return [CmisRequest(units.get(code, unit), code, rows) for code, rows in split.items()]


def one_request(unit: str, code: str, tables: Mapping[str, Sequence[Row]]) -> CmisRequest | None:
    """Return the rows of one request; rows that name no request are its own. None when CMIS sent no such request."""
    mine = {
        record: [row for row in rows if row.get(_REQUEST_CODE, code) in (code, "")] for record, rows in tables.items()
    }
    known = mine["DV_YEU_CAU"] or mine["DV_TIEN_TNHAN"]
    return CmisRequest(unit, code, mine) if known else None


def registration(unit: str, records: Mapping[str, Sequence[Row]], request_id: str) -> dict[str, object]:
    """Return the body of themMoiTiepNhanYeuCau. TECH_ID carries our request id, by which CMIS knows a repetition."""
    body: dict[str, object] = {
        "DV_YEU_CAU": {}, "DV_TIEN_TRINH": [], "DV_TIEN_TNHAN": {}, "CD_DDO_DDIEN": [], "CD_KHANG_LIENHE": [],
        "CD_HO_DCHUNG": [], "DV_HSO_GTO": [],
    }  # fmt: skip
    for record, rows in records.items():
        texts = [{column: nfc(value) for column, value in row.items()} for row in rows]
        body[record] = (texts[0] if texts else {}) if record in SINGLE_RECORDS else texts
    for record in SINGLE_RECORDS:
        row = body[record]
        if isinstance(row, dict):
            row.update(MA_DVIQLY=unit, TECH_ID=request_id)
    return body


def progress_row(progress: CmisProgress) -> dict[str, str]:
    """Return a DV_TIEN_TRINH row."""
    return {
        "MA_DVIQLY": progress.unit,
        _REQUEST_CODE: progress.request,
        "MA_DDO_DDIEN": progress.point,
        "MA_CVIEC": progress.step,
        "MA_CVIECTIEP": progress.next_step,
        "MA_NVIEN_GIAO": progress.giver,
        "MA_NVIEN_NHAN": progress.taker,
        "NDUNG_XLY": nfc(progress.content),
        "NGAY_BDAU": day(progress.began),
        "NGAY_KTHUC": day(progress.ended),
        "NGAY_HEN": day(progress.due),
        "MA_TNGAI": progress.obstacle,
        "SO_LAN": "1",
        "STT": str(progress.sequence),
    }


def same_step(row: Row, other: Mapping[str, str]) -> bool:
    """Say whether two progress rows of a request are the same event: step, sequence, supply point."""
    return all(row.get(column, "") == other[column] for column in ("MA_CVIEC", "STT", "MA_DDO_DDIEN"))


def authorisations(rows: Iterable[Row]) -> list[Authorisation]:
    """Return rows of D_PCAP_UQUYEN_DVI_MAHSO as authorisations; columns CMIS leaves out are empty."""
    return [Authorisation(**{field: row.get(column, "") for field, column in _AUTHORISATION.items()}) for row in rows]


def day(moment: datetime | None) -> str:
    """Return an aware moment as dd/MM/yyyy in Vietnamese time, nothing as ""."""
    return moment.astimezone(_VIETNAM).strftime("%d/%m/%Y") if moment else ""


def plain_day(moment: date | None) -> str:
    """Return a day as dd/MM/yyyy, nothing as ""."""
    return moment.strftime("%d/%m/%Y") if moment else ""


def first_text(answer: Mapping[str, object], *names: str) -> str:
    """Return the first of these entries of an answer that holds a text, "" if none does."""
    return next((text for name in names if (text := cell(answer.get(name)))), "")
