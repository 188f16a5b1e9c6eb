"""Verify every signature of a PDF file, and the customer's consent: one verdict, always."""
from __future__ import annotations

import time
from io import BytesIO
from typing import TYPE_CHECKING

from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.signing import _pdf  # noqa: F401  # silences the library's logging
from kernel.signing.changes import tail_is_clean
from kernel.signing.consent_check import check_consent_in
from kernel.signing.deadline import Overdue, within
from kernel.signing.report import Reason, Report, Verdict, worst
from kernel.signing.signatures import examine

if TYPE_CHECKING:
    from kernel.signing.consent_check import ConsentCheck
    from kernel.signing.report import SignatureReport
    from kernel.signing.trust import Trust

__all__ = ["time_allowed", "verify"]

_MARK = b"/ByteRange"


def time_allowed(size: int, *, fetching: bool) -> float:
    """Return the seconds a file of `size` bytes may take: 1.7, more for large files and for asking the network."""
    return 1.7 + size / 4_000_000 + (20.0 if fetching else 0.0)


def verify(pdf: bytes, trust: Trust, *, seconds: float | None = None) -> Report:
    """Return the verdict on `pdf` under `trust`. Never raises for anything the file holds.

    HOP_LE: every signature is intact, leads to a given root, is known not to be revoked, and nothing but archive
    data and further signatures came after it; a consent record, if there is one, matches. A fact that cannot be
    known is CHUA_XAC_DINH, a broken or changed or revoked signature KHONG_HOP_LE.
    """
    started = time.monotonic()
    limit = time_allowed(len(pdf), fetching=trust.allow_fetching) if seconds is None else seconds
    try:
        verdict, reasons, signatures, consent = within(limit, lambda: _verify(pdf, trust))
    except Overdue:
        reason = Reason("too_slow", Verdict.UNKNOWN, {"seconds": f"{limit:.1f}"})
        verdict, reasons, signatures, consent = Verdict.UNKNOWN, (reason,), (), None
    except Exception as problem:
        # whatever a broken file makes pyHanko raise: KeyError, AssertionError, RecursionError…
        verdict, reasons, signatures, consent = *_unreadable(pdf, problem), (), None
    return Report(verdict, reasons, signatures, consent, time.monotonic() - started)


def _verify(
    pdf: bytes, trust: Trust
) -> tuple[Verdict, tuple[Reason, ...], tuple[SignatureReport, ...], ConsentCheck | None]:
    reader = PdfFileReader(BytesIO(pdf), strict=True)
    if reader.encrypted:
        return Verdict.UNKNOWN, (Reason("encrypted", Verdict.UNKNOWN),), (), None
    if reader.xrefs.hybrid_xrefs_present:
        return Verdict.UNKNOWN, (Reason("hybrid", Verdict.UNKNOWN),), (), None
    consent = check_consent_in(pdf, reader)
    signatures = examine(pdf, reader, trust)
    remarks = list(consent.reasons if consent else ())
    if not signatures:
        remarks.insert(0, _without_signature(pdf))
        return worst([reason.weight for reason in remarks]), tuple(remarks), (), consent
    if not tail_is_clean(pdf, reader):
        remarks.append(Reason("bytes_after_end", Verdict.INVALID))
    reasons = (*remarks, *(reason for signature in signatures for reason in signature.reasons))
    return worst([reason.weight for reason in reasons]), reasons, signatures, consent


def _without_signature(pdf: bytes) -> Reason:
    return Reason("signature_unreachable" if _MARK in pdf else "no_signature", Verdict.NO_SIGNATURE)


def _unreadable(pdf: bytes, problem: Exception) -> tuple[Verdict, tuple[Reason, ...]]:
    if "hybrid" in str(problem).lower():
        return Verdict.UNKNOWN, (Reason("hybrid", Verdict.UNKNOWN),)
    verdict = Verdict.INVALID if _MARK in pdf else Verdict.NO_SIGNATURE
    code = "unreadable" if b"%PDF-" in pdf[:1024] else "not_pdf"
    return verdict, (Reason(code, verdict, {"detail": f"{type(problem).__name__}: {problem}"}),)
