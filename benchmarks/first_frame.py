"""Time from the start of the process to the first frame on the terminal: the console and a bare Textual app.

Both run on the same pseudo-terminal, in turn, N times each. A frame counts when the terminal has got the words of
the screen.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path

from benchmarks.report import Row, row, tell

N = 10
BARE = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    def compose(self):
        yield Static("Hello World")
Hello().run()
"""
CONSOLE = """
import sys
from console.main import main
sys.exit(main(["--home", {home!r}]))
"""
AGAINST = "bare Textual app"


def first_frame(program: Path, words: str) -> float:
    """Return the milliseconds until `words` have been written to the terminal."""
    from tests.pty.terminal import Terminal

    with Terminal(str(program), script=True) as terminal:
        return terminal.seconds_until(words.encode()) * 1000


def measure(count: int = N) -> list[Row]:
    """Return the rows of this benchmark: the command `quaydien` itself, and the least a Textual program can do."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a clerk's machine keeps compiled modules
    taken: dict[str, list[float]] = {"bare": [], "console": []}
    with tempfile.TemporaryDirectory() as folder:
        programs = {"bare": Path(folder) / "bare.py", "console": Path(folder) / "full.py"}
        programs["bare"].write_text(BARE, "utf-8")
        programs["console"].write_text(CONSOLE.format(home=folder), "utf-8")
        words = {"bare": "Hello World", "console": "đăng nhập để bắt đầu"}
        for what in taken:
            first_frame(programs[what], words[what])  # the files are in the page cache and compiled from here on
        for _ in range(count):
            for what, times in taken.items():
                times.append(first_frame(programs[what], words[what]))
    bare, console = (statistics.median(taken[what]) for what in ("bare", "console"))
    return [
        row("quaydien: first frame", console, against=AGAINST, reference=bare),
        row("bare Textual app: first frame", bare, against=AGAINST, reference=bare),
    ]


if __name__ == "__main__":
    tell("first_frame", measure())
