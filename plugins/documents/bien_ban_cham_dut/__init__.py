"""Biên bản chấm dứt hợp đồng mua bán điện: the parties end a contract and settle its meters."""

from __future__ import annotations

from kernel.api.documents import Document, Purpose, Role, SignatureSlot
from kernel.api.text import Text
from kernel.api.vocabulary import amendment as a
from kernel.api.vocabulary import organisation as o
from kernel.api.vocabulary import termination as t

DOCUMENT = Document(
    id="bien_ban_cham_dut",
    title=Text("Biên bản chấm dứt hợp đồng mua bán điện", "Minutes of the end of a contract"),
    package=__name__,
    fields=(
        a.SO_HOP_DONG_HIEN_HANH,
        a.NGAY_HOP_DONG_HIEN_HANH,
        t.CAN_CU_CHAM_DUT,
        *o.BEN_MUA,
        t.NGAY_CHAM_DUT,
        t.HE_THONG_CHAM_DUT,
        a.HINH_THUC_LAP,
    ),
    slots=(
        SignatureSlot("ben_mua", Purpose.CUSTOMER, Text("Bên mua điện", "Buyer"), None),
        SignatureSlot("ben_ban", Purpose.SIGNATORY, Text("Bên bán điện", "Seller"), Role.GD),
        SignatureSlot("con_dau", Purpose.SEAL, Text("Dấu của đơn vị", "Organisation's seal"), Role.VT),
    ),
    cmis_type="PL_TTCDut",
    data=("quaydien:bases.toml",),
    number_field="so_bien_ban_cham_dut",
    number_suffix="BBCD",
)
