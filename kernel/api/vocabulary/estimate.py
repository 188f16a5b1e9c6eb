"""Dự toán (chiết tính) of a connection: rows of material with labour and machine norms, percentages, and what follows.

Direct cost is material, labour, machines and other direct cost. General cost is a share of it, the pre-computed taxable
income a share of both, other cost a share of all three; value added tax comes on top.
"""

from __future__ import annotations

from decimal import Decimal

from kernel.api.fields import Field, Kind
from kernel.api.text import Text


def _percent(id_: str, label: Text, help_: Text, default: str, source: str, highest: int = 100) -> Field:
    return Field(
        id_, label, Kind.DECIMAL, help_, unit="%", minimum=Decimal(0), maximum=Decimal(highest), places=2,
        default=default, source=source,
    )  # fmt: skip


def _result(id_: str, label: Text, formula: str) -> Field:
    help_ = Text("Tự tính từ bảng vật tư và các tỷ lệ", "Computed from the rows and the percentages")
    return Field(id_, label, Kind.MONEY, help_, required=False, formula=formula)


DON_GIA_NHAN_CONG = Field(
    "don_gia_nhan_cong",
    Text("Đơn giá nhân công", "Labour price"),
    Kind.MONEY,
    Text("Tiền một ngày công. Ví dụ: 350.000", "Price of a working day. Example: 350.000"),
    minimum=Decimal(0),
    maximum=Decimal(100_000_000),
)
DON_GIA_CA_MAY = Field(
    "don_gia_ca_may",
    Text("Đơn giá ca máy", "Machine price"),
    Kind.MONEY,
    Text("Tiền một ca máy thi công. Ví dụ: 1.800.000", "Price of a machine shift. Example: 1.800.000"),
    minimum=Decimal(0),
    maximum=Decimal(1_000_000_000),
    default="0",
)
PT_NHAN_CONG = _percent(
    "pt_nhan_cong",
    Text("Hệ số nhân công", "Labour factor"),
    Text("Điều chỉnh nhân công, 100 là không điều chỉnh", "Adjusts labour, 100 leaves it as it is"),
    "100",
    "CHIET_TINH.PT_NC",
    highest=1000,
)
_MONEY_LIMIT = Decimal(1_000_000_000_000)
VAT_TU_DU_TOAN = Field(
    "vat_tu_du_toan",
    Text("Vật tư, khối lượng", "Materials"),
    Kind.TABLE,
    Text(
        "Mỗi vật tư một dòng: mã, tên, ĐVT, số lượng, đơn giá, định mức công, định mức ca máy, % khách hàng đầu tư",
        "One material a line: code, name, unit, quantity, price, labour norm, machine norm, customer's share in %",
    ),
    minimum=Decimal(1),
    maximum=Decimal(60),
    source="CHIET_TINH.D_VATTU",
    columns=(
        Field(
            "ma",
            Text("Mã vật tư", "Code"),
            Kind.CODE,
            Text("Mã trong danh mục. Ví dụ: 3.30.15.001", "Code in the list. Example: 3.30.15.001"),
            max_length=30,
        ),
        Field(
            "ten",
            Text("Tên vật tư", "Material"),
            Kind.TEXT,
            Text("Tên, quy cách. Ví dụ: Cáp Muller 2x10 mm²", "Name and kind. Example: Cáp Muller 2x10 mm²"),
        ),
        Field("dvt", Text("ĐVT", "Unit"), Kind.TEXT, Text("Ví dụ: m, cái, bộ", "Example: m, cái, bộ"), max_length=12),
        Field(
            "so_luong",
            Text("Số lượng", "Quantity"),
            Kind.DECIMAL,
            Text("Ví dụ: 25,5", "Example: 25,5"),
            minimum=Decimal("0.001"),
            maximum=Decimal(1_000_000),
            places=3,
        ),
        Field(
            "don_gia",
            Text("Đơn giá vật liệu", "Price"),
            Kind.MONEY,
            Text("Đồng một đơn vị, chưa thuế", "Đồng a unit, before tax"),
            minimum=Decimal(0),
            maximum=_MONEY_LIMIT,
        ),
        Field(
            "dinh_muc_cong",
            Text("Định mức nhân công", "Labour norm"),
            Kind.DECIMAL,
            Text("Ngày công một đơn vị. Ví dụ: 0,05", "Working days a unit. Example: 0,05"),
            unit="công",
            minimum=Decimal(0),
            maximum=Decimal(10000),
            places=4,
            default="0",
        ),
        Field(
            "dinh_muc_may",
            Text("Định mức máy", "Machine norm"),
            Kind.DECIMAL,
            Text("Ca máy một đơn vị. Ví dụ: 0,01", "Machine shifts a unit. Example: 0,01"),
            unit="ca",
            minimum=Decimal(0),
            maximum=Decimal(10000),
            places=4,
            default="0",
        ),
        Field(
            "ty_le_khach_hang",
            Text("Khách hàng đầu tư", "Customer's share"),
            Kind.DECIMAL,
            Text("0 khi ngành điện đầu tư, 100 khi khách hàng", "0 where the supplier pays, 100 where the customer"),
            unit="%",
            minimum=Decimal(0),
            maximum=Decimal(100),
            places=2,
            default="0",
        ),
        _result("vat_lieu", Text("Tiền vật liệu", "Material cost"), "so_luong * don_gia"),
        _result(
            "nhan_cong",
            Text("Tiền nhân công", "Labour cost"),
            "so_luong * dinh_muc_cong * don_gia_nhan_cong * pt_nhan_cong / 100",
        ),
        _result("may", Text("Tiền máy", "Machine cost"), "so_luong * dinh_muc_may * don_gia_ca_may"),
        _result(
            "phan_khach_hang",
            Text("Phần khách hàng", "Customer's part"),
            "(vat_lieu + nhan_cong + may) * ty_le_khach_hang / 100",
        ),
    ),
)
PT_TRUC_TIEP = _percent(
    "pt_truc_tiep",
    Text("Trực tiếp phí khác", "Other direct cost"),
    Text("Phần trăm của vật liệu, nhân công, máy", "Percent of material, labour and machines"),
    "2",
    "CHIET_TINH.PT_TT",
)
PT_CHUNG = _percent(
    "pt_chung",
    Text("Chi phí chung", "General cost"),
    Text("Phần trăm của chi phí trực tiếp", "Percent of direct cost"),
    "5",
    "CHIET_TINH.PT_C",
)
PT_TINH_TRUOC = _percent(
    "pt_tinh_truoc",
    Text("Thu nhập chịu thuế tính trước", "Pre-computed taxable income"),
    Text("Phần trăm của chi phí trực tiếp và chi phí chung", "Percent of direct and general cost"),
    "6",
    "CHIET_TINH.PT_TL",
)
PT_KHAC = _percent(
    "pt_khac",
    Text("Chi phí khác", "Other cost"),
    Text("Phần trăm của giá trị trước đó", "Percent of what stands before it"),
    "0",
    "CHIET_TINH.PT_K",
)
PT_VAT = _percent(
    "pt_vat",
    Text("Thuế suất GTGT", "Value added tax"),
    Text("Thuế suất đang áp dụng. Ví dụ: 8", "The rate in force. Example: 8"),
    "",
    "CHIET_TINH.PT_VAT",
)

