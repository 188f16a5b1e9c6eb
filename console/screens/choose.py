"""A list to choose from: type to filter without accents, digits choose at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.style import Style
from textual.widgets import Input, Static

from console.screens.base import Asking, Dialog
from console.widgets.fields import TextField
from kernel.api.fields import Kind
from kernel.api.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual import events
    from textual.app import ComposeResult

    from kernel.api.fields import Field
    from kernel.api.text import Language


@dataclass(frozen=True, slots=True)
class Option:
    """A line of the list. `hint` stands behind it: its key, its code, why it is so."""

    title: str
    hint: str = ""


def field_options(field: Field, language: Language) -> list[Option]:
    """Return the answers of a field that has a list: its choices, or yes and no; none for the others."""
    if field.kind is Kind.YES_NO:
        return [Option("Có"), Option("Không")]
    # codes of CMIS are capitals, the clerk knows them; the others are the program's own
    return [Option(choice.label(language), choice.code if choice.code.isupper() else "") for choice in field.choices]


def matching(options: Sequence[Option], words: str) -> list[int]:
    """Return the places of the options in which every word occurs, accents and case aside."""
    asked = fold(words).split()
    return [
        place
        for place, option in enumerate(options)
        if all(word in fold(f"{option.title} {option.hint}") for word in asked)
    ]


class FilterField(TextField):
    """The filter of a list. A digit typed first is the number of a line."""

    async def _on_key(self, event: events.Key) -> None:
        if not self.value and event.character and event.character in "123456789":
            screen = self.screen
            if isinstance(screen, ChooseScreen) and screen.choose_number(int(event.character)):
                event.stop()
                event.prevent_default()
                return
        await super()._on_key(event)


class ChooseScreen(Dialog[int | None]):
    """Dismisses with the place of the chosen option, None when nothing was chosen."""

    NAME = "choose"
    AUTO_FOCUS = "FilterField"
    BINDINGS: ClassVar[list[Any]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "move(-8)", show=False),
        Binding("pagedown", "move(8)", show=False),
        Binding("tab", "move(1)", show=False),
        Binding("shift+tab", "move(-1)", show=False),
    ]
    DEFAULT_CSS = """
    ChooseScreen FilterField { margin: 0 0 1 0; }
    ChooseScreen #options { height: auto; link-style: none; link-color: $foreground; }
    ChooseScreen #hint { color: $muted; height: 1; margin-top: 1; }
    """

    def __init__(self, title: str, options: Sequence[Option]) -> None:
        super().__init__()
        self._title = title
        self._options = tuple(options)
        self._found = list(range(len(options)))
        self.cursor = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield FilterField()
            yield Static(id="options", markup=False)
            yield Static(self.words("choose.hint"), id="hint", markup=False)

    def on_mount(self) -> None:
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        height = max(3, min(12, self.size.height - 9))
        first = max(0, min(self.cursor - height // 2, len(self._found) - height))
        lines: list[Content] = []
        for line, place in enumerate(self._found[first : first + height], start=first):
            option = self._options[place]
            number = f"{line + 1} " if line < 9 and not self.query_one(FilterField).value else "  "
            hint = f"  {option.hint}" if option.hint else ""
            sign = "▶" if line == self.cursor else " "
            content = Content.assemble(f"{sign}{number}{option.title}", (hint, Style.parse("$muted")))
            content = content.truncate(max(10, min(68, int(self.size.width * 0.96) - 4)), ellipsis=True)
            if line == self.cursor:
                content = content.stylize(Style.parse("bold on $chosen"))
            lines.append(content.stylize(Style.from_meta({"@click": f"screen.choose_line({line})"})))
        if not lines:
            lines.append(Content(self.words("choose.none")))
        self.query_one("#options", Static).update(Content("\n").join(lines))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._found = matching(self._options, event.value)
        self.cursor = 0
        self._draw()

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        event.stop()
        self.action_choose_line(self.cursor)

    def action_move(self, by: int) -> None:
        if self._found:
            self.cursor = max(0, min(len(self._found) - 1, self.cursor + by))
            self._draw()

    def choose_number(self, number: int) -> bool:
        """Choose line `number` (from 1) if there is one."""
        if number > len(self._found):
            return False
        self.action_choose_line(number - 1)
        return True

    def action_choose_line(self, line: int) -> None:
        found = matching(self._options, self.query_one(FilterField).value)
        if 0 <= line < len(found):
            self.dismiss(found[line])

    def do_help(self) -> None:
        """The list explains itself in its last line."""

    def do_palette(self) -> None:
        """No palette over a list."""

    def leave(self) -> None:
        self.dismiss(None)


def choose(asker: Asking[Any], title: str, options: Sequence[Option], then: Callable[[int], None]) -> None:
    """Let the clerk choose one of `options`; `then` gets its place and is not called if nothing was chosen."""

    def chosen(place: int | None) -> None:
        if place is not None:
            then(place)

    asker.app.push_screen(ChooseScreen(title, options), chosen)


__all__ = ["ChooseScreen", "Option", "choose", "field_options", "matching"]
