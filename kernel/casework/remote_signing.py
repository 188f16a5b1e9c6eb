"""Signing with a key that a remote service keeps: which keys are offered for a slot, and asking for a signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from kernel import clock
from kernel.api.errors import AdapterError, QuayDienError
from kernel.casework import collecting
from kernel.casework.certificates import problem_of
from kernel.casework.elsewhere import Elsewhere, OutsideKey, look
from kernel.casework.entitlement import Entitled, entitled
from kernel.casework.errors import RemoteKeyGone, RemoteSecretMissing, RemoteServiceUnknown
from kernel.casework.office import Actor, Office
from kernel.casework.seals import key_problem
from kernel.casework.signing_elsewhere import cancel, prepare
from kernel.dossier.signing_order import expect_next, next_slot
from kernel.storage import documents

if TYPE_CHECKING:
    from kernel.api.documents import Document, SignatureSlot
    from kernel.api.ports import RemoteCredential
    from kernel.dossier.records import DossierDocument
    from kernel.settings import RemoteSettings
    from kernel.signing.certificates import CertificateInfo
    from kernel.signing.mechanism import Mechanism


@dataclass(frozen=True, slots=True)
class Offer:
    """A key a service keeps for somebody who may sign the slot, and why it can't be used (None when it can)."""

    service: str
    title: str
    """As staff know the service."""
    credential: str
    info: CertificateInfo
    secrets: tuple[str, ...]
    """What its owner types here: `PIN`, `OTP`."""
    sent: tuple[str, ...]
    """Those of them that the service sends when told to."""
    problem: QuayDienError | None


@dataclass(frozen=True, slots=True)
class Offers:
    """What the services offer for a document's next slot, and which of them could not be asked."""

    keys: tuple[Offer, ...]
    failed: tuple[AdapterError, ...]


def offers(office: Office, actor: Actor, document_id: str) -> Offers:
    """Return the remote keys of those who may sign a document's next slot, the usable ones first."""
    from kernel.signing.certificates import describe

    with office.work(reading=True) as work:
        document = documents.get(work.session, document_id)
        slot = next_slot(office.declared(document), document.filled)
    if slot is None:
        return Offers((), ())
    declared, people = _signers(office, document, slot)
    found: list[Offer] = []
    failed: list[AdapterError] = []
    for service in office.settings.signing.remote:
        refused = key_problem(service, actor, declared, slot)
        try:
            held = _held(office, service, people)
        except AdapterError as error:
            failed.append(error)
            continue
        for one in held:
            info = describe(one.certificate)
            problem = refused or problem_of(office, one.certificate, one.chain, info, people)
            found.append(Offer(service.id, service.title, one.id, info, one.secrets, one.sent, problem))
    return Offers(tuple(sorted(found, key=lambda one: one.problem is not None)), tuple(failed))


def ask(
    office: Office,
    actor: Actor,
    document_id: str,
    field: str,
    service_id: str,
    credential: str,
    secrets: Mapping[str, str],
) -> Elsewhere:
    """Lock the document and have the owner of a remote key asked to sign; return where it stands.

    Without `secrets` the worker asks the service, so that nobody waits here. What the owner typed is used once, now,
    and kept nowhere; what goes wrong with it frees the document at once. Raises RemoteServiceUnknown, RemoteKeyGone,
    RemoteSecretMissing, as `prepare`, and with secrets as `collecting.ask`.
    """
    service, held = _chosen(office, actor, document_id, field, service_id, credential)
    missing = [name for name in held.secrets if not secrets.get(name)]
    if missing:
        raise RemoteSecretMissing(service=service.title, secrets=", ".join(missing))
    key = OutsideKey(
        certificate=held.certificate,
        chain=held.chain,
        mechanism=_mechanism(office, service, held),
        service=service.id,
        credential=held.id,
        secrets=held.secrets,
    )
    wait = timedelta(minutes=service.minutes)
    waiting = prepare(office, actor, document_id, field, key, wait=wait, grant=service)
    if held.secrets:
        try:
            collecting.ask(office, waiting.id, {name: secrets[name] for name in held.secrets})
        except QuayDienError as error:
            collecting.refuse(office, waiting.id, error)
            raise
    return look(office, waiting.id)


