"""Time from the start of the process to the first frame on the terminal: the console and a bare Textual app.

Both run on the same pseudo-terminal, in turn, N times each. A frame counts when the terminal has got the words of
the screen. Prints JSON rows {what, median_ms, per_second, ratio, against}.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path

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
from console.keys import prepare_terminal
prepare_terminal()
from console.app import ConsoleApp
def make():
    from tests.fake_desk import FakeDesk
    return FakeDesk()
ConsoleApp(make, "vi", None).run()
"""


def first_frame(program: Path, words: str) -> float:
    """Return the milliseconds until `words` have been written to the terminal."""
    from tests.pty.terminal import Terminal

    with Terminal(str(program), script=True) as terminal:
        return terminal.seconds_until(words.encode()) * 1000


def measure(count: int = N) -> list[dict[str, object]]:
    """Return the rows of this benchmark."""
    taken: dict[str, list[float]] = {"bare": [], "console": []}
    with tempfile.TemporaryDirectory() as folder:
        programs = {"bare": Path(folder) / "bare.py", "console": Path(folder) / "full.py"}
        programs["bare"].write_text(BARE, "utf-8")
        programs["console"].write_text(CONSOLE, "utf-8")
        words = {"bare": "Hello World", "console": "đăng nhập để bắt đầu"}
        for what in taken:
            first_frame(programs[what], words[what])  # the files are in the page cache and compiled from here on
        for _ in range(count):
            for what, times in taken.items():
                times.append(first_frame(programs[what], words[what]))
    bare, console = (statistics.median(taken[what]) for what in ("bare", "console"))
    return [
        row("console: first frame", console, console / bare),
        row("bare Textual app: first frame", bare, 1.0),
    ]


def row(what: str, milliseconds: float, ratio: float) -> dict[str, object]:
    """Return one row of the benchmark."""
    return {
        "what": what,
        "median_ms": round(milliseconds, 1),
        "per_second": round(1000 / milliseconds, 2),
        "ratio": round(ratio, 3),
        "against": "bare Textual app",
    }


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    print(json.dumps(measure(), ensure_ascii=False, indent=2))
