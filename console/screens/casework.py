"""From the form onwards: which document to show or sign, which step comes next, what stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.containers import Vertical
from textual.widgets import Static

from console.screens.base import Dialog
from console.screens.choose import Option, choose
from console.widgets.fields import TextField
from console.widgets.frame import MessageLine
from kernel.api.documents import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import App, ComposeResult

    from console.desk import DocumentView, DossierView
    from console.screens.base import DeskScreen
    from console.screens.form import FormScreen
    from kernel.api.fields import Field
    from kernel.api.services import Obstacle


def _with_document(form: FormScreen, then: Callable[[DocumentView], None]) -> None:
    """Draw what the step draws and is not drawn yet, let the clerk choose where there are several, then go on."""
    dossier, wanted = form.view.id, form.view.draws
    here = {document.type: document for document in form.view.documents}
    if not wanted and not here:
        form.say(form.words("form.no_document"), "!")
        return
    # what is being signed elsewhere stays as it is
    to_draw = [
        kind
        for kind in wanted
        if kind not in here or (here[kind].state in ("drawn", "void") and here[kind].awaited is None)
    ]
    form.say(form.words("form.drawing"))

    def drawn(documents: list[DocumentView]) -> None:
        form.say("")
        found = {document.type: document for document in (*form.view.documents, *documents)}
        ready = sorted(found.values(), key=lambda document: document.state == "complete")
        if len(ready) == 1:
            then(ready[0])
            return
        language = form.console_app.words.language
        options = [Option(document.title(language), standing(form, document)) for document in ready]
        choose(form, form.words("form.which_document"), options, lambda place: then(ready[place]))

    form.ask(lambda desk: [desk.draw(dossier, kind) for kind in to_draw], drawn, group="draw", hold=True)


def standing(screen: DeskScreen, document: DocumentView) -> str:
    """Return how far a document came, and its signature level."""
    return " · ".join(part for part in (screen.words(f"document.{document.state}"), document.level) if part)


def complete_text(screen: DeskScreen, document: DocumentView) -> str:
    """Return that a document is complete, its level, and why that is not higher yet."""
    said = (screen.words("signing.complete"), screen.words("signing.level", level=document.level))
    return " ".join((*said, document.level_awaited)).rstrip()


def preview_document(form: FormScreen) -> None:
    """Show the text of a document's very bytes."""
    from console.screens.preview import open_preview

    _with_document(form, lambda document: open_preview(form, document))


def sign_document(form: FormScreen) -> None:
    """Go to whoever is next to confirm or sign."""
    _with_document(form, lambda document: open_next_slot(form, document, pages_viewed=0))


def open_next_slot(screen: DeskScreen, document: DocumentView, *, pages_viewed: int) -> None:
    """Open the customer's confirmation or the signing screen, whichever the law's order says is next.

    The customer's turn always starts with the text: without it seen, the preview opens first.
    """
    following = next((view for view in document.slots if view.state == "next"), None)
    if following is None:
        screen.say(complete_text(screen, document), "✓")
    elif document.awaited is not None and document.awaited.open:
        from console.screens.elsewhere import open_waiting

        open_waiting(screen, document, document.awaited)
    elif following.slot.purpose is Purpose.CUSTOMER:
        if pages_viewed == 0:
            from console.screens.preview import open_preview

            open_preview(screen, document)
        else:
            from console.screens.consent import ConsentScreen

            screen.app.push_screen(ConsentScreen(document, pages_viewed))
    else:
        from console.screens.signing import SigningScreen

        screen.app.push_screen(SigningScreen(document))


def pass_down(app: App[Any], document: DocumentView) -> None:
    """Give the screens below that show this document what has become of it."""
    for screen in app.screen_stack:
        if getattr(getattr(screen, "document", None), "id", "") == document.id:
            screen.document = document  # type: ignore[attr-defined]  # it has one: the line above


def choose_next_step(form: FormScreen) -> None:
    """F10: the steps that may follow, then the reasons why none can; after an obstacle, going on with this one."""
    if form.view.waiting:
        choose(form, form.words("form.next_title"), [Option(form.words("form.resume"))], lambda _: _resume(form))
        return
    step, language = form.view.step, form.console_app.words.language
    steps = form.view.next
    if not steps and not step.obstacles:
        form.say(form.words("form.last_step"))
        return
    options = [Option(f"▸ {each.title(language)}", each.role.short) for each in steps]
    options += [
        Option(form.words("form.obstacle_line", title=each.title(language)), _kind(form, each))
        for each in step.obstacles
    ]

    def chosen(place: int) -> None:
        if place < len(steps):
            name = steps[place].id
            form.ask(
                lambda desk: (desk.advance(form.view.id, name), desk.step_fields(form.view.id)),
                lambda found: _moved(form, *found),
                group="advance",
                hold=True,
            )
        else:
            _note_obstacle(form, step.obstacles[place - len(steps)])

    choose(form, form.words("form.next_title"), options, chosen)


def _resume(form: FormScreen) -> None:
    form.ask(
        lambda desk: (desk.resume(form.view.id), desk.step_fields(form.view.id)),
        lambda found: _moved(form, *found, "form.resumed"),
        group="advance",
        hold=True,
    )


def _moved(form: FormScreen, view: DossierView, fields: Sequence[Field], said: str = "form.moved") -> None:
    """Go on with the next step if it is this clerk's, else back to the queue."""
    from console.screens.form import FormScreen

    app = form.console_app
    words = app.words(said, code=view.code, step=view.step.title(app.words.language))
    mine = app.staff is not None and view.step.role in app.staff.roles
    if mine and not view.closed:
        screen = FormScreen(view, fields)
        app.switch_screen(screen)
        screen.call_after_refresh(screen.say, words, "✓")
    else:
        form.put_down(words)


def choose_obstacle(form: FormScreen) -> None:
    """The reasons why this step can't go on."""
    obstacles, language = form.view.step.obstacles, form.console_app.words.language
    options = [Option(each.title(language), _kind(form, each)) for each in obstacles]
    choose(form, form.words("form.obstacle"), options, lambda place: _note_obstacle(form, obstacles[place]))


def _kind(form: FormScreen, obstacle: Obstacle) -> str:
    return form.words("form.fixable" if obstacle.fixable else "form.not_fixable")


def _note_obstacle(form: FormScreen, obstacle: Obstacle) -> None:
    def noted(note: str | None) -> None:
        if note is not None:
            form.ask(
                lambda desk: desk.report_obstacle(form.view.id, obstacle, note),
                lambda view: form.put_down(form.words("form.obstacle_done", code=view.code)),
                group="obstacle",
                hold=True,
            )

    title = f"{obstacle.title(form.console_app.words.language)} ({_kind(form, obstacle)})"
    form.app.push_screen(NoteScreen(title), noted)


class NoteScreen(Dialog[str | None]):
    """One line of words to go with a decision. Dismisses with them, None when it was put away."""

    NAME = "note"
    AUTO_FOCUS = "TextField"

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield Static(self.words("note.ask"), markup=False)
            yield TextField()
            yield MessageLine()

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        event.stop()
        if note := event.field.value.strip():
            self.dismiss(note)
        else:
            self.say(self.words("note.needed"), "!")

    def leave(self) -> None:
        self.dismiss(None)
