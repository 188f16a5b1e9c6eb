"""Draws the console's screens as SVG pictures into `docs/pictures`: `python -m tests.tui.make_pictures [FOLDER]`."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from console.keys import prepare_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tui.conftest import Clerk

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
SIZES = {"": (100, 30), "-80x24": (80, 24)}
MOMENT = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)


async def walk(clerk: Clerk, save: Callable[[str], None]) -> None:
    """Go through the screens and save each."""
    from tests.fake_desk import CODE, PIN
    from tests.tui.paths import CARD, form_of, read_all

    await clerk.until(lambda: clerk.app.tokens is not None, "the tokens")
    await clerk.settle()
    save("login")
    await clerk.sign_in()
    save("queue")
    await clerk.press("f12")
    save("palette")
    await clerk.press("escape", "f2", "1")
    form_of(clerk).fill(CARD | {"ngay_ghi_chi_so": "32"})
    await clerk.press("f7")
    save("form")
    form_of(clerk).fill(CARD)
    await clerk.press("f10", "1")
    await clerk.press("f6")
    save("preview")
    await read_all(clerk)
    await clerk.press("f9", "f9")
    await clerk.type("111111")
    await clerk.press("enter")
    save("consent")
    await clerk.type(CODE)
    await clerk.press("enter", "f9")
    await clerk.type(PIN)
    save("signing")
    await clerk.press("f7")
    save("stamp")
    await clerk.press("escape", "escape", "escape", "escape", "f4")
    await clerk.press("space", "space")
    save("batch")


def main() -> None:
    """Draw every picture."""
    prepare_terminal()
    import kernel.clock

    kernel.clock.now = lambda: MOMENT  # before the screens import it: the same pictures on every run
    from console.app import ConsoleApp
    from tests.fake_desk import FakeDesk
    from tests.tui.conftest import Clerk

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)

    async def draw(suffix: str, size: tuple[int, int]) -> None:
        desk = FakeDesk()
        app = ConsoleApp(lambda: desk, "vi", "Đơn vị thực hành. Tên: anh, mật khẩu: thuchanh")
        async with app.run_test(size=size) as pilot:
            clerk = Clerk(app, desk, pilot)
            await clerk.settle()

            def save(name: str) -> None:
                picture = app.export_screenshot(title="Quầy Điện").replace("<text ", '<text xml:space="preserve" ')
                (folder / f"{name}{suffix}.svg").write_text(picture, "utf-8")

            await walk(clerk, save)

    for suffix, size in SIZES.items():
        asyncio.run(draw(suffix, size))


if __name__ == "__main__":
    main()
