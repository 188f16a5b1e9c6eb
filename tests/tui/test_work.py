"""A clerk's day on every screen, at the smallest and a large terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from console.screens.form import FormScreen
from console.screens.queue import QueueScreen
from console.widgets.fields import TextField
from console.widgets.rows import PaperRow
from tests.fake_desk import CODE, Refused
from tests.fake_service import NAMES
from tests.tui.paths import SIZES, contract, filled_form, form_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fake_desk import FakeDesk
    from tests.tui.conftest import Clerk


@pytest.mark.parametrize("size", SIZES)
def test_the_frame_says_where_who_and_which_token(play: Callable[..., Any], size: tuple[int, int]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.until(lambda: clerk.app.tokens is not None, "the tokens")
        await clerk.settle()
        top, *_, keys = clerk.text.splitlines()
        assert "Hàng đợi" in top
        assert "PD0500" in top
        assert "Nguyễn Thị Ánh GDV" in top
        assert "Token" in top
        assert "có, còn 3 lần" in top
        for cap in ("F1", "F2", "F3", "F5", "F6", "F9", "F12", "Enter"):
            assert f"{cap} " in keys
        assert "…" not in keys

    play(scene, size)


def test_wrong_password_stays_until_put_away(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.type("anh")
        await clerk.press("enter")
        await clerk.type("sai")
        await clerk.press("enter")
        assert clerk.screen == "LoginScreen"
        assert "Sai tên hoặc mật khẩu" in clerk.text
        assert "→ Gõ lại mật khẩu." in clerk.text
        assert clerk.app.screen.query_one("#password", TextField).value == ""
        await clerk.press("escape")
        assert clerk.problem == ""

    play(scene)


@pytest.mark.parametrize("size", SIZES)
def test_queue_shows_names_that_look_like_markup(play: Callable[..., Any], size: tuple[int, int]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        assert "Kho [/red] 2 [ABC]" in clerk.text
        assert "Trần Ệ [b]đậm[/b]" in clerk.text
        if size[0] >= 100:
            assert "▶ Tiếp nhận" in clerk.text  # the side pane

    play(scene, size)


def test_queue_filters_without_accents_after_a_pause(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        asked = desk.calls["queue"]
        await clerk.type("uom mam")
        screen = clerk.app.screen
        assert isinstance(screen, QueueScreen)
        await clerk.until(lambda: screen.table.total == 10, "the filtered rows")
        assert desk.calls["queue"] - asked < len("uom mam")
        assert "Kho" not in clerk.text

    play(scene)


def test_filter_and_enter_typed_ahead_open_what_was_meant(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        keys = [*"anh", "enter", *"thuchanh", "enter", "tab", *"duoc", "down", "enter"]
        await clerk.press(*keys)
        assert form_of(clerk).view.typed["ten_khach_hang"] == "Lê Văn Được"

    play(scene)


def test_queue_tabs_and_rows_by_keys(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        screen = clerk.app.screen
        assert isinstance(screen, QueueScreen)
        await clerk.press("tab")
        assert screen.tab == "unit"
        assert screen.table.total == 60
        await clerk.press("down", "down", "pagedown")
        assert screen.table.cursor > 10
        await clerk.press("shift+tab", "shift+tab")
        assert [screen.tab] == ["waiting"]
        await clerk.press("enter")
        assert clerk.screen == "FormScreen"

    play(scene)


def test_check_goes_to_the_first_wrong_field(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await filled_form(clerk)
        form_of(clerk).fill({"ngay_ghi_chi_so": "32"})
        for key in ("f7", "f8", "f10"):
            await clerk.press("home", key)
            assert clerk.app.focused is not None
            assert clerk.app.focused.id == "field-ngay_ghi_chi_so"
            assert "phải từ 1 đến 31" in clerk.message
            assert clerk.screen == "FormScreen"
        assert clerk.desk.calls["save"] == 0

    play(scene)


def test_a_field_is_checked_when_it_is_left(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        await clerk.type("12345")
        assert clerk.message == ""
        await clerk.press("tab")
        assert "phải đủ 12 số" in clerk.message
        await clerk.press("f1")
        assert "Họ tên khách hàng" in clerk.text  # the help of the field one is in

    play(scene)


def test_arrows_go_from_field_to_field_where_the_form_scrolls(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        rows = [row.input.id for row in form_of(clerk).rows]
        for place in range(1, len(rows)):
            await clerk.press("down")
            assert clerk.app.focused is not None
            assert clerk.app.focused.id == rows[place]
        await clerk.press("up", "up")
        assert clerk.app.focused is not None
        assert clerk.app.focused.id == rows[-3]

    play(scene, (80, 14))


def test_drafts_are_kept_while_typing_and_when_leaving(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        await clerk.type("0011")
        dossier = form_of(clerk).view.id
        await clerk.until(lambda: desk.drafts.get(dossier, {}).get("so_giay_to") == "0011", "the draft")
        await clerk.type("90")
        await clerk.press("escape")
        assert clerk.screen == "QueueScreen"
        assert desk.drafts[dossier]["so_giay_to"] == "001190"
        assert desk.calls["leave"] == 1

    play(scene)


def test_drafts_are_kept_when_the_program_is_left(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        for key in "007":
            await clerk.press(key)
        clerk.app.post_message(events.Key("ctrl+q", None))
        await clerk.until(lambda: any(draft["so_giay_to"] == "007" for draft in desk.drafts.values()), "the draft")

    play(scene)


def test_a_draft_can_be_thrown_away(play: Callable[..., Any], desk: FakeDesk) -> None:
    desk.drafts["d1"] = {"ten_khach_hang": "Nháp"}

    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.press("enter")
        assert "Mở lại nháp" in clerk.message
        assert "Nháp" in clerk.app.screen.query_one("#field-ten_khach_hang", TextField).value
        await clerk.press("f12")
        await clerk.type("bo nhap")
        await clerk.press("enter")
        assert clerk.app.screen.query_one("#field-ten_khach_hang", TextField).value == NAMES[1]
        assert not desk.drafts

    play(scene)


def test_papers_and_choices_by_keys(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        form = form_of(clerk)
        form.set_focus(form.query_one("#field-gioi_tinh"))
        await clerk.press("f4")
        await clerk.type("nu")
        await clerk.press("enter")
        assert form.query_one("#field-gioi_tinh", TextField).value == "Nữ"
        form.set_focus(form.query(PaperRow).last())
        await clerk.press("space", "space")
        assert form.query(PaperRow).last().state == "later"
        assert "bổ sung sau" in clerk.text

    play(scene)


def test_an_obstacle_asks_for_its_reason(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await filled_form(clerk)
        await clerk.press("f10", "3")
        await clerk.type("hẹn lại")
        await clerk.press("enter")
        assert desk.obstacle == ("TN01", "hẹn lại")
        assert clerk.screen == "QueueScreen"
        assert "đã ghi trở ngại" in clerk.message

    play(scene)


def test_after_an_obstacle_the_dossier_goes_on(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await filled_form(clerk)
        dossier = form_of(clerk).view.id
        await clerk.press("f10", "3")
        await clerk.type("hẹn lại")
        await clerk.press("enter")
        assert desk.peek(dossier).waiting
        clerk.app.push_screen(FormScreen(desk.open(dossier), desk.step_fields(dossier)))
        await clerk.settle()
        await clerk.press("f10")
        assert "Tiếp tục" in clerk.text
        await clerk.press("1")
        assert not desk.peek(dossier).waiting

    play(scene)


def test_the_customer_must_see_every_page(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await contract(clerk)
        await clerk.press("f9")
        assert clerk.screen == "PreviewScreen"
        assert "0/3" in clerk.message

    play(scene)


def test_a_token_that_comes_and_goes_is_told(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.until(lambda: bool(clerk.app.tokens), "the token")
        desk.token_states.clear()
        await clerk.until(lambda: "không có" in clerk.message, "the message")
        assert "Token: không có" in clerk.text

    play(scene)


def test_a_card_scanned_on_the_queue_offers_a_new_request(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        card = "001190000001||Nguyễn Thị Ánh|02091990|Nữ|Số 5|15042021"
        await clerk.press(*card, "enter")
        await clerk.until(lambda: clerk.screen == "ChooseScreen", "the services")
        await clerk.settle()
        assert "Nguyễn Thị Ánh" in clerk.text
        await clerk.press("1")
        assert desk.walk_ins[0][2]["so_giay_to"] == "001190000001"
        assert clerk.app.screen.query_one("#field-ngay_sinh", TextField).value == "02/09/1990"

    play(scene)


def test_a_customer_code_scanned_on_the_queue_is_looked_for(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.press(*"PD05000131264", "tab")
        field = clerk.app.screen.query_one("#filter", TextField)
        await clerk.until(lambda: field.value == "PD05000131264", "the filter")
        screen = clerk.app.screen
        assert isinstance(screen, QueueScreen)
        assert screen.tab == "mine"

    play(scene)


def test_the_lock_keeps_the_half_filled_form(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        await clerk.type("0011")
        clerk.app.lock()
        await clerk.settle()
        assert clerk.screen == "LockScreen"
        assert "0011" not in clerk.text
        assert desk.calls["sign_out"] == 1  # the tokens are locked too
        assert [draft["so_giay_to"] for draft in desk.drafts.values()] == ["0011"]
        await clerk.press("escape", "f12")
        assert clerk.screen == "LockScreen"
        await clerk.type("sai")
        await clerk.press("enter")
        assert clerk.screen == "LockScreen"
        await clerk.type("thuchanh")
        await clerk.press("enter")
        assert clerk.app.screen.query_one("#field-so_giay_to", TextField).value == "0011"

    play(scene)


def test_signing_out_keeps_the_draft_and_clears_the_name(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        await clerk.type("0011")
        await clerk.press("f12")
        await clerk.type("dang xuat")
        await clerk.press("enter")
        assert clerk.screen == "LoginScreen"
        assert [draft["so_giay_to"] for draft in desk.drafts.values()] == ["0011"]
        assert desk.calls["leave"] == 1
        assert desk.calls["sign_out"] == 1
        await clerk.sign_in()
        assert clerk.app.user == "anh"
        assert clerk.screen == "QueueScreen"

    play(scene)


def test_the_screen_locks_by_itself(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.until(lambda: clerk.screen == "LockScreen", "the lock")

    play(scene, idle_minutes=0.005)


def test_palette_finds_commands_without_accents(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.press("f12")
        await clerk.type("thong tin he")
        await clerk.press("enter")
        assert clerk.screen == "InfoScreen"
        assert "trong bộ nhớ [x]" in clerk.text
        await clerk.press("escape", "f12")
        await clerk.type("tin nhan")
        await clerk.press("enter")
        assert CODE in clerk.text
        assert "[/b]" in clerk.text

    play(scene)


def test_what_was_typed_ahead_of_an_error_goes_nowhere(play: Callable[..., Any], desk: FakeDesk) -> None:
    desk.fail_next["open"] = Refused("Người khác đang giữ hồ sơ")

    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.press("enter", "9", "9", "tab")
        assert clerk.screen == "QueueScreen"
        assert "Người khác đang giữ hồ sơ" in clerk.problem

    play(scene)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_both_languages_say_everything(play: Callable[..., Any], language: str) -> None:
    async def scene(clerk: Clerk) -> None:
        await filled_form(clerk)
        await clerk.press("f1")
        await clerk.press("escape", "f8")
        assert clerk.message.startswith("✓")

    play(scene, language=language)
