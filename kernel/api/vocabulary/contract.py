"""Terms of the contract (hợp đồng mua bán điện) that differ from customer to customer."""

from __future__ import annotations

from decimal import Decimal

from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text

SO_HOP_DONG = Field(
    "so_hop_dong",
    Text("Số hợp đồng", "Contract number"),
    Kind.CODE,
    Text(
        "Số do CMIS sinh; chữ, số và / . - Ví dụ: 26/000123",
        "The number CMIS gave; letters, digits and / . - Example: 26/000123",
    ),
    max_length=40,
    source="CD_KHANG_LIENHE.MA_HDONG, HDG_HOP_DONG.MA_HDONG",
)
NGAY_GHI_CHI_SO = Field(
    "ngay_ghi_chi_so",
    Text("Ngày ghi chỉ số", "Meter reading day"),
    Kind.INTEGER,
    Text("Ngày trong tháng, từ 1 đến 31. Ví dụ: 5", "Day of the month, 1 to 31. Example: 5"),
    minimum=Decimal(1),
    maximum=Decimal(31),
)
HINH_THUC_THANH_TOAN = Field(
    "hinh_thuc_thanh_toan",
    Text("Hình thức thanh toán", "Way of payment"),
    Kind.CHOICE,
    Text("Khách trả tiền điện bằng cách nào", "How the customer pays"),
    choices=(
        Choice("chuyen_khoan", Text("Chuyển khoản", "Bank transfer")),
        Choice("trich_no", Text("Trích nợ tự động", "Direct debit")),
        Choice("vi_dien_tu", Text("Ví điện tử", "E-wallet")),
        Choice("thu_ho", Text("Điểm thu hộ", "Collection point")),
    ),
    default="chuyen_khoan",
)
KENH_THONG_BAO = Field(
    "kenh_thong_bao",
    Text("Kênh thông báo", "Channel for notices"),
    Kind.CHOICE,
    Text("Nơi nhận thông báo tiền điện, lịch cắt điện", "Where notices of bills and outages go"),
    choices=(
        Choice("sms", Text("Tin nhắn SMS", "SMS")),
        Choice("email", Text("Thư điện tử", "E-mail")),
        Choice("zalo", Text("Zalo", "Zalo")),
        Choice("app", Text("Ứng dụng chăm sóc khách hàng", "Customer app")),
    ),
    default="sms",
)
VI_TRI_DO_DEM = Field(
    "vi_tri_do_dem",
    Text("Vị trí đặt công tơ", "Place of the meter"),
    Kind.TEXT,
    Text(
        "Cột, hộp hoặc tường nhà. Ví dụ: Hộp 4 công tơ trên cột 12 lộ 2",
        "Pole, box or wall. Example: Hộp 4 công tơ trên cột 12 lộ 2",
    ),
)
VI_TRI_CHAT_LUONG = Field(
    "vi_tri_chat_luong",
    Text("Vị trí xác định chất lượng", "Point of power quality"),
    Kind.TEXT,
    Text("Ranh giới tài sản, thường là sau công tơ", "Border of ownership, as a rule behind the meter"),
    default="Tại đầu ra của công tơ",
)
LAI_CHAM_TRA = Field(
    "lai_cham_tra",
    Text("Lãi chậm trả", "Interest on late payment"),
    Kind.DECIMAL,
    Text("Phần trăm mỗi tháng trên số tiền chậm trả. Ví dụ: 0,8", "Percent a month of what is late. Example: 0,8"),
    unit="%/tháng",
    minimum=Decimal(0),
    maximum=Decimal(5),
    places=3,
)
MUC_PHAT = Field(
    "muc_phat",
    Text("Mức phạt vi phạm", "Penalty"),
    Kind.DECIMAL,
    Text(
        "Phần trăm giá trị phần nghĩa vụ vi phạm, tối đa 8",
        "Percent of the value of the duty that was broken, 8 at most",
    ),
    unit="%",
    minimum=Decimal(0),
    maximum=Decimal(8),
    places=2,
    default="8",
)
CO_QUAN_TRANH_CHAP = Field(
    "co_quan_tranh_chap",
    Text("Nơi giải quyết tranh chấp", "Disputes go to"),
    Kind.TEXT,
    Text(
        "Tên tòa án hoặc trọng tài hai bên chọn. Ví dụ: Tòa án nhân dân khu vực 1 – Hà Nội",
        "The court or arbitration both chose. Example: Tòa án nhân dân khu vực 1 – Hà Nội",
    ),
)
NGAY_HIEU_LUC = Field(
    "ngay_hieu_luc",
    Text("Hiệu lực từ", "In force from"),
    Kind.DATE,
    Text("Ngày hợp đồng có hiệu lực. Ví dụ: 01/12/2026", "Day the contract takes effect. Example: 01/12/2026"),
    source="HDG_KHACH_HANG.NGAY_HLUC",
)
THOI_HAN = Field(
    "thoi_han",
    Text("Thời hạn hợp đồng", "Term of the contract"),
    Kind.TEXT,
    Text(
        "Ví dụ: 5 năm, 12 tháng, hoặc Không xác định thời hạn",
        "Example: 5 năm, 12 tháng, or Không xác định thời hạn",
    ),
    max_length=60,
    default="Không xác định thời hạn",
)
