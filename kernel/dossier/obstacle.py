"""An obstacle (trở ngại) stops the work: a fixable one makes the dossier wait, another cancels it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kernel.dossier.errors import DossierNotWaiting, ObstacleUnknown
from kernel.dossier.progress import expect_not_ended, expect_open, open_wait, step_of
from kernel.dossier.records import Dossier, DossierState, StepDone, Wait
from kernel.dossier.roles import expect_role

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from kernel.api.documents import Role
    from kernel.api.services import Service


def report_obstacle(
    dossier: Dossier, service: Service, obstacle: str, *, staff: str, roles: Collection[Role], now: datetime
) -> Dossier:
    """Return the dossier waiting for the customer in the same step, or cancelled. `obstacle` is its code.

    Raises DossierEnded, DossierWaits, DossierWaitsForCmis, StepUnknown, RoleNotAllowed, ObstacleUnknown.
    """
    expect_open(dossier)
    step = step_of(service, dossier.step)
    expect_role(step, roles)
    known = {one.code: one for one in step.obstacles}
    if obstacle not in known:
        raise ObstacleUnknown(obstacle=obstacle, step=step.title.vi)
    stopped = replace(
        dossier,
        history=(*dossier.history, StepDone(step.id, dossier.step_began, now, staff, obstacle)),
        step_began=now,
    )
    if not known[obstacle].fixable:
        return replace(stopped, state=DossierState.CANCELLED)
    waits = dossier.waits if open_wait(dossier) is not None else (*dossier.waits, Wait(now))
    return replace(stopped, state=DossierState.WAITING_CUSTOMER, waits=waits)


def resume(dossier: Dossier, now: datetime) -> Dossier:
    """Return the dossier at work again; its due time is then to be computed anew.

    Raises DossierEnded, DossierNotWaiting.
    """
    expect_not_ended(dossier)
    wait = open_wait(dossier)
    if dossier.state is not DossierState.WAITING_CUSTOMER or wait is None:
        raise DossierNotWaiting(code=dossier.code)
    ended = replace(wait, until=max(now, wait.since))
    return replace(dossier, state=DossierState.OPEN, waits=(*dossier.waits[:-1], ended), step_began=now)
