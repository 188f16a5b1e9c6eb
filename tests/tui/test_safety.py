"""Secrets stay in their fields, crashes tell no values, colours can be read, the catalogue is complete."""

from __future__ import annotations

import re
import tomllib
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.color import Color

from console import crash, theme
from console.keys import KEYS, prepare_terminal
from console.widgets.fields import SecretField
from kernel.api import messages
from tests.fake_desk import PIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fake_desk import FakeDesk
    from tests.tui.conftest import Clerk


async def at_password(clerk: Clerk) -> SecretField:
    await clerk.type("anh")
    await clerk.press("enter")
    await clerk.type(PIN)
    return clerk.app.screen.query_one(SecretField)


def test_a_secret_can_not_be_copied_cut_or_seen(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        field = await at_password(clerk)
        assert field.value == PIN
        await clerk.press("shift+home", "ctrl+c", "ctrl+x", "super+c")
        assert clerk.app.clipboard == ""
        assert field.value == PIN
        assert field.selected_text == ""
        assert PIN not in clerk.text
        assert PIN not in clerk.app.export_screenshot()
        assert PIN not in repr(field)

    play(scene)


def test_a_secret_is_gone_when_the_field_is_left(play: Callable[..., Any]) -> None:
    async def scene(clerk: Clerk) -> None:
        field = await at_password(clerk)
        await clerk.press("shift+tab")
        assert field.value == ""

    play(scene)


def test_a_crash_of_the_desk_is_reported_and_work_goes_on(
    play: Callable[..., Any], desk: FakeDesk, tmp_path: Path
) -> None:
    desk.fail_next["open"] = ValueError(f"khách 001190000001, PIN {PIN}")

    async def scene(clerk: Clerk) -> None:
        await clerk.sign_in()
        await clerk.press("enter")
        assert "mã sự cố QD-" in clerk.problem
        assert "001190000001" not in clerk.text
        await clerk.press("escape", "enter")
        assert clerk.screen == "FormScreen"

    play(scene)
    [report] = (tmp_path / "reports").iterdir()
    text = report.read_text("utf-8")
    assert "builtins.ValueError" in text
    assert "fake_desk.py" in text
    assert PIN not in text
    assert "001190000001" not in text
    assert report.stat().st_mode & 0o077 == 0


def test_a_crash_of_a_screen_ends_with_one_plain_line(
    play: Callable[..., Any], desk: FakeDesk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scene(clerk: Clerk) -> None:
        await clerk.open_form()
        await clerk.type("0011")

        def broken() -> None:
            pin = PIN
            raise ZeroDivisionError(pin)

        clerk.app.call_later(broken)
        await clerk.until(lambda: clerk.app.incident is not None, "the report")

    with pytest.raises(ZeroDivisionError):
        play(scene)
    [report] = (tmp_path / "reports").iterdir()
    text = report.read_text("utf-8")
    assert "ZeroDivisionError" in text
    assert PIN not in text
    assert PIN not in "".join(capsys.readouterr())
    assert any(draft["so_giay_to"] == "0011" for draft in desk.drafts.values())


def test_reports_name_causes_and_never_values(tmp_path: Path) -> None:
    try:
        try:
            int(PIN + "x")
        except ValueError as error:
            raise KeyError(PIN) from error
    except KeyError as error:
        found = crash.report(error, tmp_path)
    text = Path(str(found.facts["path"])).read_text("utf-8")
    assert "builtins.KeyError" in text
    assert "builtins.ValueError" in text
    assert PIN not in text


def test_a_report_that_can_not_be_written_still_has_a_number(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = crash.report(ValueError(), tmp_path / "file" / "folder")
    assert str(found.facts["number"]).startswith("QD-")
    assert found.facts["path"] == "-"


@pytest.mark.parametrize("name", ["TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_DEBUG", "TEXTUAL_SCREENSHOT"])
def test_recorders_are_refused(name: str) -> None:
    with pytest.raises(crash.DevtoolsRefused, match=name):
        prepare_terminal({name: "devtools"})


def test_the_kitty_protocol_is_off() -> None:
    environ: dict[str, str] = {}
    prepare_terminal(environ)
    assert environ["TEXTUAL_DISABLE_KITTY_KEY"] == "1"


@pytest.mark.parametrize(
    ("text", "ground"),
    list(
        product(
            ("FOREGROUND", "MUTED", "PRIMARY", "ACCENT", "SUCCESS", "WARNING", "ERROR"),
            ("BACKGROUND", "SURFACE", "PANEL", "CHOSEN"),
        )
    ),
)
def test_every_text_can_be_read_on_every_ground(text: str, ground: str) -> None:
    def luminance(color: Color) -> float:
        parts = [part / 255 for part in (color.r, color.g, color.b)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(Color.parse(getattr(theme, name))) for name in (text, ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def _keys(table: dict[str, Any], path: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        found |= _keys(value, f"{path}{name}.") if isinstance(value, dict) else {f"{path}{name}": value}
    return found


def _catalogue(language: str) -> dict[str, str]:
    source = Path(messages.__file__).parent / language / "console.toml"
    return _keys(tomllib.loads(source.read_text("utf-8")))


def test_the_two_languages_have_the_same_words_and_places() -> None:
    vi, en = _catalogue("vi"), _catalogue("en")
    assert vi.keys() == en.keys()
    for key, text in vi.items():
        assert set(re.findall(r"{(\w+)", text)) == set(re.findall(r"{(\w+)", en[key])), key


def test_every_key_is_named_and_bound_once() -> None:
    words = _catalogue("vi")
    assert len({key.key for key in KEYS}) == len(KEYS)
    for key in KEYS:
        assert f"keys.{key.id}" in words
        assert f"help.{key.id}" in words
