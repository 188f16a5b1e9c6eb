"""What the customer will read, taken from the very bytes of the PDF, with the filled-in values marked."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import pypdfium2
import pypdfium2.raw as pdfium

from kernel.api.text import nfc
from kernel.documents.errors import NotReadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kernel.documents.drawing import PlacedValue

COLUMN = 5.6
"""Width in points that one column of the text view stands for: about a letter of 13 pt Times."""
MARGIN = 70.0
"""Left edge of the text view, in points from the page's edge."""
WORD_GAP = 1.2
"""Letters further apart (points) are different words, space or not."""
SAME_LINE = 7.0
"""Letters whose baselines differ by less (points) stand on one line, raised footnote numbers included."""
PARAGRAPH_GAP = 28.0
"""Baselines further apart (points) are shown with an empty line between."""
NEAR = 1.5
"""How exactly (points) the place of a value is known."""
SOFT_HYPHENS = {"\x02": "-", "\ufffe": "-"}
"""What PDFium puts for a hyphen at the end of a line."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of preview text; `value` is True where the words came from the dossier."""

    text: str
    value: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of a page: its left and right edge and its baseline, in points from the page's top-left corner."""

    text: str
    left: float
    right: float
    line: float


def read_pages(pdf: bytes) -> tuple[tuple[Letter, ...], ...]:
    """Return the letters of each page in the order of the content stream, spaces included. Raises NotReadable."""
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as problem:
        raise NotReadable(detail=str(problem)) from problem
    try:
        return tuple(tuple(_letters(document[index])) for index in range(len(document)))
    finally:
        document.close()


def page_size(pdf: bytes, page: int) -> tuple[float, float]:
    """Return width and height in points of a page (from 1). Raises NotReadable."""
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            width, height = document.get_page_size(page - 1)
    except pypdfium2.PdfiumError as problem:
        raise NotReadable(detail=str(problem)) from problem
    return float(width), float(height)


def mark(pages: Sequence[Sequence[Letter]], placed: Sequence[PlacedValue]) -> tuple[tuple[tuple[Span, ...], ...], ...]:
    """Return pages of lines of spans, the letters of every placed value marked.

    A value broken over lines or pages is marked on each. Lines stand as on paper: columns side by side.
    """
    values = _value_letters(pages, placed)
    return tuple(
        tuple(_line([(letter, (number, index) in values) for index, letter in line]) for line in _lines(page))
        for number, page in enumerate(pages)
    )


def _letters(page: pypdfium2.PdfPage) -> Iterator[Letter]:
    height = page.get_height()
    text = page.get_textpage()
    box = pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    for index in range(text.count_chars()):
        if pdfium.FPDFText_IsGenerated(text, index) == 1:
            continue
        code = pdfium.FPDFText_GetUnicode(text, index)
        letter = chr(code)
        pdfium.FPDFText_GetCharOrigin(text, index, x, y)
        pdfium.FPDFText_GetLooseCharBox(text, index, box)
        yield Letter(SOFT_HYPHENS.get(letter, letter), x.value, box.right, height - y.value)


def _value_letters(pages: Sequence[Sequence[Letter]], placed: Sequence[PlacedValue]) -> set[tuple[int, int]]:
    """Return (page, index) of every letter that belongs to a value, the spaces between its words included."""
    inked = [[index for index, one in enumerate(page) if not one.text.isspace()] for page in pages]
    found: set[tuple[int, int]] = set()
    for value in placed:
        wanted = "".join(nfc(value.text).split())
        page = value.page - 1
        starts = ((_distance(pages[page][index], value), at) for at, index in enumerate(inked[page]))
        for _, at in sorted((distance, at) for distance, at in starts if distance is not None):
            match = _follow(pages, inked, page, at, wanted)
            if match:
                found.update(match)
                break
    return found


def _distance(letter: Letter, value: PlacedValue) -> int | None:
    """Return how well `letter` stands where the value begins: 0 exactly there, None not at all.

    A value that opens a table cell is placed by the top of its line, and one that opens a line by the end of the line
    before it.
    """
    below = letter.line - value.y
    beside = letter.left - value.x
    if abs(below) < NEAR:
        return 0 if abs(beside) < NEAR else None
    if 0 < below < PARAGRAPH_GAP:
        return 1 if abs(beside) < NEAR else 2
    return None


def _follow(
    pages: Sequence[Sequence[Letter]], inked: Sequence[Sequence[int]], page: int, start: int, wanted: str
) -> set[tuple[int, int]]:
    """Return the places of `wanted` if it stands from letter `start` of the page on, else nothing."""
    here = inked[page][start : start + len(wanted)]
    read = "".join(pages[page][index].text for index in here)
    if read == wanted:
        return _between(page, here)
    if start + len(wanted) <= len(inked[page]) or page + 1 == len(pages) or not wanted.startswith(read):
        return set()
    # the value goes on overleaf, behind the page number that stands above the text
    rest = wanted[len(read) :]
    for skipped in range(5):
        more = inked[page + 1][skipped : skipped + len(rest)]
        if "".join(pages[page + 1][index].text for index in more) == rest:
            return _between(page, here) | _between(page + 1, more)
    return set()


def _between(page: int, places: Sequence[int]) -> set[tuple[int, int]]:
    return {(page, index) for index in range(places[0], places[-1] + 1)}


def _lines(page: Sequence[Letter]) -> Iterator[list[tuple[int, Letter]]]:
    """Return the letters of each printed line with their index, from top to bottom and left to right."""
    rows: list[tuple[float, list[tuple[int, Letter]]]] = []
    for line, run in groupby(enumerate(page), key=lambda one: round(one[1].line, 1)):
        row = next((row for row in reversed(rows) if abs(row[0] - line) < SAME_LINE), None)
        if row is None:
            row = (line, [])
            rows.append(row)
        row[1].extend(run)
    rows.sort(key=lambda row: row[0])
    for (above, _), (line, letters) in pairwise([(0.0, []), *rows]):
        if above and line - above > PARAGRAPH_GAP:
            yield []
        yield sorted(letters, key=lambda one: one[1].left)


def _line(letters: Sequence[tuple[Letter, bool]]) -> tuple[Span, ...]:
    """Return the spans of one line: gaps as spaces, so that columns stand under each other."""
    inked = [one for one, (letter, _) in enumerate(letters) if not letter.text.isspace()]
    runs: list[tuple[str, bool]] = []
    column, edge = 0, MARGIN
    for letter, value in letters[: inked[-1] + 1] if inked else ():
        gap = letter.left - edge
        if not runs or gap > 2 * COLUMN:
            spaces = max(round((letter.left - MARGIN) / COLUMN) - column, 2 if runs else 0)
        else:
            spaces = 1 if gap > WORD_GAP and not letter.text.isspace() and not runs[-1][0].isspace() else 0
        runs.append((" " * spaces, value and bool(runs) and runs[-1][1] and gap <= 2 * COLUMN))
        runs.append((" " if letter.text.isspace() else letter.text, value))
        column += spaces + 1
        edge = letter.right
    grouped = groupby((run for run in runs if run[0]), key=lambda run: run[1])
    return tuple(Span("".join(text for text, _ in run), value) for value, run in grouped)
