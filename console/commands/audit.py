"""`quaydien audit verify`: does the hash chain of the audit trail hold."""

from __future__ import annotations

import argparse
import sys

from console.commands import Exit
from console.main import home_of, print_json
from kernel import audit, settings
from kernel.storage.engine import open_engine
from kernel.storage.unit_of_work import UnitOfWork, audit_chain


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    verify = verbs.add_parser("verify", help="kiểm tra chuỗi băm · verify the hash chain")
    verify.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    """Verify the chain; 1 when it is broken."""
    engine = open_engine(settings.load(home_of(options)).database_url)
    with UnitOfWork(engine, reading=True) as work:
        rows = audit_chain(work)
    found = audit.breaks(rows)
    head = rows[-1].hash if rows else audit.GENESIS
    if options.json:
        breaks = [{"sequence": one.sequence, "problem": one.problem} for one in found]
        print_json({"rows": len(rows), "head": head, "intact": not found, "breaks": breaks})
    elif found:
        for one in found:
            sys.stdout.write(f"! dòng {one.sequence}: {one.problem}\n")
    else:
        sys.stdout.write(f"✓ {len(rows)} dòng, chuỗi băm nguyên vẹn, đầu chuỗi {head}\n")
    return Exit.NO if found else Exit.DONE
