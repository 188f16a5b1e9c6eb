"""Signing one document, slot by slot in the order of the law. One try of the PIN for each press of a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from console.screens.base import DeskScreen
from console.screens.casework import complete_text, pass_down
from console.widgets.fields import SecretField, TextField
from console.widgets.frame import token_words
from console.widgets.page_map import place_words
from console.widgets.sheet import Sheet
from console.widgets.slots import slots_content
from kernel.clock import local

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

    from console.desk import Certificate, DocumentView, SignatureDone, StampView
    from kernel.api.errors import QuayDienError


class SigningScreen(DeskScreen):
    NAME = "signing"
    HERE: ClassVar[tuple[str, ...]] = (
        "help",
        "new",
        "refresh",
        "preview",
        "check",
        "sign",
        "palette",
        "arrows",
        "back",
    )
    AUTO_FOCUS = "#pin"
    BINDINGS: ClassVar[list[Any]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
    ]
    DEFAULT_CSS = """
    SigningScreen Sheet { padding: 1 2; }
    SigningScreen Static { height: auto; }
    SigningScreen .row { height: 1; margin-top: 1; }
    SigningScreen .label { width: 6; }
    SigningScreen #pin { width: 24; }
    SigningScreen #tries { margin-left: 2; width: 1fr; height: 1; }
    SigningScreen #certificates { margin-top: 1; }
    SigningScreen #look { margin-top: 1; }
    """

    def __init__(self, document: DocumentView) -> None:
        super().__init__()
        self.document = document
        self.certificates: tuple[Certificate, ...] | None = None
        self.cursor = 0
        self.look: StampView | None = None
        self._signing = False

    def body(self) -> Iterable[Widget]:
        yield Sheet(
            Static(self.document.title(self.console_app.words.language), markup=False),
            Static(id="slots", markup=False),
            Horizontal(
                Static("PIN", classes="label", markup=False),
                SecretField(id="pin"),
                Static(id="tries", markup=False),
                classes="row",
            ),
            Static(id="look", markup=False),
            Static(id="certificates", markup=False),
        )

    def on_mount(self) -> None:
        super().on_mount()
        self._show()
        self._look()

    def refresh_top(self) -> None:
        super().refresh_top()
        for line in self.query("#tries").results(Static):
            line.update(token_words(self.console_app.tokens or (), self.words_of, max(20, self.size.width - 40)))

    @property
    def words_of(self) -> Any:
        return self.console_app.words

    def _look(self) -> None:
        self.ask(lambda desk: desk.certificates(self.document.id), self._have, group="certificates")

    def _ask_look(self) -> None:
        """Ask what the chosen certificate's signature will show; what is wrong with it is told on F7."""
        self.look = None
        chosen = self._chosen
        if chosen is not None and self._slot is not None:
            self.ask(
                lambda desk: desk.stamp(self.document.id, chosen.id),
                self._have_look,
                group="look",
                failed=lambda _error: None,
            )

    def _have_look(self, look: StampView) -> None:
        self.look = look
        self._show()

    @property
    def _chosen(self) -> Certificate | None:
        return self.certificates[self.cursor] if self.certificates else None

    def do_refresh(self) -> None:
        """Read the certificates of the tokens anew."""
        self.certificates = self.look = None
        self._show()
        self._look()

    def _have(self, certificates: Sequence[Certificate]) -> None:
        self.certificates = tuple(certificates)
        usable = [place for place, each in enumerate(certificates) if each.problem is None]
        self.cursor = usable[0] if usable else 0
        self._show()
        self._ask_look()

    @property
    def _slot(self) -> str | None:
        return next((view.slot.field for view in self.document.slots if view.state == "next"), None)

    def _show(self) -> None:
        language = self.console_app.words.language
        self.query_one("#slots", Static).update(slots_content(self.document, self.words, language))
        self.query_one("#certificates", Static).update(self._list())
        self.query_one("#look", Static).update(self._in_a_line())
        self.refresh_top()

    def _in_a_line(self) -> Content:
        look, language = self.look, self.console_app.words.language
        if look is None or self._slot is None:
            return Content("")
        what = look.picture(language) if look.picture is not None else self.words("stamp.words_alone")
        place = place_words(look.area, self.words)
        return Content(f"▣ {self.words('stamp.short', page=look.page, pages=look.pages, place=place, what=what)}")

    def _list(self) -> Content:
        """The chosen certificate in full, the others a line each: the PIN stays in sight on 24 rows."""
        if self._slot is None:
            return Content(f"✓ {complete_text(self, self.document)}")
        if self.certificates is None:
            return Content(f"… {self.words('signing.reading')}")
        if not self.certificates:
            return Content(f"! {self.words('signing.no_certificate')}")
        lines = [Content.styled(self.words("signing.with"), "bold")]
        for place, each in enumerate(self.certificates):
            lines.append(self._in_full(each) if place == self.cursor else self._in_short(each))
        return Content("\n").join(lines)

    def _in_full(self, each: Certificate) -> Content:
        until = f"{local(each.valid_to):%d/%m/%Y}"
        problem = self._problem(each) or f"✓ {self.words('signing.usable')}"
        text = self.words(
            "signing.certificate", subject=each.subject, identity=each.identity, issuer=each.issuer, until=until
        )
        return Content.styled(f"▶ {text}\n    {problem} · {each.token}", "bold")

    def _in_short(self, each: Certificate) -> Content:
        line = f"  {'!' if each.problem else '✓'} {each.subject} · {each.identity} · {each.token}"
        return Content(line).truncate(max(20, self.size.width - 6), ellipsis=True)

    def _problem(self, each: Certificate) -> str:
        return f"! {each.problem(self.console_app.words.language)}" if each.problem is not None else ""

    # Keys

    def action_move(self, by: int) -> None:
        if self.certificates:
            self.cursor = max(0, min(len(self.certificates) - 1, self.cursor + by))
            self.query_one(SecretField).take()  # what was typed for one token is not tried on another
            self._ask_look()
            self._show()

    def do_arrows(self) -> None:
        self.action_move(1)

    def do_new(self) -> None:
        """F2: sign with a key that is not in a token here."""
        from console.screens.elsewhere import choose_way

        choose_way(self, self.document)

    def do_preview(self) -> None:
        from console.screens.preview import open_preview

        open_preview(self, self.document)

    def do_check(self) -> None:
        """F7: what the signature will show, and where."""
        from console.screens.stamp import StampScreen

        chosen = self._chosen
        if self._slot is None or chosen is None:
            self.say(self.words("signing.complete" if self._slot is None else "signing.no_certificate"), "!")
            return
        self.say(self.words("stamp.reading"))

        def drawn(view: StampView) -> None:
            self.say("")
            self.app.push_screen(StampScreen(self.document, chosen.id, view))

        self.ask(lambda desk: desk.stamp(self.document.id, chosen.id), drawn, group="stamp", hold=True)

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        event.stop()
        self.do_sign()

    def do_sign(self) -> None:
        """Try once, with the certificate chosen and the PIN typed; the PIN is gone from the field at once."""
        field = self.query_one(SecretField)
        slot = self._slot
        if self._signing:
            return
        if slot is None:
            self.say(complete_text(self, self.document), "✓")
            return
        if not self.certificates:
            self.say(self.words("signing.no_certificate"), "!")
            return
        chosen = self.certificates[self.cursor]
        if chosen.problem is not None:
            problem = chosen.problem(self.console_app.words.language)
            self.say(self.words("signing.unusable", problem=problem), "!")
            return
        pin = field.take()
        if chosen.needs_pin and not pin:
            self.say(self.words("signing.no_pin"), "!")
            self.set_focus(field)
            return
        self._signing = True
        self.show_diagnosis(None)
        self.say(self.words("signing.signing"))
        self.ask(
            lambda desk: desk.sign(self.document.id, slot, chosen.id, pin),
            self._signed,
            group="sign",
            hold=True,
            failed=self._refused,
        )

    def _signed(self, done: SignatureDone) -> None:
        self._signing = False
        self.document = done.document
        pass_down(self.app, done.document)
        key = "signing.complete" if self._slot is None else "signing.done"
        seconds = f"{done.seconds:.1f}".replace(".", ",")
        self.say(self.words(key, signer=done.signer, seconds=seconds), "✓")
        self.do_refresh()

    def _refused(self, error: QuayDienError) -> None:
        self._signing = False
        self.say("")
        self.fail(error)
        self.console_app.look_at_tokens()
        self.set_focus(self.query_one(SecretField))
