"""A practice CA for tests: root, issuing CA, people and an organisation, revocation lists, software keys."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst
from asn1crypto import cms
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from kernel.signing.boxes import SignatureBox
from kernel.signing.consent import attach_consent
from kernel.signing.evidence import Answer, ConsentedDocument, ConsentEvidence, Delivery, OneTimeCode, Place
from kernel.signing.fields import with_signature_fields
from kernel.signing.mechanism import Mechanism, RawSigner
from kernel.signing.sign import sign_field
from kernel.signing.trust import Trust, read_trust

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
    ocsp: str = ""
    """Where its certificates say that OCSP answers are given."""

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(
        self,
        name: x509.Name,
        key: PrivateKey | rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
        *,
        since: datetime = NOW - 30 * DAY,
        until: datetime = NOW + 365 * DAY,
        usage: x509.KeyUsage | None = None,
        ca: bool = False,
        extended: x509.ExtendedKeyUsage | None = None,
    ) -> x509.Certificate:
        public = key.public_key() if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) else key
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
        if self.ocsp:
            answers = x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(self.ocsp)
            )
            builder = builder.add_extension(x509.AuthorityInformationAccess([answers]), critical=False)
        if extended is not None:
            builder = builder.add_extension(extended, critical=True)
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


def make_pki(label: str = "thực hành", *, life: timedelta = 3000 * DAY, ocsp: str = "") -> Pki:
    """Return a fresh root and issuing CA, each valid `life` to both sides of today; keys are reused by label."""
    usage = key_usage(key_cert_sign=True, crl_sign=True)
    root_name, root_key = subject(f"CA gốc {label}"), rsa_key(f"root {label}")
    seed = Authority(root_name, root_key, None)  # type: ignore[arg-type]  # signs its own certificate next
    since, until = NOW - life, NOW + life
    made = seed.issue(root_name, root_key, since=since, until=until, usage=usage, ca=True)
    root = Authority(root_name, root_key, made, ocsp=ocsp)
    name, key = subject(f"CA cấp phát {label}"), rsa_key(f"issuing {label}")
    below = root.issue(name, key, since=since, until=until, usage=usage, ca=True)
    return Pki(root, Authority(name, key, below, above=(root.der,), ocsp=ocsp))


def draw(body: str = "", *, pages: int = 3, standard: str = "a-3b") -> bytes:
    """Return a contract as Typst writes it: PDF/A, Vietnamese text."""
    text = body or "Bên mua điện: Nguyễn Thị Lấp Lánh Ánh, Điện Biên. Ệ Ữ đ Đ"
    source = '#set document(title: "Hợp đồng mua bán điện", date: datetime(year: 2026, month: 11, day: 24))\n'
    source += '#set page("a4")\n#set text(lang: "vi")\n' + "#pagebreak()\n".join(
        f"= Điều {page + 1}\n#{json.dumps(text, ensure_ascii=False)}\n" for page in range(pages)
    )
    return compiled(source, standard)


def stamp(text: str = "Ký bởi: Trần Văn Ữ") -> bytes:
    """Return a one-page PDF to draw into a signature field."""
    source = f"#set page(width: 180pt, height: 80pt, margin: 4pt)\n#{json.dumps(text, ensure_ascii=False)}"
    return compiled(source, "1.7")


def compiled(source: str, standard: Any) -> bytes:
    made = typst.Compiler(input=source.encode()).compile(format="pdf", pdf_standards=[standard])
    assert isinstance(made, bytes)
    return made


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


BOXES = (
    SignatureBox("ben_mua", 3, 60, 500, 180, 80),
    SignatureBox("ben_ban", 3, 330, 500, 180, 80),
    SignatureBox("dong_dau", 3, 330, 600, 120, 120),
)


def evidence_for(pdf: bytes, **document: Any) -> ConsentEvidence:
    """Return the evidence of a customer who agreed to `pdf`."""
    named = {"sha256": hashlib.sha256(pdf).hexdigest(), "length": len(pdf), "pages": 3, "pages_viewed": 3, **document}
    return ConsentEvidence(
        document=ConsentedDocument(id="HD-0001", type="hop_dong_mua_ban_dien", version="1", **named),
        customer="Nguyễn Thị Lấp Lánh Ánh",
        delivery=Delivery(
            phone="0900000001",
            phone_verified_by="hop_dong",
            message_id="tin-1",
            gateway="kannel",
            brandname="EVN",
            sent_at="2026-11-24T02:00:00Z",
            delivered_at="2026-11-24T02:00:03Z",
        ),
        code=OneTimeCode(hash="ab" * 32, salt="cd" * 16, key_id="otp-1", algorithm="HMAC-SHA256", tries=1),
        answer=Answer(
            confirmed_at="2026-11-24T02:01:00Z", given_by="ban_phim_khach", sentence="Tôi đồng ý với hợp đồng này."
        ),
        place=Place(clerk="gdv01", workstation="QUAY-1", ip="192.0.2.1", channel="quay", identity_check="khop_cccd"),
    )


@cache
def prepared() -> bytes:
    """Return a contract with its three empty signature fields."""
    return with_signature_fields(draw(), BOXES)


@cache
def agreed() -> bytes:
    """Return the contract with the customer's consent."""
    return attach_consent(prepared(), dataclasses.asdict(evidence_for(prepared())))


