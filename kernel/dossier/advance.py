"""Go on to the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.dossier.dossier import Dossier, State, expect_open, present_step
from kernel.dossier.errors import StepNotAllowed, StepUnknown
from kernel.dossier.readiness import expect_documents, expect_fields, expect_papers
from kernel.dossier.roles import expect_role

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kernel.api.documents import Document as DocumentType
    from kernel.api.documents import Role
    from kernel.api.services import Service
    from kernel.dossier.dossier import Document


def advance(
    dossier: Dossier,
    service: Service,
    to: str,
    documents: Mapping[str, Document],
    *,
    roles: Collection[Role],
    types: Mapping[str, DocumentType],
) -> Dossier:
    """Return the dossier in step `to`; entering a step with no next one closes it.

    `documents` are the dossier's own, by id; `types` the document types, by id; `roles` those of who asks.
    Raises StepUnknown, DossierEnded, DossierWaits, RoleNotAllowed, StepNotAllowed, FieldsNotReady, PapersMissing,
    DocumentsNotComplete.
    """
    expect_open(dossier)
    step = present_step(dossier, service)
    if to not in step.next:
        titles = ", ".join(service.step(name).title.vi for name in step.next)
        raise StepNotAllowed(step=step.title.vi, to=_title(service, to), allowed=titles or "–")
    expect_role(step, roles)
    expect_fields(dossier, service, step)
    ends = not service.step(to).next
    expect_papers(dossier, service, at_end=ends)
    expect_documents(dossier, step, documents, types)
    return dossier.changed(step=to, done=(*dossier.done, step.id), state=State.CLOSED if ends else State.OPEN)


def _title(service: Service, step: str) -> str:
    try:
        return service.step(step).title.vi
    except KeyError:
        raise StepUnknown(step=step, service=service.id) from None
