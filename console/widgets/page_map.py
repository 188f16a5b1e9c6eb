"""A page drawn in characters: where its signature boxes are, and which of them is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.desk import Area, StampView
    from console.written import Say

_CELL = 2
"""A cell of the terminal is about twice as high as it is wide."""
_A4 = 210 / 297


def page_map(view: StampView, rows: int, here: str) -> list[str]:
    """Return `rows` lines that show the page: other boxes in dots, the meant one in full with `here` in it."""
    tall = max(6, rows) - 2
    wide = round(tall * _CELL * _A4)
    cells = [[" "] * wide for _ in range(tall)]
    for area in view.others:
        _fill(cells, area, "·")
    left, top, right, bottom = _fill(cells, view.area, "█")
    word = here[: right - left]
    row, begin = (top + bottom) // 2, left + (right - left - len(word)) // 2
    cells[row][begin : begin + len(word)] = word
    return ["┌" + "─" * wide + "┐", *("│" + "".join(row) + "│" for row in cells), "└" + "─" * wide + "┘"]


def _fill(cells: list[list[str]], area: Area, letter: str) -> tuple[int, int, int, int]:
    """Fill the cells of an area, at least one, and return its edges."""
    tall, wide = len(cells), len(cells[0])
    left, right = (min(wide, max(0, round(share * wide))) for share in (area.left, area.right))
    top, bottom = (min(tall, max(0, round(share * tall))) for share in (area.top, area.bottom))
    left, top = min(left, wide - 1), min(top, tall - 1)
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    for row in range(top, bottom):
        cells[row][left:right] = letter * (right - left)
    return left, top, right, bottom


def place_words(area: Area, words: Say) -> str:
    """Return where on its page an area is: `phía dưới bên phải`."""
    row = _third(area.top, area.bottom, ("top", "middle", "bottom"))
    column = _third(area.left, area.right, ("left", "centre", "right"))
    return f"{words(f'stamp.{row}')} {words(f'stamp.{column}')}"


def _third(begin: float, end: float, names: tuple[str, str, str]) -> str:
    return names[min(2, max(0, int((begin + end) / 2 * 3)))]
