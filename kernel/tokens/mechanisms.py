"""Which PKCS#11 mechanism makes the signature, and the bytes that go in and come out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pkcs11 import MGF
from pkcs11 import Mechanism as Ckm
from pkcs11.util.ec import encode_ecdsa_signature

from kernel.signing.sign import Mechanism
from kernel.tokens.errors import MechanismMissing

if TYPE_CHECKING:
    from collections.abc import Collection

    from cryptography import x509

_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DigestInfo of SHA-256 up to the digest (RFC 8017, 9.2 note 1)."""

_PSS = (Ckm.SHA256, MGF.SHA256, 32)


@dataclass(frozen=True, slots=True)
class TokenMechanism:
    """How this token signs: the scheme of the CMS, the CKM with its parameters, and who hashes."""

    scheme: Mechanism
    ckm: Ckm
    parameters: Any
    hashed_here: bool

    def input(self, data: bytes) -> bytes:
        """Return what C_Sign takes for `data`."""
        if not self.hashed_here:
            return data
        digest = hashlib.new(self.scheme.digest, data).digest()
        return _DIGEST_INFO + digest if self.ckm is Ckm.RSA_PKCS else digest

    def output(self, raw: bytes) -> bytes:
        """Return the signature as CMS wants it: ECDSA's r || s as DER (RFC 5753)."""
        return encode_ecdsa_signature(raw) if self.scheme.scheme == "ecdsa" else raw


def choose(certificate: x509.Certificate, offered: Collection[object], *, prefer_pss: bool) -> TokenMechanism:
    """Return the best mechanism the token offers for the certificate's key. Raises MechanismMissing."""
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey) and Ckm.ECDSA in offered:
        scheme = {384: Mechanism.ECDSA_SHA384, 521: Mechanism.ECDSA_SHA512}.get(key.key_size, Mechanism.ECDSA_SHA256)
        return TokenMechanism(scheme, Ckm.ECDSA, None, hashed_here=True)
    if isinstance(key, rsa.RSAPublicKey):
        pss = [
            TokenMechanism(Mechanism.PSS_SHA256, Ckm.SHA256_RSA_PKCS_PSS, _PSS, hashed_here=False),
            TokenMechanism(Mechanism.PSS_SHA256, Ckm.RSA_PKCS_PSS, _PSS, hashed_here=True),
        ]
        v15 = [
            TokenMechanism(Mechanism.RSA_SHA256, Ckm.SHA256_RSA_PKCS, None, hashed_here=False),
            TokenMechanism(Mechanism.RSA_SHA256, Ckm.RSA_PKCS, None, hashed_here=True),
        ]
        for candidate in (*pss, *v15) if prefer_pss else (*v15, *pss):
            if candidate.ckm in offered:
                return candidate
    raise MechanismMissing(key=type(key).__name__)


def verifies(certificate: x509.Certificate, scheme: Mechanism, signature: bytes, data: bytes) -> bool:
    """Tell whether `signature` over `data` is the certificate's."""
    key = certificate.public_key()
    digest: hashes.HashAlgorithm = {"sha384": hashes.SHA384(), "sha512": hashes.SHA512()}.get(
        scheme.digest, hashes.SHA256()
    )
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(digest))
        elif isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
            key.verify(signature, data, pss if scheme.scheme == "pss" else padding.PKCS1v15(), digest)
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True
