"""The rows of a table while it is edited: immutable, so that what was there can come back."""

from __future__ import annotations

import csv
from itertools import dropwhile

from kernel.api.tables import cells
from kernel.api.text import nfc

Row = tuple[str, ...]
Rows = tuple[Row, ...]


def rows_of(text: str) -> Rows:
    """Return the rows a table's typed text holds; lines without anything are left out."""
    return tuple(tuple(line) for line in cells(text))


def text_of(rows: Rows) -> str:
    """Return the typed text of these rows; empty ones are left out."""
    return "\n".join("\t".join(row).rstrip("\t") for row in rows if not is_blank(row))


def is_blank(row: Row) -> bool:
    """Return whether nothing stands in the row."""
    return not any(cell.strip() for cell in row)


def numbers(rows: Rows) -> list[int]:
    """Return the number of each row as findings count them, 0 for an empty one."""
    counted = 0
    found = []
    for row in rows:
        counted += not is_blank(row)
        found.append(0 if is_blank(row) else counted)
    return found


def cell_at(rows: Rows, row: int, place: int) -> str:
    """Return what stands in a cell, an empty text beyond the end of its row."""
    return rows[row][place] if place < len(rows[row]) else ""


def with_cell(rows: Rows, row: int, place: int, text: str) -> Rows:
    """Return the rows with another text in one cell."""
    if cell_at(rows, row, place) == text:
        return rows
    old = rows[row] + ("",) * (place + 1 - len(rows[row]))
    return (*rows[:row], (*old[:place], text, *old[place + 1 :]), *rows[row + 1 :])


def inserted(rows: Rows, row: int) -> Rows:
    """Return the rows with an empty one before place `row`."""
    return (*rows[:row], (), *rows[row:])


def removed(rows: Rows, row: int) -> Rows:
    """Return the rows without one of them; an empty row is left where it was the only one."""
    return (*rows[:row], *rows[row + 1 :]) or ((),)


def moved(rows: Rows, row: int, by: int) -> Rows:
    """Return the rows with row `row` `by` places further down."""
    rest = rows[:row] + rows[row + 1 :]
    return (*rest[: row + by], rows[row], *rest[row + by :])


def filled(rows: Rows, row: int, place: int, block: list[list[str]]) -> Rows:
    """Return the rows with a pasted block written from one cell on to the right and down."""
    for down, line in enumerate(block):
        if row + down == len(rows):
            rows = (*rows, ())
        for right, text in enumerate(line):
            rows = with_cell(rows, row + down, place + right, text)
    return rows


def pasted_block(text: str) -> list[list[str]]:
    """Return the cells of what was pasted, line by line; empty lines at the end are left out.

    Spreadsheets put a cell with a line break in quotes; such a cell becomes one line.
    """
    lines = nfc(text).splitlines(keepends=True)
    if any(cell.startswith('"') for line in lines for cell in line.split("\t")) and text.count('"') % 2 == 0:
        split = list(csv.reader(lines, delimiter="\t"))
    else:
        split = [line.split("\t") for line in lines]
    block = [[" ".join(cell.split()) for cell in line] or [""] for line in split]
    return list(dropwhile(lambda line: not any(line), reversed(block)))[::-1]
