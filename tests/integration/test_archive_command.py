"""`quaydien archive`: what an administrator and a script learn from it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from console import diagnosis
from console.commands import Exit
from console.commands import archive as command
from console.examining import Examiner
from console.kernel_desk import KernelDesk
from console.main import main
from console.practice.people import PASSWORD
from kernel.casework import preserving
from kernel.tokens.watch_client import Watch
from tests.archive_practice import Keeping

if TYPE_CHECKING:
    from tests.practice import Branch


@pytest.fixture
def keeping(complete: Branch, monkeypatch: pytest.MonkeyPatch) -> Keeping:
    """A branch with a complete contract; the command works in its office."""
    made = Keeping(complete)
    monkeypatch.setattr(command, "open_office", lambda _: made.branch.office)
    monkeypatch.setattr(command, "close_office", lambda _: None)
    return made


def told(keeping: Keeping, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = main(["archive", *words, "--json", "--home", str(keeping.branch.home)])
    return code, json.loads(capsys.readouterr().out)


def said(keeping: Keeping, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["archive", *words, "--home", str(keeping.branch.home)])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_extending_what_waits(keeping: Keeping, capsys: pytest.CaptureFixture[str]) -> None:
    code, status = told(keeping, capsys, "status")
    assert (code, status["total"], status["levels"]) == (Exit.DONE, 1, {"B-B": 1})
    assert [one["state"] for one in status["waiting"]] == ["waiting"]
    code, listed = told(keeping, capsys, "extend", "--dry-run")
    assert (code, [one["level"] for one in listed]) == (Exit.DONE, ["B-B"])
    code, done = told(keeping, capsys, "extend")
    assert (code, [(one["level"], one["obstacle"]) for one in done]) == (Exit.DONE, [("B-LTA", "")])
    code, status = told(keeping, capsys, "status", "--days", "2000")
    assert (status["levels"], status["waiting"]) == ({"B-LTA": 1}, [])
    assert [one["document"] for one in status["renewals"]] == [keeping.document.id]
    assert told(keeping, capsys, "extend") == (Exit.DONE, [])


def test_an_obstacle_is_told_and_the_answer_is_no(keeping: Keeping, capsys: pytest.CaptureFixture[str]) -> None:
    keeping.kit.tsa.down = True
    code, out, err = said(keeping, capsys, "extend")
    assert code == Exit.NO
    assert f"✗ {keeping.document.number}  B-B" in out
    assert "503" in err
    code, out, _ = said(keeping, capsys, "status")
    assert code == Exit.DONE
    assert keeping.document.number in out
    assert "503" in out


def test_renewing_one_document_early(keeping: Keeping, capsys: pytest.CaptureFixture[str]) -> None:
    preserving.preserve(keeping.branch.office, keeping.document.id)
    before = keeping.document.sha256
    assert told(keeping, capsys, "renew") == (Exit.DONE, [])
    keeping.forward(preserving.FIRST_AGAIN)
    code, done = told(keeping, capsys, "renew", keeping.document.number)
    assert (code, [one["obstacle"] for one in done]) == (Exit.DONE, [""])
    assert keeping.document.sha256 != before


def test_a_document_that_is_not_there(keeping: Keeping, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(keeping, capsys, "extend", "HĐ-Ữ/2026")
    assert code == Exit.OUTSIDE
    assert "HĐ-Ữ/2026" in err


def test_nothing_due_is_said(keeping: Keeping, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(keeping, capsys, "renew", "--within", "30")
    assert (code, out) == (Exit.DONE, "Không có văn bản nào đến lượt.\n")


def checks(keeping: Keeping) -> list[tuple[str, str]]:
    return [(one.state, one.finding) for one in diagnosis._archive(Examiner(keeping.branch.office, "vi"))]


def test_the_console_tells_the_level_and_what_stands_in_its_way(keeping: Keeping) -> None:
    home = keeping.branch.home
    desk = KernelDesk(keeping.branch.office, Watch([], lambda _: None, log=home / "watch.log", env={}), "vi")
    desk.sign_in("nga", PASSWORD)

    def shown() -> tuple[str, str]:
        view = desk.document(keeping.document.id)
        return view.level, view.level_awaited

    keeping.kit.tsa.down = True
    preserving.preserve(keeping.branch.office, keeping.document.id)
    level, why = shown()
    assert level == "B-B"
    assert "503" in why
    keeping.kit.tsa.down = False
    preserving.preserve(keeping.branch.office, keeping.document.id)
    assert shown() == ("B-LTA", "")
    desk.close()


def test_doctor_tells_how_the_archive_stands(keeping: Keeping) -> None:
    keeping.kit.tsa.down = True
    preserving.preserve(keeping.branch.office, keeping.document.id)
    ((state, finding),) = checks(keeping)
    assert state == "warning"
    assert keeping.document.number in finding
    assert "503" in finding
    keeping.kit.tsa.down = False
    preserving.preserve(keeping.branch.office, keeping.document.id)
    assert checks(keeping) == [("ok", "1 văn bản, 1 đã ở mức B-LTA, không văn bản nào quá hạn gia hạn")]
    keeping.forward(timedelta(days=4 * 365))
    ((state, finding),) = checks(keeping)
    assert state == "failed"
    assert "hết hạn" in finding
