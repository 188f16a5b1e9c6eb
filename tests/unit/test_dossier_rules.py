from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kernel.api.conditions import AtLeast, When, variant
from kernel.api.documents import Document, Purpose, Role, SignatureSlot
from kernel.api.fields import Field, Kind, Value
from kernel.api.reading import read
from kernel.api.services import Draw, Notice, Paper, Section, Service
from kernel.api.text import Text
from kernel.dossier import errors
from kernel.dossier.advance import advance
from kernel.dossier.document_values import printed_fields, values_of
from kernel.dossier.obstacle import report_obstacle, resume
from kernel.dossier.papers import receive_paper
from kernel.dossier.progress import course, following, in_force, open_wait, steps_done
from kernel.dossier.readiness import draw_named, missing_papers, open_fields, step_fields
from kernel.dossier.records import DocumentState, Dossier, DossierDocument, DossierState, Filled, StepDone, Wait
from kernel.dossier.roles import expect_signer, may_sign
from kernel.dossier.signing_order import expect_next, fill, next_slot
from kernel.dossier.voiding import changed_fields, voided
from plugins.services.cap_dien_ha_ap import SERVICE

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
EVERYONE = tuple(Role)

TYPED = {
    "so_giay_to": "001190000001", "ten_khach_hang": "Nguyễn Thị Lấp Lánh Ánh", "ngay_sinh": "02/09/1990",
    "gioi_tinh": "Nữ", "ngay_cap_giay_to": "15/04/2021", "noi_cap_giay_to": "Bộ Công an",
    "dia_chi_thuong_tru": "Số 5 ngõ Đỗ Hành, Hà Nội", "dien_thoai": "0900000012",
    "dia_chi_dung_dien": "Số 5 ngõ Đỗ Hành, Hà Nội", "khu_vuc": "Thành thị", "muc_dich": "SHBT", "cong_suat": "3,5",
    "so_pha": "1", "so_ho": "1", "ngay_khao_sat": "24/11/2026", "ket_qua_khao_sat": "Thuận lợi",
    "so_hop_dong": "26/000123", "cap_dien_ap": "220 V", "vi_tri_do_dem": "Cột 12", "vi_tri_chat_luong": "Sau công tơ",
    "ngay_ghi_chi_so": "5", "hinh_thuc_thanh_toan": "chuyển khoản", "kenh_thong_bao": "sms", "lai_cham_tra": "0,8",
    "muc_phat": "8", "co_quan_tranh_chap": "Tòa án", "ngay_hieu_luc": "01/12/2026", "thoi_han": "5 năm",
    "so_bien_ban": "45", "ly_do_treo_thao": "Gắn mới", "ngay_treo_thao": "26/11/2026",
    "nhan_vien_treo_thao": "Lê Văn Được", "nhan_vien_niem_phong": "Phạm Thị Ước", "treo_so_cong_to": "0018123456",
    "treo_nam_san_xuat": "2025", "treo_ma_hieu": "CE-18G", "treo_so_pha": "1", "treo_loai_cong_to": "HC",
    "treo_ngay_kiem_dinh": "12/03/2026", "treo_he_so_nhan": "1", "treo_loai_chi_so": "KT", "treo_chi_so_p": "0",
}  # fmt: skip


def read_all() -> dict[str, Value]:
    values: dict[str, Value] = {}
    for field in SERVICE.fields():
        value = read(field, TYPED.get(field.id, "")).value
        if value is not None:
            values[field.id] = value
    return values


VALUES = read_all()

FIELDS = {field.id: field for field in SERVICE.fields()}


def slot(name: str, purpose: Purpose, role: Role | None) -> SignatureSlot:
    return SignatureSlot(name, purpose, Text(name, name), role)


