"""The signer process on a real SoftHSM: what it signs, what it refuses, what it writes down."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import unicodedata
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kernel.api.documents import Purpose
from kernel.signing.errors import CertificateExpired, CertificateKeyUsage, CertificateNotYetValid, FieldMissing, NotPdf
from kernel.tokens.client import Signer
from kernel.tokens.errors import (
    BatchCertificateChanged,
    CertificateNotFound,
    JournalUnwritable,
    ModuleNotFound,
    ModuleUnusable,
    NotAsked,
    NoToken,
    PinFinalTry,
    PinRequired,
    PinWrong,
    PurposeUnknown,
    RequestInvalid,
    RequestMismatch,
    RequestSettled,
    RequestUnknown,
    SignerBusy,
    SignerElsewhere,
    TokenRemoved,
)
from kernel.tokens.settings import SignerSettings
from tests.softhsm import MODULE, PIN, SIGNER_NAME, Master, SoftHsm, TestCa, master, master_of_many, name
from tests.tokens_kit import errand, issuers_inside, pdf, request, sha256, sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[[SignerSettings], Signer]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def one(tmp_path: Path) -> SoftHsm:
    return master().hsm.copy(tmp_path / "hsm")


@pytest.fixture
def start() -> Iterator[Callable[[SignerSettings], Signer]]:
    with ExitStack() as stack:
        yield lambda settings: stack.enter_context(closing(Signer(settings)))


@pytest.fixture
def signer(one: SoftHsm, state: Path, start: Start) -> Signer:
    return start(one.settings(state))


@pytest.fixture
def many(tmp_path: Path, state: Path, start: Start) -> tuple[Signer, Master]:
    made = master_of_many()
    return start(made.hsm.copy(tmp_path / "hsm").settings(state)), made


def unless_denied(path: Path) -> bytes:
    """Return what stands in a file of /proc; the signer's are closed to all but root."""
    try:
        return path.read_bytes()
    except PermissionError:
        return b""


def log(state: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (state / "signer.jsonl").read_text("utf-8").splitlines()]


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
    (line,) = log(state)
    assert line.pop("time")
    assert line == {
        "request": "yc-1",
        "document": "hd-1",
        "purpose": "nguoi_ky",
        "sha256_before": done.sha256_before,
        "sha256_after": done.sha256_after,
        "certificate_serial": done.certificate_serial,
        "result": "signed",
    }


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
    assert replace(again, repeated=False) == first == replace(signer.result("yc-1"), repeated=False)
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


def test_a_settled_result_leaves_only_its_record(signer: Signer, state: Path) -> None:
    asked = request(master().ders["rsa"])
    done = signer.sign(asked, pdf(), pin=PIN)
    signer.settle("yc-1")
    assert not list((state / "results").glob("*.pdf"))
    with pytest.raises(RequestSettled) as caught:
        signer.result("yc-1")
    assert caught.value.facts["sha256"] == done.sha256_after
    with pytest.raises(RequestSettled):
        signer.sign(asked, pdf(), pin=PIN)
    with pytest.raises(RequestMismatch):
        signer.sign(replace(asked, document_id="hd-2"), pdf(), pin=PIN)


def test_a_journal_belongs_to_one_process(one: SoftHsm, state: Path, signer: Signer, start: Start) -> None:
    signer.ping()
    with pytest.raises(SignerElsewhere):
        start(one.settings(state)).ping()
    signer.close()
    start(one.settings(state)).ping()


def test_a_full_disk_stops_signing(signer: Signer, state: Path) -> None:
    signer.ping()
    (state / "signer.jsonl").mkdir()  # nothing can be appended to a folder
    with pytest.raises(JournalUnwritable):
        signer.sign(request(master().ders["rsa"]), pdf(), pin=PIN)
    assert not list((state / "results").iterdir())
    assert signer.unlocked_for() is None


def test_what_could_not_be_stored_was_not_released(signer: Signer, state: Path) -> None:
    signer.ping()
    (state / "results").rmdir()
    asked = request(master().ders["rsa"])
    with pytest.raises(JournalUnwritable):
        signer.sign(asked, pdf(), pin=PIN)
    (state / "results").mkdir()
    with pytest.raises(RequestUnknown):
        signer.result("yc-1")
    again = signer.sign(asked, pdf(), pin=PIN)
    assert not again.repeated
    # two signatures were made, one was released, and the log says so
    assert [line["result"] for line in log(state)] == ["signed", "signed"]
    assert log(state)[-1]["sha256_after"] == again.sha256_after


def test_an_unknown_request_has_no_result(signer: Signer) -> None:
    with pytest.raises(RequestUnknown):
        signer.result("chưa có")


