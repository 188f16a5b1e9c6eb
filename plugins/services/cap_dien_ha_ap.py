"""Cấp điện hạ áp: supply of a low-voltage customer, from the request to the meter that runs."""

from __future__ import annotations

from datetime import date

from kernel.api import vocabulary as v
from kernel.api.conditions import When
from kernel.api.documents import Role
from kernel.api.services import Deadline, Draw, Obstacle, Paper, Section, Service, Step, Variant
from kernel.api.text import Text

_HOUSEHOLD = v.MUC_DICH.but(choices=tuple(choice for choice in v.MUC_DICH.choices if choice.code == "SHBT"))
_LOW_VOLTAGE = v.CAP_DIEN_AP.but(
    choices=tuple(choice for choice in v.CAP_DIEN_AP.choices if choice.code in {"220V", "380V"}), default="220 V"
)

_SECTIONS = (
    Section(
        "khach_hang",
        Text("Khách hàng", "Customer"),
        (
            v.SO_GIAY_TO,
            v.TEN_KHACH_HANG,
            v.NGAY_SINH,
            v.GIOI_TINH,
            v.NGAY_CAP_GIAY_TO,
            v.NOI_CAP_GIAY_TO,
            v.DIA_CHI_THUONG_TRU,
            v.DIEN_THOAI,
            v.EMAIL,
            v.MA_SO_THUE,
            v.SO_TAI_KHOAN,
            v.NGAN_HANG,
            v.DIA_CHI_GIAO_DICH,
        ),
    ),
    Section(
        "noi_dung_dien",
        Text("Nơi và cách dùng điện", "Place and use"),
        (v.DIA_CHI_DUNG_DIEN, v.KHU_VUC, _HOUSEHOLD, v.CONG_SUAT, v.SO_PHA, v.SO_HO),
    ),
    Section(
        "khao_sat",
        Text("Khảo sát", "Survey"),
        (v.NGAY_KHAO_SAT, v.KET_QUA_KHAO_SAT, v.MA_TRAM, v.KHOANG_CACH_LUOI, v.THEM_LUOI, v.GHI_CHU_KHAO_SAT),
    ),
    Section(
        "hop_dong",
        Text("Hợp đồng", "Contract"),
        (
            v.SO_HOP_DONG.but(required=False),
            v.MA_KHACH_HANG,
            v.MA_DIEM_DO,
            _LOW_VOLTAGE,
            v.VI_TRI_DO_DEM,
            v.VI_TRI_CHAT_LUONG,
            v.NGAY_GHI_CHI_SO,
            v.HINH_THUC_THANH_TOAN,
            v.KENH_THONG_BAO,
            v.LAI_CHAM_TRA,
            v.MUC_PHAT,
            v.CO_QUAN_TRANH_CHAP,
            v.NGAY_HIEU_LUC,
            v.THOI_HAN,
        ),
    ),
    Section(
        "treo_thao",
        Text("Treo tháo", "Hanging the meter"),
        (
            v.SO_BIEN_BAN.but(required=False),
            v.LY_DO_TREO_THAO,
            v.NGAY_TREO_THAO,
            v.SO_COT,
            v.SO_HOP,
            v.MA_SO_GCS,
            v.NHAN_VIEN_TREO_THAO,
            v.NHAN_VIEN_TREO_THAO_2,
            v.NHAN_VIEN_TREO_THAO_3,
            v.NHAN_VIEN_NIEM_PHONG,
        ),
    ),
    Section("thiet_bi_treo", Text("Công tơ treo", "Meter hung"), v.THIET_BI_TREO),
)

_PAPERS = (
    Paper("giay_de_nghi", Text("Giấy đề nghị mua điện sinh hoạt", "Application for household supply"), later=True),
    Paper("giay_to_tuy_than", Text("Căn cước, hộ chiếu (bản chụp)", "Identity card or passport (copy)")),
    Paper(
        "cho_o_hop_phap",
        Text(
            "Giấy tờ chứng minh chỗ ở hợp pháp: quyền sở hữu nhà, quyền sử dụng đất, hợp đồng mua hoặc thuê nhà",
            "Proof of being entitled to the place: ownership, land use right, purchase or lease",
        ),
        later=True,
    ),
    Paper(
        "dong_y_cua_chu_nha",
        Text("Văn bản đồng ý của chủ nhà (khi thuê nhà)", "The owner's consent (for tenants)"),
        required=False,
        later=True,
    ),
)

