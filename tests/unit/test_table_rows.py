"""Rows of a table while it is edited: what is pasted, what becomes text again."""

from __future__ import annotations

import unicodedata

import pytest

from console.table_rows import filled, inserted, moved, numbers, pasted_block, removed, rows_of, text_of, with_cell

ROWS = (("Nguyễn Thị Ệ", "1"), ("", "2"), ("Đặng Ngọc Ữ",))


@pytest.mark.parametrize(
    ("pasted", "block"),
    [
        ("một", [["một"]]),
        ("một\thai\r\nba\t\r\n", [["một", "hai"], ["ba", ""]]),
        ("một\n\nba\n\n\n", [["một"], [""], ["ba"]]),
        ('"Số 5\nngõ Đỗ Hành"\t"gọi là ""Kho 2"""\nb', [["Số 5 ngõ Đỗ Hành", 'gọi là "Kho 2"'], ["b"]]),
        ('"thiếu ngoặc\thai\nba', [['"thiếu ngoặc', "hai"], ["ba"]]),
        ('ống 5"\thai "2"', [['ống 5"', 'hai "2"']]),
        ("", []),
        (unicodedata.normalize("NFD", "Đỗ Thị Ữ\tỆ"), [["Đỗ Thị Ữ", "Ệ"]]),
    ],
)
def test_a_paste_becomes_cells(pasted: str, block: list[list[str]]) -> None:
    assert pasted_block(pasted) == block


def test_rows_and_text_are_the_same_thing() -> None:
    assert text_of(ROWS) == "Nguyễn Thị Ệ\t1\n\t2\nĐặng Ngọc Ữ"
    assert rows_of(text_of(ROWS)) == ROWS
    assert text_of(((), ("", " "), ("một", "", ""))) == "một"


def test_rows_change_without_touching_the_others() -> None:
    assert with_cell(ROWS, 2, 2, "x")[2] == ("Đặng Ngọc Ữ", "", "x")
    assert with_cell(ROWS, 2, 5, "") == ROWS
    assert inserted(ROWS, 1) == (ROWS[0], (), ROWS[1], ROWS[2])
    assert removed(ROWS, 1) == (ROWS[0], ROWS[2])
    assert removed(((),), 0) == ((),)
    assert moved(ROWS, 0, 2) == (ROWS[1], ROWS[2], ROWS[0])
    assert moved(moved(ROWS, 2, -1), 1, 1) == ROWS
    assert filled(ROWS, 2, 1, [["a", "b"], ["c"]]) == (*ROWS[:2], ("Đặng Ngọc Ữ", "a", "b"), ("", "c"))


def test_empty_rows_have_no_number() -> None:
    assert numbers((("a",), (), ("b",))) == [1, 0, 2]
