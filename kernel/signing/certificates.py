"""What a certificate says and whether it may sign: names, key, usage, time, and the party it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from kernel.clock import local
from kernel.signing.errors import (
    CertificateExpired,
    CertificateInvalid,
    CertificateKeyUsage,
    CertificateNotYetValid,
    CertificateWeak,
)
from kernel.signing.report import Reason, Revocation, Verdict, worst
from kernel.signing.trust import TrustPurpose

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from kernel.signing.trust import Trust

__all__ = [
    "CertificateInfo",
    "CertificateStatus",
    "belongs_to",
    "check_certificate",
    "describe",
    "load_certificate",
    "refuse_unfit",
]

_WEAK_HASHES = frozenset({"md5", "sha1"})
_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class CertificateInfo:
    """A certificate as a person reads it (TT 15/2025/TT-BKHCN, Điều 5)."""

    name: str
    """CN, the whole subject where there is none."""
    uid: str
    """UID as written, e.g. `CCCD:001090000001` or `MST:0301234562`; empty without one."""
    organisation: str
    title: str
    issuer: str
    serial: str
    """Hex, upper case."""
    since: datetime
    until: datetime
    key: str
    """`RSA-2048`, `secp256r1`…"""

    @property
    def uid_kind(self) -> str:
        """`CCCD`, `CMND`, `MST`, … or empty."""
        return self.uid.partition(":")[0].strip().upper() if ":" in self.uid else ""

    @property
    def uid_value(self) -> str:
        """The identity number of the UID."""
        return self.uid.partition(":")[2].strip() if ":" in self.uid else self.uid.strip()


@lru_cache(maxsize=64)
def load_certificate(der: bytes) -> x509.Certificate:
    """Return the certificate of DER bytes. Raises CertificateInvalid."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.public_key()
        _ = certificate.subject, certificate.issuer, certificate.extensions
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion) as problem:
        raise CertificateInvalid(detail=str(problem)) from problem
    return certificate


def describe(der: bytes) -> CertificateInfo:
    """Return what the certificate says of its owner. Raises CertificateInvalid."""
    certificate = load_certificate(der)
    return CertificateInfo(
        name=_text(certificate.subject, NameOID.COMMON_NAME) or certificate.subject.rfc4514_string(),
        uid=_text(certificate.subject, NameOID.USER_ID),
        organisation=_text(certificate.subject, NameOID.ORGANIZATION_NAME),
        title=_text(certificate.subject, NameOID.TITLE),
        issuer=_text(certificate.issuer, NameOID.COMMON_NAME) or certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:X}",
        since=certificate.not_valid_before_utc,
        until=certificate.not_valid_after_utc,
        key=_key(certificate),
    )


def belongs_to(info: CertificateInfo, identity: str) -> bool:
    """Tell whether the certificate's UID is the party's CCCD or MST: the most valuable check at the counter.

    A branch's MST `0400000011-001` (or written without the hyphen) is another party than `0400000011`.
    """
    own, wanted = (_digits(value) for value in (info.uid_value, identity))
    return bool(own) and own == wanted


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """What is known of a certificate before signing (TT 15/2025/TT-BKHCN, Điều 5, Phụ lục II).

    `verdict` is VALID, INVALID or UNKNOWN; `reasons` are empty for VALID.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    info: CertificateInfo
    revocation: Revocation


def check_certificate(
    der: bytes, chain: Iterable[bytes], trust: Trust, *, at: datetime | None = None
) -> CertificateStatus:
    """Check path, time, usage and revocation of a certificate at `at` (None: now). Raises CertificateInvalid.

    `chain` are further certificates that came with it, as DER.
    """
    from kernel.signing.chain import Material, check_chain  # a second of pyHanko, which nothing else here needs

    info = describe(der)
    material = Material(tuple(asn1_x509.Certificate.load(one) for one in chain))
    found = check_chain(asn1_x509.Certificate.load(der), trust.serving(TrustPurpose.SIGNING), material, at=at)
    reasons = tuple(
        # before anything is signed no time stamp can save an expired certificate
        Reason(
            reason.code,
            Verdict.INVALID if reason.code == "expired" else reason.weight,
            {**reason.facts, "signer": info.name},
        )
        for reason in found.reasons
    )
    return CertificateStatus(worst([reason.weight for reason in reasons]), reasons, info, found.revocation)


def refuse_unfit(der: bytes, at: datetime) -> x509.Certificate:
    """Return the certificate if it may make a document signature `at` that moment.

    Raises CertificateInvalid, CertificateNotYetValid, CertificateExpired, CertificateKeyUsage, CertificateWeak.
    """
    certificate = load_certificate(der)
    if at < certificate.not_valid_before_utc:
        raise CertificateNotYetValid(name=_name(certificate), since=_shown(certificate.not_valid_before_utc))
    if at > certificate.not_valid_after_utc:
        raise CertificateExpired(name=_name(certificate), until=_shown(certificate.not_valid_after_utc))
    _refuse_unable(der)
    return certificate


@lru_cache(maxsize=64)
def _refuse_unable(der: bytes) -> None:
    """Refuse a certificate whose key or usage is not that of document signatures, at whatever time."""
    certificate = load_certificate(der)
    _refuse_weak(certificate, _name(certificate))
    _refuse_usage(certificate, _name(certificate))


def _refuse_weak(certificate: x509.Certificate, name: str) -> None:
    key = certificate.public_key()
    strong = (isinstance(key, rsa.RSAPublicKey) and key.key_size >= _RSA_BITS) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES
    )
    if not strong:
        raise CertificateWeak(name=name, algorithm=_key(certificate))
    try:
        digest = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm as problem:
        raise CertificateWeak(name=name, algorithm=certificate.signature_algorithm_oid.dotted_string) from problem
    if digest is not None and digest.name in _WEAK_HASHES:
        raise CertificateWeak(name=name, algorithm=digest.name.upper())


def _refuse_usage(certificate: x509.Certificate, name: str) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    # ETSI EN 319 412-2, 4.3.2: document signing is digitalSignature, nonRepudiation or both
    if not (usage.digital_signature or usage.content_commitment):
        raise CertificateKeyUsage(name=name, usage="keyUsage")
    if usage.key_cert_sign:
        raise CertificateKeyUsage(name=name, usage="keyCertSign")


def _shown(moment: datetime) -> str:
    return f"{local(moment):%H:%M %d/%m/%Y}"


def _key(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA-{key.key_size}"
    return key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__


def _name(certificate: x509.Certificate) -> str:
    return _text(certificate.subject, NameOID.COMMON_NAME)


def _text(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    if not found:
        return ""
    value = found[0].value
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def _digits(value: str) -> str:
    return "".join(sign for sign in value if sign.isalnum()).upper()
