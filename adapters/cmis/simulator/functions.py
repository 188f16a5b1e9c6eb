"""CMIS's functions over the simulator's store: a body in, an answer out, a Refusal for a no."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from adapters.cmis.endpoints import CUSTOMER_TABLES, SINGLE_RECORDS, TABLES
from adapters.cmis.simulator.customers import day, fits
from adapters.cmis.simulator.seed import due
from adapters.cmis.simulator.store import Refusal

if TYPE_CHECKING:
    from adapters.cmis.simulator.customers import Record
    from adapters.cmis.simulator.seed import Seed
    from adapters.cmis.simulator.store import Store

Body = Mapping[str, Any]
Answer = dict[str, Any]
_DONE = {"TYPE": "OK", "MESSAGE": "OK"}


@dataclass(frozen=True, slots=True)
class Functions:
    """One practice installation."""

    store: Store
    seed: Seed
    today: Callable[[], date]

    def named(self) -> Mapping[str, Callable[[Body], Answer]]:
        """Return the functions by CMIS's names."""
        return {
            "layTiepNhanYeuCauDaTN": self.received,
            "themMoiTiepNhanYeuCau": self.register,
            "themDvTienTrinh": self.add_progress,
            "chiTietTienDo": self.progress,
            "uploadHSoGTo": self.upload,
            "getListHSGT": self.files,
            "getDanhMucUQ": self.catalogue,
            "getDsNvien": self.staff,
            "layThongTinTbiTreo": self.meters,
            "getTTinKHangTreoThao": self.customer,
            "timKiemKhachHang": self.find_customers,
            "sinhMa_HopDong": self.new_contract,
            "CheckTrungMaHong": self.check_contract,
        }

    def received(self, body: Body) -> Answer:
        """Answer the tables of one request, or with code -1 of all that are open."""
        unit, code = _text(body, "MA_DVIQLY"), _text(body, "MA_YCAU_KNAI")
        found = self.store.requests(unit, None if code == "-1" else code)
        if not found and code != "-1":
            raise Refusal(f"Không tìm thấy yêu cầu {code} của đơn vị {unit}")
        return {table: [row for one in found for row in one.get(name, [])] for table, name in TABLES.items()}

    def register(self, body: Body) -> Answer:
        """Take a request; dates and due day are CMIS's own where the counter left them out."""
        head = body.get("DV_TIEN_TNHAN")
        if not isinstance(head, Mapping):
            raise Refusal("Thiếu DV_TIEN_TNHAN")
        unit, tech_id = _text(head, "MA_DVIQLY"), _text(head, "TECH_ID")
        _text(head, "TEN_KHANG")
        if unit != self.seed.unit["MA_DVIQLY"]:
            raise Refusal(f"Đơn vị {unit} không tồn tại")
        records = {name: _listed(rows, name) for name, rows in body.items()}
        today = self.today()
        for row in records["DV_TIEN_TNHAN"] + records.get("DV_YEU_CAU", []):
            _check_dates(row)
            for column, moment in (("NGAY_YCAU", today), ("NGAY_TNHAN", today), ("NGAY_HEN", due(today))):
                row[column] = row.get(column) or day(moment)
        return {**_DONE, "MA_YCAU_KNAI": self.store.register(unit, records, tech_id)}

    def add_progress(self, body: Body) -> Answer:
        """Take one progress row."""
        _text(body, "MA_CVIEC")
        _check_dates(body)
        self.store.add_progress(_text(body, "MA_DVIQLY"), _text(body, "MA_YCAU_KNAI"), dict(body))
        return dict(_DONE)

    def progress(self, body: Body) -> Answer:
        """Answer the progress rows of a request, of one supply point or with -1 of all."""
        point = _text(body, "MA_DDO_DDIEN")
        rows = self.store.progress(_text(body, "MA_DVIQLY"), _text(body, "MA_YCAU_KNAI"))
        return {"bangDvTienTrinh": [row for row in rows if point in ("-1", row.get("MA_DDO_DDIEN"))]}

    def upload(self, body: Body) -> Answer:
        """Take a PDF."""
        try:
            content = base64.b64decode(_text(body, "FILE_VALUE"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refusal("FILE_VALUE không phải base64") from error
        if _text(body, "DINH_DANG") != "pdf" or not content.startswith(b"%PDF-"):
            raise Refusal("Chỉ nhận tệp PDF")
        unit, code = _text(body, "MA_DVIQLY"), _text(body, "MA_YCAU_KNAI")
        self.store.upload(unit, code, _text(body, "MA_LOAI_HSO"), content)
        return {"TYPE": "SUCCESS", "MESSAGE": "Cập nhật hồ sơ thành công"}

    def files(self, body: Body) -> Answer:
        """Answer the list of files of a request."""
        unit, code = _text(body, "strMa_Dviqly"), _text(body, "strMa_YCau")
        rows = [
            {
                "MA_HSGT": name,
                "TEN_HSGT": f"{name}_{code}.pdf",
                "DUONG_DAN": f"/{unit}/{code}/{name}.pdf",
                "TINH_TRANG": 1,
                "MA_YCAU": code,
                "MA_DVIQLY": unit,
            }
            for name in self.store.file_types(unit, code)
        ]
        return {"HSO_GTO": rows}

    def catalogue(self, body: Body) -> Answer:
        """Answer the authorisations of a document type."""
        if _text(body, "TEN_DANH_MUC") != "D_PCAP_UQUYEN_DVI_MAHSO":
            raise Refusal("Danh mục không tồn tại")
        mine = _text(body, "MA_DVIQLY") == self.seed.unit["MA_DVIQLY"]
        return {"LST_OBJ": self.seed.authorisations.get(_text(body, "PARAM"), []) if mine else []}

    def staff(self, body: Body) -> Answer:
        """Answer the employees of the unit."""
        mine = _text(body, "MA_DVIQLY") == self.seed.unit["MA_DVIQLY"]
        return {"TYPE": "OK", "LST_OBJ": self.seed.staff if mine else []}

    def meters(self, body: Body) -> Answer:
        """Answer the device of a number that lies in the unit's store."""
        found = self.seed.meters.get(_text(body, "SO_TBI"))
        asked = {"MA_DVI_SD": self.seed.unit["MA_DVIQLY"], "LOAI_TBI": "CTO", "MA_BDONG": "A"}
        fits = all(_text(body, name) == value for name, value in asked.items())
        return {"TYPE": "SUCCESS", "MESSAGE": "", "LST_TBI": [found] if found and fits else []}

    def customer(self, body: Body) -> Answer:
        """Answer the master records of a customer."""
        code = _text(body, "MA_KHANG")
        found = self.seed.customers.get(code)
        if found is None or _text(body, "MA_DVIQLY") != self.seed.unit["MA_DVIQLY"]:
            raise Refusal(f"Không tìm thấy khách hàng {code}")
        return {table: found[name] for table, name in CUSTOMER_TABLES.items()}

    def find_customers(self, body: Body) -> Answer:
        """Answer those customers of the unit that fit the conditions."""
        mine = _text(body, "MA_DVIQLY") == self.seed.unit["MA_DVIQLY"]
        try:
            found = [one for one in self.seed.customers.values() if mine and fits(one, body)]
        except ValueError as error:
            raise Refusal("Ngày phải có dạng dd/MM/yyyy") from error
        return {"LST_KHANG": [{**one["HDG_KHACH_HANG"][-1], **one["HDG_HOP_DONG"][-1]} for one in found]}

    def new_contract(self, body: Body) -> Answer:
        """Issue a contract number."""
        number = self.store.contract(_text(body, "MA_DVIQLY"), _text(body, "MA_YCAU_KNAI"), self.today())
        return {"TYPE": "OK", "MESSAGE": "OK", "MA_HDONG": number}

    def check_contract(self, body: Body) -> Answer:
        """Say whether a contract number belongs to somebody else."""
        number = _text(body, "MA_HDONG")
        if self.store.contract_of(number) not in (None, body.get("MA_YCAU_KNAI")):
            raise Refusal(f"Mã hợp đồng {number} đã tồn tại")
        return dict(_DONE)


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Refusal(f"Thiếu {name}")
    return value


def _listed(rows: object, name: str) -> list[Record]:
    listed = [rows] if name in SINGLE_RECORDS else rows
    if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
        raise Refusal(f"{name} sai cấu trúc")
    return [dict(row) for row in listed if row]


def _check_dates(row: Body) -> None:
    for name, value in row.items():
        if name.startswith("NGAY_") and value:
            try:
                datetime.strptime(value, "%d/%m/%Y")
            except (ValueError, TypeError) as error:
                raise Refusal(f"{name} phải có dạng dd/MM/yyyy") from error
