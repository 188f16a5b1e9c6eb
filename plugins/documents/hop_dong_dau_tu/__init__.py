"""Hợp đồng đầu tư công trình điện: who builds and pays what of the works that connect a customer."""

from __future__ import annotations

from kernel.api import vocabulary as v
from kernel.api.documents import Document, Purpose, Role, SignatureSlot
from kernel.api.text import Text
from kernel.api.vocabulary import organisation as o
from kernel.api.vocabulary import survey as s
from kernel.api.vocabulary import works as w

DOCUMENT = Document(
    id="hop_dong_dau_tu",
    title=Text("Hợp đồng đầu tư công trình", "Contract of investment in works"),
    package=__name__,
    fields=(
        v.MA_KHACH_HANG,
        *(field for field in o.BEN_MUA if field.id != "ma_khach_hang"),
        s.TEN_CONG_TRINH,
        s.DIA_DIEM_XAY_DUNG,
        v.CAP_DIEN_AP,
        w.QUY_MO,
        w.CHIEU_DAI_DUONG_DAY,
        s.TONG_CONG_SUAT,
        s.PHAM_VI_NGANH_DIEN,
        s.PHAM_VI_KHACH_HANG,
        w.BEN_DAU_TU_TU_TI,
        s.RANH_GIOI_TAI_SAN,
        *w.GIA_TRI_DAU_TU,
        w.NGUON_VON_BEN_A,
        w.NGUON_VON_BEN_B,
        w.MOC_TIEN_DO,
        v.MUC_PHAT,
        v.CO_QUAN_TRANH_CHAP,
        w.NGAY_HIEU_LUC_DAU_TU,
    ),
    slots=(
        SignatureSlot("ben_mua", Purpose.CUSTOMER, Text("Bên mua điện", "Buyer"), None),
        SignatureSlot("ben_ban", Purpose.SIGNATORY, Text("Bên bán điện", "Seller"), Role.GD),
        SignatureSlot("con_dau", Purpose.SEAL, Text("Dấu của đơn vị", "Organisation's seal"), Role.VT),
    ),
    cmis_type="53",
    number_field="so_hop_dong_dau_tu",
    number_suffix="HĐĐT",
    data=("legal_bases.toml", "terms.toml", "quaydien:vat.toml"),
)
