"""A pool of signer processes on one HSM key: ready without a PIN, mended by itself, never signing twice."""

from __future__ import annotations

import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kernel.api.documents import Purpose
from kernel.tokens.errors import (
    CertificateNotFound,
    NoToken,
    PinFileOpen,
    PinFileUnreadable,
    PinWrong,
    PurposeNotOfKey,
    RequestUnknown,
    TokenRemoved,
)
from kernel.tokens.pin_file import read_pin
from kernel.tokens.pool import SignerPool
from tests.softhsm import PIN, SoftHsm, master
from tests.tokens_fixtures import signed
from tests.tokens_kit import pdf, request, sha256, sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kernel.tokens.shapes import SignRequest

SEAL = frozenset({Purpose.SEAL})


@cache
def sealing(number: int) -> SignRequest:
    return request(master().ders["rsa"], f"yc-{number}", document_id=f"hđ-Ữ-{number}", purpose=Purpose.SEAL)


@contextmanager
def pool(hsm: SoftHsm, state: Path, pin: Callable[[], str] = lambda: PIN, size: int = 2) -> Iterator[SignerPool]:
    certificate = sha256(master().ders["rsa"])
    with closing(SignerPool(hsm.settings(state), certificate, SEAL, pin, size=size)) as made:
        yield made


@pytest.fixture
def hsm(tmp_path: Path) -> SoftHsm:
    return master().hsm.copy(tmp_path / "hsm", shim=True)


def test_both_processes_work_and_nobody_gives_a_pin(one: SoftHsm, state: Path) -> None:
    with pool(one, state) as seals, ThreadPoolExecutor(4) as counters:
        made = list(counters.map(lambda number: seals.sign(sealing(number), pdf()), range(12)))
        assert all(sound(result.pdf, master().ca.der) == ["ben_ban"] for result in made)
        assert seals.unlocked_for() == sha256(master().ders["rsa"])
        assert all(member.ready and member.signed for member in seals.health())
        assert sum(member.signed for member in seals.health()) == 12
        assert [len(signed(state / name)) > 0 for name in ("1", "2")] == [True, True]


def test_a_repeated_request_gets_the_first_result_from_whoever_made_it(one: SoftHsm, state: Path) -> None:
    with pool(one, state) as seals:
        first = [seals.sign(sealing(number), pdf()) for number in range(4)]
        again = [seals.sign(sealing(number), pdf()) for number in range(4)]
        assert all(result.repeated for result in again)
        assert [result.update for result in again] == [result.update for result in first]
        assert seals.result("yc-2", pdf()).update == first[2].update
        seals.settle("yc-2")
        with pytest.raises(RequestUnknown):
            seals.result("chưa có", pdf())


def test_a_killed_process_comes_back_and_its_work_goes_to_the_other(one: SoftHsm, state: Path) -> None:
    with pool(one, state) as seals:
        seals.check()
        pids = [member.pid for member in seals.health()]
        assert None not in pids
        for pid in pids[:1]:
            os.kill(pid, signal.SIGKILL)  # type: ignore[arg-type]  # not None, see above
        made = [seals.sign(sealing(number), pdf()) for number in range(3)]
        assert all(sound(result.pdf, master().ca.der) for result in made)
        health = seals.check()
        assert all(member.ready and not member.problem for member in health)
        assert health[0].pid != pids[0]


def test_the_hsm_away_and_back(hsm: SoftHsm, state: Path) -> None:
    with pool(hsm, state) as seals:
        seals.sign(sealing(1), pdf())
        hsm.fault("removed")
        with pytest.raises((TokenRemoved, NoToken)):
            seals.sign(sealing(2), pdf())
        assert seals.unlocked_for() is None
        assert all(member.problem and not member.ready for member in seals.health())
        hsm.mend("removed")
        assert seals.sign(sealing(2), pdf()).repeated is False
        assert all(member.ready for member in seals.check())


