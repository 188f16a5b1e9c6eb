"""PINs of `quaydien token` at a terminal: a new one is typed twice, and none is ever shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pty.terminal import Terminal
from tests.softhsm import MODULE, PIN, master

if TYPE_CHECKING:
    from pathlib import Path

NEW, OTHER = "9753108642", "8642097531"


def change(tmp_path: Path, env: dict[str, str], *typed: str) -> tuple[int, bytes, str]:
    """Change the PIN at a terminal; return the exit code, all that was written, and the last screen."""
    words = ("token", "pin", "--module", str(MODULE), "--home", str(tmp_path / "không"))
    with Terminal("console", *words, env=env) as terminal:
        for number, secret in enumerate(typed, 1):
            asked(terminal, number)
            terminal.write(f"{secret}\r".encode())
        code = terminal.exit_code()
        terminal.wait_for("»" if code == 0 else "→")
        return code, bytes(terminal.output), terminal.text


def asked(terminal: Terminal, times: int) -> None:
    """Wait until a PIN has been asked for so many times."""
    terminal.wait(lambda: terminal.text.count("PIN: ") == times, f"question {times}")


def test_a_pin_is_typed_unseen_and_a_new_one_twice(tmp_path: Path) -> None:
    hsm = master().hsm.copy(tmp_path / "hsm")
    env = {**hsm.env, "XDG_STATE_HOME": str(tmp_path / "state")}
    code, written, screen = change(tmp_path, env, PIN, NEW, OTHER)
    assert code == 3
    assert "Hai lần nhập không giống nhau" in screen
    code, more, screen = change(tmp_path, env, PIN, NEW, NEW)
    assert code == 0
    assert "Đã đổi mã PIN của token «Ký số Điện lực»" in screen
    for secret in (PIN, NEW, OTHER):
        assert secret.encode() not in written + more
