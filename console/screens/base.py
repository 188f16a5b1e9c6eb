"""What all screens share: the frame, the key map, asking the desk in a worker thread, showing what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen, Screen

from console.keys import CAPS, KEYS
from console.widgets.frame import ErrorPanel, KeyLine, MessageLine, TopLine
from kernel.api.errors import Diagnosis, QuayDienError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.app import ComposeResult
    from textual.widget import Widget

    from console.app import ConsoleApp
    from console.desk import Desk

Answered = TypeVar("Answered")
Result = TypeVar("Result")


@dataclass
class Answer(Message):
    """What the desk answered to a question of a screen; the app hands it to the screen if it is still there."""

    asker: Asking[Any]
    group: str
    ticket: int
    value: Any
    error: Exception | None
    then: Callable[[Any], object]
    failed: Callable[[QuayDienError], None] | None
    held: bool


class Asking(Screen[Result]):
    """A screen that talks to the desk without ever waiting for it in the event loop."""

    BINDINGS: ClassVar[list[Any]] = [Binding(key.key, f"press('{key.id}')", id=key.id, show=False) for key in KEYS]
    HERE: ClassVar[tuple[str, ...]] = ("help", "palette", "back")
    """Ids of the keys that do something here, in the order of the key line; `enter` and `tab` may stand among them."""
    NAME: ClassVar[str] = ""
    """The area of the catalogue with this screen's words."""

    def __init__(self) -> None:
        super().__init__()
        self._tickets: dict[str, int] = {}

    @property
    def console_app(self) -> ConsoleApp:
        return cast("ConsoleApp", self.app)

    def words(self, key: str, **facts: object) -> str:
        return self.console_app.words(key, **facts)

    def ask(
        self,
        call: Callable[[Desk], Answered],
        then: Callable[[Answered], object],
        *,
        group: str = "desk",
        hold: bool = False,
        failed: Callable[[QuayDienError], None] | None = None,
    ) -> None:
        """Run `call` in a worker thread and `then` with its answer here; an older question of the group is dropped.

        `hold` keeps what is typed meanwhile for whatever `then` opens. Errors go to `failed`, by default the panel.
        """
        ticket = self._tickets[group] = self._tickets.get(group, 0) + 1
        app = self.console_app
        if hold:
            app.hold_keys()

        def work() -> None:
            value: Answered | None = None
            error: Exception | None = None
            try:
                value = call(app.desk.result())
            except Exception as found:  # noqa: BLE001 - sorted by the app: a person can act on it, or it is a crash
                error = found
            app.post_message(Answer(self, group, ticket, value, error, then, failed, hold))

        self.run_worker(work, group=group, thread=True, exclusive=True, exit_on_error=False)

    def still_asked(self, group: str, ticket: int) -> bool:
        """Return whether nothing newer was asked in this group."""
        return self._tickets.get(group) == ticket

    def say(self, text: str, sign: str = "") -> None:
        """Show one line of text; `sign` is `!` or `✓`."""
        for line in self.query(MessageLine):
            line.say(text, sign)

    def fail(self, error: QuayDienError) -> None:
        """Show what went wrong, why and what to do, until it is put away."""
        self.say("")
        self.show_diagnosis(error.diagnosis(self.console_app.words.language))

    def show_diagnosis(self, diagnosis: Diagnosis | None) -> None:
        """Show `diagnosis` in the error panel, or empty it."""
        for panel in self.query(ErrorPanel):
            panel.show(diagnosis)

    def key_line(self) -> Iterable[tuple[str, str, str]]:
        """Return (cap, words, action) of the keys that work here."""
        for key in self.HERE:
            cap = CAPS.get(key) or {"enter": "Enter", "tab": "Tab", "arrows": "↑↓"}[key]
            own = f"{self.NAME}.key_{key}"
            try:
                words = self.words(own)
            except KeyError:
                words = self.words(f"keys.{key}")
            yield cap, words, f"press('{key}')"

    def action_press(self, key: str) -> None:
        """Do what this key stands for, or say that it does nothing here."""
        self.console_app.touched()
        if key not in ("help", "palette", "back"):
            self.show_diagnosis(None)  # what went wrong before is over once something else is tried
        do = getattr(self, f"do_{key}", None)
        if do is None:
            self.say(self.words("keys.not_here", cap=CAPS.get(key, key)), "!")
        else:
            do()

    def do_help(self) -> None:
        from console.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(*self.help_text()))

    def help_text(self) -> tuple[str, str]:
        """Return title and text of the help for what has the focus."""
        return self.words(f"{self.NAME}.title"), self.words(f"{self.NAME}.help")

    def do_palette(self) -> None:
        from console.screens.palette import open_palette

        open_palette(self.console_app)

    def commands(self) -> Iterable[tuple[str, Callable[[], None]]]:
        """Return (title, action) of what this screen can do beside its keys, for the palette."""
        return ()

    def do_back(self) -> None:
        """Put the error away if one is shown, else leave the screen."""
        if any(panel.diagnosis for panel in self.query(ErrorPanel)):
            self.show_diagnosis(None)
        else:
            self.leave()

    def leave(self) -> None:
        """Leave this screen, keeping drafts."""
        if len(self.app.screen_stack) > 1:
            self.dismiss()

    def take_scan(self, typed: Mapping[str, str]) -> bool:  # noqa: ARG002 - screens with a place for it override this
        """Put what was scanned, by field id, where it belongs here. Return False if it has no place."""
        return False


class DeskScreen(Asking[None]):
    """A full screen: top line, body, error panel, message line, key line."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (120, "-widest")]  # noqa: RUF012 - Textual types it so

    DEFAULT_CSS = """
    DeskScreen { layout: vertical; background: $background; color: $foreground; }
    DeskScreen > .body { height: 1fr; }
    DeskScreen > #aside-error { height: auto; }
    """

    def where(self) -> str:
        """Return the words of the top line that say where one is."""
        return self.words(f"{self.NAME}.title")

    def compose(self) -> ComposeResult:
        app = self.console_app
        # Textual tells a screen its width class after the first drawing; what is hidden there must never flash up
        self.add_class(next(name for edge, name in reversed(self.HORIZONTAL_BREAKPOINTS) if app.size.width >= edge))
        yield TopLine(self.where(), app.words)
        with Vertical(classes="body"):
            yield from self.body()
        yield ErrorPanel(self.words("keys.close_error"))
        yield MessageLine()
        yield KeyLine(list(self.key_line()))

    def body(self) -> Iterable[Widget]:
        """Return the widgets between top line and message line."""
        return ()

    def on_mount(self) -> None:
        self.refresh_top()

    def on_screen_resume(self) -> None:
        self.refresh_top()

    def refresh_top(self) -> None:
        """Bring the top line up to date."""
        for line in self.query(TopLine):
            line.where = self.where()
            line.show(**self.console_app.top_facts())


class Dialog(Asking[Result], ModalScreen[Result]):
    """A small screen over another one, with its own message line."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > .box { width: 72; max-width: 96%; height: auto; max-height: 90%; background: $surface;
                    border: round $primary; padding: 0 1; }
    Dialog .box > .title { text-style: bold; height: auto; }
    """
