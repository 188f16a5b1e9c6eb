"""A practice CA for tests: root, issuing CA, people and an organisation, revocation lists, software keys."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import typst
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.signing.sign import Mechanism

if TYPE_CHECKING:
    pass

if TYPE_CHECKING:
    from pathlib import Path

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@cache
def rsa_key(label: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the same RSA key for the same label all through a test run."""
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(label: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def subject(name: str, *, uid: str = "", organisation: str = "", title: str = "") -> x509.Name:
    parts = [
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.TITLE, title),
        (NameOID.COMMON_NAME, name),
        (NameOID.USER_ID, uid),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


def key_usage(**on: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: on.get(name, False) for name in names})


@dataclass(frozen=True)
class SoftwareSigner:
    """A RawSigner whose key lies in memory."""

    certificate: bytes
    chain: tuple[bytes, ...]
    mechanism: Mechanism
    key: PrivateKey

    def sign(self, data: bytes) -> bytes:
        algorithm = HASHES[self.mechanism.digest]()
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(algorithm))
        if self.mechanism.scheme == "pss":
            return self.key.sign(data, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), algorithm)
        return self.key.sign(data, padding.PKCS1v15(), algorithm)


@dataclass
class Authority:
    """A certification authority with its revocation list."""

    name: x509.Name
    key: PrivateKey
    certificate: x509.Certificate
    above: tuple[bytes, ...] = ()
    revoked: list[tuple[int, datetime]] = field(default_factory=list)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(
        self,
        name: x509.Name,
        key: PrivateKey,
        *,
        since: datetime = NOW - 30 * DAY,
        until: datetime = NOW + 365 * DAY,
        usage: x509.KeyUsage | None = None,
        ca: bool = False,
    ) -> x509.Certificate:
        public = key.public_key()
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(own, critical=False)
            .add_extension(usage or key_usage(digital_signature=True, content_commitment=True), critical=True)
        )
        return builder.sign(self.key, hashes.SHA256())

    def person(
        self,
        name: str = "Nguyễn Thị Lấp Lánh Ánh",
        *,
        uid: str = "CCCD:001090000001",
        organisation: str = "",
        title: str = "",
        mechanism: Mechanism = Mechanism.RSA_SHA256,
        key: PrivateKey | None = None,
        **issue: Any,
    ) -> SoftwareSigner:
        key = key or (ec_key(name) if mechanism.scheme == "ecdsa" else rsa_key(name))
        made = self.issue(subject(name, uid=uid, organisation=organisation, title=title), key, **issue)
        chain = (self.der, *self.above)
        return SoftwareSigner(made.public_bytes(serialization.Encoding.DER), chain, mechanism, key)

    def revoke(self, signer: SoftwareSigner, at: datetime) -> None:
        self.revoked.append((x509.load_der_x509_certificate(signer.certificate).serial_number, at))

    def crl(self, *, made: datetime = NOW - DAY, until: datetime = NOW + 7 * DAY) -> bytes:
        """Return the revocation list as PEM."""
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.name)
            .last_update(made)
            .next_update(until)
            .add_extension(own, critical=False)
            .add_extension(x509.CRLNumber(1), critical=False)
        )
        for serial, at in self.revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@dataclass
class Pki:
    """Root and issuing CA."""

    root: Authority
    issuing: Authority

    def trust_pem(self, *, crls: bool = True) -> bytes:
        """Return what a `--trust` file holds: the root, and the revocation lists."""
        lists = self.root.crl() + self.issuing.crl() if crls else b""
        return self.root.pem + lists


def make_pki(label: str = "thực hành") -> Pki:
    """Return a fresh root and issuing CA; keys are reused by label."""
    usage = key_usage(key_cert_sign=True, crl_sign=True)
    root_name, root_key = subject(f"CA gốc {label}"), rsa_key(f"root {label}")
    seed = Authority(root_name, root_key, None)  # type: ignore[arg-type]  # signs its own certificate next
    since, until = NOW - 3000 * DAY, NOW + 3000 * DAY
    made = seed.issue(root_name, root_key, since=since, until=until, usage=usage, ca=True)
    root = Authority(root_name, root_key, made)
    name, key = subject(f"CA cấp phát {label}"), rsa_key(f"issuing {label}")
    below = root.issue(name, key, since=since, until=until, usage=usage, ca=True)
    return Pki(root, Authority(name, key, below, above=(root.der,)))


def draw(body: str = "", *, pages: int = 3, standard: str = "a-3b") -> bytes:
    """Return a contract as Typst writes it: PDF/A, Vietnamese text."""
    text = body or "Bên mua điện: Nguyễn Thị Lấp Lánh Ánh, Điện Biên. Ệ Ữ đ Đ"
    source = '#set document(title: "Hợp đồng mua bán điện", date: datetime(year: 2026, month: 11, day: 24))\n'
    source += '#set page("a4")\n#set text(lang: "vi")\n' + "#pagebreak()\n".join(
        f"= Điều {page + 1}\n#{json.dumps(text, ensure_ascii=False)}\n" for page in range(pages)
    )
    return bytes(typst.Compiler(input=source.encode()).compile(format="pdf", pdf_standards=[standard]))


def stamp(text: str = "Ký bởi: Trần Văn Ữ") -> bytes:
    """Return a one-page PDF to draw into a signature field."""
    source = f"#set page(width: 180pt, height: 80pt, margin: 4pt)\n#{json.dumps(text, ensure_ascii=False)}"
    return bytes(typst.Compiler(input=source.encode()).compile(format="pdf"))


def openssl_verifies(pdf: bytes, field_name: str, root: bytes, work: Path) -> bool:
    """Let `openssl cms -verify` check the signature of one field against a root (PEM), with files in `work`."""
    reader = PdfFileReader(BytesIO(pdf))
    [found] = [one for one in reader.embedded_signatures if one.fq_name == field_name]
    _, first, start, second = (int(number) for number in found.byte_range)
    (work / "content").write_bytes(pdf[:first] + pdf[start : start + second])
    (work / "cms").write_bytes(cms.ContentInfo.load(found.pkcs7_content).dump())
    (work / "root.pem").write_bytes(root)
    command = "openssl cms -verify -binary -purpose any -inform DER -in cms -content content -CAfile root.pem -out out"
    return subprocess.run(command.split(), cwd=work, capture_output=True, check=False).returncode == 0
