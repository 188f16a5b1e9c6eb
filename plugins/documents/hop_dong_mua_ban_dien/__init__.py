"""Hợp đồng mua bán điện: the contract of sale. Two pages of specific terms, then the general terms."""

from __future__ import annotations

from kernel.api import vocabulary as v
from kernel.api.documents import Document, DocumentVariant, Purpose, Role, SignatureSlot
from kernel.api.text import Text

DOCUMENT = Document(
    id="hop_dong_mua_ban_dien",
    title=Text("Hợp đồng mua bán điện", "Contract of electricity sale"),
    package=__name__,
    fields=(
        v.MA_KHACH_HANG,
        v.TEN_KHACH_HANG,
        v.SO_GIAY_TO,
        v.NGAY_CAP_GIAY_TO,
        v.NOI_CAP_GIAY_TO,
        v.DIA_CHI_THUONG_TRU,
        v.DIA_CHI_GIAO_DICH,
        v.DIEN_THOAI,
        v.EMAIL,
        v.MA_SO_THUE,
        v.SO_TAI_KHOAN,
        v.NGAN_HANG,
        v.SO_HO,
        v.DIA_CHI_DUNG_DIEN,
        v.MA_DIEM_DO,
        v.MUC_DICH,
        v.CONG_SUAT,
        v.SO_PHA,
        v.CAP_DIEN_AP,
        v.MA_TRAM,
        v.VI_TRI_CHAT_LUONG,
        v.VI_TRI_DO_DEM,
        v.NGAY_GHI_CHI_SO,
        v.HINH_THUC_THANH_TOAN,
        v.KENH_THONG_BAO,
        v.LAI_CHAM_TRA,
        v.MUC_PHAT,
        v.CO_QUAN_TRANH_CHAP,
        v.THOI_HAN,
        v.NGAY_HIEU_LUC,
    ),
    slots=(
        SignatureSlot("ben_mua", Purpose.CUSTOMER, Text("Bên mua điện", "Buyer"), None),
        SignatureSlot("ben_ban", Purpose.SIGNATORY, Text("Bên bán điện", "Seller"), Role.GD),
        SignatureSlot("con_dau", Purpose.SEAL, Text("Dấu của đơn vị", "Organisation's seal"), Role.VT),
    ),
    cmis_type="HDSH",
    number_field="so_hop_dong",
    variants=(DocumentVariant("sinh_hoat"),),
    data=("legal_bases.toml", "general_terms.toml"),
)
