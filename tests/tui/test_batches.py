"""Signing many at once: choose, one PIN, pause, stop, go on, and what could not be signed stays in sight."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from console.screens.batch import BatchScreen
from console.screens.batch_run import BatchRunScreen
from console.widgets.progress import progress_line
from console.words import Words
from tests.fake_desk import PIN, Refused
from tests.tui.paths import SIZES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fake_desk import FakeDesk
    from tests.tui.conftest import Clerk


async def at_list(clerk: Clerk) -> BatchScreen:
    await clerk.sign_in()
    await clerk.press("f4")
    assert isinstance(clerk.app.screen, BatchScreen)
    return clerk.app.screen


async def at_pin(clerk: Clerk) -> BatchRunScreen:
    """All of them chosen."""
    await at_list(clerk)
    await clerk.press("f4", "f9")
    return running(clerk)


def running(clerk: Clerk) -> BatchRunScreen:
    assert isinstance(clerk.app.screen, BatchRunScreen)
    return clerk.app.screen


async def until_through(clerk: Clerk, count: int) -> None:
    def through() -> bool:
        view = running(clerk).view
        return view is not None and view.done + view.failed >= count

    await clerk.until(through, f"{count} documents")


@pytest.mark.parametrize("size", SIZES)
def test_one_pin_signs_all_that_waits(play: Callable[..., Any], desk: FakeDesk, size: tuple[int, int]) -> None:
    desk.to_sign_count = 250

    async def scene(clerk: Clerk) -> None:
        await at_list(clerk)
        assert "Chờ bạn ký: 250 văn bản · đã chọn 0" in clerk.text
        assert "Hợp đồng [x]" in clerk.text
        await clerk.press("f9")
        assert "Chưa chọn" in clerk.message
        await clerk.press("f4")
        assert "đã chọn 250" in clerk.text
        await clerk.press("f9")
        assert "Ký 250 văn bản" in clerk.text
        assert "▶ Trần Văn Bình" in clerk.text
        await clerk.type(PIN)
        await clerk.press("f9")
        await clerk.until(lambda: "Xong lô" in clerk.message, "the end")
        assert "đã ký 250, không ký được 0" in clerk.message
        assert "250/250" in clerk.text
        assert PIN not in clerk.text
        await clerk.press("f9", "escape")
        assert "Chờ bạn ký: 0 văn bản" in clerk.text
        assert "Không có văn bản nào chờ bạn ký" in clerk.text

    play(scene, size)
    assert desk.pins == [PIN]
    assert desk.calls["run_batch"] == 1


def test_some_are_chosen_by_hand(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await at_list(clerk)
        await clerk.press("space", "down", "space")
        assert "đã chọn 2" in clerk.text
        await clerk.press("f1")
        await clerk.press("escape")
        assert "đã chọn 2" in clerk.text
        await clerk.press("up", "space")  # a mark moves on to the next row; this takes the second one away
        assert "đã chọn 1" in clerk.text
        await clerk.press("enter")
        assert "Ký 1 văn bản" in clerk.text
        await clerk.type(PIN)
        await clerk.press("enter")
        await clerk.until(lambda: "Xong lô" in clerk.message, "the end")

    play(scene)
    assert list(desk.batch_items["b0"].values()) == ["done"]


def test_all_but_one(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await at_list(clerk)
        await clerk.press("f4", "down", "space")
        assert "đã chọn 4" in clerk.text
        await clerk.press("f9")
        await clerk.type(PIN)
        await clerk.press("f9")
        await clerk.until(lambda: "Xong lô" in clerk.message, "the end")
        await clerk.press("escape")
        assert "Chờ bạn ký: 1 văn bản" in clerk.text

    play(scene)
    assert "w1" not in desk.batch_items["b0"]


def test_pause_go_on_and_stop_after_this_one(play: Callable[..., Any], desk: FakeDesk) -> None:
    desk.pace = threading.Semaphore(0)
    pace = desk.pace

    async def scene(clerk: Clerk) -> None:
        screen = await at_pin(clerk)
        await clerk.type(PIN)
        clerk.app.post_message(clerk.key("f9"))
        pace.release()
        await until_through(clerk, 1)
        assert "P Tạm dừng" in clerk.text
        clerk.app.post_message(clerk.key("p"))
        await clerk.until(lambda: screen.paused, "the pause")
        pace.release()
        await until_through(clerk, 2)
        pace.release()
        await clerk.pilot.pause(0.1)
        assert screen.view is not None
        assert screen.view.done == 2
        assert "P Ký tiếp" in clerk.text
        assert "Tạm dừng" in clerk.text
        clerk.app.post_message(clerk.key("escape"))
        await clerk.until(lambda: "rồi mới rời màn hình" in clerk.message, "the refusal")
        clerk.app.post_message(clerk.key("p"))
        await until_through(clerk, 3)
        clerk.app.post_message(clerk.key("s"))
        await clerk.until(lambda: "dừng sau văn bản này" in clerk.message, "the stop")
        pace.release()
        await clerk.until(lambda: not screen.at_work, "the end")
        await clerk.settle()
        assert "Đã dừng: đã ký 4/5, còn 1" in clerk.message
        pace.release()
        await clerk.type(PIN)
        await clerk.press("f9")
        await clerk.until(lambda: "Xong lô" in clerk.message, "the end")

    play(scene)
    assert desk.pins == [PIN, PIN]
    assert desk.calls["open_batch"] == 1


def test_a_wrong_pin_stops_before_the_first_and_costs_one_try(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await at_pin(clerk)
        await clerk.press("f9")
        assert "Gõ PIN" in clerk.message
        await clerk.type("1111")
        await clerk.press("f9")
        await clerk.until(lambda: "Còn 2 lần thử" in clerk.problem, "the refusal")
        assert desk.pins == ["1111"]
        await clerk.press("f9", "enter")
        assert desk.pins == ["1111"]
        await clerk.type(PIN)
        await clerk.press("f9")
        await clerk.until(lambda: "Xong lô" in clerk.message, "the end")

    play(scene)
    assert desk.calls["open_batch"] == 1


def test_a_batch_that_signed_nothing_is_put_away_with_its_screen(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await at_pin(clerk)
        await clerk.type("1111")
        await clerk.press("f9")
        await clerk.until(lambda: "Còn 2 lần thử" in clerk.problem, "the refusal")
        await clerk.press("escape", "escape")
        assert isinstance(clerk.app.screen, BatchScreen)
        assert "dở dang" not in clerk.text

    play(scene)
    assert desk.calls["drop_batch"] == 1


def test_what_failed_is_listed_and_tried_again(play: Callable[..., Any], desk: FakeDesk) -> None:
    desk.bad = frozenset({"w1", "w3"})

    async def scene(clerk: Clerk) -> None:
        await at_pin(clerk)
        await clerk.type(PIN)
        await clerk.press("f9")
        await clerk.until(lambda: "Xong lô" in clerk.message, "the end")
        await clerk.settle()
        assert "đã ký 3, không ký được 2" in clerk.message
        assert "GC26000001" in clerk.text
        assert "GC26000003" in clerk.text
        assert "tệp hỏng [b]" in clerk.text
        await clerk.press("down", "enter")
        assert clerk.screen == "FormScreen"
        assert desk.calls["open"] == 1
        await clerk.press("escape")
        desk.bad = frozenset({"w3"})
        await clerk.press("f5")
        assert "2 văn bản chờ ký lại" in clerk.message
        await clerk.type(PIN)
        await clerk.press("f9")
        await clerk.until(lambda: "đã ký 4, không ký được 1" in clerk.message, "the end")
        await clerk.settle()
        assert "GC26000001" not in clerk.text

    play(scene)


def test_a_token_pulled_out_stops_at_its_place_and_the_list_offers_to_go_on(
    play: Callable[..., Any], desk: FakeDesk
) -> None:
    async def scene(clerk: Clerk) -> None:
        desk.fail_next["sign w2"] = Refused("Token đã bị rút")
        await at_pin(clerk)
        await clerk.type(PIN)
        await clerk.press("f9")
        await clerk.until(lambda: "Token đã bị rút" in clerk.problem, "the stop")
        await clerk.settle()
        assert "đã ký 2, không được 0, còn 3" in clerk.text
        await clerk.press("escape", "escape")
        assert "Lô dở dang: đã ký 2/5, còn 3" in clerk.text
        await clerk.press("f10", "1")
        assert "Ký 3 văn bản" in clerk.text
        await clerk.type(PIN)
        await clerk.press("f9")
        await clerk.until(lambda: "Xong lô: đã ký 5" in clerk.message, "the end")
        await clerk.press("escape", "f10")
        assert "Không có lô nào dở dang" in clerk.message

    play(scene)


def test_an_unfinished_batch_can_be_given_up(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        desk.batch_items["b0"] = {"w0": "done", "w1": "waiting"}
        desk.batch_certificates["b0"] = "ab" * 32
        await at_list(clerk)
        assert "đã ký 1/2" in clerk.text
        await clerk.press("f10", "2")
        assert "Đã bỏ lô" in clerk.message
        assert "dở dang" not in clerk.text

    play(scene)


def test_the_screen_may_lock_while_a_batch_goes_on(play: Callable[..., Any], desk: FakeDesk) -> None:
    desk.pace = threading.Semaphore(0)
    pace = desk.pace

    async def scene(clerk: Clerk) -> None:
        screen = await at_pin(clerk)
        await clerk.type(PIN)
        clerk.app.post_message(clerk.key("f9"))
        pace.release()
        await until_through(clerk, 1)
        clerk.app.lock()
        await clerk.until(lambda: clerk.screen == "LockScreen", "the lock")
        pace.release(4)
        await clerk.until(lambda: screen.view is not None and screen.view.done == 5, "the end")
        await clerk.settle()
        assert clerk.screen == "LockScreen"
        await clerk.type("thuchanh")
        await clerk.press("enter")
        assert "Xong lô" in clerk.message

    play(scene)


def test_progress_is_one_line() -> None:
    words = Words("vi")
    line = progress_line(1204, 3000, 1204, 573.3, 78, words)
    assert line.startswith("1.204/3.000  ███")
    assert " 40 %   2,1 văn bản/s   còn 14 phút" in line
    assert len(line) <= 78
    assert "còn" not in progress_line(2, 3000, 2, 1.0, 78, words)
    assert progress_line(0, 0, 0, 0.0, 20, words).endswith("100 %")
    assert "░" not in progress_line(3, 3, 3, 1.0, 40, words)
