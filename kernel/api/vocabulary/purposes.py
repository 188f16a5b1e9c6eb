"""Purposes of use on one contract: what the equipment uses, and which share of each meter has which price."""

from __future__ import annotations

from decimal import Decimal

from kernel.api.conditions import When
from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text
from kernel.api.vocabulary.supply import MUC_DICH

THIET_BI_SU_DUNG = Field(
    "thiet_bi_su_dung",
    Text("Thiết bị sử dụng điện", "Equipment"),
    Kind.TABLE,
    Text(
        "Mỗi dòng một loại thiết bị; tổng công suất và điện năng tự tính",
        "A row a kind of equipment; total power and energy are computed",
    ),
    minimum=Decimal(1),
    maximum=Decimal(100),
    columns=(
        Field(
            "ten_thiet_bi",
            Text("Tên thiết bị", "Equipment"),
            Kind.TEXT,
            Text("Ví dụ: Máy tiện", "Example: Máy tiện"),
            max_length=120,
        ),
        Field(
            "cong_suat_may",
            Text("Công suất (kW)", "Power (kW)"),
            Kind.DECIMAL,
            Text("Công suất một thiết bị, dấu phẩy thập phân. Ví dụ: 7,5", "Power of one, decimal comma. Example: 7,5"),
            minimum=Decimal("0.001"),
            maximum=Decimal(100000),
            places=3,
        ),
        Field(
            "so_luong",
            Text("Số lượng", "Count"),
            Kind.INTEGER,
            Text("Số thiết bị cùng loại. Ví dụ: 4", "How many. Example: 4"),
            minimum=Decimal(1),
            maximum=Decimal(9999),
        ),
        Field(
            "he_so_dong_thoi",
            Text("Hệ số đồng thời", "Demand factor"),
            Kind.DECIMAL,
            Text("Từ 0,01 đến 1. Ví dụ: 0,8", "From 0,01 to 1. Example: 0,8"),
            minimum=Decimal("0.01"),
            maximum=Decimal(1),
            places=2,
            default="1",
        ),
        Field(
            "so_gio",
            Text("Số giờ/ngày", "Hours a day"),
            Kind.DECIMAL,
            Text("Số giờ dùng trong ngày, tối đa 24. Ví dụ: 8", "Hours of use a day, 24 at most. Example: 8"),
            minimum=Decimal("0.1"),
            maximum=Decimal(24),
            places=1,
        ),
        Field(
            "so_ngay",
            Text("Số ngày/tháng", "Days a month"),
            Kind.INTEGER,
            Text("Số ngày dùng trong tháng, tối đa 31. Ví dụ: 26", "Days of use a month, 31 at most. Example: 26"),
            minimum=Decimal(1),
            maximum=Decimal(31),
        ),
        Field(
            "tong_cong_suat_may",
            Text("Tổng công suất (kW)", "Power in use (kW)"),
            Kind.DECIMAL,
            Text("Công suất × số lượng × hệ số đồng thời", "Power × count × demand factor"),
            places=2,
            formula="cong_suat_may * so_luong * he_so_dong_thoi",
        ),
        Field(
            "dien_nang",
            Text("Điện năng (kWh/tháng)", "Energy (kWh a month)"),
            Kind.DECIMAL,
            Text("Số giờ × số ngày × tổng công suất", "Hours × days × power in use"),
            places=2,
            formula="so_gio * so_ngay * tong_cong_suat_may",
        ),
        Field(
            "muc_dich_may",
            Text("Mục đích sử dụng", "Purpose"),
            Kind.CHOICE,
            MUC_DICH.help,
            choices=MUC_DICH.choices,
        ),
    ),
)
TONG_CONG_SUAT_SU_DUNG = Field(
    "tong_cong_suat_su_dung",
    Text("Tổng công suất sử dụng", "Power in use in all"),
    Kind.DECIMAL,
    Text("Tính từ bảng thiết bị", "Computed from the equipment"),
    unit="kW",
    places=2,
    formula="sum(thiet_bi_su_dung.tong_cong_suat_may)",
)
TONG_DIEN_NANG = Field(
    "tong_dien_nang",
    Text("Tổng điện năng sử dụng", "Energy in all"),
    Kind.DECIMAL,
    Text("Tính từ bảng thiết bị", "Computed from the equipment"),
    unit="kWh",
    places=2,
    formula="sum(thiet_bi_su_dung.dien_nang)",
)
AP_GIA = Field(
    "ap_gia",
    Text("Áp giá theo mục đích", "Prices by purpose"),
    Kind.TABLE,
    Text(
        "Mỗi dòng một mục đích của một công tơ: các tỷ lệ % cộng lại là 100, hoặc số kWh cố định và phần còn lại",
        "A row a purpose of a meter: shares of 100 % together, or fixed kWh and the remainder",
    ),
    minimum=Decimal(1),
    maximum=Decimal(60),
    columns=(
        Field(
            "so_cong_to",
            Text("Số công tơ", "Meter number"),
            Kind.METER_NUMBER,
            Text("Số No trên mặt công tơ. Ví dụ: 0018123456", "The No. on its face. Example: 0018123456"),
            max_length=20,
        ),
        Field(
            "ma_ghi_chi_so",
            Text("Mã ghi chỉ số", "Reading code"),
            Kind.CODE,
            Text("Mã sổ GCS trong CMIS. Ví dụ: D05A012", "Code of the reading book in CMIS. Example: D05A012"),
            max_length=20,
        ),
        Field(
            "tu_chi_so",
            Text("Áp dụng từ chỉ số", "From index"),
            Kind.DECIMAL,
            Text("Chỉ số chốt khi đổi giá, dấu phẩy thập phân. Ví dụ: 4210,5", "Index at the change. Example: 4210,5"),
            minimum=Decimal(0),
            maximum=Decimal(99999999),
            places=3,
        ),
        Field(
            "muc_dich_gia",
            Text("Mục đích sử dụng", "Purpose"),
            Kind.CHOICE,
            MUC_DICH.help,
            choices=MUC_DICH.choices,
            source="HDG_BBAN_APGIA.MA_NHOMNN",
        ),
        Field(
            "loai_dinh_muc",
            Text("Cách chia", "Share by"),
            Kind.CHOICE,
            Text("Phần trăm, số kWh cố định, hoặc phần còn lại", "Percent, fixed kWh, or the remainder"),
            choices=(
                Choice("phan_tram", Text("Phần trăm", "Percent")),
                Choice("kwh", Text("kWh", "kWh")),
                Choice("con_lai", Text("Phần còn lại", "Remainder")),
            ),
            default="phan_tram",
            source="HDG_BBAN_APGIA.LOAI_DMUC",
        ),
        Field(
            "dinh_muc",
            Text("Tỷ lệ % hoặc kWh", "Percent or kWh"),
            Kind.DECIMAL,
            Text("Số % hoặc số kWh mỗi tháng. Ví dụ: 60", "Percent, or kWh a month. Example: 60"),
            minimum=Decimal("0.01"),
            maximum=Decimal(99999999),
            places=2,
            when=When("loai_dinh_muc", ("phan_tram", "kwh")),
            source="HDG_BBAN_APGIA.DINH_MUC",
        ),
        Field(
            "theo_thoi_gian",
            Text("Giá theo thời gian", "By the hour"),
            Kind.YES_NO,
            Text("Có nếu bán theo ba giá BT, CĐ, TĐ", "Có (yes) if sold at three prices BT, CĐ, TĐ"),
            default="Không",
        ),
    ),
)
