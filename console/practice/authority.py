"""The practice certification authority: a root and an issuing CA that certify keys made inside practice tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from console.practice.people import Subject
from kernel.signing.trust_blocks import write_block

ORGANISATION = "Quầy Điện thực hành"
VALID = timedelta(days=3 * 365)
CRL_VALID = timedelta(days=365)
"""Of the lists in the trust folder; the ones that are published stand for a day."""
ADDRESS = "http://ca.thuc-hanh.test"
"""Where the practice certificates say their lists and their OCSP responder are (a name of RFC 6761).

The branch's own stand-in answers for it as an HTTP proxy, so the certificates stay right when its port changes.
"""
ROOT, ISSUING = "goc", "cap-phat"
Extensions = Sequence[tuple[x509.ExtensionType, bool]]
"""Extensions and whether each is critical."""


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
    )
    if issuer:
        certificate = certificate.add_extension(_list_of(ROOT), critical=False)
    return _Ca(certificate.sign(signing_key, hashes.SHA256()), key)


def _list_of(ca: str) -> x509.CRLDistributionPoints:
    place = x509.UniformResourceIdentifier(f"{ADDRESS}/{ca}.crl")
    return x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)])


def _access() -> x509.AuthorityInformationAccess:
    places = (
        (AuthorityInformationAccessOID.OCSP, f"{ADDRESS}/ocsp"),
        (AuthorityInformationAccessOID.CA_ISSUERS, f"{ADDRESS}/{ISSUING}.cer"),
    )
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(method, x509.UniformResourceIdentifier(place)) for method, place in places]
    )


def _crl(ca: _Ca, made: datetime, until: datetime, revoked: Mapping[int, datetime]) -> x509.CertificateRevocationList:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.certificate.subject)
        .last_update(made)
        .next_update(until)
        .add_extension(x509.CRLNumber(int(made.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False)
    )
    for serial, at in revoked.items():
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        )
    return builder.sign(ca.key, hashes.SHA256())


class Authority:
    """A root and an issuing CA. Kept as PEM files in one folder, with what was issued and what was revoked."""

    def __init__(self, folder: Path, root: _Ca, issuing: _Ca) -> None:
        self._folder = folder
        self._root = root
        self._issuing = issuing

    @classmethod
    def create(cls, folder: Path, now: datetime) -> Authority:
        """Make both CAs and keep them in `folder`."""
        root = _ca("Quầy Điện Thực Hành Root CA", now, None)
        authority = cls(folder, root, _ca("Quầy Điện Thực Hành CA", now, root))
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

        return cls(folder, read("root"), read("issuing"))

    @property
    def issuing_certificate(self) -> bytes:
        """DER of the issuing CA's certificate."""
        return self._issuing.certificate.public_bytes(Encoding.DER)

    def certify(self, public_key: bytes, subject: Subject, now: datetime) -> bytes:
        """Return the DER certificate for a public key (DER SubjectPublicKeyInfo) made in a token."""
        key = load_der_public_key(public_key)
        if not isinstance(key, rsa.RSAPublicKey):
            raise TypeError("practice tokens hold RSA keys")
        more = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        return self.issue(key, subject, now, [(_key_usage(signs_certificates=False), True), more, (_access(), False)])

    def issue(self, key: rsa.RSAPublicKey, subject: Subject, now: datetime, extensions: Extensions) -> bytes:
        """Return the DER certificate of the issuing CA with further extensions, and note its serial number."""
        serial = x509.random_serial_number()
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._issuing.key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(_distinguished_name(subject))
            .issuer_name(self._issuing.certificate.subject)
            .public_key(key)
            .serial_number(serial)
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + VALID)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(own, critical=False)
            .add_extension(_list_of(ISSUING), critical=False)
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        self._note("issued.txt", f"{serial:x}")
        return builder.sign(self._issuing.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def revoke(self, certificate: bytes, at: datetime) -> None:
        """Note that a certificate (DER) is revoked: lists and OCSP answers made from now on say so."""
        self._note("revoked.txt", f"{x509.load_der_x509_certificate(certificate).serial_number:x} {at.isoformat()}")

    @property
    def issued(self) -> frozenset[int]:
        """Serial numbers of the certificates made since they are noted."""
        return frozenset(int(line, 16) for line in self._noted("issued.txt"))

    @property
    def revoked(self) -> dict[int, datetime]:
        """Serial numbers of revoked certificates, and since when."""
        found = (line.split() for line in self._noted("revoked.txt"))
        return {int(serial, 16): datetime.fromisoformat(at) for serial, at in found}

    def crl(self, ca: str, now: datetime) -> bytes:
        """Return the revocation list of `ROOT` or `ISSUING` as DER: what is published."""
        made = _crl(self._issuing, now, now + timedelta(days=1), self.revoked)
        if ca == ROOT:
            made = _crl(self._root, now, now + timedelta(days=1), {})
        return made.public_bytes(Encoding.DER)

    def _note(self, name: str, line: str) -> None:
        with (self._folder / name).open("a", encoding="ascii") as notes:
            notes.write(f"{line}\n")

    def _noted(self, name: str) -> list[str]:
        path = self._folder / name
        return path.read_text("ascii").splitlines() if path.is_file() else []

    def trust_bundle(self, now: datetime) -> bytes:
        """Return what a verifier needs, as PEM: the root and both revocation lists."""
        since, until = now - timedelta(hours=1), now + CRL_VALID
        lists = [_crl(self._root, since, until, {}), _crl(self._issuing, since, until, self.revoked)]
        root = self._root.certificate.public_bytes(Encoding.DER)
        pem = [write_block(root, ORGANISATION, {"Practice": "yes"}), *(one.public_bytes(Encoding.PEM) for one in lists)]
        return b"".join(pem)
