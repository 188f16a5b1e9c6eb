"""Where one is, whose dossier it is, what is over and what is not: read off the screen by someone new to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from console.screens.form import FormScreen
from console.screens.queue import QueueScreen
from console.widgets.fields import SecretField, TextField
from kernel.clock import now
from tests.fake_desk import CODE, PIN, Refused
from tests.tui.paths import CARD, SIZES, contract, filled_form, form_of, read_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fake_desk import FakeDesk
    from tests.tui.conftest import Clerk


@pytest.mark.parametrize("size", SIZES)
def test_the_present_step_is_read_at_any_width(
    play: Callable[..., Any], desk: FakeDesk, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    names = ("Phân công khảo sát", "Khảo sát hiện trường", "Lập phương án cấp điện", "Dự thảo và ký hợp đồng")

    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        view = form_of(clerk).view
        first = view.service.steps[0]
        steps = [
            replace(first, id=name, title=replace(first.title, vi=name), sections=(), next=(following,))
            for name, following in zip(names, (*names[1:], "hoan_tat"), strict=True)
        ]
        service = replace(view.service, steps=(first, *steps, view.service.step("hoan_tat")))
        done = ("tiep_nhan", *names[:3])
        here = steps[-1]
        far = replace(view, service=service, step=here, next=(service.step("hoan_tat"),), done=done)
        monkeypatch.setattr(desk, "peek", lambda _dossier: far)
        clerk.app.push_screen(FormScreen(far, ()))
        await clerk.settle()
        line = clerk.text.splitlines()[1]
        assert "▶ Dự thảo và ký hợp đồng" in line
        assert "· Hoàn tất" in line
        assert "✓" in line

    play(scene, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_step_without_the_customers_fields_names_the_customer(
    play: Callable[..., Any], size: tuple[int, int]
) -> None:
    async def scene(clerk: Clerk) -> None:
        await contract(clerk)
        await clerk.press("escape")
        assert f"{CARD['ten_khach_hang']} · {CARD['dia_chi_dung_dien']}" in clerk.text

    play(scene, size)


def test_an_obstacle_in_the_list_does_not_look_like_a_finding(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await filled_form(clerk)
        await clerk.press("f10")
        assert "! Trở ngại: Khách vắng nhà  hồ sơ chờ khách" in clerk.text
        assert "! Trở ngại: Lưới chưa đủ công suất  hồ sơ hủy" in clerk.text

    play(scene)


def test_a_waiting_dossier_says_why_and_how_it_goes_on(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.press("shift+tab", "enter")
        assert "… Tiếp nhận: chờ khách" in clerk.text
        assert "đang chờ khách: Khách vắng nhà" in " ".join(clerk.message.split())
        await clerk.press("f10", "1")
        assert "tiếp tục bước Tiếp nhận" in clerk.message
        assert "▶ Tiếp nhận" in clerk.text

    play(scene)


def test_the_queue_does_not_go_on_saying_that_something_opens(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.press("enter")
        await clerk.press("escape")
        assert clerk.screen == "QueueScreen"
        assert clerk.message == ""

    play(scene)


def test_the_row_that_enter_opens_is_always_in_sight(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.press("tab")
        screen = clerk.app.screen
        assert isinstance(screen, QueueScreen)

        def in_sight() -> bool:
            chosen = screen.table.chosen
            return chosen is not None and any("▶" in row and chosen.code in row for row in clerk.text.splitlines())

        await clerk.press("ctrl+end")
        assert in_sight()
        for _ in range(40):
            await clerk.press("up")
            assert in_sight()
        await clerk.press("ctrl+end")
        await clerk.pilot.resize_terminal(60, 15)
        await clerk.settle()
        assert in_sight()
        await clerk.press("ctrl+home")
        screen.table.scroll_to(y=20, animate=False, force=True)
        await clerk.settle()
        assert in_sight()
        assert screen.table.cursor >= 20

    play(scene)


def test_lists_fit_small_terminals(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await filled_form(clerk)
        await clerk.press("f12")
        rows = [line for line in clerk.text.splitlines() if "│" in line]
        assert any("F8" in row for row in rows)
        assert not any(row.split("│")[1].strip() in ("loạt…", "…") for row in rows)
        await clerk.press("escape", "f10")
        assert "hồ sơ ch" in next(line for line in clerk.text.splitlines() if "Trở ngại: Khách vắng nhà" in line)

    play(scene, (60, 20))


def test_tokens_are_seen_to_change_under_a_list_too(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.until(lambda: bool(clerk.app.tokens), "the token")
        await clerk.press("f1")
        desk.token_states.clear()
        await clerk.until(lambda: clerk.app.tokens == (), "the token to go")
        await clerk.settle()
        assert "Token: không có" in clerk.text.splitlines()[0]

    play(scene)


def test_arrows_stop_at_the_first_and_the_last_row(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        first = clerk.app.focused
        await clerk.press("up", "up")
        assert clerk.app.focused is first
        await clerk.press(*["down"] * 40)
        last = clerk.app.focused
        await clerk.press("down")
        assert clerk.app.focused is last
        assert last is not first

    play(scene)


def test_nothing_is_cancelled_without_a_reason(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await filled_form(clerk)
        await clerk.press("f10", "4", "enter")
        assert clerk.screen == "NoteScreen"
        assert "Cần ghi lý do" in clerk.message
        assert desk.calls["report_obstacle"] == 0
        await clerk.type("lưới yếu")
        await clerk.press("enter")
        assert desk.obstacle == ("TN02", "lưới yếu")

    play(scene)


def test_an_error_is_over_when_something_else_is_tried(play: Callable[..., Any], desk: FakeDesk) -> None:
    desk.fail_next["intake"] = Refused("CMIS không trả lời")

    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.press("f5")
        assert "CMIS không trả lời" in clerk.problem
        await clerk.press("f1", "escape")
        assert "CMIS không trả lời" in clerk.problem
        await clerk.press("f5")
        assert clerk.problem == ""
        assert "2 yêu cầu mới" in clerk.message

    play(scene)


def test_escape_drops_the_filter(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        screen = clerk.app.screen
        assert isinstance(screen, QueueScreen)
        await clerk.type("không ai")
        await clerk.until(lambda: screen.table.total == 0, "no rows")
        assert "Không có yêu cầu nào khớp. Esc để bỏ lọc." in clerk.text
        await clerk.press("escape")
        await clerk.until(lambda: screen.table.total == 30, "the rows")
        assert screen.query_one("#filter", TextField).value == ""
        await clerk.press("escape")
        assert "Ctrl+Q" in clerk.message

    play(scene)


def test_the_palette_says_what_a_key_does_here(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await contract(clerk)
        await clerk.press("f12")
        assert "Khách xác nhận / Ký  F9" in clerk.text
        await clerk.press("escape", "escape", "f12")
        await clerk.type("hop thu")
        await clerk.press("enter")
        assert clerk.screen == "InboxScreen"

    play(scene)


def test_the_form_tells_what_came_of_the_document(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await contract(clerk)
        await read_all(clerk)
        await clerk.press("f9", "f9")
        await clerk.type(CODE)
        await clerk.press("enter", "f9")
        for _slot in range(2):
            await clerk.type(PIN)
            await clerk.press("f9")
        await clerk.press("escape")
        assert clerk.screen == "PreviewScreen"
        assert "F9 để ký tiếp" not in clerk.message
        await clerk.press("escape")
        assert "đủ chữ ký" in clerk.message

    play(scene)


def test_a_slip_of_the_hand_costs_no_try_of_the_code(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await contract(clerk)
        await read_all(clerk)
        await clerk.press("f9", "f9")
        for slip in ("12345", "1234567", "12345o"):
            await clerk.press("ctrl+u")
            await clerk.type(slip)
            await clerk.press("enter")
            assert "6 chữ số" in clerk.message
        assert desk.calls["answer_code"] == 0

    play(scene)


def test_a_code_the_customer_types_is_not_shown(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await contract(clerk)
        await read_all(clerk)
        await clerk.press("f9", "f9")
        await clerk.type("12")
        assert "12" in clerk.text.split("Mã khách đọc")[1].splitlines()[0]
        await clerk.press("f4")
        await clerk.type("34")
        assert "••••" in clerk.text

    play(scene)


def test_an_expired_code_is_sent_anew_by_the_same_key(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await contract(clerk)
        await read_all(clerk)
        await clerk.press("f9", "f9")
        for document, challenge in desk._challenges.items():
            early = now() - timedelta(minutes=6)
            desk._challenges[document] = replace(challenge, sent_at=early, expires_at=early + timedelta(minutes=5))
        await clerk.until(lambda: "đã hết hạn" in clerk.text, "the end of the code")
        await clerk.press("f9")
        assert desk.calls["send_code"] == 2

    play(scene)


def test_a_pin_typed_for_one_token_is_not_tried_on_another(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await contract(clerk)
        await read_all(clerk)
        await clerk.press("f9", "f9")
        await clerk.type(CODE)
        await clerk.press("enter", "f9")
        await clerk.type("1111")
        await clerk.press("down", "up")
        assert clerk.app.screen.query_one(SecretField).value == ""

    play(scene)
