"""Terms of a contract for other than household use: purposes, load curve, devices, metering, security."""

from __future__ import annotations

from decimal import Decimal

from kernel.api.conditions import AtLeast, Given, When
from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text
from kernel.api.vocabulary import organisation as o
from kernel.api.vocabulary.contract import NGAY_GHI_CHI_SO, VI_TRI_CHAT_LUONG
from kernel.api.vocabulary.parties import (
    DIA_CHI_GIAO_DICH,
    DIEN_THOAI,
    EMAIL,
    MA_KHACH_HANG,
    MA_SO_THUE,
    NGAN_HANG,
    NGAY_CAP_GIAY_TO,
    NOI_CAP_GIAY_TO,
    SO_GIAY_TO,
    SO_TAI_KHOAN,
    TEN_KHACH_HANG,
)
from kernel.api.vocabulary.supply import CONG_SUAT, MUC_DICH

BUSINESS_PURPOSES = tuple(choice for choice in MUC_DICH.choices if choice.code != "SHBT")
LOAD_CURVE_FROM = Decimal(40)
"""kW from which a load curve goes with the contract."""

LOAI_KHACH_HANG = Field(
    "loai_khach_hang",
    Text("Loại khách hàng", "Kind of customer"),
    Kind.CHOICE,
    Text(
        "Tổ chức, hộ kinh doanh ký bằng mã số thuế; cá nhân ký bằng số căn cước",
        "A registered business signs by its tax code, a person by the identity number",
    ),
    choices=(
        Choice("to_chuc", Text("Tổ chức, doanh nghiệp", "Organisation")),
        Choice("ho_kinh_doanh", Text("Hộ kinh doanh", "Household business")),
        Choice("ca_nhan", Text("Cá nhân", "Person")),
    ),
    default="to_chuc",
)
TEN_TO_CHUC = TEN_KHACH_HANG.but(
    label=Text("Tên khách hàng", "Customer's name"),
    help=Text(
        "Tên trên giấy đăng ký kinh doanh. Ví dụ: Công ty TNHH Cơ khí Đông Ệ",
        "Name as registered. Example: Công ty TNHH Cơ khí Đông Ệ",
    ),
)
FAX_KHACH_HANG = Field(
    "fax_khach_hang",
    Text("Fax", "Fax"),
    Kind.PHONE,
    Text("Số fax, nếu có", "Fax number, if any"),
    required=False,
    max_length=20,
)
SO_GIAY_TO_NGUOI_KY = SO_GIAY_TO.but(
    label=Text("Số căn cước người ký", "Signer's identity number"),
    help=Text(
        "Của người đại diện, hoặc của chính khách hàng cá nhân. Ví dụ: 001190000001",
        "The representative's, or that of the customer who is a person. Example: 001190000001",
    ),
)
_AUTHORISED = Given("van_ban_uy_quyen")
_REGISTERED = When("loai_khach_hang", ("to_chuc", "ho_kinh_doanh"))
BEN_MUA: tuple[Field, ...] = (
    MA_KHACH_HANG, LOAI_KHACH_HANG, TEN_TO_CHUC, MA_SO_THUE.but(required=True, when=_REGISTERED),
    *(field.but(required=True, when=_REGISTERED) for field in (o.DANG_KY_KINH_DOANH, o.NGAY_DANG_KY, o.NOI_DANG_KY)),
    DIA_CHI_GIAO_DICH.but(required=True),
    DIEN_THOAI, FAX_KHACH_HANG, EMAIL, SO_TAI_KHOAN, NGAN_HANG,
    *(field.but(required=True, when=_REGISTERED) for field in (o.NGUOI_DAI_DIEN, o.CHUC_VU_DAI_DIEN)),
    SO_GIAY_TO_NGUOI_KY, NGAY_CAP_GIAY_TO, NOI_CAP_GIAY_TO, o.VAN_BAN_UY_QUYEN,
    o.NGAY_UY_QUYEN.but(required=True, when=_AUTHORISED), o.NGUOI_UY_QUYEN.but(required=True, when=_AUTHORISED),
)  # fmt: skip
"""Who buys: a registered business with a tax code and a representative, or a person; and the papers of who signs."""


