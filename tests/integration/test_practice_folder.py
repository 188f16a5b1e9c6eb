"""A practice branch never deletes or works in a folder that is not its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.main import main
from console.practice.branch import MARK, prepare, wipe
from console.practice.errors import FolderTaken
from kernel import settings


@pytest.mark.parametrize("words", [[], ["--reset"]])
def test_a_folder_of_something_else_is_left_alone(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "Ảnh gia đình.txt"
    kept.write_text("không được mất", "utf-8")
    assert main(["demo", "--headless", "--home", str(tmp_path), *words]) == 3
    assert kept.read_text("utf-8") == "không được mất"
    assert list(tmp_path.iterdir()) == [kept]
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["--reset"]])
def test_a_real_branch_is_left_alone(tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    text = """
[branch]
code = "PD0600"
name = "Điện lực Thật"
place = "Hà Nội"
party = {}
[cmis]
adapter = "cmis"
options = { base_url = "http://127.0.0.1:9" }
[sms]
adapter = "kannel"
options = { url = "http://127.0.0.1:9" }
"""
    (tmp_path / settings.FILE_NAME).write_text(text, "utf-8")
    assert main(["demo", "--headless", "--home", str(tmp_path), *words]) == 3
    assert (tmp_path / settings.FILE_NAME).read_text("utf-8") == text
    assert capsys.readouterr().err


def test_a_half_made_branch_may_be_deleted(tmp_path: Path) -> None:
    home = tmp_path / "branch"
    (home / "practice").mkdir(parents=True)
    with pytest.raises(FolderTaken):
        prepare(home, lambda _: None)
    (home / MARK).touch()
    wipe(home)
    assert not home.exists()
