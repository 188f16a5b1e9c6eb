"""What a survey finds and the plan of supply says. `source` names fields of CMIS's survey records."""

from __future__ import annotations

from decimal import Decimal

from kernel.api.conditions import When
from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text
from kernel.api.vocabulary.supply import KHOANG_CACH_LUOI, PHASES

_OBSTACLE = When("ket_qua_khao_sat", ("tro_ngai",))

SO_PHUONG_AN = Field(
    "so_phuong_an",
    Text("Số phương án", "Plan number"),
    Kind.CODE,
    Text("Số của phương án đấu nối. Ví dụ: 07/2026/PA-KT", "Number of the plan. Example: 07/2026/PA-KT"),
    max_length=40,
)
SO_CONG_VAN = Field(
    "so_cong_van",
    Text("Số văn bản đề nghị", "Letter of request"),
    Kind.TEXT,
    Text(
        "Số công văn hoặc giấy đề nghị của khách hàng. Ví dụ: 25/CV-TN",
        "Number of the customer's letter or application. Example: 25/CV-TN",
    ),
    max_length=60,
    source="BIEN_BAN_KS.SoCongVan",
)
NGAY_CONG_VAN = Field(
    "ngay_cong_van",
    Text("Ngày văn bản đề nghị", "Letter dated"),
    Kind.DATE,
    Text("Ngày ghi trên văn bản đề nghị. Ví dụ: 16/11/2026", "Date of the letter. Example: 16/11/2026"),
    source="BIEN_BAN_KS.NgayCongVan",
)
SO_BIEN_BAN_KHAO_SAT = Field(
    "so_bien_ban_khao_sat",
    Text("Số biên bản khảo sát", "Survey record"),
    Kind.TEXT,
    Text("Số biên bản khảo sát. Ví dụ: 31/BBKS", "Number of the survey record. Example: 31/BBKS"),
    max_length=60,
    source="BIEN_BAN_KS.SoBienBan",
)
NGAY_DUOC_GIAO = Field(
    "ngay_duoc_giao",
    Text("Ngày giao khảo sát", "Survey assigned on"),
    Kind.DATE,
    Text("Ngày nhân viên được giao khảo sát. Ví dụ: 17/11/2026", "Day the survey was assigned. Example: 17/11/2026"),
    required=False,
    source="BIEN_BAN_KS.NgayDuocGiao",
)
TEN_CONG_TRINH = Field(
    "ten_cong_trinh",
    Text("Tên công trình", "Name of the works"),
    Kind.TEXT,
    Text(
        "Tên đầy đủ của công trình điện. Ví dụ: Trạm biến áp 400 kVA – 22/0,4 kV Xưởng may Đồng Tâm",
        "Full name of the works. Example: Trạm biến áp 400 kVA – 22/0,4 kV Xưởng may Đồng Tâm",
    ),
    max_length=250,
    source="BIEN_BAN_KS.TenCongTrinh",
)
DIA_DIEM_XAY_DUNG = Field(
    "dia_diem_xay_dung",
    Text("Địa điểm xây dựng", "Site of the works"),
    Kind.ADDRESS,
    Text("Thửa đất, đường, phường/xã, tỉnh/thành phố", "Plot, street, ward, province"),
    max_length=250,
    source="BIEN_BAN_KS.DiaDiemXayDung",
)
HIEN_TRANG_LUOI = Field(
    "hien_trang_luoi",
    Text("Hiện trạng lưới điện", "State of the grid"),
    Kind.TEXT,
    Text(
        "Lưới hiện có quanh nơi dùng điện, khả năng mang tải, điều cần lưu ý",
        "The grid around the place of use, what it can carry, anything to note",
    ),
    max_length=500,
)
TEN_LO_DUONG_DAY = Field(
    "ten_lo_duong_day",
    Text("Tên lộ đường dây", "Feeder"),
    Kind.TEXT,
    Text("Ví dụ: Lộ 471 trạm 110 kV Thử Nghiệm, hoặc Lộ 2", "Example: Lộ 471 trạm 110 kV Thử Nghiệm, or Lộ 2"),
    source="BIEN_BAN_KS.TenLoDuongDay",
)
DIEM_DAU_DU_KIEN = Field(
    "diem_dau_du_kien",
    Text("Điểm đấu dự kiến", "Point of connection"),
    Kind.TEXT,
    Text("Cột, tủ hoặc thanh cái. Ví dụ: Cột 12 lộ 2", "Pole, cabinet or busbar. Example: Cột 12 lộ 2"),
    source="BIEN_BAN_KS.DiemDauDuKien",
)
DAY_DAN = Field(
    "day_dan",
    Text("Dây dẫn, cáp", "Conductor, cable"),
    Kind.TEXT,
    Text("Chủng loại, tiết diện. Ví dụ: Cáp Muller 2x10 mm²", "Kind and section. Example: Cáp Muller 2x10 mm²"),
    source="BIEN_BAN_KS.DayDan",
)
NGUON_CAP = Field(
    "nguon_cap",
    Text("Nguồn cấp điện", "Source of supply"),
    Kind.TEXT,
    Text("Trạm nguồn của lộ. Ví dụ: Trạm 110 kV Thử Nghiệm, máy T2", "Example: Trạm 110 kV Thử Nghiệm, máy T2"),
)
PHUONG_THUC_DO_DEM = Field(
    "phuong_thuc_do_dem",
    Text("Phương thức đo đếm", "Way of metering"),
    Kind.CHOICE,
    Text("Đo trực tiếp hay qua máy biến dòng, biến điện áp", "Direct, or through current and voltage transformers"),
    choices=(
        Choice("truc_tiep", Text("Trực tiếp", "Direct")),
        Choice("qua_ti", Text("Gián tiếp qua TI", "Through current transformers")),
        Choice("qua_tu_ti", Text("Gián tiếp qua TU và TI", "Through voltage and current transformers")),
    ),
    source="THOA_THUAN_DN.HTDoDem",
)
THOA_THUAN_KY_THUAT = Field(
    "thoa_thuan_ky_thuat",
    Text("Thỏa thuận kỹ thuật", "Technical terms"),
    Kind.TEXT,
    Text("Điều kiện kỹ thuật đã thống nhất với khách hàng", "Technical conditions agreed with the customer"),
    required=False,
    max_length=500,
    source="BIEN_BAN_KS.ThoaThuanKyThuat",
)
MA_TRO_NGAI = Field(
    "ma_tro_ngai",
    Text("Mã trở ngại", "Obstacle code"),
    Kind.CODE,
    Text("Mã trở ngại trong CMIS. Ví dụ: KS03", "Code of the obstacle in CMIS. Example: KS03"),
    max_length=20,
    source="BIEN_BAN_KS.MaTroNgai",
    when=_OBSTACLE,
)
TRO_NGAI = Field(
    "tro_ngai",
    Text("Nội dung trở ngại", "Obstacle"),
    Kind.TEXT,
    Text("Trở ngại và hướng khắc phục", "The obstacle and how to overcome it"),
    max_length=300,
    source="BIEN_BAN_KS.TroNgai",
    when=_OBSTACLE,
)
THANH_PHAN_KHAO_SAT = Field(
    "thanh_phan_khao_sat",
    Text("Thành phần khảo sát", "Who took part"),
    Kind.TABLE,
    Text(
        "Mỗi người một dòng: họ tên, chức vụ, bên. Ví dụ: Đỗ Văn Khảo, Nhân viên, Bên bán điện",
        "One person a line: name, title, party. Example: Đỗ Văn Khảo, Nhân viên, Bên bán điện",
    ),
    minimum=Decimal(1),
    maximum=Decimal(20),
    source="BIEN_BAN_KS.ThanhPhans",
    columns=(
        Field("ho_ten", Text("Họ và tên", "Name"), Kind.NAME, Text("Họ tên đủ dấu", "Full name with its marks")),
        Field(
            "chuc_vu",
            Text("Chức vụ", "Title"),
            Kind.TEXT,
            Text("Ví dụ: Nhân viên khảo sát", "Example: Nhân viên khảo sát"),
            max_length=120,
        ),
        Field(
            "ben",
            Text("Đại diện cho", "For"),
            Kind.TEXT,
            Text("Ví dụ: Phòng Kỹ thuật, Khách hàng", "Example: Phòng Kỹ thuật, Khách hàng"),
            max_length=160,
        ),
    ),
)

