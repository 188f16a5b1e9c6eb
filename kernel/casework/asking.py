"""Whose turn it is to sign, and whether this certificate may: the same rules wherever the key lies."""

from __future__ import annotations

from dataclasses import dataclass

from kernel import clock
from kernel.api.documents import Document, SignatureSlot
from kernel.casework.certificates import problem_of
from kernel.casework.entitlement import entitled
from kernel.casework.errors import DocumentChanged
from kernel.casework.locks import refuse_locked
from kernel.casework.office import Actor, Office
from kernel.casework.seals import key_problem
from kernel.dossier.records import Dossier, DossierDocument
from kernel.dossier.signing_order import expect_next
from kernel.settings import GrantSettings
from kernel.storage import documents
from kernel.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Turn:
    """A slot whose turn it is, in the revision it stands in."""

    dossier: Dossier
    document: DossierDocument
    declared: Document
    slot: SignatureSlot


def expect_turn(
    office: Office,
    actor: Actor,
    document_id: str,
    field: str,
    *,
    certificate: bytes,
    issuers: tuple[bytes, ...],
    grant: GrantSettings | None = None,
) -> Turn:
    """Return the turn of a slot that a certificate (DER) may sign now.

    `issuers` are certificates that may lie between it and a root. `grant` says what a key that stands ready was given
    to do, None for one whose owner is asked at every signature. Raises SlotUnknown, SlotOutOfOrder, DocumentEnded,
    SignerNotEntitled, CertificateRefused, KeyNotForDocument, KeyNotForPerson, and what makes a certificate unfit.
    """
    from kernel.signing.certificates import describe

    with office.work(reading=True) as work:
        document = documents.get(work.session, document_id)
        dossier = office.dossier(work, document.dossier)
        declared = office.declared(document)
        slot = expect_next(document, declared, field)
        people = entitled(office, work, dossier, document, slot, clock.local(clock.now()).date())
    problem = problem_of(office, certificate, issuers, describe(certificate), people)
    if problem is None and grant is not None:
        problem = key_problem(grant, actor, declared, slot)
    if problem is not None:
        raise problem
    return Turn(dossier, document, declared, slot)


def expect_same_turn(office: Office, work: UnitOfWork, turn: Turn) -> None:
    """Return if it still is this turn, in a transaction that writes.

    Raises DocumentChanged, DocumentLocked, SlotOutOfOrder, DocumentEnded.
    """
    refuse_locked(office, work, turn.document.id)
    present = documents.get(work.session, turn.document.id)
    expect_next(present, turn.declared, turn.slot.field)
    if present.sha256 != turn.document.sha256:
        raise DocumentChanged
