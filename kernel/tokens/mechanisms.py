"""Which PKCS#11 mechanism makes the signature, and the bytes that go in and come out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import MGF
from pkcs11 import Mechanism as Ckm
from pkcs11.util.ec import encode_ecdsa_signature

from kernel.signing.certificates import describe
from kernel.signing.mechanism import Mechanism
from kernel.tokens.errors import MechanismMissing

if TYPE_CHECKING:
    from collections.abc import Collection

    from cryptography import x509

    from kernel.tokens.settings import Digest, SignerSettings

_DIGEST_INFO = MappingProxyType(
    {
        "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
        "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
        "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
    }
)
"""DigestInfo up to the digest (RFC 8017, 9.2 note 1)."""

_CURVE_DIGESTS = MappingProxyType({256: "sha256", 384: "sha384", 521: "sha512"})
"""The hash as strong as the curve, by its bits (FIPS 186-5, 6.1.1)."""


@dataclass(frozen=True, slots=True)
class TokenMechanism:
    """How this token signs: the scheme of the CMS, the CKM with its parameters, and who hashes."""

    scheme: Mechanism
    ckm: Ckm
    parameters: Any = None
    hashed_here: bool = False
    order_bytes: int | None = None
    """Size of an elliptic curve's order: of a longer digest the token gets the leftmost bytes (FIPS 186-5, 6.4.1)."""

    def input(self, data: bytes) -> bytes:
        """Return what C_Sign takes for `data`."""
        if not self.hashed_here:
            return data
        digest = hashlib.new(self.scheme.digest, data).digest()
        return _DIGEST_INFO[self.scheme.digest] + digest if self.ckm is Ckm.RSA_PKCS else digest[: self.order_bytes]

    def output(self, raw: bytes) -> bytes:
        """Return the signature as CMS wants it: ECDSA's r || s as DER (RFC 5753)."""
        return encode_ecdsa_signature(raw) if self.scheme.scheme == "ecdsa" else raw

    def sign(self, key: Any, data: bytes, pin: str | None) -> bytes:
        """Return a key's signature over `data`; `pin` is for a key that wants it each time. Raises python-pkcs11's."""
        return self.output(key.sign(self.input(data), mechanism=self.ckm, mechanism_param=self.parameters, pin=pin))


def candidates(
    certificate: x509.Certificate, offered: frozenset[object], settings: SignerSettings
) -> tuple[TokenMechanism, ...]:
    """Return the mechanisms the token offers for the certificate's key under the policy of `settings`, best first.

    Raises MechanismMissing where there is none.
    """
    return _candidates(
        certificate, offered, settings.digest, prefer_pss=settings.prefer_pss, require_pss=settings.require_pss
    )


@lru_cache(maxsize=16)
def _candidates(
    certificate: x509.Certificate, offered: frozenset[object], policy: Digest, *, prefer_pss: bool, require_pss: bool
) -> tuple[TokenMechanism, ...]:
    key = certificate.public_key()
    possible: tuple[TokenMechanism, ...]
    if isinstance(key, ec.EllipticCurvePublicKey):
        digest = policy if policy != "auto" else _CURVE_DIGESTS.get(key.key_size, "sha256")
        possible = _elliptic(digest, (key.key_size + 7) // 8)
        paddings = "ECDSA"
    elif isinstance(key, rsa.RSAPublicKey):
        digest = policy if policy != "auto" else "sha256"
        pss, v15 = _pss(digest), () if require_pss else _v15(digest)
        possible = pss + v15 if prefer_pss or require_pss else v15 + pss
        paddings = "RSASSA-PSS" if require_pss else "RSASSA-PSS, PKCS#1 v1.5"
    else:
        raise MechanismMissing(key=type(key).__name__)
    found = tuple(one for one in possible if one.ckm in offered and one.scheme.fits(certificate))
    if not found:
        name = describe(certificate.public_bytes(Encoding.DER)).key
        raise MechanismMissing(key=f"{name} ({paddings}, {digest.upper().replace('SHA', 'SHA-')})")
    return found


def all_possible(certificate: x509.Certificate, offered: Collection[object]) -> tuple[TokenMechanism, ...]:
    """Return every mechanism the token offers for the certificate's key, whatever the policy."""
    key, digests = certificate.public_key(), tuple(_DIGEST_INFO)
    possible: list[TokenMechanism] = []
    if isinstance(key, ec.EllipticCurvePublicKey):
        possible = [one for digest in digests for one in _elliptic(digest, (key.key_size + 7) // 8)]
    elif isinstance(key, rsa.RSAPublicKey):
        possible = [one for made in (_pss, _v15) for digest in digests for one in made(digest)]
    return tuple(one for one in possible if one.ckm in offered and one.scheme.fits(certificate))


def _elliptic(digest: str, order_bytes: int) -> tuple[TokenMechanism, ...]:
    scheme = Mechanism(f"ecdsa-{digest}")
    hashing = {"sha256": Ckm.ECDSA_SHA256, "sha384": Ckm.ECDSA_SHA384, "sha512": Ckm.ECDSA_SHA512}
    return (
        TokenMechanism(scheme, Ckm.ECDSA, hashed_here=True, order_bytes=order_bytes),
        TokenMechanism(scheme, hashing[digest]),
    )


def _pss(digest: str) -> tuple[TokenMechanism, ...]:
    """Return RSASSA-PSS as it stands in CMS: MGF1 of the same hash, salt as long as the hash (RFC 4056)."""
    scheme, salt = Mechanism(f"pss-{digest}"), hashlib.new(digest).digest_size
    name = digest.upper()
    parameters = (Ckm[name], MGF[name], salt)
    return (
        TokenMechanism(scheme, Ckm[f"{name}_RSA_PKCS_PSS"], parameters),
        TokenMechanism(scheme, Ckm.RSA_PKCS_PSS, parameters, hashed_here=True),
    )


def _v15(digest: str) -> tuple[TokenMechanism, ...]:
    scheme = Mechanism(f"rsa-{digest}")
    return (
        TokenMechanism(scheme, Ckm[f"{digest.upper()}_RSA_PKCS"]),
        TokenMechanism(scheme, Ckm.RSA_PKCS, hashed_here=True),
    )