SO_TRAM_BIEN_AP = Field(
    "so_tram_bien_ap",
    Text("Số trạm biến áp", "Transformer stations"),
    Kind.INTEGER,
    Text("Số trạm của khách hàng. Ví dụ: 1", "The customer's stations. Example: 1"),
    unit="trạm",
    minimum=Decimal(0),
    maximum=Decimal(99),
    source="BIEN_BAN_KS.SoTramBienAp",
)
SO_MAY_BIEN_AP = Field(
    "so_may_bien_ap",
    Text("Số máy biến áp", "Transformers"),
    Kind.INTEGER,
    Text("Số máy trong các trạm. Ví dụ: 1", "Transformers in the stations. Example: 1"),
    unit="máy",
    minimum=Decimal(0),
    maximum=Decimal(99),
    source="BIEN_BAN_KS.SoMayBienAp",
)
TONG_CONG_SUAT = Field(
    "tong_cong_suat",
    Text("Tổng công suất máy", "Total capacity"),
    Kind.DECIMAL,
    Text("Tổng công suất đặt của máy biến áp. Ví dụ: 400", "Installed capacity. Example: 400"),
    unit="kVA",
    minimum=Decimal(1),
    maximum=Decimal(1000000),
    places=1,
    source="BIEN_BAN_KS.TongCongSuat",
)

