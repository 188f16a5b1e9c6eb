"""Which revocation data may say that a certificate is good.

Two kinds are left out. A list or answer made after a certificate's end may have dropped it, revoked or not (RFC 5280,
3.3; RFC 6960, 4.4.4). And one whose maker's certificate was over before the data are known to have existed may have
been made by whoever broke the maker's key since (ETSI EN 319 102-1, 5.6.2.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asn1crypto import core, crl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from asn1crypto import ocsp, x509

__all__ = ["answer_keeps", "answer_makers", "answers_about", "list_keeps", "list_makers", "made_at"]

_EXPIRED_CERTS_ON_CRL = "2.5.29.60"
"""X.509 (10/2019), 9.5.2.10: since when a list keeps certificates that are over."""


def list_keeps(data: crl.CertificateList, path: Sequence[x509.Certificate]) -> bool:
    """Tell whether the list would still name every certificate of `path` (root first) that was revoked."""
    made = data["tbs_cert_list"]["this_update"].native
    over = [one for one in path[1:] if one.issuer == data.issuer and one.not_valid_after < made]
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
    return [one for one in known if one.subject == data.issuer]


def answer_makers(data: ocsp.OCSPResponse, known: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificates, sent along or of `known`, that the answer names as its responder's."""
    if data["response_status"].native != "successful":
        return []
    response = data.basic_ocsp_response
    who = response["tbs_response_data"]["responder_id"]
    candidates = [*(response["certs"] or ()), *known]
    if who.name == "by_key":
        return [one for one in candidates if one.public_key.sha1 == who.native]
    return [one for one in candidates if one.subject == who.chosen]


def answers_about(data: crl.CertificateList | ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    """Tell whether a list is by the certificate's issuer, or an answer about its serial number."""
    if isinstance(data, crl.CertificateList):
        return bool(data.issuer == certificate.issuer)
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