_STEPS = (
    Step(
        "tiep_nhan",
        Text("Tiếp nhận", "Intake"),
        Role.GDV,
        "TN",
        sections=("khach_hang", "noi_dung_dien"),
        next=("phan_cong_khao_sat",),
        obstacles=(
            Obstacle("TN01", Text("Hồ sơ thiếu giấy tờ", "Papers are missing"), fixable=True),
            Obstacle("TN02", Text("Còn nợ tiền điện tại địa chỉ này", "Unpaid bills at this address"), fixable=True),
            Obstacle("TN03", Text("Trùng yêu cầu đang giải quyết", "Same request is already open"), fixable=False),
            Obstacle("TN04", Text("Khách hàng rút yêu cầu", "The customer withdraws"), fixable=False),
        ),
    ),
    Step("phan_cong_khao_sat", Text("Phân công khảo sát", "Assign survey"), Role.TPKD, "PK", next=("khao_sat",)),
    Step(
        "khao_sat",
        Text("Khảo sát", "Survey"),
        Role.NVKS,
        "KS",
        sections=("khao_sat",),
        next=("du_thao_hop_dong",),
        obstacles=(
            Obstacle(
                "KS01", Text("Khách hàng hẹn lại ngày khảo sát", "The customer asks for another day"), fixable=True
            ),
            Obstacle("KS02", Text("Chưa có dây dẫn sau công tơ", "No wiring behind the meter yet"), fixable=True),
            Obstacle("KS03", Text("Trạm biến áp đầy tải", "The transformer station is full"), fixable=True),
            Obstacle("KS04", Text("Vi phạm hành lang an toàn lưới điện", "Within the safety corridor"), fixable=False),
            Obstacle("KS05", Text("Địa chỉ không có thật", "The address does not exist"), fixable=False),
        ),
        blocked_by=When("ket_qua_khao_sat", ("tro_ngai",)),
    ),
    Step(
        "du_thao_hop_dong",
        Text("Dự thảo và ký hợp đồng", "Draft and sign the contract"),
        Role.GDV,
        "DHD",
        sections=("hop_dong",),
        draws=(Draw("hop_dong_mua_ban_dien", "sinh_hoat"),),
        next=("phan_cong_thi_cong",),
        obstacles=(
            Obstacle("HD01", Text("Khách hàng hẹn ký sau", "The customer signs later"), fixable=True),
            Obstacle("HD02", Text("Khách hàng không đồng ý hợp đồng", "The customer declines"), fixable=False),
        ),
    ),
    Step("phan_cong_thi_cong", Text("Phân công thi công", "Assign fitting"), Role.TPKD, "PC", next=("thi_cong",)),
    Step(
        "thi_cong",
        Text("Thi công treo công tơ", "Hang the meter"),
        Role.NVTT,
        "TC",
        sections=("treo_thao", "thiet_bi_treo"),
        next=("bien_ban_treo_thao",),
        obstacles=(
            Obstacle("TC01", Text("Khách hàng vắng nhà", "Nobody at home"), fixable=True),
            Obstacle("TC02", Text("Dây dẫn sau công tơ chưa an toàn", "Wiring behind the meter unsafe"), fixable=True),
        ),
    ),
    Step(
        "bien_ban_treo_thao",
        Text("Biên bản treo tháo", "Minutes of hanging"),
        Role.NVTT,
        "BTT",
        draws=(Draw("bien_ban_treo_thao"),),
        next=("hoan_tat",),
        obstacles=(Obstacle("BT01", Text("Khách hàng chưa ký biên bản", "The customer has not signed"), fixable=True),),
    ),
    Step("hoan_tat", Text("Hoàn tất", "Completion"), Role.GDV, "HT", next=("ket_thuc",)),
    Step("ket_thuc", Text("Kết thúc", "End"), Role.GDV, "KT"),
)

_EVN_PAGE = "EVN, trang dịch vụ cấp điện hạ áp"
_MORE_GRID = When("them_luoi", ("True",))

_DEADLINES = (
    Deadline(date(2017, 5, 15), 7, "QĐ 505/EVN-KD", _MORE_GRID),
    Deadline(date(2017, 5, 15), 3, "QĐ 505/EVN-KD", When("khu_vuc", ("thanh_thi",))),
    Deadline(date(2017, 5, 15), 5, "QĐ 505/EVN-KD"),
    # the page of EVN names no day: the branch sets the date on which its corporation took the rule over
    Deadline(date(2024, 1, 1), 7, _EVN_PAGE, _MORE_GRID),
    Deadline(date(2024, 1, 1), 5, _EVN_PAGE),
)

SERVICE = Service(
    id="cap_dien_ha_ap",
    title=Text("Cấp điện hạ áp", "Low-voltage supply"),
    variants=(Variant("sinh_hoat", Text("Sinh hoạt", "Household"), cmis=(("MDICH_SHOAT", "1"),)),),
    sections=_SECTIONS,
    steps=_STEPS,
    papers=_PAPERS,
    deadlines=_DEADLINES,
    cmis_types=("CDHA_D",),
    hotkey="1",
)
