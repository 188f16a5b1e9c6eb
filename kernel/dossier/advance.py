"""Go on to the next step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kernel.dossier.errors import StepNotAllowed
from kernel.dossier.progress import expect_open, following, open_wait, step_of
from kernel.dossier.readiness import (
    expect_documents,
    expect_fields,
    expect_not_blocked,
    expect_notice_over,
    expect_other_person,
    expect_papers,
)
from kernel.dossier.records import Dossier, DossierState, StepDone, Wait
from kernel.dossier.roles import expect_role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from kernel.api.documents import Document, Role
    from kernel.api.services import Service, Step
    from kernel.dossier.records import DossierDocument


def advance(
    dossier: Dossier,
    service: Service,
    to: str,
    documents: Iterable[DossierDocument],
    *,
    types: Mapping[str, Document],
    staff: str,
    roles: Collection[Role],
    now: datetime,
) -> Dossier:
    """Return the dossier in step `to`; entering a step with no next one closes it.

    `documents` are the dossier's own, `types` the document types by id, `staff` and `roles` those of who asks.
    Raises StepUnknown, DossierEnded, DossierWaits, DossierWaitsForCmis, StepNotAllowed, RoleNotAllowed,
    FieldsNotReady, ObstacleNeeded, NoticeRuns, SamePerson, PapersMissing, DocumentsNotComplete.
    """
    expect_open(dossier)
    step, target = step_of(service, dossier.step), step_of(service, to)
    allowed = following(dossier, service, step)
    if target not in allowed:
        names = ", ".join(one.title.vi for one in allowed)
        raise StepNotAllowed(step=step.title.vi, to=target.title.vi, allowed=names or "–")
    expect_role(step, roles)
    expect_fields(dossier, service, step)
    expect_not_blocked(dossier, service, step)
    expect_notice_over(dossier, step, now)
    expect_other_person(dossier, service, step, staff)
    ends = not target.next
    expect_papers(dossier, service, at_end=ends)
    expect_documents(dossier, step, documents, types)
    return replace(
        dossier,
        step=to,
        state=DossierState.CLOSED if ends else dossier.state,
        history=(*dossier.history, StepDone(step.id, dossier.step_began, now, staff)),
        waits=_waits(dossier, step, target, now),
        step_began=now,
    )


def _waits(dossier: Dossier, step: Step, target: Step, now: datetime) -> tuple[Wait, ...]:
    """Return the waits once a notice has ended with the step, or has begun with the next."""
    waits = dossier.waits
    if step.notices and open_wait(dossier) is not None:
        waits = (*waits[:-1], replace(waits[-1], until=now))
    return (*waits, Wait(now)) if target.notices else waits
