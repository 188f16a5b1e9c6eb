"""How a raw signature is made, and the key that makes it (TT 15/2025/TT-BKHCN, Phụ lục I)."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from asn1crypto import algos
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import PublicKeyAlgorithmOID

if TYPE_CHECKING:
    from cryptography import x509

__all__ = ["Mechanism", "RawSigner", "as_der", "mechanism_for", "verifies"]

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class Mechanism(StrEnum):
    """Scheme and hash of a signature."""

    RSA_SHA256 = "rsa-sha256"
    RSA_SHA384 = "rsa-sha384"
    RSA_SHA512 = "rsa-sha512"
    PSS_SHA256 = "pss-sha256"
    PSS_SHA384 = "pss-sha384"
    PSS_SHA512 = "pss-sha512"
    ECDSA_SHA256 = "ecdsa-sha256"
    ECDSA_SHA384 = "ecdsa-sha384"
    ECDSA_SHA512 = "ecdsa-sha512"

    @property
    def scheme(self) -> str:
        """`rsa` (PKCS #1 v1.5), `pss` or `ecdsa`."""
        return self.value.partition("-")[0]

    @property
    def digest(self) -> str:
        """`sha256`, `sha384` or `sha512`."""
        return self.value.partition("-")[2]

    def fits(self, certificate: x509.Certificate) -> bool:
        """Tell whether the certificate's key can sign so: one certified for RSASSA-PSS alone does nothing else."""
        if self.scheme == "rsa" and certificate.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS:
            return False
        kind = ec.EllipticCurvePublicKey if self.scheme == "ecdsa" else rsa.RSAPublicKey
        return isinstance(certificate.public_key(), kind)

    def cms(self) -> algos.SignedDigestAlgorithm:
        """Return the AlgorithmIdentifier (RFC 4056 for PSS: MGF1 of the same hash, salt as long as the hash)."""
        if self.scheme != "pss":
            return algos.SignedDigestAlgorithm({"algorithm": f"{self.digest}_{self.scheme}"})
        hash_algorithm = algos.DigestAlgorithm({"algorithm": self.digest})
        parameters = algos.RSASSAPSSParams(
            {
                "hash_algorithm": hash_algorithm,
                "mask_gen_algorithm": algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": hash_algorithm}),
                "salt_length": hashlib.new(self.digest).digest_size,
            }
        )
        return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})


class RawSigner(Protocol):
    """A key that signs, wherever it lives."""

    @property
    def certificate(self) -> bytes:
        """DER of the signer's certificate."""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER of the certificates above it, as far as known; the root may be left out."""

    @property
    def mechanism(self) -> Mechanism:
        """What `sign` does."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`, which is hashed by the mechanism. ECDSA: DER of (r, s)."""


def mechanism_for(certificate: x509.Certificate, *, pss: bool = False, digest: str = "") -> Mechanism:
    """Return what every device with such a key can do: PKCS #1 v1.5 (or PSS) with SHA-256, or ECDSA.

    Without a `digest` ECDSA takes the curve's own.
    """
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return Mechanism(f"ecdsa-{digest or {384: 'sha384', 521: 'sha512'}.get(key.key_size, 'sha256')}")
    return Mechanism(f"{'pss' if pss else 'rsa'}-{digest or 'sha256'}")


def as_der(certificate: x509.Certificate, signature: bytes) -> bytes:
    """Return an ECDSA signature that came as r || s (PKCS #11, RFC 7518) in DER; any other as it is."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return signature
    size = (key.key_size + 7) // 8
    if len(signature) != 2 * size:
        return signature
    return encode_dss_signature(int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))


def verifies(certificate: x509.Certificate, mechanism: Mechanism, signature: bytes, data: bytes) -> bool:
    """Tell whether `signature` over `data` is the certificate's."""
    key, algorithm = certificate.public_key(), _HASHES[mechanism.digest]
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey):
            pss = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
            key.verify(signature, data, pss if mechanism.scheme == "pss" else padding.PKCS1v15(), algorithm)
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True
