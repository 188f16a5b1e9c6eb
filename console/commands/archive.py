"""`quaydien archive`: which level the files of the archive have, what is due, and doing it now."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from console.commands import Exit
from console.main import home_of, print_error, print_json
from console.wiring import close_office, open_office
from console.written import moment_text
from kernel import clock
from kernel.api.messages import message
from kernel.casework import preserving
from kernel.casework.office import Office
from kernel.casework.preserving import Archived, Preserved

if TYPE_CHECKING:
    from console.written import Say
    from kernel.api.text import Language


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    status = verbs.add_parser("status", help="mức chữ ký và lịch gia hạn · levels and calendar")
    status.add_argument("--days", type=int, default=365, help="lịch của bao nhiêu ngày tới · calendar of so many days")
    extend = verbs.add_parser("extend", help="nâng lên B-LTA · extend to B-LTA")
    extend.add_argument("documents", nargs="*", metavar="VĂN_BẢN", help="mã hoặc số; không ghi: mọi văn bản đang chờ")
    renew = verbs.add_parser("renew", help="gia hạn dấu thời gian · renew time stamps")
    renew.add_argument("documents", nargs="*", metavar="VĂN_BẢN", help="mã hoặc số; không ghi: mọi văn bản đến hạn")
    renew.add_argument(
        "--within", type=int, default=0, metavar="NGÀY", help="đến hạn trong bấy nhiêu ngày · due within"
    )
    for verb in (status, extend, renew):
        verb.add_argument("--json", action="store_true")
    for verb in (extend, renew):
        verb.add_argument("--dry-run", action="store_true", help="chỉ liệt kê · only list")


def run(options: argparse.Namespace) -> int:
    """Tell or do; 1 when a document did not reach what was asked."""
    office = open_office(home_of(options))
    try:
        if options.verb == "status":
            return _status(office, options)
        return _work(office, options)
    finally:
        close_office(office)


def _status(office: Office, options: argparse.Namespace) -> int:
    found = preserving.archive(office)
    waiting = [one for one in found if one.state == "waiting"]
    until = clock.now() + timedelta(days=options.days)
    calendar = [one for one in found if one.state == "reached" and one.due is not None and one.due <= until]
    levels = preserving.by_level(found)
    if options.json:
        print_json(
            {
                "total": len(found),
                "levels": levels,
                "waiting": [_plain(one) for one in waiting],
                "renewals": [_plain(one) for one in calendar],
            }
        )
        return Exit.DONE
    say = _words(options.lang)
    sys.stdout.write(say("levels", total=len(found)) + "\n")
    for level, count in levels.items():
        sys.stdout.write(f"  {level:<6} {count:>8}\n")
    sys.stdout.write(say("waiting", count=len(waiting)) + "\n")
    for one in waiting:
        sys.stdout.write(f"  {one.number}  {one.level}  {one.detail or say('in_turn')}\n")
    sys.stdout.write(say("calendar", count=len(calendar), days=options.days) + "\n")
    for one in calendar:
        mark = "!" if one.overdue else " "
        expires = moment_text(one.time_stamp_expires) if one.time_stamp_expires else "–"
        due = moment_text(one.due) if one.due else "–"
        trouble = f"  {one.detail}" if one.detail else ""
        sys.stdout.write(f" {mark}{one.number}  {say('renewal', due=due, expires=expires)}{trouble}\n")
    return Exit.DONE


def _work(office: Office, options: argparse.Namespace) -> int:
    chosen = _chosen(office, options)
    if options.dry_run:
        done = [Preserved(one) for one in chosen]
    else:
        early = options.verb == "renew"
        done = [preserving.preserve(office, one.document, early=early) for one in chosen]
    failed = [one for one in done if one.obstacle is not None]
    if options.json:
        print_json(
            [
                {**_plain(one.archived), "obstacle": one.obstacle.diagnosis(options.lang).cause if one.obstacle else ""}
                for one in done
            ]
        )
    else:
        say = _words(options.lang)
        for one in done:
            mark = "✗" if one.obstacle else ("·" if options.dry_run else "✓")
            expires = one.archived.time_stamp_expires
            until = say("proved_until", at=moment_text(expires)) if expires else ""
            sys.stdout.write(f"{mark} {one.archived.number}  {one.archived.level}  {until}\n")
            if one.obstacle:
                print_error(one.obstacle, options.lang)
        if not done:
            sys.stdout.write(say("nothing") + "\n")
    return Exit.NO if failed else Exit.DONE


def _chosen(office: Office, options: argparse.Namespace) -> list[Archived]:
    if options.documents:
        return [preserving.find(office, word) for word in options.documents]
    found = preserving.archive(office)
    if options.verb == "extend":
        return [one for one in found if one.state == "waiting"]
    by = clock.now() + timedelta(days=options.within)
    return [one for one in found if one.state == "reached" and one.due is not None and one.due <= by]


def _plain(one: Archived) -> dict[str, Any]:
    def iso(moment: datetime | None) -> str | None:
        return moment.isoformat(timespec="seconds") if moment else None

    return {
        "document": one.document,
        "number": one.number,
        "level": one.level,
        "state": one.state,
        "due": iso(one.due),
        "time_stamp_expires": iso(one.time_stamp_expires),
        "overdue": one.overdue,
        "detail": one.detail,
    }


def _words(language: Language) -> Say:
    def say(key: str, **facts: object) -> str:
        return message(f"archive.{key}", language, **facts)

    return say
