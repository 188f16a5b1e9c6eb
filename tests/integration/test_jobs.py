"""Background work: what is committed is done once, however often the worker dies; what is not never happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from kernel.casework import intake
from kernel.casework.posting import post
from kernel.dossier.records import DossierState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.practice import Branch

WALK_IN = {
    "ten_khach_hang": "Đặng Thị Ỷ Lan",
    "so_giay_to": "001190000055",
    "dien_thoai": "0900000055",
    "dia_chi_dung_dien": "Số 5 ngõ Đường Bưởi, phường Nghĩa Đô, thành phố Hà Nội",
}
PATIENCE = 90


@contextmanager
def worker(branch: Branch) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process of the branch, told to stop at the end unless it was killed."""
    log = branch.home / "state" / "worker.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "console", "worker", "--home", str(branch.home)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        assert process.wait(30) in (0, -signal.SIGKILL), log.read_text("utf-8")


def until(branch: Branch, met: Callable[[], bool]) -> None:
    """Wait for what another process does: there is no event that crosses to here."""
    deadline = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < deadline, [(row.kind, row.state, row.detail) for row in branch.outgoing()]
        time.sleep(0.05)


def states(branch: Branch) -> list[str]:
    return [row.state for row in branch.outgoing()]


def jobs(branch: Branch) -> list[tuple[str, str]]:
    with branch.office.engine.connect() as connection:
        found = connection.execute(text("SELECT workflow_uuid, inputs FROM workflow_status"))
        return [(str(one[0]), str(one[1])) for one in found]


def walk_in(branch: Branch, **more: str) -> str:
    return intake.open_walk_in(branch.office, branch.clerk, "cap_dien_ha_ap", "sinh_hoat", {**WALK_IN, **more})


def test_a_job_of_a_transaction_that_was_undone_does_not_exist(branch: Branch) -> None:
    with branch.office.work() as work:
        post(branch.office, work, kind="cmis_open", dossier="d", subject="s")
    with pytest.raises(RuntimeError), branch.office.work() as work:
        post(branch.office, work, kind="cmis_open", dossier="d", subject="s")
        raise RuntimeError
    assert branch.outgoing() == []
    assert jobs(branch) == []


def test_a_job_carries_an_id_and_nothing_personal(branch: Branch) -> None:
    walk_in(branch)
    (row,), ((job, inputs),) = branch.outgoing(), jobs(branch)
    assert job == row.id
    assert not any(word in inputs for word in ("Lan", "0900000055", "001190000055"))


def test_a_committed_job_is_done_once(branch: Branch) -> None:
    dossier_id = walk_in(branch)
    with worker(branch):
        until(branch, lambda: states(branch) == ["sent"])
    assert branch.dossier(dossier_id).state is DossierState.OPEN
    (row,) = branch.outgoing()
    assert row.tries == 1
    assert [one["tech_id"] for one in branch.cmis_state()["requests"]].count(dossier_id) == 1
    # a second worker finds nothing left to do
    before = len(branch.audit("deliver"))
    with worker(branch):
        other = walk_in(branch, dien_thoai="0900000056")
        until(branch, lambda: states(branch) == ["sent", "sent"])
    assert branch.dossier(other).state is DossierState.OPEN
    assert len(branch.audit("deliver")) == before + 1


def test_a_worker_killed_in_the_middle(branch: Branch) -> None:
    """CMIS has done the work and has not answered when the worker dies; the next one does not repeat it."""
    dossier_id = walk_in(branch)
    branch.fault("cmis", "slow", path="themMoiTiepNhanYeuCau")
    with worker(branch) as process:
        until(branch, lambda: dossier_id in [one["tech_id"] for one in branch.cmis_state()["requests"]])
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert states(branch) == ["sending"]
    with worker(branch):
        until(branch, lambda: states(branch) == ["sent"])
    requests = [one for one in branch.cmis_state()["requests"] if one["tech_id"] == dossier_id]
    assert [one["code"] for one in requests] == [branch.dossier(dossier_id).code]


def test_a_refused_job_is_failed_and_visible(branch: Branch) -> None:
    walk_in(branch)
    branch.fault("cmis", "refuse")
    with worker(branch):
        until(branch, lambda: states(branch) == ["failed"])
    assert branch.outgoing()[0].detail
    assert branch.audit("deliver")[-1].facts["state"] == "failed"


def test_a_job_that_waits_holds_up_no_other_dossier(branch: Branch) -> None:
    stuck, sha256 = branch.take_in(), branch.office.blobs.put(b"%PDF-1.7")
    branch.fault("cmis", "html", times=1000, path="uploadHSoGTo")
    with branch.office.work() as work:
        body = {"file_type": "HDSH", "sha256": sha256}
        post(branch.office, work, kind="cmis_upload", dossier=stuck, subject="v", body=body)
        work.commit()
    with worker(branch):
        until(branch, lambda: branch.outgoing("cmis_upload")[0].tries >= 1)
        other = walk_in(branch)
        until(branch, lambda: branch.dossier(other).state is DossierState.OPEN)
        assert branch.cmis_state()["uploads"] == []
        branch.fault("cmis", "html", times=0)
        until(branch, lambda: states(branch) == ["sent", "sent"])
    assert [one["times"] for one in branch.cmis_state()["uploads"]] == [1]
