"""How a raw signature is made, and the key that makes it (TT 15/2025/TT-BKHCN, Phụ lục I)."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Protocol

from asn1crypto import algos

__all__ = ["Mechanism", "RawSigner"]


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