def test_an_hsm_that_logged_everybody_out_is_logged_in_to_again(hsm: SoftHsm, state: Path) -> None:
    with pool(hsm, state) as seals:
        seals.sign(sealing(1), pdf())
        hsm.fault("sign_error", "101")  # CKR_USER_NOT_LOGGED_IN
        with pytest.raises(TokenRemoved):
            seals.sign(sealing(2), pdf())
        hsm.mend("sign_error")
        assert seals.sign(sealing(2), pdf()).repeated is False


def test_a_refused_pin_is_tried_once_by_all_of_them(hsm: SoftHsm, state: Path) -> None:
    pins = ["00000000"]
    with pool(hsm, state, lambda: pins[0]) as seals:
        for number in range(3):
            with pytest.raises(PinWrong):
                seals.sign(sealing(number), pdf())
        seals.check()
        assert hsm.calls().count("C_Login") == 1
        pins[0] = PIN
        with pytest.raises(PinWrong):
            seals.sign(sealing(1), pdf())
        seals.restart()
        assert seals.sign(sealing(1), pdf()).certificate == sha256(master().ders["rsa"])


def test_a_key_signs_for_its_purposes_alone(one: SoftHsm, state: Path) -> None:
    with pool(one, state) as seals:
        with pytest.raises(PurposeNotOfKey):
            seals.sign(request(master().ders["rsa"], purpose=Purpose.SIGNATORY), pdf())
        with pytest.raises(CertificateNotFound):
            seals.sign(request(master().ders["issuer"], purpose=Purpose.SEAL), pdf())
        assert not list(state.glob("*/journal.db"))


def test_the_processes_themselves_refuse_another_purpose(one: SoftHsm, state: Path) -> None:
    from kernel.tokens.client import Signer
    from kernel.tokens.errors import NotAsked

    with closing(Signer(one.settings(state))) as signer:
        signer.stand(sha256(master().ders["rsa"]), PIN, SEAL)
        assert signer.sign(sealing(1), pdf(), keep_unlocked=True).document_id == "hđ-Ữ-1"
        with pytest.raises(NotAsked):
            signer.sign(request(master().ders["rsa"], "yc-9", purpose=Purpose.SIGNATORY), pdf(), keep_unlocked=True)


def test_a_standing_key_is_not_locked_by_idleness(one: SoftHsm, state: Path) -> None:
    from kernel.tokens.client import Signer

    with closing(Signer(one.settings(state, idle_seconds=1))) as signer:
        signer.stand(sha256(master().ders["rsa"]), PIN, SEAL)
        time.sleep(1.3)
        assert signer.sign(sealing(1), pdf(), keep_unlocked=True)


def test_the_pin_file(tmp_path: Path) -> None:
    file = tmp_path / "hsm.pin"
    with pytest.raises(PinFileUnreadable):
        read_pin(file)
    file.write_text("12345678\r\nghi chú: Ệ\n", "utf-8")
    file.chmod(0o640)
    with pytest.raises(PinFileOpen) as caught:
        read_pin(file)
    assert "chmod 600" in caught.value.diagnosis("vi").advice
    file.chmod(0o600)
    assert read_pin(file) == "12345678"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(PinFileUnreadable):
        read_pin(file)
    file.write_text("\n")
    with pytest.raises(PinFileUnreadable):
        read_pin(file)


def test_what_was_signed_before_the_answer_was_lost_is_not_signed_again(one: SoftHsm, state: Path) -> None:
    with pool(one, state, size=1) as seals:
        first = seals.sign(sealing(1), pdf())
    shutil.move(state / "1", state / "2")
    (state / "1").mkdir()
    with pool(one, state) as seals:
        again = seals.sign(sealing(1), pdf())
        assert again.repeated
        assert again.update == first.update


def test_a_process_that_was_replaced_logs_in_again(one: SoftHsm, state: Path) -> None:
    with pool(one, state, size=1) as seals:
        seals.sign(sealing(1), pdf())
        seals._members[0].signer.restart()  # as the client does by itself when it finds the process dead
        assert seals.sign(sealing(2), pdf()).repeated is False
