"""Biên bản treo tháo thiết bị đo đếm: the minutes of hanging and removing a meter, signed at the site."""

from __future__ import annotations

from kernel.api import vocabulary as v
from kernel.api.documents import Document, Purpose, Role, SignatureSlot
from kernel.api.text import Text
from kernel.api.vocabulary import organisation as o
from kernel.api.vocabulary import transformers as t

# the tables stand before the multiplier, which is computed from them
_REMOVED = (*(field for field in v.THIET_BI_THAO if field is not v.THAO_HE_SO_NHAN), t.THAO_TI_THUC_TE)
_HUNG = (*(field for field in v.THIET_BI_TREO if field is not v.TREO_HE_SO_NHAN), t.TREO_TI_THUC_TE)

DOCUMENT = Document(
    id="bien_ban_treo_thao",
    title=Text("Biên bản treo tháo thiết bị đo đếm", "Minutes of hanging and removing a meter"),
    package=__name__,
    fields=(
        t.MA_LY_DO,
        v.LY_DO_TREO_THAO,
        t.MO_TA,
        v.NGAY_TREO_THAO,
        v.TEN_KHACH_HANG,
        o.NGUOI_DAI_DIEN,
        v.MA_KHACH_HANG,
        v.DIEN_THOAI,
        v.DIA_CHI_DUNG_DIEN,
        v.VI_TRI_DO_DEM,
        v.MA_DIEM_DO,
        v.MA_TRAM,
        v.MA_SO_GCS,
        v.SO_COT,
        v.SO_HOP,
        v.NHAN_VIEN_TREO_THAO,
        v.NHAN_VIEN_TREO_THAO_2,
        v.NHAN_VIEN_TREO_THAO_3,
        v.NHAN_VIEN_NIEM_PHONG,
        t.CHOT_CHI_SO,
        t.SU_DUNG_LAI,
        t.DOI_LOAI,
        t.QUA_VONG,
        *t.CHI_SO_TINH_TIEN,
        *_REMOVED,
        t.THAO_TU_THUC_TE,
        t.THAO_HSN,
        *_HUNG,
        t.TREO_TU_THUC_TE,
        t.TREO_HSN,
        t.TREO_HAN_KIEM_DINH,
        t.CONG_TO_KHAC,
    ),
    slots=(
        # the customer confirms the very first revision, so the employees' signatures cover the confirmation
        SignatureSlot("khach_hang", Purpose.CUSTOMER, Text("Khách hàng", "Customer"), None),
        SignatureSlot(
            "nhan_vien_treo_thao", Purpose.METER_STAFF, Text("Nhân viên treo tháo", "Meter fitter"), Role.NVTT
        ),
        SignatureSlot(
            "nhan_vien_niem_phong", Purpose.SEALING_STAFF, Text("Nhân viên niêm phong", "Sealing employee"), Role.NVNP
        ),
    ),
    cmis_type="BBAN_TTHAO",
    number_field="so_bien_ban",
    number_suffix="BBTT",
)
