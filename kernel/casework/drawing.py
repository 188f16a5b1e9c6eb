"""Drawing a document of a dossier: the bytes the customer will be shown, with their empty signature fields."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime
from uuid import uuid4

from sqlmodel import select

from kernel import clock
from kernel.api.documents import Document as DocumentType
from kernel.api.documents import Purpose
from kernel.casework.errors import CodePending, FieldsMissing, SignatoryMissing
from kernel.casework.office import Actor, Office
from kernel.dossier.progress import in_force
from kernel.dossier.records import DocumentState, Dossier, DossierDocument, DossierState
from kernel.storage import documents, dossiers
from kernel.storage.tables import AuthorisationRow
from kernel.storage.unit_of_work import UnitOfWork


def draw(office: Office, actor: Actor, dossier_id: str, document_type: str) -> DossierDocument:
    """Draw a document from the dossier's saved values and return it.

    The same values on the same day give the version that is there already; others give a new one, and the older one
    becomes void unless it is complete. Raises CodePending, FieldsMissing, SignatoryMissing, what drawing raises, and
    AdapterError's children where CMIS has to give a contract number.
    """
    # imported late: Typst and pyHanko are loaded when the first document is drawn
    from kernel.documents.drawing import Setting
    from kernel.documents.drawing import draw as draw_pdf
    from kernel.signing.fields import with_signature_fields

    now = clock.now()
    declared = office.document(document_type)
    dossier = _numbered(office, actor, dossier_id, declared)
    _refuse_incomplete(dossier, declared)
    today = clock.local(now).date()
    with office.work(reading=True) as work:
        party = {**office.settings.branch.party, **_signatory(work, office, declared, today)}
    number = str(dossier.values[declared.number_field])
    setting = Setting(branch=party, number=number, date=today, place=office.settings.branch.place)
    variant = dossier.variant if dossier.variant in declared.variants else declared.variants[0]
    drawn = draw_pdf(declared, variant, dossier.values, setting)
    pdf = with_signature_fields(drawn.pdf, drawn.boxes)
    sha256 = office.blobs.put(pdf)
    with office.work() as work:
        existing = documents.of_dossier(work.session, dossier_id)
        current = in_force(existing, document_type)
        if current is not None and (current.base_sha256 == sha256 or current.state is DocumentState.COMPLETE):
            return current
        if current is not None:
            documents.put(work.session, replace(current, state=DocumentState.VOID))
            work.record(unit=dossier.unit, actor=actor.id, action="void", subject=current.id, because="drawn again")
        document = DossierDocument(
            id=uuid4().hex,
            dossier=dossier_id,
            type=document_type,
            variant=variant,
            number=number,
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


def _numbered(office: Office, actor: Actor, dossier_id: str, declared: DocumentType) -> Dossier:
    """Return the dossier with the document's number among its values, given now if it was not there."""
    with office.work(reading=True) as work:
        dossier = office.dossier(work, dossier_id)
    if dossier.state is DossierState.WAITING_CMIS:
        raise CodePending(code=dossier.code)
    if declared.number_field in dossier.values:
        return dossier
    number = "" if declared.number_suffix else office.cmis.new_contract_number(dossier.unit, dossier.code)
    with office.work() as work:
        dossier = office.dossier(work, dossier_id)
        if declared.number_suffix:
            count = documents.numbers_given(work.session, declared.id) + 1
            number = f"{count:02d}/{clock.local(clock.now()).year}/{declared.number_suffix}"
        values = {**dossier.values, declared.number_field: number}
        dossier = dossiers.save(work.session, replace(dossier, values=values), clock.now())
        work.record(unit=dossier.unit, actor=actor.id, action="number", subject=dossier.id, number=number)
        work.commit()
    return dossier


def _refuse_incomplete(dossier: Dossier, document: DocumentType) -> None:
    missing = [
        field.label.vi
        for field in document.fields
        if field.required
        and field.id not in dossier.values
        and (field.when is None or field.when.holds(dossier.values))
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


def authorised(work: UnitOfWork, unit: str, file_type: str, today: date) -> AuthorisationRow | None:
    """Return who may sign this document type of the unit on a day: the authorisation that began last, or None."""
    rows = work.session.exec(
        select(AuthorisationRow).where(AuthorisationRow.unit == unit, AuthorisationRow.file_type == file_type)
    )
    valid = [row for row in rows if _day(row.valid_from, date.min) <= today <= _day(row.valid_to, date.max)]
    return max(valid, key=lambda row: _day(row.valid_from, date.min), default=None)


def _day(text: str, otherwise: date) -> date:
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()
    except ValueError:
        return otherwise
