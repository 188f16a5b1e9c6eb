"""Plain lines to read: about this machine, for support; and the practice branch's messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.widgets import Static

from console.screens.base import DeskScreen
from console.written import clock_text
from kernel.api.identifiers import show_phone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from textual.widget import Widget


class LinesScreen(DeskScreen):
    """A screen of lines; `do_refresh` of the screen itself asks for them, F5 anew."""

    HERE: ClassVar[tuple[str, ...]] = ("help", "refresh", "palette", "back")
    AUTO_FOCUS = "VerticalScroll"
    DEFAULT_CSS = "LinesScreen VerticalScroll { padding: 0 1; }"

    def body(self) -> Iterable[Widget]:
        yield VerticalScroll(Static(id="lines", markup=False))

    def show_lines(self, lines: Sequence[str]) -> None:
        """Show these lines, or that there are none."""
        self.query_one("#lines", Static).update("\n".join(lines) or self.words(f"{self.NAME}.empty"))


class InfoScreen(LinesScreen):
    """What support asks for over the phone."""

    NAME = "info"

    def on_mount(self) -> None:
        super().on_mount()
        self.do_refresh()

    def do_refresh(self) -> None:
        self.ask(lambda desk: desk.facts(), self._show)

    def _show(self, facts: Sequence[tuple[str, str]]) -> None:
        width = max((len(name) for name, _ in facts), default=0)
        self.show_lines([f"{name:<{width}}  {value}" for name, value in facts])


class InboxScreen(LinesScreen):
    """What the customers' phones received in a practice branch, newest first."""

    NAME = "inbox"

    def on_mount(self) -> None:
        super().on_mount()
        self.do_refresh()
        self.set_interval(2, self.do_refresh)

    def do_refresh(self) -> None:
        self.ask(lambda desk: desk.practice_inbox(), self._show)

    def _show(self, messages: Sequence[tuple[datetime, str, str]]) -> None:
        newest = sorted(messages, key=lambda each: each[0], reverse=True)
        self.show_lines([f"{clock_text(at)}  {show_phone(phone)}\n   {text}" for at, phone, text in newest])
