"""The declarations the desk in memory works with: a small service, its document, names that look like markup."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from kernel.api.conditions import When
from kernel.api.documents import Purpose, Role, SignatureSlot
from kernel.api.fields import Choice, Field, Kind
from kernel.api.services import Draw, Obstacle, Paper, Section, Service, Step, Variant
from kernel.api.text import Text
from kernel.api.vocabulary import parties


def _plain(id_: str, label: str, kind: Kind, *, required: bool = True, **more: object) -> Field:
    return Field(id_, Text(label, label), kind, Text(f"Ghi {label.lower()}.", f"Type it: {label}."), required).but(
        **more
    )


CUSTOMER = Section(
    "khach_hang",
    Text("Khách hàng", "Customer"),
    (
        parties.SO_GIAY_TO,
        parties.TEN_KHACH_HANG,
        parties.NGAY_SINH,
        parties.GIOI_TINH,
        parties.DIA_CHI_THUONG_TRU,
        parties.NGAY_CAP_GIAY_TO,
        parties.DIEN_THOAI,
        parties.EMAIL,
        parties.MA_KHACH_HANG,
    ),
)
SUPPLY = Section(
    "noi_dung_dien",
    Text("Nơi dùng điện", "Place of supply"),
    (
        _plain("dia_chi_dung_dien", "Nơi dùng điện", Kind.ADDRESS),
        _plain("cong_suat", "Công suất", Kind.DECIMAL, unit="kW", places=1, maximum=Decimal(1000)),
        _plain("ngay_ghi_chi_so", "Ngày ghi chỉ số", Kind.INTEGER, minimum=Decimal(1), maximum=Decimal(31)),
        _plain("so_cong_to", "Số công tơ", Kind.METER_NUMBER, required=False),
    ),
)
OBSTACLES = (
    Obstacle("TN01", Text("Khách vắng nhà", "Customer not at home"), fixable=True),
    Obstacle("TN02", Text("Lưới chưa đủ công suất", "Grid lacks capacity"), fixable=False),
)
SERVICE = Service(
    "cap_dien_ha_ap",
    Text("Cấp điện hạ áp", "Low-voltage supply"),
    variants=(Variant("sh", Text("Sinh hoạt", "Household")), Variant("nsh", Text("Ngoài sinh hoạt", "Business"))),
    sections=(CUSTOMER, SUPPLY),
    steps=(
        Step(
            "tiep_nhan",
            Text("Tiếp nhận", "Intake"),
            Role.GDV,
            "TNYC",
            sections=("khach_hang", "noi_dung_dien"),
            next=("hop_dong", "huy"),
            obstacles=OBSTACLES,
        ),
        Step(
            "hop_dong",
            Text("Hợp đồng", "Contract"),
            Role.GDV,
            "HDNG",
            draws=(Draw("hop_dong_mua_ban_dien"),),
            next=("hoan_tat",),
        ),
        Step("huy", Text("Hủy yêu cầu", "Cancel"), Role.GDV, "HUY"),
        Step("hoan_tat", Text("Hoàn tất", "Done"), Role.GDV, "HTAT"),
    ),
    papers=(
        Paper("cccd", Text("Căn cước (ảnh)", "Identity card (photo)")),
        Paper("quyen_su_dung", Text("Quyền sử dụng nhà", "Right to the house"), later=True),
    ),
    hotkey="1",
)
OTHER_SERVICE = replace(
    SERVICE,
    id="cham_dut_hop_dong",
    title=Text("Chấm dứt hợp đồng", "End of contract"),
    variants=(Variant("", Text("", "")),),
    hotkey="2",
)
RESIDENCE = (Choice("tt", Text("Thường trú", "Resident")), Choice("thue", Text("Thuê nhà", "Tenant")))
HOUSEHOLDS = _plain(
    "danh_sach_ho",
    "Danh sách hộ",
    Kind.TABLE,
    maximum=Decimal(60),
    columns=(
        _plain("chu_ho", "Chủ hộ", Kind.NAME),
        _plain("so_can_cuoc", "Số căn cước", Kind.CITIZEN_ID, unique=True),
        _plain("nhan_khau", "Số nhân khẩu", Kind.INTEGER, minimum=Decimal(1), maximum=Decimal(99)),
        _plain("cu_tru", "Cư trú", Kind.CHOICE, choices=RESIDENCE),
        _plain("chu_nha", "Chủ nhà", Kind.NAME, when=When("cu_tru", ("thue",))),
        _plain("ngay_o", "Ở từ ngày", Kind.DATE),
        _plain("dinh_muc", "Định mức", Kind.DECIMAL, places=2, formula="nhan_khau / khau_moi_dinh_muc"),
        _plain("dien_thoai_ho", "Điện thoại", Kind.MOBILE, required=False),
        _plain("dia_chi_ho", "Địa chỉ phòng", Kind.ADDRESS, required=False),
        _plain("ghi_chu", "Ghi chú", Kind.TEXT, required=False),
    ),
)
SHARED_METER = Section(
    "dung_chung",
    Text("Hộ dùng chung công tơ", "Households behind one meter"),
    (
        _plain("khau_moi_dinh_muc", "Khẩu mỗi định mức", Kind.INTEGER, default="4"),
        HOUSEHOLDS,
        _plain(
            "tong_dinh_muc", "Tổng định mức", Kind.DECIMAL, places=2, unit="hộ", formula="sum(danh_sach_ho.dinh_muc)"
        ),
        _plain("ghi_chu_chung", "Ghi chú chung", Kind.TEXT, required=False),
    ),
)
TABLE_SERVICE = replace(
    SERVICE,
    sections=(SHARED_METER,),
    steps=(replace(SERVICE.steps[0], sections=("dung_chung",)), *SERVICE.steps[1:]),
)
"""A service whose first step asks for a table and computes from it."""
SLOTS = (
    SignatureSlot("ben_mua", Purpose.CUSTOMER, Text("Bên mua", "Buyer"), None),
    SignatureSlot("ben_ban", Purpose.SIGNATORY, Text("Giám đốc", "Director"), Role.GD),
    SignatureSlot("con_dau", Purpose.SEAL, Text("Đóng dấu", "Seal"), Role.VT),
)
NAMES = (
    "Nguyễn Thị Lấp Lánh Ánh",
    "Kho [/red] 2 [ABC]",
    "Lê Văn Được",
    "Công ty Cổ phần Ươm Mầm Xanh",
    "Đỗ Thị Ữ",
    "Trần Ệ [b]đậm[/b]",
)
