"""Hợp đồng mua bán điện: the contract of sale. Specific terms, then the general terms, then the annexes.

Variants: `sinh_hoat` for households, `ngoai_sinh_hoat` for all else, `ngan_han` the same for less than 12 months.
"""

from __future__ import annotations

from kernel.api import vocabulary as v
from kernel.api.documents import Document, DocumentVariant, Purpose, Role, SignatureSlot
from kernel.api.text import Text
from kernel.api.vocabulary import business as b
from kernel.api.vocabulary import purposes as p

_SUPPLY = (
    v.DIA_CHI_DUNG_DIEN,
    v.MA_DIEM_DO,
    b.MUC_DICH_VA_TY_LE,
    b.TONG_TY_LE,
    b.CONG_SUAT_CUC_DAI,
    v.CAP_DIEN_AP,
    v.MA_TRAM,
    b.SO_HUU_LUOI,
    b.RANH_GIOI,
    v.VI_TRI_DO_DEM,
    b.PHUONG_THUC_DO_DEM,
    b.THIET_BI_DO_DEM,
    b.BAN_THEO_GIO,
    b.COS_PHI,
    b.SO_KY_THANH_TOAN,
    v.NGAY_GHI_CHI_SO,
    b.NGAY_GHI_CHI_SO_2,
    b.NGAY_GHI_CHI_SO_3,
    v.HINH_THUC_THANH_TOAN,
    v.KENH_THONG_BAO,
    v.LAI_CHAM_TRA,
)
_SECURITY = (b.HINH_THUC_BAO_DAM, b.GIA_TRI_BAO_DAM, b.NOI_BAO_DAM, b.HAN_BAO_DAM)
_ENDING = (
    v.MUC_PHAT,
    v.CO_QUAN_TRANH_CHAP,
    v.NGAY_HIEU_LUC,
)
_ANNEXES = (
    b.BIEU_DO_PHU_TAI,
    b.PMAX_LAM_VIEC,
    b.PMAX_NGHI,
    b.DIEN_NANG_LAM_VIEC,
    b.DIEN_NANG_NGHI,
    p.THIET_BI_SU_DUNG,
    p.TONG_CONG_SUAT_SU_DUNG,
    p.TONG_DIEN_NANG,
)
_BUSINESS_DATA = (
    "legal_bases_nsh.toml",
    "general_terms_nsh.toml",
    "quaydien:prices.toml",
    "quaydien:hours.toml",
    "quaydien:vat.toml",
)

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
    variants=(
        DocumentVariant("sinh_hoat"),
        DocumentVariant(
            "ngoai_sinh_hoat",
            Text("Hợp đồng mua bán điện ngoài sinh hoạt", "Contract of electricity sale to a business"),
            (*b.BEN_MUA, *_SUPPLY, b.CO_BAO_DAM, *_SECURITY, *_ENDING, v.THOI_HAN, *_ANNEXES),
            cmis_type="HDNSH",
            template="business.typ",
            data=_BUSINESS_DATA,
        ),
        DocumentVariant(
            "ngan_han",
            Text("Hợp đồng mua bán điện ngắn hạn", "Short-term contract of electricity sale"),
            # who buys for less than a year always gives security
            (
                *b.BEN_MUA,
                *_SUPPLY,
                *(field.but(when=None) for field in _SECURITY),
                *_ENDING,
                b.NGAY_KET_THUC,
                *_ANNEXES,
            ),
            cmis_type="HDNH",
            template="business.typ",
            data=_BUSINESS_DATA,
        ),
    ),
    data=("legal_bases.toml", "general_terms.toml"),
)
