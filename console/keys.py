"""The one key map of all screens, and what must be set before Textual is imported."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.crash import refuse_devtools

if TYPE_CHECKING:
    from collections.abc import MutableMapping


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the action it stands for on every screen. `id` names it in the user's key settings."""

    id: str
    key: str
    cap: str
    """What is printed on the key."""


KEYS: tuple[Key, ...] = (
    Key("help", "f1", "F1"),
    Key("new", "f2", "F2"),
    Key("find", "f3", "F3"),
    Key("choices", "f4", "F4"),
    Key("refresh", "f5", "F5"),
    Key("preview", "f6", "F6"),
    Key("check", "f7", "F7"),
    Key("save", "f8", "F8"),
    Key("sign", "f9", "F9"),
    Key("next_step", "f10", "F10"),
    Key("palette", "f12", "F12"),
    Key("back", "escape", "Esc"),
)
CAPS = {key.id: key.cap for key in KEYS}


def prepare_terminal(environ: MutableMapping[str, str] = os.environ) -> None:
    """Set what Textual reads at import. Call it before anything imports Textual.

    The Kitty protocol stays off: terminals drop or double the text of input methods in its modes. Animations stay
    off for remote desktops. Raises console.crash.DevtoolsRefused where a recorder of messages is switched on.
    """
    refuse_devtools(environ)
    environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
