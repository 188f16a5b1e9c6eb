"""Who the customer is (Bên mua điện): identity, contact, tax and bank."""

from __future__ import annotations

from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text

MA_KHACH_HANG = Field(
    "ma_khach_hang",
    Text("Mã khách hàng", "Customer code"),
    Kind.CUSTOMER_CODE,
    Text(
        "13 ký tự do CMIS cấp, chữ thường hay có dấu cách đều được. Ví dụ: PD05000131264",
        "13 characters given by CMIS; lower case and spaces are fine. Example: PD05000131264",
    ),
    required=False,
    max_length=20,
    source="DV_TIEN_TNHAN.MA_KHANG, HDG_KHACH_HANG.MA_KHANG",
)
TEN_KHACH_HANG = Field(
    "ten_khach_hang",
    Text("Họ tên khách hàng", "Customer's name"),
    Kind.NAME,
    Text(
        "Họ và tên đủ dấu như trên căn cước. Ví dụ: Nguyễn Thị Ánh",
        "Full name with its marks, as on the identity card. Example: Nguyễn Thị Ánh",
    ),
    source="DV_TIEN_TNHAN.TEN_KHANG, HDG_KHACH_HANG.TEN_KHANG",
)
SO_GIAY_TO = Field(
    "so_giay_to",
    Text("Số căn cước", "Identity number"),
    Kind.CITIZEN_ID,
    Text(
        "12 số trên căn cước; có thể quét mã QR của thẻ. Người nước ngoài: số hộ chiếu. Ví dụ: 001190000001",
        "The 12 digits of the card, or scan its QR code. Foreigners: passport number. Example: 001190000001",
    ),
    max_length=20,
    source="DV_TIEN_TNHAN.SO_CMT, HDG_KHACH_HANG.SO_CMT",
)
NGAY_CAP_GIAY_TO = Field(
    "ngay_cap_giay_to",
    Text("Ngày cấp", "Issued on"),
    Kind.DATE,
    Text("Ngày cấp ghi ở mặt sau thẻ. Ví dụ: 15/04/2021", "Date on the back of the card. Example: 15/04/2021"),
    source="DV_TIEN_TNHAN.NGAY_CAP",
)
NOI_CAP_GIAY_TO = Field(
    "noi_cap_giay_to",
    Text("Nơi cấp", "Issued by"),
    Kind.TEXT,
    Text(
        "Cơ quan cấp ghi trên thẻ. Ví dụ: Bộ Công an",
        "The authority on the card. Example: Bộ Công an",
    ),
    max_length=120,
    source="DV_TIEN_TNHAN.NOI_CAP",
)
NGAY_SINH = Field(
    "ngay_sinh",
    Text("Ngày sinh", "Date of birth"),
    Kind.DATE,
    Text(
        "Ngày/tháng/năm, gõ liền cũng được. Ví dụ: 02/09/1990 hay 02091990",
        "Day/month/year, with or without slashes. Example: 02/09/1990 or 02091990",
    ),
    source="DV_TIEN_TNHAN.NGAY_SINH",
)
GIOI_TINH = Field(
    "gioi_tinh",
    Text("Giới tính", "Sex"),
    Kind.CHOICE,
    Text("Gõ Nam hoặc Nữ", "Type Nam (male) or Nữ (female)"),
    choices=(Choice("nam", Text("Nam", "Male")), Choice("nu", Text("Nữ", "Female"))),
)
DIA_CHI_THUONG_TRU = Field(
    "dia_chi_thuong_tru",
    Text("Nơi thường trú", "Permanent address"),
    Kind.ADDRESS,
    Text(
        "Số nhà, đường, phường/xã, tỉnh/thành phố. Ví dụ: Số 5 ngõ Đỗ Hành, phường Hai Bà Trưng, Hà Nội",
        "House, street, ward, province. Example: Số 5 ngõ Đỗ Hành, phường Hai Bà Trưng, Hà Nội",
    ),
    max_length=250,
    source="DV_TIEN_TNHAN.DCHI_NGUOIYCAU",
)
DIEN_THOAI = Field(
    "dien_thoai",
    Text("Điện thoại nhận OTP", "Mobile for the code"),
    Kind.MOBILE,
    Text(
        "Số di động của chính khách hàng, nhận mã xác nhận hợp đồng. Ví dụ: 0900 000 012",
        "The customer's own mobile: it receives the code that confirms the contract. Example: 0900 000 012",
    ),
    max_length=20,
    source="CD_KHANG_LIENHE.DTHOAI_DVU, HDG_KHANG_LIENHE.DTHOAI_DVU",
)
EMAIL = Field(
    "email",
    Text("Thư điện tử", "E-mail"),
    Kind.EMAIL,
    Text("Một địa chỉ. Ví dụ: anh.nguyen@example.com", "One address. Example: anh.nguyen@example.com"),
    required=False,
    max_length=254,
    source="CD_KHANG_LIENHE.EMAIL, HDG_KHANG_LIENHE.EMAIL",
)
MA_SO_THUE = Field(
    "ma_so_thue",
    Text("Mã số thuế", "Tax code"),
    Kind.TAX_CODE,
    Text(
        "10 số, 13 số (NNNNNNNNNN-NNN) hoặc 12 số định danh cá nhân. Ví dụ: 0301234562",
        "10 digits, 13 digits (NNNNNNNNNN-NNN) or the 12-digit personal number. Example: 0301234562",
    ),
    required=False,
    max_length=20,
    source="DV_TIEN_TNHAN.MST, HDG_KHACH_HANG.MASO_THUE",
)
SO_TAI_KHOAN = Field(
    "so_tai_khoan",
    Text("Số tài khoản", "Bank account"),
    Kind.BANK_ACCOUNT,
    Text("6 đến 19 ký tự, không dấu. Ví dụ: 0011001234567", "6 to 19 characters. Example: 0011001234567"),
    required=False,
    max_length=30,
    source="DV_TIEN_TNHAN.SO_TKHOAN, HDG_KHACH_HANG.TKHOAN_KHANG",
)
NGAN_HANG = Field(
    "ngan_hang",
    Text("Ngân hàng", "Bank"),
    Kind.TEXT,
    Text("Tên ngân hàng và chi nhánh. Ví dụ: Vietcombank", "Bank and branch. Example: Vietcombank"),
    required=False,
    max_length=120,
    source="DV_TIEN_TNHAN.MA_NHANG, HDG_KHACH_HANG.MA_NHANG",
)
DIA_CHI_GIAO_DICH = Field(
    "dia_chi_giao_dich",
    Text("Địa chỉ giao dịch", "Mailing address"),
    Kind.ADDRESS,
    Text(
        "Nơi nhận thư từ, để trống nếu trùng nơi thường trú",
        "Where letters go; empty if the permanent address",
    ),
    required=False,
    max_length=250,
    source="CD_KHANG_LIENHE.DCHI_KH_LHE, HDG_KHANG_LIENHE.DCHI_KH_LHE",
)
