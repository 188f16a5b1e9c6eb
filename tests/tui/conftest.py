"""A clerk at the console, over the desk in memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from textual import events
from textual.keys import _character_to_key

from console.app import ConsoleApp
from console.widgets.frame import ErrorPanel, MessageLine
from tests.fake_desk import FakeDesk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from textual.pilot import Pilot

SIZES = [(80, 24), (120, 40)]


class Clerk:
    """Presses keys and reads the screen."""

    def __init__(self, app: ConsoleApp, desk: FakeDesk, pilot: Pilot[None]) -> None:
        self.app = app
        self.desk = desk
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys as fast as they come; the screens must keep up."""
        for key in keys:
            self.app.post_message(self.key(key))
        await self.settle()

    @staticmethod
    def key(key: str) -> events.Key:
        """Return what the terminal gives the app for a key."""
        character = key if len(key) == 1 else {"space": " ", "enter": "\r", "tab": "\t"}.get(key)
        return events.Key(_character_to_key(key) if len(key) == 1 else key, character)

    async def type(self, text: str) -> None:
        await self.press(*("space" if letter == " " else letter for letter in text))

    async def settle(self) -> None:
        """Wait until every key is done and the desk has answered everything."""
        quiet = 0
        while quiet < 3:
            await self.pilot.pause()
            busy = self.app.keys_waiting or any(worker.is_running for worker in self.app.workers)
            quiet = 0 if busy else quiet + 1

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        for _ in range(500):
            if holds():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"{what} did not come:\n{self.text}")

    async def sign_in(self) -> None:
        await self.type("anh")
        await self.press("enter")
        await self.type("thuchanh")
        await self.press("enter")

    async def open_form(self) -> None:
        await self.sign_in()
        await self.press("f2", "1")

    @property
    def screen(self) -> str:
        return type(self.app.screen).__name__

    @property
    def text(self) -> str:
        """What the screen on top shows."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    @property
    def message(self) -> str:
        return self.app.screen.query_one(MessageLine).text

    @property
    def problem(self) -> str:
        found = self.app.screen.query_one(ErrorPanel).diagnosis
        return "" if found is None else str(found)


Scene = "Callable[[Clerk], Awaitable[None]]"


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def play(desk: FakeDesk, tmp_path: Path) -> Callable[..., ConsoleApp]:
    """Run a scene at a terminal of `size` and return the app as it was left."""

    def run(scene: Callable[[Clerk], Awaitable[None]], size: tuple[int, int] = (80, 24), **more: Any) -> ConsoleApp:
        app = ConsoleApp(lambda: desk, more.pop("language", "vi"), "Thực hành", reports=tmp_path / "reports", **more)

        async def act() -> None:
            async with app.run_test(size=size) as pilot:
                clerk = Clerk(app, desk, pilot)
                await clerk.settle()
                await scene(clerk)

        asyncio.run(act())
        return app

    return run
