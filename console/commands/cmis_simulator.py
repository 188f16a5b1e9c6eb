"""`quaydien cmis-simulator`: a CMIS to practise and test with, speaking its protocol over HTTP."""

from __future__ import annotations

import argparse
from pathlib import Path

from console.commands import Exit
from console.companions import ALONG
from console.main import home_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--state", type=Path, metavar="FILE", help="SQLite của CMIS mô phỏng · its SQLite file")
    parser.add_argument(ALONG, action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    # imported late: the server is needed by this command alone
    from adapters.cmis.simulator import run_simulator

    state = options.state or home_of(options) / "practice" / "cmis.db"
    state.parent.mkdir(parents=True, exist_ok=True)
    run_simulator(state, options.host, options.port)
    return Exit.DONE
