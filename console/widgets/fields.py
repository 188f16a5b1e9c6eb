"""Fields of one row: text that stays NFC, and secrets that never leave the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual.message import Message
from textual.widgets import Input

from console.scanner import card_at_end
from console.table_rows import pasted_block
from kernel.api.text import nfc

if TYPE_CHECKING:
    from textual import events
    from textual.widget import Widget

    from console.app import ConsoleApp


class TextField(Input):
    """A compact field. What it holds is always NFC, whatever the keyboard or the clipboard sends."""

    DEFAULT_CSS = """
    TextField { height: 1; background: $panel; color: $foreground; }
    TextField:focus { background: $chosen; background-tint: $foreground 0%; }
    """

    class Left(Message):
        """The clerk left the field."""

        def __init__(self, field: Widget) -> None:
            super().__init__()
            self.field = field

    class Entered(Message):
        """The clerk pressed Enter in the field."""

        def __init__(self, field: TextField) -> None:
            super().__init__()
            self.field = field

    class PastedLines(Message):
        """Several lines or cells were pasted: they are meant for this field and those after it."""

        def __init__(self, field: TextField, block: list[list[str]]) -> None:
            super().__init__()
            self.field = field
            self.block = block

    def __init__(self, value: str = "", **settings: Any) -> None:
        super().__init__(nfc(value), compact=True, validate_on=(), **{"select_on_focus": False, **settings})
        self.cursor_blink = False

    def replace(self, text: str, start: int, end: int) -> None:
        start, end = sorted((max(0, start), min(len(self.value), end)))
        before = nfc(self.value[:start] + text)
        value = nfc(before + self.value[end:])
        if value == self.value and not text:
            return
        self.value = value
        self.cursor_position = min(len(before), len(value))

    async def action_submit(self) -> None:
        if not self.give_back_scan():
            self.post_message(self.Entered(self))

    def rewrite(self, value: str) -> None:
        """Put another text into the field, the cursor behind it."""
        self.value = value
        self.cursor_position = len(self.value)

    def on_focus(self) -> None:
        self.scroll_to(x=self._cursor_offset, animate=False)

    def on_blur(self) -> None:
        self.give_back_scan()
        self.scroll_to(x=0, animate=False)
        self.post_message(self.Left(self))

    def give_back_scan(self) -> bool:
        """Take a card scanned too slowly to be noticed out of the field again; return whether there was one."""
        if "|" not in self.value or (found := card_at_end(self.value)) is None:
            return False
        self.value, scan = found
        cast("ConsoleApp", self.app).take_scan(scan)
        return True

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        block = pasted_block(event.text)
        if len(block) > 1 or any(len(line) > 1 for line in block):
            self.post_message(self.PastedLines(self, block))
        elif block:
            self.replace(block[0][0], *self.selection)

    def watch_value(self, value: str) -> None:
        """Keep the value NFC when it is set from outside too."""
        if (composed := nfc(value)) != value:
            self.value = composed


class SecretField(TextField):
    """A PIN or a password: shown as dots, never copied, gone when the field is left or used."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(password=True, **settings)

    def take(self) -> str:
        """Return what was typed and forget it."""
        secret = self.value
        self.value = ""
        return secret

    def on_blur(self) -> None:
        self.value = ""
        super().on_blur()

    @property
    def selected_text(self) -> str:
        return ""

    def action_copy(self) -> None:
        """Do nothing: a secret is not for the clipboard."""

    def action_cut(self) -> None:
        """Do nothing: a secret is not for the clipboard."""

    def __rich_repr__(self) -> Any:
        yield "id", self.id
