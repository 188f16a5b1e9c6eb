"""Wires behind the meter, laid as a paid service: what is delivered, at which price, by when."""

from __future__ import annotations

from decimal import Decimal

from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text
from kernel.api.vocabulary.works import THUE_SUAT

_COMPUTED = Text("Tự tính", "Computed")

SO_HOP_DONG_DAY = Field(
    "so_hop_dong_day",
    Text("Số hợp đồng dây sau công tơ", "Wiring contract number"),
    Kind.CODE,
    Text("Số hợp đồng dịch vụ. Ví dụ: 21/2026/HĐDV", "Number of the service contract. Example: 21/2026/HĐDV"),
    max_length=40,
)
CONG_VIEC_DAY = Field(
    "cong_viec_day",
    Text("Công việc lắp đặt", "Work"),
    Kind.TEXT,
    Text("Ví dụ: Lắp dây từ công tơ đến cầu dao tổng", "Example: Lắp dây từ công tơ đến cầu dao tổng"),
    max_length=400,
)
VAT_TU_DAY = Field(
    "vat_tu_day",
    Text("Vật tư, nhân công", "Material and labour"),
    Kind.TABLE,
    Text(
        "Mỗi thứ một dòng: tên, ĐVT, số lượng, đơn giá, thuế suất %",
        "One item a line: name, unit, quantity, price, tax in %",
    ),
    minimum=Decimal(1),
    maximum=Decimal(60),
    columns=(
        Field(
            "ten", Text("Vật tư, công việc", "Item"), Kind.TEXT,
            Text("Ví dụ: Dây Cu/PVC 2x6 mm²", "Example: Dây Cu/PVC 2x6 mm²"),
        ),
        Field("dvt", Text("ĐVT", "Unit"), Kind.TEXT, Text("Ví dụ: m, cái, công", "Example: m, cái"), max_length=12),
        Field(
            "so_luong", Text("Số lượng", "Quantity"), Kind.DECIMAL, Text("Ví dụ: 12,5", "Example: 12,5"),
            minimum=Decimal("0.001"), maximum=Decimal(1_000_000), places=3,
        ),
        Field(
            "don_gia", Text("Đơn giá", "Price"), Kind.MONEY, Text("Đồng, chưa thuế", "Đồng before tax"),
            minimum=Decimal(0), maximum=Decimal(100_000_000_000),
        ),
        Field(
            "thanh_tien", Text("Thành tiền", "Amount"), Kind.MONEY, _COMPUTED,
            required=False, formula="so_luong * don_gia",
        ),
        THUE_SUAT,
        Field(
            "tien_thue", Text("Tiền thuế", "Tax"), Kind.MONEY, _COMPUTED,
            required=False, formula="thanh_tien * thue_suat / 100",
        ),
    ),
)  # fmt: skip
GIA_TRI_DAY: tuple[Field, ...] = (
    Field(
        "gia_tri_day", Text("Cộng trước thuế", "Before tax"), Kind.MONEY, _COMPUTED,
        required=False, formula="sum(vat_tu_day.thanh_tien)",
    ),
    Field(
        "thue_day", Text("Thuế GTGT", "Value added tax"), Kind.MONEY, _COMPUTED,
        required=False, formula="sum(vat_tu_day.tien_thue)",
    ),
    Field(
        "sau_thue_day", Text("Tổng thanh toán", "Total"), Kind.MONEY, _COMPUTED,
        required=False, formula="gia_tri_day + thue_day",
    ),
)  # fmt: skip
NGAY_BAT_DAU_DAY = Field(
    "ngay_bat_dau_day",
    Text("Bắt đầu lắp đặt", "Work starts on"),
    Kind.DATE,
    Text("Ví dụ: 26/11/2026", "Example: 26/11/2026"),
)
NGAY_XONG_DAY = Field(
    "ngay_xong_day",
    Text("Hoàn thành lắp đặt", "Work is done by"),
    Kind.DATE,
    Text("Ví dụ: 27/11/2026", "Example: 27/11/2026"),
)
THANH_TOAN_DAY = Field(
    "thanh_toan_day",
    Text("Thanh toán tiền lắp đặt", "Payment for the work"),
    Kind.CHOICE,
    Text("Cách khách trả tiền lắp đặt", "How the customer pays for the work"),
    choices=(
        Choice("chuyen_khoan", Text("Chuyển khoản", "Bank transfer")),
        Choice("tai_quay", Text("Tại quầy giao dịch", "At the counter")),
        Choice("vi_dien_tu", Text("Ví điện tử", "E-wallet")),
    ),
    default="chuyen_khoan",
)
