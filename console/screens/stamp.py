"""What a signature will show and where, before it is made: in words here, F6 in the system's viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from console.screens.base import DeskScreen
from console.widgets.page_map import page_map, place_words
from console.widgets.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from textual.widget import Widget

    from console.desk import DocumentView, StampView


class StampScreen(DeskScreen):
    NAME = "stamp"
    HERE: ClassVar[tuple[str, ...]] = ("help", "preview", "sign", "palette", "back")
    DEFAULT_CSS = """
    StampScreen #page { width: auto; height: 100%; padding: 0 1; }
    StampScreen #map { width: auto; height: auto; }
    StampScreen Sheet { width: 1fr; padding: 0 1; }
    StampScreen Sheet Static { height: auto; }
    """

    def __init__(self, document: DocumentView, certificate: str, view: StampView) -> None:
        super().__init__()
        self.document = document
        self.view = view
        self._certificate = certificate
        self._pdf: Path | None = None

    def body(self) -> Iterable[Widget]:
        yield Horizontal(
            Static(id="map", markup=False),
            Sheet(Static(self._facts(), markup=False)),
            id="page",
        )

    def on_resize(self) -> None:
        rows = self.query_one("#page").size.height
        if rows:
            self.query_one("#map", Static).update("\n".join(page_map(self.view, rows, self.words("stamp.here"))))

    def _facts(self) -> Content:
        view, language = self.view, self.console_app.words.language
        width, height = (f"{length:g}".replace(".", "," if language == "vi" else ".") for length in view.millimetres)
        picture = (
            self.words("stamp.picture", picture=view.picture(language))
            if view.picture is not None
            else self.words("stamp.no_picture")
        )
        lines = [
            Content.styled(self.document.title(language), "bold"),
            Content(
                self.words("stamp.where", page=view.page, pages=view.pages, place=place_words(view.area, self.words))
            ),
            Content(self.words("stamp.size", width=width, height=height)),
            Content(picture),
            Content(""),
            Content(self.words("stamp.says" if view.words else "stamp.says_nothing")),
            *(Content(f"│ {line}") for line in view.words),
        ]
        return Content("\n").join(lines)

    def do_preview(self) -> None:
        """F6: the very page, with the stamp and nothing signed, in the system's viewer."""
        self.say(self.words("stamp.opening"))
        self.ask(self._show_pdf, self._shown, group="pdf")

    def _show_pdf(self, desk: Any) -> Path:
        from console.viewer import show_pdf

        path: Path = desk.stamp_pdf(self.document.id, self._certificate)
        self._pdf = path
        show_pdf(path)
        return path

    def _shown(self, path: Path) -> None:
        self.say(self.words("stamp.opened", path=path), "✓")

    def do_sign(self) -> None:
        """Back to the signing screen, where the PIN is typed."""
        self.leave()

    def on_unmount(self) -> None:
        if self._pdf is not None:
            from console.viewer import wipe

            wipe(self._pdf)
            self._pdf = None
