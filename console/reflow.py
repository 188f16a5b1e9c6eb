"""The text of a printed page on a screen narrower than the page: prose flows on, columns move together."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

from console.desk import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Line = tuple[Span, ...]

_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_LABEL = re.compile(r"\s*[^\W\d_][^.,;:]{0,40}:")
"""What begins so is a line of its own: Điện thoại: …"""
_FULL = 0.8
"""A line of prose that fills so much of the longest is followed by the rest of its sentence."""
_INDENT = "  "
MARKS = 2
"""Cells that « and » take beside what was filled in."""


def reflow(lines: Sequence[Line], width: int) -> list[Line]:
    """Return the lines of a page for `width` cells. A page all of whose lines fit stays as it is printed.

    A line of prose goes on in the next one unless that begins further right, as a paragraph does. What stands in
    columns keeps at least two spaces between them; what still does not fit is left for the screen to wrap.
    """
    if all(_cells(line) <= width for line in lines):
        return list(lines)
    prose = [line for line in lines if _is_prose(line)]
    longest = max((_cells(line) for line in prose), default=0)
    edge = min((_indent(line) for line in prose if _cells(line) >= _FULL * longest), default=0)
    return [_squeezed(line, width) for line in _joined(lines, edge, int(_FULL * longest))]


def _joined(lines: Iterable[Line], edge: int, full: int) -> Iterator[Line]:
    waiting: Line | None = None
    goes_on = False
    for line in lines:
        prose = _is_prose(line)
        if waiting is not None and goes_on and prose and _indent(line) <= edge and not _LABEL.match(_text(line)):
            following = _stripped(line)
            waiting = (*waiting, Span(" ", waiting[-1].value and following[0].value), *following)
        else:
            if waiting is not None:
                yield waiting
            starts = prose and _cells(line) >= full
            waiting = (Span(_INDENT, value=False), *_stripped(line)) if starts else line
        goes_on = prose and _cells(line) >= full
    if waiting is not None:
        yield waiting


def _squeezed(line: Line, width: int) -> Line:
    """Return a line of columns with its gaps narrowed, the widest first, until it fits or all are two spaces."""
    over = _cells(line) - width
    if over <= 0 or _is_prose(line):
        return line
    line = (replace(line[0], text=_INDENT + line[0].text.lstrip()), *line[1:]) if _indent(line) > 2 else line
    while (over := _cells(line) - width) > 0:
        widest = max((len(gap.group()), place) for place, span in enumerate(line) for gap in _gaps(line, place))
        if widest[0] <= 2:
            break
        size, place = widest
        less = max(2, size - over)
        text = line[place].text.replace(" " * size, " " * less, 1)
        line = (*line[:place], replace(line[place], text=text), *line[place + 1 :])
    return line


def _gaps(line: Line, place: int) -> list[re.Match[str]]:
    """Return the gaps between columns in a span; at its ends too, where other spans stand beside it."""
    text = line[place].text
    found = list(re.finditer(r" {2,}", text))
    first, last = place == 0, place == len(line) - 1
    return [gap for gap in found if not (first and gap.start() == 0) and not (last and gap.end() == len(text))]


def _is_prose(line: Line) -> bool:
    text = _text(line).strip()
    return bool(text) and _GAP.search(text) is None


def _indent(line: Line) -> int:
    text = _text(line)
    return len(text) - len(text.lstrip())


def _stripped(line: Line) -> Line:
    """Return the line without its indent, which may be a span of its own."""
    first, *rest = line
    text = first.text.lstrip()
    return _stripped(tuple(rest)) if not text and rest else (replace(first, text=text), *rest)


def _text(line: Line) -> str:
    return "".join(span.text for span in line)


def _cells(line: Line) -> int:
    return sum(cell_len(span.text) + MARKS * span.value for span in line)
