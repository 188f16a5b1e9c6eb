"""The end of a contract: why, from when, and what the meters showed. `source` names columns of CMIS."""

from __future__ import annotations

from decimal import Decimal

from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text

CAN_CU_CHAM_DUT = Field(
    "can_cu_cham_dut",
    Text("Căn cứ chấm dứt", "Reason of the end"),
    Kind.TEXT,
    Text(
        "Văn bản hoặc sự việc dẫn đến chấm dứt. Ví dụ: Giấy đề nghị chấm dứt hợp đồng ngày 20/11/2026",
        "The paper or event behind it. Example: Giấy đề nghị chấm dứt hợp đồng ngày 20/11/2026",
    ),
    max_length=300,
    default="đề nghị của Bên B",
)
NGAY_CHAM_DUT = Field(
    "ngay_cham_dut",
    Text("Chấm dứt từ ngày", "Ends on"),
    Kind.DATE,
    Text(
        "Ngày hợp đồng chấm dứt, là ngày chốt chỉ số. Ví dụ: 27/11/2026", "Day the contract ends. Example: 27/11/2026"
    ),
)
REGISTERS = (
    Choice("KT", Text("KT", "One tariff")),
    Choice("BT", Text("BT", "Normal hours")),
    Choice("CD", Text("CĐ", "Peak hours")),
    Choice("TD", Text("TĐ", "Off-peak hours")),
    Choice("VC", Text("VC", "Reactive")),
)
"""LOAI_CHISO of CMIS: the register of a meter."""

HE_THONG_CHAM_DUT = Field(
    "he_thong_cham_dut",
    Text("Hệ thống đo đếm", "Metering system"),
    Kind.TABLE,
    Text(
        "Mỗi dòng một chỉ số chốt; công tơ ba giá có ba dòng BT, CĐ, TĐ",
        "A row a final index; a meter of three tariffs has three rows BT, CĐ, TĐ",
    ),
    minimum=Decimal(1),
    maximum=Decimal(30),
    columns=(
        Field(
            "diem_do",
            Text("Điểm đo", "Metering point"),
            Kind.METERING_POINT,
            Text("Mã khách hàng thêm 3 số. Ví dụ: PD05000131264001", "Customer code and 3 digits"),
            max_length=24,
            source="CD_DDO_DDIEN.MA_DDO_DDIEN",
        ),
        Field(
            "so_cong_to",
            Text("Số công tơ", "Meter number"),
            Kind.METER_NUMBER,
            Text("Số No trên mặt công tơ. Ví dụ: 0018123456", "The No. on its face. Example: 0018123456"),
            max_length=20,
            source="THAO.SO_CT",
        ),
        Field(
            "loai",
            Text("Loại", "Register"),
            Kind.CHOICE,
            Text("Loại chỉ số: KT, BT, CĐ, TĐ hoặc VC", "Register: KT, BT, CĐ, TĐ or VC"),
            choices=REGISTERS,
            default="KT",
            source="THAO.LOAI_CHISO",
        ),
        Field(
            "ti",
            Text("TI", "CT ratio"),
            Kind.TEXT,
            Text(
                "Tỷ số biến dòng, để trống nếu đo trực tiếp. Ví dụ: 100/5", "CT ratio, empty if direct. Example: 100/5"
            ),
            required=False,
            max_length=20,
            source="THAO.TSO_BIENDONG",
        ),
        Field(
            "tu",
            Text("TU", "VT ratio"),
            Kind.TEXT,
            Text("Tỷ số biến điện áp, để trống nếu đo trực tiếp", "VT ratio, empty if direct"),
            required=False,
            max_length=20,
            source="THAO.TSO_BIENAP",
        ),
        Field(
            "he_so_nhan",
            Text("Hệ số nhân", "Factor"),
            Kind.DECIMAL,
            Text("HSN ghi trong biên bản treo tháo; đo trực tiếp là 1", "Factor in the meter minutes; 1 if direct"),
            minimum=Decimal("0.001"),
            maximum=Decimal(1000000),
            places=3,
            default="1",
            source="THAO.HSO_HTDODEM",
        ),
        Field(
            "chi_so_chot",
            Text("Chỉ số chốt", "Final index"),
            Kind.DECIMAL,
            Text("Chỉ số lúc chấm dứt, dấu phẩy thập phân. Ví dụ: 10452,5", "Index at the end, decimal comma"),
            minimum=Decimal(0),
            maximum=Decimal(99999999),
            places=3,
            source="THAO.P",
        ),
    ),
)
