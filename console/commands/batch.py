"""`quaydien batch`: batches of signatures without the screen, for scripts and support."""

from __future__ import annotations

import argparse
import getpass
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from console.commands import Exit
from console.main import home_of, print_error, print_json
from kernel.api.messages import message
from kernel.api.text import visible

if TYPE_CHECKING:
    from kernel.casework.batches import Batch
    from kernel.casework.office import Office


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", help="các lô dở dang · unfinished batches")
    showing = verbs.add_parser("show", help="một lô và những gì không ký được · a batch and what failed")
    running = verbs.add_parser("run", help="ký tiếp một lô · go on with a batch")
    running.add_argument("--user", required=True, metavar="TÊN", help="người yêu cầu ký · who asks for it")
    for verb in (showing, running):
        verb.add_argument("batch", metavar="LÔ", help="phần đầu của mã lô là đủ · its beginning suffices")
    for verb in (listing, showing, running):
        verb.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    """Do one of them. `run` reads password and PIN at the terminal, or a line each from standard input.

    1 when something of the batch is not signed, 2 for a batch that is not there.
    """
    # imported late: help needs none of it
    from console.wiring import close_office, open_office
    from kernel.errors import NotFound

    office = open_office(home_of(options))
    try:
        return _VERBS[options.verb](options, office)
    except NotFound as error:
        print_error(error, options.lang)
        return Exit.WRONG_USE
    finally:
        close_office(office)


def _list(options: argparse.Namespace, office: Office) -> int:
    from kernel.casework.batches import unfinished

    found = unfinished(office)
    if options.json:
        print_json([_as_json(one) for one in found])
        return Exit.DONE
    for one in found:
        _tell(options, one)
    return Exit.DONE


def _show(options: argparse.Namespace, office: Office) -> int:
    return _told(options, _find(options, office))


def _run(options: argparse.Namespace, office: Office) -> int:
    from kernel.casework import batches, staff

    batch = _find(options, office)
    actor = staff.sign_in(office, options.user, _secret(message("console.login.password", options.lang)))
    pin = _secret("PIN")

    def tell(now: Batch) -> None:
        sys.stderr.write(f"\r{now.done + len(now.left)}/{now.total}")

    try:
        batch = batches.run(office, actor, batch.id, pin or None, tell=tell)
    finally:
        sys.stderr.write("\n")
    return _told(options, batch)


_VERBS = {"list": _list, "show": _show, "run": _run}


def _find(options: argparse.Namespace, office: Office) -> Batch:
    """Return the batch of this id, or the unfinished one whose id begins so. Raises NotFound."""
    from kernel.casework.batches import look, unfinished

    alike = [one for one in unfinished(office) if one.id.startswith(options.batch)]
    return alike[0] if len(alike) == 1 else look(office, options.batch)


def _secret(what: str) -> str:
    """Return a line that is not shown. It is kept nowhere."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{what}: ")
    return sys.stdin.readline().rstrip("\n")


def _told(options: argparse.Namespace, batch: Batch) -> int:
    if options.json:
        print_json(_as_json(batch))
    else:
        _tell(options, batch)
        for one in batch.left:
            sys.stdout.write(visible(f"    ! {one.document} · {one.cause}") + "\n")
    return Exit.NO if batch.left or batch.waiting else Exit.DONE


def _tell(options: argparse.Namespace, batch: Batch) -> None:
    state = message(f"console.batch_run.{batch.state}", options.lang)
    counts = message(
        "console.batch_run.counts", options.lang, done=batch.done, failed=len(batch.left), waiting=batch.waiting
    )
    line = f"{batch.id} · {batch.staff} · {state} · {counts}" + (f" · {batch.detail}" if batch.detail else "")
    sys.stdout.write(visible(line) + "\n")


def _as_json(batch: Batch) -> dict[str, Any]:
    left = [asdict(one) for one in batch.left]
    return {**asdict(batch), "left": left, "waiting": batch.waiting}
