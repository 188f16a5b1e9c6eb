"""The buyer where it is an organisation, or lets somebody sign; and the buyer of a contract that is in force."""

from __future__ import annotations

from kernel.api.fields import Field, Kind
from kernel.api.text import Text
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
from kernel.api.vocabulary.supply import DIA_CHI_DUNG_DIEN

DANG_KY_KINH_DOANH = Field(
    "dang_ky_kinh_doanh",
    Text("Số đăng ký kinh doanh", "Business registration"),
    Kind.CODE,
    Text(
        "Số giấy chứng nhận đăng ký doanh nghiệp hoặc quyết định thành lập; hộ gia đình để trống. Ví dụ: 0301234562",
        "Number of the business registration or founding decision; empty for a household. Example: 0301234562",
    ),
    required=False,
    max_length=40,
)
NGAY_DANG_KY = Field(
    "ngay_dang_ky",
    Text("Ngày đăng ký kinh doanh", "Registered on"),
    Kind.DATE,
    Text("Ngày cấp đăng ký kinh doanh. Ví dụ: 15/04/2021", "Date of the registration. Example: 15/04/2021"),
    required=False,
)
NOI_DANG_KY = Field(
    "noi_dang_ky",
    Text("Nơi đăng ký kinh doanh", "Registered by"),
    Kind.TEXT,
    Text(
        "Cơ quan cấp. Ví dụ: Sở Tài chính thành phố Hà Nội",
        "The authority. Example: Sở Tài chính thành phố Hà Nội",
    ),
    required=False,
    max_length=120,
)
NGUOI_DAI_DIEN = Field(
    "nguoi_dai_dien",
    Text("Người đại diện", "Representative"),
    Kind.NAME,
    Text(
        "Người ký thay mặt tổ chức hoặc các hộ dùng chung; để trống nếu chính khách hàng ký. Ví dụ: Nguyễn Thị Ánh",
        "Who signs for the organisation or the households; empty if the customer signs. Example: Nguyễn Thị Ánh",
    ),
    required=False,
)
CHUC_VU_DAI_DIEN = Field(
    "chuc_vu_dai_dien",
    Text("Chức vụ người đại diện", "Rank of the representative"),
    Kind.TEXT,
    Text("Ví dụ: Giám đốc, Chủ hộ", "Example: Giám đốc, Chủ hộ"),
    required=False,
    max_length=80,
)
VAN_BAN_UY_QUYEN = Field(
    "van_ban_uy_quyen",
    Text("Văn bản ủy quyền", "Authorisation"),
    Kind.CODE,
    Text("Số giấy ủy quyền của Bên mua, nếu có. Ví dụ: 05/GUQ", "Number of the buyer's authorisation. Example: 05/GUQ"),
    required=False,
    max_length=40,
)
NGAY_UY_QUYEN = Field(
    "ngay_uy_quyen",
    Text("Ngày ủy quyền", "Authorised on"),
    Kind.DATE,
    Text("Ngày của giấy ủy quyền. Ví dụ: 02/11/2026", "Date of the authorisation. Example: 02/11/2026"),
    required=False,
)
NGUOI_UY_QUYEN = Field(
    "nguoi_uy_quyen",
    Text("Người ủy quyền", "Authorised by"),
    Kind.NAME,
    Text("Người ký giấy ủy quyền. Ví dụ: Đặng Ngọc Ữ", "Who gave the authorisation. Example: Đặng Ngọc Ữ"),
    required=False,
)

TO_CHUC: tuple[Field, ...] = (
    DANG_KY_KINH_DOANH, NGAY_DANG_KY, NOI_DANG_KY,
    NGUOI_DAI_DIEN, CHUC_VU_DAI_DIEN, VAN_BAN_UY_QUYEN, NGAY_UY_QUYEN, NGUOI_UY_QUYEN,
)  # fmt: skip
"""What an organisation adds to a person, and who signs for the buyer."""
BEN_MUA: tuple[Field, ...] = (
    MA_KHACH_HANG.but(required=True), TEN_KHACH_HANG,
    SO_GIAY_TO.but(required=False), NGAY_CAP_GIAY_TO.but(required=False), NOI_CAP_GIAY_TO.but(required=False),
    DIA_CHI_GIAO_DICH, DIA_CHI_DUNG_DIEN, DIEN_THOAI, EMAIL, MA_SO_THUE, SO_TAI_KHOAN, NGAN_HANG,
    *TO_CHUC,
)  # fmt: skip
"""The buyer of a contract in force, as the template block `buyer()` prints it."""