def send_code(
    office: Office, actor: Actor, document_id: str, field: str, service_id: str, credential: str, secret: str
) -> None:
    """Have a service send its one-time code to the owner of a key that may sign a slot.

    Raises RemoteServiceUnknown, RemoteKeyGone, KeyNotForDocument, KeyNotForPerson and AdapterError's children.
    """
    service, held = _chosen(office, actor, document_id, field, service_id, credential)
    office.remote[service.id].send_code(held.id, secret)
    with office.work() as work:
        work.record(unit=office.unit, actor=actor.id, action="remote_code", subject=document_id, service=service.id)
        work.commit()


def give_up(office: Office, actor: Actor, request_id: str) -> Elsewhere:
    """Cancel a signature that is awaited, and tell its service. Raises NotFound."""
    ended = cancel(office, actor, request_id)
    if ended.service:
        collecting.tell_over(office, request_id)
    return ended


def _chosen(
    office: Office, actor: Actor, document_id: str, field: str, service_id: str, credential: str
) -> tuple[RemoteSettings, RemoteCredential]:
    """Return a service and the key it keeps for somebody who may sign the slot, as the service tells of it now."""
    service = next((one for one in office.settings.signing.remote if one.id == service_id), None)
    if service is None:
        raise RemoteServiceUnknown(service=service_id)
    with office.work(reading=True) as work:
        document = documents.get(work.session, document_id)
        slot = expect_next(document, office.declared(document), field)
    declared, people = _signers(office, document, slot)
    refused = key_problem(service, actor, declared, slot)
    if refused is not None:
        raise refused
    held = next((one for one in _held(office, service, people) if one.id == credential), None)
    if held is None:
        raise RemoteKeyGone(service=service.title)
    return service, held


def _signers(office: Office, document: DossierDocument, slot: SignatureSlot) -> tuple[Document, tuple[Entitled, ...]]:
    with office.work(reading=True) as work:
        dossier = office.dossier(work, document.dossier)
        people = entitled(office, work, dossier, document, slot, clock.local(clock.now()).date())
    return office.declared(document), people


def _held(office: Office, service: RemoteSettings, people: tuple[Entitled, ...]) -> list[RemoteCredential]:
    """Return what a service keeps for these people and for nobody else. Raises AdapterError's children."""
    identities = [person.identity for person in people if person.identity]
    if not identities:
        return []
    listed = office.remote[service.id].credentials(identities)
    return [one for one in listed if _belongs(one, identities) and _known(one)]


def _belongs(held: RemoteCredential, identities: Sequence[str]) -> bool:
    """Return whether a key is one of these people's; one whose certificate can't be read is nobody's."""
    from kernel.signing.certificates import belongs_to, describe
    from kernel.signing.errors import CertificateInvalid

    try:
        info = describe(held.certificate)
    except CertificateInvalid:
        return False
    return any(belongs_to(info, identity) for identity in identities)


def _known(held: RemoteCredential) -> list[Mechanism]:
    """Return the mechanisms of a key that this program makes signatures with, in the service's order."""
    from kernel.signing.certificates import load_certificate
    from kernel.signing.mechanism import Mechanism

    certificate = load_certificate(held.certificate)
    return [
        Mechanism(name)
        for name in held.mechanisms
        if name in Mechanism.__members__.values() and Mechanism(name).fits(certificate)
    ]


def _mechanism(office: Office, service: RemoteSettings, held: RemoteCredential) -> Mechanism:
    """Return the mechanism to ask for, by the policy of the settings for RSASSA-PSS and the hash.

    Raises RemoteKeyGone where the key can do none that is allowed.
    """
    from kernel.signing.certificates import load_certificate
    from kernel.signing.mechanism import mechanism_for

    policy = office.settings.signing
    wanted = "pss" if policy.prefer_pss else "rsa"
    usual = mechanism_for(load_certificate(held.certificate)).digest
    digest = usual if policy.digest == "auto" else policy.digest
    known = [one for one in _known(held) if not (policy.require_pss and one.scheme == "rsa")]
    if not known:
        raise RemoteKeyGone(service=service.title)
    return min(known, key=lambda one: (one.scheme not in (wanted, "ecdsa"), one.digest != digest))
