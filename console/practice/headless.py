"""The practice branch works by itself: one dossier of each service and variant goes from CMIS to the archive.

Each person does what is theirs, with their own token; the customer reads the code from their phone. Started again
after a crash it goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import select

from console.companions import companion
from console.practice import phone
from console.practice.cases import Case, cases
from console.practice.people import PIN
from console.wiring import close_office, open_office
from kernel import clock
from kernel.api.documents import Purpose, Role
from kernel.api.reading import shown
from kernel.api.services import Draw
from kernel.casework import advancing, certificates, consenting, delivering, drawing, filling, intake, signing, staff
from kernel.casework.office import Actor, Office
from kernel.dossier.document_values import draw_of, values_of
from kernel.dossier.progress import following, in_force, step_of
from kernel.dossier.readiness import draws_now, papers_asked, step_fields
from kernel.dossier.records import DocumentState, Dossier, DossierDocument, DossierState
from kernel.dossier.signing_order import next_slot
from kernel.errors import NotFound
from kernel.storage import documents, dossiers
from kernel.storage.tables import OutgoingRow

DELIVERY_SECONDS = 120


@dataclass(frozen=True, slots=True)
class _Branch:
    office: Office
    people: Mapping[Role, Actor]

    def who(self, role: Role) -> Actor:
        """Return who does the work of a role."""
        return self.people[role]


def work_through(home: Path, say: Callable[[str], None], began: float) -> dict[str, Any]:
    """Work every case to its end and return what `demo --headless --json` prints."""
    office = open_office(home)
    try:
        with (
            companion(["worker", "--home", str(home)], log=office.settings.state / "worker.log"),
            office.work(reading=True) as work,
        ):
            people = {role: person for person in staff.everyone(work.session, office.unit) for role in person.roles}
            branch = _Branch(office, people)
            signing.finish_interrupted(office)
            delivering.settle_messages(office)
            done = [_work_case(branch, case, say) for case in cases(clock.local(clock.now()).date())]
            say("Chờ gửi xong CMIS và tin nhắn · waiting for CMIS and messages")
            _wait_for_deliveries(office)
            return _report(office, done, time.monotonic() - began)
    finally:
        close_office(office)


def _work_case(branch: _Branch, case: Case, say: Callable[[str], None]) -> Dossier:
    office = branch.office
    clerk = branch.who(Role.GDV)
    found = _find(office, case)
    if found is None:
        intake.take_in(office, clerk)
        found = _find(office, case)
    if found is None:
        raise NotFound(what="yêu cầu CMIS", id=case.service)
    dossier = _read(office, found)
    while dossier.state not in (DossierState.CLOSED, DossierState.CANCELLED):
        dossier = _work_step(branch, case, dossier, say)
    return dossier


def _work_step(branch: _Branch, case: Case, dossier: Dossier, say: Callable[[str], None]) -> Dossier:
    office = branch.office
    service = office.service(dossier)
    step = step_of(service, dossier.step)
    say(f"{dossier.code} · {step.title.vi}")
    actor = branch.who(step.role)
    dossier = filling.claim(office, actor, dossier.id)
    for paper in papers_asked(dossier, service):
        if paper.required and paper.id not in dossier.papers:
            dossier = filling.note_paper(office, actor, dossier.id, paper.id, "received")
    fields = step_fields(service, step)
    if fields:
        typed = {field.id: shown(field, dossier.values[field.id]) for field in fields if field.id in dossier.values}
        typed.update({field.id: case.answers[field.id] for field in fields if field.id in case.answers})
        dossier = filling.save(office, actor, dossier.id, dossier.version, typed)
    for draw in draws_now(dossier, step):
        _complete_document(branch, actor, dossier, draw, say)
    filling.leave(office, actor, dossier.id)
    return advancing.advance(office, actor, dossier.id, following(dossier, service, step)[0].id)


def _complete_document(branch: _Branch, actor: Actor, dossier: Dossier, draw: Draw, say: Callable[[str], None]) -> None:
    office = branch.office
    with office.work(reading=True) as work:
        document = in_force(documents.of_dossier(work.session, dossier.id), draw.document)
    if document is None or document.state is DocumentState.DRAWN:
        document = drawing.draw(office, actor, dossier.id, draw.document)
    declared = office.declared(document)
    while document.state is not DocumentState.COMPLETE:
        slot = next_slot(declared, document.filled)
        if slot is None:
            raise NotFound(what="ô ký", id=document.id)
        say(f"{dossier.code} · {declared.title.vi} · {slot.title.vi}")
        if slot.purpose is Purpose.CUSTOMER:
            document = _agree(branch, actor, dossier, document)
        else:
            signer = branch.who(slot.role) if slot.role else actor
            # the usable ones stand first
            usable = next(iter(certificates.candidates(office, signer, document.id)), None)
            if usable is None or usable.problem is not None:
                raise usable.problem if usable and usable.problem else NotFound(what="chứng thư", id=slot.field)
            document = signing.sign(office, signer, document.id, slot.field, usable.certificate.sha256, PIN)


def _agree(branch: _Branch, actor: Actor, dossier: Dossier, document: DossierDocument) -> DossierDocument:
    """The customer gets the code on the phone and reads it out."""
    office = branch.office
    waiting = consenting.challenge(office, document.id)
    if waiting is None or waiting.expires_at <= clock.now():
        consenting.send_code(office, actor, document.id, pages_viewed=document.pages)
    values = values_of(draw_of(office.service(dossier), document), dossier.values)
    code = phone.last_code(office.settings, str(values["dien_thoai"]))
    return consenting.answer_code(office, actor, document.id, code, "spoken")


def _find(office: Office, case: Case) -> str | None:
    with office.work(reading=True) as work:
        lines, _ = dossiers.page(
            work.session, [dossiers.of_service(case.service), *dossiers.with_words(case.phone)], 0, 1
        )
    return lines[0].id if lines else None


def _read(office: Office, dossier_id: str) -> Dossier:
    with office.work(reading=True) as work:
        return office.dossier(work, dossier_id)


def _wait_for_deliveries(office: Office) -> None:
    """Return once the worker has nothing left to deliver, or has tried for long enough."""
    deadline = time.monotonic() + DELIVERY_SECONDS
    while time.monotonic() < deadline:
        with office.work(reading=True) as work:
            states = set(work.session.exec(select(OutgoingRow.state)))
        if not states & {"waiting", "sending"}:
            return
        time.sleep(0.1)


def _report(office: Office, done: list[Dossier], seconds: float) -> dict[str, Any]:
    # imported late: the verifier is needed at the end
    from console.practice.report import dossier_report

    with office.work(reading=True) as work:
        rows = list(work.session.exec(select(OutgoingRow)))
        reports = [dossier_report(office, work, dossier) for dossier in done]
    counts = {
        system: {
            "sent": sum(row.state not in ("waiting", "sending", "failed") for row in mine),
            "failed": sum(row.state == "failed" for row in mine),
        }
        for system, mine in (
            ("cmis", [row for row in rows if row.kind.startswith("cmis")]),
            ("messages", [row for row in rows if row.kind == "sms"]),
        )
    }
    return {"home": str(office.settings.home), "dossiers": reports, **counts, "seconds": round(seconds, 2)}
