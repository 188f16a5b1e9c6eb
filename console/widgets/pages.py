"""A table over pages of a query: it draws only the lines one sees and never holds the whole list."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from textual import events

Row = TypeVar("Row")
PAGE = 100
_KEPT = 8
"""Pages held: about a screen up and down from where one is, and where one was."""


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column: at least `width` cells, `share` of what is left over, shown from `from_width` cells on."""

    title: str
    width: int
    text: Callable[[Row], str]
    share: int = 0
    from_width: int = 0


def fitted(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, with … where it was cut."""
    text = " ".join(text.split())
    if cell_len(text) > width:
        return set_cell_size(text, max(0, width - 1)) + "…"
    return set_cell_size(text, width)


class PagedTable(ScrollView, Generic[Row], can_focus=False):
    """Rows of a query. It asks for a page by the message `Wanted`; the screen answers with `put`."""

    COMPONENT_CLASSES = {"pages--head", "pages--chosen", "pages--late", "pages--waiting"}  # noqa: RUF012 - Textual's
    DEFAULT_CSS = """
    PagedTable { height: 1fr; background: $background; color: $foreground; overflow-x: hidden; }
    PagedTable > .pages--head { color: $muted; text-style: bold; }
    PagedTable > .pages--chosen { background: $chosen; color: $foreground; text-style: bold; }
    PagedTable > .pages--late { color: $error; }
    PagedTable > .pages--waiting { color: $muted; }
    """

    class Wanted(Message):
        """A page that is seen and not held."""

        def __init__(self, page: int) -> None:
            super().__init__()
            self.page = page

    class Moved(Message):
        """Another row is chosen, or what it holds has changed."""

    class Opened(Message):
        """The chosen row was clicked once more."""

    def __init__(self, columns: Sequence[Column[Row]], mark: Callable[[Row], str]) -> None:
        """`mark` gives the component class of a row, empty for plain."""
        super().__init__()
        self._columns = tuple(columns)
        self._mark = mark
        self.empty = ""
        """Shown when there are no rows."""
        self._pages: OrderedDict[int, tuple[Row, ...]] = OrderedDict()
        self._wanted: set[int] = set()
        self.total: int | None = None
        self.cursor = 0

    @property
    def chosen(self) -> Row | None:
        """The row under the cursor, None while it is not here."""
        page, line = divmod(self.cursor, PAGE)
        rows = self._pages.get(page, ())
        return rows[line] if line < len(rows) else None

    @property
    def held(self) -> Iterator[Row]:
        """The rows that are here, in order."""
        for page in sorted(self._pages):
            yield from self._pages[page]

    def forget(self, *, to_top: bool = False) -> None:
        """Ask for everything anew; what is seen stays until the answer is here."""
        self._wanted.clear()
        if to_top:
            self.to_top()
        self._want(self.cursor // PAGE)

    def to_top(self) -> None:
        """Put cursor and view on the first row."""
        self.cursor = 0
        self.scroll_to(y=0, animate=False)

    def put(self, page: int, rows: Sequence[Row], total: int, *, fresh: bool = False) -> None:
        """Take an answer. `fresh` drops the other pages: the query has changed."""
        self._wanted.discard(page)
        if fresh:
            self._pages.clear()
        self._pages[page] = tuple(rows)
        self._pages.move_to_end(page)
        while len(self._pages) > _KEPT:
            self._pages.popitem(last=False)
        self.total = total
        self.virtual_size = Size(self.size.width, total + 1)
        self.cursor = min(self.cursor, max(0, total - 1))
        self.refresh()
        self.post_message(self.Moved())

    def move(self, rows: int) -> None:
        """Move the cursor by `rows`, and the view with it."""
        if not self.total:
            return
        self.cursor = max(0, min(self.total - 1, self.cursor + rows))
        self._show_cursor()
        self._want(self.cursor // PAGE)
        self.refresh()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, (self.total or 0) + 1)
        self._show_cursor()

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Keep the chosen row in sight when the wheel or the scroll bar moves the view: Enter opens what one sees."""
        super().watch_scroll_y(old, new)
        first, lines = int(new), self._lines
        if not self.total or lines < 1:
            return
        cursor = max(first, min(first + lines - 1, self.cursor, self.total - 1))
        if cursor != self.cursor:
            self.cursor = cursor
            self._want(cursor // PAGE)
            self.post_message(self.Moved())

    @property
    def _lines(self) -> int:
        """How many rows are in sight below the head."""
        return self.size.height - 1

    def _show_cursor(self) -> None:
        top = self.scroll_offset.y
        wanted = max(min(top, self.cursor), self.cursor - self._lines + 1)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        row = event.y - 1 + self.scroll_offset.y
        if self.total and 0 <= row < self.total and event.y > 0:
            if row == self.cursor:
                self.post_message(self.Opened())
            else:
                self.move(row - self.cursor)

    def _want(self, page: int) -> None:
        if page not in self._wanted:
            self._wanted.add(page)
            self.post_message(self.Wanted(page))

    def _widths(self) -> list[tuple[Column[Row], int]]:
        room = self.size.width - 1
        shown = [column for column in self._columns if column.from_width <= self.size.width]
        spare = max(0, room - sum(column.width + 1 for column in shown))
        shares = sum(column.share for column in shown) or 1
        return [(column, column.width + spare * column.share // shares) for column in shown]

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            head = " " + " ".join(fitted(column.title, cells) for column, cells in self._widths())
            return Strip([Segment(set_cell_size(head, width), self.get_component_rich_style("pages--head"))])
        row = y - 1 + self.scroll_offset.y
        if self.total is None or row >= self.total:
            text = self.empty if self.total == 0 and y == 2 else ""
            return Strip([Segment(set_cell_size(f"  {text}", width), self.rich_style)])
        page, line = divmod(row, PAGE)
        rows = self._pages.get(page)
        if rows is None or line >= len(rows):
            self.call_later(self._want, page)
            return Strip([Segment(set_cell_size("  …", width), self.get_component_rich_style("pages--waiting"))])
        found = rows[line]
        text = ("▶" if row == self.cursor else " ") + " ".join(
            fitted(column.text(found), cells) for column, cells in self._widths()
        )
        mark = "pages--chosen" if row == self.cursor else self._mark(found)
        style = self.get_component_rich_style(mark) if mark else self.rich_style
        return Strip([Segment(set_cell_size(text, width), style)])
