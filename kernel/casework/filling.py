"""Filling a dossier: claiming it, drafts, saving what was typed, papers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from kernel import clock
from kernel.api.fields import Field, Value
from kernel.api.findings import Finding, finding_text
from kernel.api.forms import Form, read_form
from kernel.api.reading import shown
from kernel.api.services import Service
from kernel.casework.errors import DossierHeld, FieldsWrong
from kernel.casework.intake import SHARED_DRAFT
from kernel.casework.locks import refuse_locked
from kernel.casework.office import Actor, Office
from kernel.casework.registering import register
from kernel.dossier import readiness
from kernel.dossier.deadlines import due
from kernel.dossier.document_values import draw_of, printed_fields
from kernel.dossier.papers import receive_paper
from kernel.dossier.progress import answers, expect_not_ended, step_of
from kernel.dossier.records import DocumentState, Dossier
from kernel.dossier.voiding import changed_fields, voided
from kernel.errors import StaleVersion
from kernel.storage import documents, dossiers
from kernel.storage.people import name_of
from kernel.storage.unit_of_work import UnitOfWork

LEASE = timedelta(minutes=15)
"""A dossier is given up to others when its holder did nothing with it for so long."""


def refuse_held(work: UnitOfWork, actor: Actor, dossier: Dossier, now: datetime) -> None:
    """Raise DossierHeld when someone else works on the dossier."""
    since = dossier.held_since
    if dossier.holder not in ("", actor.id) and since and now - since < LEASE:
        holder = name_of(work.session, dossier.holder)
        raise DossierHeld(code=dossier.code, holder=holder, since=f"{clock.local(since):%H:%M %d/%m}")


def claim(office: Office, actor: Actor, dossier_id: str) -> Dossier:
    """Take a dossier to work on. Raises DossierHeld when someone else has it."""
    now = clock.now()
    with office.work() as work:
        dossier = office.dossier(work, dossier_id)
        refuse_held(work, actor, dossier, now)
        if dossier.holder != actor.id:
            work.record(unit=dossier.unit, actor=actor.id, action="claim", subject=dossier.id)
        dossier = dossiers.save(work.session, replace(dossier, holder=actor.id, held_since=now), now)
        work.commit()
    return dossier


def leave(office: Office, actor: Actor, dossier_id: str) -> None:
    """Give a dossier back to the queue, if it is this person's."""
    with office.work() as work:
        dossier = office.dossier(work, dossier_id)
        if dossier.holder == actor.id:
            dossiers.save(work.session, replace(dossier, holder="", held_since=None), clock.now())
            work.commit()


def typed_now(
    work: UnitOfWork, service: Service, dossier: Dossier, actor: Actor
) -> tuple[dict[str, str], datetime | None]:
    """Return what stands in each field for this person, and when the draft in it was kept (None without one)."""
    fields = {field.id: field for field in service.fields()}
    typed = {key: shown(fields[key], value) for key, value in dossier.values.items() if key in fields}
    draft = dossiers.draft(work.session, dossier.id, actor.id) or dossiers.draft(work.session, dossier.id, SHARED_DRAFT)
    if draft:
        typed.update(draft.typed)
    return typed, draft.at if draft else None


def save_draft(office: Office, actor: Actor, dossier_id: str, typed: Mapping[str, str]) -> datetime:
    """Keep what was typed so far, whether right or wrong. Returns when."""
    now = clock.now()
    with office.work() as work:
        kept = dossiers.draft(work.session, dossier_id, actor.id)
        dossiers.put_draft(work.session, dossier_id, actor.id, {**(kept.typed if kept else {}), **typed}, now)
        work.commit()
    return now


def discard_draft(office: Office, actor: Actor, dossier_id: str) -> None:
    """Forget what was typed and not saved."""
    with office.work() as work:
        dossiers.drop_draft(work.session, dossier_id, actor.id)
        work.commit()


def open_fields(office: Office, work: UnitOfWork, dossier: Dossier) -> tuple[Field, ...]:
    """Return the fields of the dossier that may be filled in its present step."""
    service = office.service(dossier)
    closed = {
        name
        for document in documents.of_dossier(work.session, dossier.id)
        if document.state is DocumentState.COMPLETE
        for name in printed_fields(draw_of(service, document), office.declared(document))
    }
    return readiness.open_fields(dossier, service, step_of(service, dossier.step), closed)


