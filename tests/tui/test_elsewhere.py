"""Signing with keys outside at the screen: choosing, typing secrets, waiting, cancelling, taking a file back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kernel.api.text import Text
from tests.tui.paths import SIZES, contract, read_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fake_desk import FakeDesk
    from tests.tui.conftest import Clerk

SECRET = "73914628"


async def customers_turn(clerk: Clerk) -> None:
    await contract(clerk)
    await read_all(clerk)
    await clerk.press("f9", "f2")


def flat(clerk: Clerk) -> str:
    return " ".join(clerk.text.split())


@pytest.mark.parametrize("size", SIZES)
def test_a_customer_signs_by_phone_in_the_place_of_the_code(
    play: Callable[..., Any], desk: FakeDesk, size: tuple[int, int]
) -> None:
    async def scene(clerk: Clerk) -> None:
        await customers_turn(clerk)
        assert "SmartKý [x] · Đỗ Thị Ữ" in clerk.text
        await clerk.press("2")
        assert "đã hết hạn" in clerk.message  # nothing is asked of a key that can't sign
        await clerk.press("f2", "1")
        await clerk.type(SECRET)
        assert SECRET not in clerk.text
        assert desk.calls["send_remote_code"] == 0
        await clerk.press("enter")
        # the code is sent only when it is its turn
        assert desk.calls["send_remote_code"] == 1
        await clerk.type("204816")
        await clerk.press("enter")
        assert desk.secrets == {"PIN": SECRET, "OTP": "204816"}
        assert clerk.screen == "WaitingScreen"
        assert "Đỗ Thị Ữ · SmartKý [x] · Nguyễn Thị Ánh" in flat(clerk)
        assert "còn 4:5" in flat(clerk) or "còn 5:00" in flat(clerk)
        # the counter is free meanwhile, and the document tells that it waits
        await clerk.press("escape", "escape", "escape")
        assert clerk.screen == "FormScreen"
        await clerk.press("f6")
        await clerk.press("f9")
        assert clerk.screen == "WaitingScreen"
        desk.become("done")
        await clerk.until(lambda: clerk.screen == "PreviewScreen", "the signature")
        assert "Đã nhận chữ ký của Đỗ Thị Ữ" in clerk.message
        await clerk.press("f9")
        assert "✓ Bên mua: đã ký số Đỗ Thị Ữ" in clerk.text

    play(scene, size)


def test_the_end_without_a_signature_is_told(play: Callable[..., Any], desk: FakeDesk) -> None:
    desk.away = (Text("CSC không trả lời: HTTP 503", "CSC does not answer"),)

    async def scene(clerk: Clerk) -> None:
        await customers_turn(clerk)
        await clerk.press("1", *"1111", "enter", *"2222", "enter")
        desk.become("refused", "Khách bấm Từ chối trên điện thoại")
        await clerk.press("f5")
        assert "Không nhận được chữ ký" in flat(clerk)
        assert "Khách bấm Từ chối trên điện thoại" in flat(clerk)
        await clerk.press("f10")
        assert desk.calls["give_up"] == 0
        await clerk.press("escape")
        assert clerk.screen == "ConsentScreen"
        # cancelled by the clerk, after a question
        await clerk.press("f2", "1", *"1111", "enter", *"2222", "enter", "f10", "enter")
        assert desk.calls["give_up"] == 0
        await clerk.press("f10", "2")
        assert "Đã hủy lần ký này" in flat(clerk)

    play(scene)


def test_the_customers_own_token(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await customers_turn(clerk)
        await clerk.press("3")
        await clerk.type("/usb/an.cer")
        await clerk.press("enter")
        assert clerk.screen == "DeviceScreen"
        assert "9F2C41AB 9F2C41AB" in clerk.text
        assert "Đã ghi vào /usb: quaydien-1.json" in flat(clerk)
        assert "chờ tệp chữ ký của người ký" in flat(clerk)
        assert "/usb/quaydien-1.sig" in clerk.text
        await clerk.press("f7")
        assert clerk.screen == "QrScreen"
        assert clerk.text.count("█") > 50
        assert "▄" in clerk.text
        await clerk.press("escape", "f9")
        assert clerk.screen == "PreviewScreen"
        assert desk.calls["take_back"] == 1
        assert "Đã nhận chữ ký" in clerk.message

    play(scene)
