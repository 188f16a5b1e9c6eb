"""The certificates at hand, and whether each may sign: its owner, its validity, its trust, its revocation.

These are the checks before a signature of TT 15/2025/TT-BKHCN, Điều 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kernel import clock
from kernel.api.errors import QuayDienError
from kernel.api.text import Text
from kernel.casework.entitlement import Entitled, entitled
from kernel.casework.errors import CertificateRefused, SignerNotEntitled
from kernel.casework.office import Actor, Office
from kernel.casework.seals import key_problem
from kernel.dossier.signing_order import next_slot
from kernel.storage import documents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kernel.settings import KeySettings
    from kernel.signing.certificates import CertificateInfo, CertificateStatus
    from kernel.signing.report import Reason
    from kernel.signing.trust import Trust
    from kernel.tokens.client import Signer
    from kernel.tokens.pool import SignerPool
    from kernel.tokens.shapes import TokenCertificate


@dataclass(frozen=True, slots=True)
class Candidate:
    """A certificate at hand, and why it can't sign the next slot (None when it can)."""

    certificate: TokenCertificate
    info: CertificateInfo
    problem: QuayDienError | None
    needs_pin: bool
    """Whether somebody has to give a PIN: a token's; a key of an HSM stands ready."""


def candidates(office: Office, actor: Actor, document_id: str) -> tuple[Candidate, ...]:
    """Return the signing certificates at hand for a document's next slot, those `actor` can use first.

    Raises what the tokens raise.
    """
    from kernel.signing.certificates import describe

    with office.work(reading=True) as work:
        document = documents.get(work.session, document_id)
        declared = office.declared(document)
        slot = next_slot(declared, document.filled)
        dossier = office.dossier(work, document.dossier)
        people = entitled(office, work, dossier, document, slot, clock.local(clock.now()).date()) if slot else ()

    def judged(at_hand: tuple[AtHand, ...]) -> tuple[Candidate, ...]:
        issuers = tuple(one.certificate.der for one in at_hand)
        found = [
            Candidate(one.certificate, info, problem(one, issuers, info), needs_pin=one.key is None)
            for one, info in ((one, describe(one.certificate.der)) for one in at_hand)
            # authorities lie on tokens too; a person's or an organisation's certificate carries a UID
            if info.uid and one.certificate.has_key is not False
        ]
        return tuple(sorted(found, key=lambda one: one.problem is not None))

    def problem(one: AtHand, issuers: tuple[bytes, ...], info: CertificateInfo) -> QuayDienError | None:
        unfit = problem_of(office, one.certificate.der, issuers, info, people)
        return unfit or (key_problem(one.key, actor, declared, slot) if one.key and slot else None)

    found = judged(everything_at_hand(office))
    if people and all(one.problem is not None for one in found):
        found = judged(everything_at_hand(office, anew=True))
    return found


def problem_of(
    office: Office, der: bytes, issuers: tuple[bytes, ...], info: CertificateInfo, people: tuple[Entitled, ...]
) -> QuayDienError | None:
    """Return why a certificate may not sign now, or None.

    A revocation that nobody can be asked about does not stop a counter without a line; the verifier tells it later.
    """
    from kernel.signing.certificates import belongs_to, refuse_unfit
    from kernel.signing.report import Verdict

    if not any(belongs_to(info, person.identity) for person in people):
        expected = ", ".join(person.name for person in people) or "–"
        return SignerNotEntitled(name=info.name, identity=info.uid, expected=expected)
    try:
        refuse_unfit(der, clock.now())
    except QuayDienError as error:
        return error
    status = _status(der, issuers, office.trust, f"{clock.now():%Y%m%d%H%M}")
    grave = [one for one in status.reasons if one.weight is Verdict.INVALID or one.code != "revocation_unknown"]
    if grave:
        return CertificateRefused(name=info.name, detail=reasons_text(grave))
    return None


@lru_cache(maxsize=64)
def _status(der: bytes, issuers: tuple[bytes, ...], trust: Trust, _minute: str) -> CertificateStatus:
    """Return where a certificate stands, looked at once a minute: a batch asks for every document."""
    from kernel.signing.certificates import check_certificate

    return check_certificate(der, issuers, trust, at=clock.now())


def reasons_text(reasons: Iterable[Reason]) -> Text:
    """Return why something is not valid as one fact of an error."""
    found = tuple(reasons)
    return Text(*("; ".join(one.text(language).rstrip(".") for one in found) for language in ("vi", "en")))


@dataclass(frozen=True, slots=True)
class AtHand:
    """A certificate on a token that is present or in an HSM, and the signer that can use it."""

    signer: Signer | SignerPool
    certificate: TokenCertificate
    key: KeySettings | None
    """The HSM key it belongs to, None for a token's."""


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
    for name, signer in office.signers.items():
        try:
            found += [AtHand(signer, one, office.key(name)) for one in signer.certificates()]
        except QuayDienError as error:
            failed = failed or error
    if failed is not None and not found:
        raise failed
    standing = {one.certificate.sha256 for one in found if one.key is not None}
    # where a token's module shows an HSM's key too, nobody is asked for its PIN
    return tuple(one for one in found if one.key or one.certificate.sha256 not in standing)


def choose(at_hand: tuple[AtHand, ...], sha256: str) -> AtHand:
    """Return the certificate of this hash. Raises CertificateNotFound, and NoToken where no token is present."""
    from kernel.tokens.errors import CertificateNotFound, NoToken

    for one in at_hand:
        if one.certificate.sha256 == sha256:
            return one
    if not at_hand:
        raise NoToken(module="PKCS#11")
    raise CertificateNotFound(certificate=sha256)
