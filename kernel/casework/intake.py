"""Requests come in: from CMIS, or from the customer standing at the counter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from uuid import uuid4

from sqlmodel import col, delete

from kernel import clock
from kernel.api.conditions import VARIANT
from kernel.api.dates import read_date
from kernel.api.fields import Value
from kernel.api.forms import read_form
from kernel.api.ports import Authorisation, CmisRequest
from kernel.api.services import Service
from kernel.api.text import Text
from kernel.casework.cmis_fields import field_values
from kernel.casework.office import Actor, Office
from kernel.casework.registering import register
from kernel.dossier.deadlines import due
from kernel.dossier.progress import answers
from kernel.dossier.records import Dossier, DossierState
from kernel.errors import NotFound
from kernel.storage import dossiers
from kernel.storage.tables import AuthorisationRow
from kernel.storage.unit_of_work import UnitOfWork

OPENING = time(7, 30)
"""CMIS gives the day of receipt only."""

SHARED_DRAFT = ""
"""Drafts under no clerk's name: what CMIS sent and the form could not read, for the clerk to correct."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in: new dossiers, requests that were here already, and those no installed service answers to."""

    added: int
    known: int
    unserved: int


def take_in(office: Office, actor: Actor) -> Intake:
    """Take all received requests and the authorisations from CMIS. Raises AdapterError's children."""
    requests = office.cmis.received_requests(office.unit)
    types = {form.cmis_type for form in office.document_forms()}
    authorisations = {name: office.cmis.authorisations(office.unit, name) for name in sorted(types)}
    added = known = unserved = 0
    with office.work() as work:
        _replace_authorisations(work, office.unit, authorisations)
        for request in requests:
            if dossiers.by_code(work.session, request.unit, request.code):
                known += 1
            elif (found := _served(office, request)) is None:
                unserved += 1
            else:
                _add(office, work, actor, request, *found)
                added += 1
        work.commit()
    return Intake(added, known, unserved)


def open_walk_in(office: Office, actor: Actor, service_id: str, variant: str, typed: Mapping[str, str]) -> str:
    """Open a dossier for a customer at the counter and return its id.

    CMIS gives its code in the background, once the form says who asks, and where. Raises PluginUnusable and NotFound.
    """
    service = office.registry.service(service_id)
    if all(one.id != variant for one in service.variants):
        raise NotFound(what=Text("cách cung cấp dịch vụ", "variant of the service"), id=variant)
    now = clock.now()
    form = read_form(service.fields(), typed, given={VARIANT: variant})
    dossier = _new(office, service, variant, f"TAM-{uuid4().hex[:8].upper()}", form.values, now)
    dossier = replace(dossier, state=DossierState.WAITING_CMIS, holder=actor.id, held_since=now)
    with office.work() as work:
        dossiers.add(work.session, dossier, now)
        if unread := {key: text for key, text in typed.items() if text and key not in form.values}:
            dossiers.put_draft(work.session, dossier.id, actor.id, unread, now)
        register(office, work, actor, dossier)
        work.record(unit=office.unit, actor=actor.id, action="walk_in", subject=dossier.id, service=service.id)
        work.commit()
    return dossier.id


def _served(office: Office, request: CmisRequest) -> tuple[Service, str] | None:
    for service in office.registry.services():
        for row in request.rows.get("DV_TIEN_TNHAN", ()):
            if row.get("MA_LOAI_YCAU") not in service.cmis_types:
                continue
            for variant in service.variants:
                if all(row.get(column) == value for column, value in variant.cmis):
                    return service, variant.id
    return None


def _add(office: Office, work: UnitOfWork, actor: Actor, request: CmisRequest, service: Service, variant: str) -> None:
    now = clock.now()
    typed = field_values(request, service.fields())
    form = read_form(service.fields(), typed, given={VARIANT: variant})
    dossier = _new(office, service, variant, request.code, form.values, _received(request) or now)
    dossiers.add(work.session, dossier, now)
    unread = {key: text for key, text in typed.items() if text and key not in form.values}
    if unread:
        dossiers.put_draft(work.session, dossier.id, SHARED_DRAFT, unread, now)
    work.record(unit=request.unit, actor=actor.id, action="intake", subject=dossier.id, code=request.code)


def _new(
    office: Office, service: Service, variant: str, code: str, values: Mapping[str, Value], received: datetime
) -> Dossier:
    dossier = Dossier(
        id=uuid4().hex,
        code=code,
        unit=office.unit,
        service=service.id,
        variant=variant,
        step=service.steps[0].id,
        state=DossierState.OPEN,
        values=values,
        papers={},
        history=(),
        waits=(),
        version=1,
        received_at=received,
        step_began=received,
        due_at=None,
    )
    return replace(dossier, due_at=due(service, answers(dossier), received, ()))


def _received(request: CmisRequest) -> datetime | None:
    """Return the morning of the day CMIS received the request, None where it does not say."""
    for row in request.rows.get("DV_TIEN_TNHAN", ()):
        day = read_date(row.get("NGAY_TNHAN", "")).value
        if day is not None:
            return datetime.combine(day, OPENING, tzinfo=clock.VIETNAM)
    return None


def _replace_authorisations(work: UnitOfWork, unit: str, authorisations: Mapping[str, Sequence[Authorisation]]) -> None:
    work.session.exec(delete(AuthorisationRow).where(col(AuthorisationRow.unit) == unit))
    for file_type, rows in authorisations.items():
        for one in rows:
            work.session.add(
                AuthorisationRow(
                    unit=unit,
                    file_type=file_type,
                    name=one.name,
                    title=one.title,
                    number=one.number,
                    signed_on=one.signed_on,
                    granted_by=one.granted_by,
                    address=one.address,
                    valid_from=one.valid_from,
                    valid_to=one.valid_to,
                )
            )
