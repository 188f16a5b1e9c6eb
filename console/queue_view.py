"""The queue as a clerk sees it: tabs as database conditions, rows with the working time left."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement

from console.desk import QueuePage, QueueRow, QueueTab
from kernel import clock
from kernel.api.services import Service
from kernel.api.text import Text
from kernel.casework import staff
from kernel.casework.office import Actor, Office
from kernel.dossier.deadlines import working_minutes_left
from kernel.dossier.records import DossierState
from kernel.storage import dossiers

TABS: tuple[QueueTab, ...] = ("mine", "unit", "overdue", "to_sign", "waiting")


def page(office: Office, actor: Actor, tab: QueueTab, words: str, offset: int, limit: int) -> QueuePage:
    """Return a page of a tab, the most urgent first."""
    conditions = [*_conditions(office, actor, tab), *dossiers.with_words(words)]
    with office.work(reading=True) as work:
        lines, total = dossiers.page(work.session, conditions, offset, limit)
        names = {one.id: one.name for one in staff.everyone(work.session, office.unit)}
    services = {service.id: service for service in office.registry.services()}
    rows = (_row(line, services.get(line.service), names.get(line.holder, line.holder)) for line in lines)
    return QueuePage(tuple(rows), total)


def counts(office: Office, actor: Actor) -> Mapping[QueueTab, int]:
    """Return how many dossiers each tab has."""
    with office.work(reading=True) as work:
        return {tab: dossiers.count(work.session, _conditions(office, actor, tab)) for tab in TABS}


def _conditions(office: Office, actor: Actor, tab: QueueTab) -> list[ColumnElement[bool]]:
    live = dossiers.live(actor.unit)
    match tab:
        case "mine":
            return [*live, dossiers.work_of(actor.id, _places(office, actor))]
        case "unit":
            return live
        case "overdue":
            return [*live, dossiers.due_before(clock.now())]
        case "to_sign":
            places = tuple(
                (service.id, step.id) for service in office.registry.services() for step in service.steps if step.draws
            )
            return [*live, dossiers.at_steps(places)]
        case "waiting":
            return [*live, dossiers.in_state(DossierState.WAITING_CUSTOMER)]


def _places(office: Office, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Return the (service, step) pairs at which this person has something to do: the step's work, or a signature."""
    return tuple(
        (service.id, step.id)
        for service in office.registry.services()
        for step in service.steps
        if step.next
        and (
            step.role in actor.roles
            or any(
                slot.role in actor.roles
                for draw in step.draws
                for slot in office.document(draw.document, draw.variant).slots
            )
        )
    )


def _row(line: dossiers.Line, service: Service | None, holder: str) -> QueueRow:
    unknown = Text(line.service, line.service)
    variant = next((v.title for v in service.variants if v.id == line.variant), unknown) if service else unknown
    step = next((s.title for s in service.steps if s.id == line.step), unknown) if service else unknown
    return QueueRow(
        id=line.id,
        code=line.code,
        service=service.title if service else unknown,
        variant=variant,
        customer=line.customer,
        step=step,
        holder=holder,
        due=line.due_at,
        minutes_left=working_minutes_left(clock.now(), line.due_at) if line.due_at else None,
        waiting=line.state is DossierState.WAITING_CUSTOMER,
        registering=line.state is DossierState.WAITING_CMIS,
    )
