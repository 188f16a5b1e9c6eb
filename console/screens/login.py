"""Signing in to the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from console.screens.base import DeskScreen
from console.widgets.fields import SecretField, TextField

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from console.desk import Staff


class LoginScreen(DeskScreen):
    NAME = "login"
    HERE: ClassVar[tuple[str, ...]] = ("help", "enter", "palette")
    AUTO_FOCUS = "#user"
    DEFAULT_CSS = """
    LoginScreen > .body { align: center middle; }
    LoginScreen #sheet { width: 60; height: auto; border: round $primary; padding: 1 2; }
    LoginScreen .row { height: 1; margin-top: 1; }
    LoginScreen .label { width: 16; height: 1; }
    LoginScreen .hint { margin-top: 1; height: auto; color: $muted; }
    """

    def body(self) -> Iterable[Widget]:
        sheet: list[Widget] = [Static(self.words("login.welcome"), markup=False)]
        for label, field in (("user", TextField(id="user")), ("password", SecretField(id="password"))):
            sheet.append(
                Horizontal(Static(self.words(f"login.{label}"), classes="label", markup=False), field, classes="row")
            )
        if self.console_app.practice_hint:
            sheet.append(Static(self.console_app.practice_hint, classes="hint", markup=False))
        return [Vertical(*sheet, id="sheet")]

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        event.stop()
        self.do_enter()

    def do_enter(self) -> None:
        """From the name to the password, from the password into the console."""
        user, password = self.query_one("#user", TextField), self.query_one("#password", SecretField)
        if self.focused is not password:
            self.set_focus(password)
            return
        if not user.value.strip() or not password.value:
            self.say(self.words("login.both"), "!")
            return
        name, secret = user.value.strip(), password.take()
        self.say(self.words("login.opening"))
        self.show_diagnosis(None)
        self.ask(lambda desk: desk.sign_in(name, secret), lambda staff: self._in(name, staff), hold=True)

    def signed_out(self, words: str) -> None:
        """Be ready for whoever comes next."""
        user = self.query_one("#user", TextField)
        user.value = ""
        self.set_focus(user)
        self.say(words, "✓")

    def _in(self, name: str, staff: Staff) -> None:
        self.say("")
        self.console_app.signed_in(name, staff)
