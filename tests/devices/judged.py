"""What every device is asked for: a signed contract that our verifier, and poppler, find good."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from kernel.signing.report import Verdict
from kernel.signing.trust import read_trust
from kernel.signing.verify import verify
from tests.pki import Pki, agreed, make_pki, subject
from tests.tokens_kit import request

if TYPE_CHECKING:
    from pathlib import Path

    from kernel.tokens.client import Signer
    from kernel.tokens.shapes import SignResult

NAME = "Nguyễn Thị Lấp Lánh Ánh"


@dataclass(frozen=True)
class Issuer:
    """The authority of these tests."""

    pki: Pki

    def certify(self, key: object, owner: str = NAME, uid: str = "CCCD:001090000001") -> bytes:
        """Return the certificate (DER) of a public key, given as such or as its DER."""
        public = load_der_public_key(key) if isinstance(key, bytes) else key
        assert isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
        return self.pki.issuing.issue(subject(owner, uid=uid), public).public_bytes(Encoding.DER)


@cache
def issuer() -> Issuer:
    return Issuer(make_pki())


def signed(signer: Signer, der: bytes, pin: str, request_id: str = "yc-1") -> SignResult:
    return signer.sign(request(der, request_id), agreed(), pin=pin)


def stands(done: SignResult, work: Path) -> bool:
    """Tell whether the document is HOP_LE and poppler finds its signature valid."""
    pki = issuer().pki
    report = verify(done.pdf, read_trust(pki.trust_pem() + pki.issuing.pem, "trust"))
    assert report.verdict is Verdict.VALID, report.reasons
    file = work / "signed.pdf"
    file.write_bytes(done.pdf)
    told = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=True).stdout
    assert told.count("Signature Validation:") == 1, told
    return "Signature is Valid." in told
