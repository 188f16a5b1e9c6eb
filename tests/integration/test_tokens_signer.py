"""The signer process on a real SoftHSM: what it signs, what it refuses, what it writes down."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kernel.api.documents import Purpose
from kernel.signing.errors import (
    CertificateExpired,
    CertificateKeyUsage,
    CertificateNotYetValid,
    DocumentUnreadable,
    FieldMissing,
    NotPdf,
)
from kernel.tokens.client import Signer
from kernel.tokens.errors import (
    CertificateNotFound,
    ModuleNotFound,
    ModuleUnusable,
    NoToken,
    PinRequired,
    PurposeUnknown,
    RequestInvalid,
    RequestMismatch,
    RequestUnknown,
)
from kernel.tokens.journal import LogLine
from kernel.tokens.settings import SignerSettings
from tests.softhsm import MODULE, PIN, Master, SoftHsm, master, master_of_many
from tests.tokens_fixtures import log
from tests.tokens_kit import issuers_inside, pdf, request, sha256, sound

if TYPE_CHECKING:
    from collections.abc import Callable

    Start = Callable[[SignerSettings], Signer]


def test_the_token_and_its_certificates_are_listed_without_a_pin(signer: Signer) -> None:
    (token,) = signer.tokens()
    assert (token.label, token.serial, token.tries_left) == ("Ký số Điện lực", master().serial, 3)
    assert token.login_required and token.pin_set and not token.unlocked and not token.pin_locked
    listed = {found.sha256: found for found in signer.certificates()}
    own = listed[sha256(master().ders["rsa"])]
    assert (own.der, own.key_id, own.token_serial, own.has_key) == (master().ders["rsa"], "01", token.serial, True)
    assert not listed[sha256(master().ders["issuer"])].has_key


def test_a_document_is_signed_and_the_log_says_what(signer: Signer, state: Path) -> None:
    done = signer.sign(request(master().ders["rsa"]), pdf(), pin=PIN)
    assert done.pdf.startswith(pdf())
    assert (done.sha256_before, done.sha256_after) == (sha256(pdf()), sha256(done.pdf))
    assert done.mechanism == "pss-sha256 SHA256_RSA_PKCS_PSS"
    assert sound(done.pdf, master().ca.der) == ["ben_ban"]
    assert log(state) == [
        LogLine("yc-1", "hd-1", "nguoi_ky", done.sha256_before, done.sha256_after, done.certificate_serial, "signed")
    ]


def test_the_issuer_on_the_token_goes_into_the_signature(signer: Signer) -> None:
    done = signer.sign(request(master().ders["rsa"]), pdf(), pin=PIN)
    assert issuers_inside(done.pdf) == [master().ders["issuer"]]


def test_without_pss_it_signs_pkcs1(one: SoftHsm, state: Path, start: Start) -> None:
    signer = start(one.settings(state, prefer_pss=False))
    done = signer.sign(request(master().ders["rsa"]), pdf(), pin=PIN)
    signer.close()
    assert done.mechanism == "rsa-sha256 SHA256_RSA_PKCS"
    assert sound(done.pdf, master().ca.der) == ["ben_ban"]


def test_an_elliptic_key_signs(many: tuple[Signer, Master]) -> None:
    signer, made = many
    done = signer.sign(request(made.ders["ec"]), pdf(), pin=PIN)
    assert done.mechanism == "ecdsa-sha256 ECDSA"
    assert sound(done.pdf, made.ca.der) == ["ben_ban"]


def test_a_second_signature_follows_the_first(many: tuple[Signer, Master]) -> None:
    signer, made = many
    first = signer.sign(request(made.ders["rsa"]), pdf(), pin=PIN)
    seal = request(made.ders["ec"], "yc-2", purpose=Purpose.SEAL, field="dong_dau")
    second = signer.sign(seal, first.pdf, pin=PIN)
    assert second.pdf.startswith(first.pdf)
    assert sound(second.pdf, made.ca.der) == ["ben_ban", "dong_dau"]


def test_the_token_locks_itself_after_a_signature(signer: Signer) -> None:
    asked = request(master().ders["rsa"])
    signer.sign(asked, pdf(), pin=PIN)
    assert signer.unlocked_for() is None
    with pytest.raises(PinRequired):
        signer.sign(replace(asked, request_id="yc-2"), pdf())


# --- repeated requests


def test_a_repeated_request_gets_the_first_result(signer: Signer, state: Path) -> None:
    asked = request(master().ders["rsa"])
    first = signer.sign(asked, pdf(), pin=PIN)
    again = signer.sign(asked, pdf())
    assert again.repeated and not first.repeated
    assert replace(again, repeated=False) == first == replace(signer.result("yc-1", pdf()), repeated=False)
    assert len(log(state)) == 1


def test_a_repeated_request_with_other_input_is_refused(signer: Signer) -> None:
    asked = request(master().ders["rsa"])
    signer.sign(asked, pdf(), pin=PIN)
    for other, document in (
        (replace(asked, document_id="hd-2"), pdf()),
        (replace(asked, purpose=Purpose.SEAL), pdf()),
        (replace(asked, field="dong_dau"), pdf()),
        (replace(asked, reason="khác"), pdf()),
        (asked, pdf() + b"\n"),
    ):
        with pytest.raises(RequestMismatch):
            signer.sign(other, document, pin=PIN)


def test_a_result_survives_the_process(one: SoftHsm, state: Path, start: Start) -> None:
    asked = request(master().ders["rsa"])
    before = start(one.settings(state))
    first = before.sign(asked, pdf(), pin=PIN)
    assert before.pid is not None
    os.kill(before.pid, signal.SIGKILL)
    before.close()
    after = start(one.settings(state))
    assert after.sign(asked, pdf()).pdf == first.pdf
    after.close()


def test_an_unknown_request_has_no_result(signer: Signer) -> None:
    with pytest.raises(RequestUnknown):
        signer.result("chưa có", pdf())


def test_a_file_is_signed_where_it_lies(signer: Signer, tmp_path: Path) -> None:
    scan = tmp_path / "bản quét Ệ.pdf"
    scan.write_bytes(pdf())
    done = signer.sign(request(master().ders["rsa"]), scan, pin=PIN)
    assert scan.read_bytes() == pdf()
    assert (done.sha256_before, done.sha256_after) == (sha256(pdf()), sha256(pdf() + done.update))
    assert sound(done.pdf, master().ca.der) == ["ben_ban"]
    scan.unlink()
    with pytest.raises(DocumentUnreadable):
        signer.sign(request(master().ders["rsa"], "yc-2"), scan, pin=PIN)


# --- what it refuses


def test_an_unknown_purpose_is_refused(signer: Signer) -> None:
    asked = request(master().ders["rsa"])
    object.__setattr__(asked, "purpose", "ky_khong")
    with pytest.raises(PurposeUnknown):
        signer.sign(asked, pdf(), pin=PIN)


@pytest.mark.parametrize("part", ["request_id", "document_id", "field", "certificate"])
def test_a_request_without_its_parts_is_refused(signer: Signer, part: str) -> None:
    asked = request(master().ders["rsa"])
    object.__setattr__(asked, part, " ")
    with pytest.raises(RequestInvalid):
        signer.sign(asked, pdf(), pin=PIN)


@pytest.mark.parametrize(
    ("which", "error"),
    [("expired", CertificateExpired), ("early", CertificateNotYetValid), ("usage", CertificateKeyUsage)],
)
def test_an_unfit_certificate_is_refused_before_the_pin(
    tmp_path: Path, state: Path, which: str, error: type[Exception], start: Start
) -> None:
    hsm = master_of_many().hsm.copy(tmp_path / "hsm", shim=True)
    signer = start(hsm.settings(state))
    with pytest.raises(error):
        signer.sign(request(master_of_many().ders[which]), pdf(), pin=PIN)
    signer.close()
    assert hsm.calls() == []
    assert [line.result for line in log(state)] == [error.code]  # type: ignore[attr-defined]  # of the tree


def test_a_certificate_may_not_be_revived_by_an_old_date(many: tuple[Signer, Master]) -> None:
    signer, made = many
    asked = request(made.ders["expired"])
    with pytest.raises(CertificateExpired):
        signer.sign(replace(asked, at=datetime.now(UTC) - timedelta(days=5)), pdf(), pin=PIN)


@pytest.mark.parametrize("broken", [b"", b"not a PDF", b"%PDF-1.7\n"])
def test_a_broken_document_costs_no_pin_try(tmp_path: Path, state: Path, broken: bytes, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    signer = start(hsm.settings(state))
    with pytest.raises(NotPdf):
        signer.sign(request(master().ders["rsa"]), broken, pin=PIN)
    with pytest.raises(FieldMissing):
        signer.sign(request(master().ders["rsa"], field="ben_mua"), pdf(), pin=PIN)
    signer.close()
    assert hsm.calls() == []


def test_a_certificate_that_is_not_there(signer: Signer) -> None:
    with pytest.raises(CertificateNotFound):
        signer.sign(request(b"another certificate"), pdf(), pin=PIN)


def test_no_token(tmp_path: Path, state: Path, start: Start) -> None:
    signer = start(SoftHsm(tmp_path / "empty").settings(state))
    assert signer.tokens() == ()
    with pytest.raises(NoToken):
        signer.sign(request(b""), pdf(), pin=PIN)
    signer.close()


def test_a_token_plugged_in_later_is_found(tmp_path: Path, state: Path, start: Start) -> None:
    hsm = SoftHsm(tmp_path / "hsm")
    signer = start(hsm.settings(state))
    with pytest.raises(NoToken):
        signer.sign(request(b""), pdf(), pin=PIN)
    token = hsm.add_token("Cắm sau")
    assert [found.serial for found in signer.tokens()] == [token.serial]
    signer.close()


def test_a_module_that_is_not_there(tmp_path: Path, start: Start) -> None:
    missing = tmp_path / "không có.so"
    signer = start(SignerSettings(module=missing, state_dir=tmp_path / "state"))
    with pytest.raises(ModuleNotFound) as caught:
        signer.tokens()
    assert str(missing) in str(caught.value.diagnosis())


def test_a_file_that_is_no_module(tmp_path: Path, start: Start) -> None:
    for number, content in enumerate((b"text", MODULE.read_bytes()[:4000])):
        module = tmp_path / f"{number}.so"
        module.write_bytes(content)
        with pytest.raises(ModuleUnusable):
            start(SignerSettings(module=module, state_dir=tmp_path / "state")).tokens()