TEN_TRAM = Field(
    "ten_tram",
    Text("Tên trạm biến áp", "Station"),
    Kind.TEXT,
    Text("Trạm công cộng cấp điện. Ví dụ: Đỗ Hành 3", "The public station. Example: Đỗ Hành 3"),
    source="KHAO_SAT.TENTRAM_BIENAP",
)
CONG_SUAT_TRAM = Field(
    "cong_suat_tram",
    Text("Công suất trạm", "Station capacity"),
    Kind.DECIMAL,
    Text("Công suất định mức. Ví dụ: 630", "Rated capacity. Example: 630"),
    unit="kVA",
    minimum=Decimal(1),
    maximum=Decimal(100000),
    places=1,
    source="KHAO_SAT.CONG_SUAT_TRAM",
)
DONG_DIEN_DINH_MUC = Field(
    "dong_dien_dinh_muc",
    Text("Dòng điện định mức", "Rated current"),
    Kind.DECIMAL,
    Text("Dòng định mức phía hạ áp của trạm. Ví dụ: 909", "Rated current on the low side. Example: 909"),
    unit="A",
    minimum=Decimal(1),
    maximum=Decimal(100000),
    places=1,
    source="KHAO_SAT.DONGDIEN_DINHMUC",
)
TAI_MAX = Field(
    "tai_max",
    Text("Tải lớn nhất", "Highest load"),
    Kind.DECIMAL,
    Text("Dòng tải lớn nhất đo được. Ví dụ: 612", "The highest current measured. Example: 612"),
    unit="A",
    minimum=Decimal(0),
    maximum=Decimal(100000),
    places=1,
    source="KHAO_SAT.TAI_MAX",
)
MUC_MANG_TAI = Field(
    "muc_mang_tai",
    Text("Mức mang tải", "Share of the rating"),
    Kind.DECIMAL,
    Text("Tải lớn nhất trên dòng định mức, tự tính", "Highest load over rated current, computed"),
    required=False,
    unit="%",
    places=1,
    formula="tai_max / dong_dien_dinh_muc * 100",
)
TRU_DAU_NOI = Field(
    "tru_dau_noi",
    Text("Trụ đấu nối", "Pole"),
    Kind.TEXT,
    Text("Số trụ, lộ. Ví dụ: C12/L2", "Pole and line. Example: C12/L2"),
    max_length=60,
    source="KHAO_SAT.TRU",
)
CONG_TO_TRAI = Field(
    "cong_to_trai",
    Text("Công tơ nhà bên trái", "Meter on the left"),
    Kind.METER_NUMBER,
    Text("Số công tơ nhà liền kề bên trái. Ví dụ: 0018120001", "The neighbour's meter. Example: 0018120001"),
    required=False,
    max_length=40,
    source="KHAO_SAT.CONGTO_TRAI",
)
CONG_TO_PHAI = Field(
    "cong_to_phai",
    Text("Công tơ nhà bên phải", "Meter on the right"),
    Kind.METER_NUMBER,
    Text("Số công tơ nhà liền kề bên phải. Ví dụ: 0018120002", "The neighbour's meter. Example: 0018120002"),
    required=False,
    max_length=40,
    source="KHAO_SAT.CONGTO_PHAI",
)
KHOANG_CACH_TRAM = Field(
    "khoang_cach_tram",
    Text("Khoảng cách đến trạm", "Distance to the station"),
    Kind.DECIMAL,
    Text("Từ công tơ đến trạm biến áp, tính bằng mét", "From the meter to the station, in metres"),
    unit="m",
    minimum=Decimal(0),
    maximum=Decimal(100000),
    places=1,
    source="KHAO_SAT.KC_CONGTO_DEN_TRAM",
)
KHOANG_CACH_DEN_LUOI = KHOANG_CACH_LUOI.but(source="KHAO_SAT.KC_CONGTO_DEN_LUOI")
CONG_SUAT_THUC_TE = Field(
    "cong_suat_thuc_te",
    Text("Công suất thực tế", "Actual load"),
    Kind.DECIMAL,
    Text("Tổng công suất thiết bị dùng đồng thời. Ví dụ: 4,8", "Load used at one time. Example: 4,8"),
    unit="kW",
    minimum=Decimal(0),
    maximum=Decimal(100000),
    places=2,
    source="KHAO_SAT.CONGSUAT_THUC_TE_KW",
)
DONG_DIEN_THUC_TE = Field(
    "dong_dien_thuc_te",
    Text("Dòng điện thực tế", "Actual current"),
    Kind.DECIMAL,
    Text("Dòng tải tương ứng. Ví dụ: 22", "The current of that load. Example: 22"),
    unit="A",
    minimum=Decimal(0),
    maximum=Decimal(100000),
    places=1,
    source="KHAO_SAT.CONGSUAT_THUC_TE_A",
)
CONG_TO_DE_NGHI_A = Field(
    "cong_to_de_nghi_a",
    Text("Dòng công tơ đề nghị", "Meter current"),
    Kind.TEXT,
    Text("Dòng định mức (lớn nhất). Ví dụ: 10(40)", "Rated (highest) current. Example: 10(40)"),
    max_length=20,
    unit="A",
    source="KHAO_SAT.CONGSUAT_DENGHI_A",
)
CONG_TO_DE_NGHI_V = Field(
    "cong_to_de_nghi_v",
    Text("Điện áp công tơ đề nghị", "Meter voltage"),
    Kind.TEXT,
    Text("Ví dụ: 220, hoặc 3x230/400", "Example: 220, or 3x230/400"),
    max_length=20,
    unit="V",
    source="KHAO_SAT.CONGSUAT_DENGHI_V",
)
CONG_TO_DE_NGHI_PHA = Field(
    "cong_to_de_nghi_pha",
    Text("Số pha công tơ đề nghị", "Meter phases"),
    Kind.CHOICE,
    Text("Gõ 1 hoặc 3", "Type 1 or 3"),
    choices=PHASES,
    source="KHAO_SAT.CONGSUAT_DENGHI_PHA",
)
LOAI_TAI = Field(
    "loai_tai",
    Text("Loại tải", "Kind of load"),
    Kind.TEXT,
    Text("Tải chính của nơi dùng điện. Ví dụ: Điều hòa, bếp từ", "The main loads. Example: Điều hòa, bếp từ"),
    source="KHAO_SAT.LOAI_TAI",
)

