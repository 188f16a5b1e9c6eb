"""CMIS's functions as data: how each is called and which answer means that it was done.

CMIS answers HTTP 200 to everything; its two success words and the place of the result differ per function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SERVICE_PATH = "ServiceInterface-Interface-context-root/resources/serviceInterface"

NO = frozenset({"ERROR", "ERR", "FAIL", "FAILED", "FAILURE", "NOK", "EXCEPTION"})
"""TYPE words that say no. A word that is neither here nor among a function's own is a broken answer."""

_ANY: frozenset[str] = frozenset()
_OK = frozenset({"OK"})
_EITHER = frozenset({"OK", "SUCCESS"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One function.

    `types` are the TYPE words of success. `messages` are the MESSAGE words it must come with; empty for any.
    `tables` must stand in the answer. `enveloped` functions must carry TYPE; the others may be bare tables.
    `keyed` ones take AccessKey and SecretKey in the body.
    """

    name: str
    types: frozenset[str] = _EITHER
    messages: frozenset[str] = _ANY
    tables: tuple[str, ...] = ()
    enveloped: bool = True
    keyed: bool = False
    method: Literal["GET", "POST"] = "POST"


TABLES = {
    "bangDvYeuCau": "DV_YEU_CAU",
    "bangDvTienTrinh": "DV_TIEN_TRINH",
    "bangDvTienTnhan": "DV_TIEN_TNHAN",
    "bangCdDoDdien": "CD_DDO_DDIEN",
    "bangCdBkeCsuatTbi": "CD_BKE_CSUAT_TBI",
    "bangCdGtoHdchung": "CD_GTO_HDCHUNG",
    "bangCdHoDchung": "CD_HO_DCHUNG",
    "bangCdKhangLienhe": "CD_KHANG_LIENHE",
}
"""Tables of layTiepNhanYeuCauDaTN and the records they hold."""

CUSTOMER_TABLES = {
    "bangHdgKhachHang": "HDG_KHACH_HANG",
    "bangHdgHopDong": "HDG_HOP_DONG",
    "bangHdgKhangLienhe": "HDG_KHANG_LIENHE",
    "bangHdgDiemDo": "HDG_DIEM_DO",
    "bangHdgBbanApgia": "HDG_BBAN_APGIA",
    "bangHdgDdoSogcs": "HDG_DDO_SOGCS",
    "bangHdgHoDchung": "HDG_HO_DCHUNG",
    "bangHsoTbi": "HSO_TBI",
    "bangTtienCno": "TTIEN_CNO",
}
"""Tables of getTTinKHangTreoThao and the master records they hold."""

RECEIVED = Endpoint("layTiepNhanYeuCauDaTN", tables=tuple(TABLES), enveloped=False)
REGISTER = Endpoint("themMoiTiepNhanYeuCau", types=_OK, messages=_OK)
ADD_PROGRESS = Endpoint("themDvTienTrinh", types=_OK, messages=_OK)
PROGRESS = Endpoint("chiTietTienDo", tables=("bangDvTienTrinh",), enveloped=False)
UPLOAD = Endpoint("uploadHSoGTo", types=frozenset({"SUCCESS"}), keyed=True)
FILES = Endpoint("getListHSGT", tables=("HSO_GTO",), enveloped=False)
FILE = Endpoint("getHSGT", method="GET")
CATALOGUE = Endpoint("getDanhMucUQ", tables=("LST_OBJ",), enveloped=False)
METERS = Endpoint("layThongTinTbiTreo", tables=("LST_TBI",), enveloped=False)
CUSTOMER = Endpoint("getTTinKHangTreoThao", tables=tuple(CUSTOMER_TABLES), enveloped=False)
FIND_CUSTOMERS = Endpoint("timKiemKhachHang", tables=("LST_KHANG",), enveloped=False)
NEW_CONTRACT = Endpoint("sinhMa_HopDong", types=_OK)
CHECK_CONTRACT = Endpoint("CheckTrungMaHong", types=_OK)

SINGLE_RECORDS = frozenset({"DV_YEU_CAU", "DV_TIEN_TNHAN"})
"""Records that themMoiTiepNhanYeuCau takes as one object; the others are lists."""
