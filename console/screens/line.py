"""One line of words, or one secret, to go with a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.widgets import Static

from console.screens.base import Dialog
from console.widgets.fields import SecretField, TextField

if TYPE_CHECKING:
    from textual.app import ComposeResult


class LineScreen(Dialog[str | None]):
    """Dismisses with what was typed, None when it was put away. A secret is gone from the field at once."""

    NAME = "line"
    AUTO_FOCUS = "TextField"

    def __init__(self, title: str, hint: str, value: str = "", *, secret: bool = False) -> None:
        super().__init__()
        self._title, self._hint, self._value, self._secret = title, hint, value, secret

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield Static(self._hint, markup=False)
            yield SecretField() if self._secret else TextField(self._value)

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        event.stop()
        field = event.field
        typed = field.take() if isinstance(field, SecretField) else field.value.strip()
        if typed:
            self.dismiss(typed)

    def leave(self) -> None:
        self.dismiss(None)
