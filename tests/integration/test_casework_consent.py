"""The one-time code: bound to the document, six digits nobody keeps, and every way it can go wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlmodel import select

from kernel.api.errors import AdapterUnavailable
from kernel.api.ports import Delivery
from kernel.casework import consenting, delivering, drawing, filling
from kernel.casework.errors import (
    CodeDailyLimit,
    CodeExhausted,
    CodeExpired,
    CodeNone,
    CodeTooSoon,
    CodeUsed,
    CodeWrong,
    PhoneMissing,
)
from kernel.dossier.errors import DocumentEnded, SlotOutOfOrder
from kernel.dossier.records import DocumentState
from kernel.storage.tables import ChallengeRow, EvidenceRow, OutgoingRow
from tests.practice import CONTRACT, MINUTES
from tests.said import said

if TYPE_CHECKING:
    from kernel.dossier.records import DossierDocument
    from tests.practice import Branch

PHONE = "+84900000001"


@pytest.fixture
def contract(drawn: Branch) -> DossierDocument:
    return drawn.document(drawn.case_id)


def send(branch: Branch, document: DossierDocument) -> consenting.Challenge:
    return consenting.send_code(branch.office, branch.clerk, document.id, document.pages)


def answer(branch: Branch, document: DossierDocument, code: str) -> DossierDocument:
    return consenting.answer_code(branch.office, branch.clerk, document.id, code, "spoken")


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def challenges(branch: Branch) -> list[ChallengeRow]:
    with branch.office.work(reading=True) as work:
        return list(work.session.exec(select(ChallengeRow)))


def test_the_code_is_six_digits_and_nowhere_on_this_side(drawn: Branch, contract: DossierDocument) -> None:
    shown = send(drawn, contract)
    code = drawn.code(PHONE)
    assert re.fullmatch(r"[0-9]{6}", code)
    assert shown.phone.endswith("001")
    assert "900000001" not in shown.phone
    assert drawn.files_with(code) == []
    agreed = answer(drawn, contract, code)
    assert drawn.files_with(code) == []
    assert code.encode() not in drawn.office.blobs.get(agreed.sha256)
    assert code not in repr(drawn.outgoing()) + repr(drawn.audit()) + repr(challenges(drawn))


def test_the_keyed_hash_is_bound_to_the_document(drawn: Branch, contract: DossierDocument) -> None:
    send(drawn, contract)
    code, (row,) = drawn.code(PHONE), challenges(drawn)
    key = drawn.office.code_key
    assert row.sha256 == contract.base_sha256 == contract.sha256
    assert key.matches(code, salt=row.salt, document_sha256=contract.sha256, expected=row.keyed_hash)
    assert not key.matches(code, salt=row.salt, document_sha256="0" * 64, expected=row.keyed_hash)
    assert (drawn.home / "keys" / "code.key").stat().st_mode & 0o077 == 0


def test_a_right_answer_is_kept_as_evidence(drawn: Branch, contract: DossierDocument) -> None:
    agreed = drawn.agree(contract)
    assert agreed.state is DocumentState.CONSENTED
    assert agreed.base_sha256 == contract.base_sha256
    pdf = drawn.office.blobs.get(agreed.sha256)
    assert pdf[: contract.base_length] == drawn.office.blobs.get(contract.sha256)
    with drawn.office.work(reading=True) as work:
        (evidence,) = work.session.exec(select(EvidenceRow))
    assert evidence.record["document"]["sha256"] == contract.base_sha256
    assert evidence.record["code"]["tries"] == 1
    assert "Hợp đồng mua bán điện" in evidence.record["answer"]["sentence"]
    assert drawn.audit("consent")[-1].facts["consented"] == contract.base_sha256


def test_a_wrong_answer_costs_a_try_and_the_last_one_kills_the_code(drawn: Branch, contract: DossierDocument) -> None:
    send(drawn, contract)
    code = drawn.code(PHONE)
    for left in (4, 3, 2, 1):
        with pytest.raises(CodeWrong) as wrong:
            answer(drawn, contract, other_than(code))
        assert f"Còn {left} lần nhập" in said(wrong.value)
    with pytest.raises(CodeExhausted) as dead:
        answer(drawn, contract, other_than(code))
    assert "Gửi mã mới" in said(dead.value)
    with pytest.raises(CodeExhausted):
        answer(drawn, contract, code)
    assert drawn.document(drawn.case_id).state is DocumentState.DRAWN
    assert [row.facts["tries_left"] for row in drawn.audit("wrong_code")] == ["4", "3", "2", "1", "0"]


def test_a_right_answer_after_a_wrong_one(drawn: Branch, contract: DossierDocument) -> None:
    send(drawn, contract)
    code = drawn.code(PHONE)
    with pytest.raises(CodeWrong):
        answer(drawn, contract, other_than(code))
    assert answer(drawn, contract, f" {code} ").state is DocumentState.CONSENTED


def test_a_late_answer(drawn: Branch, contract: DossierDocument) -> None:
    send(drawn, contract)
    code = drawn.code(PHONE)
    drawn.clock.forward(minutes=5, seconds=1)
    with pytest.raises(CodeExpired) as late:
        answer(drawn, contract, code)
    assert "5 phút" in said(late.value)
    drawn.clock.forward(minutes=-2)
    with pytest.raises(CodeExpired):
        answer(drawn, contract, code)


def test_a_code_serves_once(drawn: Branch, contract: DossierDocument) -> None:
    send(drawn, contract)
    code = drawn.code(PHONE)
    drawn.clock.forward(minutes=2)
    answer(drawn, contract, code)
    at = drawn.document(drawn.case_id).filled[0].at
    with pytest.raises(CodeUsed) as used:
        answer(drawn, contract, code)
    from kernel.clock import local

    assert f"{local(at):%H:%M}" in said(used.value)


def test_without_a_code_there_is_nothing_to_answer(drawn: Branch, contract: DossierDocument) -> None:
    with pytest.raises(CodeNone) as none:
        answer(drawn, contract, "123456")
    assert "gửi mã" in said(none.value)
    assert consenting.challenge(drawn.office, contract.id) is None


def test_a_newer_code_replaces_the_older(drawn: Branch, contract: DossierDocument) -> None:
    send(drawn, contract)
    old = drawn.code(PHONE)
    drawn.clock.forward(seconds=61)
    send(drawn, contract)
    new = drawn.code(PHONE)
    if old != new:
        with pytest.raises(CodeWrong):
            answer(drawn, contract, old)
    assert answer(drawn, contract, new).state is DocumentState.CONSENTED


def test_too_soon(drawn: Branch, contract: DossierDocument) -> None:
    send(drawn, contract)
    drawn.clock.forward(seconds=20)
    with pytest.raises(CodeTooSoon) as soon:
        send(drawn, contract)
    assert "còn 4" in said(soon.value)
    assert len(drawn.inbox()) == 1


def test_five_a_day_and_phone(drawn: Branch, contract: DossierDocument) -> None:
    for _ in range(5):
        send(drawn, contract)
        drawn.clock.forward(seconds=61)
    with pytest.raises(CodeDailyLimit) as limit:
        send(drawn, contract)
    assert "5 mã hôm nay" in said(limit.value)
    assert "900000001" not in said(limit.value)
    drawn.clock.forward(days=1)
    send(drawn, contract)


def test_without_a_phone(drawn: Branch) -> None:
    dossier = drawn.dossier(drawn.case_id)
    with drawn.office.work() as work:
        from dataclasses import replace

        from kernel.storage import dossiers

        values = {key: value for key, value in dossier.values.items() if key != "dien_thoai"}
        dossiers.save(work.session, replace(dossier, values=values), drawn.clock.now())
        work.commit()
    with pytest.raises(PhoneMissing) as missing:
        send(drawn, drawn.document(drawn.case_id))
    assert dossier.code in said(missing.value)


def test_gateway_down_is_said_and_another_code_may_go_at_once(drawn: Branch, contract: DossierDocument) -> None:
    drawn.fault("sms", "refuse", times=1)
    from kernel.api.errors import AdapterRefused

    with pytest.raises(AdapterRefused) as refused:
        send(drawn, contract)
    assert "SMS" in said(refused.value)
    assert [row.state for row in drawn.outgoing("sms")] == ["failed"]
    assert consenting.challenge(drawn.office, contract.id) is None
    with pytest.raises(CodeNone):
        answer(drawn, contract, "000000")
    send(drawn, contract)
    assert answer(drawn, contract, drawn.code(PHONE)).state is DocumentState.CONSENTED


def test_a_gateway_nobody_listens_at(drawn: Branch, contract: DossierDocument) -> None:
    object.__setattr__(drawn.office.sms, "_settings", _nobody(drawn))
    with pytest.raises(AdapterUnavailable) as down:
        send(drawn, contract)
    assert "SMS" in said(down.value)


def _nobody(branch: Branch) -> object:
    from dataclasses import replace

    return replace(branch.office.sms._settings, url="http://127.0.0.1:9")  # type: ignore[attr-defined]  # the adapter's own


def test_in_doubt_the_code_stays_open(drawn: Branch, contract: DossierDocument) -> None:
    drawn.fault("sms", "half")
    shown = send(drawn, contract)
    assert shown.delivery is Delivery.UNKNOWN
    assert answer(drawn, contract, drawn.code(PHONE)).state is DocumentState.CONSENTED


def test_killed_between_writing_and_sending(drawn: Branch, contract: DossierDocument) -> None:
    """The screen opens again at once; the gateway's word settles what became of the message."""
    send(drawn, contract)
    with drawn.office.work() as work:
        (sent,) = work.session.exec(select(OutgoingRow).where(OutgoingRow.subject == "otp"))
        sent.state = "sending"
        work.commit()
    shown = consenting.challenge(drawn.office, contract.id)
    assert shown is not None
    assert shown.delivery is Delivery.UNKNOWN
    assert delivering.settle_messages(drawn.office) == 1
    settled = consenting.challenge(drawn.office, contract.id)
    assert settled is not None
    assert settled.delivery is Delivery.DELIVERED
    assert drawn.inbox()[0].times == 1


