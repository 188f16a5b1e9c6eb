"""Who confirms and signs a document, in the order of the law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from console.written import moment_text

if TYPE_CHECKING:
    from console.desk import DocumentView
    from console.written import Say
    from kernel.api.text import Language

SIGNS = {"empty": "·", "next": "▶", "consent": "✓", "signature": "✓"}


def slots_content(document: DocumentView, words: Say, language: Language) -> Content:
    """Return one line a slot: a customer's confirmation and a digital signature are told apart in words."""
    lines = []
    for view in document.slots:
        who = f"{view.signer} {moment_text(view.at)}" if view.at is not None else view.signer
        kind = (
            words("slots.next_customer")
            if view.state == "next" and view.slot.role is None
            else words(f"slots.{view.state}")
        )
        text = f"{SIGNS[view.state]} {view.slot.title(language)}: {kind} {who}".rstrip()
        lines.append(Content.styled(text, "bold" if view.state == "next" else ""))
    return Content("\n").join(lines)
