from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kernel.api import vocabulary as v
from kernel.api.fields import Field, Kind
from kernel.api.forms import read_form
from kernel.api.ports import CmisRequest
from kernel.api.text import Text
from kernel.casework.cmis_fields import field_values, meter_values, request_rows

FIELDS = (
    v.TEN_KHACH_HANG, v.MA_KHACH_HANG, v.DIA_CHI_THUONG_TRU, v.DIEN_THOAI, v.EMAIL, v.DIA_CHI_DUNG_DIEN,
    v.CONG_SUAT, v.SO_PHA, v.NGAY_SINH, v.KHU_VUC,
)  # fmt: skip


def request(**rows: list[dict[str, str]]) -> CmisRequest:
    return CmisRequest("PD0500", "GC1", rows)


def test_what_cmis_holds_reads_as_if_a_clerk_had_typed_it() -> None:
    found = field_values(
        request(
            DV_TIEN_TNHAN=[{"TEN_KHANG": "Đỗ Thị Ữ", "DCHI_NGUOIYCAU": "Số 1 Láng", "MA_KHANG": "PD05000131264"}],
            CD_DDO_DDIEN=[{"CONG_SUAT": "3.5", "SO_PHA": "1", "SO_NHA": "Số 8", "DUONG_PHO": "phố Chùa Láng"}],
            CD_KHANG_LIENHE=[
                {"DTHOAI_DVU": "0900000002", "STTU_UTIEN": "1"},
                {"DTHOAI_DVU": "0900000001", "EMAIL": "", "STTU_UTIEN": "0"},
            ],
        ),
        FIELDS,
    )
    assert found == {
        "ten_khach_hang": "Đỗ Thị Ữ",
        "ma_khach_hang": "PD05000131264",
        "dia_chi_thuong_tru": "Số 1 Láng",
        "dien_thoai": "0900000001",
        "dia_chi_dung_dien": "Số 8 phố Chùa Láng",
        "cong_suat": "3,5",
        "so_pha": "1",
    }
    read = read_form([field for field in FIELDS if field.id in found], found)
    assert read.values["cong_suat"] == Decimal("3.5")
    assert not [finding for finding in read.findings if finding.severity == "error"]


def test_missing_tables_and_rows_leave_the_form_empty() -> None:
    assert field_values(request(DV_TIEN_TNHAN=[], CD_KHANG_LIENHE=[{}]), FIELDS) == {}


@pytest.mark.parametrize("priority", ["", "x", "²"])
def test_a_contact_without_a_usable_priority_comes_last(priority: str) -> None:
    contacts = [{"DTHOAI_DVU": "0900000009", "STTU_UTIEN": priority}, {"DTHOAI_DVU": "0900000001", "STTU_UTIEN": "2"}]
    assert field_values(request(CD_KHANG_LIENHE=contacts), (v.DIEN_THOAI,)) == {"dien_thoai": "0900000001"}


def test_a_meter_fills_the_block_of_the_meter_to_hang() -> None:
    meter = {"SO_CT": "0018123456", "NAMSX_CTO": "2025", "NGAY_KDINH": "27/07/2026", "P": "0.3", "DO_XA": "1"}
    found = meter_values(meter, v.THIET_BI_TREO)
    assert found["treo_so_cong_to"] == "0018123456"
    assert found["treo_chi_so_p"] == "0,3"
    read = read_form([field for field in v.THIET_BI_TREO if field.id in found], found)
    assert read.values["treo_nam_san_xuat"] == 2025
    assert read.values["treo_ngay_kiem_dinh"] == date(2026, 7, 27)
    assert read.values["treo_do_xa"] is True


def test_a_walk_in_becomes_cmis_records() -> None:
    typed = {
        "ten_khach_hang": "Nguyễn Thị Lấp Lánh Ánh",
        "dien_thoai": "0900 000 001",
        "cong_suat": "7,04",
        "so_pha": "1",
        "dia_chi_dung_dien": "Số 8 phố Chùa Láng, phường Láng, thành phố Hà Nội",
        "ngay_sinh": "12/05/1992",
    }
    values = read_form(FIELDS, typed).values
    rows = request_rows(
        FIELDS, values, unit="PD0500", request_type="CDHA_D", received=date(2026, 11, 4), staff="GDV01", household=True
    )
    assert rows["DV_TIEN_TNHAN"] == [
        {
            "TEN_NGUOIYCAU": "Nguyễn Thị Lấp Lánh Ánh",
            "TEN_KHANG": "Nguyễn Thị Lấp Lánh Ánh",
            "MA_DVIQLY": "PD0500",
            "MA_DVI_TNHAN": "PD0500",
            "MA_LOAI_YCAU": "CDHA_D",
            "MA_HTHUC": "GD",
            "MA_NVIEN": "GDV01",
            "NGAY_YCAU": "04/11/2026",
            "NGAY_TNHAN": "04/11/2026",
            "MDICH_SHOAT": "1",
            "NGAY_SINH": "12/05/1992",
        }
    ]
    assert rows["DV_YEU_CAU"] == rows["DV_TIEN_TNHAN"]
    assert rows["CD_DDO_DDIEN"] == [
        {"MDICH_SHOAT": "1", "CONG_SUAT": "7.04", "SO_PHA": "1", "DUONG_PHO": typed["dia_chi_dung_dien"]}
    ]
    assert rows["CD_KHANG_LIENHE"] == [
        {"TEN_KH_LHE": "Nguyễn Thị Lấp Lánh Ánh", "STTU_UTIEN": "0", "DTHOAI_DVU": "0900000001"}
    ]
    back = field_values(CmisRequest("PD0500", "GC1", rows), FIELDS)
    assert read_form([f for f in FIELDS if f.id in back], back).values == {k: values[k] for k in back}


def test_households_of_a_shared_meter_come_and_go_as_rows() -> None:
    blank = Text("", "")
    households = Field(
        "danh_sach_ho",
        Text("Danh sách hộ", "Households"),
        Kind.TABLE,
        blank,
        source="CD_HO_DCHUNG",
        columns=(
            Field("chu_ho", blank, Kind.NAME, blank, source="TEN_KHANG"),
            Field("nhan_khau", blank, Kind.INTEGER, blank, source="SO_NGUOI", required=False),
            Field("tu_ngay", blank, Kind.DATE, blank, source="NGAY_HLUC", required=False),
            Field("ghi_chu", blank, Kind.TEXT, blank, required=False),
        ),
    )
    rows = [
        {"TEN_KHANG": "Đỗ Thị Ữ", "SO_NGUOI": "4", "NGAY_HLUC": "01/12/2026"},
        {"TEN_KHANG": "Lê Văn Được"},
    ]
    typed = field_values(request(CD_HO_DCHUNG=rows), (households,))
    form = read_form((households,), typed)
    assert form.findings == ()
    sent = request_rows(
        (households,), form.values, unit="PD0500", request_type="DMUC", received=date(2026, 11, 25), staff="GDV1",
        household=True,
    )  # fmt: skip
    assert sent["CD_HO_DCHUNG"] == rows
    assert field_values(request(CD_HO_DCHUNG=[]), (households,)) == {}
