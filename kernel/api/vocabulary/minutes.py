"""Header of the minutes of hanging and removing a meter. `source` names columns of CMIS's BBanTThao."""

from __future__ import annotations

from kernel.api.fields import Field, Kind
from kernel.api.text import Text

SO_BIEN_BAN = Field(
    "so_bien_ban",
    Text("Số biên bản", "Minutes number"),
    Kind.CODE,
    Text("Số biên bản treo tháo. Ví dụ: BBTT-26/0045", "Number of the minutes. Example: BBTT-26/0045"),
    max_length=40,
    source="BBAN_TTHAO.SO_BB",
)
LY_DO_TREO_THAO = Field(
    "ly_do_treo_thao",
    Text("Lý do treo tháo", "Reason"),
    Kind.TEXT,
    Text("Khách mới: Gắn mới", "New customer: Gắn mới"),
    default="Gắn mới",
    source="BBAN_TTHAO.LY_DO",
)
NGAY_TREO_THAO = Field(
    "ngay_treo_thao",
    Text("Ngày treo tháo", "Done on"),
    Kind.DATE,
    Text("Ngày làm tại hiện trường. Ví dụ: 26/11/2026", "Day of the work. Example: 26/11/2026"),
    source="BBAN_TTHAO.NGAY_HT",
)
SO_COT = Field(
    "so_cot",
    Text("Số cột", "Pole number"),
    Kind.CODE,
    Text("Số ghi trên cột. Ví dụ: C12/L2", "The number on the pole. Example: C12/L2"),
    required=False,
    max_length=40,
    source="BBAN_TTHAO.SO_COT",
)
SO_HOP = Field(
    "so_hop",
    Text("Số hộp công tơ", "Meter box"),
    Kind.CODE,
    Text("Số ghi trên hộp. Ví dụ: H4-07", "The number on the box. Example: H4-07"),
    required=False,
    max_length=40,
    source="BBAN_TTHAO.SO_HOP",
)
MA_SO_GCS = Field(
    "ma_so_gcs",
    Text("Mã sổ ghi chỉ số", "Reading book"),
    Kind.CODE,
    Text("Mã sổ GCS trong CMIS. Ví dụ: D05A012", "Code of the book in CMIS. Example: D05A012"),
    required=False,
    max_length=20,
    source="BBAN_TTHAO.MA_GCS",
)
NHAN_VIEN_TREO_THAO = Field(
    "nhan_vien_treo_thao",
    Text("Nhân viên treo tháo", "Meter fitter"),
    Kind.NAME,
    Text("Họ tên người ký biên bản", "Name of who signs the minutes"),
    source="BBAN_TTHAO.NVIEN_TTHAO",
)
NHAN_VIEN_TREO_THAO_2 = Field(
    "nhan_vien_treo_thao_2",
    Text("Nhân viên treo tháo 2", "Meter fitter 2"),
    Kind.NAME,
    Text("Người làm cùng, nếu có", "Second worker, if any"),
    required=False,
    source="BBAN_TTHAO.NVIEN_TTHAO2",
)
NHAN_VIEN_TREO_THAO_3 = Field(
    "nhan_vien_treo_thao_3",
    Text("Nhân viên treo tháo 3", "Meter fitter 3"),
    Kind.NAME,
    Text("Người làm cùng, nếu có", "Third worker, if any"),
    required=False,
    source="BBAN_TTHAO.NVIEN_TTHAO3",
)
NHAN_VIEN_NIEM_PHONG = Field(
    "nhan_vien_niem_phong",
    Text("Nhân viên niêm phong", "Sealing employee"),
    Kind.NAME,
    Text("Người kẹp chì, khác người treo tháo", "Who puts the lead seals, not the fitter"),
    source="BBAN_TTHAO.NVIEN_NPHONG",
)
