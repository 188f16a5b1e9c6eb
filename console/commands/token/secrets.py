"""PINs and passwords for a command: from the terminal, unseen, or from stdin, one a line."""

from __future__ import annotations

import getpass
import sys

from kernel.api.text import Text
from kernel.tokens.errors import PinMissing, PinsDiffer

PIN = Text("mã PIN", "PIN")
NEW_PIN = Text("mã PIN mới", "new PIN")
SO_PIN = Text("mã SO PIN", "SO PIN")
NEW_SO_PIN = Text("mã SO PIN mới", "new SO PIN")
PASSWORD = Text("mật khẩu của tệp", "password of the file")


def ask(what: Text) -> str:
    """Return a secret. Raises PinMissing."""
    given = _typed(what) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise PinMissing(what=what)
    return given


def ask_new(what: Text) -> str:
    """Return a secret that is chosen now: at a terminal it is typed twice. Raises PinMissing, PinsDiffer."""
    first = ask(what)
    if sys.stdin.isatty() and ask(what) != first:
        raise PinsDiffer
    return first


def _typed(what: Text) -> str:
    return getpass.getpass(f"{what.vi} · {what.en}: ", stream=sys.stderr)
