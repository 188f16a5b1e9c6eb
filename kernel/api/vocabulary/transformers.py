"""What the minutes of a meter add for replacing it and for metering through TI and TU: rows, HSN, further meters.

`source` names columns of CMIS's BBanTThao, under TREO or THAO, those of a TI or TU row after the table's.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text
from kernel.api.vocabulary import meter as m
from kernel.api.vocabulary.supply import PHASES

_COMPUTED = Text("Tự tính", "Computed")
_YEAR = Field(
    "nam_san_xuat",
    Text("Năm SX", "Made"),
    Kind.INTEGER,
    Text("4 chữ số. Ví dụ: 2025", "4 digits. Example: 2025"),
    minimum=Decimal(1980),
    maximum=Decimal(2100),
    source="TREO.NAM_SX",
)
_VERIFIED = Field(
    "ngay_kiem_dinh",
    Text("Ngày kiểm định", "Verified on"),
    Kind.DATE,
    Text("Ví dụ: 12/03/2026", "Example: 12/03/2026"),
    source="TREO.NGAY_KDINH",
)


def _seal(name: str, label: Text, column: str) -> Field:
    words = Text("Mã và số viên. Ví dụ: HN05/0045122", "Code and number. Example: HN05/0045122")
    return Field(name, label, Kind.CODE, words, required=False, max_length=40, source=f"TREO.{column}")


def _transformers(name: str, label: Text, example: str, column: str) -> Field:
    return Field(
        name,
        label,
        Kind.TABLE,
        Text(
            f"Mỗi máy một dòng: số, năm, ngày kiểm định, loại, tỷ số ({example}), chì, tem",
            f"A line each: number, year, verified on, model, ratio ({example}), seal, stamp",
        ),
        required=False,
        maximum=Decimal(18),
        columns=(
            Field(
                "so_thiet_bi",
                Text("Số thiết bị", "Number"),
                Kind.CODE,
                Text("Số chế tạo. Ví dụ: 210881", "Its number. Example: 210881"),
                max_length=40,
                unique=True,
                source="TREO.SO_TBI",
            ),
            _YEAR,
            _VERIFIED,
            Field(
                "loai",
                Text("Loại", "Model"),
                Kind.TEXT,
                Text("Ví dụ: BDD-24", "Example: BDD-24"),
                max_length=40,
                source="TREO.LOAI",
            ),
            Field(
                "ty_so",
                Text("Tỷ số", "Ratio"),
                Kind.TEXT,
                Text(f"Ví dụ: {example}", f"Example: {example}"),
                max_length=20,
                source=f"TREO.{column}",
            ),
            _seal("chi_hop_vien", Text("Chì hộp / viên", "Box seal"), "CHIHOP_VIEN"),
            _seal("tem_kiem_dinh_vien", Text("Tem KĐ / viên", "Stamp"), "TEM_KD_VIEN"),
            Field(
                "he_so",
                Text("Hệ số", "Factor"),
                Kind.DECIMAL,
                _COMPUTED,
                required=False,
                places=4,
                formula="ratio(ty_so)",
            ),
        ),
    )


def _sides(pattern: Field) -> tuple[Field, Field]:
    """Return the table for what is hung and for what is removed, the columns' sources with it."""
    hung, removed = m.twins(pattern)
    columns = tuple(replace(one, source=one.source.replace("TREO.", "THAO.")) for one in pattern.columns)
    return hung, replace(removed, columns=columns)


TREO_TI_THUC_TE, THAO_TI_THUC_TE = _sides(
    _transformers("may_bien_dong", Text("Máy biến dòng TI", "Current transformers"), "100/5", "TYSO_TI")
)
TREO_TU_THUC_TE, THAO_TU_THUC_TE = _sides(
    _transformers("may_bien_dien_ap", Text("Máy biến điện áp TU", "Voltage transformers"), "22000/110", "TYSO_TU")
)


def _multiplier(field: Field, side: str) -> Field:
    """Return the multiplier computed from the transformers; 1 for each that is not there, as with a direct meter."""
    current = f"max({side}_may_bien_dong.he_so, 1) / ratio({side}_ti, 1)"
    voltage = f"max({side}_may_bien_dien_ap.he_so, 1) / ratio({side}_tu, 1)"
    return field.but(required=False, default="", formula=f"{current} * {voltage} * {side}_he_so_man_hinh")


