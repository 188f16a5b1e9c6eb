"""Many signatures asked at once: the same promises as for one, and one wait for the disk for several."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from kernel.api.documents import Purpose
from kernel.signing.errors import FieldMissing
from kernel.tokens.client import Signer
from kernel.tokens.errors import (
    JournalUnwritable,
    NoToken,
    PinRequired,
    RequestMismatch,
    RequestUnknown,
    SignerCrashed,
    TokenRemoved,
)
from kernel.tokens.pool import SignerPool
from kernel.tokens.settings import SignerSettings
from kernel.tokens.shapes import SignResult
from tests.softhsm import PIN, SoftHsm, master
from tests.tokens_fixtures import full_disk, log, signed
from tests.tokens_kit import errand, pdf, request, sha256, sound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from kernel.tokens.shapes import SignRequest

    Start = Callable[[SignerSettings], Signer]


def many(count: int, purpose: Purpose = Purpose.SIGNATORY) -> list[tuple[SignRequest, bytes | Path]]:
    return [
        (request(master().ders["rsa"], f"yc-Ữ-{n}", document_id=f"hđ-{n}", purpose=purpose), pdf())
        for n in range(count)
    ]


def unlocked(signer: Signer, asked: list[tuple[SignRequest, bytes | Path]]) -> Signer:
    signer.unlock(asked[0][0].certificate, PIN, [errand(one) for one, _ in asked])
    return signer


def made(answers: Sequence[object]) -> list[SignResult]:
    return [one for one in answers if isinstance(one, SignResult)]


def test_all_are_signed_in_order_and_one_bad_file_stops_none(tmp_path: Path, state: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    asked = many(40)
    asked[3] = request(master().ders["rsa"], "yc-3", document_id="hđ-3", field="ben_mua"), pdf()
    signer = unlocked(start(hsm.settings(state)), asked)
    answers = signer.sign_all(asked)
    assert isinstance(answers.pop(3), FieldMissing)
    wanted = [one.request_id for one, _ in asked if one.request_id != "yc-3"]
    assert [one.request_id for one in made(answers)] == wanted
    assert len({one.update for one in made(answers)}) == len(wanted)
    assert all(sound(one.pdf, master().ca.der) == ["ben_ban"] for one in made(answers)[::13])
    assert signer.unlocked_for() == asked[0][0].certificate
    assert signed(state) == wanted
    assert hsm.calls().count("C_Login") == 1
    again = signer.sign_all(asked)
    assert [one.update for one in made(again)] == [one.update for one in made(answers)]
    assert hsm.calls().count("C_Sign") == len(wanted)


def test_nothing_is_signed_behind_a_token_that_was_pulled_out(tmp_path: Path, state: Path, start: Start) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm", shim=True)
    asked = many(6)
    signer = unlocked(start(hsm.settings(state)), asked)
    assert len(made(signer.sign_all(asked[:2]))) == 2
    hsm.fault("removed")
    answers = signer.sign_all(asked)
    assert [one.repeated for one in made(answers[:2])] == [True, True]
    assert isinstance(answers[2], TokenRemoved)
    assert all(isinstance(one, PinRequired | NoToken | TokenRemoved) for one in answers[3:])
    hsm.mend("removed")
    assert len(made(unlocked(signer, asked).sign_all(asked))) == 6
    assert len(signed(state)) == len(set(signed(state))) == 6


@pytest.mark.skipif(sys.platform != "linux", reason="another process's limits can be set on Linux only")
def test_what_waits_for_a_full_disk_together_is_lost_together(signer: Signer, state: Path) -> None:
    asked = many(8)
    unlocked(signer, asked)
    with full_disk(signer):
        answers = signer.sign_all(asked)
        assert isinstance(answers[0], JournalUnwritable)
        assert made(answers) == []
        assert signer.unlocked_for() is None
    for one, document in asked:
        with pytest.raises(RequestUnknown):
            signer.result(one.request_id, document)
    assert len(made(unlocked(signer, asked).sign_all(asked))) == 8
    assert len(signed(state)) == 8


def test_what_was_released_before_a_kill_was_kept(one: SoftHsm, state: Path, start: Start) -> None:
    chance = random.Random(20261125)
    asked = many(60)
    signer = start(one.settings(state))
    released: dict[str, bytes] = {}
    for _ in range(4):
        unlocked(signer, asked)
        pid = signer.pid
        assert pid is not None
        killer = threading.Timer(chance.uniform(0.0, 0.1), os.kill, (pid, signal.SIGKILL))
        killer.start()
        answers = signer.sign_all(asked)
        killer.join()
        assert all(isinstance(answer, SignResult | SignerCrashed) for answer in answers)
        for answer in made(answers):
            assert released.setdefault(answer.request_id, answer.update) == answer.update
        assert set(released) <= set(signed(state))
    last = made(unlocked(start(one.settings(state)) if signer.pid else signer, asked).sign_all(asked))
    assert len(last) == 60
    assert all(released.get(answer.request_id, answer.update) == answer.update for answer in last)
    assert sorted(line.request for line in log(state)) == sorted({one.request_id for one, _ in asked})


def test_a_pool_shares_the_work_and_outlives_a_process(one: SoftHsm, state: Path) -> None:
    asked = many(64, Purpose.SEAL)
    certificate = sha256(master().ders["rsa"])
    with closing(SignerPool(one.settings(state), certificate, {Purpose.SEAL}, lambda: PIN)) as seals:
        seals.check()
        first = made(seals.sign_all(asked[:32]))
        assert all(member.signed for member in seals.health())
        pid = seals.health()[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        foreign = request(master().ders["rsa"], "yc-khác", purpose=Purpose.SIGNATORY), pdf()
        *answers, refused = seals.sign_all([*asked, foreign])
        assert len(made(answers)) == 64
        assert not isinstance(refused, SignResult)
        assert [one.update for one in made(answers[:32])] == [one.update for one in first]
    everything = [*signed(state / "1"), *signed(state / "2")]
    assert sorted(everything) == sorted(one.request_id for one, _ in asked)


def test_a_pool_shares_a_short_batch_too_and_signs_a_request_named_twice_once(one: SoftHsm, state: Path) -> None:
    asked = many(12, Purpose.SEAL)
    other = request(master().ders["rsa"], asked[0][0].request_id, document_id="hđ-khác", purpose=Purpose.SEAL), pdf()
    certificate = sha256(master().ders["rsa"])
    with closing(SignerPool(one.settings(state), certificate, {Purpose.SEAL}, lambda: PIN)) as seals:
        seals.check()
        *answers, again, mismatch = seals.sign_all([*asked, asked[1], other])
        assert all(member.signed for member in seals.health())
    assert len(made(answers)) == 12
    assert isinstance(again, SignResult)
    assert again.update == made(answers)[1].update
    assert isinstance(mismatch, RequestMismatch)
    everything = [*signed(state / "1"), *signed(state / "2")]
    assert sorted(everything) == sorted(one.request_id for one, _ in asked)
