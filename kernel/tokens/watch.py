"""The device watch: `python -P -m kernel.tokens.watch`, one line of JSON for every change of the tokens of a module.

A line is `{"module", "state", "tokens"}`; `state` is `ok`, `module_missing` or `module_unusable`. Between changes an
empty object says every few seconds that the watch is alive. It reads token information only and never logs in.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from kernel.tokens.errors import ModuleNotFound, TokenError
from kernel.tokens.inside import follow_parent, own_streams

if TYPE_CHECKING:
    import PyKCS11

_ALIVE_SECONDS = 5.0


class _Watched:
    """One module and what was last said of it."""

    def __init__(self, module: Path, *, reload: bool) -> None:
        self._module = module
        self._reload = reload
        self._library: PyKCS11.PyKCS11Lib | None = None

    def look(self) -> dict[str, Any]:
        """Return the line for what is there now."""
        try:
            return self._line("ok", self._tokens())
        except ModuleNotFound:
            self._library = None
            return self._line("module_missing", [])
        except TokenError:
            self._library = None
            return self._line("module_unusable", [])

    def _tokens(self) -> list[dict[str, Any]]:
        from kernel.tokens.administration_verbs import list_tokens, open_module

        if not self._module.is_file():
            raise ModuleNotFound(module=self._module)
        if self._library is not None and not self._reload:
            try:
                return [asdict(token) for token in list_tokens(self._library)]
            except TokenError:
                # a module that does not follow what is plugged in starts anew
                self._unload()
        self._unload()
        self._library = open_module(self._module)
        return [asdict(token) for token in list_tokens(self._library)]

    def _unload(self) -> None:
        if self._library is not None:
            self._library.unload()
            self._library = None

    def _line(self, state: str, tokens: list[dict[str, Any]]) -> dict[str, Any]:
        return {"module": str(self._module), "state": state, "tokens": tokens}


def watch(modules: list[_Watched], out: TextIO, interval: float) -> None:
    """Write a line for every module now and at every change, until `out` is closed."""
    said: dict[int, dict[str, Any]] = {}
    quiet_since = time.monotonic()
    while True:
        lines = []
        for place, module in enumerate(modules):
            line = module.look()
            if said.get(place) != line:
                said[place] = line
                lines.append(line)
        if not lines and time.monotonic() - quiet_since >= _ALIVE_SECONDS:
            lines.append({})
        try:
            for line in lines:
                out.write(json.dumps(line) + "\n")
                quiet_since = time.monotonic()
            out.flush()
        except OSError:
            return
        time.sleep(interval)


def main() -> int:
    """Watch the modules of the command line. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -P -m kernel.tokens.watch")
    parser.add_argument("modules", nargs="+", type=Path)
    parser.add_argument("--interval", type=float, default=1.0)
    parser.add_argument("--rescan", choices=("slots", "reload"), default="slots")
    given = parser.parse_args()
    frames_in, frames_out = own_streams()
    follow_parent(frames_in)
    watched = [_Watched(module, reload=given.rescan == "reload") for module in given.modules]
    with os.fdopen(frames_out.fileno(), "w", encoding="utf-8", closefd=False) as out:
        watch(watched, out, given.interval)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # modules that misbehave at unload must not turn a finished session into a crash
