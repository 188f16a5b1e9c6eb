"""A part of the screen that scrolls but leaves the arrow keys to what stands in it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll


class Sheet(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Scrolls with PgUp and PgDn and follows the focus; the arrows go to the screen."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
    ]