CONTRACT = Document(
    "hop_dong_mua_ban_dien",
    Text("Hợp đồng mua bán điện", "Contract"),
    "plugins.documents.hop_dong_mua_ban_dien",
    (FIELDS["ten_khach_hang"], FIELDS["cong_suat"]),
    (
        slot("ben_mua", Purpose.CUSTOMER, None),
        slot("ben_ban", Purpose.SIGNATORY, Role.GD),
        slot("dong_dau", Purpose.SEAL, Role.VT),
    ),
    "HDSH",
)
MINUTES = Document(
    "bien_ban_treo_thao",
    Text("Biên bản treo tháo", "Minutes"),
    "plugins.documents.bien_ban_treo_thao",
    (FIELDS["ten_khach_hang"], FIELDS["treo_so_cong_to"]),
    (
        slot("treo_thao", Purpose.METER_STAFF, Role.NVTT),
        slot("niem_phong", Purpose.SEALING_STAFF, Role.NVNP),
        slot("khach_hang", Purpose.CUSTOMER, None),
    ),
    "BBAN_TTHAO",
)
TYPES = {CONTRACT.id: CONTRACT, MINUTES.id: MINUTES}


def dossier(step: str = "tiep_nhan", values: Mapping[str, Value] | None = None) -> Dossier:
    return Dossier(
        id="d1", code="GC2611230012", unit="PD0500", service=SERVICE.id, variant="sinh_hoat", step=step,
        state=DossierState.OPEN, values=VALUES if values is None else values,
        papers={"giay_to_tuy_than": "received", "cho_o_hop_phap": "received", "giay_de_nghi": "received"},
        history=(), waits=(), version=1, received_at=NOW, step_began=NOW, due_at=None,
    )  # fmt: skip


def drawn(document_type: str, edition: int = 1, state: DocumentState = DocumentState.DRAWN) -> DossierDocument:
    return DossierDocument(
        id=f"{document_type}-{edition}", dossier="d1", type=document_type, variant="sinh_hoat", number="1",
        edition=edition, state=state, pages=7, base_sha256="00", base_length=1, sha256="00", level="", filled=(),
        drawn_at=NOW,
    )  # fmt: skip


COMPLETE = [drawn(name, state=DocumentState.COMPLETE) for name in TYPES]


def go(
    one: Dossier, to: str, documents: list[DossierDocument] | None = None, roles: tuple[Role, ...] = EVERYONE
) -> Dossier:
    return advance(
        one, SERVICE, to, COMPLETE if documents is None else documents, types=TYPES, staff="anh", roles=roles, now=NOW
    )


def filled(name: str, means: str = "signature", purpose: Purpose = Purpose.SIGNATORY) -> Filled:
    return Filled(name, purpose, means, "Nguyễn Thị Ánh", NOW)


def test_the_whole_way_ends_closed() -> None:
    one = dossier()
    way = [step.id for step in SERVICE.steps]
    for step in way[1:]:
        one = go(one, step)
    assert one.state is DossierState.CLOSED
    assert steps_done(one) == tuple(way[:-1])
    with pytest.raises(errors.DossierEnded):
        go(one, "tiep_nhan")


def test_a_step_may_not_be_skipped() -> None:
    with pytest.raises(errors.StepNotAllowed) as caught:
        go(dossier(), "khao_sat")
    assert "Phân công khảo sát" in caught.value.diagnosis("vi").cause
    with pytest.raises(errors.StepUnknown):
        go(dossier(), "bay_len_troi")
    with pytest.raises(errors.StepUnknown):
        go(dossier("bay_len_troi"), "khao_sat")


def test_only_the_role_of_the_step_moves_it_on() -> None:
    with pytest.raises(errors.RoleNotAllowed):
        go(dossier(), "phan_cong_khao_sat", roles=(Role.NVTT, Role.GD))
    assert go(dossier(), "phan_cong_khao_sat", roles=(Role.GDV,)).step == "phan_cong_khao_sat"


def test_missing_fields_are_listed() -> None:
    values = {name: value for name, value in VALUES.items() if name not in {"cong_suat", "dien_thoai"}}
    with pytest.raises(errors.FieldsNotReady) as caught:
        go(dossier(values=values), "phan_cong_khao_sat")
    assert caught.value.ids == ("dien_thoai", "cong_suat")
    assert "Công suất đăng ký" in caught.value.diagnosis("vi").cause


def test_an_answer_that_names_an_obstacle_stops_the_way() -> None:
    surveyed = dossier("khao_sat", {**VALUES, "ket_qua_khao_sat": "tro_ngai"})
    with pytest.raises(errors.ObstacleNeeded) as caught:
        go(surveyed, "du_thao_hop_dong")
    assert caught.value.diagnosis("vi").title == "Chưa chuyển bước được: Kết quả khảo sát là Trở ngại"
    assert report_obstacle(surveyed, SERVICE, "KS01", staff="anh", roles=EVERYONE, now=NOW).state is not (
        DossierState.OPEN
    )
    assert go(dossier("khao_sat"), "du_thao_hop_dong").step == "du_thao_hop_dong"


