"""The customers of the practice branch with contract, point, meter and debt, as rows of CMIS's master records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

Record = dict[str, Any]
"""A row as it travels: texts, numbers and nulls."""
Customer = dict[str, list[Record]]

_FAR = date(9999, 12, 31)


def customer(unit: str, row: Mapping[str, Any], today: date) -> Customer:
    """Return the records of one customer of the seed. Rows are versions by NGAY_HLUC and NGAY_HHLUC (null: open)."""
    code, since = row["MA_KHANG"], row["signed"]
    until = day(today + timedelta(days=row["ends_in"])) if "ends_in" in row else None
    address = f"{row['house']} {row['street']}"
    point = f"{code}001"
    valid: Record = {"NGAY_HLUC": since, "NGAY_HHLUC": None}
    party: Record = {
        "MA_KHANG": code,
        "MA_DVIQLY": unit,
        "TEN_KHANG": row["name"],
        "SO_CMT": row["card"],
        "SO_NHA": row["house"],
        "DUONG_PHO": row["street"],
        "MASO_THUE": row.get("tax"),
        "NGUOI_DDIEN": row.get("representative"),
        "CVU_DDIEN": row.get("title"),
        "SO_DKKD": row.get("registration"),
        "TKHOAN_KHANG": row.get("account"),
        "MA_NHANG": row.get("bank"),
        "EMAIL": row.get("email"),
        **valid,
    }
    supply: Record = {
        "MA_DDO": point,
        "MA_KHANG": code,
        "DIA_CHI": address,
        "CSUAT": row["power"],
        "SO_PHA": row.get("phases", 1),
        "SO_HO": row["households"],
        "MA_TRAM": row["station"],
        **valid,
    }
    before = {**party, "TEN_KHANG": f"{row['name']} (cũ)", "NGAY_HLUC": "01/01/2010", "NGAY_HHLUC": since}
    contact: Record = {"DTHOAI_DVU": row["phone"], "EMAIL": row.get("email"), "DCHI_KH_LHE": address, "STTU_UTIEN": 0}
    price: Record = {"MA_NHOMNN": row["purpose"], "SO_HO": row["households"], "TGIAN_BDIEN": "KT"}
    meter: Record = {
        "LOAI_TBI": "CTO",
        "SO_CT": row["meter"],
        "TSO_BIENDONG": row.get("ratio"),
        "NGAY_KDINH": day(today - timedelta(days=row["verified_days_ago"])),
        "P": row["index"],
    }
    return {
        # an older version stands first, as in real tables
        "HDG_KHACH_HANG": [before, party],
        "HDG_HOP_DONG": [{"MA_HDONG": row["contract"], "MA_KHANG": code, "NGAY_HLUC": since, "NGAY_HHLUC": until}],
        "HDG_KHANG_LIENHE": [{"MA_KHANG": code, **contact, **valid}],
        "HDG_DIEM_DO": [supply],
        "HDG_BBAN_APGIA": [{"MA_DDO": point, **price, **valid}],
        "HDG_DDO_SOGCS": [{"MA_DDO": point, "MA_SOGCS": row["book"], **valid}],
        "HDG_HO_DCHUNG": [{"MA_DDO": point, "TEN_HO": name, "SO_NGUOI": n} for name, n in row.get("sharing", ())],
        "HSO_TBI": [{"MA_DDO": point, **meter}],
        "TTIEN_CNO": [{"MA_KHANG": code, "SO_TIEN": row["debt"]}] if row.get("debt") else [],
    }


def fits(found: Customer, conditions: Mapping[str, str]) -> bool:
    """Tell whether a customer is among those asked for: book of readings, end of contract, verification of the meter.

    An empty condition is none. Raises ValueError for what is not a date.
    """
    ends, verified = (_date(conditions.get(name, ""), _FAR) for name in ("NGAY_HHLUC_DEN", "NGAY_KDINH_DEN"))
    book = conditions.get("MA_SOGCS", "")
    return (
        (not book or any(row["MA_SOGCS"] == book for row in found["HDG_DDO_SOGCS"]))
        and (ends is _FAR or any(_date(row["NGAY_HHLUC"], _FAR) <= ends for row in found["HDG_HOP_DONG"]))
        and (verified is _FAR or any(_date(row["NGAY_KDINH"], _FAR) <= verified for row in found["HSO_TBI"]))
    )


def day(moment: date) -> str:
    """Return dd/MM/yyyy."""
    return moment.strftime("%d/%m/%Y")


def _date(text: str | None, otherwise: date) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date() if text else otherwise
