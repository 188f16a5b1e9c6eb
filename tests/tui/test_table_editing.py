"""A table in a form, and its rows: typed, pasted, scanned, moved, computed, checked, and never lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from console.screens.form import FormScreen
from console.screens.table import TableScreen
from console.widgets.rows import FieldRow
from tests.fake_service import HOUSEHOLDS, SHARED_METER, TABLE_SERVICE
from tests.tui.paths import SIZES, form_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fake_desk import FakeDesk
    from tests.tui.conftest import Clerk

FIRST = "Nguyễn Thị Ệ\t001190000001\t5\tThường trú\t\t02/09/2020"
SECOND = "Đặng Ngọc Ữ\t001089000002\t2\tThuê nhà\tTrần Văn Đức\t15/04/2021"
CARD = "001190000009|012345678|Đỗ Thị Ữ|02091990|Nữ|Số 5 ngõ Đỗ Hành, Hà Nội|15042021"


@pytest.fixture(autouse=True)
def _households(desk: FakeDesk) -> None:
    desk.service = TABLE_SERVICE


def row(clerk: Clerk, field: str = "danh_sach_ho") -> FieldRow:
    form = next(screen for screen in clerk.app.screen_stack if isinstance(screen, FormScreen))
    return next(each for each in form.rows if each.field.id == field)


def table(clerk: Clerk) -> TableScreen:
    assert isinstance(clerk.app.screen, TableScreen)
    return clerk.app.screen


async def paste(clerk: Clerk, text: str) -> None:
    clerk.app.post_message(events.Paste(text))
    await clerk.settle()


async def open_table(clerk: Clerk, text: str = "") -> None:
    await clerk.open_form()
    form_of(clerk).set_focus(row(clerk).input)
    if text:
        await paste(clerk, text)
    await clerk.press("enter")
    assert clerk.screen == "TableScreen"


@pytest.mark.parametrize("size", SIZES)
def test_a_form_tells_a_table_in_one_line(play: Callable[..., Any], size: tuple[int, int]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        assert "Chưa có dòng nào" in clerk.text
        await clerk.press("enter")
        await paste(clerk, f"{FIRST}\r\n{SECOND}\r\n")
        assert row(clerk).value == f"{FIRST}\n{SECOND}"
        assert clerk.message == "✓ Đã dán 2 dòng."
        assert "2 dòng · Tổng định mức: 1,75 hộ" in clerk.text
        assert "= 1,75" in clerk.text
        assert "!" not in next(line for line in clerk.text.splitlines() if "2 dòng" in line)

    play(scene, size)


def test_a_paste_adds_to_what_a_table_holds(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        form_of(clerk).set_focus(row(clerk).input)
        await paste(clerk, FIRST)
        await paste(clerk, SECOND)
        assert row(clerk).value == f"{FIRST}\n{SECOND}"
        assert row(clerk, "ghi_chu_chung").value == ""

    play(scene)


def test_a_table_is_typed_cell_by_cell(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk)
        for text in ("Nguyễn Thị Ệ", "001190000001", "5", "tt", "2/9/2020"):
            await clerk.type(text)
            await clerk.press("tab")
        await clerk.press("tab", "tab", "tab")  # three columns that may stay empty
        for text in ("Đặng Ngọc Ữ", "001089000002", "2", "thuê", "Trần Văn Đức", "15/4/2021"):
            await clerk.type(text)
            await clerk.press("enter")
        assert row(clerk).value == f"{FIRST}\n{SECOND}"
        await clerk.press("enter", "enter", "enter")
        assert table(clerk).at == (2, 0)
        await clerk.press("enter")
        assert clerk.screen == "FormScreen"
        assert not row(clerk).finding
        assert next(iter(desk.drafts.values()))["danh_sach_ho"] == f"{FIRST}\n{SECOND}"

    play(scene)


def test_typing_in_a_tables_row_begins_a_row(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        form_of(clerk).set_focus(row(clerk).input)
        await paste(clerk, FIRST)
        await clerk.type("Đặng Ngọc Ữ")
        await clerk.press("tab")
        assert table(clerk).at == (1, 1)
        assert row(clerk).value == f"{FIRST}\nĐặng Ngọc Ữ"

    play(scene)


def test_what_is_computed_follows_every_key(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, f"{FIRST}\n{SECOND}")
        assert "Tổng định mức: 1,75 hộ" in clerk.text
        await clerk.press("tab", "tab")
        await clerk.type("0")
        assert "Tổng định mức: 13,00 hộ" in clerk.text or "Tổng định mức: 13 hộ" in clerk.text
        await clerk.press("backspace", "backspace")
        assert "Tổng định mức: 0,5 hộ (1/2 dòng)" in clerk.text
        await clerk.press("escape")
        row(clerk, "khau_moi_dinh_muc").input.focus()
        await clerk.press("ctrl+u")
        await clerk.type("2")
        assert "Tổng định mức: 1 hộ (1/2 dòng)" in clerk.text

    play(scene)


def test_results_are_not_stepped_on(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        form_of(clerk).set_focus(row(clerk).input)
        await clerk.press("down")
        assert clerk.app.focused is row(clerk, "ghi_chu_chung").input
        assert "tong_dinh_muc" not in form_of(clerk).typed()

    play(scene)


def test_a_column_that_does_not_apply_is_passed_over_and_keeps_its_text(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, SECOND)
        await clerk.press("tab", "tab", "tab")
        await clerk.type("tt")
        await clerk.press("tab")
        assert table(clerk).at == (0, 5)
        assert "(Trần Văn Đức)" in clerk.text
        await clerk.press("shift+tab")
        assert table(clerk).at == (0, 3)
        await clerk.type("thue")
        await clerk.press("tab")
        assert table(clerk).field.value == "Trần Văn Đức"

    play(scene)


def test_what_is_wrong_is_marked_and_told_where_it_stands(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk)
        await clerk.type("Nguyễn Thị Ệ")
        assert clerk.message == ""  # the cells to the right are not her fault yet
        await clerk.press("tab")
        await clerk.type("12")
        await clerk.press("tab")
        assert clerk.message.startswith("! Dòng 1, Số căn cước: Có 2 chữ số")
        assert "!12" in clerk.text
        await clerk.press("f7")
        assert table(clerk).at == (0, 1)
        assert "ô sai" in clerk.message
        await clerk.press("escape")
        assert row(clerk).severity == "error"
        assert clerk.message.startswith("! Danh sách hộ: Dòng 1, Số căn cước: ")

    play(scene)


def test_a_repeated_number_is_told_in_the_rows_it_stands_in(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, f"{FIRST}\n{FIRST}\n{SECOND}")
        await clerk.press("down", "down")
        assert "! Dòng 1, Số căn cước: “001190000001” có ở nhiều dòng" in clerk.message
        assert clerk.text.count("!001190000001") == 2

    play(scene)


def test_rows_are_added_moved_copied_deleted_and_brought_back(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, f"{FIRST}\n{SECOND}")
        await clerk.press("ctrl+down")
        assert row(clerk).value == f"{SECOND}\n{FIRST}"
        assert table(clerk).at == (1, 0)
        await clerk.press("f2", "ctrl+d", "ctrl+d")
        assert row(clerk).value == f"{SECOND}\n{FIRST}\nNguyễn Thị Ệ\t001190000001"
        assert table(clerk).at == (2, 2)
        await clerk.press("up", "up", "ctrl+y")
        assert row(clerk).value == f"{FIRST}\nNguyễn Thị Ệ\t001190000001"
        assert clerk.message == "✓ Đã xóa dòng 1. Ctrl+Z lấy lại."
        await clerk.press("ctrl+z")
        assert row(clerk).value == f"{SECOND}\n{FIRST}\nNguyễn Thị Ệ\t001190000001"
        await clerk.press("ctrl+z", "ctrl+z", "ctrl+z", "ctrl+z")
        assert row(clerk).value == f"{FIRST}\n{SECOND}"
        await clerk.press("ctrl+z")
        assert "Không có gì để lấy lại" in clerk.message

    play(scene)


def test_undoing_goes_back_one_change_at_a_time_and_may_be_undone(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, FIRST)
        await clerk.press("ctrl+y")
        await clerk.type("Đặng Ngọc Ữ")
        await clerk.press("tab")
        await clerk.type("0010")
        await clerk.press("ctrl+z")
        assert row(clerk).value == "Đặng Ngọc Ữ"
        await clerk.press("ctrl+z", "ctrl+z")
        assert row(clerk).value == FIRST
        for _ in range(3):
            table(clerk).redo()
        await clerk.settle()
        assert row(clerk).value == "Đặng Ngọc Ữ\t0010"

    play(scene)


def test_a_column_with_a_default_shows_it_where_it_counts(play: Callable[..., Any], desk: FakeDesk) -> None:
    columns = tuple(each.but(default="thuê") if each.id == "cu_tru" else each for each in HOUSEHOLDS.columns)
    section = replace(
        SHARED_METER,
        fields=tuple(
            each.but(columns=columns) if each.id == HOUSEHOLDS.id else each for each in SHARED_METER.fields
        ),
    )  # fmt: skip
    desk.service = replace(TABLE_SERVICE, sections=(section,))

    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, "Đặng Ngọc Ữ\t001089000002\t2")
        assert "Thuê nhà" in clerk.text
        await clerk.press("tab", "tab", "tab", "tab")
        assert table(clerk).at == (0, 4)
        assert row(clerk).value == "Đặng Ngọc Ữ\t001089000002\t2\tThuê nhà"

    play(scene)


def test_a_first_column_with_a_default_is_passed_with_enter(play: Callable[..., Any], desk: FakeDesk) -> None:
    first = HOUSEHOLDS.columns[3].but(default="tt")
    table_field = HOUSEHOLDS.but(columns=(first, *(each for each in HOUSEHOLDS.columns if each.id != first.id)))
    desk.service = replace(TABLE_SERVICE, sections=(replace(SHARED_METER, fields=(table_field,)),))

    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, "Thường trú\tNguyễn Thị Ệ")
        await clerk.press("down", "enter")
        assert table(clerk).at == (1, 1)
        await clerk.type("Đặng Ngọc Ữ")
        await clerk.press("up", "down")
        assert row(clerk).value == "Thường trú\tNguyễn Thị Ệ\n\tĐặng Ngọc Ữ"
        await clerk.press("down", "enter")
        assert clerk.screen == "FormScreen"

    play(scene)


def test_a_click_opens_its_cell(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, f"{FIRST}\n{SECOND}")
        await clerk.pilot.click("Grid", offset=(25, 2))
        await clerk.settle()
        assert table(clerk).at == (1, 1)
        assert table(clerk).field.value == "001089000002"

    play(scene)


def test_a_number_that_was_rewritten_is_told_and_stays_marked(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, FIRST)
        await clerk.press(*["tab"] * 5)
        await clerk.type("01629876543")
        await clerk.press("tab")
        assert "số 11 chữ số cũ, nay là 0329 876 543" in clerk.message
        assert "?0329 876 543" in clerk.text

    play(scene)


def test_a_paste_spreads_from_the_open_cell(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, f"{FIRST}\n{SECOND}")
        await clerk.press("down", "tab", "tab")
        await paste(clerk, '7\tThường trú\n\n"8"\t"Thuê\nnhà"\n')
        assert row(clerk).value.splitlines()[0] == FIRST
        assert row(clerk).value.splitlines()[1].startswith("Đặng Ngọc Ữ\t001089000002\t7\tThường trú\t")
        assert row(clerk).value.splitlines()[2] == "\t\t8\tThuê nhà"
        await clerk.press("ctrl+z")
        assert row(clerk).value == f"{FIRST}\n{SECOND}"

    play(scene)


def test_cells_pasted_beyond_the_last_column_are_shown_until_they_are_emptied(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, FIRST + "\t\t\t\tthừa ra")
        await clerk.press("f7")
        assert clerk.message.startswith("! Dòng 1: Có 10 ô, bảng có 9 cột")
        assert table(clerk).field.value == "thừa ra"
        await clerk.press("ctrl+u")
        assert clerk.message == ""
        assert row(clerk).value == FIRST

    play(scene)


def test_a_choice_is_picked_from_its_list(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, FIRST)
        await clerk.press("tab", "tab", "tab", "f4", "2")
        assert row(clerk).value.split("\t")[3] == "Thuê nhà"
        assert table(clerk).at == (0, 4)
        await clerk.press("f4")
        assert "không có danh mục" in clerk.message

    play(scene)


def test_a_card_fills_a_row_and_another_card_the_next(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, FIRST)
        await clerk.type(CARD)
        await clerk.press("enter")
        assert row(clerk).value == f"{FIRST}\nĐỗ Thị Ữ\t001190000009"
        assert table(clerk).at == (1, 2)

    play(scene)


@pytest.mark.parametrize("size", SIZES)
def test_many_rows_and_columns_scroll(play: Callable[..., Any], size: tuple[int, int]) -> None:
    lines = [f"Nguyễn Thị Ệ {n}\t0011900000{n:02d}\t5\tThường trú\t\t02/09/2020\t\tNgõ {n}\tghi {n}" for n in range(40)]

    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, "\n".join(lines))
        await clerk.press("pagedown", "pagedown", "pagedown", *["tab"] * 7)
        assert table(clerk).at[1] == 8
        shown = clerk.text
        place = table(clerk).at[0]
        assert table(clerk).field.value == f"ghi {place}"
        assert f"ghi {place}" in shown
        assert f"Nguyễn Thị Ệ {place}" in shown  # the first column stays
        assert "Chủ hộ" in shown
        assert "‹" in shown
        assert f"Dòng {place + 1}/40" in shown
        await clerk.press("pageup", "pageup", "pageup", "pageup", *["shift+tab"] * 7)
        assert table(clerk).at == (0, 0)
        assert "Nguyễn Thị Ệ 0" in clerk.text

    play(scene, size)


def test_the_arrows_leave_a_cell_at_its_ends(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, FIRST)
        await clerk.press("right")
        assert table(clerk).at == (0, 1)
        await clerk.press("left")
        assert table(clerk).at == (0, 0)
        await clerk.press("left")
        assert table(clerk).field.cursor_position == len("Nguyễn Thị Ệ") - 1

    play(scene)


def test_what_looks_like_markup_is_shown_as_it_is(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        form_of(clerk).set_focus(row(clerk).input)
        await paste(clerk, "Kho [/red] 2 [ABC]\t001190000001")
        assert "Kho [/red] 2 [ABC]" in clerk.text
        await clerk.press("enter", "down")
        assert "Kho [/red] 2 [ABC]" in clerk.text

    play(scene)


def test_escape_keeps_a_half_typed_cell(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await open_table(clerk, FIRST)
        await clerk.press("down")
        await clerk.type("Đặng N")
        await clerk.press("escape", "escape")
        assert next(iter(desk.drafts.values()))["danh_sach_ho"] == f"{FIRST}\nĐặng N"

    play(scene)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_help_tells_the_column_and_the_keys(play: Callable[..., Any], language: str) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        await clerk.press("enter", "enter", "tab", "f1")
        assert "Số căn cước" in clerk.text
        assert "Ctrl+Y" in clerk.text

    play(scene, language=language)
