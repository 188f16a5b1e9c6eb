"""The supply of electricity: where, how much, from which station, and what the survey found."""

from __future__ import annotations

from decimal import Decimal

from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text

PHASES = (Choice("1", Text("1 pha", "Single phase")), Choice("3", Text("3 pha", "Three phase")))
"""SO_PHA of CMIS; also the phases of a meter."""

DIA_CHI_DUNG_DIEN = Field(
    "dia_chi_dung_dien",
    Text("Nơi dùng điện", "Place of use"),
    Kind.ADDRESS,
    Text(
        "Nơi đặt công tơ: số nhà, đường, phường/xã, tỉnh/thành phố",
        "Where the meter will be: house, street, ward, province",
    ),
    max_length=250,
    source="CD_DDO_DDIEN.DUONG_PHO, HDG_DIEM_DO.DIA_CHI",
)
MA_DIEM_DO = Field(
    "ma_diem_do",
    Text("Mã điểm đo", "Metering point"),
    Kind.METERING_POINT,
    Text(
        "Mã khách hàng thêm 3 số. Ví dụ: PD05000131264001",
        "The customer code and 3 digits. Example: PD05000131264001",
    ),
    required=False,
    max_length=24,
    source="CD_DDO_DDIEN.MA_DDO_DDIEN, HDG_DIEM_DO.MA_DDO",
)
MA_TRAM = Field(
    "ma_tram",
    Text("Mã trạm biến áp", "Transformer station"),
    Kind.CODE,
    Text("Mã trạm trong CMIS. Ví dụ: PD0500T012", "The station's code in CMIS. Example: PD0500T012"),
    required=False,
    max_length=20,
)
SO_HO = Field(
    "so_ho",
    Text("Số hộ dùng chung", "Households"),
    Kind.DECIMAL,
    Text(
        "Số hộ dùng chung công tơ; người thuê nhà: 4 người tính 1 hộ, 1 người là 0,25",
        "Households on the meter; tenants: 4 persons are 1 household, 1 person is 0,25",
    ),
    unit="hộ",
    minimum=Decimal("0.25"),
    maximum=Decimal(999),
    places=2,
    default="1",
    source="HDG_DIEM_DO.SO_HO",
)
CONG_SUAT = Field(
    "cong_suat",
    Text("Công suất đăng ký", "Registered power"),
    Kind.DECIMAL,
    Text("Công suất lớn nhất, dấu phẩy thập phân. Ví dụ: 3,5", "Maximum power, decimal comma. Example: 3,5"),
    unit="kW",
    minimum=Decimal("0.1"),
    maximum=Decimal(100000),
    places=2,
    source="CD_DDO_DDIEN.CONG_SUAT, HDG_DIEM_DO.CSUAT",
)
SO_PHA = Field(
    "so_pha",
    Text("Số pha", "Phases"),
    Kind.CHOICE,
    Text("Gõ 1 hoặc 3", "Type 1 or 3"),
    choices=PHASES,
    default="1",
    source="CD_DDO_DDIEN.SO_PHA, HDG_DIEM_DO.SO_PHA",
)
CAP_DIEN_AP = Field(
    "cap_dien_ap",
    Text("Cấp điện áp", "Voltage"),
    Kind.CHOICE,
    Text("Gõ 220 V hoặc 380 V (hạ áp), hoặc số kV", "Type 220 V or 380 V (low voltage), or the kV"),
    choices=(
        Choice("220V", Text("220 V", "220 V")),
        Choice("380V", Text("380 V", "380 V")),
        Choice("6kV", Text("6 kV", "6 kV")),
        Choice("10kV", Text("10 kV", "10 kV")),
        Choice("15kV", Text("15 kV", "15 kV")),
        Choice("22kV", Text("22 kV", "22 kV")),
        Choice("35kV", Text("35 kV", "35 kV")),
    ),
)
MUC_DICH = Field(
    "muc_dich",
    Text("Mục đích dùng điện", "Purpose of use"),
    Kind.CHOICE,
    Text(
        "Nhóm giá theo mục đích; hộ gia đình chọn Sinh hoạt bậc thang",
        "Price group by purpose; a household takes Sinh hoạt bậc thang",
    ),
    choices=(
        Choice("SHBT", Text("Sinh hoạt bậc thang", "Household, tiered")),
        Choice("KDDV", Text("Kinh doanh, dịch vụ", "Business, services")),
        Choice("SXBT", Text("Sản xuất", "Production")),
        Choice("HCSN(BV)", Text("Bệnh viện, trường học", "Hospitals, schools")),
        Choice("HCSN(CS)", Text("Cơ quan, chiếu sáng công cộng", "Offices of the state, public lighting")),
    ),
    default="SHBT",
    source="HDG_BBAN_APGIA.MA_NHOMNN",
)
KHU_VUC = Field(
    "khu_vuc",
    Text("Khu vực", "Area"),
    Kind.CHOICE,
    Text(
        "Thành thị (thành phố, thị xã, thị trấn) hay nông thôn: thời hạn phục vụ khác nhau",
        "Town or countryside: the service target differs",
    ),
    required=False,
    choices=(
        Choice("thanh_thi", Text("Thành thị", "Town")),
        Choice("nong_thon", Text("Nông thôn", "Countryside")),
    ),
    default="thanh_thi",
)
THEM_LUOI = Field(
    "them_luoi",
    Text("Thêm cột, cáp ngầm, TI", "New pole, cable or CT"),
    Kind.YES_NO,
    Text(
        "Có nếu phải trồng cột, kéo cáp ngầm hoặc lắp TI: thời hạn dài hơn",
        "Có (yes) if a pole, underground cable or CT must be added: the target is longer",
    ),
    required=False,
)
KET_QUA_KHAO_SAT = Field(
    "ket_qua_khao_sat",
    Text("Kết quả khảo sát", "Survey result"),
    Kind.CHOICE,
    Text(
        "Thuận lợi thì làm tiếp; có trở ngại thì dùng lệnh Trở ngại của bước",
        "Thuận lợi goes on; for an obstacle use the step's obstacle command",
    ),
    choices=(Choice("thuan_loi", Text("Thuận lợi", "Clear")), Choice("tro_ngai", Text("Trở ngại", "Obstacle"))),
)
NGAY_KHAO_SAT = Field(
    "ngay_khao_sat",
    Text("Ngày khảo sát", "Surveyed on"),
    Kind.DATE,
    Text("Ngày đến hiện trường. Ví dụ: 24/11/2026", "Day of the visit. Example: 24/11/2026"),
)
KHOANG_CACH_LUOI = Field(
    "khoang_cach_luoi",
    Text("Khoảng cách đến lưới", "Distance to the grid"),
    Kind.DECIMAL,
    Text("Từ công tơ đến điểm đấu trên lưới, tính bằng mét", "From the meter to the grid, in metres"),
    required=False,
    unit="m",
    minimum=Decimal(0),
    maximum=Decimal(100000),
    places=1,
)
GHI_CHU_KHAO_SAT = Field(
    "ghi_chu_khao_sat",
    Text("Ghi chú khảo sát", "Survey notes"),
    Kind.TEXT,
    Text("Cột, hộp, lộ đường dây, điều cần lưu ý", "Pole, box, feeder, anything to note"),
    required=False,
    max_length=500,
)
