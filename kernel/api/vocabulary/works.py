"""Works that connect a customer and who pays for them: the investment contract."""

from __future__ import annotations

from decimal import Decimal

from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text

_MONEY_LIMIT = Decimal(10_000_000_000_000)
_COMPUTED = Text("Tự tính", "Computed")
THUE_SUAT = Field(
    "thue_suat",
    Text("Thuế suất GTGT", "Value added tax"),
    Kind.DECIMAL,
    Text("Thuế suất đang áp dụng. Ví dụ: 8", "The rate in force. Example: 8"),
    unit="%",
    minimum=Decimal(0),
    maximum=Decimal(100),
    places=2,
)

SO_HOP_DONG_DAU_TU = Field(
    "so_hop_dong_dau_tu",
    Text("Số hợp đồng đầu tư", "Investment contract number"),
    Kind.CODE,
    Text("Số hợp đồng đầu tư công trình. Ví dụ: 03/2026/HĐĐT", "Number of the contract. Example: 03/2026/HĐĐT"),
    max_length=40,
)
QUY_MO = Field(
    "quy_mo",
    Text("Quy mô công trình", "Scale of the works"),
    Kind.TEXT,
    Text("Các hạng mục chính của công trình", "The main parts of the works"),
    max_length=500,
)
CHIEU_DAI_DUONG_DAY = Field(
    "chieu_dai_duong_day",
    Text("Chiều dài đường dây", "Length of the line"),
    Kind.DECIMAL,
    Text("Chiều dài tuyến, tính bằng mét. Ví dụ: 195,5", "Length in metres. Example: 195,5"),
    unit="m",
    minimum=Decimal(0),
    maximum=Decimal(1_000_000),
    places=1,
)
BEN_DAU_TU_TU_TI = Field(
    "ben_dau_tu_tu_ti",
    Text("Bên đầu tư TU, TI", "TU and TI built by"),
    Kind.CHOICE,
    Text("Bên đầu tư máy biến điện áp, biến dòng đo đếm", "Who builds the metering transformers"),
    choices=(Choice("ben_a", Text("Bên A", "Party A")), Choice("ben_b", Text("Bên B", "Party B"))),
    default="ben_a",
)


def _worth(party: str, label: Text) -> tuple[Field, ...]:
    before = Field(
        f"gia_tri_{party}",
        label,
        Kind.MONEY,
        Text("Giá trị trước thuế. Ví dụ: 71.650.000", "Value before tax. Example: 71.650.000"),
        minimum=Decimal(0),
        maximum=_MONEY_LIMIT,
    )
    tax = Field(
        f"thue_{party}", Text(f"Thuế GTGT {label.vi.lower()}", f"Tax, {label.en.lower()}"), Kind.MONEY, _COMPUTED,
        required=False, formula=f"gia_tri_{party} * thue_suat / 100",
    )  # fmt: skip
    after = Field(
        f"sau_thue_{party}", Text(f"{label.vi} sau thuế", f"{label.en} with tax"), Kind.MONEY, _COMPUTED,
        required=False, formula=f"gia_tri_{party} + thue_{party}",
    )  # fmt: skip
    return before, tax, after


GIA_TRI_DAU_TU: tuple[Field, ...] = (
    THUE_SUAT,
    *_worth("ben_a", Text("Phần bên A", "Party A's part")),
    *_worth("ben_b", Text("Phần bên B", "Party B's part")),
    Field(
        "gia_tri_dau_tu", Text("Tổng trước thuế", "Total before tax"), Kind.MONEY, _COMPUTED,
        required=False, formula="gia_tri_ben_a + gia_tri_ben_b",
    ),
    Field(
        "thue_dau_tu", Text("Tổng thuế GTGT", "Total tax"), Kind.MONEY, _COMPUTED,
        required=False, formula="thue_ben_a + thue_ben_b",
    ),
    Field(
        "sau_thue_dau_tu", Text("Tổng sau thuế", "Total with tax"), Kind.MONEY, _COMPUTED,
        required=False, formula="sau_thue_ben_a + sau_thue_ben_b",
    ),
)  # fmt: skip
"""Each party's part before tax, its tax, with tax, and the totals."""
NGUON_VON_BEN_A = Field(
    "nguon_von_ben_a",
    Text("Nguồn vốn bên A", "Party A's funds"),
    Kind.TEXT,
    Text("Ví dụ: Vốn sản xuất kinh doanh năm 2026", "Example: Vốn sản xuất kinh doanh năm 2026"),
)
NGUON_VON_BEN_B = Field(
    "nguon_von_ben_b",
    Text("Nguồn vốn bên B", "Party B's funds"),
    Kind.TEXT,
    Text("Ví dụ: Vốn tự có, vốn vay", "Example: Vốn tự có, vốn vay"),
)
MOC_TIEN_DO = Field(
    "moc_tien_do",
    Text("Mốc tiến độ", "Milestones"),
    Kind.TABLE,
    Text(
        "Mỗi mốc một dòng: công việc, bên thực hiện, từ ngày, đến ngày",
        "One milestone a line: work, party, from, to",
    ),
    minimum=Decimal(1),
    maximum=Decimal(40),
    columns=(
        Field(
            "cong_viec", Text("Công việc", "Work"), Kind.TEXT,
            Text("Ví dụ: Thi công đường dây", "Example: Thi công đường dây"), max_length=250,
        ),
        Field(
            "ben", Text("Bên thực hiện", "Party"), Kind.CHOICE, Text("Bên A, Bên B hoặc hai bên", "A, B or both"),
            choices=(
                Choice("ben_a", Text("Bên A", "Party A")),
                Choice("ben_b", Text("Bên B", "Party B")),
                Choice("hai_ben", Text("Hai bên", "Both parties")),
            ),
        ),
        Field("tu_ngay", Text("Từ ngày", "From"), Kind.DATE, Text("Ví dụ: 01/12/2026", "Example: 01/12/2026")),
        Field("den_ngay", Text("Đến ngày", "To"), Kind.DATE, Text("Ví dụ: 20/12/2026", "Example: 20/12/2026")),
    ),
)  # fmt: skip
NGAY_HIEU_LUC_DAU_TU = Field(
    "ngay_hieu_luc_dau_tu",
    Text("Hợp đồng đầu tư hiệu lực từ", "Investment contract in force from"),
    Kind.DATE,
    Text("Ngày hợp đồng đầu tư có hiệu lực. Ví dụ: 01/12/2026", "Day it takes effect. Example: 01/12/2026"),
)
