"""Households on one meter (số hộ dùng chung): who they are and how many households they count as."""

from __future__ import annotations

from decimal import Decimal

from kernel.api.conditions import When
from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text

_FAMILY = When("loai_ho", ("ho",))
_TENANTS = When("loai_ho", ("thue",))

SO_CONG_TO_CHUNG = Field(
    "so_cong_to_chung",
    Text("Số công tơ dùng chung", "Meter they share"),
    Kind.METER_NUMBER,
    Text("Số No trên mặt công tơ, giữ số 0 ở đầu. Ví dụ: 0018123456", "The No. on its face. Example: 0018123456"),
    max_length=20,
)
DANH_SACH_HO = Field(
    "danh_sach_ho",
    Text("Danh sách hộ", "Households"),
    Kind.TABLE,
    Text(
        "Mỗi dòng một hộ dùng chung hoặc một phòng thuê; hộ tính 1, người thuê cứ 4 người tính 1 hộ",
        "A row a household or a rented room; a household counts 1, tenants 1 for every 4 persons",
    ),
    minimum=Decimal(1),
    maximum=Decimal(200),
    columns=(
        Field(
            "loai_ho",
            Text("Loại", "Kind"),
            Kind.CHOICE,
            Text("Hộ gia đình hay người thuê nhà", "A household or tenants"),
            choices=(Choice("ho", Text("Hộ gia đình", "Household")), Choice("thue", Text("Thuê nhà", "Tenants"))),
            default="ho",
        ),
        Field(
            "chu_ho",
            Text("Họ tên chủ hộ", "Head"),
            Kind.NAME,
            Text("Chủ hộ, hoặc người đại diện của phòng thuê", "Head of the household, or of the rented room"),
        ),
        Field(
            "can_cuoc",
            Text("Số căn cước", "Identity number"),
            Kind.CITIZEN_ID,
            Text("12 số trên căn cước. Ví dụ: 001190000001", "The 12 digits of the card. Example: 001190000001"),
            max_length=20,
            unique=True,
        ),
        Field(
            "noi_cu_tru",
            Text("Nơi cư trú", "Residence"),
            Kind.ADDRESS,
            Text("Nơi thường trú hoặc tạm trú", "Permanent or temporary address"),
            max_length=250,
        ),
        Field(
            "cu_tru",
            Text("Cư trú", "Registered"),
            Kind.CHOICE,
            Text("Thường trú hay tạm trú", "Permanent or temporary"),
            choices=(
                Choice("thuong_tru", Text("Thường trú", "Permanent")),
                Choice("tam_tru", Text("Tạm trú", "Temporary")),
            ),
            default="thuong_tru",
        ),
        Field(
            "so_nguoi",
            Text("Số nhân khẩu", "Persons"),
            Kind.INTEGER,
            Text("Số người của hộ hoặc phòng. Ví dụ: 4", "Persons of the household or room. Example: 4"),
            minimum=Decimal(1),
            maximum=Decimal(500),
        ),
        Field(
            "ghi_chu",
            Text("Quan hệ, ghi chú", "Relation, note"),
            Kind.TEXT,
            Text("Quan hệ với chủ hợp đồng. Ví dụ: Con", "Relation to the holder. Example: Con"),
            required=False,
            max_length=80,
        ),
        Field(
            "ho_gia_dinh",
            Text("Số hộ gia đình", "Households"),
            Kind.DECIMAL,
            Text("Mỗi hộ gia đình tính 1", "A household counts 1"),
            formula="1",
            when=_FAMILY,
        ),
        Field(
            "ho_thue",
            Text("Số hộ thuê nhà", "Households of tenants"),
            Kind.DECIMAL,
            Text("Cứ 4 người thuê tính 1 hộ", "4 tenants count as 1 household"),
            places=2,
            formula="so_nguoi / 4",
            when=_TENANTS,
        ),
    ),
)
TONG_SO_HO = Field(
    "tong_so_ho",
    Text("Tổng số hộ", "Households in all"),
    Kind.DECIMAL,
    Text("Tính từ danh sách hộ", "Computed from the list"),
    unit="hộ",
    places=2,
    formula="sum(danh_sach_ho.ho_gia_dinh) + sum(danh_sach_ho.ho_thue)",
    source="HDG_DIEM_DO.SO_HO",
)
CHI_SO_AP_DUNG = Field(
    "chi_so_ap_dung",
    Text("Áp dụng từ chỉ số", "Applies from index"),
    Kind.DECIMAL,
    Text(
        "Chỉ số chốt khi đổi số hộ, để trống nếu áp dụng từ kỳ sau", "Index at the change, empty if from the next bill"
    ),
    required=False,
    minimum=Decimal(0),
    maximum=Decimal(99999999),
    places=3,
)