def test_a_half_written_result_is_not_a_result(signer: Signer, state: Path) -> None:
    asked = request(master().ders["rsa"])
    signer.sign(asked, pdf(), pin=PIN)
    (index,) = (state / "results").glob("*.json")
    index.unlink()
    with pytest.raises(PinRequired):
        signer.sign(asked, pdf())
    assert not signer.sign(asked, pdf(), pin=PIN).repeated


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
    assert [line["result"] for line in log(state)] == [error.code]  # type: ignore[attr-defined]  # of the tree


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


# --- PINs and batches


def test_wrong_pins_are_counted_and_the_last_is_not_spent(one: SoftHsm, state: Path, start: Start) -> None:
    asked = request(master().ders["rsa"])
    signer = start(one.settings(state))
    with pytest.raises(PinWrong) as caught:
        signer.sign(asked, pdf(), pin="111111")
    assert caught.value.tries_left == 2
    signer.close()
    signer = Signer(one.settings(state))  # the count is on disk
    with pytest.raises(PinWrong) as caught:
        signer.sign(asked, pdf(), pin="222222")
    assert caught.value.tries_left == 1
    for pin in ("333333", PIN):
        with pytest.raises(PinFinalTry):
            signer.sign(asked, pdf(), pin=pin)
    signer.clear_tries(master().serial)
    assert signer.sign(asked, pdf(), pin=PIN)
    signer.close()


def test_the_right_pin_starts_the_count_again(signer: Signer) -> None:
    asked = request(master().ders["rsa"])
    with pytest.raises(PinWrong):
        signer.sign(asked, pdf(), pin="111111")
    signer.sign(asked, pdf(), pin=PIN)
    assert signer.tokens()[0].tries_left == 3


def test_an_empty_pin_is_no_pin(signer: Signer) -> None:
    with pytest.raises((PinRequired, RequestInvalid)):
        signer.sign(request(master().ders["rsa"]), pdf(), pin="")
    assert signer.tokens()[0].tries_left == 3


