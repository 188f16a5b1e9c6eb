"""What is posted for a dossier within one second reaches CMIS in that order; what waits holds up nothing."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from kernel.casework.posting import post
from kernel.jobs import Outcome, worker

if TYPE_CHECKING:
    import pytest

    from tests.practice import Branch

POSTED = 24
AWAITED = 80
"""More than DBOS has threads."""


def test_jobs_of_a_dossier_keep_their_order(branch: Branch) -> None:
    office = branch.office
    with office.work() as work:
        ids = [
            post(office, work, kind="cmis_progress", dossier="hồ sơ", subject=f"{number}") for number in range(POSTED)
        ]
        work.commit()
    taken: list[str] = []
    stop = Event()

    def attempt(job: str) -> Outcome:
        taken.append(job)
        if len(taken) == POSTED:
            stop.set()
        return Outcome.DONE

    worker.run(office.engine, attempt, lambda _: None, stop, rounds={}, ready=lambda: None)
    assert taken == ids == sorted(ids)


def test_signatures_that_are_awaited_hold_no_thread(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every one is looked at though none of them ends, and CMIS gets its own beside them."""
    monkeypatch.setattr(worker, "ASKS_A_SECOND", 1000)
    office = branch.office
    with office.work() as work:
        for number in range(AWAITED):
            post(office, work, kind="collect", dossier="hồ sơ", subject=f"{number}")
        last = post(office, work, kind="cmis_progress", dossier="hồ sơ", subject="bước")
        work.commit()
    looked: set[str] = set()
    delivered: list[str] = []
    stop = Event()

    def done() -> None:
        if len(looked) == AWAITED and delivered:
            stop.set()

    def attempt(job: str) -> Outcome:
        delivered.append(job)
        done()
        return Outcome.DONE

    def look(job: str) -> float:
        looked.add(job)
        done()
        return 3600

    worker.run(office.engine, attempt, look, stop, rounds={}, ready=lambda: None)
    assert delivered == [last]
