"""Tables in a form: rows of cells, typed as lines with tabs between the cells, the way a spreadsheet pastes them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from kernel.api.findings import Checked, Finding, error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kernel.api.fields import Field, Rows, Scalar, Value
    from kernel.api.text import Text

__all__ = ["cells", "read_row", "read_rows", "rows_text", "typed_columns"]

ReadCell = tuple["Scalar | None", tuple[Finding, ...]]


def typed_columns(field: Field) -> tuple[Field, ...]:
    """Return the columns that are typed; the others are computed."""
    return tuple(column for column in field.columns if not column.formula)


def cells(text: str) -> list[list[str]]:
    """Return the cells of every line that holds anything."""
    lines = (line.split("\t") for line in text.split("\n"))
    return [[cell.strip() for cell in line] for line in lines if any(cell.strip() for cell in line)]


def rows_text(field: Field, rows: Rows, shown: Callable[[Field, Value], str]) -> str:
    """Return the text that `read_rows` makes these rows of."""
    lines = (
        "\t".join(shown(column, row[column.id]) if column.id in row else "" for column in typed_columns(field))
        for row in rows
    )
    return "\n".join(lines)


def read_rows(field: Field, text: str, read_cell: Callable[[Field, str], ReadCell]) -> Checked[Rows]:
    """Read a table. A cell that is wrong or missing keeps the whole table out; findings name row and column.

    A column whose `when` does not hold in a row is left out there.
    """
    columns = typed_columns(field)
    found: list[Finding] = []
    rows: dict[int, Mapping[str, Scalar]] = {}
    for number, line in enumerate(cells(text), start=1):
        if len(line) > len(columns):
            found.append(replace(error("row_cells", count=str(len(line)), limit=str(len(columns))), row=number))
        rows[number], remarks = read_row(field, line, read_cell)
        found += [replace(one, row=number) for one in remarks]
    found += _repeated(columns, rows)
    found += _too_many_or_few(field, len(rows))
    wrong = any(one.severity == "error" for one in found)
    return Checked(None if wrong or not rows else tuple(rows.values()), tuple(found))


def read_row(
    table: Field, line: Sequence[str], read_cell: Callable[[Field, str], ReadCell]
) -> tuple[dict[str, Scalar], list[Finding]]:
    """Return what could be read of one row, by column, and what was found. Cells beyond the last column are ignored."""
    columns = typed_columns(table)
    row: dict[str, Scalar] = {}
    found: list[Finding] = []
    for place, column in enumerate(columns):
        typed = line[place] if place < len(line) else ""
        if column.when is not None and not column.when.holds(row):
            continue
        value, remarks = read_cell(column, typed or column.default)
        found += [_at(one, column.label) for one in remarks]
        if value is not None:
            row[column.id] = value
        elif column.required and not remarks:
            found.append(_at(error("required", label=column.label.vi), column.label))
    return row, found


def _repeated(columns: tuple[Field, ...], rows: Mapping[int, Mapping[str, Scalar]]) -> Iterator[Finding]:
    for column in columns:
        if column.unique:
            count = Counter(row[column.id] for row in rows.values() if column.id in row)
            for number, row in rows.items():
                value = row.get(column.id)
                if value is not None and count[value] > 1:
                    yield replace(_at(error("repeated", value=str(value)), column.label), row=number)


def _too_many_or_few(field: Field, count: int) -> Iterator[Finding]:
    if field.minimum is not None and 0 < count < field.minimum:
        yield error("rows_at_least", low=str(field.minimum))
    if field.maximum is not None and count > field.maximum:
        yield error("rows_at_most", high=str(field.maximum), count=str(count))


def _at(finding: Finding, column: Text) -> Finding:
    return replace(finding, column=column)
