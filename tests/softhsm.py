"""SoftHSM tokens for tests: a home of their own, keys made inside, certificates of a small test CA."""

from __future__ import annotations

import atexit
import datetime
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kernel.tokens.administration import Administration, KeyKind
from kernel.tokens.settings import Digest, SignerSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.tokens.shapes import TokenInfo

MODULE = next(
    (
        path
        for path in (
            Path("/usr/lib/softhsm/libsofthsm2.so"),
            Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
            Path("/usr/lib64/pkcs11/libsofthsm2.so"),
        )
        if path.exists()
    ),
    Path("/usr/lib/softhsm/libsofthsm2.so"),
)
SO_PIN = "87654321"
PIN = "246810"
DAY = datetime.timedelta(days=1)
SIGNER_NAME = "Nguyễn Thị Lấp Lánh Ánh"


def name(common_name: str, uid: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if uid:
        parts.append(x509.NameAttribute(NameOID.USER_ID, uid))
    return x509.Name(parts)


class TestCa:
    """A CA that issues certificates for public keys made elsewhere: a root, or below `parent`."""

    __test__ = False

    def __init__(self, parent: TestCa | None = None) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        if parent is None:
            self.certificate = self.issue(self.key.public_key(), name("CA thử nghiệm Quầy Điện"), ca=True)
        else:
            self.certificate = parent.issue(self.key.public_key(), name("CA cấp dưới"), ca=True)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def issue(
        self,
        public: object,
        subject: x509.Name,
        *,
        ca: bool = False,
        begins: datetime.timedelta = -DAY,
        ends: datetime.timedelta = 365 * DAY,
        signing: bool = True,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        usage = x509.KeyUsage(
            digital_signature=signing and not ca, content_commitment=signing and not ca, key_encipherment=not signing,
            data_encipherment=False, key_agreement=False, key_cert_sign=ca, crl_sign=ca,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.certificate.subject if hasattr(self, "certificate") else subject)
            .public_key(public)  # type: ignore[arg-type]  # the loader's type is wider than what can be certified
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begins)
            .not_valid_after(now + ends)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(usage, critical=True)
        )
        return builder.sign(self.key, hashes.SHA256())


@dataclass(frozen=True)
class SoftHsm:
    """A folder with tokens. `module` and `env` may be those of a wrapper around SoftHSM."""

    home: Path
    module: Path = MODULE
    more_env: Mapping[str, str] | None = None

    @cached_property
    def env(self) -> dict[str, str]:
        store = self.home / "tokens"
        store.mkdir(parents=True, exist_ok=True)
        config = self.home / "softhsm2.conf"
        config.write_text(f"directories.tokendir = {store}\nobjectstore.backend = file\nlog.level = ERROR\n", "utf-8")
        return {"SOFTHSM2_CONF": str(config), **(self.more_env or {})}

    def copy(self, home: Path, *, shim: bool = False) -> SoftHsm:
        """Return a copy of the tokens in `home`; with `shim`, behind the module of `pkcs11_shim/shim.c`."""
        shutil.copytree(self.home / "tokens", home / "tokens")
        if not shim:
            return SoftHsm(home)
        faults = home / "faults"
        faults.mkdir()
        return SoftHsm(home, shim_module(), {"SHIM_MODULE": str(MODULE), "SHIM_FAULTS": str(faults)})

    def fault(self, name: str, text: str = "") -> None:
        """Switch a fault of the shim on."""
        (self.home / "faults" / name).write_text(text, "utf-8")

    def mend(self, name: str) -> None:
        """Switch a fault of the shim off."""
        (self.home / "faults" / name).unlink()

    def calls(self) -> list[str]:
        """Return the C_Login, C_SignInit and C_Sign the shim has seen, in order."""
        seen = self.home / "faults" / "calls"
        return seen.read_text("utf-8").splitlines() if seen.exists() else []

    @cached_property
    def administration(self) -> Administration:
        return Administration(MODULE, env=self.env, log=self.home / "administration.log")

    def add_token(self, label: str = "Ký số", pin: str = PIN) -> TokenInfo:
        return self.administration.init_token(label=label, so_pin=SO_PIN, pin=pin)

    def add_identity(
        self,
        ca: TestCa,
        serial: str,
        *,
        key_id: bytes = b"\x01",
        label: str = "Khóa ký",
        kind: KeyKind = "RSA-2048",
        subject: x509.Name | None = None,
        begins: datetime.timedelta = -DAY,
        ends: datetime.timedelta = 365 * DAY,
        signing: bool = True,
        pin: str = PIN,
    ) -> bytes:
        """Make a key in the token, certify it, put the certificate beside it, and return its DER."""
        administration = self.administration
        spki = administration.generate_key(serial=serial, pin=pin, label=label, key_id=key_id, kind=kind)
        certificate = ca.issue(
            serialization.load_der_public_key(spki),
            subject or name(SIGNER_NAME, "CCCD:001090000001"),
            begins=begins,
            ends=ends,
            signing=signing,
        )
        der = certificate.public_bytes(serialization.Encoding.DER)
        administration.import_certificate(serial=serial, pin=pin, label=label, key_id=key_id, der=der)
        return der

    def settings(
        self,
        state: Path,
        *,
        max_tries: int = 3,
        idle_seconds: int = 120,
        prefer_pss: bool = True,
        require_pss: bool = False,
        digest: Digest = "auto",
    ) -> SignerSettings:
        return SignerSettings(
            module=self.module,
            state_dir=state,
            max_tries=max_tries,
            idle_seconds=idle_seconds,
            prefer_pss=prefer_pss,
            require_pss=require_pss,
            digest=digest,
            env=self.env,
        )


