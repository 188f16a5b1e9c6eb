"""One request of cấp điện hạ áp from CMIS to the archive: what each step leaves behind."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from kernel.audit import breaks
from kernel.dossier.records import DocumentState, DossierState
from kernel.signing.report import Verdict
from kernel.signing.verify import verify
from tests.practice import CONTRACT, MINUTES

if TYPE_CHECKING:
    from tests.practice import Branch


def test_from_cmis_to_the_archive(branch: Branch) -> None:
    dossier_id = branch.to_step("ket_thuc")
    branch.deliver()
    dossier = branch.dossier(dossier_id)
    assert dossier.state is DossierState.CLOSED
    assert dossier.holder == ""
    for document_type in (CONTRACT, MINUTES):
        document = branch.document(dossier_id, document_type)
        assert document.state is DocumentState.COMPLETE
        pdf = branch.office.blobs.get(document.sha256)
        assert verify(pdf, branch.office.trust).verdict is Verdict.VALID
        # what the customer agreed to is the beginning of the file, byte for byte
        assert hashlib.sha256(pdf[: document.base_length]).hexdigest() == document.base_sha256
    state = branch.cmis_state()
    uploads = [(one["type"], one["times"]) for one in state["uploads"]]
    assert sorted(uploads) == [("BBAN_TTHAO", 1), ("HDSH", 1)]
    steps = [row["MA_CVIEC"] for row in state["progress"] if row["request"] == dossier.code]
    assert steps == ["TN", "PK", "KS", "DHD", "PC", "TC", "BTT", "HT", "KT"]
    assert next(one["ended"] for one in state["requests"] if one["code"] == dossier.code) == 1
    assert {row.state for row in branch.outgoing()} <= {"sent", "accepted", "delivered"}
    assert not breaks(branch.audit())
