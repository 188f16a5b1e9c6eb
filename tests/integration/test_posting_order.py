"""What is posted for a dossier within one second reaches CMIS in the order it was posted."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from kernel.casework.posting import post
from kernel.jobs import Outcome, worker

if TYPE_CHECKING:
    from tests.practice import Branch

POSTED = 24


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
