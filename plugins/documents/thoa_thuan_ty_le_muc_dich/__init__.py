"""Biên bản thỏa thuận tỷ lệ mục đích sử dụng điện: what electricity is used for, and which share has which price."""

from __future__ import annotations

from kernel.api import vocabulary as v
from kernel.api.documents import Document, Purpose, Role, SignatureSlot
from kernel.api.text import Text
from kernel.api.vocabulary import amendment as a
from kernel.api.vocabulary import organisation as o
from kernel.api.vocabulary import purposes as p

DOCUMENT = Document(
    id="thoa_thuan_ty_le_muc_dich",
    title=Text("Biên bản thỏa thuận tỷ lệ mục đích sử dụng điện", "Agreement on the shares of purposes of use"),
    package=__name__,
    fields=(
        a.SO_HOP_DONG_HIEN_HANH.but(required=False),
        a.NGAY_HOP_DONG_HIEN_HANH.but(required=False),
        *o.BEN_MUA,
        v.CAP_DIEN_AP,
        p.THIET_BI_SU_DUNG,
        p.TONG_CONG_SUAT_SU_DUNG,
        p.TONG_DIEN_NANG,
        p.AP_GIA,
        a.HINH_THUC_LAP,
    ),
    slots=(
        SignatureSlot("ben_mua", Purpose.CUSTOMER, Text("Bên mua điện", "Buyer"), None),
        SignatureSlot("ben_ban", Purpose.SIGNATORY, Text("Bên bán điện", "Seller"), Role.GD),
        SignatureSlot("con_dau", Purpose.SEAL, Text("Dấu của đơn vị", "Organisation's seal"), Role.VT),
    ),
    cmis_type="PL_TTMBan",
    data=("quaydien:bases.toml", "quaydien:prices.toml", "quaydien:vat.toml", "quaydien:hours.toml"),
    number_field="so_thoa_thuan_ty_le",
    number_suffix="TTTL",
)
