"""Ways through the screens that several tests take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.screens.form import FormScreen
from console.screens.preview import PreviewScreen

if TYPE_CHECKING:
    from tests.tui.conftest import Clerk

SIZES = [(80, 24), (120, 40)]

CARD = {
    "so_giay_to": "001190000001",
    "ten_khach_hang": "Nguyễn Thị Ánh",
    "ngay_sinh": "02/09/1990",
    "gioi_tinh": "Nữ",
    "dia_chi_thuong_tru": "Số 5 ngõ Đỗ Hành",
    "ngay_cap_giay_to": "15/04/2021",
    "dien_thoai": "0900000012",
    "dia_chi_dung_dien": "Số 5 ngõ Đỗ Hành",
    "cong_suat": "3,5",
    "ngay_ghi_chi_so": "15",
}


def form_of(clerk: Clerk) -> FormScreen:
    assert isinstance(clerk.app.screen, FormScreen)
    return clerk.app.screen


async def filled_form(clerk: Clerk) -> None:
    await clerk.open_form()
    form_of(clerk).fill(CARD)
    await clerk.settle()


async def contract(clerk: Clerk) -> None:
    """Up to the preview of the contract."""
    await filled_form(clerk)
    await clerk.press("f10", "1")
    await clerk.press("f6")


async def read_all(clerk: Clerk) -> None:
    """Page through the document to its end."""
    screen = clerk.app.screen
    assert isinstance(screen, PreviewScreen)
    while len(screen.seen) < 3:
        await clerk.press("pagedown")
