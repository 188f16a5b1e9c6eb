"""Where a dossier is on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.api.conditions import VARIANT
from kernel.dossier.errors import DossierEnded, DossierWaits, DossierWaitsForCmis, StepUnknown
from kernel.dossier.records import DocumentState, Dossier, DossierDocument, DossierState, Wait

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from kernel.api.fields import Value
    from kernel.api.services import Service, Step

ENDED = frozenset({DossierState.CLOSED, DossierState.CANCELLED})


def step_of(service: Service, step_id: str) -> Step:
    """Return a step of the service. Raises StepUnknown."""
    try:
        return service.step(step_id)
    except KeyError:
        raise StepUnknown(step=step_id, service=service.title.vi) from None


def answers(dossier: Dossier) -> Mapping[str, Value]:
    """Return what conditions look at: the values, and the variant."""
    return {**dossier.values, VARIANT: dossier.variant}


def following(dossier: Dossier, service: Service, step: Step) -> tuple[Step, ...]:
    """Return the steps that may follow one, the usual first; those that do not apply are passed over.

    Raises StepUnknown.
    """
    given = answers(dossier)
    found: dict[str, Step] = {}
    ahead, seen = [*step.next], set[str]()
    while ahead:
        one = step_of(service, ahead.pop(0))
        if one.id in seen:
            continue
        seen.add(one.id)
        if one.when is None or one.when.holds(given):
            found[one.id] = one
        else:
            ahead = [*one.next, *ahead]
    return tuple(found.values())


def course(dossier: Dossier, service: Service) -> tuple[Step, ...]:
    """Return the steps of the service that apply to the dossier, and those it has been in."""
    given, been = answers(dossier), {dossier.step, *steps_done(dossier)}
    return tuple(one for one in service.steps if one.id in been or one.when is None or one.when.holds(given))


def steps_done(dossier: Dossier) -> tuple[str, ...]:
    """Return the steps the dossier has passed, in order; a step left by an obstacle is not passed."""
    return tuple(done.step for done in dossier.history if not done.obstacle)


def entered(dossier: Dossier) -> datetime:
    """Return when the dossier came to its step, the times it stopped there at an obstacle included."""
    began = dossier.step_began
    for done in reversed(dossier.history):
        if done.step != dossier.step or not done.obstacle:
            break
        began = done.began
    return began


def open_wait(dossier: Dossier) -> Wait | None:
    """Return the time of waiting for the customer that lasts now, None if there is none."""
    return dossier.waits[-1] if dossier.waits and dossier.waits[-1].until is None else None


def expect_not_ended(dossier: Dossier) -> None:
    """Raise DossierEnded for a closed or cancelled dossier."""
    if dossier.state in ENDED:
        raise DossierEnded(code=dossier.code)


def expect_open(dossier: Dossier) -> None:
    """Raise DossierEnded, DossierWaits or DossierWaitsForCmis unless work goes on."""
    expect_not_ended(dossier)
    if dossier.state is DossierState.WAITING_CUSTOMER:
        raise DossierWaits(code=dossier.code)
    if dossier.state is DossierState.WAITING_CMIS:
        raise DossierWaitsForCmis(code=dossier.code)


def in_force(documents: Iterable[DossierDocument], document_type: str) -> DossierDocument | None:
    """Return the newest edition of a type that is not void, None where there is none."""
    fitting = [doc for doc in documents if doc.type == document_type and doc.state is not DocumentState.VOID]
    return max(fitting, key=lambda doc: doc.edition, default=None)
