"""Batches of signatures: one PIN, one certificate, pause, stop, the exact place, and what stops and what does not."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from console.practice.people import PIN
from kernel.casework import batches, gatekeeper, sections
from kernel.casework.errors import BatchEmpty, BatchOver
from kernel.dossier.records import DocumentState
from kernel.signing.report import Verdict
from kernel.signing.verify import verify
from kernel.storage import documents
from kernel.tokens.client import Signer
from kernel.tokens.errors import PinRequired, PinWrong, SignerCrashed, TokenRemoved
from kernel.tokens.shapes import SignResult
from tests.practice import Branch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel.tokens.shapes import SignRequest

COUNT = 5
FIELD = "ben_ban"


def copies(branch: Branch, count: int = COUNT) -> list[str]:
    """Agree to the drawn contract and return the ids of so many documents with the same file."""
    agreed = branch.agree(branch.document(branch.case_id))
    ids = [uuid4().hex for _ in range(count)]
    with branch.office.work() as work:
        for number, document in enumerate(ids, 1):
            documents.put(work.session, replace(agreed, id=document, number=f"HĐ-{number:04}/Ữ"))
        work.commit()
    return ids


def state(branch: Branch, document: str) -> DocumentState:
    with branch.office.work(reading=True) as work:
        return documents.get(work.session, document).state


def signed(branch: Branch, ids: list[str]) -> list[bool]:
    return [state(branch, one) is DocumentState.SIGNED for one in ids]


def opened(branch: Branch, ids: list[str]) -> batches.Batch:
    certificate = branch.certificate(branch.document(branch.case_id)).certificate.sha256
    return batches.open_batch(branch.office, branch.named("duc"), certificate, [(one, FIELD) for one in ids])


def run(branch: Branch, batch: batches.Batch, pin: str = PIN, **more: object) -> batches.Batch:
    return batches.run(branch.office, branch.named("duc"), batch.id, pin, **more)  # type: ignore[arg-type]  # as given


def test_one_pin_signs_them_all(shimmed: Branch) -> None:
    ids = copies(shimmed)
    told: list[int] = []
    logins = shimmed.token_calls("C_Login")
    done = run(shimmed, opened(shimmed, ids), tell=lambda batch: told.append(batch.done))
    assert (done.state, done.done, done.left, done.waiting) == ("done", COUNT, (), 0)
    assert told == sorted(set(told)) and told[-1] == COUNT
    assert shimmed.token_calls("C_Login") == logins + 1
    with shimmed.office.work(reading=True) as work:
        found = [documents.get(work.session, one) for one in ids]
    assert {one.filled[-1].certificate for one in found} == {done.certificate}
    for one in found:
        report = verify(shimmed.office.blobs.get(one.sha256), shimmed.office.trust)
        assert report.signatures[0].intact
        assert report.verdict is not Verdict.INVALID
    assert all(signer.unlocked_for() is None for signer in shimmed.office.signers.values())
    assert [row.facts["state"] for row in shimmed.audit("batch")] == ["running", "done"]
    with pytest.raises(BatchOver):
        run(shimmed, done)


def test_one_bad_file_does_not_stop_the_rest(shimmed: Branch) -> None:
    ids = copies(shimmed)
    broken = shimmed.office.blobs.put("không phải PDF, chỉ là chữ Ệ".encode())
    with shimmed.office.work() as work:
        documents.put(work.session, replace(documents.get(work.session, ids[1]), sha256=broken))
        documents.put(work.session, replace(documents.get(work.session, ids[3]), sha256="0" * 64))
        work.commit()
    done = run(shimmed, opened(shimmed, ids))
    assert (done.state, done.done) == ("done", 3)
    assert [(one.document, one.code) for one in done.left] == [
        (ids[1], "signing.not_pdf"),
        (ids[3], "storage.blob_missing"),
    ]
    assert all(one.cause for one in done.left)
    assert signed(shimmed, ids) == [True, False, True, False, True]


def test_a_wrong_pin_stops_before_the_first(shimmed: Branch) -> None:
    ids = copies(shimmed)
    batch = opened(shimmed, ids)
    logins = shimmed.token_calls("C_Login")
    with pytest.raises(PinWrong) as caught:
        run(shimmed, batch, "00000000")
    assert caught.value.facts["tries_left"] == 2
    assert shimmed.token_calls("C_Login") == logins + 1
    assert batches.look(shimmed.office, batch.id).waiting == COUNT
    assert run(shimmed, batch).done == COUNT


def test_stop_after_this_one_and_go_on_later(shimmed: Branch) -> None:
    ids = copies(shimmed)
    control = batches.Control()
    before = shimmed.token_calls("C_Sign")
    stopped = run(shimmed, opened(shimmed, ids), control=control, tell=lambda _: control.stop())
    # what the token had signed by then is released, and nothing else is begun
    assert stopped.state == "stopped"
    assert 1 <= stopped.done < COUNT and stopped.waiting == COUNT - stopped.done
    assert signed(shimmed, ids) == [place < stopped.done for place in range(COUNT)]
    assert shimmed.token_calls("C_Sign") == before + stopped.done
    assert [one.id for one in batches.unfinished(shimmed.office)] == [stopped.id]
    finished = run(shimmed, stopped)
    assert (finished.state, finished.done) == ("done", COUNT)
    assert batches.unfinished(shimmed.office) == ()


def test_pause_and_resume(shimmed: Branch) -> None:
    ids = copies(shimmed)
    control = batches.Control()
    before = shimmed.token_calls("C_Sign")
    seen: list[str] = []

    def tell(batch: batches.Batch) -> None:
        seen.append(batch.state)
        if batch.state == "paused":
            # whatever the token had signed is released before anyone waits
            assert signed(shimmed, ids).count(True) == batch.done == shimmed.token_calls("C_Sign") - before
            control.resume()
        elif seen.count("paused") == 0:
            control.pause()

    assert run(shimmed, opened(shimmed, ids), control=control, tell=tell).done == COUNT
    assert seen.count("paused") == 1


def test_a_token_pulled_out_stops_the_batch_at_its_place(shimmed: Branch) -> None:
    ids = copies(shimmed)
    batch = opened(shimmed, ids)

    before = shimmed.token_calls("C_Sign")
    with pytest.raises(TokenRemoved):
        run(shimmed, batch, tell=lambda _: shimmed.token_fault("removed"))
    stopped = batches.look(shimmed.office, batch.id)
    assert (stopped.state, stopped.waiting) == ("stopped", COUNT - stopped.done)
    assert 1 <= stopped.done < COUNT and signed(shimmed, ids).count(True) == stopped.done
    assert stopped.detail
    shimmed.mend_token("removed")
    assert run(shimmed, batch).done == COUNT
    assert all(signed(shimmed, ids))
    assert shimmed.token_calls("C_Sign") == before + COUNT


def test_a_signer_that_dies_stops_the_batch_and_nothing_is_signed_twice(shimmed: Branch) -> None:
    ids = copies(shimmed)
    batch = opened(shimmed, ids)
    before = shimmed.token_calls("C_Sign")

    def kill(_: batches.Batch) -> None:
        for signer in shimmed.office.signers.values():
            if isinstance(signer, Signer) and signer.pid is not None:
                os.kill(signer.pid, signal.SIGKILL)

    with pytest.raises((SignerCrashed, PinRequired)):
        run(shimmed, batch, tell=kill)
    stopped = batches.look(shimmed.office, batch.id)
    assert (stopped.state, stopped.left) == ("stopped", ())
    assert 1 <= stopped.done == signed(shimmed, ids).count(True) < COUNT
    assert run(shimmed, batch).done == COUNT
    assert shimmed.token_calls("C_Sign") == before + COUNT


@pytest.mark.parametrize("place", ["finish", "release_result", "tick", "settle"])
def test_what_was_signed_before_a_crash_is_not_signed_again(
    shimmed: Branch, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    ids = copies(shimmed)
    batch = opened(shimmed, ids)
    before = shimmed.token_calls("C_Sign")

    class PowerCut(BaseException):
        pass

    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(sections, place, cut)
        with pytest.raises(PowerCut):
            run(shimmed, batch)
    assert signed(shimmed, ids).count(True) == (1 if place == "settle" else 0)
    made = shimmed.token_calls("C_Sign") - before
    assert made >= 1
    assert run(shimmed, batch).done == COUNT
    assert shimmed.token_calls("C_Sign") == before + COUNT


def test_one_document_may_be_signed_in_two_places(shimmed: Branch) -> None:
    ids = copies(shimmed, 3)
    certificate = shimmed.certificate(shimmed.document(shimmed.case_id)).certificate.sha256
    items = [(one, field) for one in ids for field in (FIELD, "con_dau")]
    batch = batches.open_batch(shimmed.office, shimmed.named("duc"), certificate, items)
    done = run(shimmed, batch)
    # the second place is another's: refused for that, and not for its turn
    assert (done.done, {one.code for one in done.left}) == (3, {"casework.not_entitled"})


def test_many_files_are_checked_beside_and_one_that_fails_is_not_released(
    shimmed: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gatekeeper, "FEW", 1)
    ids = copies(shimmed, 6)
    sign_all = Signer.sign_all

    def tampered(signer: Signer, asked: Sequence[tuple[SignRequest, bytes]]) -> list[object]:
        answers: list[object] = list(sign_all(signer, asked))
        for number, answer in enumerate(answers):
            if isinstance(answer, SignResult) and answer.document_id == ids[4]:
                answers[number] = replace(answer, update=answer.update.replace(b"/Reason", b"/Rubbish"))
        return answers

    monkeypatch.setattr(Signer, "sign_all", tampered)
    done = run(shimmed, opened(shimmed, ids))
    assert (done.state, done.done) == ("done", 5)
    assert [(one.document, one.code) for one in done.left] == [(ids[4], "casework.not_released")]
    assert signed(shimmed, ids) == [place != 4 for place in range(6)]


def test_nobody_signs_what_is_not_his_turn(shimmed: Branch) -> None:
    ids = copies(shimmed, 2)
    certificate = shimmed.certificate(shimmed.document(shimmed.case_id)).certificate.sha256
    items = [(ids[0], "con_dau"), (ids[1], FIELD), (ids[1], FIELD)]
    batch = batches.open_batch(shimmed.office, shimmed.named("duc"), certificate, items)
    done = run(shimmed, batch)
    assert (done.total, done.done) == (2, 1)
    assert [one.code for one in done.left] == ["dossier.slot_out_of_order"]


def test_an_empty_batch_is_refused(shimmed: Branch) -> None:
    with pytest.raises(BatchEmpty):
        batches.open_batch(shimmed.office, shimmed.clerk, "0" * 64, [])
