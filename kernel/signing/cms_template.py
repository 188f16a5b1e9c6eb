"""The CMS of a PAdES signature, made once for a certificate and filled for each document.

pyHanko builds it with a digest and a signature that stand for the real ones. PAdES has no signing-time attribute
(ETSI EN 319 142-1, 6.3), so the rest of the envelope depends on the certificate, its chain and the mechanism alone.
Building it takes ten milliseconds, filling it ten microseconds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from kernel.signing._pdf import run
from kernel.signing.certificates import load_certificate
from kernel.signing.errors import CmsTemplateBroken

if TYPE_CHECKING:
    from kernel.signing.mechanism import Mechanism

__all__ = ["CmsTemplate", "cms_template"]

_SEQUENCE, _SET, _OCTETS, _CONTEXT_0, _CONTEXT_1 = b"\x30", b"\x31", b"\x04", b"\xa0", b"\xa1"
_STANDS_FOR_DIGEST = b"Q\xf4\x9d\x00\x17digest"
_STANDS_FOR_SIGNATURE = b"Q\xf4\x9d\x00\x17signature"


def _tlv(tag: bytes, *contents: bytes) -> bytes:
    """Return one DER value (X.690, 8.1 and 10.1)."""
    size = sum(map(len, contents))
    if size < 0x80:
        return b"".join((tag, size.to_bytes(1, "big"), *contents))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return b"".join((tag, (0x80 | len(octets)).to_bytes(1, "big"), octets, *contents))


@dataclass(frozen=True, slots=True)
class CmsTemplate:
    """SignedData (RFC 5652, 5.1) of one signer, split where a document's digest and signature belong."""

    attributes: tuple[bytes, bytes]
    """The signed attributes, without tag and length, before and after the digest of the document."""
    before_signer: bytes
    """SignedData from its version to its certificates."""
    before_attributes: bytes
    """SignerInfo from its version to its digest algorithm."""
    signature_algorithm: bytes
    signature_size: int
    """Bytes of the longest signature of this key."""

    def to_be_signed(self, digest: bytes) -> bytes:
        """Return the attributes as they are signed: as a SET OF, not as the [0] they are stored as (RFC 5652, 5.4)."""
        before, after = self.attributes
        return _tlv(_SET, before, digest, after)

    def filled(self, digest: bytes, signature: bytes, unsigned_attribute: bytes = b"") -> bytes:
        """Return the DER of the ContentInfo. `unsigned_attribute` is the DER of one Attribute, a time stamp."""
        before, after = self.attributes
        signer = _tlv(
            _SEQUENCE,
            self.before_attributes,
            _tlv(_CONTEXT_0, before, digest, after),
            self.signature_algorithm,
            _tlv(_OCTETS, signature),
            _tlv(_CONTEXT_1, unsigned_attribute) if unsigned_attribute else b"",
        )
        signed_data = _tlv(_SEQUENCE, self.before_signer, _tlv(_SET, signer))
        return _tlv(_SEQUENCE, _SIGNED_DATA, _tlv(_CONTEXT_0, signed_data))

    def size(self, unsigned_attribute: int = 0) -> int:
        """Return the bytes of the longest filled CMS, an unsigned attribute of so many bytes included."""
        return _size(self, unsigned_attribute)


_SIGNED_DATA = cms.ContentType("signed_data").dump()


@lru_cache(maxsize=32)
def _size(template: CmsTemplate, unsigned_attribute: int) -> int:
    digest = bytes(_digest_size(template.attributes))
    return len(template.filled(digest, bytes(template.signature_size), bytes(unsigned_attribute)))


def _digest_size(attributes: tuple[bytes, bytes]) -> int:
    return attributes[0][-1]  # the length octet of the digest's OCTET STRING stands right before it


class _Sentinel(Signer):
    """A signer whose signature stands for the real one."""

    def __init__(self, certificate: bytes, chain: tuple[bytes, ...], mechanism: Mechanism, signature: bytes) -> None:
        self._signature = signature
        super().__init__(
            signing_cert=asn1_x509.Certificate.load(certificate),
            cert_registry=SimpleCertificateStore.from_certs(asn1_x509.Certificate.load(der) for der in chain),
            signature_mechanism=mechanism.cms(),
            embed_roots=False,
        )

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002  # pyHanko's signature
        return self._signature


@lru_cache(maxsize=32)
def cms_template(certificate: bytes, chain: tuple[bytes, ...], mechanism: Mechanism) -> CmsTemplate:
    """Return the template of a certificate, its chain (DER, nearest first) and a mechanism.

    Raises CertificateInvalid, and CmsTemplateBroken where the envelope is not of the shape the parts are cut from.
    """
    size = _signature_size(certificate)
    digest = _standing(_STANDS_FOR_DIGEST, hashlib.new(mechanism.digest).digest_size)
    signature = _standing(_STANDS_FOR_SIGNATURE, size)
    signer = _Sentinel(certificate, chain, mechanism, signature)
    whole = run(signer.async_sign(digest, mechanism.digest, use_pades=True)).dump()
    if whole.count(digest) != 1 or whole.count(signature) != 1:
        raise CmsTemplateBroken(detail="sentinel")
    signed: cms.SignedData = cms.ContentInfo.load(whole)["content"]
    info = signed["signer_infos"][0]
    before, _, after = info["signed_attrs"].contents.partition(digest)
    template = CmsTemplate(
        attributes=(before, after),
        before_signer=b"".join(
            signed[name].dump() for name in ("version", "digest_algorithms", "encap_content_info", "certificates")
        ),
        before_attributes=b"".join(info[name].dump() for name in ("version", "sid", "digest_algorithm")),
        signature_algorithm=info["signature_algorithm"].dump(),
        signature_size=size,
    )
    if template.filled(digest, signature) != whole or before[-1:] != bytes([len(digest)]):
        raise CmsTemplateBroken(detail="envelope")
    return template


def _standing(mark: bytes, size: int) -> bytes:
    return (mark * (size // len(mark) + 1))[:size]


def _signature_size(certificate: bytes) -> int:
    key = load_certificate(certificate).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return (key.key_size + 7) // 8
    if isinstance(key, ec.EllipticCurvePublicKey):
        # SEQUENCE of two INTEGERs, each with a sign octet at most (RFC 3279, 2.2.3)
        number = _tlv(b"\x02", bytes((key.key_size + 7) // 8 + 1))
        return len(_tlv(_SEQUENCE, number, number))
    raise CmsTemplateBroken(detail=type(key).__name__)
