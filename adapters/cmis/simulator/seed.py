"""Turns `seed.toml` into the rows a CMIS would hold, dated back from today."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

from adapters.cmis.simulator.customers import Customer, Record, customer, day

_SERVICE_DAYS = 5
_NOT_WORKED = frozenset({5, 6})


@dataclass(frozen=True, slots=True)
class Seed:
    """The catalogues of the practice unit and the requests it starts with."""

    unit: Record
    staff: list[Record]
    authorisations: dict[str, list[Record]]
    meters: dict[str, Record]
    requests: list[dict[str, list[Record]]]
    customers: dict[str, Customer]


def seed(today: date) -> Seed:
    """Return the practice branch as it stands on its first day."""
    data = tomllib.loads(files(__package__).joinpath("seed.toml").read_text("utf-8"))
    unit = data["unit"]["MA_DVIQLY"]
    allowed: dict[str, list[Record]] = {}
    for row in data["authorisation"]:
        for file_type in row["types"]:
            columns = {name: value for name, value in row.items() if name != "types"}
            allowed.setdefault(file_type, []).append({"maDviqly": unit, "maLoaiHso": file_type, **columns})
    return Seed(
        unit=data["unit"],
        staff=[{"MA_DVIQLY": unit, "TRANG_THAI": 1, **row} for row in data["staff"]],
        authorisations=allowed,
        meters={row["SO_TBI"]: _meter(unit, row, today) for row in data["meter"]},
        requests=[_request(unit, row, today) for row in data["request"]],
        customers={row["MA_KHANG"]: _customer(unit, row, today) for row in data["customer"]},
    )


def _customer(unit: str, row: Record, today: date) -> Customer:
    found = customer(unit, row, today)
    return _decomposed(found) if row.get("decomposed") else found


def due(received: date) -> date:
    """Return the promised day: five working days on."""
    left, moment = _SERVICE_DAYS, received
    while left:
        moment += timedelta(days=1)
        left -= moment.weekday() not in _NOT_WORKED
    return moment


def _meter(unit: str, row: Record, today: date) -> Record:
    columns = {name: value for name, value in row.items() if name != "verified_days_ago"}
    return {
        "MA_DVI_SD": unit,
        "LOAI_TBI": "CTO",
        "MA_BDONG": "A",
        "MA_CTO": f"{row['MA_CLOAI']}{row['NAMSX_CTO']}{row['SO_TBI']}",
        "SO_CT": row["SO_TBI"],
        "LOAI_CTO": "HC",
        "TSO_BIENDONG": None,
        "TSO_BIENAP": None,
        "NGAY_KDINH": day(today - timedelta(days=row["verified_days_ago"])),
        "SOLAN_LTRINH": 1,
        "MA_CHITEM": "KĐ05",
        "SO_BIEUGIA": 1,
        "CHIEU_DODEM": 1,
        "DO_XA": True,
        "DONVI_HIENTHI": "K",
        "HSO_MHINH": 1,
        "HSO_HTDODEM": 1,
        "LOAI_CHISO": "KT",
        **columns,
    }


def _request(unit: str, row: Record, today: date) -> dict[str, list[Record]]:
    received = today - timedelta(days=row["days_ago"])
    address = f"{row['house']} {row['street']}"
    shared: Record = {
        "MA_DVIQLY": unit,
        "MA_DVI_TNHAN": unit,
        "MA_LOAI_YCAU": "CDHA_D",
        "MA_HTHUC": row["channel"],
        "TEN_KHANG": row["name"],
        "TEN_NGUOIYCAU": row["name"],
        "DCHI_NGUOIYCAU": address,
        "SO_NHA": row["house"],
        "DUONG_PHO": row["street"],
        "DTHOAI": row["phone"],
        "DTHOAI_DVU": row["phone"],
        "EMAIL": row.get("email"),
        "SO_CMT": row["card"],
        "NGAY_SINH": row["born"],
        "NGAY_CAP": row["issued"],
        "NOI_CAP": "Bộ Công an",
        "GIOI_TINH": 0 if row.get("female") else 1,
        "MST": None,
        "SO_TKHOAN": None,
        "MA_NHANG": None,
        "MDICH_SHOAT": 1,
        "SO_PHA": row.get("phases", 1),
        "NOI_DUNG_YCAU": row["wish"],
        "NGAY_YCAU": day(received),
        "NGAY_TNHAN": day(received),
        "NGAY_HEN": day(due(received)),
        "HTHUC_KYKH": "1",
        "TINH_TRANG": 0,
    }
    point: Record = {
        "SO_NHA": row["house"],
        "DUONG_PHO": row["street"],
        "CONG_SUAT": row["power"],
        "MDICH_SHOAT": 1,
        "MDICH_CTIET": "SHBT",
        "SO_PHA": row.get("phases", 1),
        "LOAI_TRAM": "CC",
        "TINH_TRANG": 0,
    }
    contact: Record = {
        "TEN_KH_LHE": row["name"],
        "DCHI_KH_LHE": address,
        "DTHOAI_DVU": row["phone"],
        "EMAIL": row.get("email"),
        "STTU_UTIEN": 0,
        "MA_HDONG": None,
    }
    second: Record = {**contact, "TEN_KH_LHE": f"Người nhà {row['name']}", "DTHOAI_DVU": None, "STTU_UTIEN": 1}
    records = {
        "DV_YEU_CAU": [dict(shared)],
        "DV_TIEN_TNHAN": [dict(shared)],
        "CD_DDO_DDIEN": [point],
        # The first contact by STTU_UTIEN does not stand first, as in real tables.
        "CD_KHANG_LIENHE": [second, contact],
        "CD_HO_DCHUNG": [{"TEN_HO": name, "SO_HO": 1} for name in row.get("sharing", ())],
        "CD_BKE_CSUAT_TBI": [{"TEN_TBI": "Thiết bị gia đình", "SO_LUONG": 1, "CONG_SUAT": row["power"]}],
        "CD_GTO_HDCHUNG": [{"MA_GTO": "CCCD", "TEN_GTO": "Căn cước công dân", "SO_GTO": row["card"]}],
    }
    return _decomposed(records) if row.get("decomposed") else records


def _decomposed(records: dict[str, list[Record]]) -> dict[str, list[Record]]:
    return {
        name: [
            {
                column: unicodedata.normalize("NFD", value) if isinstance(value, str) else value
                for column, value in row.items()
            }
            for row in rows
        ]
        for name, rows in records.items()
    }
