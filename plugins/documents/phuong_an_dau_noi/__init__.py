"""Phương án đấu nối cấp điện: the plan of supply a surveyor draws up, with its estimate and who builds what."""

from __future__ import annotations

from kernel.api import vocabulary as v
from kernel.api.documents import Document, DocumentVariant, Purpose, Role, SignatureSlot
from kernel.api.text import Text
from kernel.api.vocabulary import estimate as e
from kernel.api.vocabulary import survey as s

_REQUEST = (s.SO_BIEN_BAN_KHAO_SAT, v.NGAY_KHAO_SAT, s.NGAY_DUOC_GIAO, s.THANH_PHAN_KHAO_SAT)
_CUSTOMER = (v.TEN_KHACH_HANG, v.MA_KHACH_HANG, v.DIEN_THOAI, v.DIA_CHI_DUNG_DIEN, v.MUC_DICH, v.CONG_SUAT)
_CONNECTION = (v.CAP_DIEN_AP, s.TEN_LO_DUONG_DAY, s.DIEM_DAU_DU_KIEN, s.DAY_DAN, v.VI_TRI_DO_DEM, s.PHUONG_THUC_DO_DEM)
_FINDINGS = (v.KET_QUA_KHAO_SAT, s.MA_TRO_NGAI, s.TRO_NGAI, s.THOA_THUAN_KY_THUAT)
_CLOSING = (
    s.PHAM_VI_NGANH_DIEN,
    s.PHAM_VI_KHACH_HANG,
    s.RANH_GIOI_TAI_SAN,
    s.SO_BAN_VE,
    s.KIEN_NGHI,
    s.NHAN_VIEN_KHAO_SAT,
    s.TRUONG_PHONG_KY_THUAT,
)

_LOW_VOLTAGE = (
    *_CUSTOMER,
    v.SO_PHA,
    v.SO_HO,
    s.LOAI_TAI,
    s.SO_CONG_VAN.but(required=False),
    s.NGAY_CONG_VAN.but(required=False),
    *_REQUEST,
    s.HIEN_TRANG_LUOI,
    s.TEN_TRAM,
    v.MA_TRAM,
    s.CONG_SUAT_TRAM,
    s.DONG_DIEN_DINH_MUC,
    s.TAI_MAX,
    s.MUC_MANG_TAI,
    s.TRU_DAU_NOI,
    s.CONG_TO_TRAI,
    s.CONG_TO_PHAI,
    s.KHOANG_CACH_TRAM,
    s.KHOANG_CACH_DEN_LUOI,
    s.CONG_SUAT_THUC_TE,
    s.DONG_DIEN_THUC_TE,
    *_CONNECTION,
    s.CONG_TO_DE_NGHI_A,
    s.CONG_TO_DE_NGHI_V,
    s.CONG_TO_DE_NGHI_PHA,
    *_FINDINGS,
    *e.DU_TOAN,
    *_CLOSING,
)
_MEDIUM_VOLTAGE = (
    *_CUSTOMER,
    s.TEN_CONG_TRINH,
    s.DIA_DIEM_XAY_DUNG,
    s.SO_CONG_VAN,
    s.NGAY_CONG_VAN,
    *_REQUEST,
    s.HIEN_TRANG_LUOI,
    s.NGUON_CAP,
    *_CONNECTION,
    v.KHOANG_CACH_LUOI,
    s.SO_TRAM_BIEN_AP,
    s.SO_MAY_BIEN_AP,
    s.TONG_CONG_SUAT,
    *_FINDINGS,
    *e.DU_TOAN,
    *_CLOSING,
)

DOCUMENT = Document(
    id="phuong_an_dau_noi",
    title=Text("Phương án đấu nối cấp điện", "Plan of supply"),
    package=__name__,
    fields=_LOW_VOLTAGE,
    slots=(
        SignatureSlot("nhan_vien_khao_sat", Purpose.SURVEYOR, Text("Nhân viên khảo sát", "Surveyor"), Role.NVKS),
        SignatureSlot(
            "truong_phong", Purpose.HEAD, Text("Phòng Kỹ thuật", "Head of the technical department"), Role.TPKD
        ),
    ),
    cmis_type="53",
    number_field="so_phuong_an",
    number_suffix="PA-KT",
    data=("quaydien:vat.toml",),
    variants=(DocumentVariant("ha_ap"), DocumentVariant("trung_ap", fields=_MEDIUM_VOLTAGE)),
)
