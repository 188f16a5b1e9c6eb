"""One request of cấp điện hạ áp from CMIS to the archive: what each step leaves behind."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

from console.practice.people import PIN
from kernel.api.identifiers import same_name
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
        report = verify(pdf, branch.office.trust)
        assert (report.verdict, report.reasons) == (Verdict.VALID, ())
        # the file says who was to sign each field, and they did
        for one in report.signatures:
            assert one.field == "con_dau" or any(same_name(name, one.signer) for name in one.party.split(" / ")), one
            assert one.party
        # what the customer agreed to is the beginning of the file, byte for byte
        assert hashlib.sha256(pdf[: document.base_length]).hexdigest() == document.base_sha256
    state = branch.cmis_state()
    uploads = [(one["type"], one["times"]) for one in state["uploads"]]
    assert sorted(uploads) == [("BBAN_TTHAO", 1), ("HDSH", 1)]
    steps = [row["MA_CVIEC"] for row in state["progress"] if row["request"] == dossier.code]
    assert steps == ["TN", "PK", "KS", "DHD", "PC", "TC", "BTT", "HT", "KT"]
    assert next(one["ended"] for one in state["requests"] if one["code"] == dossier.code) == 1
    assert {row.state for row in branch.outgoing()} <= {"sent", "accepted", "delivered"}
    _every_step_is_written_down(branch, dossier_id)
    _nothing_personal_is_written_down(branch, dossier_id)


def _every_step_is_written_down(branch: Branch, dossier_id: str) -> None:
    rows = branch.audit()
    assert not breaks(rows)
    count = Counter(row.action for row in rows)
    documents = {one.type: one.id for one in branch.documents(dossier_id)}
    steps = len(branch.office.service(branch.dossier(dossier_id)).steps)
    assert count["advance"] == steps - 1
    assert (count["close"], count["draw"], count["number"]) == (1, 2, 2)
    for document, signatures in ((documents[CONTRACT], 2), (documents[MINUTES], 2)):
        mine = Counter(row.action for row in rows if row.subject == document)
        for action, times in (("send_code", 1), ("consent", 1), ("ask_signature", signatures), ("sign", signatures)):
            assert mine[action] == times, action
        assert mine["archive"] == 1
    assert count["deliver"] == len([row for row in branch.outgoing() if row.subject != "otp"])
    assert {row.actor for row in rows if row.action == "sign"} == {"duc", "thuy", "huu", "khue"}
    assert all(row.unit == branch.office.unit for row in rows)


def _nothing_personal_is_written_down(branch: Branch, dossier_id: str) -> None:
    """Neither in the trail nor in any log: the name, the numbers, the address of the customer, a code, a PIN."""
    values = branch.dossier(dossier_id).values
    told = [str(values[name]) for name in ("ten_khach_hang", "so_giay_to", "dien_thoai", "dia_chi_dung_dien")]
    sent = {row.id for row in branch.outgoing("sms") if row.subject == "otp"}
    # the code stands before the number of the document
    codes = [found[0] for one in branch.inbox() if one.id in sent and (found := re.findall(r"\b[0-9]{6}\b", one.text))]
    secrets = [*told, *(f"0{word[3:]}" for word in told if word.startswith("+84")), PIN]
    kept = [path for path in (branch.home / "state").rglob("*.*l*") if path.is_file()]
    logs = "".join(path.read_bytes().decode("utf-8", "replace") for path in kept)  # journals are databases
    for text in (repr(branch.audit()), logs):
        # digits may stand by chance in a hash
        assert [word for word in (*secrets, *codes) if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)] == []
    assert len(codes) == 2
    assert branch.files_with(*codes) == []
