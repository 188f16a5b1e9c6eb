"""F12: every command by its name, without accents."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from console.keys import CAPS
from console.screens.base import Asking
from console.screens.choose import Option, choose

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.app import ConsoleApp

Command = tuple[Option, "Callable[[], None]"]


def commands_of(app: ConsoleApp, screen: Asking[Any]) -> list[Command]:
    """Return what can be done here: the screen's own keys and commands first, then those of the console."""
    found: list[Command] = []
    for key in screen.HERE:
        if key in CAPS and key not in ("help", "palette") and hasattr(screen, f"do_{key}"):
            title = next(words for cap, words, action in screen.key_line() if action == f"press('{key}')")
            found.append((Option(_told(screen, key, title), CAPS[key]), partial(screen.action_press, key)))
    found += [(Option(title), do) for title, do in screen.commands()]
    if app.staff is not None:
        found.append((Option(app.words("palette.lock")), app.lock))
        found.append((Option(app.words("palette.sign_out")), app.sign_out))
        if app.branch is not None and app.branch.practice:
            found.append((Option(app.words("palette.inbox")), app.open_inbox))
    found.append((Option(app.words("palette.info")), app.open_info))
    found.append((Option(app.words("palette.quit"), "Ctrl+Q"), app.quit_soon))
    return found


def _told(screen: Asking[Any], key: str, title: str) -> str:
    """Return the key's words; what it does in general is added where the screen has no words of its own for it."""
    return title if title != screen.words(f"keys.{key}") else f"{title}: {screen.words(f'help.{key}')}"


def open_palette(app: ConsoleApp) -> None:
    """Show the commands of the screen on top."""
    screen = app.screen
    if isinstance(screen, Asking):
        found = commands_of(app, screen)
        choose(screen, app.words("palette.title"), [option for option, _ in found], lambda place: found[place][1]())
