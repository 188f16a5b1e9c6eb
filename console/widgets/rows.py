"""Rows of a form: a field with its label, unit and finding; a paper the customer brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Static

from console.widgets.fields import TextField
from console.widgets.table_field import ComputedField, TableField
from kernel.api.fields import Kind

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from kernel.api.fields import Field
    from kernel.api.services import Paper
    from kernel.api.text import Language

PaperState = Literal["received", "later", "missing"]
Severity = Literal["error", "warning"]
PAPER_SIGNS: dict[PaperState, str] = {"received": "✓", "later": "…", "missing": "!"}


def label_text(field: Field, title: str) -> str:
    """Return the label as it stands before the field; a dot says that the field may stay empty."""
    return title if field.required or field.formula else f"{title} ·"


def _input_of(field: Field, value: str) -> TextField | TableField | ComputedField:
    name = f"field-{field.id}"
    if field.formula:
        return ComputedField(id=name)
    if field.kind is Kind.TABLE:
        return TableField(value, id=name)
    picked = field.kind in (Kind.CHOICE, Kind.YES_NO)  # another answer replaces the one that stands there
    return TextField(value, id=name, select_on_focus=picked)


class FieldRow(Horizontal):
    """Sign, label, field, unit: one line."""

    DEFAULT_CSS = """
    FieldRow { height: 1; }
    FieldRow .label { width: auto; height: 1; }
    FieldRow TextField { width: 1fr; }
    FieldRow .unit { width: auto; min-width: 6; height: 1; padding: 0 1; color: $muted; }
    FieldRow.-wrong .label { color: $error; text-style: bold; }
    FieldRow.-doubtful .label { color: $warning; }
    """

    def __init__(self, field: Field, value: str, language: Language, label_width: int) -> None:
        super().__init__()
        self.field = field
        self.finding = ""
        self.severity: Severity | None = None
        self.title = field.label(language)
        self._width = label_width
        self._label = Static(self._labelled(" "), classes="label", markup=False)
        self.input = _input_of(field, value)

    def _labelled(self, sign: str) -> Content:
        label = Content(label_text(self.field, self.title)).truncate(self._width, ellipsis=True)
        return Content.assemble(f"{sign} ", label.pad_left(self._width - label.cell_length), "  ")

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.input
        if self.field.unit:
            yield Static(self.field.unit, classes="unit", markup=False)

    @property
    def value(self) -> str:
        """What stands in the field."""
        return self.input.value

    def mark(self, severity: Severity | None, text: str = "") -> None:
        """Show that the field is wrong, doubtful or neither."""
        self.finding = text
        if severity == self.severity:
            return
        self.severity = severity
        self.set_class(severity == "error", "-wrong")
        self.set_class(severity == "warning", "-doubtful")
        self._label.update(self._labelled({"error": "!", "warning": "?"}.get(severity or "", " ")), layout=False)


class PaperRow(Widget, can_focus=True):
    """A paper: Space goes from missing to received to later."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("space", "turn", show=False),
        Binding("enter", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    PaperRow { height: 1; }
    PaperRow:focus { background: $chosen; text-style: bold; }
    """

    class Turned(Message):
        """The clerk says what became of a paper."""

        def __init__(self, row: PaperRow, state: PaperState) -> None:
            super().__init__()
            self.row = row
            self.state = state

    def __init__(self, paper: Paper, state: PaperState, language: Language, words: dict[PaperState, str]) -> None:
        super().__init__()
        self.paper = paper
        self.state: PaperState = state
        self._title = paper.title(language)
        self._words = words

    def show(self, state: PaperState) -> None:
        """Show this state."""
        self.state = state
        self.refresh()

    def render(self) -> Content:
        sign = " " if self.state == "missing" and not self.paper.required else PAPER_SIGNS[self.state]
        text = f"{sign} {self._words[self.state]:>22} {self._title}"
        return Content.assemble((text, Style())).truncate(max(1, self.size.width), ellipsis=True)

    def action_turn(self) -> None:
        """To the next state; only papers that may follow later can be put off."""
        order: tuple[PaperState, ...] = (
            ("missing", "received", "later") if self.paper.later else ("missing", "received")
        )
        self.post_message(self.Turned(self, order[(order.index(self.state) + 1) % len(order)]))

    def on_click(self) -> None:
        self.action_turn()
