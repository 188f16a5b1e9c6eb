"""What is computed from a table while it is typed: columns of its rows, totals of the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.table_rows import is_blank
from kernel.api.forms import read_row, result
from kernel.api.formulas import names
from kernel.api.reading import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from console.table_rows import Rows
    from console.words import Words
    from kernel.api.fields import Field, Scalar, Value


def row_values(table: Field, rows: Rows, answers: Mapping[str, Value]) -> list[Mapping[str, Scalar]]:
    """Return what stands in each row so far, by column."""
    return [{} if is_blank(row) else read_row(table, row, answers) for row in rows]


def with_unit(field: Field, value: Value) -> str:
    """Return the value as it is shown, its unit behind it."""
    return f"{shown(field, value)} {field.unit}".rstrip()


def totals(
    table: Field,
    values: Sequence[Mapping[str, Scalar]],
    fields: Iterable[Field],
    answers: Mapping[str, Value],
    words: Words,
) -> list[str]:
    """Return label and result of each computed field that looks at the table.

    A row that can't be counted yet is left out of the sum, and how many were counted is said.
    """
    counted = tuple(row for row in values if row)
    known: dict[str, Value] = {**answers, table.id: counted}
    found = []
    for field in fields:
        columns = _columns_asked(field, table)
        if not columns or (value := result(field, known)) is None:
            continue
        known[field.id] = value
        full = sum(all(column in row for column in columns) for row in counted)
        if not full:
            continue
        text = f"{field.label(words.language)}: {with_unit(field, value)}"
        if full < len(counted):
            text = words("table.partly", text=text, full=full, count=len(counted))
        found.append(text)
    return found


def _columns_asked(field: Field, table: Field) -> frozenset[str]:
    """Return the columns of the table the field's formula looks at."""
    asked = names(field.formula) if field.formula else frozenset[str]()
    start = f"{table.id}."
    return frozenset(name.removeprefix(start) for name in asked if name.startswith(start))
