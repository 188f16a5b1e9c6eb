"""When a signature existed at the latest: time stamps in its envelope and document time stamps over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from asn1crypto import x509
from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.sign.validation.generic_cms import (
    message_imprint_checker,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel

from kernel.clock import now as present
from kernel.signing.chain import STAMPING_USAGE, Material, check_chain
from kernel.signing.cms import certificate_twins_broken, gap_problem
from kernel.signing.material import Archive, signature_material
from kernel.signing.report import Reason, Verdict
from kernel.signing.time_stamp_token import Token, read_token, tokens_inside
from kernel.signing.trust import Trust, TrustPurpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asn1crypto import x509
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

    from kernel.signing.cms import Sliced

__all__ = [
    "DocumentTime",
    "Knowledge",
    "Proof",
    "document_times",
    "proves",
    "signature_time",
]

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

    @property
    def named(self) -> list[x509.Certificate]:
        """Certificates given from outside or kept in the security store."""
        given = (*self.trust.roots, *self.trust.intermediates)
        return [*(x509.Certificate.load(der) for der in given), *self.archive.certificates]

    def material(self, times: Sequence[DocumentTime], upto: int | None = None) -> Material:
        """Return what of the file's archive data can be believed, given the document time stamps proven so far."""
        proofs = [(time.revision, time.at) for time in times if time.at]
        return self.archive.believable(proofs, self.moment, self.trust, upto)


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
    inside: bool = False
    """It stands in the signature's envelope."""


def document_times(pdf: Sliced, stamps: list[EmbeddedPdfSignature], knowledge: Knowledge) -> tuple[DocumentTime, ...]:
    """Return the document time stamps, newest first: each proves the one before it (ETSI EN 319 102-1, 5.6.2)."""
    found: list[DocumentTime] = []
    for stamp in sorted(stamps, key=lambda one: one.signed_revision, reverse=True):
        try:
            # later changes show at the signature it stands over, so they are not compared here
            stamp.compute_integrity_info(skip_diff=True)
            covers = stamp.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
            regular = gap_problem(pdf, stamp.byte_range) is None
            token = read_token(stamp.pkcs7_content, stamp.compute_digest, signature_material(stamp))
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
    for written in tokens_inside(embedded):
        try:
            token = read_token(written, message_imprint_checker(embedded.signer_info), signature_material(embedded))
        except Exception:  # noqa: BLE001  # reported as a broken time stamp
            return Proof(None, broken=True)
        if not token.right:
            return Proof(None, broken=True)
        at, doubt = proves(token, knowledge, later)
        proofs.append(Proof(at, token=token, doubt=doubt, inside=True))
    proven = [proof for proof in proofs if proof.at]
    return min(proven, key=lambda proof: proof.at or knowledge.moment) if proven else next(iter(proofs), None)


def proves(token: Token, knowledge: Knowledge, later: Sequence[DocumentTime]) -> tuple[datetime | None, Reason | None]:
    """Return the time a token proves, or why it proves none.

    Its authority's certificate is judged at the earliest time the token is known to have existed by the time stamps
    `later` than it, else at the moment of judging.
    """
    if token.weak:
        return None, Reason("weak_algorithm", Verdict.UNKNOWN)
    if not token.regular or certificate_twins_broken((token.certificate, *token.others.certificates), knowledge.named):
        return None, Reason("envelope_irregular", Verdict.UNKNOWN)
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
