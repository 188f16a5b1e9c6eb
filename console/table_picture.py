"""A table as it is drawn: its columns, the cells of each row, and what is marked as wrong in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from console.table_rows import Rows, cell_at, is_blank, numbers
from console.widgets.grid import GridCell, GridColumn, GridRow
from kernel.api.fields import Field, Kind
from kernel.api.reading import read, shown
from kernel.api.tables import typed_columns
from kernel.api.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kernel.api.fields import Scalar
    from kernel.api.findings import Finding
    from kernel.api.text import Language

WIDEST = 26
"""Cells a column may take; a longer text scrolls in its cell."""
WIDEST_TITLE = 14
"""Cells a heading may ask for; the line below the rows says it in full."""
_NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY)
_NARROWEST = {Kind.DATE: 10, Kind.CITIZEN_ID: 12, Kind.CUSTOMER_CODE: 13, Kind.MONEY: 10, Kind.NAME: 16}
SPARE = Field("", Text("Ô thừa", "Spare cell"), Kind.TEXT, Text("Xóa ô này.", "Empty this cell."), required=False)
"""What stands beyond the last column: pasted there, not lost, but not part of the table."""

Marks = dict[tuple[int, str], "Finding"]
"""What is told, by number of the row (0 for the table) and column (empty for the row)."""


@dataclass(frozen=True, slots=True)
class Typing:
    """The rows as they are typed: the open cell, what could be read of each row, what was found."""

    table: Field
    rows: Rows
    row: int
    place: int
    values: Sequence[Mapping[str, Scalar]]
    findings: Sequence[Finding]
    remarks: Mapping[tuple[str, str], Finding]
    """By column and text: what there was to say when the text was rewritten to this one."""
    everything: bool
    """Whether cells she has not come to yet are told too."""


def column_of(table: Field, place: int) -> Field:
    """Return the typed column at a place, counting from 0."""
    columns = typed_columns(table)
    return columns[place] if place < len(columns) else SPARE


def typed_count(table: Field, rows: Rows) -> int:
    """Return how many columns are typed: those of the table and what was pasted beyond them."""
    return max(len(typed_columns(table)), *(len(row) for row in rows))


def all_columns(table: Field, rows: Rows) -> list[tuple[Field, int | None]]:
    """Return all columns in their order, each with its place among the typed ones, None if it is computed."""
    places = iter(range(typed_count(table, rows)))
    found = [(column, None if column.formula else next(places)) for column in table.columns]
    return [*found, *((SPARE, place) for place in places)]


def applies(column: Field, values: Mapping[str, Scalar]) -> bool:
    """Return whether the column counts in a row."""
    return column.when is None or column.when.holds(values)


def text_at(table: Field, rows: Rows, row: int, place: int) -> str:
    """Return what a cell counts as: its text, the column's default where a row that holds anything leaves it empty."""
    typed = cell_at(rows, row, place)
    column = column_of(table, place)
    return typed if typed or is_blank(rows[row]) else read(column, column.default).shown


def marks(typing: Typing) -> Marks:
    """Return what is told: of the open row only what is wrong left of the open cell, else all or what she has seen."""
    columns = typed_columns(typing.table)
    ids = [column.id for column in columns]
    by_label = {column.label: column.id for column in columns}
    counted = numbers(typing.rows)
    found: Marks = {}
    for finding in typing.findings:
        column = by_label[finding.column] if finding.column else ""
        ahead = column and finding.row == counted[typing.row] and ids.index(column) >= typing.place
        if not typing.everything and (ahead or finding.code == "rows_at_least"):
            continue
        if (finding.row, column) not in found or finding.severity == "error":
            found.setdefault((finding.row, column), finding)
    for row, number in enumerate(counted):
        for place, name in enumerate(ids):
            remark = typing.remarks.get((name, cell_at(typing.rows, row, place)))
            if remark is not None and number:
                found.setdefault((number, name), remark)
    return found


def drawn_rows(typing: Typing, told: Marks) -> list[GridRow]:
    """Return the rows as they are drawn."""
    columns = all_columns(typing.table, typing.rows)
    return [
        GridRow(
            str(number or ""),
            tuple(_cell(typing, told, row, number, column, place) for column, place in columns),
            _sign(told.get((number, "")) if number else None),
        )
        for row, number in enumerate(numbers(typing.rows))
    ]


def drawn_columns(
    typing: Typing, rows: Iterable[GridRow], widths: Mapping[int, int], language: Language
) -> list[GridColumn]:
    """Return the columns as they are drawn, none narrower than in `widths`, where it stands among them."""
    lines = list(rows)
    found = []
    for place, (column, typed) in enumerate(all_columns(typing.table, typing.rows)):
        # the open cell does not widen its column, or all the others would move under her eyes
        others = (row for at, row in enumerate(lines) if (at, typed) != (typing.row, typing.place))
        longest = max((cell_len(row.cells[place].text) for row in others), default=0)
        title = column.label(language)
        least = max(_NARROWEST.get(column.kind, 6), min(cell_len(title), WIDEST_TITLE))
        width = max(widths.get(place, 0), least, min(WIDEST, longest))
        found.append(GridColumn(title, width, column.kind in _NUMBERS))
    return found


def _cell(typing: Typing, told: Marks, row: int, number: int, column: Field, place: int | None) -> GridCell:
    values = typing.values[row]
    if place is None:
        value = values.get(column.id)
        return GridCell("") if value is None else GridCell(shown(column, value), "=")
    text = text_at(typing.table, typing.rows, row, place)
    if not applies(column, values):
        text = f"({text})" if text else "–"
    return GridCell(text, _sign(told.get((number, column.id))))


def _sign(finding: Finding | None) -> str:
    return " " if finding is None else "!" if finding.severity == "error" else "?"
