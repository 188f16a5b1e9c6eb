"""What has to reach CMIS and customers: kept until it is there, there once, and visible when it can't be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kernel.api.errors import AdapterAnswerInvalid, AdapterRefused, AdapterUnavailable
from kernel.api.ports import Delivery, Receipt
from kernel.casework import delivering
from kernel.jobs import Outcome
from tests.practice import CONTRACT

if TYPE_CHECKING:
    from adapters.practice.faults import Mode
    from kernel.storage.tables import OutgoingRow
    from tests.practice import Branch


def complete(branch: Branch) -> None:
    branch.deliver()
    document = branch.agree(branch.document(branch.case_id))
    branch.sign(branch.sign(document))


def row(branch: Branch, kind: str) -> OutgoingRow:
    return branch.outgoing(kind)[-1]


@pytest.mark.parametrize("mode", ["down", "html"])
def test_an_upload_waits_until_cmis_is_back(drawn: Branch, mode: Mode) -> None:
    complete(drawn)
    job = row(drawn, "cmis_upload").id
    drawn.fault("cmis", mode, times=3)
    outcomes = [delivering.attempt(drawn.office, job) for _ in range(5)]
    assert outcomes == [Outcome.AGAIN] * 3 + [Outcome.DONE] * 2
    assert row(drawn, "cmis_upload").state == "sent"
    (upload,) = drawn.cmis_state()["uploads"]
    assert (upload["type"], upload["times"]) == ("HDSH", 1)
    states = [one.facts["state"] for one in drawn.audit("deliver") if one.facts["job"] == job]
    assert states[-1] == "sent"
    # the same trouble is written down once
    assert len(states) == 2


def test_an_upload_whose_answer_was_lost_is_not_repeated(drawn: Branch) -> None:
    complete(drawn)
    job = row(drawn, "cmis_upload").id
    drawn.fault("cmis", "half", path="uploadHSoGTo")
    assert delivering.attempt(drawn.office, job) is Outcome.AGAIN
    assert delivering.attempt(drawn.office, job) is Outcome.DONE
    assert [one["times"] for one in drawn.cmis_state()["uploads"]] == [1]


def test_a_refused_upload_is_failed_and_says_why(drawn: Branch) -> None:
    complete(drawn)
    drawn.fault("cmis", "refuse")
    assert delivering.attempt(drawn.office, row(drawn, "cmis_upload").id) is Outcome.DONE
    failed = row(drawn, "cmis_upload")
    assert failed.state == "failed"
    assert "đang được người dùng khác cập nhật" in failed.detail


def test_a_lost_file_is_failed_and_visible(drawn: Branch) -> None:
    complete(drawn)
    document = drawn.document(drawn.case_id, CONTRACT)
    drawn.office.blobs.path(document.sha256).unlink()
    assert delivering.attempt(drawn.office, row(drawn, "cmis_upload").id) is Outcome.DONE
    assert row(drawn, "cmis_upload").state == "failed"
    assert document.sha256 in row(drawn, "cmis_upload").detail


def test_a_job_nobody_wrote_down(drawn: Branch) -> None:
    assert delivering.attempt(drawn.office, "không có") is Outcome.DONE


class Gateway:
    """A gateway that does as it is told, one answer a call."""

    def __init__(self, *answers: Receipt | Exception | None) -> None:
        self.answers = list(answers)
        self.calls: list[str] = []

    def _next(self, call: str) -> Receipt | None:
        self.calls.append(call)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def send(self, message: object) -> Receipt | None:
        return self._next("send")

    def find(self, message_id: str) -> Receipt | None:
        return self._next("find")

    def close(self) -> None:
        """Nothing to close."""


DOWN = AdapterUnavailable(system="SMS", endpoint="sendsms", detail="x")
ODD = AdapterAnswerInvalid(system="SMS", endpoint="sendsms", detail="x")
NO = AdapterRefused(system="SMS", endpoint="status_url", detail="x")
TOOK = Receipt("1", Delivery.ACCEPTED)


@pytest.mark.parametrize(
    ("answers", "calls", "state"),
    [
        # certainly not there: sent again
        ((DOWN, TOOK), ["send", "send"], "accepted"),
        # nobody knows: asked before it is sent again, for as long as nobody can be asked
        ((ODD, TOOK), ["send", "find"], "accepted"),
        ((ODD, None, TOOK), ["send", "find", "send"], "accepted"),
        ((ODD, DOWN, DOWN, TOOK), ["send", "find", "find", "find"], "accepted"),
        ((ODD, ODD, None, TOOK), ["send", "find", "find", "send"], "accepted"),
        # a gateway that can't be asked: left in doubt, never sent blindly
        ((ODD, NO), ["send", "find"], "unknown"),
        ((NO,), ["send"], "failed"),
        ((Receipt("", Delivery.UNKNOWN),), ["send"], "unknown"),
    ],
)
def test_a_message_is_never_sent_blindly_again(
    drawn: Branch, answers: tuple[Receipt | Exception | None, ...], calls: list[str], state: str
) -> None:
    complete(drawn)
    job = row(drawn, "sms").id
    gateway = Gateway(*answers)
    drawn.office.sms.close()  # type: ignore[attr-defined]  # the adapter's connections
    object.__setattr__(drawn.office, "sms", gateway)
    while delivering.attempt(drawn.office, job) is Outcome.AGAIN:
        pass
    assert gateway.calls == calls
    assert row(drawn, "sms").state == state
    assert delivering.attempt(drawn.office, job) is Outcome.DONE


def test_words_that_cannot_be_sent_stop_no_contract(drawn: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    document = drawn.sign(drawn.agree(drawn.document(drawn.case_id)))

    def refuse(*_: object) -> str:
        raise NO

    monkeypatch.setattr(type(drawn.office.sms), "compose", refuse)
    assert drawn.sign(document).state.value == "complete"
    lost = row(drawn, "sms")
    assert (lost.subject, lost.state) == ("completed", "failed")
    assert lost.detail
