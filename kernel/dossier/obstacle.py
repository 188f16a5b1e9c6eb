"""An obstacle (trở ngại) stops the work: a fixable one makes the dossier wait, another cancels it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kernel.dossier.dossier import Dossier, State, Waiting, expect_open, present_step
from kernel.dossier.errors import DossierEnded, DossierNotWaiting, ObstacleUnknown
from kernel.dossier.roles import expect_role

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from kernel.api.documents import Role
    from kernel.api.services import Service


def report_obstacle(
    dossier: Dossier, service: Service, obstacle_code: str, now: datetime, *, roles: Collection[Role]
) -> Dossier:
    """Return the dossier waiting for the customer, or cancelled.

    Raises DossierEnded, DossierWaits, RoleNotAllowed, ObstacleUnknown.
    """
    expect_open(dossier)
    step = present_step(dossier, service)
    expect_role(step, roles)
    known = {obstacle.code: obstacle for obstacle in step.obstacles}
    if obstacle_code not in known:
        raise ObstacleUnknown(obstacle=obstacle_code, step=step.title.vi)
    if not known[obstacle_code].fixable:
        return dossier.changed(state=State.CANCELLED)
    waiting = Waiting(since=now, reason=obstacle_code)
    return dossier.changed(state=State.WAITING_CUSTOMER, waitings=(*dossier.waitings, waiting))


def wait_for_cmis(dossier: Dossier, now: datetime, reason: str) -> Dossier:
    """Return the dossier waiting for CMIS; the clock of the deadline goes on. Raises DossierEnded, DossierWaits."""
    expect_open(dossier)
    waiting = Waiting(since=now, reason=reason, customer=False)
    return dossier.changed(state=State.WAITING_CMIS, waitings=(*dossier.waitings, waiting))


def resume(dossier: Dossier, now: datetime) -> Dossier:
    """Return the dossier at work again. Raises DossierEnded, DossierNotWaiting."""
    if dossier.ended:
        raise DossierEnded(code=dossier.code)
    waiting = dossier.waiting
    if waiting is None:
        raise DossierNotWaiting()
    ended = replace(waiting, until=max(now, waiting.since))
    return dossier.changed(state=State.OPEN, waitings=(*dossier.waitings[:-1], ended))
