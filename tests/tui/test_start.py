"""The first frame waits for nothing, and a desk that can't be made is told, not hidden."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from console.app import ConsoleApp
from tests.fake_desk import FakeDesk, Refused
from tests.pty.terminal import ROOT
from tests.tui.conftest import Clerk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAVY = (
    "sqlmodel",
    "sqlalchemy",
    "pydantic",
    "httpx",
    "jinja2",
    "pyhanko",
    "cryptography",
    "typst",
    "dbos",
    "pypdfium2",
)


def test_the_first_frame_imports_nothing_heavy() -> None:
    program = (
        "from console.keys import prepare_terminal; prepare_terminal(); import console.app, sys;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def play(make: Callable[[], FakeDesk], scene: Callable[[Clerk], object], reports: Path) -> None:
    async def act() -> None:
        app = ConsoleApp(make, "vi", None, reports=reports)
        async with app.run_test(size=(80, 24)) as pilot:
            await scene(Clerk(app, FakeDesk(), pilot))  # type: ignore[misc]  # a scene is a coroutine function

    asyncio.run(act())


@pytest.mark.parametrize("error", [Refused("Không mở được cơ sở dữ liệu"), OSError("/bi/mat")])
def test_a_desk_that_can_not_be_made_is_told(error: Exception, tmp_path: Path) -> None:
    def make() -> FakeDesk:
        raise error

    async def scene(clerk: Clerk) -> None:
        await clerk.until(lambda: bool(clerk.problem), "the error")
        expected = "Không mở được" if isinstance(error, Refused) else "mã sự cố"
        assert expected in clerk.problem
        assert "bi/mat" not in clerk.text
        await clerk.press("escape")
        await clerk.sign_in()
        assert expected in clerk.problem

    play(make, scene, tmp_path)


def test_one_may_sign_in_while_the_desk_is_still_being_made(tmp_path: Path) -> None:
    ready = threading.Event()

    def make() -> FakeDesk:
        ready.wait(10)
        return FakeDesk()

    async def scene(clerk: Clerk) -> None:
        for key in ("a", "enter", *"thuchanh", "enter", "f2", "1", *"007"):
            clerk.app.post_message(clerk.key(key))
        await clerk.until(lambda: "Đang mở" in clerk.message, "the wait")
        assert clerk.screen == "LoginScreen"
        ready.set()
        await clerk.until(lambda: clerk.screen == "FormScreen", "the form")
        await clerk.settle()
        assert "007" in clerk.text

    play(make, scene, tmp_path)


def test_only_the_pages_one_sees_are_asked_for(tmp_path: Path) -> None:
    desk = FakeDesk(dossiers=2000)

    async def scene(clerk: Clerk) -> None:
        clerk.desk = desk
        await clerk.sign_in()
        await clerk.press("tab")
        before = desk.calls["queue"]
        await clerk.press("ctrl+end")
        assert desk.calls["queue"] - before <= 2
        assert "GC26112300" in clerk.text

    play(lambda: desk, scene, tmp_path)