def test_what_the_same_role_has_filled_stays_open_until_it_is_signed() -> None:
    history = tuple(StepDone(name, NOW, NOW, "anh") for name in ("tiep_nhan", "phan_cong_khao_sat", "khao_sat"))
    one = replace(dossier("du_thao_hop_dong"), history=history)
    step = SERVICE.step(one.step)
    ids = [field.id for field in open_fields(one, SERVICE, step, ())]
    assert ids[: len(step_fields(SERVICE, step))] == [field.id for field in step_fields(SERVICE, step)]
    assert {"dien_thoai", "dia_chi_dung_dien"} <= set(ids)
    assert "ngay_khao_sat" not in ids
    closed = [field.id for field in open_fields(one, SERVICE, step, ("dien_thoai", "ngay_ghi_chi_so"))]
    assert "dien_thoai" not in closed
    assert "ngay_ghi_chi_so" in closed


def test_contradictions_stop_a_step_too() -> None:
    with pytest.raises(errors.FieldsNotReady) as caught:
        go(dossier(values={**VALUES, "gioi_tinh": "nam"}), "phan_cong_khao_sat")
    assert caught.value.ids == ("gioi_tinh",)


def test_fields_of_later_steps_do_not_matter_yet() -> None:
    here = {field.id for field in step_fields(SERVICE, SERVICE.step("tiep_nhan"))}
    one = dossier(values={name: value for name, value in VALUES.items() if name in here})
    assert go(one, "phan_cong_khao_sat").step == "phan_cong_khao_sat"


@pytest.mark.parametrize(
    "documents",
    [
        [],
        [drawn(CONTRACT.id)],
        [drawn(CONTRACT.id, state=DocumentState.SIGNED)],
        [drawn(CONTRACT.id, state=DocumentState.VOID)],
        [drawn(CONTRACT.id, state=DocumentState.COMPLETE), drawn(CONTRACT.id, edition=2)],
    ],
)
def test_a_document_of_the_step_must_be_complete(documents: list[DossierDocument]) -> None:
    with pytest.raises(errors.DocumentsNotComplete) as caught:
        go(dossier("du_thao_hop_dong"), "phan_cong_thi_cong", documents)
    assert caught.value.ids == (CONTRACT.id,)


def test_a_document_that_does_not_apply_is_not_waited_for() -> None:
    businesses_only = Draw(CONTRACT.id, "sinh_hoat", When("muc_dich", ("KDDV",)))
    service = changed_step("du_thao_hop_dong", draws=(businesses_only,))
    assert ahead(dossier("du_thao_hop_dong"), service, "phan_cong_thi_cong").step == "phan_cong_thi_cong"
    business = dossier("du_thao_hop_dong", {**VALUES, "muc_dich": "KDDV"})
    with pytest.raises(errors.DocumentsNotComplete):
        ahead(business, service, "phan_cong_thi_cong")
    assert draw_named(business, service, CONTRACT.id) is businesses_only
    with pytest.raises(errors.DocumentNotAsked):
        draw_named(dossier("du_thao_hop_dong"), service, CONTRACT.id)


def changed_step(step: str, **changes: Any) -> Service:
    steps = tuple(replace(one, **changes) if one.id == step else one for one in SERVICE.steps)
    return replace(SERVICE, steps=steps)


def ahead(one: Dossier, service: Service, to: str, now: datetime = NOW, staff: str = "anh") -> Dossier:
    return advance(one, service, to, [], types=TYPES, staff=staff, roles=EVERYONE, now=now)


def test_a_step_that_does_not_apply_is_passed_over() -> None:
    large = AtLeast("cong_suat", Decimal(40))
    service = changed_step("phan_cong_khao_sat", when=large)
    small = dossier()
    step = service.step("tiep_nhan")
    assert [one.id for one in following(small, service, step)] == ["khao_sat"]
    assert "phan_cong_khao_sat" not in {one.id for one in course(small, service)}
    assert ahead(small, service, "khao_sat").step == "khao_sat"
    with pytest.raises(errors.StepNotAllowed):
        ahead(small, service, "phan_cong_khao_sat")
    factory = dossier(values={**VALUES, "cong_suat": Decimal(40)})
    assert [one.id for one in following(factory, service, step)] == ["phan_cong_khao_sat"]


