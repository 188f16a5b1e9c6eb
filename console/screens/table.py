"""The rows of a table as a whole: added, moved, deleted, pasted from a spreadsheet, filled by a card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding

from console import table_rows
from console.screens.cells import CellsScreen
from console.screens.choose import choose, field_options
from kernel.api.fields import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from console.screens.cells import Kept
    from console.widgets.fields import TextField

_FROM_CARD = {Kind.CITIZEN_ID: "so_giay_to", Kind.NAME: "ten_khach_hang"}
"""Where a scanned card goes in columns that have no field's name of it: its number and its name."""


class TableScreen(CellsScreen):
    """The editor of a table."""

    HERE: ClassVar[tuple[str, ...]] = ("help", "new", "choices", "check", "back")
    BINDINGS: ClassVar[list[Any]] = [
        Binding("ctrl+up", "move_row(-1)", show=False),
        Binding("ctrl+down", "move_row(1)", show=False),
        Binding("ctrl+y", "delete_row", show=False),
        Binding("ctrl+z", "undo", show=False),
    ]

    def key_line(self) -> Iterable[tuple[str, str, str]]:
        """See Asking. The keys of rows stand before the last one."""
        *keys, back = super().key_line()
        yield from keys
        yield "Ctrl+D", self.words("table.key_copy"), "copy_above"
        yield "Ctrl+Y", self.words("table.key_delete"), "delete_row"
        yield back

    def commands(self) -> Iterable[tuple[str, Callable[[], None]]]:
        """See Asking."""
        yield self.words("table.row_above"), lambda: self._insert(self._row)
        yield self.words("table.row_below"), self.do_new
        yield self.words("table.row_delete"), self.action_delete_row
        yield self.words("table.row_up"), lambda: self.action_move_row(-1)
        yield self.words("table.row_down"), lambda: self.action_move_row(1)
        yield self.words("table.cell_copy"), self.action_copy_above
        yield self.words("table.undo"), self.action_undo
        yield self.words("table.redo"), self.redo

    def _keep_for_undo(self) -> None:
        self._leave_cell()
        self._keep(self.rows)

    def _insert(self, row: int) -> None:
        self._keep_for_undo()
        self._put(table_rows.inserted(self.rows, row))
        self._open_cell(row, 0)

    def do_new(self) -> None:
        """A new row below this one."""
        self._insert(self._row + 1)

    def action_delete_row(self) -> None:
        self._keep_for_undo()
        number = self._row + 1
        self._put(table_rows.removed(self.rows, self._row))
        self._open_cell(min(self._row, len(self.rows) - 1), self._place)
        self.say(self.words("table.row_deleted", row=number), "✓")

    def action_move_row(self, by: int) -> None:
        if 0 <= self._row + by < len(self.rows):
            self._keep_for_undo()
            self._put(table_rows.moved(self.rows, self._row, by))
            self._open_cell(self._row + by, self._place)

    def action_copy_above(self) -> None:
        """Take over what stands in the cell above and go on to the next."""
        if self._row:
            self.field.rewrite(table_rows.cell_at(self.rows, self._row - 1, self._place))
            self.action_to_cell(1)

    def action_undo(self) -> None:
        """Bring back what was there before the last change: of a cell, of rows, by a paste."""
        self._leave_cell()
        self._bring_back(self._before, self._after)

    def redo(self) -> None:
        """Do again what was undone last."""
        self._leave_cell()
        self._bring_back(self._after, self._before)

    def _bring_back(self, source: list[Kept], other: list[Kept]) -> None:
        if not source:
            self.say(self.words("table.nothing_to_undo"), "!")
            return
        other.append((self.rows, self._row, self._place))
        rows, row, place = source.pop()
        self._put(rows)
        self._open_cell(row, place)
        self.say(self.words("table.undone"), "✓")

    def on_text_field_pasted_lines(self, event: TextField.PastedLines) -> None:
        """Write what was pasted from the open cell on, to the right and down."""
        event.stop()
        self._keep_for_undo()
        self._put(table_rows.filled(self.rows, self._row, self._place, event.block))
        self._open_cell(self._row, self._place)
        self.say(self.words("table.pasted", count=len(event.block)), "✓")

    def take_scan(self, typed: Mapping[str, str]) -> bool:
        """Fill this row with the card, or a new one if another person stands in it."""
        places = self._places_of(typed)
        if not places:
            return False
        self._keep_for_undo()
        row = self._row
        if any(table_rows.cell_at(self.rows, row, place) not in ("", text) for place, text in places.items()):
            row = len(self.rows) - (1 if table_rows.is_blank(self.rows[-1]) else 0)
        rows = self.rows if row < len(self.rows) else (*self.rows, ())
        for place, text in places.items():
            rows = table_rows.with_cell(rows, row, place, text)
        self._put(rows)
        empty = [place for place in range(len(self._columns)) if not table_rows.cell_at(rows, row, place)]
        self._open_cell(row, empty[0] if empty else len(self._columns) - 1)
        self.say(self.words("scan.filled", count=len(places)), "✓")
        return True

    def _places_of(self, typed: Mapping[str, str]) -> dict[int, str]:
        """Return by typed column what of a scan belongs there."""
        found = {place: typed[column.id] for place, column in enumerate(self._columns) if column.id in typed}
        for kind, source in _FROM_CARD.items():
            places = [place for place, column in enumerate(self._columns) if column.kind is kind]
            if source in typed and places and typed[source] not in found.values():
                found.setdefault(places[0], typed[source])
        return found

    def do_choices(self) -> None:
        """The list of the column: its choices, or yes and no."""
        column = self._column(self._place)
        language = self.console_app.words.language
        options = field_options(column, language)
        if not options:
            self.say(self.words("form.no_choices"), "!")
            return

        def chosen(place: int) -> None:
            self.field.rewrite(options[place].title)
            self.action_to_cell(1)

        choose(self, column.label(language), options, chosen)
