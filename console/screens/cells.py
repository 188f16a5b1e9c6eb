"""The cells of a table: typed in place, checked and computed as one types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Static
from textual.widgets.input import Selection

from console import table_rows
from console.screens.base import DeskScreen
from console.table_picture import (
    Marks,
    Typing,
    all_columns,
    applies,
    column_of,
    drawn_columns,
    drawn_rows,
    marks,
    text_at,
    typed_count,
)
from console.table_results import row_values, totals
from console.widgets.frame import MessageLine
from console.widgets.grid import CellField, Grid
from kernel.api.fields import Kind
from kernel.api.findings import finding_text
from kernel.api.reading import read
from kernel.api.tables import typed_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from textual.widget import Widget
    from textual.widgets import Input

    from console.table_rows import Rows
    from console.widgets.fields import TextField
    from kernel.api.fields import Field, Scalar, Value
    from kernel.api.findings import Finding
Kept = tuple["Rows", int, int]
"""Rows as they were, with the row and the typed column that were open."""


@dataclass(frozen=True, slots=True)
class TableForm:
    """The table and what its formulas look at: the answers of its form, and the fields computed there."""

    table: Field
    fields: tuple[Field, ...]
    answers: Mapping[str, Value]
    where: str


class CellsScreen(DeskScreen):
    """Rows with one cell open. `changed` is told the table's text after every key."""

    NAME = "table"
    AUTO_FOCUS = "CellField"
    BINDINGS: ClassVar[list[Any]] = [
        Binding("tab", "to_cell(1)", show=False),
        Binding("shift+tab", "to_cell(-1)", show=False),
        Binding("up", "to_row(-1)", show=False),
        Binding("down", "to_row(1)", show=False),
        Binding("pageup", "to_page(-1)", show=False),
        Binding("pagedown", "to_page(1)", show=False),
    ]
    DEFAULT_CSS = """
    CellsScreen .line { height: 1; padding: 0 1; text-overflow: ellipsis; text-wrap: nowrap; }
    CellsScreen #table-title { color: $primary; text-style: bold; width: 1fr; }
    CellsScreen #table-place { width: auto; }
    CellsScreen Horizontal { height: 1; }
    CellsScreen #cell-help { color: $muted; }
    """

    def __init__(self, form: TableForm, text: str, changed: Callable[[str], None], first: str = "") -> None:
        super().__init__()
        self._form = form
        self._table = form.table
        self._columns = typed_columns(form.table)
        self._changed = changed
        self._text = text
        self.rows: Rows = table_rows.rows_of(text) or ((),)
        if first and not table_rows.is_blank(self.rows[-1]):
            self.rows = (*self.rows, ())
        self._row, self._place = (len(self.rows) - 1, 0) if first else (0, 0)
        self._first = first
        self._remarks: dict[tuple[str, str], Finding] = {}
        """By column and rewritten text: what there was to say about it."""
        self._everything = False
        self._widths: dict[int, int] = {}
        self._opened = self.rows
        self._before: list[Kept] = []
        self._after: list[Kept] = []

    # What is shown

    def where(self) -> str:
        return self._form.where

    def body(self) -> Iterable[Widget]:
        language = self.console_app.words.language
        yield Horizontal(
            Static(self._table.label(language), id="table-title", classes="line", markup=False),
            Static(id="table-place", classes="line", markup=False),
        )
        yield Grid()
        yield Static(id="totals", classes="line", markup=False)
        yield Static(id="cell-help", classes="line", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self._open_cell(self._row, self._place)
        if self._first:
            self.field.rewrite(self._first)
            self._commit()

    @property
    def field(self) -> CellField:
        """The cell that is open."""
        return self.query_one(Grid).field

    @property
    def at(self) -> tuple[int, int]:
        """Row and typed column of the open cell, from 0."""
        return self._row, self._place

    def help_text(self) -> tuple[str, str]:
        """Return the open column's help and the keys of this screen."""
        column = self._column(self._place)
        language = self.console_app.words.language
        return column.label(language), f"{column.help(language)}\n\n{self.words('table.help')}"

    def _column(self, place: int) -> Field:
        return column_of(self._table, place)

    @property
    def _count(self) -> int:
        return typed_count(self._table, self.rows)

    def _draw(self) -> None:
        """Read, compute and show everything again."""
        language = self.console_app.words.language
        values = row_values(self._table, self.rows, self._form.answers)
        findings = read(self._table, table_rows.text_of(self.rows)).findings
        typing = Typing(
            self._table, self.rows, self._row, self._place, values, findings, self._remarks, self._everything
        )  # fmt: skip
        told = marks(typing)
        rows = drawn_rows(typing, told)
        columns = drawn_columns(typing, rows, self._widths, language)
        self._widths = {place: column.width for place, column in enumerate(columns)}
        here = [place for _, place in all_columns(self._table, self.rows)].index(self._place)
        self.query_one(Grid).show(columns, rows, (self._row, here))
        place = self.words(
            "table.place", row=self._row + 1, rows=len(rows), column=here + 1, columns=len(columns)
        )  # fmt: skip
        self.query_one("#table-place", Static).update(place)
        self._show_help(values)
        self._show_totals(values)
        self._say_finding(table_rows.numbers(self.rows)[self._row], told)

    def _show_help(self, values: Sequence[Mapping[str, Scalar]]) -> None:
        language = self.console_app.words.language
        column = self._column(self._place)
        label = column.label(language)
        unit = f" ({column.unit})" if column.unit else ""
        text = f"{label}{unit}: {column.help(language)}"
        if not applies(column, values[self._row]):
            text = self.words("table.not_here", label=label)
        self.query_one("#cell-help", Static).update(text)

    def _show_totals(self, values: Sequence[Mapping[str, Scalar]]) -> None:
        sums = totals(self._table, values, self._form.fields, self._form.answers, self.console_app.words)
        line = self.query_one("#totals", Static)
        line.update("  ·  ".join(sums))
        line.display = bool(sums)

    # What is wrong

    def _say_finding(self, here: int, told: Marks) -> None:
        """Say what is wrong in the open cell, else in its row, else the first there is."""
        if not told:
            if self.query_one(MessageLine).text.startswith(("!", "?")):
                self.say("")
            return
        own = self._column(self._place).id
        rest = [finding for (row, _), finding in told.items() if row == here]
        finding = told.get((here, own)) or next(iter(rest or told.values()))
        text = finding_text(finding, self.console_app.words.language)
        wrong = sum(each.severity == "error" for each in told.values())
        if wrong > 1:
            text = self.words("form.wrong", text=text, count=wrong)
        self.say(text, "!" if finding.severity == "error" else "?")

    def do_check(self) -> None:
        """Mark all that is wrong and go to the first of it."""
        self._leave_cell()
        self._everything = True
        self._draw()
        findings = read(self._table, self._text).findings
        wrong = [finding for finding in findings if finding.severity == "error"]
        if not wrong:
            self.say(self.words("form.no_errors"), "✓")
            return
        first = next((finding for finding in wrong if finding.row), None)
        if first is not None:
            row = table_rows.numbers(self.rows).index(first.row)
            places = [place for place, column in enumerate(self._columns) if column.label == first.column]
            self._open_cell(row, places[0] if places else self._count - 1)

    # Coming to cells and leaving them

    def _open_cell(self, row: int, place: int) -> None:
        """Open a cell, the cursor behind what stands in it; another choice replaces the one that stands there."""
        self._row, self._place, self._opened = row, place, self.rows
        field = self.field
        field.rewrite(text_at(self._table, self.rows, row, place))
        if self._column(place).kind in (Kind.CHOICE, Kind.YES_NO):
            field.selection = Selection(0, len(field.value))
        self._draw()

    def _commit(self) -> None:
        """Take over what stands in the open cell."""
        self._put(table_rows.with_cell(self.rows, self._row, self._place, self.field.value))

    def _put(self, rows: Rows) -> None:
        self.rows = rows
        text = table_rows.text_of(rows)
        if text != self._text:
            self._text = text
            self._changed(text)

    def _leave_cell(self) -> None:
        """Take over the open cell, written the way the kind of its column is written."""
        column, typed = self._column(self._place), self.field.value
        reading = read(column, typed)
        if reading.value is not None and column.kind not in (Kind.TEXT, Kind.NAME, Kind.ADDRESS):
            if reading.findings and reading.shown != typed:
                self._remarks[column.id, reading.shown] = reading.findings[0]
            self.field.rewrite(reading.shown)
        self._commit()
        if self.rows != self._opened:
            self._keep(self._opened)
            self._opened = self.rows

    def _keep(self, rows: Rows) -> None:
        """Keep these rows to be brought back."""
        self._before.append((rows, self._row, self._place))
        self._after.clear()

    def _go(self, row: int, place: int) -> None:
        if self.field.give_back_scan():
            return
        self._leave_cell()
        self._open_cell(row, place)

    def action_to_cell(self, by: int) -> None:
        """Go to the next cell that counts in its row; behind the last cell is a new row."""
        if self.field.give_back_scan():
            return
        self._leave_cell()
        values = row_values(self._table, self.rows, self._form.answers)
        order = [
            (row, place)
            for row, line in enumerate(self.rows)
            for place in range(max(len(self._columns), len(line)))
            if applies(self._column(place), values[row]) or (row, place) == self.at
        ]
        there = order.index(self.at) + by
        if there == len(order):
            self._open_new_row()
        else:
            self._open_cell(*order[max(0, there)])

    def _open_new_row(self) -> None:
        """Open an empty row behind the last, which may be one already."""
        if not table_rows.is_blank(self.rows[-1]):
            self._put((*self.rows, ()))
        self._open_cell(len(self.rows) - 1, 0)

    def action_to_row(self, by: int) -> None:
        """Go a row up or down in the same column; below the last row is a new one."""
        row = self._row + by
        if row >= len(self.rows):
            self._leave_cell()
            if not table_rows.is_blank(self.rows[-1]):
                self._put((*self.rows, ()))
            row = len(self.rows) - 1
        self._go(max(0, row), self._place)

    def action_to_page(self, by: int) -> None:
        """Go a page of rows up or down."""
        row = self._row + by * self.query_one(Grid).page
        self._go(max(0, min(len(self.rows) - 1, row)), self._place)

    def on_grid_clicked(self, event: Grid.Clicked) -> None:
        event.stop()
        place = all_columns(self._table, self.rows)[event.column][1]
        self._go(event.row, self._place if place is None else place)

    def on_cell_field_at_end(self, event: CellField.AtEnd) -> None:
        event.stop()
        place = self._place + event.by
        if 0 <= place < self._count:
            self._go(self._row, place)
            if event.by > 0:
                self.field.cursor_position = 0

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take over what is typed, compute and check. The message may be late: what counts is what stands there."""
        event.stop()
        before = self.rows
        self._commit()
        if self.rows != before:
            self._draw()

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        """Go to the next cell; in an empty last row the table is done."""
        event.stop()
        last = bool(self._row) and self._row == len(self.rows) - 1 and table_rows.is_blank(self.rows[self._row])
        if last and not self.field.value and not self._column(self._place).default:
            self.leave()
        else:
            self.action_to_cell(1)

    def on_text_field_left(self, event: TextField.Left) -> None:
        event.stop()
        self._commit()

    def leave(self) -> None:
        self._leave_cell()
        self.dismiss()
