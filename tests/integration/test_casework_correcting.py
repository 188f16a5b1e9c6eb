"""What turns out to be wrong later is put right where it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kernel.casework import drawing, filling
from kernel.casework.errors import FieldsWrong
from kernel.dossier.errors import DocumentIsComplete
from kernel.dossier.records import DocumentState
from kernel.storage import documents
from tests.practice import CONTRACT

if TYPE_CHECKING:
    from tests.practice import Branch


def test_a_phone_put_right_while_the_customer_reads_the_contract(branch: Branch) -> None:
    first = branch.draw()
    before = branch.dossier(first.dossier)
    with branch.office.work(reading=True) as work:
        ids = {field.id for field in filling.open_fields(branch.office, work, before)}
    assert {"dien_thoai", "ngay_ghi_chi_so"} <= ids
    saved = filling.save(
        branch.office, branch.clerk, before.id, before.version, {**branch.typed(before, {}), "dien_thoai": "0900000099"}
    )
    assert saved.values == {**before.values, "dien_thoai": "+84900000099"}
    with branch.office.work(reading=True) as work:
        states = [one.state for one in documents.of_dossier(work.session, before.id)]
    assert states == [DocumentState.VOID]
    assert drawing.draw(branch.office, branch.clerk, before.id, CONTRACT).edition == 2


def test_what_the_contract_prints_is_closed_once_all_have_signed(branch: Branch) -> None:
    dossier_id = branch.to_step("hoan_tat")
    with branch.office.work(reading=True) as work:
        ids = {field.id for field in filling.open_fields(branch.office, work, branch.dossier(dossier_id))}
    assert "ten_khach_hang" not in ids
    assert "gioi_tinh" in ids


def test_fields_of_two_steps_contradict_each_other(branch: Branch) -> None:
    dossier_id = branch.to_step("du_thao_hop_dong")
    dossier = branch.dossier(dossier_id)
    typed = branch.typed(dossier, branch.case.answers)
    found = filling.findings(branch.office, dossier_id, {**typed, "cap_dien_ap": "380 V"})
    assert [(one.field, one.code) for one in found] == [("cap_dien_ap", "phases_voltage")]
    found = filling.findings(branch.office, dossier_id, {**typed, "kenh_thong_bao": "email", "email": ""})
    assert [(one.field, one.code) for one in found] == [("email", "needed_for_email")]


def test_a_survey_of_tomorrow_is_not_saved(branch: Branch) -> None:
    dossier_id = branch.to_step("khao_sat")
    with pytest.raises(FieldsWrong) as caught:
        branch.fill(dossier_id, ngay_khao_sat="01/01/2100")
    assert "01/01/2100 chưa tới" in caught.value.diagnosis("vi").cause


def test_a_meter_read_wrong_is_put_right_before_the_minutes_are_signed(branch: Branch) -> None:
    dossier_id = branch.to_step("bien_ban_treo_thao")
    fitter = branch.named("huu")
    dossier = filling.claim(branch.office, fitter, dossier_id)
    saved = filling.save(branch.office, fitter, dossier_id, dossier.version, {"treo_chi_so_p": "12,5"})
    assert str(saved.values["treo_chi_so_p"]) == "12.5"
    assert saved.values["treo_so_cong_to"] == dossier.values["treo_so_cong_to"]


def test_a_signed_contract_is_not_changed_from_a_later_step(branch: Branch) -> None:
    dossier_id = branch.to_step("du_thao_hop_dong")
    branch.fill(dossier_id)
    branch.complete(dossier_id, CONTRACT)
    dossier = branch.dossier(dossier_id)
    with pytest.raises(DocumentIsComplete):
        filling.save(branch.office, branch.clerk, dossier_id, dossier.version, {"ngay_ghi_chi_so": "9"})
