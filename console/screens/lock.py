"""The lock: everything hidden until the same clerk's password is typed; nothing underneath is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from console.screens.base import DeskScreen
from console.widgets.fields import SecretField, TextField

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from console.desk import Desk, Staff


class LockScreen(DeskScreen):
    NAME = "lock"
    HERE: ClassVar[tuple[str, ...]] = ("help", "enter")
    AUTO_FOCUS = "SecretField"
    DEFAULT_CSS = """
    LockScreen > .body { align: center middle; }
    LockScreen #sheet { width: 60; height: auto; border: round $primary; padding: 1 2; }
    LockScreen .row { height: 1; margin-top: 1; }
    LockScreen .label { width: 16; height: 1; }
    """

    def __init__(self, user: str, name: str, put_away: Callable[[Desk], None]) -> None:
        """`put_away` keeps the drafts and signs out; it runs once the screen is covered."""
        super().__init__()
        self._user = user
        self._name = name
        self._put_away = put_away

    def on_mount(self) -> None:
        super().on_mount()
        self.ask(self._put_away, lambda _nothing: None, hold=True)

    def body(self) -> Iterable[Widget]:
        label = Static(self.words("login.password"), classes="label", markup=False)
        yield Vertical(
            Static(self.words("lock.text", name=self._name), markup=False),
            Horizontal(label, SecretField(), classes="row"),
            id="sheet",
        )

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        event.stop()
        self.do_enter()

    def do_enter(self) -> None:
        """Try the password."""
        secret = self.query_one(SecretField).take()
        if not secret:
            return
        user = self._user
        self.show_diagnosis(None)
        self.ask(lambda desk: desk.sign_in(user, secret), self._unlocked, hold=True)

    def _unlocked(self, staff: Staff) -> None:
        self.console_app.staff = staff
        self.dismiss()

    def do_palette(self) -> None:
        """Nothing but the password opens the lock."""

    def leave(self) -> None:
        """Esc does not open the lock."""
