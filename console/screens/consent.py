"""The customer confirms: a code goes to the customer's phone, the customer says or types it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual.containers import Horizontal
from textual.widgets import Static

from console.screens.base import DeskScreen
from console.screens.casework import pass_down
from console.widgets.fields import TextField
from console.widgets.sheet import Sheet
from console.widgets.slots import slots_content
from console.written import clock_text, countdown
from kernel.clock import now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from console.desk import Challenge, DocumentView
    from kernel.api.errors import QuayDienError

CODE_DIGITS = 6
RESEND = 60
"""Seconds between two codes to one phone."""


class ConsentScreen(DeskScreen):
    NAME = "consent"
    HERE: ClassVar[tuple[str, ...]] = ("help", "new", "sign", "refresh", "choices", "enter", "back")
    AUTO_FOCUS = "#code"
    DEFAULT_CSS = """
    ConsentScreen Sheet { padding: 1 2; }
    ConsentScreen Static { height: auto; }
    ConsentScreen .row { height: 1; margin: 1 0; }
    ConsentScreen .label { width: 24; }
    ConsentScreen #code { width: 12; }
    ConsentScreen #slots { margin-top: 1; }
    """

    def __init__(self, document: DocumentView, pages_viewed: int) -> None:
        super().__init__()
        self.document = document
        self._pages_viewed = pages_viewed
        self.challenge: Challenge | None = None
        self.given: Literal["spoken", "keypad"] = "spoken"

    def body(self) -> Iterable[Widget]:
        language = self.console_app.words.language
        label = Static(self.words("consent.code"), classes="label", markup=False)
        yield Sheet(
            Static(self.document.title(language), markup=False),
            Static(self.words("consent.what"), markup=False),
            Static(id="state", markup=False),
            Horizontal(label, TextField(id="code"), classes="row"),
            Static(id="given", markup=False),
            Static(id="slots", markup=False),
        )

    def on_mount(self) -> None:
        super().on_mount()
        self._show()
        self._look()
        self.set_interval(1, self._show)
        self.set_interval(2, self._look)

    def _look(self) -> None:
        self.ask(lambda desk: desk.challenge(self.document.id), self._have, group="look", failed=lambda _error: None)

    def _have(self, challenge: Challenge | None) -> None:
        self.challenge = challenge
        self._show()

    @property
    def _usable(self) -> bool:
        """Whether the code sent last can still be answered."""
        found = self.challenge
        return found is not None and found.tries_left > 0 and found.expires_at > now()

    def _show(self) -> None:
        language = self.console_app.words.language
        found = self.challenge
        if found is None:
            state = self.words("consent.not_sent")
        else:
            left = (found.expires_at - now()).total_seconds()
            key = "consent.late" if left <= 0 else "consent.state" if found.tries_left else "consent.locked"
            state = self.words(
                key, phone=found.phone, at=clock_text(found.sent_at), delivery=found.delivery(language),
                left=countdown(left), tries=found.tries_left,
            )  # fmt: skip
        self.query_one("#state", Static).update(state)
        self.query_one("#given", Static).update(self.words(f"consent.given_{self.given}"))
        self.query_one("#slots", Static).update(slots_content(self.document, self.words, language))

    # Keys

    def do_sign(self) -> None:
        """F9: send the first code, or the next one where the last can't be used any more."""
        if self._usable:
            self.say(self.words("consent.already_sent"))
        else:
            self.do_refresh()

    def do_refresh(self) -> None:
        """F5: send a new code; the old one stops counting."""
        if self.challenge is not None:
            wait = RESEND - (now() - self.challenge.sent_at).total_seconds()
            if wait > 0:
                self.say(self.words("consent.wait", seconds=int(wait) + 1), "!")
                return
        self._send()

    def _send(self) -> None:
        self.show_diagnosis(None)
        self.say(self.words("consent.sending"))
        pages = self._pages_viewed
        self.ask(lambda desk: desk.send_code(self.document.id, pages), self._sent, group="send")

    def _sent(self, challenge: Challenge) -> None:
        self._have(challenge)
        self.say(self.words("consent.sent", phone=challenge.phone))
        self.set_focus(self.query_one("#code", TextField))

    def do_new(self) -> None:
        """F2: the customer signs with an own key instead."""
        from console.screens.elsewhere import choose_way

        choose_way(self, self.document)

    def do_choices(self) -> None:
        """F4: whether the customer says the code or types it."""
        self.given = "keypad" if self.given == "spoken" else "spoken"
        self.query_one("#code", TextField).password = self.given == "keypad"  # nobody else's eyes
        self._show()

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        event.stop()
        self.do_enter()

    def do_enter(self) -> None:
        """Check the code the customer gave."""
        field = self.query_one("#code", TextField)
        code = "".join(field.value.split())
        if not code:
            self.say(self.words("consent.no_code"), "!")
            return
        if not (len(code) == CODE_DIGITS and code.isascii() and code.isdigit()):
            self.say(self.words("consent.not_a_code", count=CODE_DIGITS), "!")  # a slip of the hand costs no try
            return
        field.value = ""
        self.show_diagnosis(None)
        given = self.given
        self.ask(
            lambda desk: desk.answer_code(self.document.id, code, given),
            self._confirmed,
            group="answer",
            hold=True,
            failed=self._refused,
        )

    def _confirmed(self, document: DocumentView) -> None:
        self.document = document
        app = self.app
        pass_down(app, document)
        self.dismiss()
        if isinstance(below := app.screen, DeskScreen):
            below.say(self.words("consent.done"), "✓")

    def _refused(self, error: QuayDienError) -> None:
        self.fail(error)
        self._look()
