"""Signing: who may, with which certificate, in which order; asked once, checked twice, then released."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlmodel import select

from kernel import clock
from kernel.api.errors import QuayDienError
from kernel.casework.asking import Turn, expect_same_turn, expect_turn
from kernel.casework.certificates import AtHand, choose, everything_at_hand
from kernel.casework.errors import NotReleased
from kernel.casework.office import Actor, Office
from kernel.casework.releasing import Made, check_signed, release
from kernel.casework.stamping import stamp_of
from kernel.casework.time_stamping import SignedFile, room, time_stamped
from kernel.dossier.records import DossierDocument
from kernel.storage import documents
from kernel.storage.tables import SigningRow
from kernel.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from kernel.tokens.client import Signer
    from kernel.tokens.pool import SignerPool
    from kernel.tokens.shapes import SignRequest, SignResult


def sign(
    office: Office, actor: Actor, document_id: str, field: str, certificate_sha256: str, pin: str
) -> DossierDocument:
    """Sign one slot with one certificate and one try of the PIN; release the file only when it passes two checks.

    A key of an HSM stands ready and takes no PIN: who may ask for it is settled by the settings.

    A signature that was made for this slot and could not be released (disk full, database away) is released instead.
    Raises SlotOutOfOrder, DocumentEnded, DocumentLocked, SignerNotEntitled, CertificateRefused, KeyNotForDocument,
    KeyNotForPerson, NotReleased, and the errors of `kernel.tokens` and `kernel.signing`.
    """
    from kernel.tokens.errors import SignerCrashed, SignerTimeout

    for row_id in _asked(office, document_id):
        recovered = recover(office, actor, row_id)
        if recovered is not None and recovered.filled[-1].field == field:
            return recovered
    at_hand = everything_at_hand(office)
    if all(one.certificate.sha256 != certificate_sha256 for one in at_hand):
        at_hand = everything_at_hand(office, anew=True)  # plugged in a moment ago
    chosen = choose(at_hand, certificate_sha256)
    issuers = tuple(one.certificate.der for one in at_hand)
    request, pdf = _ask(office, actor, document_id, field, chosen, issuers)
    try:
        result = chosen.signer.sign(request, pdf, pin=pin)
    except (SignerCrashed, SignerTimeout):
        # the token may have signed before its process was gone: the journal tells
        recovered = recover(office, actor, request.request_id)
        if recovered is None:
            raise
        return recovered
    except QuayDienError as error:
        close(office, actor, request.request_id, "failed", error.code)
        raise
    signed = time_stamped(office, result.pdf, len(result.update))
    released = _release(office, actor, request.request_id, result, signed)
    settle(chosen.signer, request.request_id)
    return released


def finish_interrupted(office: Office) -> int:
    """Finish what was being signed when the program died; return how many signatures were recovered.

    The signer's journal tells: what it had signed is released now, what it had not is closed and may be asked anew.
    What no journal can be asked about now stays asked until the next time.
    """
    return sum(recover(office, office.system, row_id) is not None for row_id in _asked(office))


def _asked(office: Office, document_id: str = "") -> list[str]:
    """Return the requests whose end nobody noted, of one document or of all."""
    rows = select(SigningRow.id).where(SigningRow.state == "asked")
    with office.work(reading=True) as work:
        return list(work.session.exec(rows.where(SigningRow.document == document_id) if document_id else rows))


def recover(office: Office, actor: Actor, row_id: str) -> DossierDocument | None:
    """Release what the signer's journal holds of a request, or close the request; None when nothing was signed."""
    from kernel.tokens.errors import RequestUnknown

    in_doubt = False
    with office.work(reading=True) as work:
        base = work.row(SigningRow, row_id).base_sha256
    document = office.blobs.get(base)
    for signer in office.signers.values():
        try:
            result = signer.result(row_id, document)
        except RequestUnknown:
            continue
        except QuayDienError:
            # no token module, a damaged journal, another process at it: nobody knows yet
            in_doubt = True
            continue
        try:
            released = _release(office, actor, row_id, result, SignedFile(result.pdf))
        except NotReleased:
            return None  # closed and written down: the document has gone on without it
        settle(signer, row_id)
        return released
    if not in_doubt:
        close(office, actor, row_id, "failed", "interrupted")
    return None


def settle(signer: Signer | SignerPool, row_id: str) -> None:
    """Let the signer delete its copy of a released file."""
    with suppress(QuayDienError):  # a copy that stays does no harm
        signer.settle(row_id)


