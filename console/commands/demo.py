"""`quaydien demo`: a practice branch, opened in the console, or worked through by itself."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console.commands import Exit
from console.companions import ALONG
from console.main import default_home, print_json

SETTINGS = "quaydien.toml"
"""Written last when a practice branch is made: its presence says that the branch is whole."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--headless", action="store_true", help="tự làm trọn các hồ sơ · work it through by itself")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--reset", action="store_true", help="làm lại từ đầu · start over")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(ALONG, action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Make the practice branch if it is not there, and work in it."""
    # imported late: each is needed in one of the ways only
    home: Path = (options.home or default_home() / "demo").absolute()
    if options.serve:
        from console.practice.services import serve

        serve(home)
        return Exit.DONE
    began = time.monotonic()
    if options.reset:
        from console.practice.branch import wipe

        wipe(home)
    if not (home / SETTINGS).is_file():
        from console.practice.branch import prepare

        prepare(home, _say)
    if not options.headless and sys.stdin.isatty() and sys.stdout.isatty():
        from console.opening import open_console
        from console.practice.people import HINT

        return open_console(home, options.lang, HINT, _surroundings)
    from console.practice.headless import work_through
    from console.practice.running import services

    with services(home):
        report = work_through(home, _say, began)
    if options.json:
        print_json(report)
    done = all(document["verdict"] == "HOP_LE" for dossier in report["dossiers"] for document in dossier["documents"])
    return Exit.DONE if done and report["dossiers"] else Exit.NO


@contextmanager
def _surroundings(home: Path) -> Iterator[None]:
    # imported behind the first frame: it loads the kernel
    from console.practice.running import services

    with services(home):
        yield


def _say(text: str) -> None:
    sys.stderr.write(f"» {text}\n")
