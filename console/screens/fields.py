"""Fields that are filled in: typed, pasted, scanned, checked when left, and kept as a draft all the while."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from console.screens.base import DeskScreen
from console.screens.cells import TableForm
from console.screens.table import TableScreen
from console.table_results import row_values, totals
from console.table_rows import rows_of
from console.widgets.fields import TextField
from console.widgets.frame import MessageLine
from console.widgets.rows import FieldRow, PaperRow
from console.widgets.table_field import ComputedField, TableField
from console.written import clock_text
from kernel.api.conditions import VARIANT
from kernel.api.fields import Kind
from kernel.api.findings import finding_text
from kernel.api.forms import read_form
from kernel.api.reading import read
from kernel.api.reading import shown as as_shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from textual.timer import Timer
    from textual.widget import Widget
    from textual.widgets import Input

    from console.desk import DossierView, FieldFinding
    from kernel.api.errors import QuayDienError
    from kernel.api.fields import Field, Value

QUIET = 0.4
"""Seconds without a key before the draft is kept."""


class FieldsScreen(DeskScreen):
    """A screen with the fields of a dossier's step."""

    def __init__(self, view: DossierView, fields: Sequence[Field]) -> None:
        super().__init__()
        self.view = view
        self.fields = tuple(fields)
        self._visited: set[str] = set()
        self._last_left: FieldRow | None = None
        self._remarks: dict[str, tuple[str, str]] = {}
        """By field: how its value was rewritten when the field was left, and what there is to say about that."""
        self._kept: dict[str, str] = {}
        self._keeping = False
        self._quiet: Timer | None = None
        self.editor: TableScreen | None = None
        """The screen of a table's rows, while it is open over this one."""

    def show_side(self) -> None:
        """Bring what stands beside the fields up to date."""

    @property
    def rows(self) -> list[FieldRow]:
        """The rows of all fields, shown or not."""
        return list(self.query(FieldRow))

    @staticmethod
    def row_of(widget: Widget | None) -> FieldRow | PaperRow | None:
        """Return the row `widget` belongs to."""
        if isinstance(widget, PaperRow):
            return widget
        return widget.parent if widget is not None and isinstance(widget.parent, FieldRow) else None

    def typed(self) -> dict[str, str]:
        """Return what stands in every field of this step."""
        return {row.field.id: row.value for row in self.rows if not row.field.formula}

    def known_fields(self) -> dict[str, Field]:
        """Return all fields of the service by id, those of this step as they are asked here."""
        return {field.id: field for field in (*self.view.service.fields(), *self.fields)}

    def answers(self) -> dict[str, Value]:
        """Return what the form answers so far, with the results of formulas and what was saved in other steps."""
        fields = self.known_fields()
        typed = dict.fromkeys(fields, "") | dict(self.view.typed) | self.typed()
        given: dict[str, Value] = {VARIANT: self.view.variant.id}
        return given | dict(read_form(fields.values(), typed, given=given).values)

    def show_answers(self) -> None:
        """Show the fields whose condition holds, hide the others, and compute; what they hold stays."""
        if all(field.when is None and not field.formula and not field.columns for field in self.fields):
            return
        answers = self.answers()
        for row in self.rows:
            shown = row.field.when is None or row.field.when.holds(answers)
            if row.display != shown:
                row.display = shown
            if isinstance(row.input, ComputedField):
                value = answers.get(row.field.id)
                row.input.rewrite("" if value is None else as_shown(row.field, value))
            elif isinstance(row.input, TableField):
                row.input.show(self._summary(row.field, row.value, answers))

    def _summary(self, table: Field, text: str, answers: Mapping[str, Value]) -> str:
        """Return a table in one line: how many rows, totals, the first words of its rows."""
        rows = rows_of(text)
        if not rows:
            return self.words("table.empty")
        values = row_values(table, rows, answers)
        sums = totals(table, values, self.known_fields().values(), answers, self.console_app.words)
        first = ", ".join(next(filter(None, row)) for row in rows)
        return " · ".join([self.words("table.rows", count=len(rows)), *sums, first])

    def fill(self, typed: Mapping[str, str]) -> int:
        """Put texts into fields by their ids; return how many fields there were."""
        count = 0
        for row in self.rows:
            if row.field.id in typed and not row.field.formula:
                row.input.rewrite(typed[row.field.id])
                self._visited.add(row.field.id)
                count += 1
        if count:
            self.show_answers()
            self.ask_check()
        return count

    def take_scan(self, typed: Mapping[str, str]) -> bool:
        count = self.fill(typed)
        if count:
            self.say(self.words("scan.filled", count=count), "✓")
        return bool(count)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if any(field.formula for field in self.fields):
            self.show_answers()
        self._keep_draft_soon()

    def on_table_field_changed(self, event: TableField.Changed) -> None:
        event.stop()
        self.show_answers()
        if event.added:
            self.say(self.words("table.pasted", count=event.added), "✓")
        self._keep_draft_soon()

    def on_table_field_opened(self, event: TableField.Opened) -> None:
        event.stop()
        if isinstance(row := self.row_of(event.field), FieldRow):
            self.open_table(row, event.key)

    def open_table(self, row: FieldRow, key: str = "") -> None:
        """Show the rows of a table; `key` is what was typed to open it, the beginning of a new row."""
        form = TableForm(row.field, tuple(self.known_fields().values()), self.answers(), self.where())

        def closed(_nothing: None) -> None:
            self.editor = None
            self._visited.add(row.field.id)
            self._last_left = row
            self.keep_draft_now()
            self.ask_check()

        self.editor = TableScreen(form, row.value, row.input.rewrite, key)
        self.app.push_screen(self.editor, closed)

    def _keep_draft_soon(self) -> None:
        if self._quiet is not None:
            self._quiet.stop()
        self._quiet = self.set_timer(QUIET, self.keep_draft_now)

    def on_text_field_left(self, event: TextField.Left) -> None:
        event.stop()
        row = self.row_of(event.field)
        if not isinstance(row, FieldRow):
            return
        reading = read(row.field, row.value)
        as_typed = (Kind.TEXT, Kind.NAME, Kind.ADDRESS, Kind.TABLE)
        if reading.value is not None and row.field.kind not in as_typed:
            if reading.findings and reading.shown != row.value:
                text = finding_text(reading.findings[0], self.console_app.words.language)
                self._remarks[row.field.id] = reading.shown, text
            if reading.shown != row.value:
                row.input.rewrite(reading.shown)
        self._visited.add(row.field.id)
        self._last_left = row
        self.show_answers()
        self.keep_draft_now()
        self.ask_check()

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        event.stop()
        self.focus_next()

    def on_text_field_pasted_lines(self, event: TextField.PastedLines) -> None:
        event.stop()
        shown = [row for row in self.rows if row.display and isinstance(row.input, TextField)]
        parts = [part for line in event.block for part in line]
        first = next((place for place, row in enumerate(shown) if row.input is event.field), 0)
        pairs = list(zip(shown[first:], parts, strict=False))
        self.fill({row.field.id: part for row, part in pairs})
        self.set_focus(pairs[-1][0].input)
        if len(parts) > len(pairs):
            self.say(self.words("form.pasted_over", count=len(parts) - len(pairs)), "!")

    # Checking

    def ask_check(self) -> None:
        """Check what is typed and mark what is wrong."""
        typed = self.typed()
        self.ask(lambda desk: desk.check(self.view.id, typed), self._checked, group="check")

    def _checked(self, findings: Sequence[FieldFinding]) -> list[FieldFinding]:
        """Mark the fields visited so far; return the errors in the order of the form."""
        by_field: dict[str, FieldFinding] = {}
        for finding in findings:
            if finding.field not in by_field or finding.severity == "error":
                by_field.setdefault(finding.field, finding)
        for row in self.rows:
            found = by_field.get(row.field.id)
            rewritten, remark = self._remarks.get(row.field.id, ("", ""))
            if row.field.id not in self._visited:
                row.mark(None)
            elif found is not None:
                row.mark(found.severity, found.text)
            elif remark and row.value == rewritten:
                row.mark("warning", remark)
            else:
                row.mark(None)
        self.say_finding()
        self.show_side()
        shown = {row.field.id for row in self.rows if row.display}
        return [finding for finding in findings if finding.severity == "error" and finding.field in shown]

    def say_finding(self) -> None:
        """Say what is wrong where the cursor is, else in the field just left, else in the first such field."""
        marked = [row for row in self.rows if row.severity and row.display]
        if not marked:
            if self.query_one(MessageLine).text.startswith(("!", "?")):
                self.say("")
            return
        near = (self.row_of(self.focused), self._last_left)
        row = next((each for each in near if isinstance(each, FieldRow) and each in marked), marked[0])
        wrong = sum(each.severity == "error" for each in marked)
        text = self.words("form.finding", label=row.title, text=row.finding)
        if wrong > 1:
            text = self.words("form.wrong", text=text, count=wrong)
        self.say(text, "!" if row.severity == "error" else "?")

    def forget_findings(self) -> None:
        """Treat every field as not visited yet."""
        self._visited.clear()
        self._remarks.clear()
        for row in self.rows:
            row.mark(None)

    def check_all(self, then: Callable[[], None]) -> None:
        """Check every field; go to the first wrong one, or on to `then`."""
        typed = self.typed()
        self._visited.update(typed)

        def checked(findings: Sequence[FieldFinding]) -> None:
            errors = self._checked(findings)
            if not errors:
                then()
                return
            wrong = {finding.field for finding in errors}
            self.set_focus(next(row.input for row in self.rows if row.field.id in wrong))
            self.say_finding()

        self.show_diagnosis(None)
        self.ask(lambda desk: desk.check(self.view.id, typed), checked, group="check", hold=True)

    def do_check(self) -> None:
        self.check_all(lambda: self.say(self.words("form.no_errors"), "✓"))

    # Drafts and saving

    def keep_draft_now(self) -> None:
        """Keep what is typed as a draft, if it differs from what is kept. One write at a time, the last one wins."""
        typed = self.typed()
        if typed == self._kept or self._keeping:
            return
        self._keeping = True
        self.ask(
            lambda desk: desk.save_draft(self.view.id, typed),
            partial(self._draft_kept, typed),
            group="draft",
            failed=self._draft_failed,
        )

    def unkept(self) -> dict[str, str] | None:
        """Return what is typed if it is not kept as a draft yet."""
        typed = self.typed()
        return None if typed == self._kept else typed

    def _draft_kept(self, typed: dict[str, str], at: datetime) -> None:
        self._keeping = False
        self._kept = typed
        (self.editor or self).query_one(MessageLine).note(self.words("form.draft_kept", at=clock_text(at)))
        self.keep_draft_now()

    def _draft_failed(self, error: QuayDienError) -> None:
        self._keeping = False
        (self.editor or self).fail(error)
