"""Programs on pseudo-terminals, one a module."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.pty.keystrokes import EMPTY, F2, READ
from tests.pty.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Typist:
    """Somebody at the keyboard of a driven program, who can also look into its fields."""

    def __init__(self, terminal: Terminal, values: Path) -> None:
        self.terminal = terminal
        self._values = values

    def write(self, *writes: bytes) -> None:
        for data in writes:
            self.terminal.write(data)

    def empty(self) -> None:
        self.write(EMPTY)
        self.look()

    def look(self) -> dict[str, Any]:
        """Return screen, fields and focus, as they are once everything written before is done."""
        self._values.unlink(missing_ok=True)
        self.write(READ)
        self.terminal.wait(self._values.exists, "the values of the fields")
        found: dict[str, Any] = json.loads(self._values.read_text("utf-8"))
        return found

    def fields(self) -> dict[str, str]:
        found: dict[str, str] = self.look()["fields"]
        return found


SIGN_IN = "ánh\rthuchanh\r".encode()


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typist]:
    """The console with an empty form open, reached by typing everything at once before anything is drawn."""
    values = tmp_path_factory.mktemp("console") / "values.json"
    with Terminal("tests.pty.console_driver", str(values)) as terminal:
        terminal.wait_for("Đăng nhập")
        typist = Typist(terminal, values)
        typist.write(SIGN_IN + F2 + b"1")
        terminal.wait_for("Khách hàng")
        yield typist


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typist]:
    """Stock fields in a plain app, on their form."""
    values = tmp_path_factory.mktemp("stock") / "values.json"
    with Terminal("tests.pty.stock_driver", str(values)) as terminal:
        typist = Typist(terminal, values)
        typist.look()
        typist.write(F2)
        terminal.wait(lambda: typist.look()["screen"] == "Form", "the form")
        yield typist
