"""Biên bản thỏa thuận số hộ sử dụng điện chung công tơ: who shares a meter and what quota that gives."""

from __future__ import annotations

from kernel.api import vocabulary as v
from kernel.api.documents import Document, Purpose, Role, SignatureSlot
from kernel.api.text import Text
from kernel.api.vocabulary import amendment as a
from kernel.api.vocabulary import households as h
from kernel.api.vocabulary import organisation as o

DOCUMENT = Document(
    id="thoa_thuan_so_ho",
    title=Text(
        "Biên bản thỏa thuận số hộ sử dụng điện chung công tơ", "Agreement on the households that share a meter"
    ),
    package=__name__,
    fields=(
        a.SO_HOP_DONG_HIEN_HANH,
        a.NGAY_HOP_DONG_HIEN_HANH,
        *o.BEN_MUA,
        v.MA_DIEM_DO.but(required=True),
        h.SO_CONG_TO_CHUNG,
        h.DANH_SACH_HO,
        h.TONG_SO_HO,
        a.NGAY_HIEU_LUC_THAY_DOI,
        h.CHI_SO_AP_DUNG,
        a.HINH_THUC_LAP,
    ),
    slots=(
        SignatureSlot("ben_mua", Purpose.CUSTOMER, Text("Bên mua điện", "Buyer"), None),
        SignatureSlot("ben_ban", Purpose.SIGNATORY, Text("Bên bán điện", "Seller"), Role.GD),
        SignatureSlot("con_dau", Purpose.SEAL, Text("Dấu của đơn vị", "Organisation's seal"), Role.VT),
    ),
    cmis_type="53",  # CMIS has no kind of its own for it: "other"
    data=("quaydien:bases.toml", "quaydien:prices.toml", "quota.toml"),
    number_field="so_thoa_thuan_so_ho",
    number_suffix="TTSH",
)
