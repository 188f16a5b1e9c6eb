"""Signatures made elsewhere: what is handed out, what may come back, and what a row must keep meanwhile."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from kernel.signing.check import second_opinion
from kernel.signing.deferred import finish, prepare_signature
from kernel.signing.errors import (
    DocumentNotTheOne,
    MechanismMismatch,
    SignatureOfAnother,
    SignatureTooLarge,
)
from kernel.signing.mechanism import Mechanism
from kernel.signing.prepared import Appearing, Prepared
from kernel.signing.report import Verdict
from kernel.signing.trust import read_trust
from kernel.signing.verify import verify
from tests.pki import HASHES, NOW, SoftwareSigner, agreed, make_pki, prepared, stamp

if TYPE_CHECKING:
    from kernel.signing.deferred import Pending

SHOWN = Appearing(NOW, "Nguyễn Thị Lấp Lánh Ánh", "Đồng ý", "Điện Biên", stamp())


def person(mechanism: Mechanism = Mechanism.RSA_SHA256) -> SoftwareSigner:
    return make_pki().issuing.person(f"Đỗ Thị Ữ {mechanism.scheme}", mechanism=mechanism)


def waiting(signer: SoftwareSigner, pdf: bytes = b"") -> Pending:
    return prepare_signature(
        pdf or prepared(),
        field="ben_mua",
        certificate=signer.certificate,
        chain=signer.chain,
        mechanism=signer.mechanism,
        appearing=SHOWN,
    )


def signed_as_a_hash(signer: SoftwareSigner, digest: bytes) -> bytes:
    """Sign the way a remote service does: it gets the hash and never sees what was hashed."""
    algorithm = HASHES[signer.mechanism.digest]()
    hashed = utils.Prehashed(algorithm)
    if isinstance(signer.key, ec.EllipticCurvePrivateKey):
        return signer.key.sign(digest, ec.ECDSA(hashed))
    assert isinstance(signer.key, rsa.RSAPrivateKey)
    if signer.mechanism.scheme == "pss":
        return signer.key.sign(digest, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), hashed)
    return signer.key.sign(digest, padding.PKCS1v15(), hashed)


@pytest.mark.parametrize("mechanism", [Mechanism.RSA_SHA256, Mechanism.PSS_SHA384, Mechanism.ECDSA_SHA256])
def test_a_hash_signed_elsewhere_makes_the_signature(mechanism: Mechanism) -> None:
    signer = person(mechanism)
    pending = waiting(signer)
    made = finish(prepared(), pending, signed_as_a_hash(signer, pending.hash))
    whole = prepared() + made.update
    second_opinion(whole, "ben_mua", signer.certificate)
    assert verify(whole, read_trust(make_pki().trust_pem(), "trust")).verdict is Verdict.VALID
    assert made.sha256_after == hashlib.sha256(whole).hexdigest()


def test_what_waits_can_be_kept_and_taken_up_again() -> None:
    signer = person()
    pending = waiting(signer)
    kept = dataclasses.asdict(pending)
    again = dataclasses.replace(pending, prepared=Prepared(**kept["prepared"]), chain=tuple(kept["chain"]))
    assert again == pending
    assert finish(prepared(), again, signer.sign(again.to_be_signed)).sha256_before == pending.sha256_before


def test_a_signature_over_another_hash_is_refused() -> None:
    signer = person()
    pending = waiting(signer)
    other = hashlib.sha256("hợp đồng khác".encode()).digest()
    with pytest.raises(SignatureOfAnother) as caught:
        finish(prepared(), pending, signed_as_a_hash(signer, other))
    assert "Đỗ Thị Ữ" in caught.value.diagnosis("vi").cause


def test_a_signature_by_another_certificate_is_refused() -> None:
    pending = waiting(person())
    stranger = make_pki().issuing.person("Người khác")
    with pytest.raises(SignatureOfAnother):
        finish(prepared(), pending, stranger.sign(pending.to_be_signed))


@pytest.mark.parametrize("answer", [b"", b"\0" * 256, b"khong phai chu ky", b"\xff" * 10_000])
def test_rubbish_is_refused(answer: bytes) -> None:
    with pytest.raises(SignatureOfAnother):
        finish(prepared(), waiting(person()), answer)


def test_a_document_that_changed_meanwhile_is_refused() -> None:
    signer = person()
    pending = waiting(signer)
    with pytest.raises(DocumentNotTheOne):
        finish(agreed(), pending, signer.sign(pending.to_be_signed))


def test_a_mechanism_that_does_not_fit_the_key_is_refused() -> None:
    with pytest.raises(MechanismMismatch):
        waiting(dataclasses.replace(person(), mechanism=Mechanism.ECDSA_SHA256))


def test_ecdsa_as_a_token_gives_it() -> None:
    """PKCS #11 answers r || s; CMS wants DER."""
    signer = person(Mechanism.ECDSA_SHA256)
    pending = waiting(signer)
    r, s = utils.decode_dss_signature(signer.sign(pending.to_be_signed))
    made = finish(prepared(), pending, r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    second_opinion(prepared() + made.update, "ben_mua", signer.certificate)


def test_an_attribute_that_does_not_fit_the_room_is_refused() -> None:
    signer = person()
    pending = waiting(signer)
    with pytest.raises(SignatureTooLarge):
        finish(prepared(), pending, signer.sign(pending.to_be_signed), bytes(9000))