def sign(pdf: bytes, field_name: str, signer: RawSigner, **changes: Any) -> bytes:
    """Return `pdf` signed in one field, with a visible stamp."""
    asked = {"at": NOW, "appearance": stamp(), "name": "Trần Văn Ữ", "reason": "Ký hợp đồng", "location": "Hà Nội"}
    return pdf + sign_field(pdf, field=field_name, signer=signer, **{**asked, **changes}).update


@dataclass(frozen=True)
class Contract:
    """A contract agreed to, signed and sealed, and everything needed to check it."""

    pdf: bytes
    pki: Pki
    signatory: SoftwareSigner
    seal: SoftwareSigner

    @property
    def trust(self) -> Trust:
        return read_trust(self.pki.trust_pem(), "trust")


@cache
def contract() -> Contract:
    """Return the finished contract: consent, then the signatory, then the seal."""
    pki = make_pki()
    signatory = pki.issuing.person("Trần Văn Ữ", uid="CCCD:001090000002", organisation="Điện lực", title="Giám đốc")
    seal = pki.issuing.person("Công ty Điện lực", uid="MST:0400000011")
    pdf = sign(sign(agreed(), "ben_ban", signatory), "dong_dau", seal)
    return Contract(pdf, pki, signatory, seal)


def with_catalog(pdf: bytes, *, xfa: bool = False) -> bytes:
    """Return `pdf` with its catalog written again by an update, its form made XFA if asked."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    if xfa:
        form = writer.root["/AcroForm"]
        form[generic.pdf_name("/XFA")] = generic.pdf_string("<xdp/>")
        writer.update_container(form)
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def private_key(signer: SoftwareSigner) -> asn1_keys.PrivateKeyInfo:
    plain = serialization.NoEncryption()
    der = signer.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain)
    return asn1_keys.PrivateKeyInfo.load(der)


def library_signer(signer: SoftwareSigner) -> SimpleSigner:
    """Return the same key and chain as pyHanko's own signer, for signatures this program does not make itself."""
    return SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(signer.certificate),
        signing_key=private_key(signer),
        cert_registry=SimpleCertificateStore.from_certs([asn1_x509.Certificate.load(der) for der in signer.chain]),
    )


def time_stamper(authority: Authority, at: datetime, **issue: Any) -> DummyTimeStamper:
    """Return a time-stamping authority below `authority` whose clock stands at `at`."""
    extended = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    own = authority.person("Dấu thời gian", uid="", extended=extended, **issue)
    return DummyTimeStamper(
        tsa_cert=asn1_x509.Certificate.load(own.certificate),
        tsa_key=private_key(own),
        certs_to_embed=SimpleCertificateStore.from_certs([asn1_x509.Certificate.load(der) for der in own.chain]),
        fixed_dt=at,
    )


def certified(pdf: bytes, signer: SoftwareSigner) -> bytes:
    """Return `pdf` with a certification signature that forbids every change."""
    inner = library_signer(signer)
    meta = PdfSignatureMetadata(field_name="ben_mua", certify=True, docmdp_permissions=MDPPerm.NO_CHANGES)
    made = PdfSigner(meta, inner).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)))
    assert isinstance(made, BytesIO)
    return made.getvalue()


def sha1_certificate() -> bytes:
    """Return a certificate signed with SHA-1, which `cryptography` no longer makes: openssl does."""
    with TemporaryDirectory() as work:
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha1", "-subj", "/CN=Cu", "-days", "9"]
        subprocess.run(
            [*made, "-keyout", "k", "-outform", "DER", "-out", "c"], cwd=work, capture_output=True, check=True
        )
        return Path(work, "c").read_bytes()
