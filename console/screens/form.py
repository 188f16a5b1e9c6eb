"""The form of a dossier's step: fields, papers, documents; nothing typed is ever lost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.style import Style
from textual.widgets import Input, Static

from console.screens.base import Asking, DeskScreen
from console.screens.choose import Option, choose
from console.widgets.fields import TextField
from console.widgets.frame import MessageLine
from console.widgets.rows import FieldRow, PaperRow, PaperState
from console.written import clock_text, moment_text
from kernel.api.fields import Kind
from kernel.api.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from textual.timer import Timer
    from textual.widget import Widget

    from console.desk import DossierView, FieldFinding
    from kernel.api.fields import Field

QUIET = 0.4
"""Seconds without a key before the draft is kept."""


def open_form(asker: Asking[Any], dossier: str, then: str = "") -> None:
    """Claim a dossier and show its form; `then` is the key to press there at once, empty for none."""
    asker.ask(
        lambda desk: (desk.open(dossier), desk.step_fields(dossier)),
        lambda found: asker.app.push_screen(FormScreen(*found, then)),
        group="open",
        hold=True,
    )


class FormScreen(DeskScreen):
    NAME = "form"
    HERE: ClassVar[tuple[str, ...]] = (
        "help", "choices", "preview", "check", "save", "sign", "next_step", "palette", "back",
    )  # fmt: skip
    AUTO_FOCUS = "FieldRow TextField, PaperRow, #documents"
    BINDINGS: ClassVar[list[Any]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    FormScreen #steps { height: 1; background: $surface; padding: 0 1; }
    FormScreen #form { width: 1fr; height: 1fr; padding: 0 1; }
    FormScreen .heading { color: $primary; text-style: bold; height: 1; }
    FormScreen #documents { height: auto; }
    FormScreen #side { width: 34; padding: 0 1; background: $surface; }
    FormScreen.-narrow #side { display: none; }
    FormScreen.-widest #side { width: 44; }
    """

    def __init__(self, view: DossierView, fields: Sequence[Field], then: str = "") -> None:
        super().__init__()
        self.view = view
        self.fields = tuple(fields)
        self._then = then
        self._visited: set[str] = set()
        self._kept: dict[str, str] = {}
        self._saved: dict[str, str] | None = None
        self._keeping = False
        self._quiet: Timer | None = None

    # What is shown

    def where(self) -> str:
        return self.view.code

    def body(self) -> Iterable[Widget]:
        language = self.console_app.words.language
        by_id = {field.id: field for field in self.fields}
        rows: list[Widget] = []
        for section in self.view.service.sections:
            here = [by_id.pop(field.id) for field in section.fields if field.id in by_id]
            if here:
                rows.append(Static(section.title(language), classes="heading", markup=False))
                rows += [self._row(field) for field in here]
        rows += [self._row(field) for field in by_id.values()]
        if self.view.service.papers:
            rows.append(Static(self.words("form.papers"), classes="heading", markup=False))
            states: tuple[PaperState, ...] = ("received", "later", "missing")
            words = {state: self.words(f"form.paper_{state}") for state in states}
            rows += [
                PaperRow(paper, self._paper_state(self.view, paper.id), language, words)
                for paper in self.view.service.papers
            ]
        rows.append(Static(id="documents", markup=False))
        yield Static(id="steps", markup=False)
        yield Horizontal(VerticalScroll(*rows, id="form", can_focus=False), Static(id="side", markup=False))

    def _row(self, field: Field) -> FieldRow:
        value = self.view.typed.get(field.id, field.default)
        return FieldRow(field, value, self.console_app.words.language)

    @staticmethod
    def _paper_state(view: DossierView, paper: str) -> PaperState:
        state = view.papers.get(paper, "missing")
        return "received" if state == "received" else "later" if state == "later" else "missing"

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#documents", Static).can_focus = not (self.fields or self.view.service.papers)
        self._kept = self.typed()
        self._saved = None if self.view.draft_at else dict(self._kept)
        self._show_conditions()
        self._show_view(self.view)
        if self.view.draft_at:
            self.say(self.words("form.draft_found", at=moment_text(self.view.draft_at)))
        if self._then:
            then, self._then = self._then, ""
            self.call_after_refresh(self.action_press, then)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.is_mounted and self.query("#steps"):
            self.ask(lambda desk: desk.peek(self.view.id), self._show_view, group="peek")

    def _show_view(self, view: DossierView) -> None:
        """Bring steps, papers and documents up to date; what is typed stays."""
        self.view = view
        language = self.console_app.words.language
        parts = [Content.styled(f"{view.service.title(language)} · {view.variant.title(language)}   ", "bold")]
        for step in view.service.steps:
            sign = "✓" if step.id in view.done else "▶" if step.id == view.step.id else "·"
            style = "bold reverse" if sign == "▶" else ""
            if sign != "·" or step.id in view.step.next:
                parts.append(Content.assemble((f"{sign} {step.title(language)}", Style.parse(style)), "  "))
        self.query_one("#steps", Static).update(Content("").join(parts))
        for row in self.query(PaperRow):
            row.show(self._paper_state(view, row.paper.id))
        self.query_one("#documents", Static).update(self._documents(view))
        self._show_side()

    def _documents(self, view: DossierView) -> Content:
        language = self.console_app.words.language
        if not view.documents and not view.step.draws:
            return Content("")
        lines = [Content.styled(self.words("form.documents"), "bold $primary")]
        for document in view.documents:
            sign = "✓" if document.state == "complete" else "▶"
            lines.append(Content(f"{sign} {document.title(language)}: {self.words(f'document.{document.state}')}"))
        if not view.documents:
            lines.append(Content(f"… {self.words('form.to_draw', count=len(view.step.draws))}"))
        return Content("\n").join(lines)

    def _show_side(self) -> None:
        side = self.query_one("#side", Static)
        if self.has_class("-narrow"):
            return
        title, text = self.help_text()
        due = moment_text(self.view.due) if self.view.due else "-"
        lines = [Content.styled(title, "bold"), Content(text), Content("")]
        if isinstance(row := self._row_of(self.focused), FieldRow) and row.finding:
            lines.insert(2, Content.styled(f"! {row.finding}", "$error"))
        lines += [
            Content(f"{self.words('queue.due')}: {due}"),
            Content(f"{self.words('queue.holder')}: {self.view.holder}"),
        ]
        side.update(Content("\n").join(lines), layout=False)

    def on_descendant_focus(self) -> None:
        self._show_side()

    def help_text(self) -> tuple[str, str]:
        language = self.console_app.words.language
        row = self._row_of(self.focused)
        if isinstance(row, FieldRow):
            return row.field.label(language), row.field.help(language)
        if isinstance(row, PaperRow):
            return row.paper.title(language), self.words("form.paper_help")
        return self.words("form.title"), self.words("form.help")

    # Fields

    @property
    def rows(self) -> list[FieldRow]:
        """The rows of all fields, shown or not."""
        return list(self.query(FieldRow))

    @staticmethod
    def _row_of(widget: Widget | None) -> FieldRow | PaperRow | None:
        if isinstance(widget, PaperRow):
            return widget
        return widget.parent if widget is not None and isinstance(widget.parent, FieldRow) else None

    def typed(self) -> dict[str, str]:
        """Return what stands in every field of this step."""
        return {row.field.id: row.value for row in self.rows}

    def _show_conditions(self) -> None:
        """Show the fields whose condition holds, hide the others; what they hold stays."""
        if all(field.when is None for field in self.fields):
            return
        known = {**self.view.typed, **self.typed()}
        fields = {field.id: field for field in (*self.view.service.fields(), *self.fields)}
        answers = {
            name: value
            for name, text in known.items()
            if name in fields and (value := read(fields[name], text).value) is not None
        }
        for row in self.rows:
            shown = row.field.when is None or row.field.when.holds(answers)
            if row.display != shown:
                row.display = shown

    def fill(self, typed: Mapping[str, str]) -> int:
        """Put texts into fields by their ids; return how many fields there were."""
        count = 0
        for row in self.rows:
            if row.field.id in typed:
                row.input.value = typed[row.field.id]
                self._visited.add(row.field.id)
                count += 1
        if count:
            self._show_conditions()
            self._ask_check()
        return count

    def take_scan(self, typed: Mapping[str, str]) -> bool:
        count = self.fill(typed)
        if count:
            self.say(self.words("scan.filled", count=count), "✓")
        return bool(count)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._quiet is not None:
            self._quiet.stop()
        self._quiet = self.set_timer(QUIET, self.keep_draft_now)

    def on_text_field_left(self, event: TextField.Left) -> None:
        event.stop()
        row = self._row_of(event.field)
        if not isinstance(row, FieldRow):
            return
        reading = read(row.field, row.value)
        if reading.value is not None and row.field.kind not in (Kind.TEXT, Kind.NAME, Kind.ADDRESS):
            row.input.value = reading.shown
        self._visited.add(row.field.id)
        self._show_conditions()
        self.keep_draft_now()
        self._ask_check()

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        event.stop()
        self.focus_next()

    def on_text_field_pasted_lines(self, event: TextField.PastedLines) -> None:
        event.stop()
        shown = [row for row in self.rows if row.display]
        first = next((place for place, row in enumerate(shown) if row.input is event.field), 0)
        pairs = list(zip(shown[first:], event.parts, strict=False))
        self.fill({row.field.id: part for row, part in pairs})
        self.set_focus(pairs[-1][0].input)
        if len(event.parts) > len(pairs):
            self.say(self.words("form.pasted_over", count=len(event.parts) - len(pairs)), "!")

    def on_paper_row_turned(self, event: PaperRow.Turned) -> None:
        event.stop()
        paper, state = event.row.paper.id, event.state
        event.row.show(state)
        self.ask(lambda desk: desk.receive_paper(self.view.id, paper, state), self._show_view, group="paper")

    # Checking

    def _ask_check(self) -> None:
        typed = self.typed()
        self.ask(lambda desk: desk.check(self.view.id, typed), self._checked, group="check")

    def _checked(self, findings: Sequence[FieldFinding]) -> list[FieldFinding]:
        """Mark the fields visited so far; return the errors in the order of the form."""
        by_field: dict[str, FieldFinding] = {}
        for finding in findings:
            if finding.field not in by_field or finding.severity == "error":
                by_field.setdefault(finding.field, finding)
        first = ""
        for row in self.rows:
            found = by_field.get(row.field.id)
            if found is None or row.field.id not in self._visited:
                row.mark(None)
            else:
                row.mark(found.severity, found.text)
                first = first or found.text
        if first:
            self.say(first, "!")
        elif self.query_one(MessageLine).text.startswith("!"):
            self.say("")
        self._show_side()
        shown = {row.field.id for row in self.rows if row.display}
        return [finding for finding in findings if finding.severity == "error" and finding.field in shown]

    def _check_all(self, then: Callable[[], None]) -> None:
        """Check every field; go to the first wrong one, or on to `then`."""
        typed = self.typed()
        self._visited.update(typed)

        def checked(findings: Sequence[FieldFinding]) -> None:
            errors = self._checked(findings)
            if not errors:
                then()
                return
            wrong = {finding.field: finding.text for finding in reversed(errors)}
            row = next(row for row in self.rows if row.field.id in wrong)
            self.set_focus(row.input)
            self.say(self.words("form.wrong", text=wrong[row.field.id], count=len(wrong)), "!")

        self.show_diagnosis(None)
        self.ask(lambda desk: desk.check(self.view.id, typed), checked, group="check", hold=True)

    def do_check(self) -> None:
        self._check_all(lambda: self.say(self.words("form.no_errors"), "✓"))

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
        self.query_one(MessageLine).note(self.words("form.draft_kept", at=clock_text(at)))
        self.keep_draft_now()

    def _draft_failed(self, error: Any) -> None:
        self._keeping = False
        self.fail(error)

    def _if_saved(self, then: Callable[[], None]) -> None:
        """Check and save what is typed, then go on; go on at once when everything is saved."""
        if not self.fields or self.typed() == self._saved:
            then()
        else:
            self._check_all(partial(self._save, then))

    def _save(self, then: Callable[[], None]) -> None:
        typed, version = self.typed(), self.view.version

        def saved(view: DossierView) -> None:
            self._kept = self._saved = typed
            self._show_view(view)
            self.query_one(MessageLine).note("")
            self.say(self.words("form.saved"), "✓")
            then()

        self.ask(lambda desk: desk.save(self.view.id, version, typed), saved, group="save", hold=True)

    def do_save(self) -> None:
        self._check_all(partial(self._save, lambda: None))

    def discard_draft(self) -> None:
        """Throw the draft away and show what was saved."""
        self.ask(lambda desk: desk.discard_draft(self.view.id), self._discarded, hold=True)

    def _discarded(self, view: DossierView) -> None:
        for row in self.rows:
            row.input.value = view.typed.get(row.field.id, row.field.default)
        self._kept = self._saved = self.typed()
        self._show_conditions()
        self._show_view(view)
        self.say(self.words("form.draft_gone"), "✓")

    def commands(self) -> Iterable[tuple[str, Callable[[], None]]]:
        yield self.words("form.discard"), self.discard_draft
        if self.view.step.obstacles:
            yield self.words("form.obstacle"), self.report_obstacle

    def leave(self) -> None:
        typed, dossier = self.unkept(), self.view.id

        def put_away(desk: Any) -> None:
            if typed is not None:
                desk.save_draft(dossier, typed)
            desk.leave(dossier)

        self.ask(put_away, lambda _nothing: self.dismiss(), group="leave", hold=True)

    def put_down(self, words: str) -> None:
        """Leave after the work is done, with `words` for the screen below."""

        def gone(_nothing: None) -> None:
            self.dismiss()
            if isinstance(below := self.app.screen, Asking):
                below.say(words, "✓")

        self.ask(lambda desk: desk.leave(self.view.id), gone, group="leave", hold=True)

    # Other keys

    def do_choices(self) -> None:
        """The list of the field: its choices, or yes and no."""
        row = self._row_of(self.focused)
        language = self.console_app.words.language
        if isinstance(row, PaperRow):
            row.action_turn()
            return
        texts: list[Option] = []
        if row is not None and row.field.kind is Kind.CHOICE:
            texts = [Option(choice.label(language), choice.code) for choice in row.field.choices]
        elif row is not None and row.field.kind is Kind.YES_NO:
            texts = [Option("Có"), Option("Không")]
        if row is None or not texts:
            self.say(self.words("form.no_choices"), "!")
            return
        found = row

        def chosen(place: int) -> None:
            found.input.value = texts[place].title
            self._show_conditions()
            self.focus_next()

        choose(self, row.field.label(language), texts, chosen)

    def do_preview(self) -> None:
        from console.screens.casework import preview_document

        self._if_saved(lambda: preview_document(self))

    def do_sign(self) -> None:
        from console.screens.casework import sign_document

        self._if_saved(lambda: sign_document(self))

    def do_next_step(self) -> None:
        from console.screens.casework import choose_next_step

        self._if_saved(lambda: choose_next_step(self))

    def report_obstacle(self) -> None:
        """Say why the work can't go on."""
        from console.screens.casework import choose_obstacle

        choose_obstacle(self)
