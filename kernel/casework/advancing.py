"""Going on to the next step, or stopping at an obstacle; CMIS learns of both."""

from __future__ import annotations

from dataclasses import replace

from kernel import clock
from kernel.casework.filling import refuse_held
from kernel.casework.office import Actor, Office
from kernel.casework.posting import post
from kernel.dossier import advance as rule
from kernel.dossier import obstacle as stop
from kernel.dossier.deadlines import due
from kernel.dossier.progress import answers, step_of
from kernel.dossier.records import Dossier, DossierState, StepDone
from kernel.storage import documents, dossiers
from kernel.storage.unit_of_work import UnitOfWork


def advance(office: Office, actor: Actor, dossier_id: str, to: str) -> Dossier:
    """Take the dossier to step `to`. Raises DossierHeld, and what the rules refuse (`kernel.dossier.advance`)."""
    now = clock.now()
    with office.work() as work:
        before = office.dossier(work, dossier_id)
        refuse_held(work, actor, before, now)
        service = office.service(before)
        after = rule.advance(
            before,
            service,
            to,
            documents.of_dossier(work.session, dossier_id),
            types=office.document_types,
            staff=actor.id,
            roles=actor.roles,
            now=now,
        )
        if not step_of(service, to).next:
            after = replace(after, holder="", held_since=None)
        if after.waits != before.waits:
            after = replace(after, due_at=due(service, answers(after), after.received_at, after.waits))
        after = dossiers.save(work.session, after, now)
        _post_progress(office, work, actor, after)
        work.record(unit=after.unit, actor=actor.id, action="advance", subject=after.id, step=before.step, to=to)
        if not step_of(service, to).next:
            work.record(unit=after.unit, actor=actor.id, action="close", subject=after.id)
        work.commit()
    return after


def report_obstacle(office: Office, actor: Actor, dossier_id: str, obstacle: str, note: str) -> Dossier:
    """Stop at an obstacle: the dossier waits for the customer, or is cancelled."""
    now = clock.now()
    with office.work() as work:
        before = office.dossier(work, dossier_id)
        refuse_held(work, actor, before, now)
        after = stop.report_obstacle(
            before, office.service(before), obstacle, staff=actor.id, roles=actor.roles, now=now
        )
        after = dossiers.save(work.session, after, now)
        _post_progress(office, work, actor, after, note)
        work.record(unit=after.unit, actor=actor.id, action="obstacle", subject=after.id, obstacle=obstacle)
        work.commit()
    return after


def resume(office: Office, actor: Actor, dossier_id: str) -> Dossier:
    """Go on with a dossier that waited for the customer; its due time moves by the time it waited."""
    now = clock.now()
    with office.work() as work:
        before = office.dossier(work, dossier_id)
        refuse_held(work, actor, before, now)
        after = stop.resume(before, now)
        due_at = due(office.service(before), answers(after), after.received_at, after.waits)
        after = dossiers.save(work.session, replace(after, due_at=due_at), now)
        work.record(unit=after.unit, actor=actor.id, action="resume", subject=after.id)
        work.commit()
    return after


def _post_progress(office: Office, work: UnitOfWork, actor: Actor, dossier: Dossier, note: str = "") -> None:
    """Send the step just ended to CMIS (themDvTienTrinh); at the end of the service the last step with it."""
    service = office.service(dossier)
    done = dossier.history[-1]
    rows = [(done, dossier.step if dossier.step != done.step else "")]
    if dossier.state is DossierState.CLOSED:
        # CMIS ends the request at a row that names no next step
        rows.append((StepDone(dossier.step, done.ended, done.ended, actor.id), ""))
    for number, (row, following) in enumerate(rows, start=len(dossier.history)):
        step = step_of(service, row.step)
        post(
            office,
            work,
            kind="cmis_progress",
            dossier=dossier.id,
            subject=row.step,
            body={
                "point": str(dossier.values.get("ma_diem_do", "")),
                "step": step.cmis_code,
                "next_step": step_of(service, following).cmis_code if following else "",
                "giver": actor.employee_code,
                "taker": "",
                "content": note or step.title.vi,
                "began": row.began.isoformat(),
                "ended": row.ended.isoformat(),
                "due": dossier.due_at.isoformat() if dossier.due_at else "",
                "sequence": str(number),
                "obstacle": row.obstacle,
            },
        )
