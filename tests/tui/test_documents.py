"""The customer confirms, staff sign: in order, one try at a time, with every refusal explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fake_desk import CODE, PIN
from tests.tui.paths import CARD, SIZES, contract, read_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fake_desk import FakeDesk
    from tests.tui.conftest import Clerk


@pytest.mark.parametrize("size", SIZES)
def test_everything_from_the_counter_to_the_seal(
    play: Callable[..., Any], desk: FakeDesk, size: tuple[int, int]
) -> None:
    async def scene(clerk: Clerk) -> None:
        desk.level_awaited = "Không nơi cấp dấu thời gian nào trả lời."
        await contract(clerk)
        assert f"«{CARD['ten_khach_hang']}»" in clerk.text
        await read_all(clerk)
        await clerk.press("f9")
        assert "không phải chữ ký số" in " ".join(clerk.text.split())
        await clerk.press("f9")
        assert "090***0012" in clerk.text
        assert "chưa biết máy khách" in " ".join(clerk.text.split())
        await clerk.type(CODE)
        await clerk.press("enter")
        assert clerk.screen == "PreviewScreen"
        await clerk.press("f9")
        assert "✓ Bên mua: đã xác nhận OTP" in clerk.text
        for _slot in range(2):
            await clerk.type(PIN)
            await clerk.press("f9")
        assert "Văn bản đã đủ chữ ký" in clerk.message
        assert clerk.text.count("đã ký số") == 2
        assert desk.pages_viewed == [3]
        assert desk.given == "spoken"
        await clerk.press("escape")
        assert "Mức B-B. Không nơi cấp dấu thời gian nào trả lời" in clerk.message
        await clerk.press("escape")
        assert "đủ chữ ký" in clerk.text
        await clerk.press("f10", "1")
        assert clerk.screen == "QueueScreen"
        assert "Hoàn tất" in clerk.message

    play(scene, size)


def test_wrong_and_reused_codes_say_what_to_do(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await contract(clerk)
        await read_all(clerk)
        await clerk.press("f9")
        await clerk.type("111111")
        await clerk.press("enter")
        assert "Chưa gửi mã nào" in clerk.problem
        await clerk.press("f9")
        await clerk.type("111111")
        await clerk.press("enter")
        assert "Còn 4 lần" in clerk.problem
        assert "còn 4 lần" in " ".join(clerk.text.split())
        await clerk.press("f5")
        assert "giây nữa mới gửi lại được" in clerk.message
        assert desk.calls["send_code"] == 1
        await clerk.press("f4")
        assert "tự bấm" in clerk.text

    play(scene)


def test_one_try_of_the_pin_for_each_press(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await contract(clerk)
        await read_all(clerk)
        await clerk.press("f9", "f9")
        await clerk.type(CODE)
        await clerk.press("enter")
        await clerk.press("f9")
        await clerk.type("1111")
        await clerk.press("f9")
        assert desk.pins == ["1111"]
        assert "Còn 2 lần thử" in clerk.problem
        await clerk.press("f9", "enter")
        assert desk.pins == ["1111"]  # the field is empty: nothing is tried
        await clerk.type("2222")
        await clerk.press("enter")
        await clerk.until(lambda: "lần cuối" in clerk.text, "the last try")
        await clerk.press("down")
        await clerk.type(PIN)
        await clerk.press("f9")
        assert "đã hết hạn" in clerk.message  # an expired certificate costs no try
        assert desk.pins == ["1111", "2222"]

    play(scene)
