"""Every algorithm TT 15/2025 allows, on a token: signed, judged by our verifier, and by OpenSSL."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from kernel.signing.errors import CertificateWeak
from kernel.signing.report import Verdict
from kernel.signing.trust import read_trust
from kernel.signing.verify import verify
from kernel.tokens.administration import KeyKind
from kernel.tokens.client import Signer
from kernel.tokens.errors import MechanismMissing
from tests.pki import Pki, agreed, make_pki, openssl_verifies, subject
from tests.softhsm import MODULE, PIN, SoftHsm, scratch
from tests.tokens_kit import request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel.tokens.settings import Digest, SignerSettings

    Start = Callable[[SignerSettings], Signer]

RSA_KINDS: tuple[KeyKind, ...] = ("RSA-2048", "RSA-3072", "RSA-4096")
EC_KINDS: tuple[KeyKind, ...] = ("P-256", "P-384")
DIGESTS: tuple[Digest, ...] = ("sha256", "sha384", "sha512")
SHORT = "RSA-1024"

RSA_PKCS, RSA_PKCS_PSS, SHA1_RSA_PKCS, SHA256_RSA_PKCS, SHA256_RSA_PKCS_PSS = "1", "d", "6", "40", "43"
ECDSA, ECDSA_SHA1, ECDSA_SHA256 = "1041", "1042", "1044"


@dataclass(frozen=True)
class Keys:
    """A token with a key of every kind, certified by a CA that publishes revocation lists."""

    hsm: SoftHsm
    pki: Pki
    ders: dict[str, bytes]


@cache
def keys() -> Keys:
    hsm, pki = SoftHsm(scratch()), make_pki()
    ders = {}
    with hsm.administration as administration:
        serial = hsm.add_token("Đủ loại khóa Ữ").serial

        def certify(kind: str, public: bytes, key_id: bytes) -> None:
            key = load_der_public_key(public)
            assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
            made = pki.issuing.issue(subject(f"Trần Văn Ữ {kind}", uid="CCCD:001090000002"), key)
            ders[kind] = made.public_bytes(Encoding.DER)
            administration.import_certificate(serial=serial, pin=PIN, label=kind, key_id=key_id, der=ders[kind])

        administration.import_certificate(serial=serial, pin=PIN, label="CA", key_id=b"\xca", der=pki.issuing.der)
        for number, kind in enumerate(get_args(KeyKind), 1):
            key_id = bytes([number])
            certify(
                kind,
                administration.generate_key(serial=serial, pin=PIN, label=kind, key_id=key_id, kind=kind),
                key_id,
            )
        certify(SHORT, _short_key(hsm), b"\x63")
    return Keys(hsm, pki, ders)


def _short_key(hsm: SoftHsm) -> bytes:
    """Make a key that our administration would not make; return its SubjectPublicKeyInfo."""
    tool = ["pkcs11-tool", "--module", str(MODULE), "--login", "--pin", PIN]
    for words in (
        ["--keypairgen", "--key-type", "rsa:1024", "--id", "63", "--label", SHORT],
        ["--read-object", "--type", "pubkey", "--id", "63", "--output-file", str(hsm.home / "short.der")],
    ):
        subprocess.run([*tool, *words], env=hsm.env, check=True, capture_output=True)
    return (hsm.home / "short.der").read_bytes()


@pytest.fixture(params=product((True, False), DIGESTS), ids=lambda found: f"{'pss' if found[0] else 'v15'}-{found[1]}")
def policy(request: pytest.FixtureRequest) -> tuple[bool, Digest]:
    found: tuple[bool, Digest] = request.param
    return found


@pytest.fixture
def shimmed(tmp_path: Path) -> SoftHsm:
    return keys().hsm.copy(tmp_path / "hsm", shim=True)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(closing(Signer(settings)))


def stands(signed: bytes, work: Path) -> bool:
    """Tell whether our verifier and OpenSSL both find the signature good."""
    pki = keys().pki
    report = verify(signed, read_trust(pki.trust_pem(), "trust"))
    assert report.verdict is Verdict.VALID, report.reasons
    return openssl_verifies(signed, "ben_ban", pki.root.pem, work)


def test_every_key_digest_and_padding(policy: tuple[bool, Digest], state: Path, tmp_path: Path, start: Start) -> None:
    prefer_pss, digest = policy
    hsm = keys().hsm.copy(tmp_path / "hsm")
    signer = start(hsm.settings(state, prefer_pss=prefer_pss, digest=digest))
    padding, ckm = ("pss", "_RSA_PKCS_PSS") if prefer_pss else ("rsa", "_RSA_PKCS")
    wanted = {kind: f"{padding}-{digest} {digest.upper()}{ckm}" for kind in RSA_KINDS}
    wanted |= dict.fromkeys(EC_KINDS, f"ecdsa-{digest} ECDSA")
    made = {}
    for kind in wanted:
        done = signer.sign(request(keys().ders[kind], kind), agreed(), pin=PIN)
        assert stands(done.pdf, tmp_path)
        made[kind] = done.mechanism
    assert made == wanted


@pytest.mark.parametrize(
    ("digest", "cases"),
    [
        ("sha256", [("RSA-2048", [SHA1_RSA_PKCS, RSA_PKCS], "rsa-sha256 RSA_PKCS")]),
        (
            "sha384",
            [
                ("RSA-3072", [RSA_PKCS], "rsa-sha384 RSA_PKCS"),
                ("RSA-2048", [RSA_PKCS, RSA_PKCS_PSS], "pss-sha384 RSA_PKCS_PSS"),
            ],
        ),
        (
            "sha512",
            [
                ("RSA-4096", [RSA_PKCS], "rsa-sha512 RSA_PKCS"),
                ("RSA-2048", [RSA_PKCS, RSA_PKCS_PSS], "pss-sha512 RSA_PKCS_PSS"),
                ("P-256", [ECDSA], "ecdsa-sha512 ECDSA"),
            ],
        ),
        (
            "auto",
            [
                ("RSA-2048", [RSA_PKCS, SHA256_RSA_PKCS], "rsa-sha256 SHA256_RSA_PKCS"),
                ("P-256", [ECDSA], "ecdsa-sha256 ECDSA"),
                ("P-384", [ECDSA_SHA1, ECDSA], "ecdsa-sha384 ECDSA"),
            ],
        ),
    ],
)
def test_tokens_with_few_mechanisms(
    shimmed: SoftHsm,
    state: Path,
    tmp_path: Path,
    start: Start,
    digest: Digest,
    cases: list[tuple[str, list[str], str]],
) -> None:
    signer = start(shimmed.settings(state, digest=digest))
    for kind, offered, used in cases:
        shimmed.fault("mechanisms", " ".join(offered))
        done = signer.sign(request(keys().ders[kind], kind), agreed(), pin=PIN)
        assert done.mechanism == used
        assert stands(done.pdf, tmp_path)


def test_a_mechanism_that_is_only_listed_gives_way_to_the_next(
    shimmed: SoftHsm, state: Path, tmp_path: Path, start: Start
) -> None:
    shimmed.fault("refused", f"{SHA256_RSA_PKCS_PSS} {RSA_PKCS_PSS} {SHA256_RSA_PKCS}")
    signer = start(shimmed.settings(state))
    asked = request(keys().ders["RSA-2048"])
    done = signer.sign(asked, agreed(), pin=PIN)
    assert done.mechanism == "rsa-sha256 RSA_PKCS"
    assert stands(done.pdf, tmp_path)
    assert shimmed.calls() == ["C_Login", *["C_SignInit"] * 4, "C_Sign"]
    signer.sign(replace(asked, request_id="yc-2"), agreed(), pin=PIN)
    assert shimmed.calls()[6:] == ["C_Login", "C_SignInit", "C_Sign"]


def test_a_token_that_can_only_sign_badly_does_not_sign(shimmed: SoftHsm, state: Path, start: Start) -> None:
    signer = start(shimmed.settings(state))
    for kind, offered in (
        ("RSA-2048", SHA1_RSA_PKCS),
        ("P-256", ECDSA_SHA1),
        ("P-384", ECDSA_SHA256),
        ("RSA-2048", ECDSA),
        ("P-256", RSA_PKCS),
    ):
        shimmed.fault("mechanisms", offered)
        with pytest.raises(MechanismMissing) as caught:
            signer.sign(request(keys().ders[kind], f"{kind} {offered}"), agreed(), pin=PIN)
        assert "SHA-" in str(caught.value.facts["key"])
    assert shimmed.calls() == []  # no PIN was spent


def test_a_branch_may_insist_on_pss(shimmed: SoftHsm, state: Path, start: Start) -> None:
    shimmed.fault("mechanisms", f"{RSA_PKCS} {SHA256_RSA_PKCS} {ECDSA}")
    signer = start(shimmed.settings(state, require_pss=True))
    with pytest.raises(MechanismMissing) as caught:
        signer.sign(request(keys().ders["RSA-2048"]), agreed(), pin=PIN)
    assert caught.value.facts["key"] == "RSA-2048 (RSASSA-PSS, SHA-256)"
    assert signer.sign(request(keys().ders["P-256"]), agreed(), pin=PIN).mechanism == "ecdsa-sha256 ECDSA"


def test_a_short_key_is_refused_before_the_pin(shimmed: SoftHsm, state: Path, start: Start) -> None:
    with pytest.raises(CertificateWeak) as caught:
        start(shimmed.settings(state)).sign(request(keys().ders[SHORT]), agreed(), pin=PIN)
    assert caught.value.facts["algorithm"] == "RSA-1024"
    assert shimmed.calls() == []
