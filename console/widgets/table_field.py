"""What stands in a form's row where nothing is typed: a table in one line, a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from console.table_rows import filled, pasted_block, rows_of, text_of
from console.widgets.fields import TextField
from kernel.api.text import nfc

if TYPE_CHECKING:
    from textual import events


class TableField(Widget, can_focus=True):
    """A table in one line: how many rows, totals, the first words. Enter opens it; a paste adds its lines."""

    BINDINGS: ClassVar[list[Any]] = [Binding("enter", "open", show=False)]
    DEFAULT_CSS = """
    TableField { height: 1; width: 1fr; background: $panel; color: $foreground; }
    TableField:focus { background: $chosen; text-style: bold; }
    """

    class Opened(Message):
        """The clerk wants to see the rows. `key` is what she typed to say so, empty for Enter."""

        def __init__(self, field: TableField, key: str = "") -> None:
            super().__init__()
            self.field = field
            self.key = key

    class Changed(Message):
        """The table holds other rows. `added` is how many were pasted into it."""

        def __init__(self, field: TableField, added: int = 0) -> None:
            super().__init__()
            self.field = field
            self.added = added

    def __init__(self, value: str, **settings: Any) -> None:
        super().__init__(**settings)
        self.value = nfc(value)
        self._summary = ""

    def rewrite(self, value: str, added: int = 0) -> None:
        """Put other rows into the table."""
        if (value := nfc(value)) != self.value:
            self.value = value
            self.post_message(self.Changed(self, added))

    def show(self, summary: str) -> None:
        """Show the table in these words."""
        if summary != self._summary:
            self._summary = summary
            self.refresh()

    def render(self) -> Content:
        return Content(self._summary).truncate(max(1, self.size.width), ellipsis=True)

    def action_open(self) -> None:
        self.post_message(self.Opened(self))

    def on_click(self) -> None:
        self.action_open()

    def on_key(self, event: events.Key) -> None:
        """Open the table for what is typed into its row."""
        if event.is_printable and event.character and not event.character.isspace():
            event.stop()
            self.post_message(self.Opened(self, event.character))

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        block = pasted_block(event.text)
        rows = rows_of(self.value)
        if block:
            self.rewrite(text_of(filled(rows, len(rows), 0, block)), len(block))

    def on_blur(self) -> None:
        self.post_message(TextField.Left(self))


class ComputedField(Widget):
    """A result: shown, never typed."""

    DEFAULT_CSS = """
    ComputedField { height: 1; width: 1fr; color: $foreground; }
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.value = ""

    def rewrite(self, value: str) -> None:
        """Show another result."""
        if value != self.value:
            self.value = value
            self.refresh()

    def render(self) -> Content:
        return Content(f"= {self.value}" if self.value else "= …")
