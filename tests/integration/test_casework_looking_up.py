"""Looking a customer up at CMIS fills in what nobody has typed, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import select

from kernel.api.errors import AdapterRefused
from kernel.api.fields import Field, Kind
from kernel.api.text import Text
from kernel.casework import filling, intake
from kernel.casework.cmis_fields import sources, versions_in_force
from kernel.casework.errors import DossierHeld
from kernel.casework.looking_up import look_up
from kernel.storage.tables import AuditTableRow
from tests.practice import Branch

CUSTOMER = "PD05000200002"


def walk_in(branch: Branch, **typed: str) -> str:
    return intake.open_walk_in(branch.office, branch.clerk, "cap_dien_ha_ap", "sinh_hoat", typed)


def typed(branch: Branch, dossier_id: str) -> dict[str, str]:
    with branch.office.work(reading=True) as work:
        dossier = branch.office.dossier(work, dossier_id)
        found, _ = filling.typed_now(work, branch.office.service(dossier), dossier, branch.clerk)
    return found


def test_what_cmis_knows_is_filled_in_as_a_draft(branch: Branch) -> None:
    dossier_id = walk_in(branch)
    found = look_up(branch.office, branch.clerk, dossier_id, CUSTOMER)
    assert {"ten_khach_hang", "so_giay_to", "dien_thoai", "dia_chi_dung_dien", "cong_suat"} <= set(found.filled)
    now = typed(branch, dossier_id)
    assert now["ten_khach_hang"] == "Đoàn Văn Ữ", "sent decomposed, the version in force"
    assert (now["cong_suat"], now["so_ho"]) == ("7", "3"), "a default is nobody's word"
    assert "Thử Nghiệm" in now["dia_chi_dung_dien"]
    assert branch.dossier(dossier_id).values.get("ten_khach_hang") is None, "the clerk looks at it before it is saved"
    assert found.debt == 0
    assert look_up(branch.office, branch.clerk, walk_in(branch), "PD05000200004").debt == 1_250_000


def test_what_was_typed_or_saved_stays(branch: Branch) -> None:
    dossier_id = walk_in(branch, ten_khach_hang="Đoàn Văn Ứng")
    filling.save_draft(branch.office, branch.clerk, dossier_id, {"cong_suat": "9,5"})
    found = look_up(branch.office, branch.clerk, dossier_id, CUSTOMER)
    now = typed(branch, dossier_id)
    assert (now["ten_khach_hang"], now["cong_suat"]) == ("Đoàn Văn Ứng", "9,5")
    assert not {"ten_khach_hang", "cong_suat"} & set(found.filled)
    assert now["dien_thoai"]


def test_who_looked_up_whom_is_in_the_trail(branch: Branch) -> None:
    dossier_id = walk_in(branch)
    look_up(branch.office, branch.clerk, dossier_id, CUSTOMER)
    with branch.office.work(reading=True) as work:
        [row] = [row for row in work.session.exec(select(AuditTableRow)) if row.action == "look_up"]
    assert (row.actor, row.subject, row.facts["customer"]) == (branch.clerk.id, dossier_id, CUSTOMER)
    assert "Đoàn" not in str(row.facts)


def test_nothing_changes_for_an_unknown_customer_or_a_dossier_of_somebody_else(branch: Branch) -> None:
    dossier_id = walk_in(branch)
    with pytest.raises(AdapterRefused):
        look_up(branch.office, branch.clerk, dossier_id, "PD05000299999")
    with pytest.raises(DossierHeld):
        look_up(branch.office, branch.named("dat"), dossier_id, CUSTOMER)
    assert not {"ten_khach_hang", "dien_thoai"} & set(typed(branch, dossier_id))


def test_the_versions_in_force_count_the_newest_first() -> None:
    rows = [
        {"X": "cũ", "NGAY_HLUC": "01/01/2010", "NGAY_HHLUC": "31/12/2019"},
        {"X": "trước", "NGAY_HLUC": "01/01/2020", "NGAY_HHLUC": ""},
        {"X": "nay", "NGAY_HLUC": "25/11/2026"},
        {"X": "sau", "NGAY_HLUC": "26/11/2026"},
        {"X": "lạ", "NGAY_HLUC": "hôm qua"},
        {"X": "không ngày"},
    ]
    found = versions_in_force({"T": rows}, date(2026, 11, 25))
    assert [row["X"] for row in found["T"]] == ["nay", "trước", "không ngày"]
    assert [row["X"] for row in versions_in_force({"T": rows}, date(2019, 12, 31))["T"]] == ["cũ", "không ngày"]


def test_a_field_may_be_held_in_several_places() -> None:
    field = Field("x", Text("", ""), Kind.TEXT, Text("", ""), source="A.B, C.D")
    assert sources(field) == [("A", "B"), ("C", "D")]
    assert sources(field.but(source="")) == []
