"""A signature made elsewhere is interrupted at every boundary; it is asked for once, released once, and not lost."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest
from sqlmodel import select

from console.wiring import close_office, open_office
from kernel.casework import collecting
from kernel.settings import FILE_NAME
from kernel.signing.report import Verdict
from kernel.signing.verify import verify
from kernel.storage import documents
from kernel.storage.tables import ElsewhereRow, OutgoingRow
from kernel.storage.unit_of_work import audit_chain
from tests.faults import boundaries, branches
from tests.practice import copy_branch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.remote_service import RemoteService


@pytest.mark.timeout(600)
def test_a_full_restart_goes_on(
    drawn_template: tuple[Path, str], tmp_path: Path, remote_service: RemoteService
) -> None:
    home = copy_branch(drawn_template[0], tmp_path / "home")
    (home / "trust" / "ky-tu-xa.pem").write_bytes(remote_service.root_pem)
    with (home / FILE_NAME).open("a", encoding="utf-8") as file:
        file.write(
            '\n[[signing.remote]]\nid = "thu"\ntitle = "SmartKý Thử"\nadapter = "csc"\nminutes = 30\n'
            'purposes = ["khach_hang"]\nroles = ["GDV"]\n'
            f'options = {{ base_url = "{remote_service.url}", version = "v2", asynchronous = true }}\n'
        )
    outcomes = tmp_path / "outcomes.json"
    process = branches.start(home, "tests.faults.doomed_elsewhere", str(home), str(outcomes))
    assert process.wait(branches.PATIENCE) == 0, branches.said(home)
    assert json.loads(outcomes.read_text("utf-8")) == dict.fromkeys(boundaries.ELSEWHERE, -signal.SIGKILL)
    branches.intact(home)
    _finished_once(home, remote_service)


def _finished_once(home: Path, remote_service: RemoteService) -> None:
    office = open_office(home)
    try:
        with office.work(reading=True) as work:
            [row] = work.session.exec(select(ElsewhereRow)).all()
            document = documents.get(work.session, row.document)
            chain = audit_chain(work)
            [job] = work.session.exec(select(OutgoingRow).where(OutgoingRow.kind == "collect")).all()
        # the last one died before the job had heard of it
        assert collecting.attempt(office, row.id) is None
        assert (row.state, row.result_sha256, job.id) == ("done", document.sha256, row.id)
        assert [one.field for one in document.filled] == ["ben_mua"]
        for action in ("prepare_signature", "hand_out", "sign"):
            assert [one.action for one in chain].count(action) == 1, action
        assert not [one for one in chain if one.action in ("answer_refused", "elsewhere_ended")]
        report = verify(office.blobs.get(document.sha256), office.trust)
        assert report.verdict is not Verdict.INVALID
        assert [one.field for one in report.signatures] == ["ben_mua"]
    finally:
        close_office(office)
    # the owner was asked once more for the one answer that nobody had kept, and signed no more than that
    assert remote_service.door.calls("signatures/signHash") == 2
