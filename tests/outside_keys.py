"""Keys outside the installation, certified by a practice branch's own authority."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from console.practice.authority import Authority
from console.practice.branch import practice_folder
from console.practice.people import Subject
from kernel import clock
from kernel.signing.mechanism import Mechanism
from tests.pki import HASHES, SoftwareSigner, library_signer, rsa_key

if TYPE_CHECKING:
    from pathlib import Path

    from tests.practice import Branch


def customer_key(branch: Branch, *, identity: str = "", name: str = "") -> SoftwareSigner:
    """Return the own key of the case's customer: RSA, PKCS #1 v1.5."""
    values = branch.dossier(branch.case_id).values
    person = Subject(name or str(values["ten_khach_hang"]), identity or f"CCCD:{values['so_giay_to']}", "", "")
    return certified(branch, person, rsa_key(f"khách hàng {name}"))


def certified(branch: Branch, person: Subject, key: rsa.RSAPrivateKey) -> SoftwareSigner:
    """Return a key with a certificate of the practice authority."""
    authority = Authority.load(practice_folder(branch.home) / "ca")
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    made = authority.certify(public, person, clock.now())
    return SoftwareSigner(made, (authority.issuing_certificate,), Mechanism.RSA_SHA256, key)


def signed_hash(signer: SoftwareSigner, digest: bytes) -> bytes:
    """Sign the way a remote service does: it gets the hash and never sees what was hashed."""
    algorithm = HASHES[signer.mechanism.digest]()
    hashed = utils.Prehashed(algorithm)
    if isinstance(signer.key, ec.EllipticCurvePrivateKey):
        return signer.key.sign(digest, ec.ECDSA(hashed))
    if signer.mechanism.scheme == "pss":
        return signer.key.sign(digest, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), hashed)
    return signer.key.sign(digest, padding.PKCS1v15(), hashed)


def pades_cms(signer: SoftwareSigner, content: bytes) -> bytes:
    """Let pyHanko make a detached PAdES CMS over `content`, as a customer's own program does."""
    digest = hashlib.sha256(content).digest()
    made: bytes = asyncio.run(library_signer(signer).async_sign(digest, "sha256", use_pades=True)).dump()
    return made


def openssl_cms(signer: SoftwareSigner, content: bytes, work: Path) -> bytes:
    """Let openssl make a detached CAdES signature over `content`: with the signing time that PAdES forbids."""
    from cryptography import x509

    (work / "content").write_bytes(content)
    key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    own = x509.load_der_x509_certificate(signer.certificate).public_bytes(Encoding.PEM)
    (work / "key.pem").write_bytes(key)
    (work / "own.pem").write_bytes(own)
    command = (
        "openssl cms -sign -binary -cades -md sha256 -in content -signer own.pem -inkey key.pem -outform DER -out made"
    )
    subprocess.run(command.split(), cwd=work, check=True, capture_output=True)
    return (work / "made").read_bytes()
