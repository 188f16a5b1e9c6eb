"""Whether a certificate leads to a trusted root at a moment, and is known not to be revoked (RFC 5280, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import find_valid_path
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, REQUIRE_REVINFO, CertRevTrustPolicy

from kernel.clock import day, now
from kernel.signing._pdf import run
from kernel.signing.report import Reason, Revocation, Verdict
from kernel.signing.revocation_data import answer_keeps, list_keeps, revoked_since

if TYPE_CHECKING:
    from datetime import datetime

    from pyhanko_certvalidator.path import ValidationPath

    from kernel.signing.trust import Trust

__all__ = ["SIGNING_USAGE", "STAMPING_USAGE", "ChainResult", "Material", "check_chain", "validation_context"]

SIGNING_USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"})
STAMPING_USAGE = KeyUsageConstraints(
    key_usage=set(), extd_key_usage={"time_stamping"}, explicit_extd_key_usage_required=True
)
"""RFC 3161, 2.3."""


@dataclass(frozen=True, slots=True)
class Material:
    """Certificates, CRLs and OCSP responses that came with a document or were given, as asn1crypto objects or DER."""

    certificates: tuple[asn1_x509.Certificate, ...] = ()
    crls: tuple[asn1_crl.CertificateList, ...] = ()
    ocsps: tuple[asn1_ocsp.OCSPResponse, ...] = ()

    def __add__(self, other: Material) -> Material:
        return Material(self.certificates + other.certificates, self.crls + other.crls, self.ocsps + other.ocsps)


@dataclass(frozen=True, slots=True)
class ChainResult:
    """`path` is the chain from the root to the certificate where one was found. No reason means all is well."""

    trusted: bool
    revocation: Revocation
    reasons: tuple[Reason, ...]
    path: tuple[asn1_x509.Certificate, ...] = ()
    revoked_at: datetime | None = None


def validation_context(
    trust: Trust, material: Material, at: datetime | None = None, *, revocation: bool = True
) -> ValidationContext:
    """Return pyHanko's context for the moment `at`, None for now. The machine's own roots are never used."""
    return ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(der) for der in trust.roots],
        other_certs=[*(asn1_x509.Certificate.load(der) for der in trust.intermediates), *material.certificates],
        crls=list(material.crls) if revocation else [],
        ocsps=list(material.ocsps) if revocation else [],
        moment=at,
        # a list made after the moment says whether a certificate had been revoked by then
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO if revocation else NO_REVOCATION, retroactive_revinfo=True),
        allow_fetching=trust.allow_fetching,
    )


def check_chain(
    certificate: asn1_x509.Certificate,
    trust: Trust,
    material: Material,
    *,
    at: datetime | None = None,
    usage: KeyUsageConstraints = SIGNING_USAGE,
) -> ChainResult:
    """Return what is known of `certificate` at the moment `at` (None: now). Problems become reasons, never errors."""
    try:
        path = run(_find(certificate, validation_context(trust, material, at, revocation=False)))
        if path.pkix_len > 0:
            usage.validate(certificate)
    except (ValidationError, PathBuildingError, ValueError) as problem:
        return ChainResult(trusted=False, revocation="unknown", reasons=(_why(problem, certificate),))
    found = tuple(path.iter_certs(include_root=True))
    known = _with_given(trust, material)
    for place, one in enumerate(found[1:], 1):
        # pyHanko passes over a list that is out of date, and over every list once an OCSP answer is good
        since = revoked_since(one, found[place - 1], known.crls)
        if since is not None and since <= (at or now()):
            return _revoked(found, since, "CRL", own=place == len(found) - 1)
    try:
        run(_find(certificate, validation_context(trust, _telling(known, found), at)))
    except RevokedError as problem:
        return _revoked(found, problem.revocation_dt, problem, own=problem.is_ee_cert)
    except (ValidationError, PathBuildingError, ValueError) as problem:
        return ChainResult(True, "unknown", (_reason("revocation_unknown", Verdict.UNKNOWN, problem),), found)
    return ChainResult(trusted=True, revocation="good", reasons=(), path=found)


def _revoked(path: tuple[asn1_x509.Certificate, ...], since: datetime, detail: object, *, own: bool) -> ChainResult:
    # an authority's own revocation leaves the reader without an answer about this certificate's time
    reason = _reason("revoked" if own else "authority_revoked", Verdict.INVALID, detail, on=day(since))
    return ChainResult(True, "revoked", (reason,), path, since)


def _with_given(trust: Trust, material: Material) -> Material:
    """Return the material with the revocation data given from outside."""
    return Material(
        material.certificates,
        (*(asn1_crl.CertificateList.load(der) for der in trust.crls), *material.crls),
        (*(asn1_ocsp.OCSPResponse.load(der) for der in trust.ocsps), *material.ocsps),
    )


def _telling(known: Material, path: tuple[asn1_x509.Certificate, ...]) -> Material:
    """Return what can say of `path` that it is good."""
    return Material(
        known.certificates,
        tuple(one for one in known.crls if list_keeps(one, path)),
        tuple(one for one in known.ocsps if answer_keeps(one, path)),
    )


async def _find(certificate: asn1_x509.Certificate, context: ValidationContext) -> ValidationPath:
    try:
        paths = context.path_builder.async_build_paths_lazy(certificate)
        found: ValidationPath = await find_valid_path(certificate, paths, validation_context=context)
        return found
    finally:
        await context.aclose()


_CODES: tuple[tuple[type[Exception], str, Verdict], ...] = (
    (DisallowedAlgorithmError, "weak_algorithm", Verdict.UNKNOWN),
    (PathBuildingError, "root_unknown", Verdict.UNKNOWN),
    (InvalidCertificateError, "key_usage", Verdict.INVALID),
)


def _why(problem: Exception, certificate: asn1_x509.Certificate) -> Reason:
    if isinstance(problem, InvalidCertificateError) and certificate.self_signed != "no":
        return _reason("root_unknown", Verdict.UNKNOWN, problem)
    if isinstance(problem, ExpiredError):
        code = "expired" if problem.is_ee_cert else "authority_expired"
        return _reason(code, Verdict.UNKNOWN, problem, until=day(problem.expired_dt))
    if isinstance(problem, NotYetValidError) and problem.is_ee_cert:
        return _reason("not_yet_valid", Verdict.INVALID, problem, since=day(problem.valid_from))
    for kind, code, weight in _CODES:
        if isinstance(problem, kind):
            return _reason(code, weight, problem)
    return _reason("chain_broken", Verdict.UNKNOWN, problem)


def _reason(code: str, weight: Verdict, problem: object, **facts: str) -> Reason:
    return Reason(code, weight, {"detail": str(problem), **facts})
