"""Signing many at once, first half: what waits for this person's signature, and which of it is to be signed now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.widgets import Static

from console.desk_batches import ToSign
from console.screens.base import DeskScreen
from console.screens.choose import Option, choose
from console.widgets.pages import PAGE, Column, PagedTable
from console.written import moment_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from textual.widget import Widget

    from console.desk_batches import BatchView, ToSignPage


class BatchScreen(DeskScreen):
    """Documents that wait for this person's signature. All are chosen, or those that are marked."""

    NAME = "batch"
    HERE: ClassVar[tuple[str, ...]] = ("help", "choices", "refresh", "sign", "next_step", "palette", "back")
    BINDINGS: ClassVar[list[Any]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("ctrl+home", "move(-1000000000)", show=False),
        Binding("ctrl+end", "move(1000000000)", show=False),
        Binding("space", "mark", show=False),
        Binding("enter", "press('sign')", show=False),
    ]
    DEFAULT_CSS = """
    BatchScreen #chosen { height: 1; padding: 0 1; background: $surface; }
    BatchScreen #unfinished { height: auto; max-height: 3; padding: 0 1; background: $surface; color: $warning; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.everything = False
        """Whether all that waits is chosen, but for what is marked; else only what is marked."""
        self.marked: dict[str, None] = {}
        self.unfinished: tuple[BatchView, ...] = ()
        self._at: datetime | None = None
        """When the list was looked at: what came later is not signed with it."""

    def body(self) -> Iterable[Widget]:
        language = self.console_app.words.language
        columns: list[Column[ToSign]] = [
            Column("✓", 1, lambda row: "✓" if self.is_chosen(row) else ""),
            Column(self.words("queue.code"), 13, lambda row: row.code),
            Column(self.words("batch.document"), 18, lambda row: row.title(language), share=2),
            Column(self.words("batch.number"), 13, lambda row: row.number, share=1),
            Column(self.words("queue.customer"), 16, lambda row: row.customer, share=3),
            Column(self.words("batch.slot"), 12, lambda row: row.slot.title(language), share=1, from_width=96),
            Column(self.words("batch.drawn"), 16, lambda row: moment_text(row.drawn_at), from_width=112),
        ]
        yield Static(id="chosen", markup=False)
        yield Static(id="unfinished", markup=False)
        table = PagedTable[ToSign](columns, lambda _row: "")
        table.empty = self.words("batch.empty")
        yield table

    @property
    def table(self) -> PagedTable[ToSign]:
        return self.query_one(PagedTable)

    @property
    def count(self) -> int:
        """How many documents are chosen."""
        return (self.table.total or 0) - len(self.marked) if self.everything else len(self.marked)

    def is_chosen(self, row: ToSign) -> bool:
        return (row.document in self.marked) is not self.everything

    def on_mount(self) -> None:
        super().on_mount()
        self.do_refresh()

    # Asking

    def do_refresh(self) -> None:
        """Look anew; what was signed meanwhile is no longer marked."""
        self.everything, self.marked = False, {}
        self._ask_rows(0, hold=True)
        self.ask(lambda desk: desk.batches(), self._have_unfinished, group="unfinished")

    def _ask_rows(self, page: int, *, hold: bool = False) -> None:
        self.ask(
            lambda desk: desk.to_sign("", page * PAGE, PAGE),
            partial(self._rows, page, fresh=hold),
            group=f"rows {page}",
            hold=hold,
        )

    def _rows(self, page: int, found: ToSignPage, *, fresh: bool) -> None:
        if fresh or self._at is None:
            self._at = found.at
        self.table.put(page, found.rows, found.total, fresh=fresh)
        self._show()

    def on_paged_table_wanted(self, event: PagedTable.Wanted) -> None:
        self._ask_rows(event.page)

    def _have_unfinished(self, found: Sequence[BatchView]) -> None:
        self.unfinished = tuple(found)
        self._show()

    # Showing

    def _show(self) -> None:
        total = self.table.total or 0
        self.query_one("#chosen", Static).update(self.words("batch.chosen", total=total, chosen=self.count))
        lines = [
            " ".join(self.words("batch.unfinished", **_counts(one), detail=one.detail).split())
            for one in self.unfinished[:3]
        ]
        self.query_one("#unfinished", Static).update("\n".join(lines))
        self.query_one("#unfinished").display = bool(lines)
        self.table.refresh()

    def key_line(self) -> Iterable[tuple[str, str, str]]:
        for cap, words, action in super().key_line():
            if action == "press('sign')":
                yield self.words("batch.cap_space"), self.words("batch.key_space"), "mark"
            yield cap, words, action

    # Keys

    def action_move(self, rows: int) -> None:
        self.table.move(rows)

    def action_page(self, by: int) -> None:
        self.table.move(by * max(1, self.table.size.height - 2))

    def on_paged_table_opened(self) -> None:
        self.action_mark()

    def action_mark(self) -> None:
        """Mark the row, or take the mark away, and go on to the next."""
        self.console_app.touched()
        row = self.table.chosen
        if row is None:
            return
        if row.document in self.marked:
            del self.marked[row.document]
        else:
            self.marked[row.document] = None
        self.table.move(1)
        self._show()

    def do_choices(self) -> None:
        """F4: all, or none."""
        self.everything, self.marked = not (self.everything and not self.marked), {}
        self._show()

    def do_sign(self) -> None:
        """F9: on to the certificate and the PIN."""
        first = self._first()
        if not self.count or first is None or self._at is None:
            self.say(self.words("batch.none_chosen"), "!")
            return
        from console.screens.batch_run import BatchRunScreen, Selection

        marked = tuple(self.marked)
        only, but_not = (None, marked) if self.everything else (marked, ())
        screen = BatchRunScreen(first, Selection(only, but_not, self.count, self._at))
        self.app.push_screen(screen, lambda _nothing: self.do_refresh())

    def _first(self) -> str | None:
        """Return a document that is chosen: what its slot wants shows which certificates will do."""
        if not self.everything:
            return next(iter(self.marked), None)
        return next((row.document for row in self.table.held if self.is_chosen(row)), None)

    def do_next_step(self) -> None:
        """F10: go on with an unfinished batch, or give it up."""
        if not self.unfinished:
            self.say(self.words("batch.no_unfinished"))
            return
        options: list[Option] = []
        for one in self.unfinished:
            options.append(Option(self.words("batch.go_on", **_counts(one))))
            options.append(Option(self.words("batch.drop", **_counts(one))))
        choose(self, self.words("batch.which"), options, self._take_up)

    def _take_up(self, place: int) -> None:
        from console.screens.batch_run import BatchRunScreen

        batch = self.unfinished[place // 2]
        if place % 2:
            self.ask(
                lambda desk: desk.drop_batch(batch.id), lambda _nothing: self._dropped(batch), group="drop", hold=True
            )
        else:
            self.app.push_screen(BatchRunScreen(batch.next, batch), lambda _nothing: self.do_refresh())

    def _dropped(self, batch: BatchView) -> None:
        self.do_refresh()
        self.say(self.words("batch.dropped", waiting=batch.waiting), "✓")


def _counts(batch: BatchView) -> dict[str, int]:
    return {"done": batch.done, "total": batch.total, "waiting": batch.waiting}
