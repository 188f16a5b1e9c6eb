"""Which revocation data may say that a certificate is good.

Two kinds are left out. A list or answer made after a certificate's end may have dropped it, revoked or not (RFC 5280,
3.3; RFC 6960, 4.4.4). And one whose maker's certificate was over before the data are known to have existed may have
been made by whoever broke the maker's key since (ETSI EN 319 102-1, 5.6.2.4).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from asn1crypto import core, crl, x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import (
    CertificateIssuer,
    CRLReason,
    ExtensionNotFound,
    ReasonFlags,
    RevokedCertificate,
    load_der_x509_crl,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from asn1crypto import ocsp

__all__ = [
    "answer_keeps",
    "answer_makers",
    "answers_about",
    "list_keeps",
    "list_makers",
    "made_at",
    "revoked_since",
    "same_name",
]

_NOT_FOR_GOOD = frozenset({ReasonFlags.certificate_hold, ReasonFlags.remove_from_crl})
_EXPIRED_CERTS_ON_CRL = "2.5.29.60"
"""X.509 (10/2019), 9.5.2.10: since when a list keeps certificates that are over."""


def same_name(one: x509.Name, other: x509.Name) -> bool:
    """Tell whether two names are the same (RFC 5280, 7.1); pyHanko's comparison is slow."""
    first, second = one.dump(), other.dump()
    return first == second or _normal(first) == _normal(second)


@lru_cache(maxsize=4096)
def _normal(name: bytes) -> str:
    return str(x509.Name.load(name).hashable)


def list_keeps(data: crl.CertificateList, path: Sequence[x509.Certificate]) -> bool:
    """Tell whether the list would still name every certificate of `path` (root first) that was revoked."""
    made = data["tbs_cert_list"]["this_update"].native
    over = [one for one in path[1:] if one.not_valid_after < made and same_name(one.issuer, data.issuer)]
    if not over:
        return True
    since = _kept_since(data)
    listed = {entry["user_certificate"].native for entry in data["tbs_cert_list"]["revoked_certificates"] or ()}
    return all(one.serial_number in listed or (since and since <= one.not_valid_after) for one in over)


def answer_keeps(data: ocsp.OCSPResponse, path: Sequence[x509.Certificate]) -> bool:
    """Tell whether the responder still knew of every certificate of `path` (root first) it answers about."""
    for answer in _answers(data):
        if answer["cert_status"].name != "good":
            continue
        cutoff = answer.archive_cutoff_value
        for one in path[1:]:
            over = one.not_valid_after < answer["this_update"].native
            if _about(answer, one) and over and not (cutoff and cutoff.native <= one.not_valid_after):
                return False
    return True


def list_makers(data: crl.CertificateList, known: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Return those of `known` whose name stands on the list as its issuer."""
    return [one for one in known if same_name(one.subject, data.issuer)]


def answer_makers(data: ocsp.OCSPResponse, known: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificates, sent along or of `known`, that the answer names as its responder's."""
    if data["response_status"].native != "successful":
        return []
    response = data.basic_ocsp_response
    who = response["tbs_response_data"]["responder_id"]
    candidates = [*(response["certs"] or ()), *known]
    if who.name == "by_key":
        return [one for one in candidates if one.public_key.sha1 == who.native]
    return [one for one in candidates if same_name(one.subject, who.chosen)]


def revoked_since(
    certificate: x509.Certificate, issuer: x509.Certificate, lists: Iterable[crl.CertificateList]
) -> datetime | None:
    """Return since when the certificate is revoked for good by the issuer's own lists, however old; None if by none."""
    found = []
    for one in lists:
        if b"\x02" + _serial(certificate) not in one.contents or not same_name(one.issuer, certificate.issuer):
            continue
        entry = _entry(one.dump(), certificate.serial_number, issuer.public_key.dump())
        if entry is not None:
            found.append(entry)
    return min(found, default=None)


def _serial(certificate: x509.Certificate) -> bytes:
    """Return length and contents of the serial number's INTEGER."""
    value = certificate["tbs_certificate"]["serial_number"]
    return len(value.contents).to_bytes(1, "big") + bytes(value.contents)


def _entry(der: bytes, serial: int, key: bytes) -> datetime | None:
    try:
        read = load_der_x509_crl(der)
        entry = read.get_revoked_certificate_by_serial_number(serial)
        if entry is None or not read.is_signature_valid(load_der_public_key(key)):  # type: ignore[arg-type]  # RSA or EC
            return None
        if _extension(entry, CertificateIssuer) is not None:
            return None  # an indirect list: the number may be another authority's
        reason = _extension(entry, CRLReason)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return None if reason is not None and reason.reason in _NOT_FOR_GOOD else entry.revocation_date_utc


def _extension(entry: RevokedCertificate, kind: type[Any]) -> Any:
    try:
        return entry.extensions.get_extension_for_class(kind).value
    except ExtensionNotFound:
        return None


def answers_about(data: crl.CertificateList | ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    """Tell whether a list is by the certificate's issuer, or an answer about its serial number."""
    if isinstance(data, crl.CertificateList):
        return same_name(data.issuer, certificate.issuer)
    return any(_about(answer, certificate) for answer in _answers(data))


def made_at(data: crl.CertificateList | ocsp.OCSPResponse, certificate: x509.Certificate) -> datetime:
    """Return the moment a list, or an answer about the certificate, tells of (thisUpdate)."""
    if isinstance(data, crl.CertificateList):
        listed: datetime = data["tbs_cert_list"]["this_update"].native
        return listed
    told: datetime = max(answer["this_update"].native for answer in _answers(data) if _about(answer, certificate))
    return told


def _about(answer: ocsp.SingleResponse, certificate: x509.Certificate) -> bool:
    identifier = answer["cert_id"]
    algorithm = identifier["hash_algorithm"]["algorithm"].native
    return bool(
        identifier["serial_number"].native == certificate.serial_number
        and identifier["issuer_name_hash"].native == getattr(certificate.issuer, algorithm, None)
    )


def _answers(data: ocsp.OCSPResponse) -> list[ocsp.SingleResponse]:
    if data["response_status"].native != "successful":
        return []
    return list(data.basic_ocsp_response["tbs_response_data"]["responses"])


def _kept_since(data: crl.CertificateList) -> datetime | None:
    for extension in data["tbs_cert_list"]["crl_extensions"] or ():
        if extension["extn_id"].dotted == _EXPIRED_CERTS_ON_CRL:
            since: datetime = core.GeneralizedTime.load(extension["extn_value"].contents).native
            return since
    return None
