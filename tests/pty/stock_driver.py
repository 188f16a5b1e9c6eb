"""Stock Textual fields in a plain app, with the same two keys as the console's driver: what is to be compared."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

if TYPE_CHECKING:
    from textual.app import ComposeResult

VALUES = Path(sys.argv[1])
NAMES = ("field-so_giay_to", "field-ten_khach_hang", "field-ngay_sinh")


class Form(Screen[None]):
    def compose(self) -> ComposeResult:
        yield from (Input(id=name) for name in NAMES)

    def on_input_submitted(self) -> None:
        self.focus_next()


class Stock(App[None]):
    BINDINGS: ClassVar = [
        Binding("ctrl+o", "write_values"),
        Binding("ctrl+g", "empty"),
        Binding("f2", "form"),
        Binding("f3", "close"),
    ]

    def compose(self) -> ComposeResult:
        yield Input(id="start")

    def action_form(self) -> None:
        self.push_screen(Form())

    def action_close(self) -> None:
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def action_write_values(self) -> None:
        fields = {field.id: field.value for field in self.screen.query(Input)}
        facts = {"screen": type(self.screen).__name__, "fields": fields, "focused": getattr(self.focused, "id", None)}
        new = VALUES.with_suffix(".new")
        new.write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
        new.replace(VALUES)

    def action_empty(self) -> None:
        for field in self.screen.query(Input):
            field.value = ""
        self.screen.set_focus(self.screen.query(Input).first())


if __name__ == "__main__":
    Stock().run()