def test_a_batch_takes_one_pin(tmp_path: Path, state: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    signer = start(hsm.settings(state))
    batch = [request(master().ders["rsa"], f"yc-{n}", document_id=f"hd-{n}") for n in range(4)]
    signer.unlock(batch[0].certificate, PIN, [errand(asked) for asked in batch])
    assert signer.unlocked_for() == batch[0].certificate
    assert signer.tokens()[0].unlocked
    for asked in batch:
        assert sound(signer.sign(asked, pdf(), keep_unlocked=True).pdf, master().ca.der)
    signer.lock()
    assert signer.unlocked_for() is None
    signer.close()
    assert hsm.calls().count("C_Login") == 1


def test_a_batch_signs_only_what_it_was_opened_for(signer: Signer, state: Path) -> None:
    asked = request(master().ders["rsa"])
    for other in (
        replace(asked, request_id="yc-2", document_id="hd-2"),
        replace(asked, request_id="yc-3", purpose=Purpose.SEAL),
    ):
        signer.unlock(asked.certificate, PIN, [errand(asked)])
        with pytest.raises(NotAsked):
            signer.sign(other, pdf(), keep_unlocked=True)
        assert signer.unlocked_for() is None
    assert {line["result"] for line in log(state)} == {"token.not_asked"}


def test_a_batch_may_not_change_its_certificate(many: tuple[Signer, Master]) -> None:
    signer, made = many
    asked = request(made.ders["rsa"])
    signer.sign(asked, pdf(), pin=PIN, keep_unlocked=True, errands=[errand(asked)])
    with pytest.raises(BatchCertificateChanged):
        signer.sign(replace(asked, request_id="yc-2", certificate=sha256(made.ders["ec"])), pdf(), keep_unlocked=True)
    assert signer.unlocked_for() is None


def test_an_unlocked_token_locks_when_idle(one: SoftHsm, state: Path, start: Start) -> None:
    signer = start(one.settings(state, idle_seconds=1))
    asked = request(master().ders["rsa"])
    signer.unlock(asked.certificate, PIN, [errand(asked)])
    deadline = time.monotonic() + 30
    while signer.unlocked_for() is not None:
        assert time.monotonic() < deadline
    with pytest.raises(PinRequired):
        signer.sign(asked, pdf())
    signer.close()


def test_the_client_tells_when_it_is_busy(one: SoftHsm, state: Path) -> None:
    signer = Signer(one.settings(state), busy_after=0.05)
    with signer._turn(), pytest.raises(SignerBusy):
        signer.ping()
    signer.ping()
    signer.close()


# --- secrets


def test_the_pin_is_written_nowhere(one: SoftHsm, state: Path, start: Start) -> None:
    pin = "8642097531"
    one.administration.change_pin(serial=master().serial, old_pin=PIN, new_pin=pin)
    signer = start(one.settings(state))
    asked = request(master().ders["rsa"])
    signer.sign(asked, pdf(), pin=pin, keep_unlocked=True, errands=[errand(asked)])
    with pytest.raises(PinWrong) as caught:
        signer.sign(replace(asked, request_id="yc-2"), pdf(), pin=pin + "1")
    assert pin not in str(caught.value) + repr(caught.value.facts)
    process = Path(f"/proc/{signer.pid}")
    assert pin.encode() not in (process / "cmdline").read_bytes() + unless_denied(process / "environ")
    signer.close()
    files = [path for path in state.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"signer.jsonl", "signer.log", "tries.json"}
    assert not [path for path in files if pin.encode() in path.read_bytes()]


def test_no_word_of_the_document_is_in_the_log(signer: Signer, state: Path) -> None:
    signer.sign(request(master().ders["rsa"]), pdf(), pin=PIN)
    text = (state / "signer.jsonl").read_text("utf-8") + (state / "signer.log").read_text("utf-8")
    assert SIGNER_NAME not in text
    assert "hợp đồng" not in text


def test_only_the_configured_module_is_loaded(signer: Signer) -> None:
    signer.tokens()
    mapped = unless_denied(Path(f"/proc/{signer.pid}/maps"))
    if not mapped:
        pytest.skip("/proc is closed to this user")
    assert b"libsofthsm2.so" in mapped
    assert b"opensc-pkcs11" not in mapped and b"p11-kit-trust" not in mapped


def test_the_state_is_private(signer: Signer, state: Path) -> None:
    signer.sign(request(master().ders["rsa"]), pdf(), pin=PIN)
    for path in (state, *state.rglob("*")):
        if path.suffix not in {".conf", ".module"}:
            assert path.stat().st_mode & 0o077 == 0, path


def test_the_console_side_imports_neither_pkcs11_nor_pyhanko() -> None:
    code = (
        "import sys, kernel.tokens.client, kernel.tokens.watch_client, kernel.tokens.administration;"
        "print([m for m in ('pkcs11', 'PyKCS11', 'pyhanko', 'asn1crypto', 'cryptography') if m in sys.modules])"
    )
    seen = subprocess.run([sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True)
    assert seen.stdout.strip() == "[]"


# --- names


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_labels_in_either_unicode_form(tmp_path: Path, state: Path, form: str, start: Start) -> None:
    label = unicodedata.normalize(form, "Ký số Điện Ữ")  # type: ignore[arg-type]  # a form's name
    hsm, ca = SoftHsm(tmp_path / "hsm"), TestCa()
    with hsm.administration:
        token = hsm.add_token(label)
        der = hsm.add_identity(ca, token.serial, kind="P-256", label=unicodedata.normalize("NFD", "Khóa Ệ"))
    signer = start(hsm.settings(state))
    assert signer.tokens()[0].label == label
    assert sound(signer.sign(request(der), pdf(), pin=PIN).pdf, ca.der) == ["ben_ban"]
    signer.close()


def test_two_tokens_with_one_label_are_told_apart_by_serial(tmp_path: Path, state: Path, start: Start) -> None:
    hsm, ca = SoftHsm(tmp_path / "hsm"), TestCa()
    with hsm.administration:
        first, second = hsm.add_token("Ký số", pin="111111"), hsm.add_token("Ký số", pin="222222")
        hsm.add_identity(ca, first.serial, kind="P-256", pin="111111")
        der = hsm.add_identity(ca, second.serial, kind="P-256", pin="222222", subject=name("Lê Thị Đào"))
    signer = start(hsm.settings(state))
    assert sound(signer.sign(request(der), pdf(), pin="222222").pdf, ca.der) == ["ben_ban"]
    with pytest.raises(PinWrong):
        signer.sign(request(der, "yc-2"), pdf(), pin="111111")
    assert {token.serial: token.tries_left for token in signer.tokens()} == {first.serial: 3, second.serial: 2}
    signer.close()


def test_a_token_pulled_out_is_told_from_a_token_at_fault(one: SoftHsm, signer: Signer) -> None:
    """SoftHSM says CKR_GENERAL_ERROR of a token whose store went away."""
    signer.certificates()
    store = one.home / "tokens"
    away = store.rename(one.home / "away")
    store.mkdir()
    with pytest.raises(TokenRemoved):
        signer.certificates()
    store.rmdir()
    away.rename(store)
    assert signer.certificates()
