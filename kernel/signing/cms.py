"""The shape of a CMS signature (RFC 5652) as found in a PDF: everything no signature covers must be regular.

A signature protects the document and its own attributes, not the envelope around them. What may vary in the
envelope without notice is checked here, so that a changed bit anywhere in a file is seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asn1crypto import cms, x509
from asn1crypto.parser import parse
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import load_der_x509_certificate

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["certificate_twins_broken", "envelope_problem", "gap_problem"]

_NO_PARAMETERS = (b"", b"\x05\x00")
_VERSIONS = frozenset({"v1", "v3", "v4", "v5"})


def gap_problem(pdf: bytes, byte_range: Iterable[Any]) -> str | None:
    """Return what is wrong with the bytes a ByteRange leaves out, None if they are exactly one hex string.

    ISO 32000-1, 12.8.1: the range covers all but the value of `/Contents`, `<` and `>` included.
    """
    numbers = [int(number) for number in byte_range]
    if len(numbers) != 4 or numbers[0] != 0 or min(numbers) < 0:
        return "byte_range"
    _, first, start, second = numbers
    gap = pdf[first:start]
    if start + second > len(pdf) or len(gap) != start - first or gap[:1] != b"<" or gap[-1:] != b">":
        return "byte_range"
    digits = gap[1:-1]
    try:
        content = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return "contents"
    if digits not in (content.hex().encode(), content.hex().upper().encode()):
        return "contents"
    return None if _padding_is_zero(content) else "padding"


def envelope_problem(content: cms.ContentInfo) -> str | None:
    """Return the first irregular part of the envelope, None for a regular one. Raises ValueError on broken DER."""
    signed: cms.SignedData = content["content"]
    if content["content_type"].native != "signed_data" or len(signed["signer_infos"]) != 1:
        return "signer_infos"
    signer = signed["signer_infos"][0]
    by_issuer = signer["sid"].name == "issuer_and_serial_number"
    wanted = "v1" if by_issuer else "v3"
    if signer["version"].native != wanted or signed["version"].native not in _VERSIONS:
        return "version"
    digests = [*signed["digest_algorithms"], signer["digest_algorithm"]]
    if digests[-1]["algorithm"].native not in [digest["algorithm"].native for digest in digests[:-1]]:
        return "digest_algorithms"
    mechanism = signer["signature_algorithm"]
    plain = digests if mechanism["algorithm"].native == "rsassa_pss" else [*digests, mechanism]
    if any(bytes(algorithm["parameters"].dump()) not in _NO_PARAMETERS for algorithm in plain):
        return "parameters"
    return None


def certificate_twins_broken(embedded: Iterable[x509.Certificate], path: Iterable[x509.Certificate]) -> bool:
    """Tell whether an embedded certificate passes for one of the trusted path but is not signed by its issuer."""
    known = {certificate.dump(): certificate for certificate in path}
    twins = {(certificate.subject.dump(), certificate.serial_number) for certificate in known.values()}
    keys = {certificate.public_key.dump() for certificate in known.values()}
    for certificate in embedded:
        if certificate.dump() in known:
            continue
        issuers = [one for one in known.values() if one.subject == certificate.issuer]
        if any(_issued(certificate, issuer) for issuer in issuers):
            continue
        twin = (certificate.subject.dump(), certificate.serial_number) in twins
        if issuers or twin or certificate.public_key.dump() in keys:
            return True
    return False


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        load_der_x509_certificate(certificate.dump()).verify_directly_issued_by(
            load_der_x509_certificate(issuer.dump())
        )
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _padding_is_zero(content: bytes) -> bool:
    """Tell whether only zeros follow the first ASN.1 value."""
    try:
        _, _, _, header, body, trailer = parse(content, strict=False)
    except ValueError:
        return True  # no ASN.1 at all: reading the CMS will say so
    return not any(content[len(header) + len(body) + len(trailer) :])
