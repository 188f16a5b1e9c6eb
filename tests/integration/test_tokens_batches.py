"""The signer process on a real SoftHSM: PINs, batches, secrets, names."""

from __future__ import annotations

import subprocess
import sys
import time
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kernel.api.documents import Purpose
from kernel.tokens.client import Signer
from kernel.tokens.errors import (
    BatchCertificateChanged,
    NotAsked,
    PinFinalTry,
    PinRequired,
    PinWrong,
    RequestInvalid,
    SignerBusy,
    TokenRemoved,
)
from kernel.tokens.settings import SignerSettings
from tests.softhsm import PIN, SIGNER_NAME, Master, SoftHsm, TestCa, master, name
from tests.tokens_fixtures import log, unless_denied
from tests.tokens_kit import errand, pdf, request, sha256, sound

if TYPE_CHECKING:
    from collections.abc import Callable

    Start = Callable[[SignerSettings], Signer]


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
    assert {line.result for line in log(state)} == {"token.not_asked"}


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
    assert {path.name for path in files} >= {"journal.db", "signer.log", "tries.json"}
    assert not [path for path in files if pin.encode() in path.read_bytes()]


def test_no_word_of_the_document_is_in_the_log(signer: Signer, state: Path) -> None:
    signer.sign(request(master().ders["rsa"]), pdf(), pin=PIN)
    text = str(log(state)) + (state / "signer.log").read_text("utf-8")
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
    """SoftHSM says CKR_GENERAL_ERROR of a token whose store went away; it is told by the name the clerk knows."""
    (label,) = {one.token_label for one in signer.certificates()}
    store = one.home / "tokens"
    away = store.rename(one.home / "away")
    store.mkdir()
    with pytest.raises(TokenRemoved) as removed:
        signer.certificates()
    assert f"«{label}»" in removed.value.diagnosis("vi").title
    store.rmdir()
    away.rename(store)
    assert signer.certificates()