PHAM_VI_NGANH_DIEN = Field(
    "pham_vi_nganh_dien",
    Text("Phần ngành điện đầu tư", "Built by the supplier"),
    Kind.TEXT,
    Text("Ví dụ: Dây từ cột đến công tơ, hộp, công tơ, TI, TU", "Example: Dây từ cột đến công tơ, hộp, công tơ"),
    max_length=400,
)
PHAM_VI_KHACH_HANG = Field(
    "pham_vi_khach_hang",
    Text("Phần khách hàng đầu tư", "Built by the customer"),
    Kind.TEXT,
    Text("Ví dụ: Dây dẫn và thiết bị sau công tơ", "Example: Dây dẫn và thiết bị sau công tơ"),
    max_length=400,
)
RANH_GIOI_TAI_SAN = Field(
    "ranh_gioi_tai_san",
    Text("Ranh giới tài sản", "Border of ownership"),
    Kind.TEXT,
    Text("Nơi tài sản hai bên gặp nhau. Ví dụ: Đầu ra của công tơ", "Example: Đầu ra của công tơ"),
    max_length=300,
    source="THOA_THUAN_DN.RanhGioiDauTu",
)
SO_BAN_VE = Field(
    "so_ban_ve",
    Text("Bản vẽ kèm theo", "Drawings"),
    Kind.TEXT,
    Text("Số hiệu bản vẽ mặt bằng, sơ đồ một sợi. Ví dụ: MB-01, SĐ-01", "Numbers of drawings. Example: MB-01, SĐ-01"),
    required=False,
    max_length=120,
)
KIEN_NGHI = Field(
    "kien_nghi",
    Text("Kiến nghị", "Recommendation"),
    Kind.TEXT,
    Text("Đề nghị duyệt hoặc điều kiện kèm theo", "Approval asked for, or conditions"),
    max_length=500,
    default="Đề nghị lãnh đạo phê duyệt phương án để thực hiện các bước tiếp theo",
)
NHAN_VIEN_KHAO_SAT = Field(
    "nhan_vien_khao_sat",
    Text("Nhân viên khảo sát", "Surveyor"),
    Kind.NAME,
    Text("Họ tên người khảo sát và ký phương án", "Who surveyed and signs the plan"),
)
TRUONG_PHONG_KY_THUAT = Field(
    "truong_phong_ky_thuat",
    Text("Trưởng phòng Kỹ thuật", "Head of the technical department"),
    Kind.NAME,
    Text("Họ tên người kiểm tra và ký phương án", "Who checks and signs the plan"),
    required=False,
)
