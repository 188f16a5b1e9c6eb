"""A contract in force, and what its parties agree about it later: what changes, from when, and how it is drawn up."""

from __future__ import annotations

from decimal import Decimal

from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text

SO_HOP_DONG_HIEN_HANH = Field(
    "so_hop_dong_hien_hanh",
    Text("Số hợp đồng đang thực hiện", "Contract in force"),
    Kind.CODE,
    Text(
        "Số hợp đồng mua bán điện đã ký, như trong CMIS. Ví dụ: 24/000123",
        "Number of the contract that was signed, as in CMIS. Example: 24/000123",
    ),
    max_length=40,
    source="CD_KHANG_LIENHE.MA_HDONG",
)
NGAY_HOP_DONG_HIEN_HANH = Field(
    "ngay_hop_dong_hien_hanh",
    Text("Ngày ký hợp đồng", "Contract signed on"),
    Kind.DATE,
    Text(
        "Ngày ghi trên hợp đồng đang thực hiện. Ví dụ: 15/03/2024",
        "Date of the contract in force. Example: 15/03/2024",
    ),
)
PHU_LUC_THU = Field(
    "phu_luc_thu",
    Text("Phụ lục thứ", "Annex no. of the contract"),
    Kind.INTEGER,
    Text(
        "Phụ lục thứ mấy của hợp đồng này, từ 1. Ví dụ: 1",
        "Which annex of this contract it is, from 1. Example: 1",
    ),
    minimum=Decimal(1),
    maximum=Decimal(99),
    default="1",
)
CAN_CU_SUA_DOI = Field(
    "can_cu_sua_doi",
    Text("Căn cứ sửa đổi", "Reason of the change"),
    Kind.TEXT,
    Text(
        "Giấy đề nghị hoặc thỏa thuận dẫn đến phụ lục. Ví dụ: Giấy đề nghị của Bên B ngày 20/11/2026",
        "The request or agreement behind it. Example: Giấy đề nghị của Bên B ngày 20/11/2026",
    ),
    max_length=300,
    default="đề nghị của Bên B",
)
ITEMS = (
    Choice("thong_tin", Text("Thông tin khách hàng", "Customer's data")),
    Choice("dia_chi", Text("Địa chỉ sử dụng điện", "Place of use")),
    Choice("muc_dich", Text("Mục đích sử dụng điện", "Purpose of use")),
    Choice("so_ho", Text("Số hộ dùng chung", "Households")),
    Choice("cong_suat", Text("Công suất, cấp điện áp, số pha", "Power, voltage, phases")),
    Choice("chat_luong", Text("Vị trí xác định chất lượng điện năng", "Point of power quality")),
    Choice("do_dem", Text("Vị trí, thông số đo đếm điện", "Place and data of the meter")),
    Choice("ghi_chi_so", Text("Ngày ghi chỉ số công tơ", "Meter reading day")),
    Choice("gia_dien", Text("Giá điện", "Price")),
    Choice("thanh_toan", Text("Hình thức, thời hạn thanh toán", "Payment")),
    Choice("thong_bao", Text("Hình thức thông báo", "Notices")),
    Choice("bao_dam", Text("Bảo đảm thực hiện hợp đồng", "Security")),
    Choice("phat", Text("Phạt vi phạm, lãi chậm trả", "Penalty and interest")),
    Choice("tranh_chap", Text("Giải quyết tranh chấp", "Disputes")),
    Choice("thoi_han", Text("Thời hạn hợp đồng", "Term")),
    Choice("khac", Text("Thỏa thuận khác", "Other agreements")),
)
"""What of a contract an annex may change. The article differs between the forms of contract, so it is typed."""

NOI_DUNG_SUA_DOI = Field(
    "noi_dung_sua_doi",
    Text("Nội dung sửa đổi, bổ sung", "What is changed"),
    Kind.TABLE,
    Text(
        "Mỗi dòng một điều khoản: nội dung cũ và nội dung mới; bổ sung thì để trống nội dung cũ",
        "A row an item of the contract: old and new wording; leave the old empty for an addition",
    ),
    minimum=Decimal(1),
    maximum=Decimal(30),
    columns=(
        Field(
            "muc",
            Text("Nội dung", "Item"),
            Kind.CHOICE,
            Text("Nội dung được sửa. Ví dụ: Số hộ dùng chung", "What is changed. Example: Số hộ dùng chung"),
            choices=ITEMS,
        ),
        Field(
            "dieu_khoan",
            Text("Điều, khoản", "Article"),
            Kind.TEXT,
            Text("Như in trên hợp đồng. Ví dụ: Mục 5, Điều 3 khoản 2", "As in the contract. Example: Mục 5"),
            max_length=60,
        ),
        Field(
            "cu",
            Text("Nội dung cũ", "Old"),
            Kind.TEXT,
            Text("Lời của hợp đồng, để trống nếu bổ sung", "The contract's words, empty for an addition"),
            required=False,
            max_length=600,
        ),
        Field(
            "moi",
            Text("Nội dung mới", "New"),
            Kind.TEXT,
            Text("Lời thay thế hoặc bổ sung", "What replaces or completes it"),
            max_length=600,
        ),
    ),
)
NGAY_HIEU_LUC_THAY_DOI = Field(
    "ngay_hieu_luc_thay_doi",
    Text("Áp dụng từ ngày", "Applies from"),
    Kind.DATE,
    Text("Ngày nội dung mới bắt đầu áp dụng. Ví dụ: 01/12/2026", "Day the new terms begin. Example: 01/12/2026"),
)
HINH_THUC_LAP = Field(
    "hinh_thuc_lap",
    Text("Hình thức lập", "Drawn up"),
    Kind.CHOICE,
    Text(
        "Điện tử, hoặc giấy khi khách không ký được bằng phương thức điện tử",
        "Electronic, or on paper where the customer can't sign electronically",
    ),
    choices=(
        Choice("dien_tu", Text("Dữ liệu điện tử", "Electronic")),
        Choice("giay", Text("Bản giấy", "Paper")),
    ),
    required=False,
    default="dien_tu",
)
