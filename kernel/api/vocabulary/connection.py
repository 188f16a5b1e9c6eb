"""Terms of the agreement on a connection (thỏa thuận đấu nối). `source` names fields of CMIS's THOA_THUAN_DN."""

from __future__ import annotations

from decimal import Decimal

from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text

SO_THOA_THUAN_DAU_NOI = Field(
    "so_thoa_thuan_dau_noi",
    Text("Số thỏa thuận đấu nối", "Agreement number"),
    Kind.CODE,
    Text("Số biên bản thỏa thuận. Ví dụ: 12/2026/TTĐN", "Number of the agreement. Example: 12/2026/TTĐN"),
    max_length=40,
    source="THOA_THUAN_DN.SoBienBan",
)
NOI_DUNG_DAU_NOI = Field(
    "noi_dung_dau_noi",
    Text("Phương án đấu nối", "Way of connection"),
    Kind.TEXT,
    Text(
        "Mô tả phương án đã duyệt. Ví dụ: Đấu cáp ngầm từ cột 45 về trạm 400 kVA",
        "The approved plan. Example: Đấu cáp ngầm từ cột 45 về trạm 400 kVA",
    ),
    max_length=500,
    source="THOA_THUAN_DN.NoiDung",
)
YEU_CAU_KY_THUAT = Field(
    "yeu_cau_ky_thuat",
    Text("Yêu cầu kỹ thuật thiết bị", "Technical requirements"),
    Kind.TEXT,
    Text("Thiết bị tại điểm đấu, cấp cách điện, dòng ngắn mạch", "Equipment, insulation, short-circuit current"),
    max_length=500,
    source="THOA_THUAN_DN.YeuCauKyThuat",
)
YEU_CAU_BAO_VE = Field(
    "yeu_cau_bao_ve",
    Text("Yêu cầu bảo vệ", "Protection"),
    Kind.TEXT,
    Text("Rơ le, cầu chì, phối hợp bảo vệ với lộ", "Relays, fuses, coordination with the feeder"),
    max_length=300,
)
YEU_CAU_SCADA = Field(
    "yeu_cau_scada",
    Text("Kết nối SCADA", "SCADA"),
    Kind.TEXT,
    Text("Để trống nếu không yêu cầu", "Empty where none is required"),
    required=False,
    max_length=300,
)
HE_THONG_DO_DEM = Field(
    "he_thong_do_dem",
    Text("Hệ thống đo đếm", "Metering system"),
    Kind.TEXT,
    Text(
        "Công tơ, tỷ số TI, TU, cấp chính xác. Ví dụ: Công tơ 3 giá, TI 15/5 A, TU 22.000/110 V, cấp 0,5",
        "Meter, ratios, accuracy class. Example: Công tơ 3 giá, TI 15/5 A, TU 22.000/110 V, cấp 0,5",
    ),
    max_length=300,
    source="THOA_THUAN_DN.HTDoDem",
)
RANH_GIOI_DAU_TU = Field(
    "ranh_gioi_dau_tu",
    Text("Ranh giới đầu tư", "Border of investment"),
    Kind.TEXT,
    Text("Ai đầu tư phần nào. Ví dụ: Khách hàng từ điểm đấu trở đi", "Who builds what"),
    max_length=400,
    source="THOA_THUAN_DN.RanhGioiDauTu",
)
NGAY_DAU_NOI = Field(
    "ngay_dau_noi",
    Text("Ngày đấu nối dự kiến", "Connection planned on"),
    Kind.DATE,
    Text("Ngày dự kiến đóng điện. Ví dụ: 15/01/2027", "Day of the planned connection. Example: 15/01/2027"),
    source="THOA_THUAN_DN.NgayDauNoi",
)
BEN_CHIU_THU_NGHIEM = Field(
    "ben_chiu_thu_nghiem",
    Text("Chi phí thử nghiệm bổ sung", "Additional tests paid by"),
    Kind.CHOICE,
    Text("Bên chịu chi phí kiểm tra, thử nghiệm bổ sung", "Who pays for additional inspection and tests"),
    choices=(
        Choice("ben_b", Text("Bên B", "Party B")),
        Choice("ben_a", Text("Bên A", "Party A")),
        Choice("ben_yeu_cau", Text("Bên yêu cầu", "Who asks for them")),
    ),
    default="ben_b",
)
THOA_THUAN_KHAC = Field(
    "thoa_thuan_khac",
    Text("Thỏa thuận khác", "Further terms"),
    Kind.TEXT,
    Text("Để trống nếu không có", "Empty where there are none"),
    required=False,
    max_length=500,
    source="THOA_THUAN_DN.ThoaThuanKhac",
)
TAI_LIEU_DINH_KEM = Field(
    "tai_lieu_dinh_kem",
    Text("Tài liệu đính kèm", "Enclosures"),
    Kind.TABLE,
    Text("Mỗi tài liệu một dòng: tên, số hiệu", "One a line: name, number"),
    required=False,
    maximum=Decimal(30),
    source="THOA_THUAN_DN.TaiLieuDinhKem",
    columns=(
        Field(
            "ten",
            Text("Tên tài liệu", "Document"),
            Kind.TEXT,
            Text("Ví dụ: Sơ đồ nguyên lý một sợi", "Example: Sơ đồ nguyên lý một sợi"),
        ),
        Field(
            "so_hieu",
            Text("Số hiệu", "Number"),
            Kind.TEXT,
            Text("Ví dụ: SĐ-01", "Example: SĐ-01"),
            required=False,
            max_length=60,
        ),
    ),
)