TONG_VAT_LIEU = _result("tong_vat_lieu", Text("Vật liệu", "Material"), "sum(vat_tu_du_toan.vat_lieu)")
TONG_NHAN_CONG = _result("tong_nhan_cong", Text("Nhân công", "Labour"), "sum(vat_tu_du_toan.nhan_cong)")
TONG_MAY = _result("tong_may", Text("Máy thi công", "Machines"), "sum(vat_tu_du_toan.may)")
TRUC_TIEP_KHAC = _result(
    "truc_tiep_khac",
    Text("Trực tiếp phí khác", "Other direct cost"),
    "(tong_vat_lieu + tong_nhan_cong + tong_may) * pt_truc_tiep / 100",
)
CHI_PHI_TRUC_TIEP = _result(
    "chi_phi_truc_tiep",
    Text("Chi phí trực tiếp", "Direct cost"),
    "tong_vat_lieu + tong_nhan_cong + tong_may + truc_tiep_khac",
)
CHI_PHI_CHUNG = _result("chi_phi_chung", Text("Chi phí chung", "General cost"), "chi_phi_truc_tiep * pt_chung / 100")
THU_NHAP_TINH_TRUOC = _result(
    "thu_nhap_tinh_truoc",
    Text("Thu nhập chịu thuế tính trước", "Pre-computed taxable income"),
    "(chi_phi_truc_tiep + chi_phi_chung) * pt_tinh_truoc / 100",
)
CHI_PHI_KHAC = _result(
    "chi_phi_khac",
    Text("Chi phí khác", "Other cost"),
    "(chi_phi_truc_tiep + chi_phi_chung + thu_nhap_tinh_truoc) * pt_khac / 100",
)
DU_TOAN_TRUOC_THUE = _result(
    "du_toan_truoc_thue",
    Text("Giá trị trước thuế", "Before tax"),
    "chi_phi_truc_tiep + chi_phi_chung + thu_nhap_tinh_truoc + chi_phi_khac",
)
DU_TOAN_THUE = _result("du_toan_thue", Text("Thuế GTGT", "Value added tax"), "du_toan_truoc_thue * pt_vat / 100")
DU_TOAN_SAU_THUE = _result(
    "du_toan_sau_thue", Text("Giá trị sau thuế", "With tax"), "du_toan_truoc_thue + du_toan_thue"
)
DU_TOAN_KHACH_HANG = _result(
    "du_toan_khach_hang",
    Text("Khách hàng đầu tư", "Paid by the customer"),
    "du_toan_sau_thue * sum(vat_tu_du_toan.phan_khach_hang) / (tong_vat_lieu + tong_nhan_cong + tong_may)",
)
DU_TOAN_NGANH_DIEN = _result(
    "du_toan_nganh_dien", Text("Ngành điện đầu tư", "Paid by the supplier"), "du_toan_sau_thue - du_toan_khach_hang"
)

DU_TOAN: tuple[Field, ...] = (
    DON_GIA_NHAN_CONG, DON_GIA_CA_MAY, PT_NHAN_CONG, VAT_TU_DU_TOAN, PT_TRUC_TIEP, PT_CHUNG, PT_TINH_TRUOC, PT_KHAC,
    PT_VAT, TONG_VAT_LIEU, TONG_NHAN_CONG, TONG_MAY, TRUC_TIEP_KHAC, CHI_PHI_TRUC_TIEP, CHI_PHI_CHUNG,
    THU_NHAP_TINH_TRUOC, CHI_PHI_KHAC, DU_TOAN_TRUOC_THUE, DU_TOAN_THUE, DU_TOAN_SAU_THUE, DU_TOAN_KHACH_HANG,
    DU_TOAN_NGANH_DIEN,
)  # fmt: skip
"""The whole estimate, each computed field behind what it is computed from."""
