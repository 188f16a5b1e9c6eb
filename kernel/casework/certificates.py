"""The certificates at hand, and whether each may sign: its owner, its validity, its trust, its revocation.

These are the checks before a signature of TT 15/2025/TT-BKHCN, Điều 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernel import clock
from kernel.api.errors import QuayDienError
from kernel.api.text import Text
from kernel.casework.entitlement import Entitled, entitled
from kernel.casework.errors import CertificateRefused, SignerNotEntitled
from kernel.casework.office import Office
from kernel.dossier.signing_order import next_slot
from kernel.storage import documents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kernel.signing.certificates import CertificateInfo
    from kernel.signing.report import Reason
    from kernel.tokens.client import Signer
    from kernel.tokens.shapes import TokenCertificate


@dataclass(frozen=True, slots=True)
class Candidate:
    """A certificate on a token that is present, and why it can't sign the next slot (None when it can)."""

    certificate: TokenCertificate
    info: CertificateInfo
    problem: QuayDienError | None


def candidates(office: Office, document_id: str) -> tuple[Candidate, ...]:
    """Return the signing certificates at hand for a document's next slot, usable ones first.

    Raises what the tokens raise.
    """
    with office.work(reading=True) as work:
        document = documents.get(work.session, document_id)
        slot = next_slot(office.document(document.type), document.filled)
        dossier = office.dossier(work, document.dossier)
        people = entitled(office, work, dossier, document, slot, clock.local(clock.now()).date()) if slot else ()
    found = _judged(office, everything_at_hand(office), people)
    if people and all(one.problem is not None for one in found):
        found = _judged(office, everything_at_hand(office, anew=True), people)
    return found


def _judged(office: Office, at_hand: tuple[AtHand, ...], people: tuple[Entitled, ...]) -> tuple[Candidate, ...]:
    from kernel.signing.certificates import describe

    issuers = tuple(one.certificate.der for one in at_hand)
    found = []
    for certificate in (one.certificate for one in at_hand):
        info = describe(certificate.der)
        # authorities lie on tokens too; a person's or an organisation's certificate carries a UID
        if info.uid and certificate.has_key is not False:
            found.append(Candidate(certificate, info, problem_of(office, certificate.der, issuers, info, people)))
    return tuple(sorted(found, key=lambda one: one.problem is not None))


def problem_of(
    office: Office, der: bytes, issuers: tuple[bytes, ...], info: CertificateInfo, people: tuple[Entitled, ...]
) -> QuayDienError | None:
    """Return why a certificate may not sign now, or None.

    A revocation that nobody can be asked about does not stop a counter without a line; the verifier tells it later.
    """
    from kernel.signing.certificates import belongs_to, check_certificate, refuse_unfit
    from kernel.signing.report import Verdict

    if not any(belongs_to(info, person.identity) for person in people):
        expected = ", ".join(person.name for person in people) or "–"
        return SignerNotEntitled(name=info.name, identity=info.uid, expected=expected)
    try:
        refuse_unfit(der, clock.now())
    except QuayDienError as error:
        return error
    status = check_certificate(der, issuers, office.trust, at=clock.now())
    grave = [one for one in status.reasons if one.weight is Verdict.INVALID or one.code != "revocation_unknown"]
    if grave:
        return CertificateRefused(name=info.name, detail=reasons_text(grave))
    return None


def reasons_text(reasons: Iterable[Reason]) -> Text:
    """Return why something is not valid as one fact of an error."""
    found = tuple(reasons)
    return Text(*("; ".join(one.text(language).rstrip(".") for one in found) for language in ("vi", "en")))


@dataclass(frozen=True, slots=True)
class AtHand:
    """A certificate on a token that is present, and the signer that can use it."""

    signer: Signer
    certificate: TokenCertificate


def everything_at_hand(office: Office, *, anew: bool = False) -> tuple[AtHand, ...]:
    """Return all certificates on the tokens present, authorities' included.

    A module that does not answer hides nothing of the others; what it raises is raised where there is nothing else.
    `anew` loads those modules again that see a token plugged in only then.
    """
    if anew:
        for module in office.settings.signing.modules:
            if module.rescan == "reload" and module.id in office.signers:
                office.signers[module.id].restart()
    found: list[AtHand] = []
    failed: QuayDienError | None = None
    for signer in office.signers.values():
        try:
            found += [AtHand(signer, one) for one in signer.certificates()]
        except QuayDienError as error:
            failed = failed or error
    if failed is not None and not found:
        raise failed
    return tuple(found)


def choose(at_hand: tuple[AtHand, ...], sha256: str) -> AtHand:
    """Return the certificate of this hash. Raises CertificateNotFound, and NoToken where no token is present."""
    from kernel.tokens.errors import CertificateNotFound, NoToken

    for one in at_hand:
        if one.certificate.sha256 == sha256:
            return one
    if not at_hand:
        raise NoToken(module="PKCS#11")
    raise CertificateNotFound(certificate=sha256)
