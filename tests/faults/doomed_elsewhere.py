"""Asks a remote service for the customer's signature in HOME and waits for it: `python -m … HOME OUTCOMES`.

One process after the other does so, each dies at the next boundary; how each ended is written to OUTCOMES as JSON. They
are forked, so that what is imported is imported once.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from sqlmodel import select

from console.wiring import close_office, open_office
from kernel.api.documents import Role
from kernel.casework import collecting, elsewhere, remote_signing, staff
from kernel.storage.tables import DocumentRow
from tests.faults import boundaries
from tests.remote_service import CA


def go_on(home: Path) -> None:
    """Ask unless somebody has, then look until it is over."""
    office = open_office(home)
    with office.work(reading=True) as work:
        document = work.session.exec(select(DocumentRow.id).where(DocumentRow.state != "void")).one()
        clerk = staff.with_role(work.session, office.unit, Role.GDV)[0]
    waiting = elsewhere.newest(office, document) or remote_signing.ask(
        office, clerk, document, "ben_mua", "thu", f"{CA}/customer", {}
    )
    while collecting.attempt(office, waiting.id) is not None:
        time.sleep(0.01)
    close_office(office)


def main() -> None:
    home, outcomes = Path(sys.argv[1]), Path(sys.argv[2])
    ended = {}
    for name, boundary in boundaries.ELSEWHERE.items():
        child = os.fork()
        if child == 0:
            boundaries.arm(boundary)
            go_on(home)
            os._exit(0)
        ended[name] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    outcomes.write_text(json.dumps(ended), "utf-8")


if __name__ == "__main__":
    main()
