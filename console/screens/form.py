"""The form of a dossier's step: fields, papers, documents; nothing typed is ever lost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from console.screens.base import Asking
from console.screens.choose import choose, field_options
from console.screens.fields import FieldsScreen
from console.widgets.frame import MessageLine
from console.widgets.rows import FieldRow, PaperRow, PaperState, label_text
from console.widgets.sheet import Sheet
from console.widgets.steps import StepsLine
from console.written import moment_text
from kernel.api.fields import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual.widget import Widget

    from console.desk import DossierView
    from kernel.api.fields import Field

WIDEST_LABEL = 30
"""Cells a label may take: what is left of 80 is enough for the field."""


def open_form(asker: Asking[Any], dossier: str, then: str = "") -> None:
    """Claim a dossier and show its form; `then` is the key to press there at once, empty for none."""
    asker.ask(
        lambda desk: (desk.open(dossier), desk.step_fields(dossier)),
        lambda found: _show_form(asker, FormScreen(*found, then)),
        group="open",
        hold=True,
    )


def _show_form(asker: Asking[Any], form: FormScreen) -> None:
    asker.say("")
    asker.app.push_screen(form)


class FormScreen(FieldsScreen):
    NAME = "form"
    HERE: ClassVar[tuple[str, ...]] = (
        "help", "choices", "preview", "check", "save", "sign", "next_step", "palette", "back",
    )  # fmt: skip
    AUTO_FOCUS = "FieldRow TextField, FieldRow TableField, PaperRow, #documents"
    BINDINGS: ClassVar[list[Any]] = [
        Binding("up", "to_row(-1)", show=False),
        Binding("down", "to_row(1)", show=False),
    ]
    DEFAULT_CSS = """
    FormScreen #customer { height: 1; padding: 0 1; text-style: bold; text-overflow: ellipsis; text-wrap: nowrap; }
    FormScreen #form { width: 1fr; height: 1fr; padding: 0 1; }
    FormScreen .heading { color: $primary; text-style: bold; height: 1; }
    FormScreen #documents { height: auto; }
    FormScreen #side { width: 34; height: 100%; padding: 0 1; background: $surface; }
    FormScreen.-narrow #side { display: none; }
    FormScreen.-widest #side { width: 44; }
    """

    def __init__(self, view: DossierView, fields: Sequence[Field], then: str = "") -> None:
        super().__init__(view, fields)
        self._then = then
        self._saved: dict[str, str] | None = None

    # What is shown

    def where(self) -> str:
        return self.view.code

    def body(self) -> Iterable[Widget]:
        language = self.console_app.words.language
        by_id = {field.id: field for field in self.fields}
        rows: list[Widget] = []
        own = self.view.step.sections
        for section in sorted(self.view.service.sections, key=lambda section: section.id not in own):
            here = [by_id.pop(field.id) for field in section.fields if field.id in by_id]
            if here:
                rows.append(Static(section.title(language), classes="heading", markup=False))
                rows += [self._row(field) for field in here]
        rows += [self._row(field) for field in by_id.values()]
        if self.view.asked:
            rows.append(Static(self.words("form.papers"), classes="heading", markup=False))
            states: tuple[PaperState, ...] = ("received", "later", "missing")
            words = {state: self.words(f"form.paper_{state}") for state in states}
            rows += [
                PaperRow(paper, self._paper_state(self.view, paper.id), language, words) for paper in self.view.asked
            ]
        rows.append(Static(id="documents", markup=False))
        yield StepsLine(self.view, self.console_app.words)
        if customer := self._customer():
            yield Static(customer, id="customer", markup=False)
        yield Horizontal(Sheet(*rows, id="form"), Static(id="side", markup=False))

    def _customer(self) -> str:
        """Return whose dossier this is, where the step's own fields do not say so."""
        own = {section.id: section.fields for section in self.view.service.sections}
        if any(field.id == "ten_khach_hang" for name in self.view.step.sections for field in own[name]):
            return ""
        typed = self.view.typed
        return " · ".join(filter(None, (typed.get("ten_khach_hang"), typed.get("dia_chi_dung_dien"))))

    def _row(self, field: Field) -> FieldRow:
        value = self.view.typed.get(field.id, field.default)
        language = self.console_app.words.language
        widest = max(cell_len(label_text(each, each.label(language))) for each in self.fields)
        return FieldRow(field, value, language, min(WIDEST_LABEL, widest))

    @staticmethod
    def _paper_state(view: DossierView, paper: str) -> PaperState:
        state = view.papers.get(paper, "missing")
        return "received" if state == "received" else "later" if state == "later" else "missing"

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#documents", Static).can_focus = not (self.fields or self.view.asked)
        self._kept = self.typed()
        self._saved = None if self.view.draft_at else dict(self._kept)
        self.show_answers()
        self._show_view(self.view)
        if self.view.waiting:
            reason = self.view.obstacle(self.console_app.words.language) if self.view.obstacle else ""
            self.say(self.words("form.waiting", reason=reason), "!")
        elif self.view.draft_at:
            self.say(self.words("form.draft_found", at=moment_text(self.view.draft_at)))
        if self._then:
            then, self._then = self._then, ""
            self.call_after_refresh(self.action_press, then)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.is_mounted and self.query(StepsLine):
            self.ask(lambda desk: desk.peek(self.view.id), self._back, group="peek")

    def _back(self, view: DossierView) -> None:
        """Show what came of the documents while another screen was open."""
        language = self.console_app.words.language
        before = {document.id: document.state for document in self.view.documents}
        changed = [document for document in view.documents if before.get(document.id) != document.state]
        self._show_view(view)
        if changed:
            states = [f"{each.title(language)}: {self.words(f'document.{each.state}')}" for each in changed]
            self.say("; ".join(states), "✓" if all(each.state == "complete" for each in changed) else "")

    def _show_view(self, view: DossierView) -> None:
        """Bring steps, papers and documents up to date; what is typed stays."""
        self.view = view
        self.query_one(StepsLine).show(view)
        for row in self.query(PaperRow):
            row.show(self._paper_state(view, row.paper.id))
        self.query_one("#documents", Static).update(self._documents(view))
        self.show_side()

    def _documents(self, view: DossierView) -> Content:
        language = self.console_app.words.language
        if not view.documents and not view.draws:
            return Content("")
        lines = [Content.styled(self.words("form.documents"), "bold $primary")]
        for document in view.documents:
            sign = "✓" if document.state == "complete" else "▶"
            state = self.words("document.awaited" if document.awaited else f"document.{document.state}")
            lines.append(Content(f"{sign} {document.title(language)}: {state}"))
        if not view.documents:
            lines.append(Content(f"… {self.words('form.to_draw', count=len(view.draws))}"))
        return Content("\n").join(lines)

    def show_side(self) -> None:
        side = self.query_one("#side", Static)
        if self.has_class("-narrow"):
            return
        title, text = self.help_text()
        due = moment_text(self.view.due) if self.view.due else "-"
        lines = [Content.styled(title, "bold"), Content(text), Content("")]
        if isinstance(row := self.row_of(self.focused), FieldRow) and row.finding:
            lines.insert(2, Content.styled(f"! {row.finding}", "$error"))
        lines += [
            Content(f"{self.words('queue.due')}: {due}"),
            Content(f"{self.words('queue.holder')}: {self.view.holder}"),
        ]
        side.update(Content("\n").join(lines), layout=False)

    def on_descendant_focus(self) -> None:
        if isinstance(row := self.row_of(self.focused), FieldRow) and row.finding:
            self.say_finding()
        self.show_side()

    def help_text(self) -> tuple[str, str]:
        language = self.console_app.words.language
        row = self.row_of(self.focused)
        if isinstance(row, FieldRow):
            return row.field.label(language), row.field.help(language)
        if isinstance(row, PaperRow):
            return row.paper.title(language), self.words("form.paper_help")
        return self.words("form.title"), self.words("form.help")

    def action_to_row(self, by: int) -> None:
        """Go a row up or down; the first and the last are the ends."""
        ends = self.focus_chain[0 if by < 0 else -1 :][:1]
        if self.focused not in ends:
            self.focus_next() if by > 0 else self.focus_previous()

    def on_paper_row_turned(self, event: PaperRow.Turned) -> None:
        event.stop()
        paper, state = event.row.paper.id, event.state
        event.row.show(state)
        self.ask(lambda desk: desk.receive_paper(self.view.id, paper, state), self._show_view, group="paper")

    def _if_saved(self, then: Callable[[], None]) -> None:
        """Check and save what is typed, then go on; go on at once when everything is saved."""
        if not self.fields or self.typed() == self._saved:
            then()
        else:
            self.check_all(partial(self._save, then))

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
        self.check_all(partial(self._save, lambda: None))

    def discard_draft(self) -> None:
        """Throw the draft away and show what was saved."""
        self.ask(lambda desk: desk.discard_draft(self.view.id), self._discarded, hold=True)

    def _discarded(self, view: DossierView) -> None:
        self.forget_findings()
        for row in self.rows:
            if not row.field.formula:
                row.input.rewrite(view.typed.get(row.field.id, row.field.default))
        self._kept = self._saved = self.typed()
        self.show_answers()
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
        row = self.row_of(self.focused)
        language = self.console_app.words.language
        if isinstance(row, PaperRow):
            row.action_turn()
            return
        if row is not None and row.field.kind is Kind.TABLE:
            self.open_table(row)
            return
        texts = [] if row is None else field_options(row.field, language)
        if row is None or not texts:
            self.say(self.words("form.no_choices"), "!")
            return
        found = row

        def chosen(place: int) -> None:
            found.input.rewrite(texts[place].title)
            self.show_answers()
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
