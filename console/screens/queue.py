"""The queue: what is to be done, the shortest time left first, filtered while one types."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, get_args

from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.style import Style
from textual.widgets import Input, Static

from console.desk import QueueRow, QueueTab
from console.screens.base import DeskScreen
from console.widgets.fields import TextField
from console.widgets.pages import PAGE, Column, PagedTable
from console.written import moment_text, time_left
from kernel.api.amounts import show_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.timer import Timer
    from textual.widget import Widget

    from console.desk import DossierView, IntakeReport, QueuePage

TABS: tuple[QueueTab, ...] = get_args(QueueTab)
PAUSE = 0.25
"""Seconds without a key before the filter is asked for: an input method passes through half letters."""


class QueueScreen(DeskScreen):
    NAME = "queue"
    HERE: ClassVar[tuple[str, ...]] = (
        "help", "new", "find", "choices", "refresh", "preview", "sign", "palette", "tab", "enter",
    )  # fmt: skip
    AUTO_FOCUS = "#filter"
    BINDINGS: ClassVar = [
        Binding("tab", "next_tab(1)", show=False),
        Binding("shift+tab", "next_tab(-1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("ctrl+home", "move(-1000000000)", show=False),
        Binding("ctrl+end", "move(1000000000)", show=False),
    ]
    DEFAULT_CSS = """
    QueueScreen #tabs { link-style: none; link-color: $foreground; height: 1; padding: 0 1; background: $surface; }
    QueueScreen #filters { height: 1; padding: 0 1; background: $surface; }
    QueueScreen #filter-label { width: auto; margin-right: 1; }
    QueueScreen #filter { width: 1fr; }
    QueueScreen #list { height: 1fr; }
    QueueScreen #side { width: 34; height: 100%; padding: 0 1; background: $surface; }
    QueueScreen.-narrow #side { display: none; }
    QueueScreen.-widest #side { width: 36; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.tab: QueueTab = "mine"
        self._counts: Mapping[QueueTab, int] = {}
        self._typing: Timer | None = None
        self._peeked = ""
        self._shown: tuple[QueueTab, str] | None = None
        self._view: DossierView | None = None

    def body(self) -> Iterable[Widget]:
        language = self.console_app.words.language
        titles = partial(self.words)
        columns: list[Column[QueueRow]] = [
            Column(titles("queue.left"), 9, lambda row: time_left(row, self.words)),
            Column(titles("queue.code"), 12, lambda row: row.code),
            Column(titles("queue.customer"), 19, lambda row: row.customer, share=3),
            Column(titles("queue.service"), 14, lambda row: row.service(language), share=2, from_width=72),
            Column(titles("queue.variant"), 10, lambda row: row.variant(language), share=1, from_width=110),
            Column(titles("queue.step"), 19, lambda row: row.step(language), share=1),
            Column(titles("queue.holder"), 12, lambda row: row.holder, from_width=90),
        ]
        yield Static(id="tabs", markup=False)
        yield Horizontal(
            Static(self.words("queue.filter"), id="filter-label", markup=False), TextField(id="filter"), id="filters"
        )
        yield Horizontal(
            PagedTable[QueueRow](columns, self._mark),
            Static(id="side", markup=False),
            id="list",
        )

    @property
    def table(self) -> PagedTable[QueueRow]:
        return self.query_one(PagedTable)

    def on_mount(self) -> None:
        super().on_mount()
        self._show_tabs()
        self._count()
        self._ask_rows(0, hold=True)
        self.set_interval(20, self._count)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.is_mounted:
            self.reload()

    # Asking

    def reload(self, *, to_top: bool = False) -> None:
        """Ask for counts and rows anew."""
        self._count()
        self.table.forget(to_top=to_top)

    def _count(self) -> None:
        if not self.is_current:
            return  # covered, perhaps by the lock
        self.ask(lambda desk: desk.counts(), self._counted, group="counts")

    def _counted(self, counts: Mapping[QueueTab, int]) -> None:
        if not self._counts and not counts["mine"] and self.tab == "mine":
            self.action_open_tab("unit")
        self._counts = counts
        self._show_tabs()

    def on_paged_table_wanted(self, event: PagedTable.Wanted) -> None:
        self._ask_rows(event.page)

    @property
    def _query(self) -> tuple[QueueTab, str]:
        return self.tab, self.query_one("#filter", TextField).value.strip()

    def _ask_rows(self, page: int, then: Callable[[], None] | None = None, *, hold: bool = False) -> None:
        """Ask for a page of what the tab and the filter say now; `hold` keeps keys meant for its rows."""
        query = self._query

        def arrived(found: QueuePage) -> None:
            self._rows(query, page, found)
            if then is not None:
                then()

        self.ask(lambda desk: desk.queue(*query, page * PAGE, PAGE), arrived, group=f"rows {page}", hold=hold)

    def _rows(self, asked: tuple[QueueTab, str], page: int, found: QueuePage) -> None:
        fresh = asked != self._shown or page == self.table.cursor // PAGE
        self._shown = asked
        self.table.empty = self.words("queue.none_fits" if asked[1] else "queue.empty")
        self.table.put(page, found.rows, found.total, fresh=fresh)

    def on_paged_table_moved(self) -> None:
        row = self.table.chosen
        if row is None:
            self._peeked, self._view = "", None
            self._show_side(None)
            return
        self._show_side(row)
        if not self.has_class("-narrow"):
            self.ask(lambda desk: desk.peek(row.id), self._peek, group="peek", failed=lambda _error: None)

    def _peek(self, view: DossierView) -> None:
        self._view = view
        self._show_side(self.table.chosen)

    def on_paged_table_opened(self) -> None:
        self.do_enter()

    # Showing

    def _mark(self, row: QueueRow) -> str:
        if row.waiting or row.registering:
            return "pages--waiting"
        return "pages--late" if row.minutes_left is not None and row.minutes_left < 0 else ""

    def _show_tabs(self) -> None:
        parts: list[Content] = []
        for tab in TABS:
            count = self._counts.get(tab)
            text = f"{self.words(f'queue.tab_{tab}')} {'…' if count is None else show_number(count)}"
            style = Style.from_meta({"@click": f"screen.open_tab('{tab}')"})
            if tab == self.tab:
                parts.append(Content.assemble((f"[{text}]", Style.parse("bold reverse"))).stylize(style))
            else:
                parts.append(Content(f" {text} ").stylize(style))
        self.query_one("#tabs", Static).update(Content(" ").join(parts))

    def _show_side(self, row: QueueRow | None) -> None:
        side = self.query_one("#side", Static)
        if row is None:
            side.update(Content(""))
            return
        language = self.console_app.words.language
        lines = [
            Content.styled(row.code, "bold"),
            Content(row.customer),
            Content(f"{row.service(language)} · {row.variant(language)}"),
            Content(f"{self.words('queue.due')}: {moment_text(row.due) if row.due else '-'}"),
            Content(f"{self.words('queue.holder')}: {row.holder or '-'}"),
            Content(""),
        ]
        view = self._view
        if view is not None and view.id == row.id:
            for step in view.steps:
                sign = "✓" if step.id in view.done else "▶" if step.id == view.step.id else " "
                style = "bold" if sign == "▶" else ""
                lines.append(Content.styled(f"{sign} {step.title(language)}", style))
            for document in view.documents:
                state = self.words("document.awaited" if document.awaited else f"document.{document.state}")
                lines.append(Content(f"… {document.title(language)}: {state}"))
        side.update(Content("\n").join(lines))

    # Keys

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(PAUSE, partial(self.reload, to_top=True))

    def on_text_field_entered(self, event: TextField.Entered) -> None:
        event.stop()
        self.do_enter()

    def action_next_tab(self, by: int) -> None:
        self.action_open_tab(TABS[(TABS.index(self.tab) + by) % len(TABS)])

    def action_open_tab(self, tab: QueueTab) -> None:
        """Show another tab of the queue."""
        self.tab = tab
        self._show_tabs()
        self.table.to_top()
        self._ask_rows(0, hold=True)

    def action_move(self, rows: int) -> None:
        self.table.move(rows)

    def action_page(self, by: int) -> None:
        self.table.move(by * max(1, self.table.size.height - 2))

    def do_tab(self) -> None:
        self.action_next_tab(1)

    def do_find(self) -> None:
        """Empty the filter and put the cursor there."""
        field = self.query_one("#filter", TextField)
        field.value = ""
        self.set_focus(field)

    def do_refresh(self) -> None:
        """Fetch new requests from CMIS."""
        self.say(self.words("queue.fetching"))
        self.ask(lambda desk: desk.intake(), self._fetched, group="intake")

    def _fetched(self, report: IntakeReport) -> None:
        self.say(self.words("queue.fetched", added=report.added, known=report.known), "✓")
        self.reload()

    def do_new(self) -> None:
        self.open_walk_in({})

    def open_walk_in(self, typed: Mapping[str, str]) -> None:
        """Offer a new walk-in request with `typed` filled in."""
        from console.screens.walk_in import open_walk_in

        open_walk_in(self, typed)

    def do_enter(self) -> None:
        """Open the chosen dossier."""
        self._open_then("")

    def do_preview(self) -> None:
        self._open_then("preview")

    def do_sign(self) -> None:
        self._open_then("sign")

    def do_choices(self) -> None:
        """F4: sign many at once."""
        from console.screens.batch import BatchScreen

        self.app.push_screen(BatchScreen())

    def _open_then(self, then: str) -> None:
        """Open the chosen dossier; what was typed into the filter counts, even if its rows are not here yet."""
        if self._query != self._shown:
            if self._typing is not None:
                self._typing.stop()
            self.table.to_top()
            self._ask_rows(0, partial(self._open_chosen, then), hold=True)
        else:
            self._open_chosen(then)

    def _open_chosen(self, then: str) -> None:
        row = self.table.chosen
        if row is None:
            self.say(self.words("queue.none_chosen"), "!")
            return
        self.show_diagnosis(None)
        self.open_dossier(row.id, then)

    def open_dossier(self, dossier: str, then: str = "") -> None:
        """Claim a dossier and open its form; `then` is a key to press there at once."""
        from console.screens.form import open_form

        self.say(self.words("queue.opening"))
        open_form(self, dossier, then)

    def take_scan(self, typed: Mapping[str, str]) -> bool:
        """A card opens a new request for its holder, a customer code is looked for."""
        if "so_giay_to" in typed:
            self.open_walk_in(typed)
        else:
            self.query_one("#filter", TextField).value = typed["ma_khach_hang"]
        return True

    def leave(self) -> None:
        """Esc shows everything again; the program is left by its own key."""
        field = self.query_one("#filter", TextField)
        if field.value:
            field.value = ""
            self.say("")
        else:
            self.say(self.words("queue.leave"))