TREO_HSN = _multiplier(m.TREO_HE_SO_NHAN, "treo")
THAO_HSN = _multiplier(m.THAO_HE_SO_NHAN, "thao")
TREO_HAN_KIEM_DINH = Field(
    "treo_han_kiem_dinh",
    Text("Hạn kiểm định (treo)", "Verified until (hung)"),
    Kind.DATE,
    Text("Ghi trên tem; phải còn hạn khi treo", "On the stamp; it must not be over"),
    required=False,
)
MA_LY_DO = Field(
    "ma_ly_do",
    Text("Mã lý do", "Reason code"),
    Kind.CODE,
    Text("Mã lý do treo tháo trong CMIS", "Code of the reason in CMIS"),
    required=False,
    max_length=10,
    source="BBAN_TTHAO.MA_LDO",
)
MO_TA = Field(
    "mo_ta_treo_thao",
    Text("Mô tả", "Remarks"),
    Kind.TEXT,
    Text("Hiện trạng, điều cần ghi lại", "What was found, anything to note"),
    required=False,
    max_length=500,
    source="BBAN_TTHAO.MO_TA",
)


def _yes_no(name: str, label: Text, words: Text, column: str) -> Field:
    return Field(name, label, Kind.YES_NO, words, required=False, source=column)


CHOT_CHI_SO = _yes_no(
    "chot_chi_so",
    Text("Chốt chỉ số", "Settle the index"),
    Text("Có nếu tính tiền đến chỉ số tháo", "Có (yes) if billed up to the removed index"),
    "THAO.CHOTCS",
)
SU_DUNG_LAI = _yes_no(
    "su_dung_lai",
    Text("Sử dụng lại", "Reused"),
    Text("Có nếu treo lại công tơ đã dùng", "Có (yes) for a meter used before"),
    "TREO.SDLAI",
)
DOI_LOAI = _yes_no(
    "doi_loai", Text("Đổi loại", "Change of type"), Text("Có nếu đổi loại công tơ", "Có (yes) if so"), "TREO.ISDOILOAI"
)
QUA_VONG = _yes_no(
    "qua_vong",
    Text("Qua vòng", "Rolled over"),
    Text("Có nếu công tơ đã quay hết số và về 0", "Có (yes) if the register passed its end and began at 0"),
    "",
)
REGISTERS = (("p", "P", "kWh"), ("bt", "BT", "kWh"), ("cd", "CĐ", "kWh"), ("td", "TĐ", "kWh"), ("q", "Q", "kvarh"))
"""Suffix of the fields of a register, its sign, its unit."""
CHI_SO_TINH_TIEN = tuple(
    Field(
        f"chi_so_tinh_tien_{suffix}",
        Text(f"Chỉ số tính tiền {sign}", f"Last billed, {sign}"),
        Kind.DECIMAL,
        Text("Chỉ số của hóa đơn gần nhất", "Index of the last bill"),
        required=False,
        unit=unit,
        minimum=Decimal(0),
        maximum=Decimal(99999999),
        places=3,
    )
    for suffix, sign, unit in REGISTERS
)


def _index(suffix: str, sign: str) -> Field:
    words = Text("Chỉ số đọc trên công tơ. Ví dụ: 12,5", "As read. Example: 12,5")
    low, high = Decimal(0), Decimal(99999999)
    label = Text(sign, sign)
    return Field(f"chi_so_{suffix}", label, Kind.DECIMAL, words, required=False, minimum=low, maximum=high, places=3)


CONG_TO_KHAC = Field(
    "cong_to_khac",
    Text("Công tơ khác", "Further meters"),
    Kind.TABLE,
    Text(
        "Từ công tơ thứ hai: treo hay tháo, số, mã hiệu, pha, kiểm định, HSN, chì hộp, chỉ số",
        "From the second on: hung or removed, number, model, phases, verified, multiplier, seal, indexes",
    ),
    required=False,
    maximum=Decimal(10),
    columns=(
        Field(
            "ben",
            Text("Bên", "Side"),
            Kind.CHOICE,
            Text("Treo hoặc Tháo", "Treo (hung) or Tháo (removed)"),
            choices=(Choice("treo", Text("Treo", "Hung")), Choice("thao", Text("Tháo", "Removed"))),
        ),
        Field(
            "so_cong_to",
            Text("Số công tơ", "Meter number"),
            Kind.METER_NUMBER,
            Text("Ví dụ: 0018123457", "Example: 0018123457"),
            max_length=20,
            unique=True,
        ),
        Field("ma_hieu", Text("Mã hiệu", "Model"), Kind.CODE, Text("Ví dụ: CE-18G", "Example: CE-18G"), max_length=40),
        Field("so_pha", Text("Pha", "Phases"), Kind.CHOICE, Text("1 hoặc 3", "1 or 3"), choices=PHASES),
        replace(_VERIFIED, source=""),
        Field(
            "he_so_nhan",
            Text("HSN", "Multiplier"),
            Kind.DECIMAL,
            Text("Đo trực tiếp là 1", "1 for a direct meter"),
            minimum=Decimal("0.001"),
            maximum=Decimal(10000000),
            places=3,
            default="1",
        ),
        replace(_seal("chi_hop_vien", Text("Chì hộp / viên", "Box seal"), ""), source=""),
        *(_index(suffix, sign) for suffix, sign, _ in REGISTERS),
    ),
)