def _power(name: str, label: Text, words: Text) -> Field:
    return Field(name, label, Kind.DECIMAL, words, unit="kW", minimum=Decimal(0), maximum=Decimal(100000), places=2)


MUC_DICH_VA_TY_LE = Field(
    "muc_dich_va_ty_le",
    Text("Mục đích và tỷ lệ", "Purposes and shares"),
    Kind.TABLE,
    Text(
        "Mỗi mục đích một dòng, cộng lại 100 %. Ví dụ: SXBT, 80", "One purpose a line, 100 % in all. Example: SXBT, 80"
    ),
    minimum=Decimal(1),
    maximum=Decimal(4),
    columns=(
        Field(
            "muc_dich",
            Text("Mục đích", "Purpose"),
            Kind.CHOICE,
            Text("Nhóm giá theo mục đích", "Price group by purpose"),
            choices=BUSINESS_PURPOSES,
            unique=True,
            source="HDG_BBAN_APGIA.MA_NHOMNN",
        ),
        Field(
            "ty_le",
            Text("Tỷ lệ", "Share"),
            Kind.DECIMAL,
            Text("Phần trăm điện năng. Ví dụ: 80", "Percent of the energy. Example: 80"),
            unit="%",
            minimum=Decimal("0.01"),
            maximum=Decimal(100),
            places=2,
        ),
    ),
)
TONG_TY_LE = Field(
    "tong_ty_le",
    Text("Cộng tỷ lệ", "Shares in all"),
    Kind.DECIMAL,
    Text("Tự tính, phải bằng 100 %", "Computed, must be 100 %"),
    required=False,
    unit="%",
    places=2,
    formula="sum(muc_dich_va_ty_le.ty_le)",
)
CONG_SUAT_CUC_DAI = CONG_SUAT.but(
    label=Text("Công suất cực đại", "Maximum power"),
    help=Text("Công suất sử dụng lớn nhất. Ví dụ: 250", "The most that is used. Example: 250"),
)
SO_HUU_LUOI = Field(
    "so_huu_luoi",
    Text("Sở hữu lưới điện", "Ownership of the grid"),
    Kind.TEXT,
    Text(
        "Đường dây, trạm của bên nào. Ví dụ: Trạm biến áp và cáp hạ áp của Bên B",
        "Whose line and station. Example: Trạm biến áp và cáp hạ áp của Bên B",
    ),
    max_length=250,
)
RANH_GIOI = VI_TRI_CHAT_LUONG.but(default="Tại vị trí ranh giới sở hữu lưới điện")
PHUONG_THUC_DO_DEM = Field(
    "phuong_thuc_do_dem",
    Text("Phương thức đo đếm", "Way of metering"),
    Kind.CHOICE,
    Text("Trực tiếp, qua TI hay qua TU và TI", "Direct, through CTs, or through VTs and CTs"),
    choices=(
        Choice("truc_tiep", Text("Đo trực tiếp", "Direct")),
        Choice("ha_ap", Text("Gián tiếp hạ áp, qua TI", "Low voltage, through CTs")),
        Choice("trung_ap", Text("Gián tiếp trung áp, qua TU và TI", "Medium voltage, through VTs and CTs")),
    ),
)
THIET_BI_DO_DEM = Field(
    "thiet_bi_do_dem",
    Text("Hệ thống đo đếm", "Metering system"),
    Kind.TABLE,
    Text("Mỗi công tơ, TI, TU một dòng", "A line for each meter, CT and VT"),
    minimum=Decimal(1),
    maximum=Decimal(42),
    columns=(
        Field(
            "loai",
            Text("Thiết bị", "Device"),
            Kind.CHOICE,
            Text("Công tơ, TI hoặc TU", "Meter, CT or VT"),
            choices=(
                Choice("CTO", Text("Công tơ", "Meter")),
                Choice("TI", Text("TI", "CT")),
                Choice("TU", Text("TU", "VT")),
            ),
        ),
        Field(
            "ky_hieu",
            Text("Kiểu, số hiệu", "Model, number"),
            Kind.TEXT,
            Text("Ví dụ: ME-41 số 0018123456", "Example: ME-41 số 0018123456"),
            max_length=80,
        ),
        Field(
            "thong_so",
            Text("Thông số", "Rating"),
            Kind.TEXT,
            Text("Dòng, áp hoặc tỷ số. Ví dụ: 400/5 A", "Current, voltage or ratio. Example: 400/5 A"),
            max_length=60,
        ),
        Field(
            "cap_chinh_xac",
            Text("Cấp chính xác", "Accuracy class"),
            Kind.TEXT,
            Text("Ví dụ: 0,5", "Example: 0,5"),
            required=False,
            max_length=10,
        ),
        Field(
            "so_luong",
            Text("Số lượng", "Count"),
            Kind.INTEGER,
            Text("Ví dụ: 3", "Example: 3"),
            minimum=Decimal(1),
            maximum=Decimal(99),
        ),
    ),
)
BAN_THEO_GIO = Field(
    "ban_theo_gio",
    Text("Giá theo thời gian", "Priced by the hour"),
    Kind.YES_NO,
    Text("Có nếu trạm từ 25 kVA hoặc dùng từ 2.000 kWh/tháng", "Có (yes) from 25 kVA or 2.000 kWh a month"),
    default="Có",
)
COS_PHI = Field(
    "cos_phi",
    Text("Hệ số công suất", "Power factor"),
    Kind.DECIMAL,
    Text("Thấp hơn thì mua công suất phản kháng", "Below it reactive power is bought"),
    minimum=Decimal("0.5"),
    maximum=Decimal(1),
    places=2,
    default="0,9",
)
SO_KY_THANH_TOAN = Field(
    "so_ky_thanh_toan",
    Text("Số kỳ thanh toán", "Bills a month"),
    Kind.CHOICE,
    Text("Gõ 1, 2 hoặc 3", "Type 1, 2 or 3"),
    choices=tuple(Choice(count, Text(f"{count} kỳ", f"{count} a month")) for count in ("1", "2", "3")),
    default="1",
)
NGAY_GHI_CHI_SO_2 = NGAY_GHI_CHI_SO.but(
    id="ngay_ghi_chi_so_2",
    label=Text("Ngày ghi chỉ số kỳ 2", "Second reading day"),
    when=When("so_ky_thanh_toan", ("2", "3")),
)
NGAY_GHI_CHI_SO_3 = NGAY_GHI_CHI_SO.but(
    id="ngay_ghi_chi_so_3",
    label=Text("Ngày ghi chỉ số kỳ 3", "Third reading day"),
    when=When("so_ky_thanh_toan", ("3",)),
)
CO_BAO_DAM = Field(
    "co_bao_dam",
    Text("Bảo đảm thực hiện", "Security"),
    Kind.YES_NO,
    Text("Có từ 1.000.000 kWh/tháng và hợp đồng ngắn hạn", "Có (yes) from 1.000.000 kWh a month and short terms"),
    default="Không",
)
_SECURED = When("co_bao_dam", ("True",))
HINH_THUC_BAO_DAM = Field(
    "hinh_thuc_bao_dam",
    Text("Hình thức bảo đảm", "Kind of security"),
    Kind.CHOICE,
    Text("Đặt cọc, ký quỹ hay bảo lãnh ngân hàng", "Deposit, escrow or bank guarantee"),
    choices=(
        Choice("dat_coc", Text("Đặt cọc", "Deposit")),
        Choice("ky_quy", Text("Ký quỹ", "Escrow")),
        Choice("bao_lanh", Text("Bảo lãnh của ngân hàng", "Bank guarantee")),
    ),
    when=_SECURED,
)
GIA_TRI_BAO_DAM = Field(
    "gia_tri_bao_dam",
    Text("Giá trị bảo đảm", "Amount of security"),
    Kind.MONEY,
    Text("Số tiền, đồng. Ví dụ: 450.000.000", "In đồng. Example: 450.000.000"),
    minimum=Decimal(1),
    when=_SECURED,
)
NOI_BAO_DAM = Field(
    "noi_bao_dam",
    Text("Nơi nhận bảo đảm", "Held by"),
    Kind.TEXT,
    Text("Ngân hàng giữ hoặc bảo lãnh, hoặc Bên A", "The bank that holds or guarantees it, or Bên A"),
    when=_SECURED,
)
HAN_BAO_DAM = Field(
    "han_bao_dam",
    Text("Bảo đảm đến ngày", "Secured until"),
    Kind.DATE,
    Text("Ngày hết hiệu lực bảo đảm. Ví dụ: 31/12/2027", "Its last day. Example: 31/12/2027"),
    when=_SECURED,
)
NGAY_KET_THUC = Field(
    "ngay_ket_thuc",
    Text("Hiệu lực đến", "In force until"),
    Kind.DATE,
    Text("Ngày cuối của hợp đồng ngắn hạn, dưới 12 tháng", "Last day of a contract under 12 months"),
)
BIEU_DO_PHU_TAI = Field(
    "bieu_do_phu_tai",
    Text("Biểu đồ phụ tải", "Load curve"),
    Kind.TABLE,
    Text(
        "24 dòng: giờ, kW ngày làm việc, kW ngày nghỉ. Ví dụ: 8, 220, 35",
        "24 lines: hour, kW on working days, kW on days off. Example: 8, 220, 35",
    ),
    minimum=Decimal(24),
    maximum=Decimal(24),
    columns=(
        Field(
            "gio",
            Text("Giờ", "Hour"),
            Kind.INTEGER,
            Text("Từ 0 đến 23", "0 to 23"),
            minimum=Decimal(0),
            maximum=Decimal(23),
            unique=True,
        ),
        _power("ngay_lam_viec", Text("Ngày làm việc", "Working day"), Text("Công suất trong giờ đó", "Power in it")),
        _power("ngay_nghi", Text("Ngày nghỉ", "Day off"), Text("Công suất trong giờ đó", "Power in that hour")),
    ),
    when=AtLeast("cong_suat", LOAD_CURVE_FROM),
)


def _of_curve(name: str, label: Text, formula: str, unit: str) -> Field:
    computed = Text("Tự tính từ biểu đồ phụ tải", "Computed from the load curve")
    return Field(name, label, Kind.DECIMAL, computed, required=False, unit=unit, places=2, formula=formula)


PMAX_LAM_VIEC = _of_curve(
    "pmax_lam_viec", Text("Pmax ngày làm việc", "Peak, working day"), "max(bieu_do_phu_tai.ngay_lam_viec)", "kW"
)
PMAX_NGHI = _of_curve("pmax_nghi", Text("Pmax ngày nghỉ", "Peak, day off"), "max(bieu_do_phu_tai.ngay_nghi)", "kW")
DIEN_NANG_LAM_VIEC = _of_curve(
    "dien_nang_lam_viec",
    Text("Điện năng ngày làm việc", "Energy, working day"),
    "sum(bieu_do_phu_tai.ngay_lam_viec)",
    "kWh",
)
DIEN_NANG_NGHI = _of_curve(
    "dien_nang_nghi", Text("Điện năng ngày nghỉ", "Energy, day off"), "sum(bieu_do_phu_tai.ngay_nghi)", "kWh"
)
