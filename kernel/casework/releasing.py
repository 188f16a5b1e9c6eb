"""Releasing a signed file: checked by other code first, then the document's newest revision with all that follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from kernel.api.documents import Document
from kernel.api.errors import AdapterError, QuayDienError
from kernel.api.text import Text
from kernel.casework.errors import DocumentChanged
from kernel.casework.office import Actor, Office
from kernel.casework.posting import outgoing_row, post
from kernel.casework.preserving import enlist
from kernel.casework.time_stamping import SignedFile, passed
from kernel.dossier.document_values import draw_of, values_of
from kernel.dossier.errors import DossierError
from kernel.dossier.records import DocumentState, Dossier, DossierDocument, Filled
from kernel.dossier.signing_order import expect_next, fill
from kernel.signing.levels import Level
from kernel.storage import documents
from kernel.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Made:
    """A signature that was made for one revision of a document, and the file with it. Digests are hex."""

    field: str
    base_sha256: str
    certificate_der: bytes
    certificate: str
    """SHA-256 of the DER."""
    signed_at: datetime
    sha256: str
    """Of the file with the signature."""
    digest: str
    """Of what it covers."""
    level: Level
    obstacle: QuayDienError | None = None
    """Why the signature has no time stamp inside, where one was asked for."""


def check_signed(office: Office, signed: SignedFile, plain: bytes, field: str, certificate_der: bytes) -> SignedFile:
    """Return the file, or the `plain` one, that passes a second reading by other code and the verifier as unchanged.

    Raises NotReleased.
    """
    from kernel.signing.gate import doubt

    trust = office.trust

    def read(pdf: bytes) -> Text | None:
        return doubt(pdf, field, certificate_der, trust)

    return passed(signed, plain, read, read(signed.pdf))


def release(
    office: Office, work: UnitOfWork, actor: Actor, document: DossierDocument, made: Made, **facts: str
) -> DossierDocument:
    """Make a checked file the document's newest revision, in this transaction; `facts` go into its audit row.

    Raises DocumentChanged when the document has gone on without this signature.
    """
    from kernel.signing.certificates import describe

    declared = office.declared(document)
    if document.sha256 != made.base_sha256 or not _is_turn(document, declared, made.field):
        raise DocumentChanged
    slot = expect_next(document, declared, made.field)
    name = describe(made.certificate_der).name
    filled = Filled(slot.field, slot.purpose, "signature", name, made.signed_at, made.certificate)
    # a document has the level all its signatures have
    level = min(made.level, Level.of(document.level) or made.level)
    released = replace(fill(document, declared, filled), sha256=made.sha256, level=level.value)
    documents.put(work.session, released)
    dossier = office.dossier(work, document.dossier)
    work.record(
        unit=dossier.unit,
        actor=actor.id,
        action="sign",
        subject=document.id,
        field=made.field,
        certificate=made.certificate,
        digest=made.digest,
        result=made.sha256,
        level=made.level.value,
        **({"no_time_stamp": made.obstacle.code} if made.obstacle else {}),
        **facts,
    )
    if released.state is DocumentState.COMPLETE:
        _post_complete(office, work, actor, dossier, released, made.obstacle)
    return released


def _is_turn(document: DossierDocument, declared: Document, field: str) -> bool:
    """Return whether a field is still the next one: the data may have changed, or others have signed, meanwhile."""
    try:
        expect_next(document, declared, field)
    except DossierError:
        return False
    return True


def _post_complete(
    office: Office,
    work: UnitOfWork,
    actor: Actor,
    dossier: Dossier,
    document: DossierDocument,
    obstacle: QuayDienError | None,
) -> None:
    """Send a complete document on its way: to CMIS, and word of it to the customer."""
    declared = office.declared(document)
    work.record(unit=dossier.unit, actor=actor.id, action="archive", subject=document.id, sha256=document.sha256)
    enlist(office, work, document, obstacle)
    post(
        office,
        work,
        kind="cmis_upload",
        dossier=dossier.id,
        subject=document.id,
        body={"file_type": declared.cmis_type, "sha256": document.sha256},
    )
    phone = str(values_of(draw_of(office.service(dossier), document), dossier.values).get("dien_thoai", ""))
    if phone:
        facts = {
            "branch": office.settings.branch.name,
            "document": declared.title.vi,
            "number": document.number,
            "request": dossier.code,
            "hotline": office.settings.branch.party.get("cskh", ""),
        }
        try:
            text = office.sms.compose("completed", facts)
        except AdapterError as error:
            # words that can't be sent stop no contract: the message stands there as failed
            lost = outgoing_row(
                kind="sms", dossier=dossier.id, subject="completed", body={"phone": phone}, state="failed"
            )
            lost.detail = error.diagnosis("vi").cause
            work.session.add(lost)
        else:
            post(office, work, kind="sms", dossier=dossier.id, subject="completed", body={"phone": phone, "text": text})
