"""Before the PIN: what the signature will show, on which page and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from console.desk import Area, StampView
from console.widgets.page_map import page_map, place_words
from console.words import Words
from tests.fake_desk import CODE, PIN, Refused
from tests.tui.paths import SIZES, contract, read_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fake_desk import FakeDesk
    from tests.tui.conftest import Clerk


async def at_signing(clerk: Clerk) -> None:
    """Up to the signatory's turn."""
    await contract(clerk)
    await read_all(clerk)
    await clerk.press("f9", "f9")
    await clerk.type(CODE)
    await clerk.press("enter", "f9")
    assert clerk.screen == "SigningScreen"


@pytest.mark.parametrize("size", SIZES)
def test_the_look_is_told_beside_the_pin_and_shown_in_full_on_f7(
    play: Callable[..., Any], desk: FakeDesk, size: tuple[int, int]
) -> None:
    async def scene(clerk: Clerk) -> None:
        await at_signing(clerk)
        assert "▣ Hình ký: trang 2/3, phía dưới bên phải · chữ ký tay 40 × 18 mm" in " ".join(clerk.text.split())
        assert "F7 Hình" in clerk.text
        assert "Esc Lùi" in clerk.text
        await clerk.press("f7")
        assert clerk.screen == "StampScreen"
        for words in (
            "Trang 2/3, phía dưới bên phải", "Ô 68 × 30 mm", "Ký bởi: Trần Văn Bình", "Điện lực Ữ [x]",
            "Thời gian ký: 2026-11-23 14:05:00 +07:00", "┌──", "KÝ",
        ):  # fmt: skip
            assert words in clerk.text, words
        await clerk.press("f9")
        assert clerk.screen == "SigningScreen"
        await clerk.type(PIN)
        await clerk.press("f9")
        assert "con dấu 36 × 36 mm" in clerk.text
        await clerk.press("f7")
        assert "Không kèm chữ" in clerk.text
        await clerk.press("escape")
        await clerk.type(PIN)
        await clerk.press("f9", "f7")
        assert clerk.screen == "SigningScreen"
        assert "đủ chữ ký" in clerk.message
        assert desk.pins == [PIN, PIN]

    play(scene, size)


def test_another_certificate_has_another_look(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        await at_signing(clerk)
        await clerk.press("down", "f7")
        assert "Ký bởi: Trần Văn Bình (cũ) [x]" in clerk.text

    play(scene)


def test_the_page_opens_in_the_viewer_and_is_wiped(
    play: Callable[..., Any], desk: FakeDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr("console.viewer.show_pdf", opened.append)
    desk.pdf_folder = tmp_path

    async def scene(clerk: Clerk) -> None:
        await at_signing(clerk)
        await clerk.press("f7", "f6")
        assert [path.name for path in opened] == ["xem-truoc.pdf"]
        assert "chưa ký" in clerk.message
        assert opened[0].exists()
        await clerk.press("escape")
        assert not opened[0].exists()

    play(scene)


def test_a_look_that_cannot_be_drawn_does_not_stop_the_signature(play: Callable[..., Any], desk: FakeDesk) -> None:
    async def scene(clerk: Clerk) -> None:
        desk.fail_next["stamp"] = Refused("Hình chữ ký hỏng")
        await at_signing(clerk)
        assert "▣" not in clerk.text
        desk.fail_next["stamp"] = Refused("Hình chữ ký hỏng")
        await clerk.press("f7")
        assert "Hình chữ ký hỏng" in clerk.problem
        await clerk.press("escape")
        await clerk.type(PIN)
        await clerk.press("f9")
        assert desk.pins == [PIN]

    play(scene)


@pytest.mark.parametrize("rows", [1, 6, 18, 60])
@pytest.mark.parametrize(
    "area",
    [Area(0, 0, 1, 1), Area(0.9, 0.99, 1, 1), Area(1, 1, 1, 1), Area(-0.2, 0, 0.001, 0.001), Area(0.5, 0.5, 2, 2)],
)
def test_every_box_is_somewhere_on_the_map(rows: int, area: Area) -> None:
    view = StampView((), None, 1, 1, area, (Area(0, 0, 0.5, 0.5),), (1.0, 1.0))
    drawn = page_map(view, rows, "KÝ")
    assert len({len(line) for line in drawn}) == 1
    assert any(letter in "█KÝ" for line in drawn for letter in line)


def test_places_have_words_in_both_languages() -> None:
    for language, upper, lower in (
        ("vi", "phía trên bên trái", "phía dưới bên phải"),
        ("en", "upper left", "lower right"),
    ):
        words = Words(language)  # type: ignore[arg-type]  # one of the two
        assert place_words(Area(0, 0, 0.1, 0.1), words) == upper
        assert place_words(Area(0.9, 0.9, 1, 1), words) == lower
