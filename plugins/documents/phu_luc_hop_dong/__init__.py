"""Phụ lục sửa đổi, bổ sung hợp đồng mua bán điện: an annex that changes items of a contract in force."""

from __future__ import annotations

from kernel.api.documents import Document, Purpose, Role, SignatureSlot
from kernel.api.text import Text
from kernel.api.vocabulary import amendment as a
from kernel.api.vocabulary import organisation as o

DOCUMENT = Document(
    id="phu_luc_hop_dong",
    title=Text("Phụ lục sửa đổi, bổ sung hợp đồng mua bán điện", "Annex that changes a contract of electricity sale"),
    package=__name__,
    fields=(
        a.PHU_LUC_THU,
        a.SO_HOP_DONG_HIEN_HANH,
        a.NGAY_HOP_DONG_HIEN_HANH,
        a.CAN_CU_SUA_DOI,
        *o.BEN_MUA,
        a.NOI_DUNG_SUA_DOI,
        a.NGAY_HIEU_LUC_THAY_DOI,
        a.HINH_THUC_LAP,
    ),
    slots=(
        SignatureSlot("ben_mua", Purpose.CUSTOMER, Text("Bên mua điện", "Buyer"), None),
        SignatureSlot("ben_ban", Purpose.SIGNATORY, Text("Bên bán điện", "Seller"), Role.GD),
        SignatureSlot("con_dau", Purpose.SEAL, Text("Dấu của đơn vị", "Organisation's seal"), Role.VT),
    ),
    cmis_type="PLuc_hdong",
    data=("quaydien:bases.toml",),
    number_field="so_phu_luc",
    number_suffix="PLHĐ",
)