def test_a_notice_runs_its_days_before_the_step_is_left() -> None:
    rules = (Notice(date(2017, 5, 15), 15, "QĐ 505/EVN-KD"), Notice(date(2027, 1, 1), 10, "QĐ sau"))
    service = changed_step("phan_cong_khao_sat", notices=rules)
    waiting = ahead(dossier(), service, "phan_cong_khao_sat")
    assert [(wait.since, wait.until) for wait in waiting.waits] == [(NOW, None)], "it is no time of EVN's own"
    last_minute = datetime(2026, 12, 8, 16, 59, tzinfo=UTC)  # 23:59 of the fifteenth day in Vietnam
    with pytest.raises(errors.NoticeRuns) as caught:
        ahead(waiting, service, "khao_sat", last_minute)
    told = caught.value.diagnosis("vi")
    assert "15 ngày (QĐ 505/EVN-KD)" in told.cause
    assert "09/12/2026" in told.advice
    over = datetime(2026, 12, 8, 17, 0, tzinfo=UTC)
    stopped = changed_step("phan_cong_khao_sat", notices=rules, obstacles=SERVICE.step("tiep_nhan").obstacles)
    halted = report_obstacle(waiting, stopped, "TN01", staff="anh", roles=EVERYONE, now=NOW + timedelta(days=3))
    assert len(halted.waits) == 1, "it waits once, for two reasons"
    again = resume(halted, NOW + timedelta(days=5))
    assert ahead(again, stopped, "khao_sat", over).step == "khao_sat", "an obstacle does not start the notice anew"
    moved = ahead(waiting, service, "khao_sat", over)
    assert [(wait.since, wait.until) for wait in moved.waits] == [(NOW, over)]


def test_who_did_the_work_does_not_control_it() -> None:
    service = changed_step("phan_cong_khao_sat", not_by="tiep_nhan")
    one = ahead(dossier(), service, "phan_cong_khao_sat")
    with pytest.raises(errors.SamePerson) as caught:
        ahead(one, service, "khao_sat")
    assert "Tiếp nhận" in caught.value.diagnosis("vi").cause
    assert ahead(one, service, "khao_sat", staff="binh").step == "khao_sat"


def test_a_paper_is_asked_of_those_it_concerns() -> None:
    lease = Paper("hop_dong_thue", Text("Hợp đồng thuê nhà", "Lease"), when=variant("thue_nha"))
    service = replace(SERVICE, papers=(lease,))
    assert missing_papers(dossier(), service, at_end=True) == ()
    assert missing_papers(replace(dossier(), papers={}, variant="thue_nha"), service, at_end=False) == (lease.id,)


def test_a_section_asks_nothing_where_it_does_not_apply() -> None:
    shifts = Text("Số ca", "Shifts")
    extra = Section("phu_tai", Text("Phụ tải", "Load"), (Field("so_ca", shifts, Kind.INTEGER, shifts),), variant("lon"))
    service = replace(
        changed_step("tiep_nhan", sections=("khach_hang", "noi_dung_dien", "phu_tai")),
        sections=(*SERVICE.sections, extra),
    )
    assert ahead(dossier(), service, "phan_cong_khao_sat").step == "phan_cong_khao_sat"
    with pytest.raises(errors.FieldsNotReady) as caught:
        ahead(replace(dossier(), variant="lon"), service, "phan_cong_khao_sat")
    assert caught.value.ids == ("so_ca",)


def test_a_document_may_be_filled_from_other_fields() -> None:
    """The minutes that end the old customer's contract name the old customer."""
    plan = Draw(CONTRACT.id, "sinh_hoat", fill={"ten_khach_hang": "ten_chu_cu", "email": "email_cu"})
    values = values_of(plan, {**VALUES, "ten_chu_cu": "Đặng Ngọc Ữ", "email": "moi@example.com"})
    assert values["ten_khach_hang"] == "Đặng Ngọc Ữ"
    assert "email" not in values, "the new customer's address is not the old one's"
    assert {"ten_chu_cu", "cong_suat"} <= printed_fields(plan, CONTRACT)
    service = changed_step("du_thao_hop_dong", draws=(plan,))
    contract = [drawn(CONTRACT.id)]
    types = {one.id: CONTRACT for one in contract}
    assert voided(contract, ("ten_khach_hang",), service, types) == ()


