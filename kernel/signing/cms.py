"""The shape of a CMS signature (RFC 5652) as found in a PDF: everything no signature covers must be regular.

A signature protects the document and its own attributes, not the envelope around them. What may vary in the
envelope without notice is checked here, so that a changed bit anywhere in a file is seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from asn1crypto import cms, x509
from asn1crypto.parser import parse
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import InvalidVersion, load_der_x509_certificate

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Sliced", "certificate_twins_broken", "children", "envelope_problem", "gap_problem"]

_NO_PARAMETERS = (b"", b"\x05\x00")
_CONSTRUCTED = 0x20


class Sliced(Protocol):
    """The bytes of a file, or something that gives parts of them."""

    def __len__(self) -> int:
        """Return the size of the file in bytes."""

    def __getitem__(self, part: slice, /) -> bytes:
        """Return a part of the file."""


def gap_problem(pdf: Sliced, byte_range: Iterable[Any]) -> str | None:
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


def envelope_problem(der: bytes) -> str | None:
    """Return the first irregular part of a CMS envelope, None for a regular one. Raises ValueError on broken ASN.1."""
    content = cms.ContentInfo.load(der)
    signed: cms.SignedData = content["content"]
    if content["content_type"].native != "signed_data" or len(signed["signer_infos"]) != 1:
        return "signer_infos"
    signer = signed["signer_infos"][0]
    if not _whole(der) or not _as_many_parts_as_named(der):
        return "structure"
    if not _versions_right(signed, signer):
        return "version"
    digests = [*signed["digest_algorithms"], signer["digest_algorithm"]]
    if digests[-1]["algorithm"].native not in [digest["algorithm"].native for digest in digests[:-1]]:
        return "digest_algorithms"
    mechanism = signer["signature_algorithm"]
    plain = digests if mechanism["algorithm"].native == "rsassa_pss" else [*digests, mechanism]
    if any(bytes(algorithm["parameters"].dump()) not in _NO_PARAMETERS for algorithm in plain):
        return "parameters"
    return None


def _as_many_parts_as_named(der: bytes) -> bool:
    """Tell whether ContentInfo and SignerInfo have no parts beyond those RFC 5652, 3 and 5.3, names.

    Cut out of the bytes: asn1crypto writes what it has read of an indefinite length again, level by level, for ever.
    """
    parts = children(der)
    content = children(parts[1]) if len(parts) == 2 else []
    signers = children(children(content[0])[-1]) if len(content) == 1 else []
    return len(signers) == 1 and len(children(signers[0])) <= 7


def _versions_right(signed: cms.SignedData, signer: cms.SignerInfo) -> bool:
    """Tell whether both version numbers are what RFC 5652, 5.1 and 5.3, derive from the content."""
    by_issuer = signer["sid"].name == "issuer_and_serial_number"
    if signer["version"].native != ("v1" if by_issuer else "v3"):
        return False
    kinds = {choice.name for choice in signed["certificates"]}
    simple = by_issuer and kinds <= {"certificate"} and signed["encap_content_info"]["content_type"].native == "data"
    return str(signed["version"].native) in (("v1",) if simple else ("v1", "v3", "v4", "v5"))


def children(value: bytes) -> list[bytes]:
    """Return the values inside a constructed value. Raises ValueError where they do not fill it exactly."""
    body, found = parse(value, strict=False)[4], []
    while body:
        _, _, tag, header, content, trailer = parse(body, strict=False)
        size = len(header) + len(content) + len(trailer)
        if tag == 0 and header[:1] == b"\0":
            raise ValueError("end of contents inside a value of known length")
        found.append(body[:size])
        body = body[size:]
    return found


def _whole(value: bytes) -> bool:
    """Tell whether every constructed value down the tree is filled exactly by the values in it."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if one[0] & _CONSTRUCTED:
            try:
                waiting.extend(children(one))
            except ValueError:
                return False
    return True


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
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, InvalidVersion):
        return False
    return True


def _padding_is_zero(content: bytes) -> bool:
    """Tell whether only zeros follow the first ASN.1 value."""
    try:
        _, _, _, header, body, trailer = parse(content, strict=False)
    except ValueError:
        return True  # no ASN.1 at all: reading the CMS will say so
    return not any(content[len(header) + len(body) + len(trailer) :])
