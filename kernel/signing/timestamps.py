"""When a signature existed at the latest: time stamps in its envelope and document time stamps over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.sign.validation.generic_cms import (
    extract_tst_data_iter,
    message_imprint_checker,
    validate_tst_signed_data,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel

from kernel.signing._pdf import run
from kernel.signing.chain import Material, validation_context
from kernel.signing.cms import gap_problem
from kernel.signing.material import has_archive_data, signature_material

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from asn1crypto import cms
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko_certvalidator import ValidationContext

    from kernel.signing.trust import Trust

__all__ = ["DocumentTime", "Proof", "document_times", "signature_time"]


@dataclass(frozen=True, slots=True)
class DocumentTime:
    """A document time stamp. `at` is None unless its authority is trusted at a time itself proven."""

    field: str
    revision: int
    at: datetime | None
    intact: bool
    after_archive_data: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """There is a time stamp: `at` is the proven time, None if the authority is not known; `broken` if it is wrong."""

    at: datetime | None
    broken: bool = False


def document_times(
    pdf: bytes, reader: PdfFileReader, stamps: list[EmbeddedPdfSignature], trust: Trust, material: Material
) -> tuple[DocumentTime, ...]:
    """Return the document time stamps, newest first: each proves the one before it (ETSI EN 319 102-1, 5.6.2)."""
    found: list[DocumentTime] = []
    proven: datetime | None = None
    for stamp in sorted(stamps, key=lambda one: one.signed_revision, reverse=True):
        kept = has_archive_data(reader.get_historical_root(stamp.signed_revision))
        try:
            # later changes show at the signature it stands over, so they are not compared here
            stamp.compute_integrity_info(skip_diff=True)
            covers = stamp.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
            regular = gap_problem(pdf, stamp.byte_range) is None
            at, right = _token(
                stamp.signed_data, stamp.compute_digest, trust, material + signature_material(stamp), proven
            )
        except PdfStrictReadError:
            raise
        except Exception:  # noqa: BLE001  # reported as a broken time stamp
            at, right, covers, regular = None, False, False, False
        proven = at or proven
        found.append(DocumentTime(stamp.fq_name, stamp.signed_revision, at, right and covers and regular, kept))
    return tuple(found)


def signature_time(
    embedded: EmbeddedPdfSignature, trust: Trust, material: Material, later: tuple[DocumentTime, ...]
) -> Proof | None:
    """Return the earliest proven time of a signature, None where no time stamp exists at all."""
    proven = min((time.at for time in later if time.at and time.intact), default=None)
    tokens = list(extract_tst_data_iter(embedded.signer_info, signed=False))
    if not tokens:
        return Proof(proven) if any(time.intact for time in later) else None
    for token in tokens:
        try:
            at, right = _token(token, message_imprint_checker(embedded.signer_info), trust, material, proven)
        except Exception:  # noqa: BLE001  # reported as a broken time stamp
            return Proof(None, broken=True)
        if not right:
            return Proof(None, broken=True)
        proven = at or proven
    return Proof(proven)


def _token(
    token: cms.SignedData,
    imprint: Callable[[str], bytes],
    trust: Trust,
    material: Material,
    proven: datetime | None,
) -> tuple[datetime | None, bool]:
    """Return the token's time if its authority is trusted at `proven` (None: now), and whether the token is right."""
    status = run(_validated(token, validation_context(trust, material, proven), imprint))
    right = bool(status["intact"] and status["valid"])
    return status["timestamp"] if right and status["trust_problem_indic"] is None else None, right


async def _validated(
    token: cms.SignedData, context: ValidationContext, imprint: Callable[[str], bytes]
) -> dict[str, Any]:
    try:
        status: dict[str, Any] = await validate_tst_signed_data(token, context, imprint)
    finally:
        await context.aclose()
    return status
