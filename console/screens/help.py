"""Help for what has the focus, and the keys that work here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from console.keys import CAPS
from console.screens.base import Dialog

if TYPE_CHECKING:
    from textual.app import ComposeResult


class HelpScreen(Dialog[None]):
    """A title, a text, and the whole key map."""

    NAME = "help"
    DEFAULT_CSS = """
    HelpScreen VerticalScroll { height: auto; max-height: 18; }
    HelpScreen .keys { color: $muted; margin-top: 1; }
    """

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        keys = [f"{cap:<4} {self.words(f'help.{key}')}" for key, cap in CAPS.items()]
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            with VerticalScroll():
                yield Static(self._text, markup=False)
                yield Static("\n".join(keys), classes="keys", markup=False)

    def do_help(self) -> None:
        self.leave()

    def do_palette(self) -> None:
        """No palette over the help."""
