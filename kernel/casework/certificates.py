"""The certificates at hand, and whether each may sign: its owner, its validity, its trust, its revocation.

These are the checks before a signature of TT 15/2025/TT-BKHCN, Điều 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel import clock
from kernel.api.errors import QuayDienError
from kernel.casework.entitlement import Entitled, entitled
from kernel.casework.errors import CertificateRefused, SignerNotEntitled
from kernel.casework.office import Office
from kernel.dossier.signing_order import next_slot
from kernel.storage import documents

if TYPE_CHECKING:
    from kernel.signing.certificates import CertificateInfo
    from kernel.tokens.client import Signer
    from kernel.tokens.shapes import TokenCertificate


@dataclass(frozen=True, slots=True)
class Candidate:
    """A certificate on a token that is present, and why it can't sign the next slot (None when it can)."""

    certificate: TokenCertificate
    info: CertificateInfo
    module: str
    problem: QuayDienError | None


def candidates(office: Office, document_id: str) -> tuple[Candidate, ...]:
    """Return the signing certificates at hand for a document's next slot, usable ones first.

    Raises what the tokens raise.
    """
    from kernel.signing.certificates import describe

    with office.work(reading=True) as work:
        document = documents.get(work.session, document_id)
        slot = next_slot(office.document(document.type), document.filled)
        dossier = office.dossier(work, document.dossier)
        people = entitled(office, work, dossier, document, slot, clock.local(clock.now()).date()) if slot else ()
    at_hand = [(module, one) for module, signer in office.signers.items() for one in signer.certificates()]
    issuers = tuple(one.der for _, one in at_hand)
    found = []
    for module, certificate in at_hand:
        info = describe(certificate.der)
        # authorities lie on tokens too; a person's or an organisation's certificate carries a UID
        if info.uid and certificate.has_key is not False:
            problem = problem_of(office, certificate.der, issuers, info, people)
            found.append(Candidate(certificate, info, module, problem))
    return tuple(sorted(found, key=lambda one: one.problem is not None))


def problem_of(
    office: Office, der: bytes, issuers: tuple[bytes, ...], info: CertificateInfo, people: tuple[Entitled, ...]
) -> QuayDienError | None:
    """Return why a certificate may not sign now, or None.

    A revocation that nobody can be asked about does not stop a counter without a line; the verifier tells it later.
    """
    from asn1crypto import x509

    from kernel.signing.certificates import belongs_to, refuse_unfit
    from kernel.signing.chain import Material, check_chain
    from kernel.signing.report import Verdict

    if not any(belongs_to(info, person.identity) for person in people):
        expected = ", ".join(person.name for person in people) or "–"
        return SignerNotEntitled(name=info.name, identity=info.uid, expected=expected)
    try:
        refuse_unfit(der, clock.now())
    except QuayDienError as error:
        return error
    material = Material(certificates=tuple(x509.Certificate.load(issuer) for issuer in issuers))
    chain = check_chain(x509.Certificate.load(der), office.trust, material)
    grave = [one for one in chain.reasons if one.weight is Verdict.INVALID or not chain.trusted]
    if grave:
        return CertificateRefused(name=info.name, detail="; ".join(one.text("vi") for one in grave))
    return None


def issuers_at_hand(office: Office) -> tuple[bytes, ...]:
    """Return all certificates on the tokens present, to build paths with."""
    return tuple(one.der for signer in office.signers.values() for one in signer.certificates())


def find_certificate(office: Office, sha256: str) -> tuple[Signer, TokenCertificate]:
    """Return the certificate of this hash and the signer that has it. Raises CertificateNotFound."""
    from kernel.tokens.errors import CertificateNotFound

    for signer in office.signers.values():
        for certificate in signer.certificates():
            if certificate.sha256 == sha256:
                return signer, certificate
    raise CertificateNotFound(certificate=sha256)
