"""Vietnamese typed into the cells of a table through a pseudo-terminal, and its draft after a power cut."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.pty.conftest import SIGN_IN, Typist
from tests.pty.keystrokes import ESC, PHRASE, input_method, pasted
from tests.pty.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUNS = 10
DRIVER = "tests.pty.console_driver"
TO_TABLE = SIGN_IN + b"\r\r"


@pytest.fixture
def drafts(tmp_path: Path) -> Path:
    return tmp_path / "drafts.json"


@pytest.fixture
def typist(tmp_path: Path, drafts: Path) -> Iterator[Typist]:
    """The form of the first dossier, the row of its table in focus."""
    values = tmp_path / "values.json"
    with Terminal(DRIVER, str(values), str(drafts), "table") as terminal:
        terminal.wait_for("Đăng nhập")
        typist = Typist(terminal, values)
        typist.write(TO_TABLE)
        terminal.wait_for("Danh sách hộ")
        yield typist


def kept_rows(typist: Typist, drafts: Path, count: int) -> list[str]:
    """Return the lines of the table in the draft once it has so many."""

    def lines() -> list[str]:
        found = json.loads(drafts.read_text("utf-8")) if drafts.exists() else {}
        return [line for draft in found.values() for line in draft["danh_sach_ho"].split("\n")]

    typist.terminal.wait(lambda: len(lines()) == count, f"a draft of {count} rows")
    return lines()


@pytest.mark.parametrize("method", ["telex", "vni"])
def test_an_input_method_is_right_in_every_cell(typist: Typist, drafts: Path, method: str) -> None:
    """The first key opens the table; names, Tab, and the next row come in one write each."""
    phrase = b"".join(input_method(method, b"\x7f"))
    for number in range(RUNS):
        typist.write(phrase + b"\t" + f"0011900000{number:02d}".encode() + b"\x1b[B\x1b[Z")
    look = typist.look()
    assert look["screen"] == "TableScreen"
    assert look["focused"] == "cell"
    typist.terminal.write_and_wait(ESC, "Giấy tờ khách mang")
    assert kept_rows(typist, drafts, RUNS) == [f"{PHRASE}\t0011900000{number:02d}" for number in range(RUNS)]


def test_a_cell_half_typed_is_in_the_draft_after_a_power_cut(typist: Typist, drafts: Path, tmp_path: Path) -> None:
    typist.write(pasted("Đỗ Thị Ữ\t001190000001\r\nĐặng Ngọc Ệ\t001190000002\r\n"), b"Le Van")
    assert kept_rows(typist, drafts, 3)[2] == "Le Van"
    typist.terminal.kill()
    values = tmp_path / "values2.json"
    with Terminal(DRIVER, str(values), str(drafts), "table") as terminal:
        terminal.wait_for("Đăng nhập")
        again = Typist(terminal, values)
        again.write(SIGN_IN + b"\r")
        terminal.wait_for("3 dòng")
