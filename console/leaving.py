"""Putting work away: when the screen locks, a clerk signs out, the program ends or fails."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from console.screens.form import FormScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.screen import Screen

    from console.desk import Desk

RESCUE = 3.0
"""Seconds a failed program gives its drafts."""


def _forms(stack: Sequence[Screen[object]]) -> list[tuple[str, dict[str, str] | None]]:
    """Return the open dossiers and what is typed in each, None where that is kept already."""
    return [(screen.view.id, screen.unkept()) for screen in stack if isinstance(screen, FormScreen)]


def put_away(stack: Sequence[Screen[object]], *, leave: bool) -> Callable[[Desk], None]:
    """Return what keeps every draft, signs out and so locks the tokens; call it in a worker thread.

    `leave` also lets every dossier go.
    """
    forms = _forms(stack)

    def away(desk: Desk) -> None:
        try:
            for dossier, typed in forms:
                if typed is not None:
                    desk.save_draft(dossier, typed)
            for dossier, _ in forms if leave else ():
                desk.leave(dossier)
        finally:
            desk.sign_out()

    return away


def rescue_drafts(stack: Sequence[Screen[object]], desk: Desk) -> None:
    """Keep the drafts of a program that is about to end, in a thread of its own and for a short while."""
    drafts = [(dossier, typed) for dossier, typed in _forms(stack) if typed is not None]

    def keep() -> None:
        for dossier, typed in drafts:
            desk.save_draft(dossier, typed)

    rescue = threading.Thread(target=keep, name="drafts")
    rescue.start()
    rescue.join(RESCUE)