def test_papers_that_may_follow_are_needed_at_the_end_only() -> None:
    one = replace(dossier(), papers={"giay_to_tuy_than": "received", "cho_o_hop_phap": "later"})
    assert go(one, "phan_cong_khao_sat").step == "phan_cong_khao_sat"
    with pytest.raises(errors.PapersMissing) as caught:
        go(replace(one, step="hoan_tat"), "ket_thuc")
    assert caught.value.ids == ("giay_de_nghi", "cho_o_hop_phap")
    assert missing_papers(replace(one, papers={}), SERVICE, at_end=False) == ("giay_to_tuy_than",)


def test_papers_are_noted() -> None:
    one = replace(dossier(), papers={})
    one = receive_paper(one, SERVICE, "cho_o_hop_phap", "later")
    one = receive_paper(one, SERVICE, "giay_to_tuy_than", "received")
    assert one.papers == {"cho_o_hop_phap": "later", "giay_to_tuy_than": "received"}
    assert receive_paper(one, SERVICE, "cho_o_hop_phap", "missing").papers == {"giay_to_tuy_than": "received"}
    with pytest.raises(errors.PaperNotLater):
        receive_paper(one, SERVICE, "giay_to_tuy_than", "later")
    with pytest.raises(errors.PaperUnknown):
        receive_paper(one, SERVICE, "so_ho_khau", "received")


def stop(one: Dossier, obstacle: str, roles: tuple[Role, ...] = EVERYONE) -> Dossier:
    return report_obstacle(one, SERVICE, obstacle, staff="anh", roles=roles, now=NOW)


def test_a_fixable_obstacle_waits_and_goes_on() -> None:
    waiting = stop(dossier("khao_sat"), "KS01")
    assert waiting.state is DossierState.WAITING_CUSTOMER
    assert open_wait(waiting) == Wait(NOW)
    assert steps_done(waiting) == ()
    with pytest.raises(errors.DossierWaits):
        go(waiting, "du_thao_hop_dong")
    with pytest.raises(errors.DossierWaits):
        stop(waiting, "KS01")
    later = NOW + timedelta(days=1)
    again = resume(waiting, later)
    assert again.state is DossierState.OPEN
    assert again.waits == (Wait(NOW, later),)
    assert go(again, "du_thao_hop_dong").step == "du_thao_hop_dong"
    with pytest.raises(errors.DossierNotWaiting):
        resume(again, later)


def test_another_obstacle_cancels() -> None:
    cancelled = stop(dossier("khao_sat"), "KS05")
    assert cancelled.state is DossierState.CANCELLED
    assert cancelled.history[-1].obstacle == "KS05"
    with pytest.raises(errors.DossierEnded):
        resume(cancelled, NOW)


def test_obstacles_belong_to_their_step_and_role() -> None:
    with pytest.raises(errors.ObstacleUnknown):
        stop(dossier("khao_sat"), "TN01")
    with pytest.raises(errors.RoleNotAllowed):
        stop(dossier("khao_sat"), "KS01", roles=(Role.GDV,))


def test_nothing_moves_before_cmis_gave_the_code() -> None:
    with pytest.raises(errors.DossierWaitsForCmis):
        go(replace(dossier(), state=DossierState.WAITING_CMIS), "phan_cong_khao_sat")


def test_slots_are_filled_in_order_only() -> None:
    document = drawn(CONTRACT.id)
    states = []
    for name, means in (("ben_mua", "consent"), ("ben_ban", "signature"), ("dong_dau", "signature")):
        following = next_slot(CONTRACT, document.filled)
        assert following is not None
        assert following.field == name
        for other in CONTRACT.slots:
            if other.field != name:
                with pytest.raises(errors.SlotOutOfOrder):
                    fill(document, CONTRACT, filled(other.field))
        document = fill(document, CONTRACT, filled(name, means))
        states.append(document.state)
    assert states == [DocumentState.CONSENTED, DocumentState.SIGNED, DocumentState.COMPLETE]
    assert next_slot(CONTRACT, document.filled) is None
    with pytest.raises(errors.DocumentEnded):
        fill(document, CONTRACT, filled("dong_dau"))


