"""`quaydien worker`: delivers what has to reach CMIS and customers, and finishes what a crash interrupted."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from filelock import FileLock, Timeout

from console.commands import Exit
from console.companions import ALONG, when_left_alone
from console.main import home_of
from console.wiring import close_office, open_office
from kernel.casework import collecting
from kernel.casework.delivering import attempt, settle_messages
from kernel.casework.office import Office
from kernel.casework.preserving import set_due_to_work
from kernel.jobs import worker

TURN_SECONDS = 0.5


def _renew(office: Office) -> None:
    set_due_to_work(office)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(ALONG, action="store_true", help="dừng khi đầu vào đóng · stop when standard input closes")


def run(options: argparse.Namespace) -> int:
    """Work until told to stop.

    On SQLite one worker of a branch works. Another leaves at once; beside a console it waits for its turn, since the
    one at work may belong to a console that was just killed.
    """
    office = open_office(home_of(options))
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if options.along:
        when_left_alone(stop.set)
    office.settings.state.mkdir(parents=True, exist_ok=True)
    lock = FileLock(office.settings.state / "worker.lock")
    try:
        if office.engine.dialect.name == "sqlite":
            lock.acquire(-1 if options.along else 0, TURN_SECONDS, cancel_check=stop.is_set)
    except Timeout:
        if not stop.is_set():
            sys.stderr.write("Việc nền đang chạy ở tiến trình khác · another worker is running\n")
        return Exit.DONE
    try:
        settle_messages(office)
        worker.run(
            office.engine,
            lambda job: attempt(office, job),
            lambda job: collecting.attempt(office, job),
            stop,
            rounds={"archive": lambda: _renew(office)},
            ready=lambda: None,
        )
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    finally:
        lock.release()
        close_office(office)
    return Exit.DONE