@cache
def shim_module() -> Path:
    """Compile the shim once and return its path."""
    source = Path(__file__).parent / "pkcs11_shim" / "shim.c"
    built = scratch() / "shim.so"
    flags = subprocess.run(
        ["pkg-config", "--cflags", "p11-kit-1"], check=True, capture_output=True, text=True
    ).stdout.split()
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", *flags, "-o", built, source, "-ldl"], check=True
    )
    return built


@dataclass(frozen=True)
class Master:
    """A token made once and copied for every test: its CA, serial and certificates by name. `ca` is the root."""

    hsm: SoftHsm
    ca: TestCa
    serial: str
    ders: dict[str, bytes]


@cache
def master() -> Master:
    """Return the token that most tests copy: one RSA key of the signatory, and its issuer's certificate beside it."""
    hsm, ca = SoftHsm(scratch()), TestCa()
    issuer = TestCa(ca)
    with hsm.administration as administration:
        token = hsm.add_token("Ký số Điện lực")
        der = hsm.add_identity(issuer, token.serial)
        administration.import_certificate(serial=token.serial, pin=PIN, label="CA", key_id=b"\xca", der=issuer.der)
    return Master(hsm, ca, token.serial, {"rsa": der, "issuer": issuer.der})


@cache
def master_of_many() -> Master:
    """Return a token with keys of several kinds and certificates that must not sign."""
    hsm, ca = SoftHsm(scratch()), TestCa()
    with hsm.administration:
        token = hsm.add_token("Nhiều khóa")
        ders = {
            "rsa": hsm.add_identity(ca, token.serial, key_id=b"\x01"),
            "ec": hsm.add_identity(ca, token.serial, key_id=b"\x02", kind="P-256", subject=name("Trần Đức Ữ")),
            "expired": hsm.add_identity(
                ca, token.serial, key_id=b"\x03", kind="P-256", begins=-9 * DAY, ends=-DAY, subject=name("Hết hạn")
            ),
            "early": hsm.add_identity(
                ca, token.serial, key_id=b"\x04", kind="P-256", begins=DAY, ends=9 * DAY, subject=name("Chưa đến hạn")
            ),
            "usage": hsm.add_identity(
                ca, token.serial, key_id=b"\x05", kind="P-256", signing=False, subject=name("Chỉ mã hóa")
            ),
        }
    return Master(hsm, ca, token.serial, ders)


def scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="softhsm-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
