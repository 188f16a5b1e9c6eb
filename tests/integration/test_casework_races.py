"""Two people at the same thing at the same moment: one has it, the other is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from kernel.api.errors import QuayDienError
from kernel.audit import breaks
from kernel.casework import advancing, consenting, drawing, filling, intake
from kernel.casework.errors import CodeExhausted, CodeWrong, DossierHeld
from kernel.dossier.errors import DossierNotWaiting, DossierWaits, ObstacleUnknown, RoleNotAllowed
from kernel.dossier.records import DossierState
from tests.practice import CONTRACT
from tests.said import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.practice import Branch

PHONE = "+84900000001"


def at_once(*verbs: Callable[[], object]) -> list[object]:
    """Run all verbs at the same moment; return what each gave or raised."""
    start = Barrier(len(verbs))

    def run(verb: Callable[[], object]) -> object:
        start.wait()
        try:
            return verb()
        except QuayDienError as error:
            return error

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


def kinds(results: list[object]) -> list[str]:
    return sorted(type(one).__name__ for one in results)


def test_two_claims(branch: Branch) -> None:
    dossier_id, other = branch.take_in(), branch.another_clerk()
    for _ in range(5):
        found = at_once(*(partial(filling.claim, branch.office, who, dossier_id) for who in (branch.clerk, other)))
        assert kinds(found) == ["Dossier", "DossierHeld"]
        held = next(one for one in found if isinstance(one, DossierHeld))
        said(held)
        for who in (branch.clerk, other):
            filling.leave(branch.office, who, dossier_id)
    assert breaks(branch.audit()) == []


def test_two_intakes(branch: Branch) -> None:
    found = at_once(*[lambda: intake.take_in(branch.office, branch.clerk)] * 3)
    assert kinds(found) == ["Intake"] * 3
    codes = [row.facts["code"] for row in branch.audit("intake")]
    assert len(codes) == len(set(codes)) > 0


def test_one_right_answer_counts(drawn: Branch) -> None:
    document = drawn.document(drawn.case_id)
    consenting.send_code(drawn.office, drawn.clerk, document.id, 1)
    code = drawn.code(PHONE)
    found = at_once(*[lambda: consenting.answer_code(drawn.office, drawn.clerk, document.id, code, "spoken")] * 3)
    assert kinds(found) == ["CodeUsed", "CodeUsed", "DossierDocument"]
    assert len(drawn.document(drawn.case_id).filled) == 1
    assert len(drawn.audit("consent")) == 1


def test_guessing_at_once_has_no_more_tries(drawn: Branch) -> None:
    document = drawn.document(drawn.case_id)
    consenting.send_code(drawn.office, drawn.clerk, document.id, 1)
    right = int(drawn.code(PHONE))
    wrong = [f"{(right + number) % 10**6:06d}" for number in range(1, 9)]
    answer = partial(consenting.answer_code, drawn.office, drawn.clerk, document.id)
    found = at_once(*(partial(answer, code, "keypad") for code in wrong))
    left = sorted(str(one.facts["tries_left"]) for one in found if isinstance(one, CodeWrong))
    assert left == ["1", "2", "3", "4"]
    assert sum(isinstance(one, CodeExhausted) for one in found) == 4


def test_two_drawings(branch: Branch) -> None:
    dossier_id = branch.to_step("du_thao_hop_dong")
    branch.fill(dossier_id)
    found = at_once(*[lambda: drawing.draw(branch.office, branch.clerk, dossier_id, CONTRACT)] * 2)
    assert kinds(found) == ["DossierDocument"] * 2
    assert found[0] == found[1]
    assert len(branch.documents(dossier_id)) == 1
    assert len(branch.audit("number")) == 1


def test_two_signatures_of_one_field(drawn: Branch) -> None:
    agreed = drawn.agree(drawn.document(drawn.case_id))
    found = at_once(*[lambda: drawn.sign(agreed)] * 2)
    assert sum(not isinstance(one, QuayDienError) for one in found) == 1
    for one in found:
        if isinstance(one, QuayDienError):
            said(one)
    assert len(drawn.document(drawn.case_id).filled) == 2
    assert len(drawn.audit("sign")) == 1


def test_an_obstacle_and_going_on(branch: Branch) -> None:
    dossier_id = branch.take_in()
    clerk = branch.clerk
    filling.claim(branch.office, clerk, dossier_id)
    due = branch.dossier(dossier_id).due_at
    with pytest.raises(ObstacleUnknown) as unknown:
        advancing.report_obstacle(branch.office, clerk, dossier_id, "lạ", "")
    said(unknown.value)
    with pytest.raises(DossierNotWaiting) as not_waiting:
        advancing.resume(branch.office, clerk, dossier_id)
    said(not_waiting.value)
    note = "Khách bổ sung căn cước"
    waiting = advancing.report_obstacle(branch.office, clerk, dossier_id, "TN01", note)
    assert waiting.state is DossierState.WAITING_CUSTOMER
    assert branch.outgoing("cmis_progress")[-1].body["content"] == note
    assert note not in repr(branch.audit())
    with pytest.raises(DossierWaits) as waits:
        advancing.advance(branch.office, clerk, dossier_id, "phan_cong_khao_sat")
    said(waits.value)
    branch.clock.forward(days=14)
    filling.claim(branch.office, clerk, dossier_id)
    going = advancing.resume(branch.office, clerk, dossier_id)
    assert going.state is DossierState.OPEN
    assert due is not None
    assert going.due_at is not None
    assert (going.due_at - due).days >= 13
    branch.fill(dossier_id)
    filling.leave(branch.office, clerk, dossier_id)
    with pytest.raises(RoleNotAllowed) as role:
        advancing.advance(branch.office, branch.named("khue"), dossier_id, "phan_cong_khao_sat")
    said(role.value)
    branch.deliver()
    (row,) = [one for one in branch.cmis_state()["progress"] if one["request"] == going.code]
    assert (row["MA_CVIEC"], row["MA_TNGAI"], row["NDUNG_XLY"]) == ("TN", "TN01", note)


def test_an_obstacle_that_ends_the_request(branch: Branch) -> None:
    from kernel.dossier.errors import DossierEnded

    dossier_id = branch.take_in()
    ended = advancing.report_obstacle(branch.office, branch.clerk, dossier_id, "TN04", "")
    assert ended.state is DossierState.CANCELLED
    dossier = branch.dossier(dossier_id)
    verbs: tuple[Callable[[], object], ...] = (
        lambda: filling.save(branch.office, branch.clerk, dossier_id, dossier.version, {}),
        lambda: drawing.draw(branch.office, branch.clerk, dossier_id, CONTRACT),
        lambda: filling.note_paper(branch.office, branch.clerk, dossier_id, "giay_to_tuy_than", "received"),
        lambda: advancing.resume(branch.office, branch.clerk, dossier_id),
    )
    for verb in verbs:
        with pytest.raises(DossierEnded) as refused:
            verb()
        said(refused.value)
