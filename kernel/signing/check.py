"""A second opinion on a document just signed, before it is released.

It shares no code with the signing path: the byte range is cut out of the file by hand, the CMS read with
asn1crypto, the signature checked with the certificate's own key. It knows only what this program makes: a PAdES
signature over the whole file.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from asn1crypto import algos, cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from kernel.signing.errors import SecondOpinionFailed

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["second_opinion"]

_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})\s*\]")
_OBJECT = re.compile(rb"(?<!\d)(\d{1,10}) (\d{1,5}) obj\b")
_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


class _Doubt(Exception):
    """What does not hold."""


def second_opinion(pdf: bytes, field: str, expected_certificate: bytes) -> None:
    """Return if the last signature of `pdf` stands in `field`, covers the whole file and is by that certificate.

    `expected_certificate` is DER. Checked: byte range, field name, message digest, content type, signing-certificate
    attribute (RFC 5035), signature. Raises SecondOpinionFailed.
    """
    try:
        _check(pdf, field, expected_certificate)
    except _Doubt as doubt:
        raise SecondOpinionFailed(field=field, detail=str(doubt)) from doubt
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, UnsupportedAlgorithm) as problem:
        # what asn1crypto and cryptography raise on bytes that are no CMS
        raise SecondOpinionFailed(field=field, detail=f"{type(problem).__name__}: {problem}") from problem


def _check(pdf: bytes, field: str, expected_certificate: bytes) -> None:
    found = list(_RANGE.finditer(pdf))
    _demand(bool(found), "ByteRange")
    _, first, start, second = (int(number) for number in found[-1].groups())
    gap = pdf[first:start]
    _demand(found[-1].group(1) == b"0" and start + second == len(pdf), "ByteRange")
    _demand(gap[:1] == b"<" and gap[-1:] == b">", "Contents")
    _demand(_is_value_of(pdf, field, _object_number(pdf, found[-1].start())), "T")
    content = bytes.fromhex(gap[1:-1].decode("ascii"))
    envelope = cms.ContentInfo.load(content)
    length = len(envelope.dump())
    _demand(envelope["content_type"].native == "signed_data" and not content[length:].strip(b"\0"), "CMS")
    signed = envelope["content"]
    _demand(signed["encap_content_info"]["content"].native is None, "eContent")
    _demand(len(signed["signer_infos"]) == 1, "signerInfos")
    signer = signed["signer_infos"][0]
    digest = hashlib.new(_hash_name(signer["digest_algorithm"]), pdf[:first] + pdf[start:]).digest()
    attributes = _attributes(signer)
    _demand(attributes["message_digest"].native == digest, "messageDigest")
    _demand(attributes["content_type"].native == "data", "contentType")
    embedded = [choice.chosen.dump() for choice in signed["certificates"]]
    _demand(expected_certificate in embedded, "certificate")
    _names_certificate(attributes["signing_certificate_v2"], expected_certificate)
    certificate = x509.load_der_x509_certificate(expected_certificate)
    issuer, serial = signer["sid"].chosen["issuer"], signer["sid"].chosen["serial_number"].native
    _demand(serial == certificate.serial_number and issuer.dump() == certificate.issuer.public_bytes(), "sid")
    _verify_signature(certificate, signer)


def _demand(holds: bool, part: str) -> None:
    if not holds:
        raise _Doubt(part)


def _object_number(pdf: bytes, position: int) -> int:
    """Return the number of the indirect object that holds `position`."""
    heads = list(_OBJECT.finditer(pdf, 0, position))
    _demand(bool(heads), "obj")
    return int(heads[-1].group(1))


def _is_value_of(pdf: bytes, field: str, number: int) -> bool:
    """Tell whether the newest object with `/V number 0 R` is a signature field of that name."""
    at = max(pdf.rfind(b"/V %d 0 R" % number), 0)
    begin, end = pdf.rfind(b" obj", 0, at), pdf.find(b"endobj", at)
    body = pdf[begin:end]
    names = re.findall(rb"/T\s*\(((?:\\.|[^\\()])*)\)", body)
    return b"/Sig" in body and [_text(name) for name in names] == [field]


def _text(literal: bytes) -> str:
    """Return a PDF literal string (ISO 32000-1, 7.3.4.2) as text."""
    plain = re.sub(rb"\\([0-7]{1,3})", lambda found: bytes([int(found.group(1), 8) & 0xFF]), literal)
    plain = re.sub(rb"\\(.)", rb"\1", plain)
    return plain[2:].decode("utf-16-be") if plain.startswith(b"\xfe\xff") else plain.decode("latin-1")


def _attributes(signer: cms.SignerInfo) -> dict[str, cms.Asn1Value]:
    found: dict[str, cms.Asn1Value] = {}
    for attribute in signer["signed_attrs"]:
        name = attribute["type"].native
        _demand(name not in found and len(attribute["values"]) == 1, name)
        found[name] = attribute["values"][0]
    _demand("signing_time" not in found, "signingTime")  # PAdES: the time is /M (ETSI EN 319 142-1, 6.3)
    return found


def _names_certificate(value: tsp.SigningCertificateV2, certificate: bytes) -> None:
    named = value["certs"][0]
    algorithm = named["hash_algorithm"]["algorithm"].native
    _demand(named["cert_hash"].native == hashlib.new(algorithm, certificate).digest(), "signingCertificateV2")


def _hash_name(algorithm: algos.DigestAlgorithm) -> str:
    name = str(algorithm["algorithm"].native)
    _demand(name in _HASHES, name)
    return name


def _verify_signature(certificate: x509.Certificate, signer: cms.SignerInfo) -> None:
    # RFC 5652, 5.4: what is signed is the attributes as a SET OF, not as the [0] they are stored as
    stored = signer["signed_attrs"].dump()
    signed, signature = b"\x31" + stored[1:], signer["signature"].native
    mechanism, key = signer["signature_algorithm"], certificate.public_key()
    algorithm = _HASHES[_hash_name(signer["digest_algorithm"])]()
    _demand(mechanism.hash_algo == algorithm.name, "signatureAlgorithm")
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            _demand(mechanism.signature_algo == "ecdsa", "signatureAlgorithm")
            key.verify(signature, signed, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey):
            _demand(mechanism.signature_algo in ("rsassa_pss", "rsassa_pkcs1v15"), "signatureAlgorithm")
            pss = mechanism.signature_algo == "rsassa_pss"
            scheme = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size) if pss else padding.PKCS1v15()
            key.verify(signature, signed, scheme, algorithm)
        else:
            _demand(False, "publicKey")
    except InvalidSignature as problem:
        raise _Doubt("signature") from problem
