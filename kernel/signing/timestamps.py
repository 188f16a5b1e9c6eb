"""When a signature existed at the latest: time stamps in its envelope and document time stamps over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.sign.validation.generic_cms import (
    extract_tst_data_iter,
    message_imprint_checker,
    validate_tst_signed_data,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel

from kernel.clock import now as present
from kernel.signing._pdf import run
from kernel.signing.chain import STAMPING_USAGE, Material, check_chain, validation_context
from kernel.signing.cms import gap_problem
from kernel.signing.material import Archive, signature_material
from kernel.signing.trust import Trust, TrustPurpose

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from asn1crypto import cms, x509
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

    from kernel.signing.cms import Sliced
    from kernel.signing.report import Reason

__all__ = ["DocumentTime", "Knowledge", "Proof", "Token", "document_times", "proves", "read_token", "signature_time"]

_CLOCKS_DIFFER = timedelta(minutes=1)
"""What the clocks of two authorities may be apart."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a file is judged by: what is trusted, what it brings along, and the moment it is judged at (None: now)."""

    trust: Trust
    archive: Archive
    at: datetime | None = None

    @property
    def moment(self) -> datetime:
        """The moment it is judged at."""
        return self.at or present()

    def material(self, times: Sequence[DocumentTime], upto: int | None = None) -> Material:
        """Return what of the file's archive data can be believed, given the document time stamps proven so far."""
        proofs = [(time.revision, time.at) for time in times if time.at]
        return self.archive.believable(proofs, self.moment, self.trust, upto)


@dataclass(frozen=True, slots=True)
class Token:
    """A time stamp token. `right` if it is over what it should be over and its signature holds."""

    generated: datetime
    """genTime: the authority's claim."""
    certificate: x509.Certificate
    others: Material
    """What came with it."""
    right: bool


@dataclass(frozen=True, slots=True)
class DocumentTime:
    """A document time stamp. `at` is None unless it is intact and its authority trusted at a time itself proven."""

    field: str
    revision: int
    at: datetime | None
    intact: bool
    token: Token | None
    doubt: Reason | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """There is a time stamp: `at` is the proven time, None if the authority is not known; `broken` if it is wrong."""

    at: datetime | None
    broken: bool = False
    token: Token | None = None
    """The one that proves `at`."""
    doubt: Reason | None = None
    """Why nothing is proven."""


def document_times(pdf: Sliced, stamps: list[EmbeddedPdfSignature], knowledge: Knowledge) -> tuple[DocumentTime, ...]:
    """Return the document time stamps, newest first: each proves the one before it (ETSI EN 319 102-1, 5.6.2)."""
    found: list[DocumentTime] = []
    for stamp in sorted(stamps, key=lambda one: one.signed_revision, reverse=True):
        try:
            # later changes show at the signature it stands over, so they are not compared here
            stamp.compute_integrity_info(skip_diff=True)
            covers = stamp.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
            regular = gap_problem(pdf, stamp.byte_range) is None
            token = read_token(stamp.signed_data, stamp.compute_digest, signature_material(stamp))
        except PdfStrictReadError:
            raise
        except Exception:  # noqa: BLE001  # reported as a broken time stamp
            token, covers, regular = None, False, False
        at, doubt = None, None
        if token is not None and token.right and covers and regular:
            at, doubt = proves(token, knowledge, found)
        intact = token is not None and token.right and covers and regular
        found.append(DocumentTime(stamp.fq_name, stamp.signed_revision, at, intact, token, doubt))
    return tuple(found)


def signature_time(
    embedded: EmbeddedPdfSignature, knowledge: Knowledge, times: tuple[DocumentTime, ...]
) -> Proof | None:
    """Return the earliest proven time of a signature, None where no time stamp exists at all."""
    later = [time for time in times if time.revision > embedded.signed_revision and time.intact]
    proofs = [Proof(time.at, token=time.token, doubt=time.doubt) for time in later]
    for signed in extract_tst_data_iter(embedded.signer_info, signed=False):
        try:
            token = read_token(signed, message_imprint_checker(embedded.signer_info), signature_material(embedded))
        except Exception:  # noqa: BLE001  # reported as a broken time stamp
            return Proof(None, broken=True)
        if not token.right:
            return Proof(None, broken=True)
        at, doubt = proves(token, knowledge, later)
        proofs.append(Proof(at, token=token, doubt=doubt))
    proven = [proof for proof in proofs if proof.at]
    return min(proven, key=lambda proof: proof.at or knowledge.moment) if proven else next(iter(proofs), None)


def read_token(signed: cms.SignedData, imprint: Callable[[str], bytes], others: Material) -> Token:
    """Return a token, checked against what it should be over but for who made it. Raises anything on garbage."""
    context = validation_context(Trust(), Material(), revocation=False)
    status = run(validate_tst_signed_data(signed, context, imprint))
    own = tuple(choice.chosen for choice in signed["certificates"] or () if choice.name == "certificate")
    return Token(
        generated=status["timestamp"],
        certificate=status["signing_cert"],
        others=Material(own) + others,
        right=bool(status["intact"] and status["valid"]),
    )


def proves(token: Token, knowledge: Knowledge, later: Sequence[DocumentTime]) -> tuple[datetime | None, Reason | None]:
    """Return the time a token proves, or why it proves none.

    Its authority's certificate is judged at the earliest time the token is known to have existed by the time stamps
    `later` than it, else at the moment of judging.
    """
    existed = min((time.at for time in later if time.at), default=None)
    chain = check_chain(
        token.certificate,
        knowledge.trust.serving(TrustPurpose.TIME_STAMPING),
        token.others + knowledge.material(later),
        at=existed or knowledge.at,
        usage=STAMPING_USAGE,
    )
    if chain.reasons:
        return None, chain.reasons[0]
    in_time = token.certificate.not_valid_before <= token.generated <= token.certificate.not_valid_after
    possible = token.generated <= (existed or knowledge.moment) + _CLOCKS_DIFFER
    return (token.generated, None) if in_time and possible else (None, None)
