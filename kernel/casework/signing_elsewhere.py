"""Signatures made elsewhere: prepare and lock the document, hand out the hash, take the signature back or give up.

The row in the database is all there is of it between the two, so a restart changes nothing. The rules of order,
authority and entitlement are those of signing with a token, asked when it begins and again when the answer comes.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kernel import clock
from kernel.api.documents import Purpose
from kernel.api.errors import QuayDienError
from kernel.casework.asking import Turn, expect_same_turn, expect_turn
from kernel.casework.consenting import withdraw_codes
from kernel.casework.elsewhere import Elsewhere, HandOut, OutsideKey, pending_of, shown
from kernel.casework.errors import AnswerOfAnother, NotReleased
from kernel.casework.locks import OPEN, close, expect_open, expire, refuse_signing
from kernel.casework.office import Actor, Office
from kernel.casework.posting import post
from kernel.casework.releasing import Made, check_signed, release
from kernel.casework.stamping import stamp_of
from kernel.casework.time_stamping import room, time_stamped
from kernel.dossier.records import DossierDocument
from kernel.errors import BlobCorrupt, DatabaseUnavailable, StorageFull
from kernel.settings import GrantSettings
from kernel.storage import documents
from kernel.storage.tables import ElsewhereRow
from kernel.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from kernel.signing.answers import Answer
    from kernel.signing.deferred import Pending
    from kernel.signing.mechanism import Mechanism


def prepare_for_device(
    office: Office,
    actor: Actor,
    document_id: str,
    field: str,
    certificate: bytes,
    *,
    mechanism: Mechanism | None = None,
) -> Elsewhere:
    """Prepare a slot for a device outside this installation, from the certificate file somebody brought.

    Without a `mechanism` it is what every device has, or RSASSA-PSS where the settings allow nothing else. Raises
    CertificateInvalid and as `prepare`.
    """
    from kernel.signing.answers import read_certificates
    from kernel.signing.certificates import load_certificate
    from kernel.signing.mechanism import mechanism_for

    own, *chain = read_certificates(certificate)
    policy = office.settings.signing
    digest = "" if policy.digest == "auto" else policy.digest
    usual = mechanism_for(load_certificate(own), pss=policy.require_pss, digest=digest)
    key = OutsideKey(own, tuple(chain), mechanism or usual)
    minutes = office.settings.signing.own_token_minutes
    return prepare(office, actor, document_id, field, key, wait=timedelta(minutes=minutes))


def prepare(
    office: Office,
    actor: Actor,
    document_id: str,
    field: str,
    key: OutsideKey,
    *,
    wait: timedelta,
    grant: GrantSettings | None = None,
) -> Elsewhere:
    """Prepare a slot for a key elsewhere and lock the document for as long as `wait`.

    Raises what `expect_turn` and `expect_same_turn` raise, and what preparing the file raises.
    """
    from kernel.signing.certificates import describe
    from kernel.signing.deferred import prepare_signature
    from kernel.signing.prepared import Appearing

    at = clock.now().replace(microsecond=0)
    turn = expect_turn(office, actor, document_id, field, certificate=key.certificate, issuers=key.chain, grant=grant)
    info = describe(key.certificate)
    pending = prepare_signature(
        office.blobs.get(turn.document.sha256),
        field=field,
        certificate=key.certificate,
        chain=key.chain,
        mechanism=key.mechanism,
        appearing=Appearing(
            at,
            info.name,
            turn.slot.title.vi,
            office.settings.branch.place,
            stamp_of(office, turn.document, turn.slot, info),
        ),
        unsigned_attribute=room(office),
    )
    with office.work() as work:
        expect_same_turn(office, work, turn)
        refuse_signing(office, work, document_id)
        if turn.slot.purpose is Purpose.CUSTOMER:
            withdraw_codes(work, document_id)
        row = _lock(office, work, actor, turn, key, pending, at=at, until=at + wait)
        made = shown(work, row)
        work.commit()
    return made


def _lock(
    office: Office,
    work: UnitOfWork,
    actor: Actor,
    turn: Turn,
    key: OutsideKey,
    pending: Pending,
    *,
    at: datetime,
    until: datetime,
) -> ElsewhereRow:
    """Write down what is awaited, with the job that waits for it."""
    body = {"document": turn.document.id, "credential": key.credential, "secrets": ",".join(key.secrets)}
    job = post(office, work, kind="collect", dossier=turn.dossier.id, subject=turn.document.id, body=body)
    row = ElsewhereRow(
        id=job,
        document=turn.document.id,
        field=turn.slot.field,
        service=key.service,
        base_sha256=pending.sha256_before,
        certificate_der=key.certificate,
        chain=[der.hex() for der in key.chain],
        mechanism=key.mechanism.value,
        update=pending.prepared.update,
        hole_begin=pending.prepared.hole[0],
        hole_end=pending.prepared.hole[1],
        digest=pending.prepared.digest.hex(),
        staff=actor.id,
        state="prepared",
        at=at,
        expires_at=until,
    )
    work.session.add(row)
    work.record(
        unit=turn.dossier.unit,
        actor=actor.id,
        action="prepare_signature",
        subject=turn.document.id,
        field=turn.slot.field,
        request=job,
        service=key.service,
        certificate=hashlib.sha256(key.certificate).hexdigest(),
        sha256=pending.sha256_before,
        until=until.isoformat(),
    )
    return row


def hand_out(office: Office, actor: Actor, request_id: str) -> HandOut:
    """Return what is to be signed, as often as it is asked for. Raises AnswerTooLate, NotFound."""
    from kernel.signing.certificates import describe

    with office.work() as work:
        row = work.row(ElsewhereRow, request_id)
        expect_open(row)
        document = documents.get(work.session, row.document)
        if row.state == "prepared":
            row.state = "handed_out"
            work.session.add(row)
            work.record(
                unit=office.unit, actor=actor.id, action="hand_out", subject=row.document, request=row.id,
                hash=pending_of(row).hash.hex(),
            )  # fmt: skip
        work.commit()
    pending = pending_of(row)
    begin, end = pending.prepared.hole
    update = pending.prepared.update
    return HandOut(
        id=row.id,
        document=office.declared(document).title,
        number=document.number,
        signer=describe(row.certificate_der).name,
        mechanism=pending.mechanism,
        hash=pending.hash,
        attributes=pending.to_be_signed,
        content=b"".join((office.blobs.get(row.base_sha256), update[: begin - 1], update[end + 1 :])),
        until=row.expires_at,
    )


def take_back(office: Office, actor: Actor, request_id: str, answer: Answer) -> DossierDocument:
    """Check a signature that came back and release the document with it. The same answer again changes nothing.

    A wrong answer is written down, the file stays as it is, and the document waits on until its time is over; one from
    a service ends the wait, for a service is not asked twice. Raises AnswerTooLate, AnswerOfAnother,
    SignatureOfAnother, AnswerUnreadable, NotReleased, and what `expect_turn` raises where the signer may sign no more.
    """
    with office.work(reading=True) as work:
        row = work.row(ElsewhereRow, request_id)
        document = documents.get(work.session, row.document)
    if row.state == "done":
        return document
    try:
        made = _made(office, actor, row, answer)
        with office.work() as work:
            row = work.row(ElsewhereRow, request_id)
            document = documents.get(work.session, row.document)
            if row.state == "done":
                return document
            expect_open(row)
            released = release(office, work, actor, document, made, request=row.id, service=row.service)
            row.state, row.result_sha256 = "done", made.sha256
            work.session.add(row)
            work.commit()
    except (DatabaseUnavailable, StorageFull, BlobCorrupt):
        raise
    except QuayDienError as error:
        _note_wrong(office, actor, request_id, error)
        raise
    return released


def _made(office: Office, actor: Actor, row: ElsewhereRow, answer: Answer) -> Made:
    """Return the signature in its file, checked and stored."""
    from kernel.signing.certificates import describe
    from kernel.signing.deferred import finish, finish_with_cms

    expect_open(row)
    pending = pending_of(row)
    if answer.certificate and answer.certificate != row.certificate_der:
        expected = describe(row.certificate_der).name
        raise AnswerOfAnother(name=describe(answer.certificate).name, expected=expected)
    # an authorisation withdrawn or a certificate revoked meanwhile counts; that its key was granted does not change
    expect_turn(office, actor, row.document, row.field, certificate=row.certificate_der, issuers=pending.chain)
    base = office.blobs.get(row.base_sha256)
    signed = finish_with_cms(base, pending, answer.cms) if answer.cms else finish(base, pending, answer.signature)
    pdf = base + signed.update
    stamped = time_stamped(office, pdf, len(signed.update))
    stamped = check_signed(office, stamped, pdf, row.field, row.certificate_der)
    return Made(
        field=row.field,
        base_sha256=row.base_sha256,
        certificate_der=row.certificate_der,
        certificate=hashlib.sha256(row.certificate_der).hexdigest(),
        signed_at=row.at,
        sha256=office.blobs.put(stamped.pdf),
        digest=signed.digest,
        level=stamped.level,
        obstacle=stamped.obstacle,
    )


def _note_wrong(office: Office, actor: Actor, request_id: str, error: QuayDienError) -> None:
    """Write down an answer that was refused; a service's ends the wait, as does a document that went on."""
    with office.work() as work:
        row = work.row(ElsewhereRow, request_id)
        work.record(
            unit=office.unit,
            actor=actor.id,
            action="answer_refused",
            subject=row.document,
            request=row.id,
            state=row.state,
            why=error.code,
        )
        final = bool(row.service) or (isinstance(error, NotReleased) and error.code != NotReleased.code)
        if row.state in OPEN and clock.now() >= row.expires_at:
            expire(office, work, row)
        elif row.state in OPEN and final:
            detail = error.diagnosis(office.settings.language).cause
            close(office, work, row, "refused", actor=actor.id, why=error.code, detail=detail)
        work.commit()


def cancel(office: Office, actor: Actor, request_id: str) -> Elsewhere:
    """Stop waiting: the document is free at once, and an answer that still comes is refused. Raises NotFound."""
    with office.work() as work:
        row = work.row(ElsewhereRow, request_id)
        if row.state in OPEN:
            close(office, work, row, "cancelled", actor=actor.id)
        found = shown(work, row)
        work.commit()
    return found
