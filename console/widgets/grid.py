"""Rows and columns with one cell open for typing. Wide tables keep their first column and scroll by whole columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widget import Widget

from console.widgets.fields import TextField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult

EDGE = 5
"""Cells left of the first column: the sign of the row that is open, its number."""
GAP = 2
"""Cells a column takes beside its width: the sign before it, the space behind it."""


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column as it is drawn: numbers stand at its right."""

    title: str
    width: int
    right: bool = False


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell as it is drawn; `sign` is `!` where it is wrong, `?` where it is doubtful."""

    text: str
    sign: str = " "


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row as it is drawn: its number, empty for an empty row, and what is wrong with the row as a whole."""

    number: str
    cells: tuple[GridCell, ...]
    sign: str = " "


class CellField(TextField):
    """The cell that is open. The arrows leave it at its ends."""

    BINDINGS: ClassVar[list[Any]] = [Binding("ctrl+d", "screen.copy_above", show=False)]
    DEFAULT_CSS = "CellField { position: absolute; }"

    class AtEnd(Message):
        """An arrow was pressed where the text ends; `by` is -1 to the left and 1 to the right."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def action_cursor_left(self, select: bool = False) -> None:
        """See Input."""
        if self.cursor_position == 0 and self.selection.is_empty and not select:
            self.post_message(self.AtEnd(-1))
        else:
            super().action_cursor_left(select)

    def action_cursor_right(self, select: bool = False) -> None:
        """See Input."""
        if self.cursor_position == len(self.value) and self.selection.is_empty and not select:
            self.post_message(self.AtEnd(1))
        else:
            super().action_cursor_right(select)


class Grid(Widget):
    """Draws what it is given and keeps the open cell in sight."""

    DEFAULT_CSS = "Grid { height: 1fr; }"

    class Clicked(Message):
        """A cell was clicked; row and column count from 0."""

        def __init__(self, row: int, column: int) -> None:
            super().__init__()
            self.row = row
            self.column = column

    def __init__(self) -> None:
        super().__init__()
        self.field = CellField(id="cell")
        self._columns: tuple[GridColumn, ...] = ()
        self._rows: tuple[GridRow, ...] = ()
        self._at = (0, 0)
        self._top = 0
        self._first = 1

    def compose(self) -> ComposeResult:
        yield self.field

    def show(self, columns: Sequence[GridColumn], rows: Sequence[GridRow], at: tuple[int, int]) -> None:
        """Draw these rows; `at` is row and column of the open cell, from 0."""
        self._columns, self._rows, self._at = tuple(columns), tuple(rows), at
        self._place()
        self.refresh()

    def on_resize(self) -> None:
        """Keep the open cell in sight."""
        self._place()
        self.refresh()

    @property
    def page(self) -> int:
        """How many rows are seen at once."""
        return max(1, self.size.height - 1)

    def _place(self) -> None:
        """Scroll to the open cell and lay the field over it."""
        if not self._columns or not self.size.width:
            return
        row, column = self._at
        self._top = max(min(self._top, row, max(0, len(self._rows) - self.page)), row - self.page + 1, 0)
        self._first = max(1, min(self._first, column)) if column else self._first
        while column and column not in dict(self._seen()) and self._first < column:
            self._first += 1
        left = dict(self._seen()).get(column, EDGE + 1)
        width = max(1, min(self._columns[column].width, self.size.width - left))
        self.field.styles.offset = (left, row - self._top + 1)
        self.field.styles.width = width

    def _seen(self) -> list[tuple[int, int]]:
        """Return the columns that have room, each with where its text begins."""
        left = EDGE
        found: list[tuple[int, int]] = []
        for column in (0, *range(self._first, len(self._columns))):
            width = self._columns[column].width + GAP
            if found and left + width > self.size.width and not (column == self._first == self._at[1]):
                break
            found.append((column, left + 1))
            left += width
        return found

    def render(self) -> Content:
        if not self._columns or not self.size.width:
            return Content("")
        seen = [column for column, _ in self._seen()]
        lines = [self._heading(seen)]
        lines += [self._line(place, seen) for place in range(self._top, min(len(self._rows), self._top + self.page))]
        return Content("\n").join(line.truncate(self.size.width) for line in lines)

    def _heading(self, seen: list[int]) -> Content:
        parts = []
        for column in seen:
            before = "‹" if column == self._first > 1 else " "
            parts.append(Content(before + _fitted(self._columns[column].title, self._columns[column]) + " "))
        heading = Content.assemble(" " * EDGE, *parts)
        if seen[-1] < len(self._columns) - 1:
            heading = Content.assemble(heading.truncate(self.size.width - 1).pad_right(
                max(0, self.size.width - 1 - heading.cell_length)), "›")  # fmt: skip
        return heading.stylize(Style.parse("bold $primary"))

    def _line(self, place: int, seen: list[int]) -> Content:
        row = self._rows[place]
        here = place == self._at[0]
        edge = f"{'▶' if here else ' '}{row.sign}{row.number or '·':>2} "
        parts: list[Content] = [Content(edge)]
        for column in seen:
            cell = row.cells[column]
            text = Content(cell.sign + _fitted(cell.text, self._columns[column]) + " ")
            style = {"!": "bold $error", "?": "$warning"}.get(cell.sign)
            parts.append(text.stylize(Style.parse(style)) if style else text)
        line = Content.assemble(*parts)
        return line.stylize_before(Style.parse("on $surface")) if here else line

    def on_click(self, event: events.Click) -> None:
        row = self._top + event.y - 1
        if event.widget is not self or event.y < 1 or row >= len(self._rows):
            return
        for column, left in self._seen():
            if left - 1 <= event.x < left - 1 + self._columns[column].width + GAP:
                self.post_message(self.Clicked(row, column))


def _fitted(text: str, column: GridColumn) -> str:
    """Return the text in exactly the cells of its column."""
    fitted = Content(text).truncate(column.width, ellipsis=True)
    room = " " * (column.width - cell_len(fitted.plain))
    return room + fitted.plain if column.right else fitted.plain + room