def test_a_code_that_never_left_can_be_sent_anew_at_once(drawn: Branch, contract: DossierDocument) -> None:
    send(drawn, contract)
    with drawn.office.work() as work:
        (sent,) = work.session.exec(select(OutgoingRow).where(OutgoingRow.subject == "otp"))
        (row,) = work.session.exec(select(ChallengeRow))
        work.session.delete(sent)
        work.session.flush()
        work.session.add(OutgoingRow(**{**sent.model_dump(), "id": "never-left", "state": "sending"}))
        row.message = "never-left"
        work.commit()
    assert delivering.settle_messages(drawn.office) == 1
    assert consenting.challenge(drawn.office, contract.id) is None
    send(drawn, contract)


def test_out_of_turn(drawn: Branch, contract: DossierDocument) -> None:
    agreed = drawn.agree(contract)
    with pytest.raises(SlotOutOfOrder) as turn:
        send(drawn, agreed)
    assert "Bên bán điện" in said(turn.value)


def test_data_changed_after_consent_voids_the_document(drawn: Branch, contract: DossierDocument) -> None:
    agreed = drawn.agree(contract)
    branch = drawn
    branch.fill(branch.case_id, ngay_ghi_chi_so="12")
    (void,) = branch.documents(branch.case_id)
    assert void.state is DocumentState.VOID
    assert [row.facts["because"] for row in branch.audit("void")] == ["data changed"]
    with pytest.raises(DocumentEnded):
        send(branch, void)
    fresh = drawing.draw(branch.office, branch.clerk, branch.case_id, CONTRACT)
    assert (fresh.edition, fresh.number) == (2, agreed.number)
    assert fresh.base_sha256 != agreed.base_sha256
    # the old code is no use for the new document
    with pytest.raises(CodeNone):
        answer(branch, fresh, branch.code(PHONE))
    assert branch.agree(fresh).state is DocumentState.CONSENTED


