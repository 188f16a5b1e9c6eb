"""Drawing a document of a dossier: the bytes the customer will be shown, with their empty signature fields."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import uuid4

from kernel import clock
from kernel.api.documents import Document as DocumentType
from kernel.api.documents import Purpose
from kernel.api.services import Draw
from kernel.casework.authorisations import authorised
from kernel.casework.errors import CodePending, CodeRefused, FieldsMissing, SignatoryMissing
from kernel.casework.locks import refuse_locked
from kernel.casework.office import Actor, Office
from kernel.casework.registering import last_try
from kernel.dossier.document_values import values_of
from kernel.dossier.progress import answers, expect_not_ended, in_force
from kernel.dossier.readiness import draw_named
from kernel.dossier.records import DocumentState, Dossier, DossierDocument, DossierState
from kernel.errors import StaleVersion
from kernel.storage import documents, dossiers
from kernel.storage.people import name_of
from kernel.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from kernel.documents.drawing import Drawn


def draw(office: Office, actor: Actor, dossier_id: str, document_type: str) -> DossierDocument:
    """Draw a document from the dossier's saved values and return it.

    The same values on the same day give the version that is there already, and on a later day too once somebody has
    agreed or signed; others give a new one, and the older one becomes void unless it is complete.

    Raises DossierEnded, CodePending, CodeRefused, FieldsMissing, SignatoryMissing, StaleVersion, DocumentLocked, what
    drawing raises, DocumentNotAsked, and AdapterError's children where CMIS has to give a contract number.
    """
    now = clock.now()
    today = clock.local(now).date()
    dossier, plan, current, party = _read(office, dossier_id, document_type, today)
    declared = office.document(plan.document, plan.variant)
    if current is not None and current.state is DocumentState.COMPLETE:
        return current
    dossier = _numbered(office, actor, dossier, declared)
    if current is not None and current.filled:
        # what was agreed to or signed stays in force unless its data, not just the day, is another
        pdf, drawn = _draw(office, dossier, plan, party, clock.local(current.drawn_at).date())
        if hashlib.sha256(pdf).hexdigest() == current.base_sha256:
            return current
    pdf, drawn = _draw(office, dossier, plan, party, today)
    sha256 = office.blobs.put(pdf)
    number = dossier.values.get(declared.number_field, "")
    with office.work() as work:
        if office.dossier(work, dossier_id).values != dossier.values:
            raise StaleVersion(code=dossier.code, by=name_of(work.session, dossier.holder))
        existing = documents.of_dossier(work.session, dossier_id)
        current = in_force(existing, document_type)
        if current is not None and (current.base_sha256 == sha256 or current.state is DocumentState.COMPLETE):
            return current
        if current is not None:
            refuse_locked(office, work, current.id)
            documents.put(work.session, replace(current, state=DocumentState.VOID))
            work.record(unit=dossier.unit, actor=actor.id, action="void", subject=current.id, because="drawn again")
        document = DossierDocument(
            id=uuid4().hex,
            dossier=dossier_id,
            type=document_type,
            variant=plan.variant,
            number=str(number),
            edition=1 + sum(one.type == document_type for one in existing),
            state=DocumentState.DRAWN,
            pages=drawn.pages,
            base_sha256=sha256,
            base_length=len(pdf),
            sha256=sha256,
            level="",
            filled=(),
            drawn_at=now,
            placed=tuple(asdict(value) for value in drawn.placed),
            boxes=tuple(asdict(box) for box in drawn.boxes),
        )
        documents.put(work.session, document)
        work.record(
            unit=dossier.unit,
            actor=actor.id,
            action="draw",
            subject=document.id,
            dossier=dossier_id,
            type=document_type,
            edition=document.edition,
            sha256=sha256,
        )
        work.commit()
    return document


def _read(
    office: Office, dossier_id: str, document_type: str, today: date
) -> tuple[Dossier, Draw, DossierDocument | None, dict[str, str]]:
    """Return the dossier, how the document is drawn, the version in force, and party A.

    Nothing stands in the way of drawing then.
    """
    with office.work(reading=True) as work:
        dossier = office.dossier(work, dossier_id)
        expect_not_ended(dossier)
        if dossier.state is DossierState.WAITING_CMIS:
            last = last_try(work, dossier.id)
            if last is not None and last.state == "failed":
                raise CodeRefused(code=dossier.code, detail=last.detail.rstrip("."))
            raise CodePending(code=dossier.code)
        plan = draw_named(dossier, office.service(dossier), document_type)
        declared = office.document(plan.document, plan.variant)
        _refuse_incomplete(dossier, plan, declared)
        party = {**office.settings.branch.party, **_signatory(work, office, declared, today)}
        return dossier, plan, in_force(documents.of_dossier(work.session, dossier_id), declared.id), party


def _draw(office: Office, dossier: Dossier, plan: Draw, party: Mapping[str, str], day: date) -> tuple[bytes, Drawn]:
    """Return the document as of a day, with its empty signature fields."""
    # imported late: Typst and pyHanko are loaded when the first document is drawn
    from kernel.casework.parties import parties_of
    from kernel.documents.drawing import Setting
    from kernel.documents.drawing import draw as draw_pdf
    from kernel.signing.fields import with_signature_fields

    declared, values = office.document(plan.document, plan.variant), values_of(plan, dossier.values)
    number = str(dossier.values.get(declared.number_field, ""))
    setting = Setting(branch=party, number=number, date=day, place=office.settings.branch.place)
    drawn = draw_pdf(declared, plan.variant, values, setting)
    return with_signature_fields(drawn.pdf, drawn.boxes, parties_of(declared, values, party)), drawn


def _numbered(office: Office, actor: Actor, dossier: Dossier, declared: DocumentType) -> Dossier:
    """Return the dossier with the document's number among its values, given now if it was not there."""
    field = declared.number_field
    if not field or field in dossier.values:
        return dossier
    number = "" if declared.number_suffix else office.cmis.new_contract_number(dossier.unit, dossier.code)
    with office.work() as work:
        dossier = office.dossier(work, dossier.id)
        if field in dossier.values:
            return dossier  # given by someone else in the meantime
        if declared.number_suffix:
            year = clock.local(clock.now()).year
            count = documents.next_number(work.session, dossier.unit, f"{declared.number_suffix}/{year}")
            number = f"{count:02d}/{year}/{declared.number_suffix}"
        dossiers.give_number(work.session, dossier.id, field, number)
        work.record(unit=dossier.unit, actor=actor.id, action="number", subject=dossier.id, number=number)
        work.commit()
    return replace(dossier, values={**dossier.values, field: number})


def _refuse_incomplete(dossier: Dossier, plan: Draw, document: DocumentType) -> None:
    values = values_of(plan, answers(dossier))
    missing = [
        field.label.vi
        for field in document.fields
        if field.required and field.id not in values and (field.when is None or field.when.holds(values))
    ]
    if missing:
        raise FieldsMissing(document=document.title.vi, fields=", ".join(missing))


def _signatory(work: UnitOfWork, office: Office, document: DocumentType, today: date) -> dict[str, str]:
    """Return the lines of party A that name who signs and by what authority."""
    if not any(slot.purpose is Purpose.SIGNATORY for slot in document.slots):
        return {}
    found = authorised(work, office.unit, document.cmis_type, today)
    if found is None:
        raise SignatoryMissing(document=document.title.vi, date=f"{today:%d/%m/%Y}")
    return {
        "dai_dien": found.name,
        "chuc_vu": found.title,
        "van_ban_uy_quyen": found.number,
        "ngay_uy_quyen": found.signed_on,
        "nguoi_uy_quyen": found.granted_by,
    }
