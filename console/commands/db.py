"""`quaydien db`: the schema of the database."""

from __future__ import annotations

import argparse
import sys

from console.commands import Exit
from console.main import home_of, print_json
from kernel import settings
from kernel.api.messages import message
from kernel.storage import schema
from kernel.storage.engine import open_engine


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("upgrade", help="nâng cấp lược đồ · bring the schema up to date")
    status = verbs.add_parser("status", help="lược đồ đang ở đâu · where the schema stands")
    status.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    """Upgrade, or say where the schema stands; 1 when it is behind."""
    engine = open_engine(settings.load(home_of(options)).database_url)
    if options.verb == "upgrade":
        schema.upgrade(engine)
    found = schema.status(engine)
    if options.verb == "status" and options.json:
        print_json({"current": found.current, "newest": found.newest, "up_to_date": found.up_to_date})
    else:
        key = "current" if found.up_to_date else "behind" if found.current else "none"
        words = message(f"schema.{key}", options.lang, current=found.current or "", newest=found.newest)
        sys.stdout.write(f"{'✓' if found.up_to_date else '!'} {words}\n")
    return Exit.DONE if found.up_to_date else Exit.NO