def test_data_changed_between_code_and_answer(drawn: Branch, contract: DossierDocument) -> None:
    send(drawn, contract)
    code = drawn.code(PHONE)
    drawn.fill(drawn.case_id, ngay_ghi_chi_so="12")
    with pytest.raises(DocumentEnded) as ended:
        answer(drawn, contract, other_than(code))
    assert "Hợp đồng" in said(ended.value)
    with pytest.raises(DocumentEnded):
        answer(drawn, contract, code)


def test_drawing_again_keeps_what_the_customer_agreed_to(drawn: Branch, contract: DossierDocument) -> None:
    agreed = drawn.agree(contract)
    drawn.clock.forward(days=1)
    again = drawing.draw(drawn.office, drawn.clerk, drawn.case_id, CONTRACT)
    assert again == agreed


def test_an_undrawn_agreement_of_yesterday_gets_todays_date(drawn: Branch, contract: DossierDocument) -> None:
    drawn.clock.forward(days=1)
    again = drawing.draw(drawn.office, drawn.clerk, drawn.case_id, CONTRACT)
    assert again.id != contract.id
    assert again.edition == 2


def test_what_all_have_signed_does_not_change(branch: Branch) -> None:
    from dataclasses import replace

    from kernel.dossier.errors import DocumentIsComplete
    from kernel.storage import dossiers

    dossier_id = branch.to_step("phan_cong_thi_cong")
    dossier = branch.dossier(dossier_id)
    with branch.office.work() as work:
        # as after a step back
        dossiers.save(work.session, replace(dossier, step="du_thao_hop_dong"), branch.clock.now())
        work.commit()
    with pytest.raises(DocumentIsComplete) as complete:
        branch.fill(dossier_id, ngay_ghi_chi_so="12")
    assert "Hợp đồng" in said(complete.value)
    assert branch.document(dossier_id).state is DocumentState.COMPLETE
    assert MINUTES not in {one.type for one in branch.documents(dossier_id)}


def test_a_stale_screen_does_not_overwrite(drawn: Branch) -> None:
    from kernel.errors import StaleVersion

    dossier = drawn.dossier(drawn.case_id)
    drawn.fill(drawn.case_id, ngay_ghi_chi_so="9")
    with pytest.raises(StaleVersion) as stale:
        filling.save(
            drawn.office, drawn.clerk, drawn.case_id, dossier.version, drawn.typed(dossier, drawn.case.answers)
        )
    assert "Vũ Thị Diệu Ngà" in said(stale.value)
