"""Papers the customer brings: received, to follow, or missing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from kernel.dossier.errors import PaperNotLater, PaperUnknown
from kernel.dossier.progress import expect_not_ended

if TYPE_CHECKING:
    from kernel.api.services import Service
    from kernel.dossier.records import Dossier

PaperState = Literal["received", "later", "missing"]


def receive_paper(dossier: Dossier, service: Service, paper_id: str, state: PaperState) -> Dossier:
    """Return the dossier with this paper noted. Raises DossierEnded, PaperUnknown, PaperNotLater."""
    expect_not_ended(dossier)
    paper = next((paper for paper in service.papers if paper.id == paper_id), None)
    if paper is None:
        raise PaperUnknown(paper=paper_id)
    if state == "later" and paper.required and not paper.later:
        raise PaperNotLater(paper=paper.title.vi)
    kept = {name: how for name, how in dossier.papers.items() if name != paper_id}
    return replace(dossier, papers=kept if state == "missing" else {**kept, paper_id: state})
