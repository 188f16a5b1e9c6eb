"""A meter in the minutes: the same block once for the meter hung (treo) and once for the meter removed (tháo).

`source` names columns of CMIS's BBanTThao, under TREO or THAO.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from kernel.api.conditions import When
from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text
from kernel.api.vocabulary.supply import PHASES


def twins(pattern: Field) -> tuple[Field, Field]:
    """Return the field for the meter hung (`treo_…`) and, never required, for the meter removed (`thao_…`)."""
    return _side(pattern, "treo", "treo", "hung"), replace(
        _side(pattern, "thao", "tháo", "removed"), required=False, default=""
    )


def _side(pattern: Field, prefix: str, vi: str, en: str) -> Field:
    condition = pattern.when
    if isinstance(condition, When):  # it looks at a field of the same side
        condition = When(f"{prefix}_{condition.field}", condition.values)
    label = Text(f"{pattern.label.vi} ({vi})", f"{pattern.label.en} ({en})")
    return replace(
        pattern,
        id=f"{prefix}_{pattern.id}",
        label=label,
        source=f"{prefix.upper()}.{pattern.source}" if pattern.source else "",
        when=condition,
    )


def _index(
    name: str, label: Text, column: str, *, unit: str = "kWh", when: When | None = None, required: bool = True
) -> Field:
    return Field(
        name,
        label,
        Kind.DECIMAL,
        Text("Chỉ số đọc trên công tơ, dấu phẩy thập phân. Ví dụ: 12,5", "As read, decimal comma. Example: 12,5"),
        required=required,
        unit=unit,
        minimum=Decimal(0),
        maximum=Decimal(99999999),
        places=3,
        source=column,
        when=when,
    )


_THREE_TARIFFS = When("loai_chi_so", ("BCS3",))

TREO_SO_CONG_TO, THAO_SO_CONG_TO = twins(
    Field(
        "so_cong_to",
        Text("Số công tơ", "Meter number"),
        Kind.METER_NUMBER,
        Text("Số No trên mặt công tơ, giữ số 0 ở đầu. Ví dụ: 0018123456", "The No. on its face. Example: 0018123456"),
        max_length=20,
        source="SO_CT",
    )
)
TREO_NAM_SAN_XUAT, THAO_NAM_SAN_XUAT = twins(
    Field(
        "nam_san_xuat",
        Text("Năm sản xuất", "Year made"),
        Kind.INTEGER,
        Text("4 chữ số. Ví dụ: 2025", "4 digits. Example: 2025"),
        minimum=Decimal(1980),
        maximum=Decimal(2100),
        source="NAMSX_CTO",
    )
)
TREO_MA_HIEU, THAO_MA_HIEU = twins(
    Field(
        "ma_hieu",
        Text("Mã hiệu công tơ", "Model"),
        Kind.CODE,
        Text("Ký hiệu kiểu trên mặt công tơ. Ví dụ: CE-18G", "Model on its face. Example: CE-18G"),
        max_length=40,
        source="MAHIEU_CTO",
    )
)
TREO_MA_CHUNG_LOAI, THAO_MA_CHUNG_LOAI = twins(
    Field(
        "ma_chung_loai",
        Text("Mã chủng loại", "Type code"),
        Kind.CODE,
        Text("Mã chủng loại trong CMIS. Ví dụ: 580", "Type code in CMIS. Example: 580"),
        required=False,
        max_length=10,
        source="MA_CLOAI",
    )
)
TREO_SO_PHA, THAO_SO_PHA = twins(
    Field(
        "so_pha",
        Text("Số pha công tơ", "Phases of the meter"),
        Kind.CHOICE,
        Text("Gõ 1 hoặc 3", "Type 1 or 3"),
        choices=PHASES,
        default="1",
        source="PHA_CTO",
    )
)
TREO_LOAI_CONG_TO, THAO_LOAI_CONG_TO = twins(
    Field(
        "loai_cong_to",
        Text("Loại công tơ", "Kind of meter"),
        Kind.CHOICE,
        Text("Công tơ đo hữu công, vô công hay cả hai", "Active, reactive energy or both"),
        choices=(
            Choice("HC", Text("Hữu công", "Active")),
            Choice("VC", Text("Vô công", "Reactive")),
            Choice("HVC", Text("Hữu công và vô công", "Active and reactive")),
        ),
        default="HC",
        source="LOAI_CTO",
    )
)
TREO_TI, THAO_TI = twins(
    Field(
        "ti",
        Text("TI cài trong công tơ", "CT ratio in the meter"),
        Kind.TEXT,
        Text("Tỷ số biến dòng, để trống nếu đo trực tiếp. Ví dụ: 100/5", "CT ratio, empty if direct. Example: 100/5"),
        required=False,
        max_length=20,
        source="TSO_BIENDONG",
    )
)
TREO_TU, THAO_TU = twins(
    Field(
        "tu",
        Text("TU cài trong công tơ", "VT ratio in the meter"),
        Kind.TEXT,
        Text("Tỷ số biến điện áp, để trống nếu đo trực tiếp", "VT ratio, empty if direct"),
        required=False,
        max_length=20,
        source="TSO_BIENAP",
    )
)
TREO_NGAY_KIEM_DINH, THAO_NGAY_KIEM_DINH = twins(
    Field(
        "ngay_kiem_dinh",
        Text("Ngày kiểm định", "Verified on"),
        Kind.DATE,
        Text("Ghi trên tem kiểm định. Ví dụ: 12/03/2026", "On the verification stamp. Example: 12/03/2026"),
        source="NGAY_KDINH",
    )
)
TREO_NGAY_LAP_TRINH, THAO_NGAY_LAP_TRINH = twins(
    Field(
        "ngay_lap_trinh",
        Text("Ngày lập trình", "Programmed on"),
        Kind.DATE,
        Text("Lần lập trình gần nhất của công tơ điện tử", "Last programming of an electronic meter"),
        required=False,
        source="TDIEN_LTRINH",
    )
)
TREO_SO_LAN_LAP_TRINH, THAO_SO_LAN_LAP_TRINH = twins(
    Field(
        "so_lan_lap_trinh",
        Text("Số lần lập trình", "Times programmed"),
        Kind.INTEGER,
        Text("Số đếm trong công tơ điện tử", "The counter in an electronic meter"),
        required=False,
        minimum=Decimal(0),
        maximum=Decimal(9999),
        source="SOLAN_LTRINH",
    )
)
TREO_MA_CHI_HOP, THAO_MA_CHI_HOP = twins(
    Field(
        "ma_chi_hop",
        Text("Mã chì hộp", "Box seal code"),
        Kind.CODE,
        Text("Mã kìm kẹp chì hộp công tơ. Ví dụ: HN05", "Code of the seal pliers, meter box. Example: HN05"),
        required=False,
        max_length=40,
        source="MA_CHIHOP",
    )
)
TREO_SO_VIEN_HOP, THAO_SO_VIEN_HOP = twins(
    Field(
        "so_vien_hop",
        Text("Số viên chì hộp", "Box seal number"),
        Kind.CODE,
        Text("Số trên viên chì hộp. Ví dụ: 0045121", "Number of the lead seal of the box. Example: 0045121"),
        required=False,
        max_length=40,
        source="SO_VIENHOP",
    )
)
TREO_MA_CHI_TEM, THAO_MA_CHI_TEM = twins(
    Field(
        "ma_chi_tem",
        Text("Mã tem kiểm định", "Stamp code"),
        Kind.CODE,
        Text("Mã trên tem kiểm định", "Code of the verification stamp"),
        required=False,
        max_length=40,
        source="MA_CHITEM",
    )
)
TREO_SO_VIEN_TEM, THAO_SO_VIEN_TEM = twins(
    Field(
        "so_vien_tem",
        Text("Số tem kiểm định", "Stamp number"),
        Kind.CODE,
        Text("Số sê-ri của tem kiểm định", "Serial number of the verification stamp"),
        required=False,
        max_length=40,
        source="SO_VIENTEM",
    )
)
TREO_SO_BIEU_GIA, THAO_SO_BIEU_GIA = twins(
    Field(
        "so_bieu_gia",
        Text("Số biểu giá", "Number of tariffs"),
        Kind.INTEGER,
        Text("1 hoặc 3", "1 or 3"),
        required=False,
        minimum=Decimal(1),
        maximum=Decimal(8),
        default="1",
        source="SO_BIEUGIA",
    )
)
TREO_CHIEU_DO_DEM, THAO_CHIEU_DO_DEM = twins(
    Field(
        "chieu_do_dem",
        Text("Chiều đo đếm", "Directions"),
        Kind.CHOICE,
        Text("Gõ 1 hoặc 2 (có điện mặt trời bán lên lưới)", "Type 1 or 2 (solar power fed into the grid)"),
        required=False,
        choices=(Choice("1", Text("1 chiều", "One way")), Choice("2", Text("2 chiều", "Two ways"))),
        default="1",
        source="CHIEU_DODEM",
    )
)
TREO_DO_XA, THAO_DO_XA = twins(
    Field(
        "do_xa",
        Text("Đo xa", "Remote reading"),
        Kind.YES_NO,
        Text("Gõ Có hoặc Không", "Type Có (yes) or Không (no)"),
        required=False,
        source="DO_XA",
    )
)
TREO_DON_VI_HIEN_THI, THAO_DON_VI_HIEN_THI = twins(
    Field(
        "don_vi_hien_thi",
        Text("Đơn vị hiển thị", "Display unit"),
        Kind.CHOICE,
        Text("Đơn vị trên màn hình công tơ", "Unit on the meter's display"),
        required=False,
        choices=(Choice("K", Text("kWh", "kWh")), Choice("M", Text("MWh", "MWh"))),
        default="K",
        source="DONVI_HIENTHI",
    )
)
TREO_HE_SO_MAN_HINH, THAO_HE_SO_MAN_HINH = twins(
    Field(
        "he_so_man_hinh",
        Text("Hệ số màn hình", "Display factor"),
        Kind.DECIMAL,
        Text("Thường là 1", "As a rule 1"),
        required=False,
        minimum=Decimal("0.001"),
        maximum=Decimal(1000000),
        places=3,
        default="1",
        source="HSO_MHINH",
    )
)
TREO_HE_SO_NHAN, THAO_HE_SO_NHAN = twins(
    Field(
        "he_so_nhan",
        Text("Hệ số nhân", "Multiplier"),
        Kind.DECIMAL,
        Text("Công tơ 1 pha đo trực tiếp là 1", "1 for a direct single-phase meter"),
        minimum=Decimal("0.001"),
        maximum=Decimal(10000000),
        places=3,
        default="1",
        source="HSO_HTDODEM",
    )
)
TREO_LOAI_CHI_SO, THAO_LOAI_CHI_SO = twins(
    Field(
        "loai_chi_so",
        Text("Bộ chỉ số", "Registers"),
        Kind.CHOICE,
        Text("Một giá (KT) hay ba giá BT, CĐ, TĐ", "One tariff (KT) or three: BT, CĐ, TĐ"),
        choices=(
            Choice("KT", Text("Không theo thời gian", "One tariff")),
            Choice("BCS3", Text("Ba giá BT, CĐ, TĐ", "Three tariffs")),
        ),
        default="KT",
        source="LOAI_CHISO",
    )
)
TREO_CHI_SO_BT, THAO_CHI_SO_BT = twins(
    _index("chi_so_bt", Text("Chỉ số BT", "Index, normal hours"), "BT", when=_THREE_TARIFFS)
)
TREO_CHI_SO_CD, THAO_CHI_SO_CD = twins(
    _index("chi_so_cd", Text("Chỉ số CĐ", "Index, peak hours"), "CD", when=_THREE_TARIFFS)
)
TREO_CHI_SO_TD, THAO_CHI_SO_TD = twins(
    _index("chi_so_td", Text("Chỉ số TĐ", "Index, off-peak hours"), "TD", when=_THREE_TARIFFS)
)
TREO_CHI_SO_P, THAO_CHI_SO_P = twins(_index("chi_so_p", Text("Chỉ số hữu công", "Index, active energy"), "P"))
TREO_CHI_SO_Q, THAO_CHI_SO_Q = twins(
    _index("chi_so_q", Text("Chỉ số vô công", "Index, reactive energy"), "Q", unit="kvarh", required=False)
)

THIET_BI_TREO: tuple[Field, ...] = (
    TREO_SO_CONG_TO, TREO_NAM_SAN_XUAT, TREO_MA_HIEU, TREO_MA_CHUNG_LOAI, TREO_SO_PHA, TREO_LOAI_CONG_TO,
    TREO_TI, TREO_TU, TREO_NGAY_KIEM_DINH, TREO_NGAY_LAP_TRINH, TREO_SO_LAN_LAP_TRINH, TREO_MA_CHI_HOP,
    TREO_SO_VIEN_HOP, TREO_MA_CHI_TEM, TREO_SO_VIEN_TEM, TREO_SO_BIEU_GIA, TREO_CHIEU_DO_DEM, TREO_DO_XA,
    TREO_DON_VI_HIEN_THI, TREO_HE_SO_MAN_HINH, TREO_HE_SO_NHAN, TREO_LOAI_CHI_SO, TREO_CHI_SO_P, TREO_CHI_SO_BT,
    TREO_CHI_SO_CD, TREO_CHI_SO_TD, TREO_CHI_SO_Q,
)  # fmt: skip
"""The block of the meter hung, in the order of the minutes."""
THIET_BI_THAO: tuple[Field, ...] = (
    THAO_SO_CONG_TO, THAO_NAM_SAN_XUAT, THAO_MA_HIEU, THAO_MA_CHUNG_LOAI, THAO_SO_PHA, THAO_LOAI_CONG_TO,
    THAO_TI, THAO_TU, THAO_NGAY_KIEM_DINH, THAO_NGAY_LAP_TRINH, THAO_SO_LAN_LAP_TRINH, THAO_MA_CHI_HOP,
    THAO_SO_VIEN_HOP, THAO_MA_CHI_TEM, THAO_SO_VIEN_TEM, THAO_SO_BIEU_GIA, THAO_CHIEU_DO_DEM, THAO_DO_XA,
    THAO_DON_VI_HIEN_THI, THAO_HE_SO_MAN_HINH, THAO_HE_SO_NHAN, THAO_LOAI_CHI_SO, THAO_CHI_SO_P, THAO_CHI_SO_BT,
    THAO_CHI_SO_CD, THAO_CHI_SO_TD, THAO_CHI_SO_Q,
)  # fmt: skip
"""The block of the meter removed, in the order of the minutes."""
