"""What the form says about a field, and what it does to what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.geometry import Offset

from console.screens.form import FormScreen
from console.widgets.fields import TextField
from console.widgets.frame import MessageLine
from console.widgets.rows import FieldRow
from kernel.api.fields import Choice, Field, Kind
from kernel.api.text import Text
from tests.tui.paths import SIZES, form_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fake_desk import FakeDesk
    from tests.tui.conftest import Clerk

ADDRESS = "Thôn Đông, tổ dân phố số 12, khu tập thể Nhà máy Xe lửa Gia Lâm, phường Việt Hưng, thành phố Hà Nội"


def go_to(clerk: Clerk, field: str) -> TextField:
    found = clerk.app.screen.query_one(f"#field-{field}", TextField)
    clerk.app.screen.set_focus(found)
    return found


def row(clerk: Clerk, field: str) -> FieldRow:
    found = clerk.app.screen.query_one(f"#field-{field}").parent
    assert isinstance(found, FieldRow)
    return found


def test_a_message_names_its_field_and_follows_the_focus(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        await clerk.type("12345")
        await clerk.press("enter", "enter")  # the name stays empty
        assert clerk.message.startswith("! Họ tên khách hàng: ")
        assert "2 ô" in clerk.message
        await clerk.press("up", "up")
        assert clerk.message.startswith("! Số căn cước: ")
        await clerk.press("f7")
        assert clerk.message.startswith("! Số căn cước: ")
        assert "phải đủ 12 số" in clerk.message

    play(scene)


def test_a_number_that_was_changed_while_leaving_the_field_is_told(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        go_to(clerk, "dien_thoai")
        await clerk.type("01629876543")
        await clerk.press("enter")
        assert row(clerk, "dien_thoai").value == "0329 876 543"
        assert "01629876543 là số 11 chữ số cũ, nay là 0329 876 543" in clerk.message
        await clerk.press("f7")
        go_to(clerk, "dien_thoai")
        await clerk.settle()
        assert "số 11 chữ số cũ" in clerk.message
        await clerk.press("ctrl+u")
        await clerk.type("0900000012")
        await clerk.press("enter")
        assert "số 11 chữ số cũ" not in clerk.message

    play(scene)


@pytest.mark.parametrize("size", SIZES)
def test_long_messages_are_read_in_full(play: Callable[..., Any], size: tuple[int, int]) -> None:
    text = "Chứng thư này không ký được: chứng thư của Đinh Quốc Hữu; người ký phải là Điện lực Thực Hành Ệ."

    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        line = clerk.app.screen.query_one(MessageLine)
        line.note("Nháp lưu 14:05:31")
        line.say(text, "!")
        await clerk.settle()
        shown = " ".join(" ".join(clerk.text.splitlines()[-3:]).split())
        assert text in shown
        line.say("Ngắn.")
        await clerk.settle()
        assert "Nháp lưu 14:05:31" in clerk.text.splitlines()[-2]
        assert line.size.height == 1

    play(scene, size)


def test_a_choice_is_typed_over(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        field = go_to(clerk, "gioi_tinh")
        await clerk.type("2")
        await clerk.press("enter", "up")
        assert field.value == "Nữ"
        await clerk.type("nam")
        await clerk.press("enter")
        assert field.value == "Nam"

    play(scene)


def test_the_cursor_is_behind_what_was_rewritten(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        field = go_to(clerk, "ngay_sinh")
        await clerk.type("2/9/90")
        await clerk.press("enter", "up")
        assert field.value == "02/09/1990"
        assert field.cursor_position == len(field.value)

    play(scene)


def test_a_field_that_is_left_shows_its_beginning(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        field = go_to(clerk, "dia_chi_thuong_tru")
        await clerk.type(ADDRESS)
        assert field.scroll_offset.x > 0
        await clerk.press("enter")
        assert field.scroll_offset == Offset(0, 0)
        assert "Thôn Đông, tổ dân phố" in clerk.text
        await clerk.press("up")
        await clerk.type("!")
        assert field.value == f"{ADDRESS}!"
        assert "thành phố Hà Nội!" in clerk.text

    play(scene)


@pytest.mark.parametrize("size", SIZES)
def test_labels_are_read_in_full(play: Callable[..., Any], desk: FakeDesk, size: tuple[int, int]) -> None:
    label = "TI cài trong công tơ (treo)"
    field = Field("ti", Text(label, label), Kind.TEXT, Text("", ""), required=False)

    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        form = form_of(clerk)
        clerk.app.push_screen(FormScreen(form.view, (*form.fields, field)))
        await clerk.settle()
        assert f"{label} ·" in clerk.text

    play(scene, (size[0], 40))


def test_thrown_away_drafts_take_their_marks_with_them(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        await clerk.type("12345")
        await clerk.press("enter")
        assert row(clerk, "so_giay_to").finding
        await clerk.press("f12")
        await clerk.type("bo nhap")
        await clerk.press("enter")
        assert not any(each.finding for each in clerk.app.screen.query(FieldRow))

    play(scene)


def test_the_list_of_a_field_shows_codes_of_cmis_only(play: Callable[..., Any]) -> None:
    choices = (Choice("SHBT", Text("Bậc thang", "Tiers")), Choice("tro_ngai", Text("Trở ngại", "Obstacle")))
    field = Field("chon", Text("Chọn", "Choose"), Kind.CHOICE, Text("", ""), choices=choices)

    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        clerk.app.push_screen(FormScreen(form_of(clerk).view, (field,)))
        await clerk.settle()
        await clerk.press("f4")
        assert "SHBT" in clerk.text
        assert "Trở ngại" in clerk.text
        assert "tro_ngai" not in clerk.text

    play(scene)


def test_a_narrow_screen_knows_it_before_it_is_drawn(play: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[bool] = []
    body = FormScreen.body

    def looked_at(screen: FormScreen) -> Any:
        known.append(screen.has_class("-narrow"))
        return body(screen)

    monkeypatch.setattr(FormScreen, "body", looked_at)

    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()

    play(scene, (80, 24))
    play(scene, (120, 40))
    assert known == [True, False]