def findings(office: Office, dossier_id: str, typed: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return what is wrong or doubtful in the fields that may be filled now."""
    with office.work(reading=True) as work:
        dossier = office.dossier(work, dossier_id)
        mine = {field.id for field in open_fields(office, work, dossier)}
    form = _read(office.service(dossier), dossier, mine, typed)
    return tuple(finding for finding in form.findings if finding.field in mine)


def _read(service: Service, dossier: Dossier, mine: Collection[str], typed: Mapping[str, str]) -> Form:
    """Read the fields `mine` among all those so far, so that they can contradict each other.

    What was not typed stands as it was saved, or at its default in the present step.
    """
    step = step_of(service, dossier.step)
    every = readiness.fields_so_far(dossier, service, step)
    here = {field.id for field in readiness.step_fields(service, step)}
    texts = {
        field.id: shown(field, dossier.values[field.id]) if field.id in dossier.values else ""
        for field in every
        if field.id not in here
    }
    texts |= {name: text for name, text in typed.items() if name in mine}
    return read_form(every, texts, clock.local(clock.now()).date(), answers(dossier))


def save(office: Office, actor: Actor, dossier_id: str, version: int, typed: Mapping[str, str]) -> Dossier:
    """Save the fields that may be filled now; documents drawn from other values become void.

    Raises FieldsWrong for fields that can't be read (missing ones may wait), DossierHeld, StaleVersion, DossierEnded,
    DocumentLocked when a document that prints a changed field is being signed elsewhere, and DocumentIsComplete when
    one is signed by all.
    """
    now = clock.now()
    with office.work() as work:
        before = office.dossier(work, dossier_id)
        expect_not_ended(before)
        if before.version != version:
            raise StaleVersion(code=before.code, by=name_of(work.session, before.holder))
        refuse_held(work, actor, before, now)
        service = office.service(before)
        mine = {field.id for field in open_fields(office, work, before)}
        form = _read(service, before, mine, typed)
        wrong = [
            one for one in form.findings if one.severity == "error" and one.code != "required" and one.field in mine
        ]
        if wrong:
            raise FieldsWrong(count=len(wrong), first=finding_text(wrong[0]))
        values: dict[str, Value] = {key: value for key, value in before.values.items() if key not in mine}
        values.update({key: before.values[key] for key in _numbers(office, service) if key in before.values})
        values.update({key: value for key, value in form.values.items() if key in mine})
        changed = changed_fields(before.values, values)
        drawn = documents.of_dossier(work.session, dossier_id)
        types = {document.id: office.declared(document) for document in drawn}
        for document in voided(drawn, changed, service, types):
            refuse_locked(office, work, document.id)
            documents.put(work.session, document)
            work.record(unit=before.unit, actor=actor.id, action="void", subject=document.id, because="data changed")
        dossier = replace(before, values=values)
        dossier = replace(dossier, due_at=due(service, answers(dossier), before.received_at, before.waits))
        dossier = dossiers.save(work.session, dossier, now)
        dossiers.drop_draft(work.session, dossier.id, actor.id)
        dossiers.drop_draft(work.session, dossier.id, SHARED_DRAFT)
        register(office, work, actor, dossier)
        work.record(unit=dossier.unit, actor=actor.id, action="save", subject=dossier.id, fields=",".join(changed))
        work.commit()
    return dossier


def _numbers(office: Office, service: Service) -> set[str]:
    """Return the fields that hold numbers of documents: a form opened before one was given does not take it away."""
    return {office.document(draw.document, draw.variant).number_field for draw in service.draws()}


def note_paper(
    office: Office, actor: Actor, dossier_id: str, paper: str, state: Literal["received", "later", "missing"]
) -> Dossier:
    """Note that a paper was received, follows later, or is missing."""
    now = clock.now()
    with office.work() as work:
        before = office.dossier(work, dossier_id)
        refuse_held(work, actor, before, now)
        dossier = receive_paper(before, office.service(before), paper, state)
        dossier = dossiers.save(work.session, dossier, now)
        work.record(unit=dossier.unit, actor=actor.id, action="paper", subject=dossier.id, paper=paper, state=state)
        work.commit()
    return dossier
