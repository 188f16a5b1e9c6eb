"""Faults a real token may have, through the real C ABI: a module around SoftHSM that fails on demand."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kernel.tokens.client import Signer
from kernel.tokens.errors import (
    NoToken,
    PinFinalTry,
    PinLengthInvalid,
    PinLocked,
    PinRequired,
    PinWrong,
    SignatureInvalid,
    SignerCrashed,
    SignerTimeout,
    TokenFault,
    TokenLoggedOut,
    TokenRemoved,
)
from tests.softhsm import PIN, Master, SoftHsm, master
from tests.tokens_fixtures import log, signed
from tests.tokens_kit import errand, pdf, request, sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kernel.tokens.settings import SignerSettings

    Start = Callable[..., Signer]


@pytest.fixture
def hsm(tmp_path: Path) -> SoftHsm:
    return master().hsm.copy(tmp_path / "hsm", shim=True)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:

        def started(settings: SignerSettings, **options: dict[str, float]) -> Signer:
            return stack.enter_context(closing(Signer(settings, **options)))  # type: ignore[arg-type]  # tests' own

        yield started


@pytest.fixture
def signer(hsm: SoftHsm, state: Path, start: Start) -> Signer:
    return start(hsm.settings(state))


def made() -> Master:
    return master()


# --- PINs the token counts itself


def test_the_flags_of_the_token_decide(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("pin_max", "5")
    one = request(made().ders["rsa"])
    with pytest.raises(PinWrong) as caught:
        signer.sign(one, pdf(), pin="111111")
    assert caught.value.tries_left == 2
    assert signer.tokens()[0].pin_count_low
    hsm.fault("pin_wrong", "4")
    assert signer.tokens()[0].pin_final_try
    assert signer.tokens()[0].tries_left == 1
    with pytest.raises(PinFinalTry):
        signer.sign(one, pdf(), pin=PIN)
    hsm.fault("pin_wrong", "5")
    with pytest.raises(PinLocked):
        signer.sign(one, pdf(), pin=PIN)
    assert signer.tokens()[0].tries_left == 0
    assert hsm.calls() == ["C_Login"]


def test_a_pin_that_worked_elsewhere_clears_our_count(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("pin_max", "3")
    one = request(made().ders["rsa"])
    with pytest.raises(PinWrong):
        signer.sign(one, pdf(), pin="111111")
    with pytest.raises(PinWrong):
        signer.sign(one, pdf(), pin="111111")
    with pytest.raises(PinFinalTry):
        signer.sign(one, pdf(), pin=PIN)
    hsm.fault("pin_wrong", "0")  # the vendor's token manager took the right PIN
    assert sound(signer.sign(one, pdf(), pin=PIN).pdf, made().ca.der)


def test_a_try_somebody_else_spent_is_counted(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("pin_max", "3")
    hsm.fault("pin_wrong", "1")
    assert signer.tokens()[0].tries_left == 2
    with pytest.raises(PinWrong) as caught:
        signer.sign(request(made().ders["rsa"]), pdf(), pin="111111")
    assert caught.value.tries_left == 1


def test_a_silent_token_is_never_locked_by_us(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("pin_max", "3")
    hsm.fault("pin_silent")
    for _ in range(6):
        with pytest.raises((PinWrong, PinFinalTry)):
            signer.sign(request(made().ders["rsa"]), pdf(), pin="111111")
    assert hsm.calls() == ["C_Login", "C_Login"]


def test_a_token_that_locks_at_the_call(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("pin_max", "1")
    hsm.fault("pin_wrong", "1")
    hsm.fault("pin_silent")
    with pytest.raises(PinLocked):
        signer.sign(request(made().ders["rsa"]), pdf(), pin=PIN)


def test_a_wrong_pin_stops_the_batch(hsm: SoftHsm, signer: Signer) -> None:
    one = request(made().ders["rsa"])
    with pytest.raises(PinWrong):
        signer.unlock(one.certificate, "111111", [errand(one)])
    with pytest.raises(PinRequired):
        signer.sign(one, pdf(), keep_unlocked=True)
    assert hsm.calls() == ["C_Login"]


def test_a_signature_that_was_not_written_down_was_not_released(hsm: SoftHsm, signer: Signer, state: Path) -> None:
    hsm.fault("hang")
    one = request(made().ders["rsa"])
    work = threading.Thread(target=_expect, args=(SignerCrashed, lambda: signer.sign(one, pdf(), pin=PIN)))
    signer.ping()
    work.start()
    _until(lambda: "C_Sign" in hsm.calls())
    assert signer.pid is not None
    os.kill(signer.pid, signal.SIGKILL)
    work.join()
    assert not signed(state)
    hsm.mend("hang")
    assert sound(signer.sign(one, pdf(), pin=PIN).pdf, made().ca.der) == ["ben_ban"]


def test_a_pin_of_the_wrong_length_costs_no_try(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("pin_min", "4")
    for _ in range(4):
        with pytest.raises(PinLengthInvalid):
            signer.sign(request(made().ders["rsa"]), pdf(), pin="1")
    assert signer.tokens()[0].tries_left == 3


def test_a_pin_pad_is_used_when_asked(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("pad_pin", PIN)
    assert signer.tokens()[0].protected_path
    one = request(made().ders["rsa"])
    with pytest.raises(PinRequired):
        signer.sign(one, pdf())
    assert sound(signer.sign(one, pdf(), pin_pad=True).pdf, made().ca.der)


def test_no_pin_pad_no_login(hsm: SoftHsm, signer: Signer) -> None:
    with pytest.raises(PinRequired):
        signer.sign(request(made().ders["rsa"]), pdf(), pin_pad=True)
    assert hsm.calls() == []


# --- the token goes away


@pytest.mark.parametrize("fault", ["removed_after_init"])
def test_a_token_pulled_out_in_the_middle_of_a_signature(hsm: SoftHsm, signer: Signer, state: Path, fault: str) -> None:
    one = request(made().ders["rsa"])
    hsm.fault(fault)
    with pytest.raises(TokenRemoved) as caught:
        signer.sign(one, pdf(), pin=PIN)
    assert "Ký số Điện lực" in str(caught.value.diagnosis())
    assert signer.tokens() == ()
    with pytest.raises(NoToken):
        signer.sign(one, pdf(), pin=PIN)
    assert not signed(state)
    hsm.mend(fault)
    hsm.mend("removed")
    assert sound(signer.sign(one, pdf(), pin=PIN).pdf, made().ca.der) == ["ben_ban"]


@pytest.mark.parametrize("code", ["32", "e0", "b3"])  # DEVICE_REMOVED, TOKEN_NOT_PRESENT, SESSION_HANDLE_INVALID
def test_answers_that_mean_removed(hsm: SoftHsm, signer: Signer, code: str) -> None:
    hsm.fault("sign_error", code)
    with pytest.raises(TokenRemoved):
        signer.sign(request(made().ders["rsa"]), pdf(), pin=PIN)


def test_a_token_locked_by_another_program(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("sign_error", "101")  # CKR_USER_NOT_LOGGED_IN
    one = request(made().ders["rsa"])
    two = replace(one, request_id="yc-2", document_id="hd-2")
    signer.unlock(one.certificate, PIN, [errand(one), errand(two)])
    with pytest.raises(TokenLoggedOut):
        signer.sign(one, pdf(), keep_unlocked=True)
    hsm.mend("sign_error")
    with pytest.raises(PinRequired):
        signer.sign(two, pdf(), keep_unlocked=True)
    assert sound(signer.sign(one, pdf(), pin=PIN).pdf, made().ca.der) == ["ben_ban"]


@pytest.mark.parametrize("code", ["5", "6", "30", "31", "80000001"])  # GENERAL_ERROR … a vendor's own code
def test_answers_that_mean_trouble(hsm: SoftHsm, signer: Signer, code: str) -> None:
    hsm.fault("sign_error", code)
    one = request(made().ders["rsa"])
    with pytest.raises(TokenFault):
        signer.sign(one, pdf(), pin=PIN)
    hsm.mend("sign_error")
    assert signer.sign(one, pdf(), pin=PIN)


def test_a_batch_ends_with_the_token(hsm: SoftHsm, signer: Signer) -> None:
    one = request(made().ders["rsa"])
    two = replace(one, request_id="yc-2", document_id="hd-2")
    signer.unlock(one.certificate, PIN, [errand(one), errand(two)])
    signer.sign(one, pdf(), keep_unlocked=True)
    hsm.fault("removed")
    with pytest.raises((TokenRemoved, NoToken)):
        signer.sign(two, pdf(), keep_unlocked=True)
    hsm.mend("removed")
    with pytest.raises(PinRequired):
        signer.sign(two, pdf(), keep_unlocked=True)


# --- the module hangs, crashes, prints, lies


def test_a_hanging_token_is_given_up_in_time(hsm: SoftHsm, state: Path, start: Start) -> None:
    signer = start(hsm.settings(state), deadlines={"sign": 2.0})
    hsm.fault("hang")
    one = request(made().ders["rsa"])
    with pytest.raises(SignerTimeout) as caught:
        signer.sign(one, pdf(), pin=PIN)
    assert caught.value.facts == {"verb": "sign", "seconds": 2}
    assert signer.pid is None
    hsm.mend("hang")
    assert signer.tokens()  # a new process
    signer.close()
    assert sound(start(hsm.settings(state)).sign(one, pdf(), pin=PIN).pdf, made().ca.der) == ["ben_ban"]


def test_closing_ends_a_hanging_call(hsm: SoftHsm, state: Path, start: Start) -> None:
    signer = start(hsm.settings(state), busy_after=0.1)
    hsm.fault("hang")
    work = threading.Thread(
        target=_expect, args=(SignerCrashed, lambda: signer.sign(request(made().ders["rsa"]), pdf(), pin=PIN))
    )
    work.start()
    _until(lambda: "C_Sign" in hsm.calls())
    signer.close()
    work.join()
    assert signer.pid is None


def test_a_crash_is_an_error_and_a_new_process(hsm: SoftHsm, signer: Signer, state: Path) -> None:
    hsm.fault("crash")
    one = request(made().ders["rsa"])
    signer.ping()
    first = signer.pid
    for _ in range(2):
        with pytest.raises(SignerCrashed) as caught:
            signer.sign(one, pdf(), pin=PIN)
        assert caught.value.facts["status"] == "SIGABRT"
    hsm.mend("crash")
    assert sound(signer.sign(one, pdf(), pin=PIN).pdf, made().ca.der) == ["ben_ban"]
    assert signer.pid != first
    assert [line.result for line in log(state)] == ["signed"]


def test_a_process_killed_between_calls_is_replaced(hsm: SoftHsm, signer: Signer) -> None:
    signer.ping()
    assert signer.pid is not None
    os.kill(signer.pid, signal.SIGKILL)
    try:
        signer.ping()
    except SignerCrashed:  # the kill may arrive while the question is on its way
        signer.ping()
    assert signer.tokens()


def test_a_module_that_prints_does_not_disturb_the_frames(hsm: SoftHsm, signer: Signer, state: Path) -> None:
    hsm.fault("chatty")
    done = signer.sign(request(made().ders["rsa"]), pdf(), pin=PIN)
    assert sound(done.pdf, made().ca.der) == ["ben_ban"]
    assert "vendor says hello" in (state / "signer.log").read_text("utf-8")


def test_a_wrong_signature_is_not_released(hsm: SoftHsm, signer: Signer, state: Path) -> None:
    hsm.fault("bad_signature")
    one = request(made().ders["rsa"])
    with pytest.raises(SignatureInvalid):
        signer.sign(one, pdf(), pin=PIN)
    assert not signed(state)
    hsm.mend("bad_signature")
    assert signer.sign(one, pdf(), pin=PIN)


def test_an_impossible_length_is_an_error_and_not_a_crash(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("bad_length")
    with pytest.raises(TokenFault):
        signer.sign(request(made().ders["rsa"]), pdf(), pin=PIN)


def test_a_label_that_is_not_text(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("odd_label")
    assert signer.tokens()[0].label.startswith("K")
    assert signer.sign(request(made().ders["rsa"]), pdf(), pin=PIN)


# --- keys and mechanisms of older tokens


def test_without_ids_the_only_key_is_taken(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("no_id")
    assert [found.has_key for found in signer.certificates()] == [None, None]
    assert sound(signer.sign(request(made().ders["rsa"]), pdf(), pin=PIN).pdf, made().ca.der) == ["ben_ban"]


def test_the_old_mechanism_gets_its_digest_info(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("mechanisms", "1")  # CKM_RSA_PKCS
    done = signer.sign(request(made().ders["rsa"]), pdf(), pin=PIN)
    assert done.mechanism == "rsa-sha256 RSA_PKCS"
    assert sound(done.pdf, made().ca.der) == ["ben_ban"]


def test_a_key_that_asks_again_is_answered_once_a_signature(hsm: SoftHsm, signer: Signer) -> None:
    hsm.fault("always_authenticate")
    one = request(made().ders["rsa"])
    batch = [replace(one, request_id=f"yc-{n}", document_id=f"hd-{n}") for n in range(2)]
    signer.unlock(one.certificate, PIN, [errand(asked) for asked in batch])
    for asked in batch:
        assert sound(signer.sign(asked, pdf(), keep_unlocked=True).pdf, made().ca.der) == ["ben_ban"]
    assert hsm.calls() == ["C_Login"] + ["C_SignInit", "C_Login again", "C_Sign"] * 2


def _expect(error: type[Exception], work: Callable[[], object]) -> None:
    with pytest.raises(error):
        work()


def _until(there: Callable[[], bool]) -> None:
    never = threading.Event()
    for _ in range(600):
        if there():
            return
        never.wait(0.05)
    raise AssertionError
