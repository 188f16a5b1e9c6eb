"""The staff of the practice branch and their tokens. Every person and number is invented.

Names and employee codes are those of the CMIS simulator's staff catalogue; its authorisations name the director.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kernel.api.documents import Role

UNIT: Final = "PD0500"
BRANCH: Final = "Điện lực Thực Hành"
COMPANY: Final = "Công ty Điện lực Thực Hành"
TAX_CODE: Final = "0400000011"
PASSWORD: Final = "thuchanh"  # noqa: S105  # a practice password is told on the sign-in screen
PIN: Final = "12345678"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a certificate is for. `identity` is the UID of Vietnamese certificates: `CCCD:…` or `MST:…`."""

    name: str
    identity: str
    organisation: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the practice branch; `token` is the label of the token they sign with, empty without one."""

    user: str
    employee_code: str
    name: str
    title: str
    roles: tuple[Role, ...]
    identity: str
    token: str = ""


PEOPLE: Final = (
    Person("nga", "PD0500GDV01", "Vũ Thị Diệu Ngà", "Giao dịch viên", (Role.GDV,), "001191000001"),
    Person("thuong", "PD0500KS01", "Bùi Đức Thưởng", "Nhân viên khảo sát", (Role.NVKS,), "001088000002"),
    Person("huu", "PD0500TT01", "Đinh Quốc Hữu", "Nhân viên treo tháo", (Role.NVTT,), "001089000003", "Đinh Quốc Hữu"),
    Person(
        "khue", "PD0500NP01", "Hoàng Thị Khuê", "Nhân viên niêm phong", (Role.NVNP,), "001192000004", "Hoàng Thị Khuê"
    ),
    Person("dat", "PD0500TP01", "Lý Thành Đạt", "Trưởng phòng Kinh doanh", (Role.TPKD,), "001078000005"),
    Person("duc", "PD0500GD01", "Phạm Quang Đức", "Giám đốc", (Role.GD,), "001074000006", "Phạm Quang Đức"),
    Person("thuy", "PD0500VT01", "Mai Ngọc Thủy", "Văn thư", (Role.VT,), "001186000007"),
    Person("quantri", "PD0500QT01", "Đặng Hữu Trí", "Quản trị hệ thống", (Role.ADMIN, Role.AUDITOR), "001085000008"),
)

HINT: Final = (
    "Thực hành: "
    + ", ".join(f"{person.user} {'/'.join(role.short for role in person.roles)}" for person in PEOPLE)
    + f". Mật khẩu {PASSWORD}, PIN {PIN}"
)
"""Told on the sign-in screen of the practice branch."""

SEAL: Final = Subject(BRANCH, f"MST:{TAX_CODE}", COMPANY)
SEAL_TOKEN: Final = f"Con dấu {UNIT}"

PARTY: Final = {
    "don_vi": BRANCH,
    "tong_cong_ty": "Tổng công ty Điện lực Thực Hành",
    "ten_cong_ty": COMPANY,
    "tru_so": "Số 1 phố Điện Lực, phường Láng, thành phố Hà Nội",
    "dia_chi_giao_dich": "Số 5 phố Công Tơ, phường Láng, thành phố Hà Nội",
    "ma_so_thue": TAX_CODE,
    "so_tai_khoan": "0011000000011",
    "ngan_hang": "Ngân hàng Thực Hành, chi nhánh Hà Nội",
    "dien_thoai": "0900000090",
    "email": "thuchanh@dienluc.example",
    "cskh": "19000000",
    "website": "cskh.dienluc.example",
    "dia_danh": "Hà Nội",
}


def subject_of(person: Person) -> Subject:
    """Return the subject of a person's certificate."""
    return Subject(person.name, f"CCCD:{person.identity}", BRANCH, person.title)
