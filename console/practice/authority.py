"""The practice certification authority: a root and an issuing CA that certify keys made inside practice tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from console.practice.people import Subject
from kernel.signing.trust_blocks import write_block

ORGANISATION = "Quầy Điện thực hành"
VALID = timedelta(days=3 * 365)
CRL_VALID = timedelta(days=365)


def _distinguished_name(subject: Subject) -> x509.Name:
    parts = [
        (NameOID.USER_ID, subject.identity),
        (NameOID.COMMON_NAME, subject.name),
        (NameOID.TITLE, subject.title),
        (NameOID.ORGANIZATION_NAME, subject.organisation),
        (NameOID.COUNTRY_NAME, "VN"),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


@dataclass(frozen=True, slots=True)
class _Ca:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _ca(name: str, now: datetime, issuer: _Ca | None) -> _Ca:
    key = rsa.generate_private_key(65537, 3072)
    subject = _distinguished_name(Subject(name, "", ORGANISATION))
    parent = issuer.certificate.subject if issuer else subject
    signing_key = issuer.key if issuer else key
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(parent)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID * 5)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None if issuer is None else 0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
        .sign(signing_key, hashes.SHA256())
    )
    return _Ca(certificate, key)


def _crl(ca: _Ca, now: datetime) -> x509.CertificateRevocationList:
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.certificate.subject)
        .last_update(now - timedelta(hours=1))
        .next_update(now + CRL_VALID)
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False)
        .sign(ca.key, hashes.SHA256())
    )


class Authority:
    """A root and an issuing CA. Kept as PEM files in one folder."""

    def __init__(self, root: _Ca, issuing: _Ca) -> None:
        self._root = root
        self._issuing = issuing

    @classmethod
    def create(cls, folder: Path, now: datetime) -> Authority:
        """Make both CAs and keep them in `folder`."""
        root = _ca("Quầy Điện Thực Hành Root CA", now, None)
        authority = cls(root, _ca("Quầy Điện Thực Hành CA", now, root))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, ca in (("root", authority._root), ("issuing", authority._issuing)):
            key = ca.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            path = folder / f"{name}.pem"
            path.touch(mode=0o600)
            path.write_bytes(ca.certificate.public_bytes(Encoding.PEM) + key)
        return authority

    @classmethod
    def load(cls, folder: Path) -> Authority:
        """Read both CAs from `folder`."""

        def read(name: str) -> _Ca:
            pem = (folder / f"{name}.pem").read_bytes()
            key = load_pem_private_key(pem, None)
            if not isinstance(key, rsa.RSAPrivateKey):
                raise TypeError(name)
            return _Ca(x509.load_pem_x509_certificate(pem), key)

        return cls(read("root"), read("issuing"))

    @property
    def issuing_certificate(self) -> bytes:
        """DER of the issuing CA's certificate."""
        return self._issuing.certificate.public_bytes(Encoding.DER)

    def certify(self, public_key: bytes, subject: Subject, now: datetime) -> bytes:
        """Return the DER certificate for a public key (DER SubjectPublicKeyInfo) made in a token."""
        key = load_der_public_key(public_key)
        if not isinstance(key, rsa.RSAPublicKey):
            raise TypeError("practice tokens hold RSA keys")
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_distinguished_name(subject))
            .issuer_name(self._issuing.certificate.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + VALID)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._issuing.key.public_key()), critical=False
            )
            .sign(self._issuing.key, hashes.SHA256())
        )
        return certificate.public_bytes(Encoding.DER)

    def trust_bundle(self, now: datetime) -> bytes:
        """Return what a verifier needs, as PEM: the root and both revocation lists."""
        lists = [_crl(self._root, now), _crl(self._issuing, now)]
        root = self._root.certificate.public_bytes(Encoding.DER)
        pem = [write_block(root, ORGANISATION, {"Practice": "yes"}), *(one.public_bytes(Encoding.PEM) for one in lists)]
        return b"".join(pem)
