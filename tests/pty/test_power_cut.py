"""A power cut while typing: the next start shows what was typed. And the plain end of a program that failed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.pty.conftest import SIGN_IN, Typist
from tests.pty.keystrokes import F2, PHRASE, input_method
from tests.pty.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

DRIVER = "tests.pty.console_driver"


def test_what_was_typed_before_a_power_cut_is_there_again(tmp_path: Path) -> None:
    values, drafts = tmp_path / "values.json", tmp_path / "drafts.json"
    with Terminal(DRIVER, str(values), str(drafts)) as terminal:
        terminal.wait_for("Đăng nhập")
        typist = Typist(terminal, values)
        typist.write(SIGN_IN + b"\r")
        terminal.wait_for("Giấy tờ")
        typist.empty()
        typist.write(b"\t", *input_method("telex", b"\x7f"))

        def kept() -> bool:
            found = json.loads(drafts.read_text("utf-8")) if drafts.exists() else {}
            return any(draft["ten_khach_hang"] == PHRASE for draft in found.values())

        terminal.wait(kept, "the draft")
        typist.write(b" con chua kip luu")
        terminal.kill()
    with Terminal(DRIVER, str(values), str(drafts)) as terminal:
        terminal.wait_for("Đăng nhập")
        typist = Typist(terminal, values)
        typist.write(SIGN_IN + b"\r")
        terminal.wait_for("Mở lại nháp")
        assert typist.fields()["field-ten_khach_hang"].startswith(PHRASE)


def test_typing_before_the_program_is_up_reaches_it(tmp_path: Path) -> None:
    """Typed into the terminal before the program reads it: Enter comes as a line feed then."""
    values = tmp_path / "values.json"
    with Terminal(DRIVER, str(values)) as terminal:
        terminal.write(b"anh\rthuchanh\r" + F2 + b"1")
        terminal.wait_for("Khách hàng")
        typist = Typist(terminal, values)
        assert typist.look()["screen"] == "FormScreen"


def test_small_terminals_and_resizing_do_no_harm(tmp_path: Path) -> None:
    values = tmp_path / "values.json"
    with Terminal(DRIVER, str(values), columns=80, rows=24) as terminal:
        terminal.wait_for("Đăng nhập")
        typist = Typist(terminal, values)
        typist.write(SIGN_IN + F2 + b"1")
        terminal.wait_for("Khách hàng")
        writes = input_method("telex", b"\x7f")
        typist.write(b"\t", *writes[:20])
        terminal.resize(120, 40)
        typist.write(*writes[20:40])
        terminal.resize(60, 15)
        typist.write(*writes[40:])
        assert typist.fields()["field-ten_khach_hang"] == PHRASE


def test_recorders_keep_the_program_from_starting(tmp_path: Path) -> None:
    with Terminal(DRIVER, str(tmp_path / "values.json"), env={"TEXTUAL_LOG": str(tmp_path / "log")}) as terminal:
        assert terminal.exit_code() != 0
        assert not (tmp_path / "log").exists()
