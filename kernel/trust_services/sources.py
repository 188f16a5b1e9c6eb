"""What a certificate names as sources of its revocation, and whether its chain may be believed to name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

from kernel.signing.errors import CertificateInvalid, RevocationUnavailable
from kernel.trust_services.errors import because

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kernel.signing.trust import Trust

__all__ = ["Sources", "completed", "name_of", "sources_of"]

LONGEST_CHAIN = 10


@dataclass(frozen=True, slots=True)
class Sources:
    """Addresses of OCSP responders (AIA) and of revocation lists (CDP), over HTTP; those of LDAP are left out."""

    ocsp: tuple[str, ...]
    lists: tuple[str, ...]


def sources_of(der: bytes) -> Sources:
    """Return the sources a certificate names (RFC 5280, 4.2.2.1 and 4.2.1.13). Raises CertificateInvalid."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        return Sources(
            tuple(url for url in _responders(certificate) if _web(url)),
            tuple(url for url in _lists(certificate) if _web(url)),
        )
    except (ValueError, x509.DuplicateExtension) as problem:
        raise CertificateInvalid(detail=str(problem)) from problem


def completed(chain: Sequence[bytes], trust: Trust) -> tuple[bytes, ...]:
    """Return `chain` (DER, leaf first) up to a trusted root, issuers that are missing taken from `trust`.

    Only such a chain is asked about: the addresses in a stranger's certificate are the stranger's choice. Raises
    RevocationUnavailable where it ends elsewhere, CertificateInvalid for a certificate that can't be read.
    """
    try:
        known = [x509.load_der_x509_certificate(der) for der in (*chain, *trust.intermediates, *trust.roots)]
    except (ValueError, x509.InvalidVersion) as problem:
        raise CertificateInvalid(detail=str(problem)) from problem
    path = known[:1] if chain else []
    while path and path[-1].public_bytes(Encoding.DER) not in trust.roots:
        issuer = next((one for one in known if one not in path and _issued(path[-1], one)), None)
        if issuer is None or len(path) == LONGEST_CHAIN:
            raise RevocationUnavailable(names=name_of(path[0]), detail=because("not_trusted"))
        path.append(issuer)
    return tuple(one.public_bytes(Encoding.DER) for one in path)


def name_of(certificate: x509.Certificate | bytes) -> str:
    """Return the name a person knows a certificate by."""
    read = x509.load_der_x509_certificate(certificate) if isinstance(certificate, bytes) else certificate
    names = read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else read.subject.rfc4514_string()


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _responders(certificate: x509.Certificate) -> Iterator[str]:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return
    for one in access:
        location = one.access_location
        if one.access_method == AuthorityInformationAccessOID.OCSP and isinstance(
            location, x509.UniformResourceIdentifier
        ):
            yield location.value


def _lists(certificate: x509.Certificate) -> Iterator[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return
    for point in points:
        for name in point.full_name or ():
            if isinstance(name, x509.UniformResourceIdentifier):
                yield name.value


def _web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))
