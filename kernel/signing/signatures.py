"""Examine each signature of an open file: bytes, envelope, certificate, time, later changes, PAdES level."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.sign.diff_analysis import DiffResult
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    extract_contents,
)
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.errors import AlgorithmNotSupported

from kernel.signing._pdf import entry
from kernel.signing.certificates import describe
from kernel.signing.chain import check_chain
from kernel.signing.changes import AFTER_SIGNING, Changes
from kernel.signing.cms import certificate_twins_broken, envelope_problem, gap_problem
from kernel.signing.errors import CertificateInvalid
from kernel.signing.material import document_archive, signature_material
from kernel.signing.reached import level_reached
from kernel.signing.report import Reason, Revocation, SignatureReport, Verdict
from kernel.signing.timestamps import Knowledge, Proof, document_times, signature_time
from kernel.signing.trust import TrustPurpose

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

    from kernel.signing.certificates import CertificateInfo
    from kernel.signing.timestamps import DocumentTime
    from kernel.signing.trust import Trust

__all__ = ["examine"]

_PADES = "/ETSI.CAdES.detached"
_TIME_STAMP = "/ETSI.RFC3161"
_IRREGULAR = "envelope_irregular"
_SHORT = 200
_READ = frozenset({_PADES, "/PBAD.PAdES", "/adbe.pkcs7.detached", _TIME_STAMP})


@dataclass
class _Finding:
    """What is being found out about one signature."""

    name: str
    reasons: list[Reason] = field(default_factory=list)
    certificate: CertificateInfo | None = None
    signed_at: datetime | None = None
    proof: Proof | None = None
    level: str = ""
    intact: bool = False
    trusted: bool = False
    revocation: Revocation = "unknown"
    changed: bool = True

    @property
    def signer(self) -> str:
        return self.certificate.name if self.certificate else ""

    def note(self, code: str, weight: Verdict, detail: object = "", **facts: str) -> None:
        named = {"field": self.name, "signer": self.signer or "–", "detail": str(detail), **facts}
        self.reasons.append(Reason(code, weight, named))

    def report(self) -> SignatureReport:
        return SignatureReport(
            field=self.name,
            signer=self.signer,
            signer_uid=self.certificate.uid if self.certificate else "",
            issuer=self.certificate.issuer if self.certificate else "",
            signed_at=self.signed_at,
            time_stamp=self.proof.at if self.proof else None,
            level=self.level,
            intact=self.intact,
            trusted=self.trusted,
            revocation=self.revocation,
            changed_after=self.changed,
            reasons=tuple(self.reasons),
            certificate=self.certificate,
        )


def examine(
    pdf: bytes, reader: PdfFileReader, trust: Trust, changes: Changes, at: datetime | None = None
) -> tuple[SignatureReport, ...]:
    """Return a report for each signed field in the order of signing; document time stamps count as proofs of time.

    `at` is the moment to judge at, None for now.
    A field with a signature dictionary of zeros is prepared, not signed. Raises PdfStrictReadError.
    """
    found, broken = _collect(reader)
    knowledge = Knowledge(trust, document_archive(reader, [one for _, one, _ in found]), at)
    stamps = [one for _, one, subfilter in found if subfilter == _TIME_STAMP]
    times = document_times(pdf, stamps, knowledge)
    signatures = [(finding, one) for finding, one, subfilter in found if subfilter != _TIME_STAMP]
    for finding, embedded in signatures:
        try:
            _examine(finding, pdf, embedded, knowledge, times, changes)
        except PdfStrictReadError:
            raise
        except (AlgorithmNotSupported, UnsupportedAlgorithm, NotImplementedError) as problem:
            finding.note("algorithm_unsupported", Verdict.UNKNOWN, problem)
        except Exception as problem:  # noqa: BLE001  # a broken file makes pyHanko raise anything; it becomes a reason
            finding.intact = False
            finding.note("signature_unreadable", Verdict.INVALID, f"{type(problem).__name__}: {problem}")
    if signatures:
        _note_archive(signatures[-1][0], times, knowledge)
    return tuple(finding.report() for finding in (*(finding for finding, _ in signatures), *broken))


def _note_archive(finding: _Finding, times: tuple[DocumentTime, ...], knowledge: Knowledge) -> None:
    """Note at the last signature what is wrong with the time stamps and archive data over all of them."""
    for time in times:
        detail = time.doubt.detail if time.doubt else ""
        if not time.intact:
            finding.note("time_stamp_broken", Verdict.INVALID, time.field)
        elif time.doubt is not None and time.doubt.code == _IRREGULAR:
            finding.note(_IRREGULAR, Verdict.UNKNOWN, detail, field=time.field)
        elif time.at is None:
            finding.note("document_time_unproven", Verdict.VALID, detail, field=time.field)
    if knowledge.archive.dropped:
        finding.note("archive_dropped", Verdict.UNKNOWN)


def _collect(reader: PdfFileReader) -> tuple[list[tuple[_Finding, EmbeddedPdfSignature, str]], list[_Finding]]:
    """Return the readable signatures with their SubFilter in the order of signing, and findings on the others."""
    found: list[tuple[_Finding, EmbeddedPdfSignature, str]] = []
    broken: list[_Finding] = []
    for name, value, holder in enumerate_sig_fields(reader, filled_status=True):
        finding = _Finding(str(name))
        try:
            if not extract_contents(value.get_object()).strip(b"\0"):
                continue
            subfilter = str(entry(value.get_object(), "/SubFilter", ""))
            if subfilter in _READ:
                found.append((finding, EmbeddedPdfSignature(reader, holder, str(name)), subfilter))
                continue
            finding.note("format_unsupported", Verdict.UNKNOWN, kind=subfilter.removeprefix("/") or "–")
        except PdfStrictReadError:
            raise
        except Exception as problem:  # noqa: BLE001  # a broken file makes pyHanko raise anything; it becomes a reason
            finding.note("signature_unreadable", Verdict.INVALID, f"{type(problem).__name__}: {problem}")
        broken.append(finding)
    return sorted(found, key=lambda one: one[1].signed_revision), broken


def _examine(
    finding: _Finding,
    pdf: bytes,
    embedded: EmbeddedPdfSignature,
    knowledge: Knowledge,
    times: tuple[DocumentTime, ...],
    changes: Changes,
) -> None:
    certificate = embedded.signer_cert
    _describe(finding, certificate.dump())
    finding.signed_at = _claimed_time(embedded)
    finding.intact = _intact(finding, pdf, embedded)
    finding.changed = _changed(finding, embedded, changes)
    finding.proof = signature_time(embedded, knowledge, times)
    finding.level = level_reached(_family(embedded), embedded, finding.proof, times, knowledge)
    if finding.proof and finding.proof.broken:
        finding.note("time_stamp_broken", Verdict.INVALID, "CMS")
    own = signature_material(embedded)
    at = finding.proof.at if finding.proof else None
    chain = check_chain(
        certificate,
        knowledge.trust.serving(TrustPurpose.SIGNING),
        own + knowledge.material(times),
        at=at or knowledge.at,
    )
    finding.trusted, finding.revocation = chain.trusted, chain.revocation
    for reason in chain.reasons:
        code, weight = _judged(reason, finding.signed_at, chain.revoked_at, certificate, proven=at is not None)
        finding.note(code, weight, **reason.facts)
    if chain.trusted and certificate_twins_broken(own.certificates, chain.path):
        finding.note("envelope_irregular", Verdict.UNKNOWN, "certificates")
    if finding.proof and finding.proof.inside and finding.proof.at is None:
        doubt = finding.proof.doubt
        finding.note("time_stamp_unproven", Verdict.VALID, doubt.detail if doubt else "")
        if doubt is not None and doubt.code == _IRREGULAR:
            finding.note(_IRREGULAR, Verdict.UNKNOWN, "TimeStampToken")


def _describe(finding: _Finding, der: bytes) -> None:
    try:
        finding.certificate = describe(der)
    except CertificateInvalid as problem:
        finding.note("certificate_unreadable", Verdict.INVALID, problem.facts["detail"])


def _intact(finding: _Finding, pdf: bytes, embedded: EmbeddedPdfSignature) -> bool:
    if embedded.signed_data["encap_content_info"]["content"].native is not None:
        finding.note("content_inside", Verdict.INVALID)
        return False
    gap = gap_problem(pdf, embedded.byte_range)
    if gap == "byte_range":
        finding.note("byte_range_wrong", Verdict.INVALID)
        return False
    problem = gap or envelope_problem(embedded.pkcs7_content)
    if problem is not None:
        # no signature covers the envelope: the signed content may still be right, but someone may have been here
        finding.note("envelope_irregular", Verdict.UNKNOWN, problem)
    digest_right, signature_right = validate_sig_integrity(
        embedded.signer_info, embedded.signer_cert, "data", embedded.compute_digest()
    )
    if not digest_right:
        finding.note("content_changed", Verdict.INVALID)
    elif not signature_right:
        finding.note("signature_wrong", Verdict.INVALID)
    return digest_right and signature_right


def _changed(finding: _Finding, embedded: EmbeddedPdfSignature, changes: Changes) -> bool:
    embedded.compute_integrity_info(skip_diff=True)
    coverage = embedded.evaluate_signature_coverage()
    if coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        finding.note("not_covered", Verdict.INVALID)
        return True
    try:
        problem = None if coverage == SignatureCoverageLevel.ENTIRE_FILE else changes.after(embedded.signed_revision)
        problem = problem or _breach(embedded)
    except PdfStrictReadError:
        raise
    except Exception as unknown:  # noqa: BLE001  # the comparison met something it does not know: unknown, not unchanged
        finding.note("not_comparable", Verdict.UNKNOWN, f"{type(unknown).__name__}: {unknown}")
        return True
    if problem is not None:
        finding.note("changed_after", Verdict.INVALID, problem[:_SHORT])
    return problem is not None


def _breach(embedded: EmbeddedPdfSignature) -> str | None:
    """Return how later changes break the rules a signature itself set (DocMDP, FieldMDP), None if they do not."""
    if embedded.docmdp_level is None and embedded.fieldmdp is None:
        return None
    difference = embedded.evaluate_modifications(AFTER_SIGNING)
    if not isinstance(difference, DiffResult):
        return str(difference)
    level = embedded.docmdp_level
    return None if level is None or difference.modification_level.value <= level.value else f"DocMDP {level.value}"


def _claimed_time(embedded: EmbeddedPdfSignature) -> datetime | None:
    try:
        claimed = embedded.self_reported_timestamp
    except Exception:  # noqa: BLE001  # an unreadable date is an unknown date; nothing relies on it
        return None
    if not isinstance(claimed, datetime):
        return None
    return claimed if claimed.tzinfo else claimed.replace(tzinfo=UTC)


def _judged(
    reason: Reason, claimed: datetime | None, revoked_at: datetime | None, certificate: Any, *, proven: bool
) -> tuple[str, Verdict]:
    """Return a chain's reason as code and weight, by what is known of the time of signing (EN 319 102-1, 5.2.6)."""
    if reason.code == "revoked" and not proven and claimed and revoked_at and claimed < revoked_at:
        return "revoked_later", Verdict.UNKNOWN
    if reason.code == "expired" and (proven or (claimed and claimed > certificate.not_valid_after)):
        return "expired_at_signing", Verdict.INVALID
    return reason.code, reason.weight


def _family(embedded: EmbeddedPdfSignature) -> str:
    attributes = {str(attribute["type"].native) for attribute in embedded.signer_info["signed_attrs"]}
    pades = entry(embedded.sig_object, "/SubFilter") == _PADES
    named = bool(attributes & {"signing_certificate_v2", "signing_certificate"})
    return "B" if pades and named else "PKCS7"
