"""Signing with a key outside: choosing one, and waiting for the signature without holding up the counter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from console.screens.base import DeskScreen, Dialog
from console.screens.choose import Option, choose
from console.screens.line import LineScreen
from console.widgets.fields import TextField
from console.widgets.sheet import Sheet
from console.widgets.slots import slots_content
from console.written import clock_text, countdown
from kernel.api.text import Text
from kernel.clock import now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.widget import Widget

    from console.desk import DocumentView
    from console.desk_elsewhere import ElsewhereView, HandedOut, RemoteKey, SigningWays

LOOK_SECONDS = 2


def choose_way(screen: DeskScreen, document: DocumentView) -> None:
    """Ask where the next slot is to be signed: with a key of a remote service, or a device somebody brought."""
    slot = next((view.slot.field for view in document.slots if view.state == "next"), None)
    if slot is None:
        screen.say(screen.words("signing.complete"), "✓")
        return
    screen.say(screen.words("elsewhere.asking"))

    def offer(ways: SigningWays) -> None:
        language = screen.console_app.words.language
        away = "; ".join(failed(language) for failed in ways.failed)
        screen.say(screen.words("elsewhere.away", detail=away) if away else "", "!" if away else "")
        options = [
            Option(
                f"{'!' if key.problem else '▸'} {key.title} · {key.subject}",
                key.problem(language) if key.problem else key.identity,
            )
            for key in ways.keys
        ]
        options.append(Option(f"▸ {screen.words('elsewhere.device')}", screen.words("elsewhere.device_hint")))

        def chosen(place: int) -> None:
            if place == len(ways.keys):
                _ask_certificate(screen, document, slot)
            elif (problem := ways.keys[place].problem) is not None:
                screen.say(screen.words("signing.unusable", problem=problem(language)), "!")
            else:
                _ask_secrets(screen, document, slot, ways.keys[place], {})

        choose(screen, screen.words("elsewhere.where"), options, chosen)

    screen.ask(lambda desk: desk.signing_ways(document.id), offer, group="ways", hold=True)


def _ask_secrets(screen: DeskScreen, document: DocumentView, slot: str, key: RemoteKey, typed: dict[str, str]) -> None:
    """Let the owner type what the service wants, one after the other, then ask the service."""
    wanted = next((name for name in key.secrets if name not in typed), None)
    if wanted is None:
        screen.say(screen.words("elsewhere.sending", place=key.title))
        screen.ask(
            lambda desk: desk.ask_remote(document.id, slot, key.service, key.credential, typed),
            lambda waiting: open_waiting(screen, document, waiting),
            group="remote",
            hold=True,
        )
        return

    def given(secret: str | None) -> None:
        if secret is not None:
            _ask_secrets(screen, document, slot, key, {**typed, wanted: secret})

    def let_type(hint: str) -> None:
        screen.say("")
        title = screen.words("elsewhere.secret", name=wanted, place=key.title)
        screen.app.push_screen(LineScreen(title, hint, secret=True), given)

    if wanted in key.sent:
        screen.say(screen.words("elsewhere.sending_code", place=key.title))
        screen.ask(
            lambda desk: desk.send_remote_code(document.id, slot, key.service, key.credential, wanted),
            lambda _: let_type(screen.words("elsewhere.code_hint")),
            group="remote",
            hold=True,
        )
    else:
        let_type(screen.words("elsewhere.secret_hint"))


def _ask_certificate(screen: DeskScreen, document: DocumentView, slot: str) -> None:
    def given(text: str | None) -> None:
        if text is None:
            return
        path = Path(text).expanduser()
        screen.say(screen.words("elsewhere.preparing"))
        screen.ask(
            lambda desk: desk.prepare_for_device(document.id, slot, path),
            lambda waiting: open_waiting(screen, document, waiting, path.parent),
            group="device",
            hold=True,
        )

    line = LineScreen(screen.words("elsewhere.certificate"), screen.words("elsewhere.certificate_hint"))
    screen.app.push_screen(line, given)


def open_waiting(
    screen: DeskScreen, document: DocumentView, waiting: ElsewhereView, folder: Path | None = None
) -> None:
    """Open what shows a signature that is awaited. Files for a device are written into `folder`."""
    screen.say("")
    made = WaitingScreen(document, waiting) if waiting.place else DeviceScreen(document, waiting, folder)
    screen.app.push_screen(made)


class WaitingScreen(DeskScreen):
    """A signature of a remote service is awaited. Leaving the screen changes nothing: the worker goes on."""

    NAME = "elsewhere"
    HERE: ClassVar[tuple[str, ...]] = ("help", "refresh", "next_step", "back")
    DEFAULT_CSS = """
    WaitingScreen Sheet { padding: 1 2; }
    WaitingScreen Static { height: auto; }
    WaitingScreen #state { margin: 1 0; }
    WaitingScreen .row { height: 1; margin: 1 0; }
    WaitingScreen .label { width: 24; }
    """

    def __init__(self, document: DocumentView, waiting: ElsewhereView) -> None:
        super().__init__()
        self.document = document
        self.waiting = waiting

    def body(self) -> Iterable[Widget]:
        language = self.console_app.words.language
        yield Sheet(
            Static(self.document.title(language), markup=False),
            Static(id="state", markup=False),
            *self.middle(),
            Static(id="slots", markup=False),
        )

    def middle(self) -> Iterable[Widget]:
        return ()

    def on_mount(self) -> None:
        super().on_mount()
        self._show()
        self._look()
        self.set_interval(1, self._show)
        self.set_interval(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        if self.waiting.open:
            self.ask(lambda desk: desk.elsewhere(self.document.id), self._have, group="look", failed=lambda _: None)

    def _have(self, found: ElsewhereView | None) -> None:
        if found is None or found.id != self.waiting.id:
            return
        self.waiting = found
        self._show()
        if found.state == "done":
            self.ask(lambda desk: desk.document(self.document.id), self.finished, group="document", hold=True)

    def _show(self) -> None:
        language = self.console_app.words.language
        self.query_one("#state", Static).update(self._state())
        self.query_one("#slots", Static).update(slots_content(self.document, self.words, language))

    def _state(self) -> str:
        found, language = self.waiting, self.console_app.words.language
        staff = found.staff(language) if isinstance(found.staff, Text) else found.staff
        lines = [
            self.words(
                "elsewhere.asked", signer=found.signer, place=found.place or self.words("elsewhere.own_device"),
                staff=staff, since=clock_text(found.since),
            )
        ]  # fmt: skip
        left = (found.until - now()).total_seconds()
        late, device = found.open and left <= 0, found.open and not found.place
        state = "expired" if late else "device" if device else found.state
        until = clock_text(found.until)
        lines.append(self.words(f"elsewhere.state_{state}", until=until, left=countdown(left)))
        if found.detail:
            lines.append(f"! {found.detail}")
        return "\n".join(lines)

    def do_refresh(self) -> None:
        """F5: look at once."""
        self._look()

    def do_next_step(self) -> None:
        """F10: stop waiting."""
        if not self.waiting.open:
            self.say(self.words("elsewhere.over"))
            return
        # Enter alone cancels nothing
        options = [Option(f"▸ {self.words('elsewhere.go_on')}"), Option(f"! {self.words('elsewhere.cancel')}")]
        choose(self, self.words("elsewhere.cancel_title"), options, lambda place: self._cancel() if place else None)

    def _cancel(self) -> None:
        request = self.waiting.id
        self.ask(lambda desk: desk.give_up(request), self._have, group="look", hold=True)

    def finished(self, document: DocumentView) -> None:
        """Go back with the signed document to where the signing began."""
        from console.screens.consent import ConsentScreen
        from console.screens.signing import SigningScreen

        app, signer = self.console_app, self.waiting.signer
        self.dismiss()
        below = app.screen
        if isinstance(below, ConsentScreen):
            below.dismiss()
            below = app.screen
        if hasattr(below, "document"):
            below.document = document
        if isinstance(below, SigningScreen):
            below.do_refresh()
        if isinstance(below, DeskScreen):
            below.say(self.words("elsewhere.done", signer=signer), "✓")


class DeviceScreen(WaitingScreen):
    """A device in somebody's hands signs: what it needs is written to files and shown, the answer is read from one."""

    HERE: ClassVar[tuple[str, ...]] = ("help", "preview", "check", "sign", "next_step", "back")
    AUTO_FOCUS = "#answer"

    def __init__(self, document: DocumentView, waiting: ElsewhereView, folder: Path | None) -> None:
        super().__init__(document, waiting)
        self.folder = folder
        self.given: HandedOut | None = None

    def middle(self) -> Iterable[Widget]:
        label = Static(self.words("elsewhere.answer"), classes="label", markup=False)
        yield Static(id="given", markup=False)
        yield Horizontal(label, TextField(id="answer"), classes="row")

    def on_mount(self) -> None:
        super().on_mount()
        if self.waiting.open:
            self._hand_out()

    def _hand_out(self) -> None:
        request, folder = self.waiting.id, self.folder
        self.ask(lambda desk: desk.hand_out(request, folder), self._have_given, group="given")

    def _have_given(self, given: HandedOut) -> None:
        self.given = given
        lines = [self.words("elsewhere.hash", mechanism=given.mechanism), given.hash]
        if given.files:
            names = ", ".join(path.name for path in given.files)
            lines.append(self.words("elsewhere.files", folder=given.files[0].parent, names=names))
        self.query_one("#given", Static).update("\n".join(lines))
        field = self.query_one("#answer", TextField)
        if given.answer is not None and not field.value:
            field.rewrite(str(given.answer))

    def do_preview(self) -> None:
        """F6: write the files into another folder."""

        def chosen(text: str | None) -> None:
            if text is not None:
                self.folder = Path(text).expanduser()
                self._hand_out()

        value = str(self.folder or "")
        self.app.push_screen(
            LineScreen(self.words("elsewhere.folder"), self.words("elsewhere.folder_hint"), value), chosen
        )

    def do_check(self) -> None:
        """F7: the hash as a QR code."""
        if self.given is not None:
            self.app.push_screen(QrScreen(self.words("elsewhere.qr"), self.given.text))

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        event.stop()
        self.do_sign()

    def do_sign(self) -> None:
        """F9: read the signature that came back."""
        text, request = self.query_one("#answer", TextField).value.strip(), self.waiting.id
        if not text:
            self.say(self.words("elsewhere.no_answer"), "!")
            return
        path = Path(text).expanduser()
        self.show_diagnosis(None)
        self.say(self.words("elsewhere.checking"))
        self.ask(lambda desk: desk.take_back(request, path), self.finished, group="answer", hold=True)


class QrScreen(Dialog[None]):
    """A QR code to be read by another device."""

    NAME = "elsewhere"
    DEFAULT_CSS = """
    QrScreen > .box { width: auto; max-height: 100%; border: none; padding: 0; }
    QrScreen Static { width: auto; height: auto; }
    """

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        # imported late: nobody waits at the first frame for what few need
        from console.widgets.qr import qr_content

        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield Static(qr_content(self._text), id="qr")

    def leave(self) -> None:
        self.dismiss(None)
