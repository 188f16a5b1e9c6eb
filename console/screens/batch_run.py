"""Signing many at once, second half: one certificate, one PIN, a batch that can be paused, stopped and gone on with."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from console.desk_batches import FailedRow
from console.screens.base import DeskScreen
from console.widgets.fields import SecretField, TextField
from console.widgets.frame import KeyLine, token_words
from console.widgets.pages import PAGE, Column, PagedTable
from console.widgets.progress import progress_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from textual.widget import Widget

    from console.desk import Certificate, Desk
    from console.desk_batches import BatchHand, BatchView, FailedPage
    from kernel.api.errors import QuayDienError


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be signed: `only` these documents or, where that is None, all that waits; `but_not` those."""

    only: tuple[str, ...] | None
    but_not: tuple[str, ...]
    count: int
    at: datetime
    """When the list was looked at."""


@dataclass
class Progress(Message):
    """How far the batch came. A newer one replaces those that wait to be shown."""

    batch: BatchView

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Progress)


class BatchRunScreen(DeskScreen):
    NAME = "batch_run"
    HERE: ClassVar[tuple[str, ...]] = ("help", "refresh", "sign", "palette", "arrows", "back")
    AUTO_FOCUS = "#pin"
    BINDINGS: ClassVar[list[Any]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("enter", "open_failed", show=False),
        Binding("p", "pause", show=False),
        Binding("s", "stop", show=False),
    ]
    DEFAULT_CSS = """
    BatchRunScreen .line { height: auto; padding: 0 1; }
    BatchRunScreen #pin-row { height: 1; padding: 0 1; }
    BatchRunScreen .label { width: 6; }
    BatchRunScreen #pin { width: 24; }
    BatchRunScreen #tries { margin-left: 2; width: 1fr; height: 1; }
    BatchRunScreen #progress { text-style: bold; }
    """

    def __init__(self, document: str, lot: Selection | BatchView) -> None:
        """`document` is one of those to sign: which certificates will do is asked for it."""
        super().__init__()
        self._document = document
        self._lot = lot
        self.view = None if isinstance(lot, Selection) else lot
        self.certificates: tuple[Certificate, ...] | None = None
        self.cursor = 0
        self.at_work = False
        self.paused = False
        self._stopping = False
        self._hand: BatchHand | None = None
        self._began = (0.0, 0)
        """When this run began (monotonic seconds), and how much was through with then."""

    def body(self) -> Iterable[Widget]:
        language = self.console_app.words.language
        columns: list[Column[FailedRow]] = [
            Column(self.words("queue.code"), 13, lambda row: row.code),
            Column(self.words("batch.document"), 14, lambda row: row.title(language), share=1, from_width=100),
            Column(self.words("batch.number"), 13, lambda row: row.number, from_width=72),
            Column(self.words("batch_run.reason"), 30, lambda row: row.reason, share=4),
        ]
        yield Static(id="what", classes="line", markup=False)
        yield Static(id="certificates", classes="line", markup=False)
        yield Horizontal(
            Static("PIN", classes="label", markup=False), SecretField(id="pin"), Static(id="tries", markup=False),
            id="pin-row",
        )  # fmt: skip
        yield Static(id="progress", classes="line", markup=False)
        yield PagedTable[FailedRow](columns, lambda _row: "pages--late")

    @property
    def table(self) -> PagedTable[FailedRow]:
        return self.query_one(PagedTable)

    @property
    def over(self) -> bool:
        """Whether nothing waits in the batch any more."""
        return self.view is not None and not self.view.waiting

    def on_mount(self) -> None:
        super().on_mount()
        self._show()
        self._ask_certificates()
        if self.view is not None:
            self._ask_failed()

    def on_unmount(self) -> None:
        if self._hand is not None:
            self._hand.stop()  # the document at hand is finished, the rest keeps its place

    # Certificates

    def _ask_certificates(self) -> None:
        self.ask(lambda desk: desk.certificates(self._document), self._have_certificates, group="certificates")

    def _have_certificates(self, found: Sequence[Certificate]) -> None:
        pinned = self.view.certificate if self.view is not None else None
        self.certificates = tuple(one for one in found if pinned in (None, one.id))
        usable = [place for place, one in enumerate(self.certificates) if one.problem is None]
        self.cursor = usable[0] if usable else 0
        self._show()

    @property
    def _chosen(self) -> Certificate | None:
        return self.certificates[self.cursor] if self.certificates else None

    # Showing

    def refresh_top(self) -> None:
        super().refresh_top()
        for line in self.query("#tries").results(Static):
            line.update(
                token_words(self.console_app.tokens or (), self.console_app.words, max(20, self.size.width - 40))
            )

    def _show(self) -> None:
        batch = self.view
        lot = self.view or self._lot
        count = lot.count if isinstance(lot, Selection) else lot.waiting
        what = self.words("batch_run.over") if self.over else self.words("batch_run.what", count=count)
        self.query_one("#what", Static).update(Content.styled(what, "bold"))
        self.query_one("#certificates", Static).update(self._certificate_lines())
        self.query_one("#pin-row").display = not self.at_work and not self.over
        self.query_one("#progress", Static).update(self._progress())
        self.table.display = bool(batch is not None and batch.failed)
        for line in self.query(KeyLine):
            line.show(list(self.key_line()))
        self.refresh_top()

    def _certificate_lines(self) -> Content:
        if self.certificates is None:
            return Content(f"… {self.words('signing.reading')}")
        if not self.certificates:
            return Content(f"! {self.words('signing.no_certificate')}")
        lines = []
        for place, one in enumerate(self.certificates):
            if place != self.cursor and (self.at_work or self.view is not None):
                continue
            problem = f"! {one.problem(self.console_app.words.language)}" if one.problem is not None else "✓"
            mark = "▶" if place == self.cursor else " "
            lines.append(Content(f"{mark} {one.subject} · {one.identity} · {one.token} {problem}"))
        return Content("\n").join(line.truncate(max(20, self.size.width - 2), ellipsis=True) for line in lines)

    def _progress(self) -> Content:
        batch = self.view
        if batch is None:
            return Content("")
        through = batch.done + batch.failed
        began, before = self._began
        seconds = time.monotonic() - began if self.at_work else 0.0
        line = progress_line(through, batch.total, through - before, seconds, self.size.width - 2, self.words)
        state = self.words(f"batch_run.{'stopping' if self._stopping else 'paused' if self.paused else batch.state}")
        counts = self.words("batch_run.counts", done=batch.done, failed=batch.failed, waiting=batch.waiting)
        return Content(f"{line}\n{state} · {counts}" + (f"\n! {batch.detail}" if batch.detail else ""))

    def key_line(self) -> Iterable[tuple[str, str, str]]:
        for cap, words, action in super().key_line():
            if action == "press('sign')" and self.at_work:
                yield "P", self.words("batch_run.key_resume" if self.paused else "batch_run.key_pause"), "pause"
                yield "S", self.words("batch_run.key_stop"), "stop"
            elif self.at_work and action in ("press('refresh')", "press('back')"):
                continue
            elif action == "press('sign')" and self.over:
                if self.view is not None and self.view.failed:
                    yield "Enter", self.words("keys.enter"), "open_failed"
            else:
                yield cap, words, action

    # What failed

    def _ask_failed(self, page: int = 0, *, fresh: bool = True) -> None:
        batch = self.view
        if batch is not None:
            self.ask(
                lambda desk: desk.failed(batch.id, page * PAGE, PAGE),
                partial(self._have_failed, page, fresh=fresh),
                group=f"failed {page}",
                failed=lambda _error: None,
            )

    def _have_failed(self, page: int, found: FailedPage, *, fresh: bool) -> None:
        self.table.put(page, found.rows, found.total, fresh=fresh)

    def on_paged_table_wanted(self, event: PagedTable.Wanted) -> None:
        self._ask_failed(event.page, fresh=False)

    # Running

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        event.stop()
        self.do_sign()

    def do_sign(self) -> None:
        """F9: one try of the PIN, then one signature after the other."""
        if self.at_work:
            return
        if self.over:
            self.say(self.words("batch_run.over"), "✓")
            return
        field, chosen = self.query_one(SecretField), self._chosen
        if chosen is None:
            self.say(self.words("signing.no_certificate"), "!")
            return
        if chosen.problem is not None:
            self.say(self.words("signing.unusable", problem=chosen.problem(self.console_app.words.language)), "!")
            return
        pin = field.take()
        if chosen.needs_pin and not pin:
            self.say(self.words("signing.no_pin"), "!")
            self.set_focus(field)
            return
        self.at_work, self.paused, self._stopping = True, False, False
        self.show_diagnosis(None)
        self.say(self.words("batch_run.starting"))
        self.set_focus(None)
        self._began = (time.monotonic(), self.view.done + self.view.failed if self.view is not None else 0)
        self.ask(partial(self._run, chosen.id, pin), self._ended, group="run", failed=self._broke_off)
        self._show()

    def _run(self, certificate: str, pin: str, desk: Desk) -> BatchView:
        """Sign, in a worker thread."""
        lot = self.view or self._lot
        if isinstance(lot, Selection):
            lot = desk.open_batch(certificate, lot.only, lot.but_not, lot.at)
            self.post_message(Progress(lot))
        self._hand = hand = desk.batch_hand()
        return desk.run_batch(lot.id, pin, hand, lambda now: void(self.post_message(Progress(now))))

    def on_progress(self, event: Progress) -> None:
        event.stop()
        failed = self.view.failed if self.view is not None else 0
        self.view = event.batch
        if self.at_work:
            self.say("")
        if event.batch.failed != failed:
            self._ask_failed()
        self._show()

    def _ended(self, batch: BatchView) -> None:
        self._stand(batch)
        key = "done" if not batch.waiting else "stopped_here"
        facts = {"done": batch.done, "failed": batch.failed, "waiting": batch.waiting, "total": batch.total}
        self.say(self.words(f"batch_run.said_{key}", **facts), "✓" if not batch.failed and not batch.waiting else "!")

    def _broke_off(self, error: QuayDienError) -> None:
        """The PIN or the token stopped it: tell why, and show the place it stopped at."""
        self._stand(self.view)
        self.fail(error)
        self.console_app.look_at_tokens()
        if self.view is not None:
            self.ask(lambda desk: desk.batches(), self._look_again, group="place", failed=lambda _error: None)

    def _look_again(self, found: Sequence[BatchView]) -> None:
        mine = self.view
        self.view = next((one for one in found if mine is not None and one.id == mine.id), mine)
        self._show()

    def _stand(self, batch: BatchView | None) -> None:
        self.at_work = self.paused = self._stopping = False
        self._hand, self.view = None, batch
        if batch is not None:
            self._document = batch.next or self._document
            self._ask_failed()
        self._show()
        if not self.over:
            self.set_focus(self.query_one(SecretField))

    # Keys

    def action_move(self, by: int) -> None:
        if self.at_work or self.view is not None:
            self.table.move(by)
        elif self.certificates:
            self.cursor = max(0, min(len(self.certificates) - 1, self.cursor + by))
            self._show()

    def do_arrows(self) -> None:
        self.action_move(1)

    def action_pause(self) -> None:
        """P: wait after the document at hand, or go on."""
        self.console_app.touched()
        if self._hand is None or self._stopping:
            return
        self.paused = not self.paused
        if self.paused:
            self._hand.pause()
        else:
            self._hand.resume()
        self.say(self.words("batch_run.said_pause" if self.paused else "batch_run.said_resume"))
        self._show()

    def action_stop(self) -> None:
        """S: end after the document at hand; the rest keeps its place."""
        self.console_app.touched()
        if self._hand is not None:
            self._stopping = True
            self._hand.stop()
            self.say(self.words("batch_run.said_stop"))
            self._show()

    def on_paged_table_opened(self) -> None:
        self.action_open_failed()

    def action_open_failed(self) -> None:
        """Enter: the dossier of what could not be signed, once the batch stands still."""
        row = self.table.chosen
        if row is not None and not self.at_work:
            from console.screens.form import open_form

            open_form(self, row.dossier)

    def do_refresh(self) -> None:
        """F5: what could not be signed waits again; without any, the tokens are read anew."""
        batch = self.view
        if self.at_work:
            return
        if batch is None or not batch.failed:
            self.certificates = None
            self._show()
            self._ask_certificates()
            return
        self.ask(lambda desk: desk.retry_batch(batch.id), self._tried_again, group="retry", hold=True)

    def _tried_again(self, batch: BatchView) -> None:
        self._stand(batch)
        self.say(self.words("batch_run.said_retry", waiting=batch.waiting))
        self._ask_certificates()

    def leave(self) -> None:
        """Leave a batch that stands still; one that has signed nothing is put away."""
        batch = self.view
        if self.at_work:
            self.say(self.words("batch_run.said_running"), "!")
        elif batch is not None and isinstance(self._lot, Selection) and batch.waiting == batch.total:
            self.ask(lambda desk: desk.drop_batch(batch.id), lambda _nothing: self.dismiss(), group="drop", hold=True)
        else:
            super().leave()


def void(_value: object) -> None:
    """Take a value nobody needs."""
