"""The worker is killed at every boundary of a delivery; nothing is sent twice, nothing is forgotten."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx
import pytest

from console.wiring import close_office, open_office
from kernel import settings
from kernel.api.documents import Role
from kernel.casework import intake, staff
from kernel.dossier.records import DossierState
from tests.faults import boundaries, branches

WALK_IN = {
    "ten_khach_hang": "Nguyễn Thị Ỷ Lan",
    "so_giay_to": "001190000055",
    "ngay_sinh": "02/09/1990",
    "gioi_tinh": "Nữ",
    "dien_thoai": "0900000055",
    "dia_chi_dung_dien": "Số 5 ngõ Đường Bưởi, phường Nghĩa Đô, thành phố Hà Nội",
}
FOR_THE_CASE = ("message not sent", "message sent, not noted", "file uploaded, not noted", "progress added, not noted")
"""The worker dies while it delivers what the closed case posted; at the others while it opens a walk-in's request."""


@pytest.mark.timeout(900)
def test_the_next_worker_goes_on(home: Path) -> None:
    with branches.served(home):
        status = branches.start(home, "tests.faults.doomed_console", str(home), "never").wait(branches.PATIENCE)
        assert status == 0, branches.said(home)
        walk_ins = []
        for name in boundaries.WORKER:
            if name not in FOR_THE_CASE:
                walk_ins.append(_open_walk_in(home))
            status = branches.start(home, "tests.faults.doomed_worker", str(home), name).wait(branches.PATIENCE)
            assert status == -signal.SIGKILL, f"{name}: {status}\n{branches.said(home)}"
            branches.intact(home)
        branches.completed(home, branches.finish(home))
        for walk_in in walk_ins:
            _opened_once(home, walk_in)


def _open_walk_in(home: Path) -> str:
    office = open_office(home)
    try:
        with office.work(reading=True) as work:
            clerk = staff.with_role(work.session, office.unit, Role.GDV)[0]
        return intake.open_walk_in(office, clerk, "cap_dien_ha_ap", "sinh_hoat", WALK_IN)
    finally:
        close_office(office)


def _opened_once(home: Path, walk_in: str) -> None:
    url = settings.load(home).cmis.options["base_url"]
    requests = httpx.get(f"{url}/_practice/state", trust_env=False).json()["requests"]
    [code] = [one["code"] for one in requests if one["tech_id"] == walk_in]
    office = open_office(home)
    try:
        with office.work(reading=True) as work:
            dossier = office.dossier(work, walk_in)
    finally:
        close_office(office)
    assert (dossier.code, dossier.state) == (code, DossierState.OPEN)
    assert dossier.values["ten_khach_hang"] == WALK_IN["ten_khach_hang"]
