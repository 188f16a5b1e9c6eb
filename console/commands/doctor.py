"""`quaydien doctor`: checks this machine and says what to do about each thing that is wrong."""

from __future__ import annotations

import argparse
import sys

from console.commands import Exit
from console.diagnosis import examine
from console.examining import Check
from console.main import home_of, print_json

MARKS = {"ok": "✓", "warning": "!", "failed": "✗"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    """Run every check; 0 when none failed, 1 otherwise."""
    checks: list[Check] = []
    for check in examine(home_of(options), options.lang):
        checks.append(check)
        if not options.json:
            sys.stdout.write(f"{MARKS[check.state]} {check.name}: {check.finding}\n")
            if check.advice:
                sys.stdout.write(f"    → {check.advice}\n")
    if options.json:
        print_json(
            [
                {"name": check.name, "state": check.state, "finding": check.finding, "advice": check.advice}
                for check in checks
            ]
        )
    return Exit.NO if any(check.state == "failed" for check in checks) else Exit.DONE