def test_minutes_are_signed_by_staff_before_the_customer() -> None:
    document = drawn(MINUTES.id)
    with pytest.raises(errors.SlotOutOfOrder):
        fill(document, MINUTES, filled("khach_hang", "consent"))
    for name, means in (("treo_thao", "signature"), ("niem_phong", "signature"), ("khach_hang", "consent")):
        document = fill(document, MINUTES, filled(name, means))
    assert document.state is DocumentState.COMPLETE


def test_a_code_never_stands_for_an_employees_signature() -> None:
    document = fill(drawn(CONTRACT.id), CONTRACT, filled("ben_mua", "consent"))
    with pytest.raises(errors.SlotNeedsSignature):
        fill(document, CONTRACT, filled("ben_ban", "consent"))


def test_a_void_document_and_an_unknown_slot_are_refused() -> None:
    with pytest.raises(errors.DocumentEnded):
        expect_next(drawn(CONTRACT.id, state=DocumentState.VOID), CONTRACT, "ben_mua")
    with pytest.raises(errors.SlotUnknown):
        expect_next(drawn(CONTRACT.id), CONTRACT, "niem_phong")
    with pytest.raises(errors.SlotOutOfOrder):
        next_slot(CONTRACT, (filled("dong_dau"),))


def test_who_may_sign_a_slot() -> None:
    customer, signatory, _ = CONTRACT.slots
    assert may_sign(signatory, (Role.GD,))
    assert not may_sign(customer, EVERYONE)
    with pytest.raises(errors.RoleNotAllowed):
        expect_signer(signatory, (Role.GDV,))
    with pytest.raises(errors.RoleNotAllowed) as caught:
        expect_signer(customer, EVERYONE)
    assert "khách hàng" in caught.value.diagnosis("vi").cause


@pytest.mark.parametrize("state", [DocumentState.DRAWN, DocumentState.CONSENTED, DocumentState.SIGNED])
def test_changed_data_voids_what_prints_it(state: DocumentState) -> None:
    changed = changed_fields(VALUES, {**VALUES, "ten_khach_hang": "Nguyễn Thị Ảnh"})
    assert changed == ("ten_khach_hang",)
    documents = [drawn(CONTRACT.id, state=state), drawn(MINUTES.id)]
    types = {one.id: TYPES[one.type] for one in documents}
    assert [one.state for one in voided(documents, changed, SERVICE, types)] == [DocumentState.VOID] * 2
    assert [one.type for one in voided(documents, ("treo_so_cong_to",), SERVICE, types)] == [MINUTES.id]
    assert voided(documents, ("email",), SERVICE, types) == ()


def test_what_all_have_signed_does_not_change() -> None:
    complete = drawn(CONTRACT.id, state=DocumentState.COMPLETE)
    types = {complete.id: CONTRACT}
    with pytest.raises(errors.DocumentIsComplete) as caught:
        voided([complete], ("cong_suat",), SERVICE, types)
    assert "Công suất đăng ký" in caught.value.diagnosis("vi").cause
    assert voided([complete], ("treo_so_cong_to",), SERVICE, types) == ()


def test_the_newest_edition_counts() -> None:
    editions = [drawn(CONTRACT.id, 1, DocumentState.VOID), drawn(CONTRACT.id, 3), drawn(CONTRACT.id, 2)]
    assert in_force(editions, CONTRACT.id) is editions[1]
    assert in_force(editions[:1], CONTRACT.id) is None


def test_every_error_has_its_words_in_both_languages() -> None:
    facts = dict.fromkeys(
        ("step", "service", "to", "allowed", "action", "role", "fields", "count", "papers", "paper", "documents",
         "code", "obstacle", "slot", "next", "document", "answers", "days", "decision", "until", "earlier"), "Ệ",
    )  # fmt: skip
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.DossierError)]
    assert len(kinds) > 15
    for kind in kinds:
        raised = kind.__new__(kind)
        raised.facts = dict(facts)
        for language in ("vi", "en"):
            diagnosis = raised.diagnosis(language)
            assert diagnosis.title
            assert diagnosis.cause
            assert diagnosis.advice
