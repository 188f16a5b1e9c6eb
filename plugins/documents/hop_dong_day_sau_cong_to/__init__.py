"""Hợp đồng dịch vụ lắp đặt dây dẫn điện sau công tơ: a paid service beside the contract of sale."""

from __future__ import annotations

from kernel.api import vocabulary as v
from kernel.api.documents import Document, Purpose, Role, SignatureSlot
from kernel.api.text import Text
from kernel.api.vocabulary import organisation as o
from kernel.api.vocabulary import wiring as w

DOCUMENT = Document(
    id="hop_dong_day_sau_cong_to",
    title=Text("Hợp đồng dịch vụ lắp đặt dây dẫn sau công tơ", "Contract for wiring behind the meter"),
    package=__name__,
    fields=(
        v.MA_KHACH_HANG,
        *(field for field in o.BEN_MUA if field.id != "ma_khach_hang"),
        w.CONG_VIEC_DAY,
        w.VAT_TU_DAY,
        *w.GIA_TRI_DAY,
        w.NGAY_BAT_DAU_DAY,
        w.NGAY_XONG_DAY,
        w.THANH_TOAN_DAY,
        v.MUC_PHAT,
        v.CO_QUAN_TRANH_CHAP,
    ),
    slots=(
        SignatureSlot("ben_mua", Purpose.CUSTOMER, Text("Bên mua điện", "Buyer"), None),
        SignatureSlot("ben_ban", Purpose.SIGNATORY, Text("Bên bán điện", "Seller"), Role.GD),
        SignatureSlot("con_dau", Purpose.SEAL, Text("Dấu của đơn vị", "Organisation's seal"), Role.VT),
    ),
    cmis_type="53",
    number_field="so_hop_dong_day",
    number_suffix="HĐDV",
    data=("legal_bases.toml", "terms.toml", "quaydien:vat.toml"),
)
