"""Biên bản thỏa thuận đấu nối: the customer and the branch agree on the point, the equipment and the borders."""

from __future__ import annotations

from kernel.api import vocabulary as v
from kernel.api.documents import Document, Purpose, Role, SignatureSlot
from kernel.api.text import Text
from kernel.api.vocabulary import connection as c
from kernel.api.vocabulary import organisation as o
from kernel.api.vocabulary import survey as s

DOCUMENT = Document(
    id="thoa_thuan_dau_noi",
    title=Text("Biên bản thỏa thuận đấu nối", "Agreement on a connection"),
    package=__name__,
    fields=(
        v.MA_KHACH_HANG,
        *(field for field in o.BEN_MUA if field.id != "ma_khach_hang"),
        s.SO_CONG_VAN,
        s.NGAY_CONG_VAN,
        s.SO_BIEN_BAN_KHAO_SAT,
        v.NGAY_KHAO_SAT,
        s.TEN_CONG_TRINH,
        s.DIA_DIEM_XAY_DUNG,
        v.CAP_DIEN_AP,
        s.TEN_LO_DUONG_DAY,
        s.DIEM_DAU_DU_KIEN,
        s.TONG_CONG_SUAT,
        v.CONG_SUAT,
        c.NOI_DUNG_DAU_NOI,
        c.YEU_CAU_KY_THUAT,
        c.YEU_CAU_BAO_VE,
        c.YEU_CAU_SCADA,
        v.VI_TRI_DO_DEM,
        s.PHUONG_THUC_DO_DEM,
        c.HE_THONG_DO_DEM,
        c.RANH_GIOI_DAU_TU,
        s.RANH_GIOI_TAI_SAN,
        c.NGAY_DAU_NOI,
        c.BEN_CHIU_THU_NGHIEM,
        c.THOA_THUAN_KHAC,
        c.TAI_LIEU_DINH_KEM,
    ),
    slots=(
        SignatureSlot("ben_mua", Purpose.CUSTOMER, Text("Bên mua điện", "Buyer"), None),
        SignatureSlot("ben_ban", Purpose.SIGNATORY, Text("Bên bán điện", "Seller"), Role.GD),
        SignatureSlot("con_dau", Purpose.SEAL, Text("Dấu của đơn vị", "Organisation's seal"), Role.VT),
    ),
    cmis_type="57",
    number_field="so_thoa_thuan_dau_noi",
    number_suffix="TTĐN",
    data=("legal_bases.toml", "terms.toml"),
)
