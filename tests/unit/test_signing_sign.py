from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import subprocess
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from asn1crypto import cms
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from kernel.signing import deferred
from kernel.signing.check import second_opinion
from kernel.signing.errors import (
    CertificateExpired,
    CertificateKeyUsage,
    DocumentCertified,
    DocumentEncrypted,
    DocumentXfa,
    FieldFilled,
    FieldMissing,
    MechanismMismatch,
    NotPdf,
    SecondOpinionFailed,
    SignatureOfAnother,
    SigningError,
    StampInvalid,
)
from kernel.signing.sign import Mechanism, sign_field
from tests.pki import (
    DAY,
    NOW,
    agreed,
    certified,
    contract,
    draw,
    key_usage,
    make_pki,
    openssl_verifies,
    prepared,
    sign,
    with_catalog,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("mechanism", list(Mechanism))
def test_every_mechanism_is_accepted_by_everyone(mechanism: Mechanism, tmp_path: Path) -> None:
    pki = make_pki()
    signer = pki.issuing.person(f"Trần Văn Ữ {mechanism.scheme}", mechanism=mechanism)
    signed = sign(agreed(), "ben_ban", signer)
    second_opinion(signed, "ben_ban", signer.certificate)
    assert openssl_verifies(signed, "ben_ban", pki.root.pem, tmp_path)
    (tmp_path / "a.pdf").write_bytes(signed)
    subprocess.run(["qpdf", "--check", "a.pdf"], cwd=tmp_path, check=True, capture_output=True)
    seen = subprocess.run(["pdfsig", "-nocert", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Signature is Valid" in seen.stdout
    assert "Total document signed" in seen.stdout


def test_what_was_there_stays_byte_for_byte() -> None:
    final = contract().pdf
    assert final.startswith(agreed())
    assert agreed().startswith(prepared())


def test_pades_b_b() -> None:
    signer = contract().signatory
    shown: dict[str, Any] = {"name": "Trần Văn Ữ", "reason": "Ký", "location": "Hà Nội"}
    made = sign_field(agreed(), field="ben_ban", signer=signer, at=NOW, appearance=None, **shown)
    [found] = PdfFileReader(BytesIO(agreed() + made.update)).embedded_signatures
    assert found.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert found.sig_object["/Name"] == "Trần Văn Ữ"
    assert found.self_reported_timestamp == NOW
    kinds = {attribute["type"].native for attribute in found.signer_info["signed_attrs"]}
    assert {"content_type", "message_digest", "signing_certificate_v2"} <= kinds
    assert "signing_time" not in kinds
    envelope = cms.ContentInfo.load(found.pkcs7_content).dump()
    assert made.cms_sha256 == hashlib.sha256(envelope).hexdigest()
    assert (made.digest, made.digest_algorithm) == (found.compute_digest().hex(), "sha256")
    assert contract().pki.root.der not in [choice.chosen.dump() for choice in found.signed_data["certificates"]]


def test_the_stamp_fills_the_field(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(sign(agreed(), "ben_ban", contract().signatory))
    text = subprocess.run(["pdftotext", "a.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "Ký bởi: Trần Văn Ữ" in text


def test_signing_inside_a_running_event_loop() -> None:
    async def screen() -> bytes:
        return sign(agreed(), "ben_ban", contract().signatory)

    second_opinion(asyncio.run(screen()), "ben_ban", contract().signatory.certificate)


class Untouched:
    """A key that must not be used."""

    def __init__(self, certificate: bytes, mechanism: Mechanism = Mechanism.RSA_SHA256) -> None:
        self.certificate = certificate
        self.chain: tuple[bytes, ...] = ()
        self.mechanism = mechanism

    def sign(self, data: bytes) -> bytes:
        raise AssertionError("the key was used")


def refused(pdf: bytes, problem: type[SigningError], signer: Any = None, **changes: Any) -> None:
    with pytest.raises(problem) as caught:
        sign(pdf, changes.pop("field", "ben_ban"), signer or Untouched(contract().signatory.certificate), **changes)
    assert caught.value.diagnosis("vi").title
    assert caught.value.diagnosis("en").title


def test_documents_are_refused_before_the_key_is_used(tmp_path: Path) -> None:
    refused("không phải PDF".encode(), NotPdf)
    refused(agreed()[:-200], NotPdf)
    refused(draw(), FieldMissing)
    refused(agreed(), FieldMissing, field="khach")
    refused(contract().pdf, FieldFilled)
    refused(with_catalog(prepared(), xfa=True), DocumentXfa)
    refused(certified(prepared(), contract().signatory), DocumentCertified)
    refused(agreed(), StampInvalid, appearance="%PDF-1.7 hỏng".encode())
    (tmp_path / "a.pdf").write_bytes(prepared())
    subprocess.run(["qpdf", "--encrypt", "mk", "mk", "256", "--", "a.pdf", "b.pdf"], cwd=tmp_path, check=True)
    refused((tmp_path / "b.pdf").read_bytes(), DocumentEncrypted)


def test_certificates_are_refused_before_the_key_is_used() -> None:
    person = contract().pki.issuing.person
    refused(agreed(), CertificateExpired, Untouched(person("A", until=NOW - DAY).certificate))
    refused(agreed(), CertificateKeyUsage, Untouched(person("A", usage=key_usage(key_agreement=True)).certificate))
    refused(agreed(), MechanismMismatch, Untouched(person("A").certificate, Mechanism.ECDSA_SHA256))


def test_the_keys_own_error_passes_through() -> None:
    class Locked(Exception):
        pass

    class Pulled(Untouched):
        def sign(self, data: bytes) -> bytes:
            raise Locked

    with pytest.raises(Locked):
        sign(agreed(), "ben_ban", Pulled(contract().signatory.certificate))


def test_a_second_opinion_is_not_talked_round(monkeypatch: pytest.MonkeyPatch) -> None:
    signer, other = contract().signatory, contract().seal
    good = sign(agreed(), "ben_ban", signer)
    second_opinion(good, "ben_ban", signer.certificate)
    wrong_key = dataclasses.replace(signer, key=other.key)
    with pytest.raises(SignatureOfAnother):
        sign(agreed(), "ben_ban", wrong_key)
    monkeypatch.setattr(deferred, "verifies", lambda *_: True)
    half = len(good) // 2
    for pdf, field, certificate in [
        (good, "dong_dau", signer.certificate),
        (good, "ben_ban", other.certificate),
        (good + b"\n", "ben_ban", signer.certificate),
        (good[:-1], "ben_ban", signer.certificate),
        (good[:half] + bytes([good[half] ^ 1]) + good[half + 1 :], "ben_ban", signer.certificate),
        (agreed(), "ben_ban", signer.certificate),
        (b"", "ben_ban", signer.certificate),
        (sign(agreed(), "ben_ban", wrong_key), "ben_ban", signer.certificate),
    ]:
        with pytest.raises(SecondOpinionFailed) as caught:
            second_opinion(pdf, field, certificate)
        assert field in caught.value.diagnosis("vi").cause


def test_a_change_after_signing_gets_no_second_opinion() -> None:
    writer = IncrementalPdfFileWriter(BytesIO(contract().pdf))
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    with pytest.raises(SecondOpinionFailed):
        second_opinion(out.getvalue(), "dong_dau", contract().seal.certificate)
