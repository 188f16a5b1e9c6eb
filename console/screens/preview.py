"""The text of a document's very bytes, page by page, with what came from the dossier marked."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from console.reflow import reflow
from console.screens.base import Asking, DeskScreen
from console.screens.casework import complete_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from textual.widget import Widget

    from console.desk import DocumentView, Preview, Span

EDGES = 4
"""Cells beside the text: its padding and the scroll bar."""


def open_preview(asker: Asking[Any], document: DocumentView) -> None:
    """Read the document's text and show it."""
    asker.ask(
        lambda desk: desk.preview(document.id),
        lambda preview: asker.app.push_screen(PreviewScreen(document, preview)),
        group="preview",
        hold=True,
    )


class Pages(VerticalScroll):
    """The pages one under the other."""

    BINDINGS: ClassVar[list[Any]] = [Binding("space", "page_down", show=False)]
    DEFAULT_CSS = """
    Pages { padding: 0 1; }
    Pages .page { height: auto; margin-bottom: 1; }
    """


class PreviewScreen(DeskScreen):
    NAME = "preview"
    HERE: ClassVar[tuple[str, ...]] = ("help", "preview", "sign", "palette", "back")
    AUTO_FOCUS = "Pages"
    DEFAULT_CSS = """
    PreviewScreen #about { height: 1; padding: 0 1; background: $surface; }
    PreviewScreen #seen { height: 1; padding: 0 1; background: $surface; color: $muted; }
    """

    def __init__(self, document: DocumentView, preview: Preview) -> None:
        super().__init__()
        self.document = document
        self._preview = preview
        self.seen: set[int] = set()
        self._pdf: Path | None = None
        self._width = 0

    def body(self) -> Iterable[Widget]:
        language = self.console_app.words.language
        sha = self._preview.sha256
        count = len(self._preview.pages)
        about = self.words(
            "preview.about", title=self._preview.title(language), pages=count, sha=f"{sha[:4]}…{sha[-4:]}"
        )
        yield Static(about, id="about", markup=False)
        yield Pages(*(Static(classes="page", markup=False) for _ in self._preview.pages))
        yield Static(id="seen", markup=False)

    def _page(self, number: int, lines: Iterable[tuple[Span, ...]], width: int) -> Content:
        head = self.words("preview.page", number=number, count=len(self._preview.pages))
        value = Style.parse("bold underline")
        parts = [Content.styled(f"── {head} ──", "$muted")]
        for line in reflow(tuple(lines), width):
            runs = [
                (filled, "".join(span.text for span in run)) for filled, run in groupby(line, lambda one: one.value)
            ]
            parts.append(Content.assemble(*((f"«{text}»", value) if filled else text for filled, text in runs)))
        return Content("\n").join(parts)

    def _lay_out(self) -> None:
        """Fit the pages to the screen; nothing is to be done while its width stays."""
        width = self.size.width - EDGES
        if width == self._width:
            return
        self._width = width
        for number, (shown, lines) in enumerate(zip(self.query(".page"), self._preview.pages, strict=True), start=1):
            if isinstance(shown, Static):
                shown.update(self._page(number, lines, width))

    def on_mount(self) -> None:
        super().on_mount()
        self._lay_out()
        pages = self.query_one(Pages)
        self.watch(pages, "scroll_y", self._look, init=False)
        self.call_after_refresh(self._look)

    def on_resize(self) -> None:
        self._lay_out()
        self.call_after_refresh(self._look)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.document.state == "complete":
            self.say(complete_text(self, self.document), "✓")

    def _look(self) -> None:
        """Count the pages whose last line has been on the screen."""
        pages = self.query_one(Pages)
        if not pages.size.height:
            return
        bottom = pages.scroll_offset.y + pages.size.height
        now = 1
        for number, page in enumerate(pages.query(".page"), start=1):
            top = page.virtual_region.y
            if top < bottom:
                now = number
            if top + page.size.height <= bottom:
                self.seen.add(number)
        count = len(self._preview.pages)
        words = self.words("preview.seen", now=now, count=count, seen=len(self.seen))
        self.query_one("#seen", Static).update(words)

    def do_preview(self) -> None:
        """F6 once more: the very PDF, in the system's viewer."""
        self.say(self.words("preview.opening_pdf"))
        self.ask(partial(self._show_pdf), self._shown, group="pdf")

    def _show_pdf(self, desk: Any) -> Path:
        from console.viewer import show_pdf

        path: Path = desk.pdf(self.document.id)
        self._pdf = path
        show_pdf(path)
        return path

    def _shown(self, path: Path) -> None:
        self.say(self.words("preview.pdf_open", path=path), "✓")

    def do_sign(self) -> None:
        """On to the customer's confirmation, or to the signature whose turn it is."""
        from console.screens.casework import open_next_slot

        count = len(self._preview.pages)
        customer = any(view.state == "next" and view.slot.role is None for view in self.document.slots)
        if customer and self.document.awaited is None and len(self.seen) < count:
            self.say(self.words("preview.not_all_seen", seen=len(self.seen), count=count), "!")
            return
        open_next_slot(self, self.document, pages_viewed=max(1, len(self.seen)))

    def on_unmount(self) -> None:
        if self._pdf is not None:
            from console.viewer import wipe

            wipe(self._pdf)
            self._pdf = None