@dataclass(frozen=True, slots=True)
class Asked:
    """A signature about to be asked for: whose turn it is, what the signer is told, and the bytes to sign."""

    turn: Turn
    request: SignRequest
    pdf: bytes
    certificate: bytes
    """DER."""


def prepare(
    office: Office, actor: Actor, document_id: str, field: str, chosen: AtHand, issuers: tuple[bytes, ...]
) -> Asked:
    """Return what is to be asked of the signer of a certificate at hand. Raises what `expect_turn` raises."""
    from kernel.signing.certificates import describe
    from kernel.tokens.shapes import SignRequest

    certificate, info = chosen.certificate, describe(chosen.certificate.der)
    turn = expect_turn(
        office, actor, document_id, field, certificate=certificate.der, issuers=issuers, grant=chosen.key
    )
    request = SignRequest(
        request_id=uuid4().hex,
        document_id=document_id,
        purpose=turn.slot.purpose,
        field=field,
        certificate=certificate.sha256,
        at=clock.now().replace(microsecond=0),
        appearance=stamp_of(office, turn.document, turn.slot, info),
        name=info.name,
        reason=turn.slot.title.vi,
        location=office.settings.branch.place,
        unsigned_attribute=room(office),
    )
    return Asked(turn, request, office.blobs.get(turn.document.sha256), certificate.der)


def write_down(office: Office, actor: Actor, work: UnitOfWork, asked: Asked) -> None:
    """Write down what is asked before it is asked, in a transaction. Raises what `expect_same_turn` raises."""
    expect_same_turn(office, work, asked.turn)
    request, document = asked.request, asked.turn.document
    work.session.add(
        SigningRow(
            id=request.request_id,
            document=document.id,
            field=request.field,
            base_sha256=document.sha256,
            certificate=request.certificate,
            certificate_der=asked.certificate,
            staff=actor.id,
            state="asked",
            at=request.at,
        )
    )
    work.record(
        unit=asked.turn.dossier.unit,
        actor=actor.id,
        action="ask_signature",
        subject=document.id,
        field=request.field,
        request=request.request_id,
        certificate=request.certificate,
        sha256=document.sha256,
    )


def _ask(
    office: Office, actor: Actor, document_id: str, field: str, chosen: AtHand, issuers: tuple[bytes, ...]
) -> tuple[SignRequest, bytes]:
    asked = prepare(office, actor, document_id, field, chosen, issuers)
    with office.work() as work:
        write_down(office, actor, work, asked)
        work.commit()
    return asked.request, asked.pdf


def _release(office: Office, actor: Actor, row_id: str, result: SignResult, signed: SignedFile) -> DossierDocument:
    """Check the signed file and make it the document's newest revision. Raises NotReleased."""
    with office.work(reading=True) as work:
        row = work.row(SigningRow, row_id)
        document = documents.get(work.session, row.document)
    if row.state == "done":
        return document
    sha256 = ""
    try:
        if document.sha256 == row.base_sha256:
            signed = check_signed(office, signed, result.pdf, row.field, row.certificate_der)
            sha256 = office.blobs.put(signed.pdf)
        with office.work() as work:
            released = release_result(office, actor, work, result, signed, sha256)
            work.commit()
    except NotReleased as error:
        close(office, actor, row_id, "failed", error.code)
        raise
    return released


def release_result(
    office: Office, actor: Actor, work: UnitOfWork, result: SignResult, signed: SignedFile, sha256: str
) -> DossierDocument:
    """Make a checked file, kept as `sha256`, the newest revision of its document, in a transaction.

    Raises DocumentChanged.
    """
    row = work.row(SigningRow, result.request_id)
    document = documents.get(work.session, row.document)
    if row.state == "done":
        return document
    made = Made(
        field=row.field,
        base_sha256=row.base_sha256,
        certificate_der=row.certificate_der,
        certificate=row.certificate,
        signed_at=result.signed_at,
        sha256=sha256,
        digest=result.digest,
        level=signed.level,
        obstacle=signed.obstacle,
    )
    # the signer's journal knows the file as it was before its time stamp
    released = release(office, work, actor, document, made, request=row.id, signed=result.sha256_after)
    row.state, row.result_sha256 = "done", sha256
    return released


def close(office: Office, actor: Actor, row_id: str, state: str, because: str) -> None:
    """Close a signature request that came to nothing."""
    with office.work() as work:
        row = work.row(SigningRow, row_id)
        if row.state != "asked":
            return
        row.state = state
        work.record(
            unit=office.unit,
            actor=actor.id,
            action="signature_failed",
            subject=row.document,
            request=row_id,
            why=because,
        )
        work.commit()
