"""Papers the customer brings: received, to follow, or missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kernel.dossier.dossier import Dossier
from kernel.dossier.errors import DossierEnded, PaperNotLater, PaperUnknown

if TYPE_CHECKING:
    from kernel.api.services import Service


def receive_paper(
    dossier: Dossier, service: Service, paper_id: str, state: Literal["received", "later", "missing"]
) -> Dossier:
    """Return the dossier with this paper noted. Raises DossierEnded, PaperUnknown, PaperNotLater."""
    if dossier.ended:
        raise DossierEnded(code=dossier.code)
    paper = next((paper for paper in service.papers if paper.id == paper_id), None)
    if paper is None:
        raise PaperUnknown(paper=paper_id)
    if state == "missing":
        return dossier.changed(papers={name: kept for name, kept in dossier.papers.items() if name != paper_id})
    if state == "later" and paper.required and not paper.later:
        raise PaperNotLater(paper=paper.title.vi)
    return dossier.changed(papers={**dossier.papers, paper_id: state})
