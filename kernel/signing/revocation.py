"""What an OCSP answer (RFC 6960) or a revocation list (RFC 5280) says of a certificate, and whether it may."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import (
    CRLNoMatchesError,
    CRLValidationError,
    OCSPNoMatchesError,
    OCSPValidationError,
    RevokedError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy
from pyhanko_certvalidator.revinfo.validate_crl import verify_crl
from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

from kernel.api.messages import message
from kernel.api.text import Text
from kernel.clock import local
from kernel.signing._pdf import run
from kernel.signing.errors import StatementWrong

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Sequence
    from datetime import datetime
    from typing import Any, Literal

    from kernel.signing.report import Revocation

__all__ = ["Statement", "read_list", "read_ocsp"]

TOLERANCE = timedelta(minutes=1)
"""How far the clocks of an authority and of this machine may be apart."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What was said, as DER, and of which time: `made` is thisUpdate, `until` nextUpdate where there is one."""

    der: bytes
    status: Revocation
    """`good` or `revoked`."""
    made: datetime
    until: datetime | None
    nonce: bytes | None = None
    responder: bytes | None = None
    """The certificate (DER) of a delegated responder whose own revocation must be known too (RFC 6960, 4.2.2.2.1)."""


def read_ocsp(answer: bytes, path: Sequence[bytes], at: datetime) -> Statement:
    """Return what an OCSPResponse says of the first certificate of `path` (DER, the root last) at the moment `at`.

    Raises StatementWrong: of another certificate, not from the issuer or its delegate, too old, unreadable.
    """
    chain = _load(path)
    with _told(chain):
        response = asn1_ocsp.OCSPResponse.load(answer, strict=True)
        single = _single(response, chain)
        context = _context(chain, at, ocsps=[response])
        found = _judged(verify_ocsp_response(chain[0], _path(chain), context), context, chain)
        nonce = response.nonce_value
        return Statement(
            response.dump(),
            found,
            single["this_update"].native,
            single["next_update"].native,
            nonce.native if nonce else None,
            _unexempted_responder(response, chain),
        )


def read_list(data: bytes, path: Sequence[bytes], at: datetime) -> Statement:
    """Return what a CertificateList, DER or PEM, says of the first certificate of `path`. Raises as `read_ocsp`."""
    chain = _load(path)
    with _told(chain):
        der = pem.unarmor(data)[2] if pem.detect(data) else data
        listed = asn1_crl.CertificateList.load(der, strict=True)
        context = _context(chain, at, crls=[listed])
        found = _judged(verify_crl(chain[0], _path(chain), context), context, chain)
        times = listed["tbs_cert_list"]
        return Statement(der, found, times["this_update"].native, times["next_update"].native)


@contextmanager
def _told(chain: list[asn1_x509.Certificate]) -> Iterator[None]:
    try:
        yield
    except StatementWrong:
        raise
    except Exception as problem:
        # asn1crypto and the validator raise builtin errors on broken data besides their own
        raise _wrong(chain, "unreadable", _named(problem)) from problem


def _named(problem: Exception) -> str:
    return str(problem) or type(problem).__name__


def _load(path: Sequence[bytes]) -> list[asn1_x509.Certificate]:
    return [asn1_x509.Certificate.load(der) for der in path]


def _context(chain: list[asn1_x509.Certificate], at: datetime, **statements: Any) -> ValidationContext:
    return ValidationContext(
        trust_roots=[chain[-1]],
        other_certs=chain[1:-1],
        moment=at,
        revinfo_policy=CertRevTrustPolicy(NO_REVOCATION),
        allow_fetching=False,
        time_tolerance=TOLERANCE,
        **statements,
    )


def _path(chain: list[asn1_x509.Certificate]) -> ValidationPath:
    return ValidationPath(CertTrustAnchor(chain[-1]), interm=chain[-2:0:-1], leaf=chain[0])


def _judged(
    work: Coroutine[Any, Any, None], context: ValidationContext, chain: list[asn1_x509.Certificate]
) -> Literal["good", "revoked"]:
    async def judge() -> None:
        try:
            await work
        finally:
            await context.aclose()

    try:
        run(judge())
    except RevokedError:
        return "revoked"
    except (OCSPNoMatchesError, CRLNoMatchesError) as problem:
        raise _wrong(chain, "other_certificate") from problem
    except (OCSPValidationError, CRLValidationError) as problem:
        stale = getattr(problem, "suspect_stale", None)
        if stale is not None:
            raise _wrong(chain, "stale", f"{local(stale):%H:%M %d/%m/%Y}") from problem
        said = {str(text) for text, _ in getattr(problem, "failures", ())}
        raise _wrong(chain, "not_entitled", "; ".join(sorted(said)) or _named(problem)) from problem
    except Exception as problem:
        # the validator asserts what a stranger's chain does not keep
        raise _wrong(chain, "not_entitled", _named(problem)) from problem
    return "good"


def _single(response: asn1_ocsp.OCSPResponse, chain: list[asn1_x509.Certificate]) -> asn1_ocsp.SingleResponse:
    """Return what is said of this certificate's serial number."""
    status = response["response_status"].native
    if status != "successful":
        raise _wrong(chain, "refused", status)
    for single in response.response_data["responses"]:
        if single["cert_id"]["serial_number"].native == chain[0].serial_number:
            if single["cert_status"].name == "unknown":
                raise _wrong(chain, "unknown")
            return single
    raise _wrong(chain, "other_certificate")


def _unexempted_responder(response: asn1_ocsp.OCSPResponse, chain: list[asn1_x509.Certificate]) -> bytes | None:
    """Return the delegate's certificate unless it carries id-pkix-ocsp-nocheck."""
    asked = response.response_data["responder_id"]
    for certificate in response.basic_ocsp_response["certs"] or ():
        named = certificate.public_key.sha1 if asked.name == "by_key" else certificate.subject
        if named == (asked.native if asked.name == "by_key" else asked.chosen):
            exempt = certificate.ocsp_no_check_value is not None or certificate.dump() == chain[1].dump()
            return None if exempt else bytes(certificate.dump())
    return None


def _wrong(chain: list[asn1_x509.Certificate], key: str, detail: object = "") -> StatementWrong:
    words = (message(f"revocation.because.{key}", language, detail=detail) for language in ("vi", "en"))
    return StatementWrong(name=chain[0].subject.native.get("common_name", "–"), detail=Text(*words))
