"""Verify every signature of a PDF file, and the customer's consent: one verdict, always."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING

from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.signing import _pdf  # noqa: F401  # silences the library's logging
from kernel.signing.changes import Changes, tail_is_clean
from kernel.signing.consent_check import check_consent_in
from kernel.signing.deadline import Overdue, within
from kernel.signing.parties import PartiesUnreadable, absent_customers, compared, read_parties
from kernel.signing.report import Reason, Report, Verdict, worst
from kernel.signing.signatures import examine

if TYPE_CHECKING:
    from datetime import datetime

    from kernel.signing.consent_check import ConsentCheck
    from kernel.signing.report import SignatureReport
    from kernel.signing.trust import Trust

__all__ = ["time_allowed", "verify"]

_MARK = b"/ByteRange"
_TOO_SLOW = "too_slow"
_DANGLING = "not found in the current context"


def time_allowed(size: int, *, fetching: bool) -> float:
    """Return the seconds a file of `size` bytes may take: 1.6, more for large files and for asking the network."""
    return min(1.6 + size / 700_000, 60.0) + (20.0 if fetching else 0.0)


def verify(pdf: bytes, trust: Trust, *, at: datetime | None = None, seconds: float | None = None) -> Report:
    """Return the verdict on `pdf` under `trust` at the moment `at` (None: now). Never raises for anything in the file.

    HOP_LE: every signature is intact, leads to a given root, is known not to be revoked, and nothing but archive
    data and further signatures came after it; a consent record, if there is one, matches. A fact that cannot be
    known is CHUA_XAC_DINH, a broken or changed or revoked signature KHONG_HOP_LE.

    A certificate that is over or was revoked since does no harm where a time stamp proves that the signature existed
    before; each time stamp is itself proved by the next one, the last at `at` (ETSI EN 319 102-1, 5.6).
    """
    started = time.monotonic()
    limit = time_allowed(len(pdf), fetching=trust.allow_fetching) if seconds is None else seconds
    answer = _bounded(pdf, trust, at, limit)
    if trust.allow_fetching and _TOO_SLOW in (reason.code for reason in answer.reasons):
        # the network did not answer: what can be said without it is more than nothing
        offline = _bounded(pdf, replace(trust, allow_fetching=False), at, time_allowed(len(pdf), fetching=False))
        answer = replace(offline, reasons=(*offline.reasons, Reason("network_silent", Verdict.VALID)))
    return Report(answer.verdict, answer.reasons, answer.signatures, answer.consent, time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class _Answer:
    reasons: tuple[Reason, ...]
    signatures: tuple[SignatureReport, ...] = ()
    consent: ConsentCheck | None = None

    @property
    def verdict(self) -> Verdict:
        return worst([reason.weight for reason in self.reasons])


def _bounded(pdf: bytes, trust: Trust, at: datetime | None, limit: float) -> _Answer:
    try:
        # waiting for the network uses no processor time, so there the clock alone counts
        return within(limit, lambda: _verify(pdf, trust, at), patience=1.0 if trust.allow_fetching else 5.0)
    except Overdue:
        return _Answer((Reason(_TOO_SLOW, Verdict.UNKNOWN, {"seconds": f"{limit:.1f}"}),))
    except Exception as problem:  # noqa: BLE001  # a broken file raises KeyError, AssertionError, RecursionError…
        return _Answer((_unreadable(pdf, problem),))


def _verify(pdf: bytes, trust: Trust, at: datetime | None) -> _Answer:
    try:
        return _read(pdf, trust, at, strict=True)
    except PdfStrictReadError as problem:
        # ISO 32000-1, 7.3.10: a reference to an object that is not there is allowed, and means null
        harmless = _DANGLING in str(problem)
        remark = Reason("irregular_file", Verdict.VALID if harmless else Verdict.UNKNOWN, {"detail": str(problem)})
        answer = _read(pdf, trust, at, strict=False)
        return _Answer((*answer.reasons, remark), answer.signatures, answer.consent)


def _read(pdf: bytes, trust: Trust, at: datetime | None, *, strict: bool) -> _Answer:
    reader = PdfFileReader(BytesIO(pdf), strict=strict)
    if reader.encrypted:
        return _Answer((Reason("encrypted", Verdict.UNKNOWN),))
    if reader.xrefs.hybrid_xrefs_present:
        return _Answer((Reason("hybrid", Verdict.UNKNOWN),))
    changes = Changes(reader)
    consent = check_consent_in(pdf, reader, changes)
    remarks = list(consent.reasons if consent else ())
    try:
        parties = read_parties(reader)
    except PartiesUnreadable as problem:
        parties, remarks = (), [*remarks, Reason("parties_unreadable", Verdict.UNKNOWN, {"detail": str(problem)})]
    signatures = tuple(compared(one, parties) for one in examine(pdf, reader, trust, changes, at))
    if not signatures:
        return _Answer((_without_signature(pdf), *remarks), (), consent)
    remarks += absent_customers(parties, signatures, agreed=consent is not None and consent.matches)
    if not tail_is_clean(pdf, reader):
        remarks.append(Reason("bytes_after_end", Verdict.INVALID))
    reasons = (*remarks, *(reason for signature in signatures for reason in signature.reasons))
    return _Answer(reasons, signatures, consent)


def _without_signature(pdf: bytes) -> Reason:
    return Reason("signature_unreachable" if _MARK in pdf else "no_signature", Verdict.NO_SIGNATURE)


def _unreadable(pdf: bytes, problem: Exception) -> Reason:
    if "hybrid" in str(problem).lower():
        return Reason("hybrid", Verdict.UNKNOWN)
    weight = Verdict.INVALID if _MARK in pdf else Verdict.NO_SIGNATURE
    code = "unreadable" if b"%PDF-" in pdf[:1024] else "not_pdf"
    return Reason(code, weight, {"detail": f"{type(problem).__name__}: {problem}"})
