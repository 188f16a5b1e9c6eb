"""Requests come in: from CMIS with all its habits, and from the counter."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from pypdfium2 import PdfDocument

from console import queue_view
from console.kernel_desk import KernelDesk
from kernel.api.errors import AdapterAnswerInvalid, AdapterRefused, AdapterUnavailable
from kernel.casework import advancing, drawing, filling, intake, staff
from kernel.casework.errors import CodePending, CodeRefused, DossierHeld, FieldsMissing, SignatoryMissing, SignInRefused
from kernel.dossier.errors import DossierWaitsForCmis
from kernel.dossier.records import DossierState
from kernel.errors import NotFound, StaleVersion
from kernel.jobs import Outcome
from tests.practice import CONTRACT, MINUTES
from tests.said import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.practice.faults import Mode
    from kernel.api.errors import QuayDienError
    from kernel.casework.office import Actor
    from tests.practice import Branch

WALK_IN = {
    "ten_khach_hang": "Đặng Thị Ỷ Lan",
    "so_giay_to": "001190000055",
    "dien_thoai": "0900000055",
    "dia_chi_dung_dien": "Số 5 ngõ Đường Bưởi, phường Nghĩa Đô, thành phố Hà Nội",
}


def test_taken_in_once(branch: Branch) -> None:
    first = intake.take_in(branch.office, branch.clerk)
    again = intake.take_in(branch.office, branch.clerk)
    assert first.added > 0
    assert (again.added, again.known) == (0, first.added)
    assert len(branch.audit("intake")) == first.added
    assert {row.facts["code"] for row in branch.audit("intake")} <= {
        request["code"] for request in branch.cmis_state()["requests"]
    }


@pytest.mark.parametrize(
    ("mode", "kind", "words"),
    [
        ("down", AdapterUnavailable, "Chưa liên lạc được với CMIS"),
        ("html", AdapterAnswerInvalid, "CMIS trả lời không đúng"),
        ("refuse", AdapterRefused, "CMIS từ chối"),
    ],
)
def test_cmis_in_trouble_at_intake(branch: Branch, mode: Mode, kind: type[QuayDienError], words: str) -> None:
    branch.fault("cmis", mode)
    with pytest.raises(kind) as trouble:
        intake.take_in(branch.office, branch.clerk)
    assert words in said(trouble.value)
    assert branch.audit("intake") == []
    assert intake.take_in(branch.office, branch.clerk).added > 0


def test_trouble_half_way_takes_nothing_in(branch: Branch) -> None:
    branch.fault("cmis", "html", path="getDanhMucUQ")
    with pytest.raises(AdapterAnswerInvalid):
        intake.take_in(branch.office, branch.clerk)
    assert branch.audit("intake") == []


def test_decomposed_text_of_cmis_ends_composed_everywhere(branch: Branch) -> None:
    """One request of the simulator comes in NFD, as some clients of CMIS write it."""
    intake.take_in(branch.office, branch.clerk)
    raw = branch.office.cmis.received_requests(branch.office.unit)
    with branch.office.work(reading=True) as work:
        from kernel.storage import dossiers

        lines, total = dossiers.page(work.session, dossiers.live(branch.office.unit), 0, 100)
        found = [branch.office.dossier(work, line.id) for line in lines]
    assert total == len(raw)
    for dossier in found:
        for value in dossier.values.values():
            assert not isinstance(value, str) or unicodedata.is_normalized("NFC", value)
    for row in branch.audit():
        assert unicodedata.is_normalized("NFC", repr(row))


def test_decomposed_typing_is_composed_in_the_document(branch: Branch) -> None:
    dossier_id = branch.to_step("du_thao_hop_dong")
    place = "Hộp 4 công tơ trên cột Đ12, ngõ Lữ Ỷ"
    branch.fill(dossier_id, vi_tri_do_dem=unicodedata.normalize("NFD", place))
    assert branch.dossier(dossier_id).values["vi_tri_do_dem"] == place
    document = drawing.draw(branch.office, branch.clerk, dossier_id, CONTRACT)
    pdf = PdfDocument(branch.office.blobs.get(document.base_sha256))
    try:
        text = "".join(page.get_textpage().get_text_range() for page in pdf)
    finally:
        pdf.close()
    assert "Lữ Ỷ" in text
    assert unicodedata.is_normalized("NFC", text)


def test_what_the_form_cannot_read_waits_as_a_draft(branch: Branch) -> None:
    """A phone of before 2018, an impossible date: kept as CMIS wrote it, for the clerk to correct."""
    intake.take_in(branch.office, branch.clerk)
    with branch.office.work(reading=True) as work:
        from kernel.storage import dossiers

        lines, _ = dossiers.page(work.session, dossiers.live(branch.office.unit), 0, 100)
        drafts = {line.id: dossiers.draft(work.session, line.id, intake.SHARED_DRAFT) for line in lines}
    kept = {key: draft for key, draft in drafts.items() if draft}
    for dossier_id, draft in kept.items():
        dossier = branch.dossier(dossier_id)
        assert draft.typed
        assert not set(draft.typed) & set(dossier.values)
        with branch.office.work(reading=True) as work:
            typed, at = filling.typed_now(work, branch.office.service(dossier), dossier, branch.clerk)
        assert at is not None
        assert draft.typed.items() <= typed.items()
        assert any(one.field in draft.typed for one in filling.findings(branch.office, dossier_id, typed))


def test_a_walk_in_gets_its_code_in_the_background(branch: Branch) -> None:
    dossier_id = intake.open_walk_in(branch.office, branch.clerk, "cap_dien_ha_ap", "sinh_hoat", WALK_IN)
    dossier = branch.dossier(dossier_id)
    assert dossier.state is DossierState.WAITING_CMIS
    assert dossier.code.startswith("TAM-")
    with pytest.raises(CodePending) as pending:
        drawing.draw(branch.office, branch.clerk, dossier_id, MINUTES)
    assert dossier.code in said(pending.value)
    with pytest.raises(DossierWaitsForCmis) as waits:
        advancing.advance(branch.office, branch.clerk, dossier_id, "phan_cong_khao_sat")
    said(waits.value)
    branch.fault("cmis", "down")
    assert branch.deliver() == [Outcome.AGAIN]
    assert branch.deliver() == [Outcome.DONE]
    known = branch.dossier(dossier_id)
    assert known.state is DossierState.OPEN
    assert known.version == dossier.version
    request = next(one for one in branch.cmis_state()["requests"] if one["code"] == known.code)
    assert request["tech_id"] == dossier_id
    rows = branch.office.cmis.request(branch.office.unit, known.code).rows
    assert rows["DV_TIEN_TNHAN"][0]["MA_NVIEN"] == "PD0500GDV01"
    assert branch.find(known.code) == dossier_id
    assert branch.audit("code")[-1].facts["code"] == known.code
    # now that CMIS lists it, it is known
    intake.take_in(branch.office, branch.clerk)
    assert branch.find("0900000055") == dossier_id


def test_a_walk_in_without_a_word_is_registered_once_it_says_who(branch: Branch) -> None:
    dossier_id = intake.open_walk_in(branch.office, branch.clerk, "cap_dien_ha_ap", "sinh_hoat", {})
    assert branch.outgoing() == []
    dossier = branch.dossier(dossier_id)
    filling.save(branch.office, branch.clerk, dossier_id, dossier.version, WALK_IN)
    filling.save(branch.office, branch.clerk, dossier_id, dossier.version + 1, WALK_IN)
    assert [row.kind for row in branch.outgoing()] == ["cmis_open"]
    branch.deliver()
    assert branch.dossier(dossier_id).state is DossierState.OPEN


def test_a_refused_walk_in_is_sent_again_once_corrected(branch: Branch) -> None:
    dossier_id = intake.open_walk_in(branch.office, branch.clerk, "cap_dien_ha_ap", "sinh_hoat", WALK_IN)
    branch.fault("cmis", "refuse")
    assert branch.deliver() == [Outcome.DONE]
    assert [row.state for row in branch.outgoing()] == ["failed"]
    assert "từ chối" in branch.outgoing()[0].detail or branch.outgoing()[0].detail
    with pytest.raises(CodeRefused) as refused:
        drawing.draw(branch.office, branch.clerk, dossier_id, MINUTES)
    assert "sửa" in said(refused.value)
    dossier = branch.dossier(dossier_id)
    filling.save(branch.office, branch.clerk, dossier_id, dossier.version, WALK_IN)
    assert branch.deliver() == [Outcome.DONE]
    assert branch.dossier(dossier_id).state is DossierState.OPEN


def test_a_walk_in_of_no_known_kind(branch: Branch) -> None:
    with pytest.raises(NotFound) as unknown:
        intake.open_walk_in(branch.office, branch.clerk, "cap_dien_ha_ap", "lạ", WALK_IN)
    said(unknown.value)
    from kernel.errors import PluginUnusable

    with pytest.raises(PluginUnusable) as missing:
        intake.open_walk_in(branch.office, branch.clerk, "lạ", "sinh_hoat", WALK_IN)
    said(missing.value)


def test_two_clerks_at_one_dossier(branch: Branch) -> None:
    dossier_id, other = branch.take_in(), branch.another_clerk()
    mine = filling.claim(branch.office, branch.clerk, dossier_id)
    with pytest.raises(DossierHeld) as held:
        filling.claim(branch.office, other, dossier_id)
    assert "Vũ Thị Diệu Ngà" in said(held.value)
    verbs: tuple[Callable[[], object], ...] = (
        lambda: filling.save(branch.office, other, dossier_id, mine.version, WALK_IN),
        lambda: filling.note_paper(branch.office, other, dossier_id, "giay_to_tuy_than", "received"),
        lambda: advancing.advance(branch.office, other, dossier_id, "phan_cong_khao_sat"),
        lambda: advancing.report_obstacle(branch.office, other, dossier_id, "TN01", ""),
    )
    for forbidden in verbs:
        with pytest.raises(DossierHeld):
            forbidden()
    filling.leave(branch.office, other, dossier_id)
    assert branch.dossier(dossier_id).holder == "nga"
    # the lease runs out, and what the first one has on screen is stale
    branch.clock.forward(minutes=15)
    filling.claim(branch.office, other, dossier_id)
    with pytest.raises(StaleVersion) as stale:
        filling.save(branch.office, branch.clerk, dossier_id, mine.version, WALK_IN)
    assert "Lương Thị Hồng" in said(stale.value)
    # nothing typed is lost
    filling.save_draft(branch.office, branch.clerk, dossier_id, WALK_IN)
    filling.leave(branch.office, other, dossier_id)
    back = filling.claim(branch.office, branch.clerk, dossier_id)
    with branch.office.work(reading=True) as work:
        typed, _ = filling.typed_now(work, branch.office.service(back), back, branch.clerk)
    assert typed["ten_khach_hang"] == "Đặng Thị Ỷ Lan"


def test_not_yet_filled(branch: Branch) -> None:
    dossier_id = branch.to_step("du_thao_hop_dong")
    with pytest.raises(FieldsMissing) as missing:
        drawing.draw(branch.office, branch.clerk, dossier_id, MINUTES)
    assert "Biên bản treo tháo" in said(missing.value)
    # no number was spent on it
    assert branch.audit("number") == []


def test_nobody_may_sign_today(branch: Branch) -> None:
    from sqlmodel import delete

    from kernel.storage.tables import AuthorisationRow

    dossier_id = branch.to_step("du_thao_hop_dong")
    branch.fill(dossier_id)
    with branch.office.work() as work:
        work.session.exec(delete(AuthorisationRow))
        work.commit()
    with pytest.raises(SignatoryMissing) as nobody:
        drawing.draw(branch.office, branch.clerk, dossier_id, CONTRACT)
    assert "ủy quyền" in said(nobody.value)


def test_numbers_are_given_once_and_never_twice(branch: Branch) -> None:
    """A number outlives a drawing that failed, and a form opened before it was given."""
    from kernel.storage import documents

    dossier_id = branch.to_step("du_thao_hop_dong")
    before = branch.fill(dossier_id)
    document = drawing.draw(branch.office, branch.clerk, dossier_id, CONTRACT)
    assert document.number == branch.dossier(dossier_id).values["so_hop_dong"]
    assert branch.dossier(dossier_id).version == before.version
    saved = filling.save(
        branch.office, branch.clerk, dossier_id, before.version, branch.typed(before, branch.case.answers)
    )
    assert saved.values["so_hop_dong"] == document.number
    assert branch.document(dossier_id) == document
    with branch.office.work() as work:
        unit = branch.office.unit
        given = [documents.next_number(work.session, unit, series) for series in ("A/2026", "A/2026", "A/2027")]
        work.commit()
    assert given == [1, 2, 1]


def test_signing_in(branch: Branch) -> None:
    assert staff.sign_in(branch.office, " NGA ", "thuchanh").name == "Vũ Thị Diệu Ngà"
    for user, password in (("nga", "sai"), ("không ai", "thuchanh"), ("không ai", ""), ("", "")):
        with pytest.raises(SignInRefused) as refused:
            staff.sign_in(branch.office, user, password)
        assert "mật khẩu" in said(refused.value)
    # a password typed in the wrong line is in no record
    assert "không ai" not in repr(branch.audit())
    assert len(branch.audit("sign_in_refused")) == 4


def test_the_desk_opens_what_the_queue_shows(branch: Branch) -> None:
    from kernel.tokens.watch_client import Watch

    dossier_id = branch.take_in()
    desk = KernelDesk(branch.office, Watch([], lambda _: None, log=branch.home / "watch.log", env={}), "vi")
    try:
        with pytest.raises(SignInRefused):
            desk.counts()
        desk.sign_in("nga", "thuchanh")
        first = desk.queue("unit", "", 0, 2)
        rest = desk.queue("unit", "", 2, 100)
        assert first.total == len(first.rows) + len(rest.rows) == desk.counts()["unit"]
        assert desk.counts()["mine"] == first.total  # all are at intake, which is this clerk's
        assert not {row.id for row in first.rows} & {row.id for row in rest.rows}
        dues = [row.due for row in (*first.rows, *rest.rows)]
        assert dues == sorted(dues, key=lambda due: (due is None, due))
        view = desk.open(dossier_id)
        mine = {row.id: row for row in desk.queue("mine", "", 0, 100).rows}
        assert view.holder == mine[dossier_id].holder == "Vũ Thị Diệu Ngà"
        assert view.typed["ten_khach_hang"]
        desk.leave(dossier_id)
    finally:
        desk.close()


def test_my_queue_is_what_i_can_work_on(branch: Branch) -> None:
    dossier_id = branch.to_step("khao_sat")
    surveyor, fitter, other = branch.named("thuong"), branch.named("huu"), branch.another_clerk()

    def mine(actor: Actor) -> set[str]:
        return {row.id for row in queue_view.page(branch.office, actor, "mine", "", 0, 100).rows}

    assert mine(surveyor) == {dossier_id}
    assert mine(fitter) == set()
    assert dossier_id not in mine(branch.clerk)
    at_intake = mine(branch.clerk)
    assert at_intake
    taken = next(iter(at_intake))
    filling.claim(branch.office, other, taken)
    assert mine(branch.clerk) == at_intake - {taken}
    assert taken in mine(other)
    assert mine(branch.named("duc")) == set()
    contract = branch.to_step("du_thao_hop_dong", dossier_id)
    assert mine(branch.named("duc")) == {contract}


def test_a_request_without_its_code_waits_for_cmis_and_not_for_the_customer(branch: Branch) -> None:
    dossier_id = intake.open_walk_in(branch.office, branch.clerk, "cap_dien_ha_ap", "sinh_hoat", WALK_IN)
    row = next(
        row for row in queue_view.page(branch.office, branch.clerk, "unit", "", 0, 100).rows if row.id == dossier_id
    )
    assert (row.waiting, row.registering) == (False, True)


def test_a_new_request_is_no_draft(branch: Branch) -> None:
    wrong = {**WALK_IN, "ngay_sinh": "31/02/1990"}
    for typed, draft in (({}, False), (WALK_IN, False), (wrong, True)):
        dossier_id = intake.open_walk_in(branch.office, branch.clerk, "cap_dien_ha_ap", "sinh_hoat", typed)
        with branch.office.work(reading=True) as work:
            dossier = branch.office.dossier(work, dossier_id)
            shown, at = filling.typed_now(work, branch.office.service(dossier), dossier, branch.clerk)
        assert (at is not None) == draft
        assert {**shown, **typed}.keys() >= typed.keys()
        assert shown.get("ngay_sinh", "") == typed.get("ngay_sinh", "")
