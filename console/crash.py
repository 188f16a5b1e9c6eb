"""Crash reports without values: which code failed where, never what the customer or the clerk typed."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from typing import TYPE_CHECKING

from kernel.api.errors import QuayDienError
from kernel.clock import local, now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

RECORDERS = ("TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_DEBUG", "TEXTUAL_SCREENSHOT", "TEXTUAL_PRESS")
"""Variables that make Textual record keys, messages or pictures of the screen, or press keys."""


class DevtoolsRefused(QuayDienError):
    """A developer's recorder is switched on: it would write down what is typed, PINs included. Facts: names."""

    code = "console.devtools"


class ProgramFailed(QuayDienError):
    """An error of the program itself, reported. Facts: number of the incident, path of the report or `-`."""

    code = "console.crash"


def refuse_devtools(environ: Mapping[str, str]) -> None:
    """Raise DevtoolsRefused if `environ` switches on a recorder of Textual."""
    if found := [name for name in RECORDERS if environ.get(name)]:
        raise DevtoolsRefused(names=", ".join(found))


def describe(error: BaseException) -> list[str]:
    """Return type and frames of `error` and of what caused it, without messages, locals or source lines."""
    lines: list[str] = []
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        code = f" [{found.code}]" if isinstance(found, QuayDienError) else ""
        lines.append(f"{type(found).__module__}.{type(found).__qualname__}{code}")
        lines += [
            f"  {frame.f_code.co_filename}:{line} {frame.f_code.co_qualname}"
            for frame, line in traceback.walk_tb(found.__traceback__)
        ]
        found = found.__cause__ or found.__context__
    return lines


def report(error: BaseException, folder: Path | None = None) -> ProgramFailed:
    """Write a redacted report of `error` into `folder`, by default the user's log folder. Never raises."""
    moment = local(now())
    number = f"QD-{moment:%y%m%d-%H%M}-{os.urandom(2).hex().upper()}"
    lines = [
        number,
        moment.isoformat(timespec="seconds"),
        f"Python {sys.version.split()[0]} {sys.platform}",
        *describe(error),
        "",
    ]
    try:
        if folder is None:
            from platformdirs import user_log_path

            folder = user_log_path("quaydien", appauthor=False)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{number}.txt"
        path.write_text("\n".join(lines), "utf-8")
        path.chmod(0o600)
    except OSError:
        return ProgramFailed(number=number, path="-")
    return ProgramFailed(number=number, path=path)


def install(folder: Path | None = None) -> None:
    """Let uncaught exceptions of any thread end in a redacted report instead of a traceback on the screen."""

    def main_thread(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if not isinstance(error, KeyboardInterrupt):
            sys.stderr.write(f"{report(error, folder).diagnosis()}\n")

    def other_thread(failure: threading.ExceptHookArgs) -> None:
        if failure.exc_value is not None:
            report(failure.exc_value, folder)

    sys.excepthook = main_thread
    threading.excepthook = other_thread
