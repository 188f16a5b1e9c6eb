"""The way of a dossier: what is done, where it is, what may follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.style import Style
from textual.widget import Widget

if TYPE_CHECKING:
    from console.desk import DossierView
    from console.words import Words


class StepsLine(Widget):
    """One line: service, steps done, ▶ the present one, those that may follow. Done steps give way where it is narrow.

    The present step is always read in full, whatever the width.
    """

    DEFAULT_CSS = "StepsLine { height: 1; background: $surface; padding: 0 1; }"

    def __init__(self, view: DossierView, words: Words) -> None:
        super().__init__(id="steps")
        self._view = view
        self._words = words

    def show(self, view: DossierView) -> None:
        """Show where this dossier is."""
        self._view = view
        self.refresh()

    def render(self) -> Content:
        language, view = self._words.language, self._view
        service = Content.styled(f"{view.service.title(language)} · {view.variant.title(language)}   ", "bold")
        titles = {step.id: step.title(language) for step in view.service.steps}
        done = [Content(f"✓ {titles[step.id]}  ") for step in view.service.steps if step.id in view.done]
        count = [Content(f"✓ {self._words('form.steps_done', count=len(done))}  ")] if done else []
        title = titles[view.step.id]
        now = f"… {title}: {self._words('form.waits')}" if view.waiting else f"▶ {title}"
        here = Content.assemble((now, Style.parse("bold reverse")), "  ")
        after = [Content(f"· {step.title(language)}  ") for step in view.next]
        width = self.size.width
        for parts in ([service, *done, here, *after], [service, *count, here, *after], [*count, here, *after]):
            if sum(part.cell_length for part in parts) - 2 <= width:
                return Content("").join(parts)
        return Content("").join([*count, here, *after]).truncate(max(0, width), ellipsis=True)
